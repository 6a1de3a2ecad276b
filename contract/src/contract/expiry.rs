//! When a token dies, and how an answer says so.

use super::{Head, Pointer, Request, Slot, ZeroExpiry};
use jiff::{SignedDuration, Timestamp, tz::Offset};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// When a token dies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expiry {
    /// A lifetime in seconds, in a field.
    Seconds(Told),
    /// A lifetime in milliseconds, in a field.
    Milliseconds(Told),
    /// A lifetime as text, in a field: `1h`, `1:00:00`, `PT1H`.
    Duration(Told),
    /// An instant in seconds since 1970, in a field.
    UnixSeconds(Told),
    /// An instant in milliseconds since 1970, in a field.
    UnixMilliseconds(Told),
    /// An instant as RFC 3339 text, in a field.
    Rfc3339(Told),
    /// A date and a time without an offset, in a field.
    DateTime {
        /// The field.
        told: Told,
        /// How many seconds its clock is ahead of UTC.
        zone: i32,
    },
    /// An instant as HTTP writes it, in a field.
    HttpDate(Told),
    /// A lifetime that the page states.
    Constant(Duration),
    /// A lifetime that the page states, of a refresh token: it counts from signing in, and no refresh puts the end off.
    SinceSignIn(Duration),
    /// The token's own `exp` claim.
    Jwt,
    /// Never.
    Never,
    /// Nobody says.
    Undeclared,
}

/// Where an answer says when a token dies, and what it means where it does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Told {
    /// The field.
    pub field: Pointer,
    /// What a zero means; where nothing is said, it cannot be right.
    pub zero: Option<ZeroExpiry>,
    /// When the token dies where no field says so; where nothing is said, nobody knows.
    pub otherwise: Option<Otherwise>,
    /// What chooses the lifetime in the request, where the provider lets it.
    pub chosen: Option<Chosen>,
}

/// A lifetime that the request chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The parameter that brings it, in seconds.
    pub parameter: String,
    /// The shortest that the provider takes.
    pub at_least: Option<Duration>,
    /// The longest that the provider takes.
    pub at_most: Option<Duration>,
}

impl Chosen {
    /// Whether the provider takes a lifetime.
    pub fn takes(&self, lifetime: Duration) -> bool {
        self.at_least.is_none_or(|least| lifetime >= least)
            && self.at_most.is_none_or(|most| lifetime <= most)
    }

    /// The lifetime that the provider takes and that is the nearest to this one.
    pub fn nearest(&self, lifetime: Duration) -> Duration {
        let most = self.at_most.map_or(lifetime, |most| lifetime.min(most));
        self.at_least.map_or(most, |least| most.max(least))
    }
}

/// When a token dies where the answer does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Otherwise {
    /// After so long, counted from the start of the exchange.
    After(Duration),
    /// Never.
    Never,
}

/// The form of [`Told`]: that of its field, and what else there is.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Pointer")]
struct Written {
    tokens: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    head: Option<Head>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    or: Vec<Pointer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zero: Option<ZeroExpiry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    otherwise: Option<Otherwise>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chosen: Option<Chosen>,
}

impl From<Written> for Told {
    fn from(Written { tokens, head, or, zero, otherwise, chosen }: Written) -> Self {
        Self { field: Pointer { tokens, head, or }, zero, otherwise, chosen }
    }
}

impl From<Told> for Written {
    fn from(Told { field, zero, otherwise, chosen }: Told) -> Self {
        let Pointer { tokens, head, or } = field;
        Self { tokens, head, or, zero, otherwise, chosen }
    }
}

impl From<Pointer> for Told {
    /// This field and nothing else.
    fn from(field: Pointer) -> Self {
        Self { field, zero: None, otherwise: None, chosen: None }
    }
}

impl Told {
    /// What says in an answer when the token dies; `None` where nothing does.
    pub fn find<'a>(&self, json: &'a Value) -> Option<&'a Value> {
        self.field.find(json).filter(|value| !value.is_null())
    }

    /// Puts what says when a token dies into an answer, or takes it away.
    pub fn write(&self, json: &mut Value, value: Option<Value>) {
        match value {
            Some(value) => self.field.put(json, value),
            None => self.field.remove(json),
        }
    }
}

impl Expiry {
    /// Forgets what chooses the lifetime unless it is in `request`, whose answers are meant: what is not sent chooses nothing.
    pub(super) fn chosen_if_sent_by(&mut self, request: &Request) {
        if let Some(told) = self.told_mut() {
            told.chosen = told
                .chosen
                .take()
                .filter(|chosen| request.uses(&Slot::Client(chosen.parameter.clone())));
        }
    }

    fn told_mut(&mut self) -> Option<&mut Told> {
        match self {
            Self::Seconds(told)
            | Self::Milliseconds(told)
            | Self::Duration(told)
            | Self::UnixSeconds(told)
            | Self::UnixMilliseconds(told)
            | Self::Rfc3339(told)
            | Self::DateTime { told, zone: _ }
            | Self::HttpDate(told) => Some(told),
            Self::Constant(_)
            | Self::SinceSignIn(_)
            | Self::Jwt
            | Self::Never
            | Self::Undeclared => None,
        }
    }

    /// Where an answer says it.
    pub fn told(&self) -> Option<&Told> {
        match self {
            Self::Seconds(told)
            | Self::Milliseconds(told)
            | Self::Duration(told)
            | Self::UnixSeconds(told)
            | Self::UnixMilliseconds(told)
            | Self::Rfc3339(told)
            | Self::DateTime { told, zone: _ }
            | Self::HttpDate(told) => Some(told),
            Self::Constant(_)
            | Self::SinceSignIn(_)
            | Self::Jwt
            | Self::Never
            | Self::Undeclared => None,
        }
    }

    /// The lifetime that the page states, from wherever it counts.
    pub fn stated(&self) -> Option<Duration> {
        match self {
            Self::Constant(lifetime) | Self::SinceSignIn(lifetime) => Some(*lifetime),
            _ => None,
        }
    }

    /// What chooses the lifetime in the request.
    pub fn chosen(&self) -> Option<&Chosen> {
        self.told()?.chosen.as_ref()
    }

    /// The field of the answer that it reads.
    pub fn field(&self) -> Option<&Pointer> {
        self.told().map(|told| &told.field)
    }

    /// Whether a field holds a lifetime, which counts from the start of the exchange.
    pub fn is_told_lifetime(&self) -> bool {
        matches!(self, Self::Seconds(_) | Self::Milliseconds(_) | Self::Duration(_))
    }

    /// What stands in that field of an answer to an exchange that began `at`, in seconds since 1970, where the token lives this
    /// many `seconds`; `None` where no field says so.
    pub fn written(&self, at: u64, seconds: u64) -> Option<Value> {
        let end = at.saturating_add(seconds);
        let instant = || Timestamp::from_second(i64::try_from(end).ok()?).ok();
        Some(match self {
            Self::Seconds(_) => seconds.into(),
            Self::Milliseconds(_) => seconds.saturating_mul(1000).into(),
            Self::Duration(_) => {
                format!("{:#}", SignedDuration::from_secs(i64::try_from(seconds).ok()?)).into()
            }
            Self::UnixSeconds(_) => end.into(),
            Self::UnixMilliseconds(_) => end.saturating_mul(1000).into(),
            Self::Rfc3339(_) => instant()?.to_string().into(),
            Self::DateTime { told: _, zone } => {
                Offset::from_seconds(*zone).ok()?.to_datetime(instant()?).to_string().into()
            }
            Self::HttpDate(_) => {
                instant()?.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string().into()
            }
            Self::Constant(_)
            | Self::SinceSignIn(_)
            | Self::Jwt
            | Self::Never
            | Self::Undeclared => return None,
        })
    }
}
