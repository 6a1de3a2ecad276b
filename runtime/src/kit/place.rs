//! Where a provider is.

use super::contract::{Contract, Setup};
use crate::{BaseUrl, Error};

/// Where a provider is: a documented environment, or a base URL of the integrator's.
///
/// Every environment is one, and so is the text of a URL: `Client::new("https://auth.example.com", settings)`.
pub struct Place<C: Contract>(At<C>);

enum At<C: Contract> {
    Documented(C::Environment),
    Url(String),
    Loopback(String),
}

impl<C: Contract> Place<C> {
    /// One of the hosts that the provider documents.
    pub fn documented(environment: C::Environment) -> Self {
        Self(At::Documented(environment))
    }

    /// A base URL: `https`, no query.
    pub fn url(url: impl Into<String>) -> Self {
        Self(At::Url(url.into()))
    }

    /// A base URL on this machine itself (`127.0.0.1`, `[::1]`, `localhost`), which may be plain `http`, and nothing else.
    pub fn loopback(url: impl Into<String>) -> Self {
        Self(At::Loopback(url.into()))
    }

    pub(super) fn base(self, setup: &Setup<C>) -> Result<BaseUrl, Error> {
        match self.0 {
            At::Documented(environment) => BaseUrl::parse(&C::base_url(environment, setup)),
            At::Url(url) => BaseUrl::parse(&url),
            At::Loopback(url) => BaseUrl::parse_allowing_loopback(&url),
        }
    }
}

impl<C: Contract> From<&str> for Place<C> {
    fn from(url: &str) -> Self {
        Self::url(url)
    }
}

impl<C: Contract> From<String> for Place<C> {
    fn from(url: String) -> Self {
        Self::url(url)
    }
}

/// The environment of a provider whose documentation names no host: there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undocumented {}
