//! `rekindle-real`: one of several processes that share a grant of a real token server. Tests start them.

use std::process::ExitCode;

use rekindle_real::{Registered, oauth_toolkit, oidc_provider, simplejwt, synapse};
use rekindle_runtime::Provider;
use rekindle_torture::worker::{self, Assignment, Role};

fn main() -> ExitCode {
    worker::run_if_asked(hold).unwrap_or_else(|| {
        eprintln!("this is for `cargo test -p rekindle-real`, which starts it");
        ExitCode::FAILURE
    })
}

/// Holds a session of the client whose id is the role.
async fn hold(assignment: Assignment) -> Result<(), String> {
    match &assignment.job().role {
        Role::Other(id) if id == oidc_provider::Client::ID => {
            hold_session::<oidc_provider::Client>(assignment).await
        }
        Role::Other(id) if id == oauth_toolkit::Client::ID => {
            hold_session::<oauth_toolkit::Client>(assignment).await
        }
        Role::Other(id) if id == synapse::Client::ID => {
            hold_session::<synapse::Client>(assignment).await
        }
        Role::Other(id) if id == simplejwt::Client::ID => {
            hold_session::<simplejwt::Client>(assignment).await
        }
        role => Err(format!("{role:?} is not known here")),
    }
}

async fn hold_session<P: Registered>(assignment: Assignment) -> Result<(), String> {
    assignment
        .hold(|known| {
            let client = P::at(&known.url, &known.client_id, &known.client_secret);
            client.map_err(|error| error.to_string())
        })
        .await
}
