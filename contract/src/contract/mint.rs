//! Exchanges that spend no token.

use super::Operation;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a mint does besides bringing a token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mint {
    /// How many mints the provider takes in a time.
    pub limit: Option<MintLimit>,
}

/// How many mints a provider takes in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MintLimit {
    /// So many requests, refused ones included; at least one.
    pub at_most: u32,
    /// In any stretch of time of this length.
    pub per: Duration,
}

impl Operation {
    /// Whether it spends no token: the client's settings alone bring a new one, as often as it asks.
    pub const fn mints(self) -> bool {
        match self {
            Self::ClientCredentials | Self::SignIn | Self::Assertion | Self::Local => true,
            Self::RefreshToken | Self::AccessToken => false,
        }
    }

    /// Whether the client makes the token itself, without a request.
    pub const fn is_local(self) -> bool {
        matches!(self, Self::Local)
    }

    /// Its name in specs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RefreshToken => "refresh_token",
            Self::AccessToken => "access_token",
            Self::ClientCredentials => "client_credentials",
            Self::SignIn => "sign_in",
            Self::Assertion => "assertion",
            Self::Local => "local",
        }
    }
}
