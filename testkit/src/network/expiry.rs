//! Expiries that are not what the contract says.

use jiff::Timestamp;
use rekindle_contract::contract::{Contract, Expiry, Fault};
use serde_json::{Number, Value, json};

/// A lifetime where an instant is declared: an hour in seconds.
const HOUR: i64 = 3600;

/// Changes the access token's expiry in an answer. An answer without one stays as it is.
pub(super) fn change(json: &mut Value, contract: &Contract, fault: Fault, now: Timestamp) {
    let declared = &contract.access.expires;
    let Some(place) = declared.field().and_then(|field| field.find_mut(json)) else {
        return;
    };
    let changed = match fault {
        Fault::ExpiryNull => Some(Value::Null),
        Fault::ExpiryEmpty => Some(json!("")),
        Fault::ExpiryText => number(place).map(|number| Value::String(number.to_string())),
        Fault::ExpiryFloat => {
            number(place).and_then(|number| number.as_f64()).map(|number| json!(number + 0.5))
        }
        Fault::ExpiryInOtherUnit => number(place).and_then(|number| thousandfold(&number)),
        Fault::ExpiryInOtherKind => Some(other_kind(declared, now)),
        Fault::ExpiryAbsurd => Some(absurd(declared)),
        _ => None,
    };
    if let Some(changed) = changed {
        *place = changed;
    }
}

/// The number there, also where it is written as a text.
fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn thousandfold(number: &Number) -> Option<Value> {
    let whole = number.as_i64().and_then(|number| number.checked_mul(1000)).map(Value::from);
    whole.or_else(|| number.as_f64().map(|number| json!(number * 1000.0)))
}

fn other_kind(declared: &Expiry, now: Timestamp) -> Value {
    match declared {
        Expiry::Seconds(_) => json!(now.as_second()),
        Expiry::Milliseconds(_) => json!(now.as_millisecond()),
        Expiry::Duration(_) => json!(now.to_string()),
        _ => json!(HOUR),
    }
}

fn absurd(declared: &Expiry) -> Value {
    match declared {
        Expiry::Rfc3339(_) | Expiry::DateTime { .. } => json!("9999-12-31T23:59:59Z"),
        Expiry::HttpDate(_) => json!("Fri, 31 Dec 9999 23:59:59 GMT"),
        Expiry::Duration(_) => json!("9999999h"),
        _ => json!(1_000_000_000_000_000_i64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_contract::contract::Pointer;

    const NOW: Timestamp = Timestamp::constant(1_000, 0);

    fn acme(expires: Expiry) -> Contract {
        let spec = include_bytes!("../../../generator/acme.yaml");
        let sources = [rekindle_contract::Source::new("specs/acme.yaml", spec.as_slice())];
        let mut contract = rekindle_contract::check(&sources).contracts.remove(0);
        contract.access.expires = expires;
        contract
    }

    fn field() -> Pointer {
        Pointer::new(vec!["data".to_owned(), "life".to_owned()])
    }

    #[track_caller]
    fn becomes(expires: Expiry, from: Value, fault: Fault, to: Value) {
        let mut answer = json!({ "data": { "life": from } });
        change(&mut answer, &acme(expires), fault, NOW);
        assert_eq!(answer["data"]["life"], to);
    }

    #[test]
    fn lifetimes() {
        let seconds = || Expiry::Seconds(field().into());
        becomes(seconds(), json!(60), Fault::ExpiryNull, Value::Null);
        becomes(seconds(), json!(60), Fault::ExpiryEmpty, json!(""));
        becomes(seconds(), json!(60), Fault::ExpiryText, json!("60"));
        becomes(seconds(), json!(60), Fault::ExpiryFloat, json!(60.5));
        becomes(seconds(), json!(60), Fault::ExpiryInOtherUnit, json!(60_000));
        becomes(seconds(), json!("60"), Fault::ExpiryInOtherUnit, json!(60_000));
        becomes(seconds(), json!(60), Fault::ExpiryInOtherKind, json!(1_000));
        becomes(
            Expiry::Milliseconds(field().into()),
            json!(60),
            Fault::ExpiryInOtherKind,
            json!(1_000_000),
        );
        becomes(seconds(), json!(60), Fault::ExpiryAbsurd, json!(1_000_000_000_000_000_i64));
    }

    #[test]
    fn instants() {
        let rfc3339 = || Expiry::Rfc3339(field().into());
        let instant = || json!("2026-11-21T08:00:00Z");
        becomes(rfc3339(), instant(), Fault::ExpiryAbsurd, json!("9999-12-31T23:59:59Z"));
        becomes(rfc3339(), instant(), Fault::ExpiryInOtherKind, json!(3600));
        becomes(
            Expiry::UnixMilliseconds(field().into()),
            json!(5),
            Fault::ExpiryInOtherKind,
            json!(3600),
        );
        // What is no number stays what it is.
        becomes(rfc3339(), instant(), Fault::ExpiryFloat, instant());
    }

    #[test]
    fn an_answer_without_an_expiry_stays_as_it_is() {
        let mut answer = json!({ "data": [] });
        change(&mut answer, &acme(Expiry::Seconds(field().into())), Fault::ExpiryNull, NOW);
        assert_eq!(answer, json!({ "data": [] }));
    }
}
