//! What answers hold beside the tokens, by the types of generated clients.

use super::contract::Operation;
use crate::json::Json;
use crate::{BaseUrl, Body, Deviation, Grant, Output, Secret};

/// What the outputs of a provider are, as one type: `()` where there are none. Implemented by [`outputs!`](crate::outputs).
pub trait Outputs: Send + Sync + 'static {
    /// Adds those that are known to what a store keeps.
    fn keep(&self, grant: Grant) -> Grant;
    /// Those that a store has kept.
    fn restore(grant: &Grant) -> Self;
}

impl Outputs for () {
    fn keep(&self, grant: Grant) -> Grant {
        grant
    }
    fn restore(_: &Grant) {}
}

/// A type that outputs have.
pub trait OutputValue: Sized {
    /// As it is kept.
    fn keep(&self) -> Output;
    /// From what was kept; `None` where that is something else.
    fn restore(kept: &Output) -> Option<Self>;
}

impl OutputValue for String {
    fn keep(&self) -> Output {
        Output::new(self.as_str())
    }
    fn restore(kept: &Output) -> Option<Self> {
        Some(kept.expose().to_owned())
    }
}

impl OutputValue for Secret {
    fn keep(&self) -> Output {
        Output::secret(self.expose())
    }
    fn restore(kept: &Output) -> Option<Self> {
        Some(kept.expose().into())
    }
}

impl OutputValue for i64 {
    fn keep(&self) -> Output {
        Output::new(self.to_string())
    }
    fn restore(kept: &Output) -> Option<Self> {
        kept.expose().parse().ok()
    }
}

impl OutputValue for bool {
    fn keep(&self) -> Output {
        Output::new(self.to_string())
    }
    fn restore(kept: &Output) -> Option<Self> {
        kept.expose().parse().ok()
    }
}

/// What a place of an answer tells, or why that is not taken.
type Told<T> = Result<Option<T>, Unusable>;

/// Why a value is not taken.
#[derive(Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is of another type than the contract says.
    Unreadable,
    /// It is an address that the contract does not allow.
    Elsewhere,
}

/// An output that every answer should hold. One that does not, or holds something else, is a deviation and costs no tokens.
pub fn expected<T>(
    name: &'static str,
    told: Told<T>,
    deviations: &mut Vec<Deviation>,
) -> Option<T> {
    if matches!(told, Ok(None)) {
        deviations.push(Deviation::OutputMissing(name));
    }
    optional(name, told, deviations)
}

/// An output that an answer may be without.
pub fn optional<T>(
    name: &'static str,
    told: Told<T>,
    deviations: &mut Vec<Deviation>,
) -> Option<T> {
    told.unwrap_or_else(|unusable| {
        deviations.push(match unusable {
            Unusable::Unreadable => Deviation::OutputUnreadable(name),
            Unusable::Elsewhere => Deviation::OutputElsewhere(name),
        });
        None
    })
}

/// A text. An empty one is absent.
pub fn text(place: Json<'_>) -> Told<String> {
    Ok(some_text(place)?.map(str::to_owned))
}

/// A whole web address.
pub fn url(place: Json<'_>) -> Told<String> {
    match some_text(place)? {
        Some(text) if !rekindle_syntax::is_web_address(text) => Err(Unusable::Unreadable),
        text => Ok(text.map(str::to_owned)),
    }
}

/// A web address where the base URL of the answer's provider is, or at one of `hosts`: `https`, without a user, a query and a fragment.
pub fn url_at(place: Json<'_>, body: &Body<'_>, hosts: &[&str]) -> Told<String> {
    match url(place)? {
        Some(url) if !is_allowed(&url, body.base_url(), hosts) => Err(Unusable::Elsewhere),
        url => Ok(url),
    }
}

/// The base URL of the next exchange: as [`url_at`], where its operation says.
pub fn next_base_url<O: Operation>(place: Json<'_>, body: &Body<'_>) -> Told<String> {
    url_at(place, body, O::NEXT_BASE_URL.map_or([].as_slice(), |next| next.hosts))
}

/// Whether an output may be this address, of a provider that is there.
pub(super) fn is_allowed(url: &str, base: Option<&BaseUrl>, hosts: &[&str]) -> bool {
    rekindle_syntax::is_bounded_base_url(url, base.map_or("", BaseUrl::as_str), hosts)
}

/// A whole number that fits into 64 bits.
pub fn integer(place: Json<'_>) -> Told<i64> {
    some(place, |place| place.as_i64().ok_or(Unusable::Unreadable))
}

/// `true` or `false`.
pub fn boolean(place: Json<'_>) -> Told<bool> {
    some(place, |place| place.as_bool().ok_or(Unusable::Unreadable))
}

/// Any JSON value, as its text.
pub fn json(place: Json<'_>) -> Told<String> {
    some(place, |place| Ok(place.to_json()))
}

/// What is never shown.
pub fn secret(told: Told<String>) -> Told<Secret> {
    Ok(told?.map(Secret::from))
}

fn some_text(place: Json<'_>) -> Told<&str> {
    some(place, |place| place.as_str().ok_or(Unusable::Unreadable))
}

/// What is absent, `null` or an empty text is not told.
fn some<'a, T>(place: Json<'a>, read: impl FnOnce(Json<'a>) -> Result<T, Unusable>) -> Told<T> {
    if place.is_absent() || place.as_str() == Some("") {
        return Ok(None);
    }
    read(place).map(Some)
}

/// Makes a struct of optional fields the outputs of a provider: `outputs!(Outputs, instance_url, id_token)`.
#[macro_export]
macro_rules! outputs {
    ($outputs:ident, $($name:ident),+ $(,)?) => {
        impl $crate::kit::Outputs for $outputs {
            fn keep(&self, grant: $crate::Grant) -> $crate::Grant {
                $(
                    let grant = match &self.$name {
                        Some(value) => grant.with_output(
                            ::core::stringify!($name),
                            $crate::kit::output::OutputValue::keep(value),
                        ),
                        None => grant,
                    };
                )+
                grant
            }
            fn restore(grant: &$crate::Grant) -> Self {
                Self {
                    $(
                        $name: grant
                            .output(::core::stringify!($name))
                            .and_then($crate::kit::output::OutputValue::restore),
                    )+
                }
            }
        }
    };
}
