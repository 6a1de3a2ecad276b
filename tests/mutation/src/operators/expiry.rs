//! When a token dies.

use super::vary;
use crate::mutation::Mutants;
use crate::operator::Operator;
use rekindle_contract::contract::{Contract, Expiry, Pointer};
use std::time::Duration;

/// Every mutation of an expiry: kind and unit, the field, the stated lifetime.
pub fn expiry(
    mutants: &mut Mutants<'_>,
    fact: &str,
    expiry: &Expiry,
    set: impl Fn(&mut Contract, Expiry),
) {
    let mut add = |operator, other: Expiry| {
        let (before, after) = (show(expiry), show(&other));
        mutants.add(operator, fact, before, after, |contract| set(contract, other));
    };
    for other in kinds(expiry) {
        add(Operator::ExpiryKind, other);
    }
    if let Some(field) = expiry.field() {
        for pointer in vary::pointers(field) {
            add(Operator::ExpiryPlace, at(expiry, pointer));
        }
    }
    if let Expiry::Constant(lifetime) = expiry {
        for other in vary::durations(*lifetime) {
            add(Operator::ExpiryConstant, Expiry::Constant(other));
        }
    }
}

/// Every other kind, at the same field where both have one.
fn kinds(expiry: &Expiry) -> Vec<Expiry> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let field = expiry
        .field()
        .cloned()
        .unwrap_or_else(|| Pointer { tokens: vec!["expires_in".to_owned()] });
    let kinds = [
        Expiry::Seconds(field.clone()),
        Expiry::Milliseconds(field.clone()),
        Expiry::UnixSeconds(field.clone()),
        Expiry::UnixMilliseconds(field.clone()),
        Expiry::Rfc3339(field),
        Expiry::Constant(DAY),
        Expiry::Jwt,
        Expiry::Never,
        Expiry::Undeclared,
    ];
    let same = |other: &Expiry| std::mem::discriminant(other) == std::mem::discriminant(expiry);
    // Where there is no field yet, one invented field is enough.
    let invented = |other: &Expiry| {
        expiry.field().is_none() && other.field().is_some() && !matches!(other, Expiry::Seconds(_))
    };
    kinds.into_iter().filter(|other| !same(other) && !invented(other)).collect()
}

/// The same kind at another field.
fn at(expiry: &Expiry, field: Pointer) -> Expiry {
    match expiry {
        Expiry::Seconds(_) => Expiry::Seconds(field),
        Expiry::Milliseconds(_) => Expiry::Milliseconds(field),
        Expiry::UnixSeconds(_) => Expiry::UnixSeconds(field),
        Expiry::UnixMilliseconds(_) => Expiry::UnixMilliseconds(field),
        Expiry::Rfc3339(_) => Expiry::Rfc3339(field),
        Expiry::Constant(_) | Expiry::Jwt | Expiry::Never | Expiry::Undeclared => expiry.clone(),
    }
}

fn show(expiry: &Expiry) -> String {
    match expiry {
        Expiry::Seconds(field) => format!("seconds `{field}`"),
        Expiry::Milliseconds(field) => format!("milliseconds `{field}`"),
        Expiry::UnixSeconds(field) => format!("unix seconds `{field}`"),
        Expiry::UnixMilliseconds(field) => format!("unix milliseconds `{field}`"),
        Expiry::Rfc3339(field) => format!("RFC 3339 `{field}`"),
        Expiry::Constant(lifetime) => format!("{lifetime:?}"),
        Expiry::Jwt => "the JWT's".to_owned(),
        Expiry::Never => "never".to_owned(),
        Expiry::Undeclared => "undeclared".to_owned(),
    }
}
