//! What answers hold beside the tokens, by the types of generated clients.

use crate::json::Json;
use crate::{Deviation, Grant, Output, Secret};

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

/// What a place of an answer tells, or that it is of another type than the contract says.
type Told<T> = Result<Option<T>, Unreadable>;

/// A value is of another type than the contract says.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable;

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
    told.unwrap_or_else(|Unreadable| {
        deviations.push(Deviation::OutputUnreadable(name));
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
        Some(text) if !rekindle_syntax::is_web_address(text) => Err(Unreadable),
        text => Ok(text.map(str::to_owned)),
    }
}

/// A whole number that fits into 64 bits.
pub fn integer(place: Json<'_>) -> Told<i64> {
    some(place, |place| place.as_i64().ok_or(Unreadable))
}

/// `true` or `false`.
pub fn boolean(place: Json<'_>) -> Told<bool> {
    some(place, |place| place.as_bool().ok_or(Unreadable))
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
    some(place, |place| place.as_str().ok_or(Unreadable))
}

/// What is absent, `null` or an empty text is not told.
fn some<'a, T>(place: Json<'a>, read: impl FnOnce(Json<'a>) -> Result<T, Unreadable>) -> Told<T> {
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
