//! What an answer says of the end of its tokens.

use super::aspect::is_told;
use super::seen::{Seen, unknown};
use super::told::words;
use super::{Checked, Deviation, Verdict};
use crate::held::{End, Outcome};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use rekindle_contract::contract::{
    Contract, ExampleBody, ExampleResponse, Expiry, Given, SPENDING, TokenPlace,
};
use rekindle_contract::exchange::{Read, lifetime, read};
use serde_json::Value;
use std::collections::BTreeMap;

/// How far apart two ends may lie that are meant to be one: clocks differ, and a lifetime begins a little earlier or later.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

pub(super) fn access(seen: &Seen<'_>) -> Checked {
    let token = seen.access_token()?;
    one(seen, &seen.contract.access.expires, &token, "access")
}

pub(super) fn refresh(seen: &Seen<'_>) -> Checked {
    let (Some(declared), Some(token)) = (&seen.contract.refresh, seen.refresh_token()) else {
        return Err(unknown("the answer brings no refresh token"));
    };
    one(seen, &declared.expires, &token, "refresh")
}

/// What is said of a lifetime that is a thousand times as long as others.
const MILLISECONDS: &str = ": it looks like milliseconds where seconds are declared";

/// The same of the `exp` of a JWT.
const IN_MILLISECONDS: &str =
    "a JWT whose `exp` looks like milliseconds, where RFC 7519 has seconds";

/// The end of one token is told, as declared.
fn one(seen: &Seen<'_>, expiry: &Expiry, token: &str, which: &str) -> Checked {
    let fact = format!("tokens.{which}.expires");
    match expiry.told() {
        None => match exp(token) {
            Some(_) => Ok(()),
            None => {
                let seen = match claimed(token) {
                    None => "a token that is none",
                    Some(None) => "a JWT without an `exp`",
                    Some(Some(_)) if is_in_milliseconds(token) => IN_MILLISECONDS,
                    Some(Some(_)) => "a JWT whose `exp` is no number of seconds since 1970",
                };
                let deviation = Deviation::new("a JWT with an `exp`", seen);
                Err(deviation.about(&*fact).hint(hint(&fact)).into())
            }
        },
        Some(told) => {
            let json = seen.json.as_ref();
            let field = json.map_or(&told.field, |json| told.field.present(json));
            let expected = format!("{} at `{field}`", kind(expiry));
            if json.and_then(|json| told.find(json)).is_none() {
                if told.otherwise.is_some() {
                    return Ok(());
                }
                let found = seen.found_or_elsewhere(field);
                return Err(Deviation::new(expected, found).about(&*fact).hint(hint(&fact)).into());
            }
            match lone_end(seen, expiry) {
                Ok(End::At(end)) if end > seen.exchange.now => as_in_examples(seen, expiry),
                // What a zero means, where the contract says it.
                Ok(End::Never | End::Undeclared) if told.zero.is_some() => Ok(()),
                Ok(_) => {
                    Err(Deviation::new(expected, format!("{}, which is over", seen.shown(field)))
                        .about(&*fact)
                        .hint(hint(&fact))
                        .into())
                }
                Err(why) => {
                    // The place is named beside what is found there.
                    let shown = seen.shown(field);
                    let seen = match why.strip_prefix(&format!("the expiry at `{field}` ")) {
                        Some(why) => format!("{shown}, which {why}"),
                        None => format!("{shown}: {why}"),
                    };
                    Err(Deviation::new(expected, seen).about(&*fact).hint(hint(&fact)).into())
                }
            }
        }
    }
}

/// The one key to look at.
fn hint(fact: &str) -> String {
    format!("look at `{fact}`: it says where, and in which unit, the end of the token is")
}

/// A lifetime is about as long as the one in the spec's examples, which do not come a thousand times as long.
fn as_in_examples(seen: &Seen<'_>, expiry: &Expiry) -> Checked {
    // Where the contract says what is usual, another check looks at it.
    let is_access = seen.contract.access.expires == *expiry;
    if is_access && seen.contract.access.usual_lifetime.is_some() {
        return Ok(());
    }
    let told = seen.json.as_ref().and_then(|json| lifetime(expiry, json));
    let shown = seen.contract.examples.iter().filter_map(|example| {
        match (&example.response.body, seen.is_before_others()) {
            (_, true) => lifetime(expiry, example.answers.get(SPENDING)?),
            (ExampleBody::Json(json), false) => lifetime(expiry, json),
            _ => None,
        }
    });
    let (Some(told), Some(shown)) = (told, shown.max()) else {
        return Ok(());
    };
    if !is_thousand(told.as_secs() as i64, shown.as_secs() as i64) {
        return Ok(());
    }
    let seen = format!("a life of {}{MILLISECONDS}", words(told));
    let deviation = Deviation::new(format!("a life as in the examples: {}", words(shown)), seen);
    let hint = "clients believe what an answer says: a token that is dead counts as good";
    Err(Verdict::Note(deviation.hint(hint)))
}

/// Whether a lifetime is about a thousand times another.
fn is_thousand(large: i64, small: i64) -> bool {
    (300..3000).contains(&(large / small.max(1)))
}

/// What the reference reading makes of one expiry, whatever else is wrong with the answer.
fn lone_end(seen: &Seen<'_>, expiry: &Expiry) -> Result<End, String> {
    let mut contract: Contract = seen.contract.clone();
    contract.access.expires = expiry.clone();
    if seen.is_before_others()
        && let Some(place) = contract.response.refresh_token.take()
    {
        // It is the one token in this answer.
        contract.response.access_token = TokenPlace::Json(place);
    }
    contract.refresh = None;
    contract.response.refresh_token = None;
    contract.response.token_type = None;
    contract.response.scope = None;
    contract.response.outputs.clear();
    let answer = seen.answer;
    let given = Given {
        values: Default::default(),
        environment: None,
        base_url: None,
        client: BTreeMap::new(),
        access_token: Some(seen.exchange.held.access_token.clone()),
        refresh_token: None,
        at: seen.exchange.now,
    };
    let response = ExampleResponse {
        status: answer.status().as_u16(),
        headers: crate::head::lines(answer),
        body: ExampleBody::Text(String::from_utf8_lossy(answer.body()).into_owned()),
    };
    match read(&contract, &given, &response) {
        Read::Tokens { access_expires, unread, .. } => match unread.into_iter().next() {
            Some((_, why)) => Err(why),
            None => Ok(access_expires.into()),
        },
        Read::Error { rule, .. } => Err(rule),
    }
}

/// The access token lives as long as the contract says it usually does.
pub(super) fn usual(seen: &Seen<'_>) -> Checked {
    let Some(usual) = seen.contract.access.usual_lifetime else {
        return Ok(());
    };
    if !is_told(&seen.contract.access.expires) {
        return Err(Verdict::NotApplicable("no answer says when the access token dies".to_owned()));
    }
    let Outcome::Tokens(new) = &seen.exchange.outcome else {
        return Err(unknown("the answer cannot be read as a whole"));
    };
    let End::At(end) = new.access_expires else {
        return Err(unknown("nobody says when the access token dies"));
    };
    let life = end.duration_since(seen.exchange.now);
    let usual = SignedDuration::try_from(usual).unwrap_or(SignedDuration::MAX);
    // A tenth: pages round.
    let off = SLACK.max(usual / 10);
    if (life - usual).abs() <= off {
        return Ok(());
    }
    let expected = format!("a life of about {usual:#}");
    let unit = if is_thousand(life.as_secs(), usual.as_secs()) { MILLISECONDS } else { "" };
    Err(Deviation::new(expected, format!("a life of {life:#}{unit}"))
        .about("tokens.access.usual_lifetime")
        .into())
}

pub(super) fn access_claims(seen: &Seen<'_>) -> Checked {
    let token = seen.access_token()?;
    let Outcome::Tokens(new) = &seen.exchange.outcome else {
        return Err(unknown("the answer cannot be read as a whole"));
    };
    claims(&token, new.access_expires, "access")
}

pub(super) fn refresh_claims(seen: &Seen<'_>) -> Checked {
    let Some(token) = seen.refresh_token() else {
        return Err(unknown("the answer brings no refresh token"));
    };
    let Outcome::Tokens(new) = &seen.exchange.outcome else {
        return Err(unknown("the answer cannot be read as a whole"));
    };
    claims(&token, new.refresh_expires, "refresh")
}

/// What is said of a token's end agrees with what the token says itself.
fn claims(token: &str, said: End, which: &str) -> Checked {
    let Some(exp) = exp(token) else {
        if is_in_milliseconds(token) {
            let deviation = Deviation::new("an `exp` in seconds (RFC 7519)", IN_MILLISECONDS);
            let hint =
                "clients read what the answer says beside the token, and the token not at all";
            return Err(Verdict::Note(
                deviation.about(format!("tokens.{which}.expires")).hint(hint),
            ));
        }
        return Err(Verdict::NotApplicable("the token is no JWT with an `exp`".to_owned()));
    };
    let End::At(end) = said else {
        return Err(unknown("nobody says when the token dies"));
    };
    if end.duration_since(exp).abs() <= SLACK {
        return Ok(());
    }
    let expected = format!("an `exp` at about {end}");
    Err(Deviation::new(expected, format!("one at {exp}"))
        .about(format!("tokens.{which}.expires"))
        .into())
}

/// The `exp` of a JWT.
fn exp(token: &str) -> Option<Timestamp> {
    Timestamp::from_second(claimed(token)??.as_f64()? as i64).ok()
}

/// What a JWT has as its `exp`; `None` where the token is no JWT.
fn claimed(token: &str) -> Option<Option<Value>> {
    let payload = token.trim().split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    Some(claims.get("exp").cloned())
}

/// Whether the `exp` of a JWT would be an instant if it were in milliseconds. One of seconds is none of ours before the year 9999.
fn is_in_milliseconds(token: &str) -> bool {
    let exp = claimed(token).flatten().and_then(|exp| exp.as_f64());
    exp.is_some_and(|exp| {
        Timestamp::from_second(exp as i64).is_err()
            && Timestamp::from_millisecond(exp as i64).is_ok()
    })
}

/// When a token dies by its own `exp`, where it is a JWT that has one.
pub fn jwt_end(token: &str) -> End {
    exp(token).map_or(End::Undeclared, End::At)
}

/// A declared expiry in words.
fn kind(expiry: &Expiry) -> &'static str {
    match expiry {
        Expiry::Seconds(_) => "a lifetime in seconds",
        Expiry::Milliseconds(_) => "a lifetime in milliseconds",
        Expiry::UnixSeconds(_) => "an instant in seconds since 1970",
        Expiry::UnixMilliseconds(_) => "an instant in milliseconds since 1970",
        Expiry::Rfc3339(_) => "an instant as RFC 3339 has it",
        Expiry::DateTime { .. } => "a date and a time",
        Expiry::HttpDate(_) => "a date as HTTP has it",
        Expiry::Duration(_) => "a lifetime such as `1h`",
        Expiry::Constant(_)
        | Expiry::SinceSignIn(_)
        | Expiry::Jwt
        | Expiry::Never
        | Expiry::Undeclared => "nothing",
    }
}
