//! The answer that brings tokens.

use super::lifetime;
use crate::clock::http_date;
use crate::head;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, DATE};
use http::{HeaderValue, Response, StatusCode};
use jiff::Timestamp;
use rekindle_contract::contract::{
    Body, BodyCondition, Contract, Expect, Expiry, JsonTemplate, TokenPlace,
};
use serde_json::{Map, Value};
use std::time::Duration;

/// What a refresh brings.
pub(super) struct Issued<'a> {
    pub(super) access: &'a str,
    pub(super) access_end: Option<Timestamp>,
    /// The refresh token that the answer tells, if it tells one.
    pub(super) refresh: Option<&'a str>,
    /// When the refresh token to hold from now on dies.
    pub(super) refresh_end: Option<Timestamp>,
    /// Where the next refresh goes, where the contract says that answers tell it.
    pub(super) base_url: Option<String>,
    pub(super) now: Timestamp,
}

/// The answer of success that tells what was issued.
pub(super) fn success(contract: &Contract, issued: &Issued<'_>) -> Response<Vec<u8>> {
    let fields = match &contract.response.access_token {
        TokenPlace::WholeBody => None,
        TokenPlace::Json(_) | TokenPlace::Form(_) | TokenPlace::Xml(_) | TokenPlace::Unchanged => {
            Some(contract.told(fields(contract, issued)))
        }
    };
    let (kind, body) = match &fields {
        None => ("text/plain", issued.access.to_owned()),
        // Nothing is told, and a 204 has no body.
        Some(Value::Object(members)) if members.is_empty() => ("", String::new()),
        Some(fields) => contract.written(fields),
    };
    let mut response = plain(success_status(contract), kind, body, issued.now);
    if let Some(fields) = &fields {
        head::put(contract, fields, &mut response);
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The first declared status of success that no refusal takes, whatever its body.
fn success_status(contract: &Contract) -> u16 {
    let declared = &contract.response.success.status;
    let refused = |status: &u16| {
        let named = contract.errors.iter().filter(|rule| !rule.is_default());
        named
            .filter(|rule| rule.body == BodyCondition::Any)
            .any(|rule| rule.status.iter().any(|range| range.contains(*status)))
    };
    let mut statuses = declared.iter().flat_map(|range| range.first..=range.last);
    let free = statuses.find(|status| !refused(status));
    free.or(declared.first().map(|range| range.first)).unwrap_or(200)
}

/// An answer with a body of this media type, or with none.
pub(super) fn plain(
    status: u16,
    media_type: &'static str,
    body: String,
    now: Timestamp,
) -> Response<Vec<u8>> {
    let empty = body.is_empty();
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    if !empty {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    // Without it a server would write the machine's own time.
    if let Ok(date) = HeaderValue::try_from(http_date(now, Duration::ZERO)) {
        headers.insert(DATE, date);
    }
    response
}

/// A refusal that is made of these fields, or of nothing.
pub(super) fn refusal(
    contract: &Contract,
    status: u16,
    body: String,
    now: Timestamp,
) -> Response<Vec<u8>> {
    let fields: Option<Value> = serde_json::from_str(&body).ok();
    let (kind, body) = match &fields {
        Some(fields) => contract.written(fields),
        None => ("text/plain", body),
    };
    plain(status, kind, body, now)
}

/// The documented answer with what was issued in it.
fn fields(contract: &Contract, issued: &Issued<'_>) -> Value {
    let response = &contract.response;
    let mut json = documented(contract);
    contract.succeed(&mut json);
    if let Some(expected) = &response.token_type {
        let accepted = expected.accepted.first();
        let value = accepted.map_or("Bearer", String::as_str);
        expected.field.put(&mut json, value.into());
    }
    if let Some(field) = &response.scope {
        let documented = field.find(&json).cloned();
        // A provider that is documented to list its scopes goes on doing so.
        let scope = documented
            .filter(Value::is_array)
            .unwrap_or_else(|| scope(contract, field.find(&json)).into());
        field.put(&mut json, scope);
    }
    for (name, output) in &response.outputs {
        match &issued.base_url {
            Some(url) if contract.base.output.as_ref() == Some(name) => {
                output.field.put(&mut json, url.as_str().into());
            }
            _ if matches!(output.read(&json, ""), Ok(Some(_))) => {}
            _ => output.field.put(&mut json, output.sample(name)),
        }
    }
    set_ends(contract, issued, &mut json);
    if let Some(field) = &response.refresh_token {
        match issued.refresh {
            Some(token) => field.put(&mut json, token.into()),
            None => field.remove(&mut json),
        }
    }
    if let Some(field) = response.access_token.field() {
        field.put(&mut json, issued.access.into());
    }
    json
}

/// Writes the refresh token and its end into the answer that tells it, where other requests follow.
pub(super) fn set_refresh_token(contract: &Contract, issued: &Issued<'_>, json: &mut Value) {
    set_end(contract.refresh.as_ref().map(|it| &it.expires), issued.refresh_end, issued, json);
    if let Some(field) = &contract.response.refresh_token {
        match issued.refresh {
            Some(token) => field.put(json, token.into()),
            None => field.remove(json),
        }
    }
}

/// The same answer at this time.
pub(super) fn dated(mut response: Response<Vec<u8>>, now: Timestamp) -> Response<Vec<u8>> {
    if let Ok(date) = HeaderValue::try_from(http_date(now, Duration::ZERO)) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// Writes when the tokens die, where the answer has fields for that.
fn set_ends(contract: &Contract, issued: &Issued<'_>, json: &mut Value) {
    set_end(Some(&contract.access.expires), issued.access_end, issued, json);
    let refresh = contract.refresh.as_ref();
    set_end(refresh.map(|refresh| &refresh.expires), issued.refresh_end, issued, json);
}

/// Writes when a token dies, where the answer has a field for that.
fn set_end(expiry: Option<&Expiry>, end: Option<Timestamp>, issued: &Issued<'_>, json: &mut Value) {
    if let Some((expiry, told)) = expiry.and_then(|expiry| Some((expiry, expiry.told()?))) {
        told.write(json, end.and_then(|end| lifetime::field(expiry, end, issued.now)));
    }
}

/// The first documented answer that brings tokens.
fn documented(contract: &Contract) -> Value {
    let successful =
        contract.examples.iter().filter(|example| matches!(example.expect, Expect::Tokens { .. }));
    let mut bodies = successful.filter_map(|example| contract.fields_of(example));
    bodies.next().unwrap_or_else(|| Value::Object(Map::new()))
}

/// The scope that is granted: as documented, else as requested.
fn scope(contract: &Contract, documented: Option<&Value>) -> String {
    if let Some(documented) = documented.and_then(Value::as_str) {
        return documented.to_owned();
    }
    let requested = match &contract.request.body {
        Body::Empty => None,
        Body::Form(fields) => fields
            .iter()
            .find(|(name, _)| name == "scope")
            .and_then(|(_, value)| value.as_literal()),
        Body::Json(JsonTemplate::Object(members)) => {
            let scope = members.iter().find(|(name, _)| name == "scope");
            scope.and_then(|(_, value)| match value {
                JsonTemplate::Text(text) => text.as_literal(),
                _ => None,
            })
        }
        Body::Json(_) | Body::Xml(_) => None,
    };
    requested.unwrap_or("synthetic").to_owned()
}
