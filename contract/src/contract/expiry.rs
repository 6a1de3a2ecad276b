//! When a token dies, and how an answer says so.

use super::{Pointer, ZeroExpiry};
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
    /// Other fields, of which the first one counts that is there where the first is not.
    pub or: Vec<Pointer>,
    /// What a zero means; where nothing is said, it cannot be right.
    pub zero: Option<ZeroExpiry>,
    /// When the token dies where no field says so; where nothing is said, nobody knows.
    pub otherwise: Option<Otherwise>,
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    or: Vec<Pointer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zero: Option<ZeroExpiry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    otherwise: Option<Otherwise>,
}

impl From<Written> for Told {
    fn from(Written { tokens, or, zero, otherwise }: Written) -> Self {
        Self { field: Pointer { tokens }, or, zero, otherwise }
    }
}

impl From<Told> for Written {
    fn from(Told { field, or, zero, otherwise }: Told) -> Self {
        Self { tokens: field.tokens, or, zero, otherwise }
    }
}

impl From<Pointer> for Told {
    /// This field and nothing else.
    fn from(field: Pointer) -> Self {
        Self { field, or: Vec::new(), zero: None, otherwise: None }
    }
}

impl Told {
    /// The fields, the first one that is there counts.
    pub fn fields(&self) -> impl Iterator<Item = &Pointer> {
        std::iter::once(&self.field).chain(&self.or)
    }

    /// The field that is there in an answer.
    pub fn present(&self, json: &Value) -> Option<&Pointer> {
        self.fields().find(|field| field.find(json).is_some_and(|value| !value.is_null()))
    }

    /// Puts what says when a token dies into an answer, or takes it away.
    pub fn write(&self, json: &mut Value, value: Option<Value>) {
        self.fields().for_each(|field| field.remove(json));
        if let Some(value) = value {
            self.field.put(json, value);
        }
    }
}

impl Expiry {
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

    /// The field of the answer that it reads; the first of several.
    pub fn field(&self) -> Option<&Pointer> {
        self.told().map(|told| &told.field)
    }

    /// Every field of the answer that it may read.
    pub fn fields(&self) -> impl Iterator<Item = &Pointer> {
        self.told().into_iter().flat_map(Told::fields)
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
