//! Examples for specs of the profile that have none: the exchanges of RFC 6749 itself, with values made up here.

use super::example::AT;
use crate::contract::{
    Base, Body, Contract, ErrorClass, Example, ExampleBody, ExampleRequest, ExampleResponse,
    Expect, ExpectedExpiry, Expiry, Given, Operation, Outcome, Parameter, ParameterKind, Rotation,
    TokenPlace, ValueChecks,
};
use crate::exchange::{jwt, render};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long the tokens of the examples live.
const LIFETIME: Duration = Duration::from_secs(3600);
const HELD_REFRESH_TOKEN: &str = "synthetic-refresh-token-1";
const NEW_REFRESH_TOKEN: &str = "synthetic-refresh-token-2";

/// An exchange that succeeds (section 6, or that of the grant) and one that is refused (section 5.2).
pub(super) fn examples(contract: &Contract) -> Vec<Example> {
    let given = given(contract);
    vec![success(contract, given.clone()), refusal(contract, given)]
}

fn given(contract: &Contract) -> Given {
    let Base { environments, .. } = &contract.base;
    let environment = environments.first().map(|environment| environment.name.clone());
    let rest = if contract.request.is_at_whole_url() { "/oauth/token" } else { "" };
    let base_url = environment.is_none().then(|| format!("https://auth.example.com{rest}"));
    let wanted = contract.client.iter().filter(|(_, parameter)| parameter.is_required());
    let checks = contract.value_checks();
    let client = wanted.map(|(name, parameter)| {
        let key = contract.synthetic_key(name);
        (name.clone(), key.unwrap_or_else(|| value(name, parameter, &checks)))
    });
    let client = client.collect();
    let takes_access_token = contract.credential().holds_access_token();
    let access_token = takes_access_token.then(|| "synthetic-access-token-1".to_owned());
    Given {
        environment,
        base_url,
        client,
        access_token,
        refresh_token: held_refresh_token(contract),
        values: BTreeMap::new(),
        at: AT,
    }
}

/// A value that a client takes wherever it goes, if possible one that shows whether it is encoded where it must be.
fn value(name: &str, parameter: &Parameter, checks: &ValueChecks<'_>) -> String {
    if let Some(first) = parameter.one_of.first() {
        return first.clone();
    }
    let name_in_words = name.replace('_', "-");
    let plain = format!("synthetic-{name_in_words}");
    let candidates = match parameter.kind {
        ParameterKind::Host => ["auth.example.com".to_owned(), "a.example".to_owned()],
        ParameterKind::HostLabel => ["example".to_owned(), "a".to_owned()],
        ParameterKind::Text if parameter.secret => [
            format!("synthetic {name_in_words} +/:%&="),
            format!("synthetic {name_in_words} +/%&="),
        ],
        ParameterKind::Text | ParameterKind::SigningKey => [plain.clone(), "synthetic".to_owned()],
    };
    let fit = checks.first_fit(name, candidates.iter().map(String::as_str));
    fit.map_or(plain, str::to_owned)
}

fn success(contract: &Contract, given: Given) -> Example {
    let access_token = match contract.access.expires {
        Expiry::Jwt => {
            jwt::unsigned(&json!({ "iat": AT.as_second(), "exp": AT.as_second() + seconds() }))
        }
        _ => "synthetic-access-token-2".to_owned(),
    };
    let refresh_token = answered_refresh_token(contract);
    let (status, json) = answer(contract, &access_token, refresh_token.as_deref());
    let (id, doc) = match contract.request.operation {
        Operation::RefreshToken | Operation::AccessToken => {
            ("rfc6749-refresh", "A refresh as in RFC 6749 section 6.")
        }
        // A local token has no profile, and so no examples.
        Operation::ClientCredentials | Operation::Local => {
            ("rfc6749-client-credentials", "A mint as in RFC 6749 section 4.4.")
        }
        Operation::SignIn => ("rfc6749-password", "A mint as in RFC 6749 section 4.3."),
        Operation::Assertion => ("rfc7523-assertion", "A mint as in RFC 7523 section 2.1."),
    };
    Example {
        id: id.to_owned(),
        doc: Some(doc.to_owned()),
        request: request(contract, &given),
        given,
        answers: BTreeMap::new(),
        response: response(contract, status, &json),
        expect: Expect::Tokens {
            access_token,
            access_expires: expected(&contract.access.expires),
            refresh_token: refresh_token.or_else(|| held_refresh_token(contract)),
            refresh_expires: None,
            scope: None,
            outputs: contract
                .response
                .outputs
                .iter()
                .map(|(name, output)| (name.clone(), output.sample(name)))
                .collect(),
        },
    }
}

/// The refresh token of the answer: a new one, the same one, or none, as the contract says.
fn answered_refresh_token(contract: &Contract) -> Option<String> {
    contract.response.refresh_token.as_ref()?;
    let refresh = contract.refresh.as_ref()?;
    let claims = json!({ "jti": NEW_REFRESH_TOKEN, "iat": AT.as_second(), "exp": AT.as_second() + 24 * seconds() });
    match (refresh.rotation, &refresh.expires) {
        (Rotation::Never, _) => None,
        (Rotation::Echo, _) => Some(as_long_as_may_be(contract, HELD_REFRESH_TOKEN)),
        (_, Expiry::Jwt) => Some(jwt::unsigned(&claims)),
        _ => Some(as_long_as_may_be(contract, NEW_REFRESH_TOKEN)),
    }
}

/// The refresh token that is held; `None` where nothing is spent.
fn held_refresh_token(contract: &Contract) -> Option<String> {
    let mints = contract.request.operation.mints();
    (!mints).then(|| as_long_as_may_be(contract, HELD_REFRESH_TOKEN))
}

/// The end of a refresh token, where the provider documents how long one may be: that is where they differ.
fn as_long_as_may_be(contract: &Contract, token: &str) -> String {
    let most = contract.refresh.as_ref().and_then(|refresh| refresh.max_length);
    let most = most.map_or(token.len(), |most| token.len().min(most as usize));
    token[token.len() - most..].to_owned()
}

fn seconds() -> i64 {
    LIFETIME.as_secs() as i64
}

/// The status and the body of an answer that the contract reads as success.
fn answer(contract: &Contract, access_token: &str, refresh_token: Option<&str>) -> (u16, Value) {
    let response = &contract.response;
    let mut json = Value::Object(Map::new());
    if let Some(field) = response.access_token.field() {
        field.put(&mut json, Value::from(access_token));
    }
    if let Some(token_type) = &response.token_type {
        let accepted = token_type.accepted.first().map_or("Bearer", String::as_str);
        token_type.field.put(&mut json, Value::from(accepted));
    }
    lifetime(&mut json, &contract.access.expires, 1);
    if let (Some(field), Some(token)) = (&response.refresh_token, refresh_token) {
        field.put(&mut json, Value::from(token));
    }
    if let Some(refresh) = &contract.refresh {
        lifetime(&mut json, &refresh.expires, 24);
    }
    for (name, output) in &response.outputs {
        output.field.put(&mut json, output.sample(name));
    }
    contract.succeed(&mut json);
    let status = response.success.usual_status();
    (status, contract.told(json))
}

/// The field that says when a token dies, `times` the lifetime after the start.
fn lifetime(json: &mut Value, expiry: &Expiry, times: u64) {
    if let Some(told) = expiry.told() {
        told.write(json, expiry.written(AT.as_second().unsigned_abs(), times * LIFETIME.as_secs()));
    }
}

fn expected(expiry: &Expiry) -> Option<ExpectedExpiry> {
    let after = |lifetime: Duration| AT.checked_add(lifetime).ok().map(ExpectedExpiry::At);
    match expiry {
        Expiry::Never => Some(ExpectedExpiry::Never),
        Expiry::Undeclared => Some(ExpectedExpiry::Undeclared),
        Expiry::Constant(lifetime) => after(*lifetime),
        _ => after(LIFETIME),
    }
}

fn refusal(contract: &Contract, given: Given) -> Example {
    let (status, code, what) = match contract.request.operation {
        Operation::RefreshToken | Operation::AccessToken => {
            (400, "invalid_grant", "The refresh token is not valid any more")
        }
        Operation::ClientCredentials | Operation::Local => {
            (401, "invalid_client", "The client could not prove who it is")
        }
        Operation::SignIn => (400, "invalid_grant", "The stored secrets are refused"),
        Operation::Assertion => (400, "invalid_grant", "The assertion is refused"),
    };
    let json = json!({ "error": code });
    let (class, sign_in) = match contract.classify(status, json.to_string().as_bytes()) {
        Outcome::Refused(rule) => (rule.class, rule.sign_in),
        Outcome::Success => (ErrorClass::ContractViolation, crate::contract::SignIn::Unspecified),
    };
    let sign_in = (class == ErrorClass::Reauthenticate).then_some(sign_in);
    Example {
        id: format!("rfc6749-{}", code.replace('_', "-")),
        doc: Some(format!("{what} (RFC 6749 section 5.2).")),
        request: None,
        given,
        answers: BTreeMap::new(),
        response: response(contract, status, &json),
        expect: Expect::Error { class, sign_in },
    }
}

/// An answer with these fields, in the format of this contract's answers.
fn response(contract: &Contract, status: u16, fields: &Value) -> ExampleResponse {
    let (media_type, text) = contract.written(fields);
    let body = match contract.response.access_token {
        TokenPlace::Form(_) => ExampleBody::Text(text),
        TokenPlace::Xml(_) => ExampleBody::Xml(text),
        TokenPlace::Json(_) | TokenPlace::WholeBody | TokenPlace::Unchanged => {
            ExampleBody::Json(contract.without_head(fields))
        }
    };
    let mut headers = BTreeMap::from([("content-type".to_owned(), media_type.to_owned())]);
    for (name, value) in contract.head_of(fields) {
        let lines: &mut String = headers.entry(name).or_default();
        let separator = if lines.is_empty() { "" } else { "\n" };
        *lines += &format!("{separator}{value}");
    }
    ExampleResponse { status, headers, body }
}

/// The request on the wire, as the contract makes it.
fn request(contract: &Contract, given: &Given) -> Option<ExampleRequest> {
    let wire = render(contract, given).ok()?;
    let body = match &contract.request.body {
        Body::Empty => ExampleBody::Empty,
        Body::Form(_) => {
            ExampleBody::Form(form_urlencoded::parse(&wire.body).into_owned().collect())
        }
        Body::Json(_) => ExampleBody::Json(serde_json::from_slice(&wire.body).ok()?),
        Body::Xml(_) => ExampleBody::Xml(String::from_utf8(wire.body).ok()?),
    };
    let headers = wire.headers.into_iter().collect();
    Some(ExampleRequest {
        method: wire.method,
        url: wire.url,
        headers,
        absent_headers: Vec::new(),
        body,
    })
}
