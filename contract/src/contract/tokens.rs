//! What the tokens are.

use super::{AccessRefusal, Expiry};
pub use crate::spec::{
    AccessUse, OldAccessToken, RefreshUse, ReplayAnswer, Reuse, Rotation, Successor, ZeroExpiry,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The longest lifetime that is believed: a hundred years of 365 days. A larger number is one in another unit.
pub const MAX_LIFETIME: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// The provider's own name for it, in `snake_case`.
    pub name: String,
    /// How often it may be used.
    pub use_: AccessUse,
    /// When it dies.
    pub expires: Expiry,
    /// How long the one lives that signing in brought, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_lifetime: Option<Duration>,
    /// How long it usually lives; for documentation and checks.
    pub usual_lifetime: Option<Duration>,
    /// How long it lives in the examples, where this is [a part](crate::contract::Contract::minting) of the contract, without them.
    #[serde(skip)]
    pub shown_lifetime: Option<Duration>,
    /// What becomes of the old one when a new one is issued.
    pub after_refresh: OldAccessToken,
    /// How many live at a time, of one grant or of the client, where the oldest of more is revoked; at least two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_alive: Option<u32>,
    /// How requests carry it; `None` where that is not known.
    pub sent_as: Option<SentAs>,
    /// How other endpoints refuse a dead one, the usual way first; at least one.
    pub refused_with: Vec<AccessRefusal>,
    /// What it is for.
    pub doc: Option<String>,
}

/// How requests carry an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SentAs {
    /// In a header.
    Header {
        /// Its name, in lower case.
        name: String,
        /// The scheme before the token, if any.
        scheme: Option<String>,
    },
    /// In the cookie of this name, the token alone (RFC 6265 section 4.2.1).
    Cookie(String),
    /// In the query's parameter of this name (RFC 6750 section 2.3).
    Query(String),
}

impl AccessToken {
    /// How requests carry it; as a bearer token (RFC 6750 section 2.1) where that is not known.
    pub fn carrier(&self) -> SentAs {
        self.sent_as.clone().unwrap_or_else(|| SentAs::authorization(Some("Bearer")))
    }
}

impl SentAs {
    /// In the header `authorization`, with this scheme.
    pub(crate) fn authorization(scheme: Option<&str>) -> Self {
        Self::Header { name: "authorization".to_owned(), scheme: scheme.map(str::to_owned) }
    }

    /// The header that carries `token`, and its value; `None` where the URL does.
    pub fn header(&self, token: &str) -> Option<(&str, String)> {
        match self {
            Self::Header { name, scheme: Some(scheme) } => {
                Some((name, format!("{scheme} {token}")))
            }
            Self::Header { name, scheme: None } => Some((name, token.to_owned())),
            Self::Cookie(name) => Some(("cookie", format!("{name}={token}"))),
            Self::Query(_) => None,
        }
    }

    /// `url`, which may have a query, as that of a request that carries `token`.
    pub fn url(&self, url: &str, token: &str) -> String {
        match self {
            Self::Header { .. } | Self::Cookie(_) => url.to_owned(),
            Self::Query(name) => {
                let [name, token] = [name, token].map(rekindle_syntax::percent_encode);
                let joint = if url.contains('?') { '&' } else { '?' };
                format!("{url}{joint}{name}={token}")
            }
        }
    }
}

/// The refresh token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshToken {
    /// The provider's own name for it, in `snake_case`.
    pub name: String,
    /// How often it may be used.
    pub use_: RefreshUse,
    /// Whether a refresh replaces it.
    pub rotation: Rotation,
    /// When it dies.
    pub expires: Expiry,
    /// How long the one lives that signing in brought, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_lifetime: Option<Duration>,
    /// How long it lives without being used.
    pub idle_limit: Option<Duration>,
    /// Its greatest length in bytes.
    pub max_length: Option<u32>,
    /// What a spent one is still good for.
    pub spent: Spent,
    /// What the provider does when a spent one comes back.
    pub reuse: Reuse,
    /// What it is for.
    pub doc: Option<String>,
}

impl RefreshToken {
    /// The limit of disuse, where the end that answers tell is no other. It is, where an example shows a life of that length, but for what
    /// a page rounds, or where none shows one.
    pub(super) fn told_disuse(&self, shown: Option<Duration>) -> Option<Duration> {
        let idle = self.idle_limit?;
        // What chooses a lifetime, and signing in where its token lives otherwise, know of another end than disuse.
        let is_other = self.expires.chosen().is_some() || self.first_lifetime.is_some();
        let is_told = self.expires.field().is_some() && !is_other;
        let as_much = |life: Duration| life.abs_diff(idle) <= idle / 100;
        (is_told && shown.is_none_or(as_much)).then_some(idle)
    }

    /// One that a mint brings: each answer holds another, and no request spends it.
    #[must_use]
    pub(super) fn brought_by_a_mint(&self) -> Self {
        Self {
            rotation: Rotation::Always,
            spent: Spent::Dead,
            reuse: Reuse::Unknown,
            idle_limit: None,
            first_lifetime: None,
            ..self.clone()
        }
    }
}

/// What a spent refresh token is still good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spent {
    /// Nothing.
    Dead,
    /// Not documented; treated as nothing.
    Unknown,
    /// It may be sent again in time.
    Good {
        /// Until when.
        until: ReplayEnd,
        /// What that brings.
        answer: ReplayAnswer,
        /// How many of the last spent ones may be, at least one; `None` where that is known of the last alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        generations: Option<u32>,
    },
}

/// Until when a spent refresh token may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReplayEnd {
    /// For this long after it was spent.
    After(Duration),
    /// Until a successor is first used.
    Used(Successor),
    /// Until a successor is first used, and for this long at most.
    First(Duration, Successor),
}

impl ReplayEnd {
    /// How long at most, where time ends it.
    pub const fn window(self) -> Option<Duration> {
        match self {
            Self::After(window) | Self::First(window, _) => Some(window),
            Self::Used(_) => None,
        }
    }

    /// The first use of what ends it, where one does.
    pub const fn successor(self) -> Option<Successor> {
        match self {
            Self::Used(successor) | Self::First(_, successor) => Some(successor),
            Self::After(_) => None,
        }
    }
}

impl Spent {
    /// How many of the last spent ones may be sent again, where that is said.
    pub const fn generations(self) -> Option<u32> {
        match self {
            Self::Dead | Self::Unknown => None,
            Self::Good { generations, .. } => generations,
        }
    }

    /// Until when it may be sent again, where it may.
    pub const fn until(self) -> Option<ReplayEnd> {
        match self {
            Self::Dead | Self::Unknown => None,
            Self::Good { until, .. } => Some(until),
        }
    }
}
