//! Clients of token servers that other people wrote, one spec for each.

pub mod way;

use rekindle_runtime::session::Renewable;
use rekindle_runtime::{Error, Place};

rekindle_runtime::include_clients!();

/// A client of the servers at which somebody signs in.
pub trait Registered: Renewable + Sized {
    /// The client with this id and secret, where the server knows clients, of the server at this URL.
    ///
    /// # Errors
    /// The client refuses one of them.
    fn at(url: &str, id: &str, secret: &str) -> Result<Self, Error>;
}

impl Registered for oidc_provider::Client {
    fn at(url: &str, id: &str, secret: &str) -> Result<Self, Error> {
        let settings =
            oidc_provider::Settings { client_id: id.into(), client_secret: secret.into() };
        Self::new(Place::loopback(url), settings)
    }
}

impl Registered for oauth_toolkit::Client {
    fn at(url: &str, id: &str, secret: &str) -> Result<Self, Error> {
        let settings =
            oauth_toolkit::Settings { client_id: id.into(), client_secret: secret.into() };
        Self::new(Place::loopback(url), settings)
    }
}

impl Registered for synapse::Client {
    fn at(url: &str, _: &str, _: &str) -> Result<Self, Error> {
        Self::new(Place::loopback(url))
    }
}

impl Registered for simplejwt::Client {
    fn at(url: &str, _: &str, _: &str) -> Result<Self, Error> {
        Self::new(Place::loopback(url))
    }
}
