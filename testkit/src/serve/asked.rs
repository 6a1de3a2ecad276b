//! What a request to the control endpoint asks for.
//!
//! Architecture invariant: what is wrong is said in words of our own, with nothing of the request in them, since they are printed;
//! hints go to the caller alone, and may name what was sent.

use crate::network::can_occur;
use http::Request;
use jiff::SpanRelativeTo;
use jiff::fmt::friendly::SpanParser;
use rekindle_contract::contract::{Contract, Fault, Trouble};
use serde_json::{Map, Value};
use std::time::Duration;

/// The longest body that is accepted.
const LONGEST_BODY: usize = 64 * 1024;

/// The greatest number of refreshes that can be planned for.
pub(super) const MOST: usize = 1000;

const PLANS: &str = r#"send {"fault": "reset_after", "times": 2} or {"troubles": [{"Fault": "reset_after"}, {"Refusal": 0}, null]}"#;

const LENGTHS: &str = "write a number and a unit: `500ms`, `30s`, `15m`, `25h`, `7d`, `1h 30m`";

/// A request that is refused: its status, what is wrong, and what to do about it.
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) words: String,
    pub(super) hint: String,
}

pub(super) fn refused(status: u16, words: impl Into<String>, hint: impl Into<String>) -> Refused {
    Refused { status, words: words.into(), hint: hint.into() }
}

/// The fields of a request, of which it may have `known` ones only. No body at all is `{}`.
pub(super) fn fields(
    request: &Request<Vec<u8>>,
    known: &[&str],
) -> Result<Map<String, Value>, Refused> {
    let body = request.body();
    if body.len() > LONGEST_BODY {
        return Err(refused(413, "the body is longer than 64 KiB", "send less"));
    }
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    let json: Value = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let words = format!("the body is no JSON, seen at line {line}, column {column}");
        refused(400, words, "send a JSON object")
    })?;
    let Value::Object(mut fields) = json else {
        return Err(refused(400, "the body is no JSON object", "send one, such as {}"));
    };
    if let Some(unknown) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        let hint = match known {
            [] => format!("`{unknown}` says nothing here: send {{}}"),
            known => format!("`{unknown}` is none of: {}", known.join(", ")),
        };
        return Err(refused(400, "the body has an unknown field", hint));
    }
    // As good as left out.
    fields.retain(|_, value| !value.is_null());
    Ok(fields)
}

/// The text in a field.
pub(super) fn text<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, Refused> {
    let Some(value) = fields.get(name) else {
        return Ok(None);
    };
    let text = value.as_str().map(Some);
    text.ok_or_else(|| refused(400, format!("`{name}` is no text"), "write it in quotes"))
}

/// By how much time shall advance.
pub(super) fn advance(fields: &Map<String, Value>) -> Result<Duration, Refused> {
    let by =
        text(fields, "by").map_err(|refused| Refused { hint: LENGTHS.to_owned(), ..refused })?;
    let by = by.ok_or_else(|| refused(400, "`by` is missing", LENGTHS))?;
    duration(by).ok_or_else(|| {
        if duration(&with_small_numbers(by)).is_some() {
            return refused(400, "`by` is too long", "time ends with the year 9999");
        }
        refused(400, "`by` is no duration", LENGTHS)
    })
}

/// The length of a duration as people write it; a day has 24 hours. `None` where it goes back.
fn duration(text: &str) -> Option<Duration> {
    let span = SpanParser::new().parse_span(text.trim()).ok()?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(length).ok()
}

/// The same with 1 for each number.
fn with_small_numbers(text: &str) -> String {
    let mut small = String::new();
    for c in text.chars() {
        match c.is_ascii_digit() {
            true if small.ends_with('1') => {}
            true => small.push('1'),
            false => small.push(c),
        }
    }
    small
}

/// What shall be planned: either `troubles`, or `fault` and how many times.
pub(super) fn troubles(
    fields: &Map<String, Value>,
    contract: &Contract,
) -> Result<Vec<Option<Trouble>>, Refused> {
    let (list, times) = (fields.get("troubles"), fields.get("times"));
    match (list, text(fields, "fault")?) {
        (Some(Value::Array(list)), None) if times.is_none() => {
            let troubles = list.iter().map(|trouble| self::trouble(trouble, contract));
            troubles.collect()
        }
        (Some(Value::Array(_)), _) => {
            let words = "`troubles` stands by itself";
            Err(refused(400, words, PLANS))
        }
        (Some(_), _) => Err(refused(400, "`troubles` is no list", PLANS)),
        (None, Some(name)) => {
            let times = times.map_or(Some(1), Value::as_u64);
            let times = times.and_then(|times| usize::try_from(times).ok());
            let times = times.filter(|times| (1..=MOST).contains(times));
            let words = format!("`times` is no number from 1 to {MOST}");
            let times = times.ok_or_else(|| refused(400, words, PLANS))?;
            let fault = possible(fault(name, contract)?, contract)?;
            Ok(vec![Some(fault); times])
        }
        (None, None) => Err(refused(400, "this is no plan", PLANS)),
    }
}

/// One of a list of troubles.
fn trouble(json: &Value, contract: &Contract) -> Result<Option<Trouble>, Refused> {
    if json.is_null() {
        return Ok(None);
    }
    let member = json.as_object().filter(|members| members.len() == 1);
    let member = member.and_then(|members| members.iter().next());
    let trouble = match member.map(|(name, value)| (name.as_str(), value)) {
        Some(("Fault", Value::String(name))) => fault(name, contract)?,
        Some(("Refusal", Value::Number(index))) => {
            let index =
                index.as_u64().and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
            Trouble::Refusal(index)
        }
        _ => return Err(refused(400, "there is a trouble that is none", PLANS)),
    };
    possible(trouble, contract).map(Some)
}

/// The fault with this name.
fn fault(name: &str, contract: &Contract) -> Result<Trouble, Refused> {
    let fault = Fault::named(name).map(Trouble::Fault);
    fault.ok_or_else(|| refused(400, "there is no such fault", possible_faults(contract)))
}

/// The trouble, where it can occur.
fn possible(trouble: Trouble, contract: &Contract) -> Result<Trouble, Refused> {
    if can_occur(contract, trouble) {
        return Ok(trouble);
    }
    Err(match trouble {
        Trouble::Fault(fault) => {
            let words = format!("the fault {} cannot occur here", fault.name());
            refused(400, words, possible_faults(contract))
        }
        Trouble::Refusal(_) => {
            let hint = format!("the contract has {} rules, from 0", contract.errors.len());
            refused(400, "there is no such rule", hint)
        }
    })
}

fn possible_faults(contract: &Contract) -> String {
    let names = Fault::ALL
        .into_iter()
        .filter(|fault| can_occur(contract, Trouble::Fault(*fault)))
        .map(Fault::name);
    format!("there are: {}", names.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_people_write_them() {
        let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
        assert_eq!(duration("25h"), hours(25));
        assert_eq!(duration(" 7d "), hours(7 * 24));
        assert_eq!(duration("1h 30m"), Some(Duration::from_secs(5400)));
        assert_eq!(duration("1w"), hours(7 * 24));
        for wrong in ["", "25", "-1h", "1h ago", "1mo", "1y", "soon", "99999999999999999999h"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
