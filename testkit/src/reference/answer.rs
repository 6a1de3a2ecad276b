//! What an answer means to whoever holds the tokens.

use super::Reference;
use crate::head;
use crate::held::{Held, Outcome};
use http::Response;
use jiff::Timestamp;
use rekindle_contract::contract::{
    self, Contract, ErrorClass, ExampleBody, ExampleResponse, Expiry, Fate, SignIn,
};
use rekindle_contract::exchange::{Read, is_carried, of_success, read};
use serde_json::Value;

pub(super) fn finish(
    client: &Reference,
    held: &Held,
    now: Timestamp,
    response: &Response<Vec<u8>>,
) -> Outcome {
    let contract = client.contract();
    let status = response.status().as_u16();
    if let contract::Outcome::Refused(rule) = contract.classify(status, response.body()) {
        let failure = client.failure(now, rule.class, rule.sign_in, contract.fate_by(rule));
        return Outcome::Failed(failure);
    }
    let new = refresh_token(contract, response);
    match tokens(client, held, now, (None, response), new.as_deref()) {
        Some(tokens) => Outcome::Tokens(tokens),
        None => unusable(client, held, now, new),
    }
}

/// The refresh token that an answer brings.
pub(crate) fn refresh_token(contract: &Contract, answer: &Response<Vec<u8>>) -> Option<String> {
    contract.refresh.as_ref()?;
    let field = contract.response.refresh_token.as_ref()?;
    let fields = contract.answer(&head::lines(answer), answer.body())?;
    let token = field.find(&fields)?.as_str()?;
    // What no header can carry is no token.
    (is_carried(token) && !token.is_empty()).then(|| token.to_owned())
}

/// What to hold after an answer of success, behind one that told the refresh token where that is another; `None` where it cannot be used.
pub(super) fn tokens(
    client: &Reference,
    held: &Held,
    now: Timestamp,
    (told, response): (Option<&Value>, &Response<Vec<u8>>),
    new: Option<&str>,
) -> Option<Held> {
    // What could not be decoded costs the value that it is in, and no other.
    let text = String::from_utf8_lossy(response.body()).into_owned();
    let answer = ExampleResponse {
        status: response.status().as_u16(),
        headers: head::lines(response),
        body: ExampleBody::Text(text),
    };
    let mut given = client.at_first(held, now);
    if new.is_none() {
        // What an answer without a refresh token says of the end of one says nothing of the one that is held.
        given.refresh_token = None;
    }
    let read = match told {
        Some(_) => of_success(client.contract(), &given, told, &answer),
        None => read(client.contract(), &given, &answer),
    };
    let Read::Tokens { access_token, access_expires, refresh_expires, outputs, .. } = read else {
        return None;
    };
    let (refresh_token, refresh_expires) = match new {
        Some(new) if keeps_end(client.contract(), held, new) => {
            (Some(new.to_owned()), held.refresh_expires)
        }
        Some(new) => (Some(new.to_owned()), refresh_expires.into()),
        // A mint that brings one brings it each time.
        None if client.contract().mint.is_some() && client.contract().refresh.is_some() => {
            return None;
        }
        None => (held.refresh_token.clone(), held.refresh_expires),
    };
    let told = client.contract().base.output.as_ref().and_then(|name| outputs.get(name));
    let told = told.and_then(|url| url.as_str()).map(str::to_owned);
    Some(Held {
        base_url: told.or_else(|| held.base_url.clone()),
        access_token,
        access_expires: access_expires.into(),
        refresh_token,
        refresh_expires,
    })
}

/// A life that the page states runs from the token's issue, and being repeated does not make it longer; or it runs from signing in,
/// and nothing does.
fn keeps_end(contract: &Contract, held: &Held, new: &str) -> bool {
    match contract.refresh.as_ref().map(|refresh| &refresh.expires) {
        Some(Expiry::SinceSignIn(_)) => true,
        Some(Expiry::Constant(_)) => held.refresh_token.as_deref() == Some(new),
        _ => false,
    }
}

/// An answer of success that is of no use, save for the refresh token in it.
pub(super) fn unusable(
    client: &Reference,
    held: &Held,
    now: Timestamp,
    new: Option<String>,
) -> Outcome {
    let replacement = new.filter(|new| held.refresh_token.as_deref() != Some(new.as_str()));
    let fate = match replacement {
        Some(_) => Fate::Replaced,
        None => client.contract().fate_after_sending(),
    };
    let class = ErrorClass::ContractViolation;
    let mut failure = client.failure(now, class, SignIn::Unspecified, fate);
    failure.replacement = replacement;
    Outcome::Failed(failure)
}
