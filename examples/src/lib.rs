//! What the example programs have in common: where WeTix is, how a moment is written, who asks a program to end.
//!
//! Each program is one file: `cli`, a command-line tool that keeps its grant in a file; `service`, a web service that keeps many
//! people's grants in PostgreSQL; `fleet`, workers that share grants in Redis. The package's README.md says how to run them.

use std::env;
use std::io;
use std::time::Duration;

use jiff::Timestamp;
use rekindle_clients::wetix::{Client, Settings};
use rekindle_runtime::{Error, Expiry, Place};

/// How long a program that ends waits for the exchanges that are out, and for their tokens to be stored.
pub const CLOSING: Duration = Duration::from_secs(90);

/// Where WeTix is, and who asks. Without any of it, that is what `rekindle serve specs/wetix.yaml` plays.
#[derive(Debug, Clone, clap::Args)]
pub struct Wetix {
    /// The base URL: https, or http to this machine alone
    #[arg(
        long = "wetix",
        value_name = "URL",
        env = "WETIX_URL",
        default_value = "http://127.0.0.1:4747/wetix"
    )]
    url: String,
    /// The client's id. Its secret is read from WETIX_CLIENT_SECRET
    #[arg(
        long,
        value_name = "ID",
        env = "WETIX_CLIENT_ID",
        default_value = "synthetic-client-id-1"
    )]
    client_id: String,
}

impl Wetix {
    /// The generated client. The secret is no argument: every process of the machine can read those of others.
    ///
    /// # Errors
    /// The URL is not fit, or a value is empty.
    pub fn client(&self) -> Result<Client, Error> {
        let secret = env::var("WETIX_CLIENT_SECRET");
        let settings = Settings {
            client_id: self.client_id.clone(),
            client_secret: secret.unwrap_or_else(|_| "synthetic-client-secret-1".to_owned()).into(),
        };
        Client::new(Place::loopback(&self.url), settings)
    }

    /// A page of the provider that wants an access token: stands for whatever you call.
    pub fn protected(&self) -> String {
        format!("{}/-/protected", self.url.trim_end_matches('/'))
    }
}

/// When a token ends, for people.
pub fn ends(expiry: Expiry) -> String {
    match expiry {
        Expiry::Never => "never".to_owned(),
        expiry => match expiry.at().and_then(|at| Timestamp::try_from(at).ok()) {
            Some(at) => format!("{at:.0}"),
            None => "unknown".to_owned(),
        },
    }
}

/// Waits until a person (Ctrl-C) or whoever supervises this process (SIGTERM) asks it to end.
///
/// # Errors
/// The system gives no signals.
pub async fn asked_to_end() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupt = tokio::signal::ctrl_c() => interrupt,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
