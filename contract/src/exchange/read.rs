//! What an answer means.

use super::{expiry, json};
use crate::contract::{
    Contract, ErrorClass, Example, ExampleResponse, Expect, ExpectedExpiry, Expiry, Given, Outcome,
    Pointer, RefreshUse, SignIn, TokenPlace, is_page,
};
use crate::rules::shorten;
use serde_json::Value;
use std::collections::BTreeMap;

/// What of an answer is read otherwise than it says: what an example would expect of it, and why.
pub type Unread = Vec<(&'static str, String)>;

/// What an answer means.
#[derive(Debug, Clone, PartialEq)]
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
        /// The outputs in the answer, by name.
        outputs: BTreeMap<String, Value>,
        /// What the answer says otherwise than the contract, and no client loses the tokens for: an end, a scope, a type. Each with what
        /// an example would expect of it, `access_expires`. Outputs speak for themselves.
        unread: Unread,
    },
    /// An error.
    Error {
        /// Its class.
        class: ErrorClass,
        /// How to sign in again, where the grant is gone or may be.
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
            sign_in: rule.may_end_grant().then_some(rule.sign_in),
            rule: rule.name.clone(),
        },
        Outcome::Success => of_success(contract, given, None, response),
    }
}

/// What a documented exchange means. Where other requests follow the one that spends the credential, the answer to that one stands apart
/// from the one that ends the exchange.
pub fn read_example(contract: &Contract, example: &Example) -> Read {
    let (given, response) = (&example.given, &example.response);
    let (Some(spending), Some(own)) = (contract.spending(), own_reading(contract, example)) else {
        return read(contract, given, response);
    };
    let base_url = super::base_url(contract, given).unwrap_or_default();
    let documented = example.answers.get(&spending.id).cloned();
    let told =
        documented.unwrap_or_else(|| contract.answer_to(&spending, &given.values, &base_url));
    match own.classify(response.status, response.body.wire().as_bytes()) {
        Outcome::Refused(rule) => {
            Read::Error { class: rule.class, sign_in: None, rule: rule.name.clone() }
        }
        Outcome::Success => of_success(contract, given, Some(&told), response),
    }
}

/// The contract by which the answer of an example is read, where that is the answer to a request that follows the one that spends the
/// credential.
pub(crate) fn own_reading(contract: &Contract, example: &Example) -> Option<Contract> {
    let (spending, last) = (contract.spending()?, contract.request.then.last()?);
    let is_refused = matches!(example.expect, Expect::Error { .. });
    let is_answered = example.answers.contains_key(&spending.id);
    (is_answered || !is_refused).then(|| contract.of_step(last))
}

/// What an answer of success means. `told` holds the new refresh token where that is not in it.
pub fn of_success(
    contract: &Contract,
    given: &Given,
    told: Option<&Value>,
    response: &ExampleResponse,
) -> Read {
    let body = response.body.wire();
    tokens(contract, given, told, response, body.as_bytes()).unwrap_or_else(|rule| Read::Error {
        class: ErrorClass::ContractViolation,
        sign_in: None,
        rule,
    })
}

fn tokens(
    contract: &Contract,
    given: &Given,
    told: Option<&Value>,
    answer: &ExampleResponse,
    body: &[u8],
) -> Result<Read, String> {
    let headers = &answer.headers;
    let response = &contract.response;
    let (json, access_token) = match &response.access_token {
        TokenPlace::WholeBody => (Value::Null, whole_body(body)?.to_owned()),
        TokenPlace::Unchanged => {
            if is_page(body) {
                return Err("the answer is a page".to_owned());
            }
            let held = given.access_token.clone().ok_or("no access token is held")?;
            (contract.answer(headers, body).unwrap_or_default(), held)
        }
        TokenPlace::Json(field) => {
            fields(contract, field, headers, body, "the answer is not JSON")?
        }
        TokenPlace::Form(field) => fields(contract, field, headers, body, "the answer is no form")?,
        TokenPlace::Xml(field) => fields(contract, field, headers, body, "the answer is not XML")?,
    };
    let mut unread = Vec::new();
    token_type(contract, &json, &mut unread)?;
    json::usable("the access token", &access_token)?;
    let (access_expires, why) =
        expiry::read(&contract.access.expires, &access_token, &json, given.at);
    unread.extend(why.map(|why| ("access_expires", why)));
    let told = told.unwrap_or(&json);
    let new = match new_refresh_token(&response.refresh_token, told) {
        // The old one goes on being good.
        Err(why) if is_good_for_many(contract) => {
            unread.push(("refresh_token", why));
            None
        }
        new => new?,
    };
    let (refresh_token, refresh_expires) = refresh(contract, given, new, told, &mut unread);
    let scope = scope(contract, &json, &mut unread);
    let outputs = outputs(contract, given, &json);
    Ok(Read::Tokens {
        access_token,
        access_expires,
        refresh_token,
        refresh_expires,
        scope,
        outputs,
        unread,
    })
}

/// The outputs that the answer holds. One that is missing, of another type or at another host costs no tokens.
fn outputs(contract: &Contract, given: &Given, json: &Value) -> BTreeMap<String, Value> {
    let base_url = super::base_url(contract, given).unwrap_or_default();
    let outputs = contract.response.outputs.iter();
    let told = outputs.filter_map(|(name, output)| {
        let value = output.read(json, &base_url).ok().flatten()?;
        Some((name.clone(), value.clone()))
    });
    told.collect()
}

/// The new refresh token in the answer to a request that others follow; `None` where it holds none, or none that is needed.
///
/// # Errors
/// It holds something else there.
pub fn replacement(contract: &Contract, answer: &Value) -> Result<Option<String>, String> {
    match new_refresh_token(&contract.response.refresh_token, answer) {
        Err(_) if is_good_for_many(contract) => Ok(None),
        new => Ok(new?.map(str::to_owned)),
    }
}

fn new_refresh_token<'a>(
    field: &Option<Pointer>,
    json: &'a Value,
) -> Result<Option<&'a str>, String> {
    let Some(field) = field else { return Ok(None) };
    let new = json::optional("the refresh token", field, json)?;
    new.map_or(Ok(()), |token| json::usable("the refresh token", token))?;
    Ok(new)
}

fn is_good_for_many(contract: &Contract) -> bool {
    contract.refresh.as_ref().is_some_and(|refresh| refresh.use_ == RefreshUse::Many)
}

/// The scope: a text, or a list of them, which some providers send in its place.
fn scope(contract: &Contract, json: &Value, unread: &mut Unread) -> Option<String> {
    let field = contract.response.scope.as_ref()?;
    let found = field.find(json).filter(|value| !value.is_null())?;
    let scope = match found {
        Value::Array(items) => {
            items.iter().map(Value::as_str).collect::<Option<Vec<_>>>().map(|all| all.join(" "))
        }
        one => one.as_str().map(str::to_owned),
    };
    if scope.is_none() {
        unread.push((
            "scope",
            format!("the scope at `{field}` is neither a text nor a list of them"),
        ));
    }
    scope.filter(|scope| !scope.is_empty())
}

/// The fields of an answer, and the access token among them.
fn fields(
    contract: &Contract,
    field: &Pointer,
    headers: &BTreeMap<String, String>,
    body: &[u8],
    otherwise: &str,
) -> Result<(Value, String), String> {
    if !contract.reads_over_body() {
        contract.document(body).ok_or(otherwise)?;
    }
    let json = contract.answer(headers, body).ok_or(otherwise)?;
    let token = json::required("the access token", field, &json)?.to_owned();
    Ok((json, token))
}

fn whole_body(body: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the answer is no text".to_owned())?;
    let text = text.trim_start_matches('\u{feff}').trim_ascii();
    if text.is_empty() {
        return Err("the answer is empty".to_owned());
    }
    if text.starts_with(['<', '{', '[']) || text.contains(char::is_whitespace) {
        return Err("the answer is a page or a sentence, and no token".to_owned());
    }
    Ok(text)
}

/// A missing type is forgiven; an unknown one is not where the spec names it.
fn token_type(contract: &Contract, json: &Value, unread: &mut Unread) -> Result<(), String> {
    match unaccepted_type(contract, json) {
        None => Ok(()),
        Some(why) if contract.response.token_type.as_ref().is_some_and(|it| it.demanded) => {
            Err(why)
        }
        Some(why) => {
            unread.push(("access_token", why));
            Ok(())
        }
    }
}

/// Why the type of the token in the answer is not accepted.
pub(crate) fn unaccepted_type(contract: &Contract, json: &Value) -> Option<String> {
    let expected = contract.response.token_type.as_ref()?;
    match json::optional("the token's type", &expected.field, json) {
        Ok(None) => None,
        Ok(Some(found)) if expected.accepts(found) => None,
        Ok(Some(found)) => {
            let (found, field) = (shorten(found), &expected.field);
            Some(format!("the token's type `{found}` at `{field}` is not accepted"))
        }
        Err(why) => Some(why),
    }
}

/// The refresh token to hold from now on, and its end.
fn refresh(
    contract: &Contract,
    given: &Given,
    new: Option<&str>,
    json: &Value,
    unread: &mut Unread,
) -> (Option<String>, ExpectedExpiry) {
    let Some(declared) = &contract.refresh else {
        return (None, ExpectedExpiry::Undeclared);
    };
    let Some(token) = new.or(given.refresh_token.as_deref()) else {
        return (None, ExpectedExpiry::Undeclared);
    };
    let is_new = given.refresh_token.as_deref() != Some(token);
    let expires = match &declared.expires {
        Expiry::Constant(_) if !is_new => ExpectedExpiry::Undeclared,
        expires => {
            let (end, why) = expiry::read(expires, token, json, given.at);
            unread.extend(why.map(|why| ("refresh_expires", why)));
            end
        }
    };
    (Some(token.to_owned()), expires)
}
