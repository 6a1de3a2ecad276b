//! What an answer says of the end of its tokens.

use super::aspect::is_told;
use super::seen::{Seen, unknown};
use super::{Checked, Deviation, Verdict};
use crate::held::{End, Outcome};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use rekindle_contract::contract::{Contract, ExampleBody, ExampleResponse, Expiry, Given};
use rekindle_contract::exchange::{Read, read};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

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

/// The end of one token is told, as declared.
fn one(seen: &Seen<'_>, expiry: &Expiry, token: &str, which: &str) -> Checked {
    let fact = format!("tokens.{which}.expires");
    match expiry.told() {
        None => match exp(token) {
            Some(_) => Ok(()),
            None => {
                Err(Deviation::new("a JWT with an `exp`", "a token without one").about(fact).into())
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
                return Err(Deviation::new(expected, seen.found(field)).about(fact).into());
            }
            match lone_end(seen, expiry) {
                Ok(End::At(end)) if end > seen.exchange.now => Ok(()),
                // What a zero means, where the contract says it.
                Ok(End::Never | End::Undeclared) if told.zero.is_some() => Ok(()),
                Ok(_) => {
                    Err(Deviation::new(expected, format!("{}, which is over", seen.found(field)))
                        .about(fact)
                        .into())
                }
                Err(why) => Err(Deviation::new(expected, format!("{}: {why}", seen.found(field)))
                    .about(fact)
                    .into()),
            }
        }
    }
}

/// What the reference reading makes of one expiry, whatever else is wrong with the answer.
fn lone_end(seen: &Seen<'_>, expiry: &Expiry) -> Result<End, String> {
    let mut contract: Contract = seen.contract.clone();
    contract.access.expires = expiry.clone();
    contract.refresh = None;
    contract.response.refresh_token = None;
    contract.response.token_type = None;
    contract.response.scope = None;
    contract.response.outputs.clear();
    let Ok(answer) = &seen.exchange.answer else {
        return Err("there is no answer".to_owned());
    };
    let given = Given {
        values: Default::default(),
        environment: None,
        base_url: None,
        client: BTreeMap::new(),
        access_token: None,
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
            Some(why) => Err(why),
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
    let times = life.as_secs() / usual.as_secs().max(1);
    let unit = match (300..3000).contains(&times) {
        true => ": it looks like milliseconds where seconds are declared",
        false => "",
    };
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
    let payload = token.trim().split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    Timestamp::from_second(claims.get("exp")?.as_f64()? as i64).ok()
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

/// A duration in words.
pub(super) fn words(duration: Duration) -> String {
    let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    format!("{duration:#}")
}
