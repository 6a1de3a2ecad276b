//! Pieces of what is expected, and answers that are made for a purpose.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use rekindle_contract::contract::{
    Contract, ErrorClass, ErrorRule, Expiry as Declared, Pointer, SignIn as Way, Slot,
};
use rekindle_runtime::{Class, SignIn};
use serde_json::Value;
use std::collections::BTreeMap;

/// The moment at which every exchange begins where a check does not say otherwise, 2026-11-21T08:00:00Z, in seconds since 1970.
pub(super) const START: u64 = 1_795_248_000;

/// The same moment.
pub(super) fn now() -> Timestamp {
    Timestamp::from_second(START.cast_signed()).unwrap_or_default()
}
/// How long the new access token lives, where the answer says so, in seconds.
pub(super) const ACCESS_LIFE: u64 = 3600;

/// Puts a value where a pointer leads, the first place of several, and makes what is missing on the way.
pub(super) fn put(root: &mut Value, pointer: &Pointer, value: Value) {
    pointer.or.iter().for_each(|other| remove(root, other));
    let mut place = root;
    for token in pointer.way().iter() {
        let index = token.parse::<usize>().ok().filter(|_| place.is_array());
        place = match index {
            Some(index) => {
                if let Value::Array(items) = place {
                    items.resize(items.len().max(index + 1), Value::Null);
                }
                &mut place[index]
            }
            None => {
                if !place.is_object() {
                    *place = Value::Object(serde_json::Map::new());
                }
                &mut place[token.as_str()]
            }
        };
    }
    *place = value;
}

/// Removes the member where a pointer leads.
pub(super) fn remove(root: &mut Value, pointer: &Pointer) {
    pointer.or.iter().for_each(|other| remove(root, other));
    if let (Some(place), Value::Object(members)) = (&pointer.head, &mut *root) {
        members.remove(&place.label());
        return;
    }
    let Some((last, parents)) = pointer.tokens.split_last() else {
        return;
    };
    let parent = Pointer::new(parents.to_vec());
    if let Some(Value::Object(members)) = root.pointer_mut(&parent.to_string()) {
        members.remove(last);
    }
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The class of the errors of a rule; one that says how long to wait says nothing of it here.
pub(super) fn class(rule: &ErrorRule) -> Class {
    match rule.class {
        ErrorClass::Reauthenticate => Class::Reauthenticate(sign_in(rule.sign_in)),
        ErrorClass::ClientMisconfigured => Class::ClientMisconfigured,
        ErrorClass::ContractViolation => Class::ContractViolation,
        ErrorClass::RateLimited => Class::RateLimited { after: None },
        ErrorClass::Transient => Class::Transient,
        ErrorClass::InDoubt => Class::InDoubt,
    }
}

/// A way to sign in again.
pub(super) fn sign_in(way: Way) -> SignIn {
    match way {
        Way::Password => SignIn::Password,
        Way::Otp => SignIn::Otp,
        Way::AuthorizationCode => SignIn::AuthorizationCode,
        Way::DeviceCode => SignIn::DeviceCode,
        Way::Sso => SignIn::Sso,
        Way::ClientCredentials => SignIn::ClientCredentials,
        Way::Unspecified => SignIn::Unspecified,
    }
}

/// The URL of an environment with these parameters.
pub(super) fn environment_url(
    contract: &Contract,
    name: Option<&str>,
    client: &BTreeMap<String, String>,
) -> Option<String> {
    let mut environments = contract.base.environments.iter();
    let environment = environments.find(|environment| Some(environment.name.as_str()) == name)?;
    Some(environment.url.render(|slot| match slot {
        Slot::Client(name) => client.get(name).cloned().unwrap_or_default(),
        _ => String::new(),
    }))
}

/// The clock of a place at so many seconds after 1970, that far ahead of UTC.
pub(super) fn clock(at: u64, zone: i32) -> DateTime {
    let at = i64::try_from(at).ok().and_then(|at| Timestamp::from_second(at).ok());
    Offset::from_seconds(zone).expect("an offset").to_datetime(at.expect("an instant"))
}

/// Writes the end of a token that lives `life` seconds where the contract reads it.
pub(super) fn put_expiry(body: &mut Value, expiry: &Declared, life: u64) {
    let value = match expiry {
        Declared::Seconds(_) => Value::from(life),
        Declared::Milliseconds(_) => Value::from(life * 1000),
        Declared::UnixSeconds(_) => Value::from(START + life),
        Declared::UnixMilliseconds(_) => Value::from((START + life) * 1000),
        Declared::Duration(_) => Value::from(format!("{}m", life / 60)),
        Declared::Rfc3339(_) if life == ACCESS_LIFE => Value::from("2026-11-21T09:00:00Z"),
        Declared::Rfc3339(_) => Value::from("2026-12-21T08:00:00Z"),
        Declared::DateTime { told: _, zone } => Value::from(clock(START + life, *zone).to_string()),
        Declared::HttpDate(_) if life == ACCESS_LIFE => {
            Value::from("Sat, 21 Nov 2026 09:00:00 GMT")
        }
        Declared::HttpDate(_) => Value::from("Mon, 21 Dec 2026 08:00:00 GMT"),
        Declared::Constant(_)
        | Declared::SinceSignIn(_)
        | Declared::Jwt
        | Declared::Never
        | Declared::Undeclared => return,
    };
    if let Some(field) = expiry.field() {
        put(body, field, value);
    }
}
