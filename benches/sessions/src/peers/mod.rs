//! The peers. None is changed; each is pointed at the server by a way that its documentation names.

mod aws;
mod azure;
mod gcp_auth;
mod google;
mod huskarl;
mod rspotify;
mod yup;

pub use self::gcp_auth::GcpAuth;
pub use self::huskarl::Huskarl;
pub use self::rspotify::Rspotify;
pub use aws::Aws;
pub use azure::Azure;
pub use google::Google;
pub use yup::{Yup, YupInMemory};

use crate::Error;

/// Several peers build TLS clients, which want a process-wide provider even where nothing is encrypted.
pub fn prepare() -> Result<(), Error> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| "another TLS provider is there already".into())
}

/// The client's identifier, for those who want one.
const CLIENT_ID: &str = "s6BhdRkqt3";
/// The client's secret, for those who want one.
const CLIENT_SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw";
/// A scope, for those who want one.
const SCOPE: &str = "read";
