//! What an answer means.

use super::{expiry, json};
use crate::contract::{
    Contract, ErrorClass, ExampleResponse, ExpectedExpiry, Expiry, Given, Outcome, Pointer, SignIn,
    TokenPlace,
};
use serde_json::Value;

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// New tokens.
    Tokens {
        /// The new access token.
        access_token: String,
        /// When it dies.
        access_expires: ExpectedExpiry,
        /// The refresh token to hold from now on; `None` where there is none, or none is known.
        refresh_token: Option<String>,
        /// When that one dies. A lifetime that the page states counts for a new token alone: when an old one began is not
        /// known here.
        refresh_expires: ExpectedExpiry,
        /// The scope in the answer.
        scope: Option<String>,
    },
    /// An error.
    Error {
        /// Its class.
        class: ErrorClass,
        /// How to sign in again, where the class is `reauthenticate`.
        sign_in: Option<SignIn>,
        /// The rule that said so, or why an answer of success could not be read.
        rule: String,
    },
}

/// What `response` means to a client that holds what is `given`.
pub fn read(contract: &Contract, given: &Given, response: &ExampleResponse) -> Read {
    let body = response.body.wire();
    let body = body.as_bytes();
    match contract.classify(response.status, body) {
        Outcome::Refused(rule) => Read::Error {
            class: rule.class,
            sign_in: (rule.class == ErrorClass::Reauthenticate).then_some(rule.sign_in),
            rule: rule.name.clone(),
        },
        Outcome::Success => tokens(contract, given, body).unwrap_or_else(|rule| Read::Error {
            class: ErrorClass::ContractViolation,
            sign_in: None,
            rule,
        }),
    }
}

fn tokens(contract: &Contract, given: &Given, body: &[u8]) -> Result<Read, String> {
    let response = &contract.response;
    let (json, access_token) = match &response.access_token {
        TokenPlace::WholeBody => (Value::Null, whole_body(body)?.to_owned()),
        TokenPlace::Json(field) => fields(contract, field, body, "the answer is not JSON")?,
        TokenPlace::Form(field) => fields(contract, field, body, "the answer is no form")?,
    };
    token_type(contract, &json)?;
    let access_expires = expiry::read(&contract.access.expires, &access_token, &json, given.at)?;
    let optional = |what, field: &Option<_>| {
        field.as_ref().map_or(Ok(None), |field| json::optional(what, field, &json))
    };
    let scope = optional("the scope", &response.scope)?.map(str::to_owned);
    let new = optional("the refresh token", &response.refresh_token)?;
    let (refresh_token, refresh_expires) = refresh(contract, given, new, &json)?;
    Ok(Read::Tokens { access_token, access_expires, refresh_token, refresh_expires, scope })
}

/// The fields of an answer, and the access token among them.
fn fields(
    contract: &Contract,
    field: &Pointer,
    body: &[u8],
    otherwise: &str,
) -> Result<(Value, String), String> {
    let json = contract.document(body).ok_or(otherwise)?;
    let token = json::required("the access token", field, &json)?.to_owned();
    Ok((json, token))
}

fn whole_body(body: &[u8]) -> Result<&str, String> {
    let text =
        std::str::from_utf8(body).map_err(|_| "the answer is no text".to_owned())?.trim_ascii();
    if text.is_empty() { Err("the answer is empty".to_owned()) } else { Ok(text) }
}

/// A missing type is forgiven, an unknown one is not.
fn token_type(contract: &Contract, json: &Value) -> Result<(), String> {
    let Some(expected) = &contract.response.token_type else {
        return Ok(());
    };
    let Some(found) = json::optional("the token's type", &expected.field, json)? else {
        return Ok(());
    };
    let accepted = expected.accepted.iter().any(|accepted| accepted.eq_ignore_ascii_case(found));
    if accepted {
        Ok(())
    } else {
        Err(format!("the token's type at `{}` is not accepted", expected.field))
    }
}

/// The refresh token to hold from now on, and its end.
fn refresh(
    contract: &Contract,
    given: &Given,
    new: Option<&str>,
    json: &Value,
) -> Result<(Option<String>, ExpectedExpiry), String> {
    let Some(declared) = &contract.refresh else {
        return Ok((None, ExpectedExpiry::Undeclared));
    };
    let Some(token) = new.or(given.refresh_token.as_deref()) else {
        return Ok((None, ExpectedExpiry::Undeclared));
    };
    let is_new = given.refresh_token.as_deref() != Some(token);
    let expires = match &declared.expires {
        Expiry::Constant(_) if !is_new => ExpectedExpiry::Undeclared,
        expires => expiry::read(expires, token, json, given.at)?,
    };
    Ok((Some(token.to_owned()), expires))
}
