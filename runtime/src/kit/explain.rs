//! Why an answer could not be used, for whoever reads the error: what it turned out to be, and where the missing value is instead.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, LOCATION, SET_COOKIE};
use http::response::Parts;
use rekindle_syntax::{BodyKind, is_json, is_same_name, media_type, redirect_target};

use super::contract::Operation;
use super::credential::{Credential, Slot};
use crate::body::Format;
use crate::error::Detail;
use crate::{Body, Deviation, Error, ErrorKind, Expiry, Facts};
use std::time::{Duration, SystemTime};

/// From how many times the usual life on a token's life is told: a number in another unit differs by as much.
const FAR_FROM_USUAL: u32 = 100;

/// What is known of an answer that brought no tokens. `credential` is what the request held: it is never shown.
pub(super) fn detail<O: Operation>(
    error: &Error,
    parts: &Parts,
    body: &Body<'_>,
    started_at: SystemTime,
    credential: &O::Credential,
) -> Detail {
    let is_success = parts.status.is_success();
    let code = body.json().error_code(is_success);
    let code = code.filter(|code| !holds::<O>(credential, code)).map(|code| (*code).into());
    let media_type = text(parts, CONTENT_TYPE).and_then(media_type);
    Detail {
        reason: reason::<O>(error, parts, body, started_at).map(Into::into),
        media_type: media_type.map(Into::into),
        code,
        place: None,
        is_empty: body.is_empty(),
    }
}

fn reason<O: Operation>(
    error: &Error,
    parts: &Parts,
    body: &Body<'_>,
    started_at: SystemTime,
) -> Option<String> {
    let kind = BodyKind::of(text(parts, CONTENT_ENCODING), text(parts, CONTENT_TYPE), body.bytes());
    match error.kind() {
        ErrorKind::Redirect => {
            let target = text(parts, LOCATION).map_or("nowhere", redirect_target);
            Some(format!("it leads to {target}; check the base URL"))
        }
        ErrorKind::NotJson | ErrorKind::NotXml | ErrorKind::NotText => Some(kind.to_string()),
        ErrorKind::Missing { .. } if kind == BodyKind::Quoted => Some(kind.to_string()),
        ErrorKind::Missing { what } => {
            let place = error.place()?;
            let instead = instead(place, what, parts, body).unwrap_or_default();
            let named = body.json().names_error();
            let named = if named { "; the answer names an error" } else { "" };
            Some(format!("nothing at {place}{instead}{named}"))
        }
        ErrorKind::WrongType { .. } => Some(format!("at {}", error.place()?)),
        ErrorKind::UnexpectedStatus if kind == BodyKind::Page => Some(kind.to_string()),
        // Whether a success that the contract does not describe would be one.
        _ if parts.status.is_success()
            && O::THEN.is_empty()
            && O::read(body, started_at, &mut Vec::new()).is_ok() =>
        {
            Some("it holds tokens, so `response.success` of the spec may be what is wrong".into())
        }
        ErrorKind::UnexpectedStatus | ErrorKind::Refused => {
            matches!(kind, BodyKind::Page | BodyKind::Compressed(_)).then(|| kind.to_string())
        }
        _ => None,
    }
}

/// Where a value is that is missing from its place, in the body or in the head.
fn instead(place: &str, what: &str, parts: &Parts, body: &Body<'_>) -> Option<String> {
    if let Some(name) = place.strip_prefix("cookie ") {
        let mut set = parts.headers.get_all(SET_COOKIE).iter().filter_map(|it| it.to_str().ok());
        if set.any(|it| it.split_once('=').is_some_and(|(it, _)| it.trim() == name)) {
            return Some("; the answer deletes it or leaves it empty".to_owned());
        }
    }
    let name = place.rsplit_once(['/', ' ']).map_or(place, |(_, name)| name);
    let plain = |name: &str| match name.split_at_checked(2) {
        Some((x, rest)) if x.eq_ignore_ascii_case("x-") => rest.to_owned(),
        _ => name.to_owned(),
    };
    if let Some(found) = body.json().find_member(&plain(name)) {
        return Some(format!("; there is one at {found}"));
    }
    let header = parts.headers.keys().map(HeaderName::as_str);
    let mut header = header.filter(|header| is_same_name(&plain(header), &plain(name)));
    if let Some(found) = header.next().filter(|_| place.starts_with('/')) {
        return Some(format!("; there is a header {found}"));
    }
    // A body calls a token what it is, and a header what it is for.
    let found =
        (!place.starts_with('/')).then(|| body.json().find_member(&what.replace(' ', "_")))??;
    Some(format!("; there is one at {found}"))
}

/// Says of a refresh token that is missing at its place that a member of its name stands elsewhere.
pub(super) fn moved<O: Operation>(body: &Body<'_>, deviations: &mut [Deviation]) {
    let missing = deviations.iter_mut().find(|it| **it == Deviation::RefreshTokenMissing);
    let (Some(missing), Some(place)) = (missing, O::REFRESH_TOKEN_AT.first()) else {
        return;
    };
    if place.last().is_some_and(|name| body.json().find_member(name).is_some()) {
        *missing = Deviation::RefreshTokenElsewhere;
    }
}

/// How a usable answer differs from what is usual: none of it costs a token.
pub(super) fn deviations<O: Operation>(
    parts: &Parts,
    body: &Body<'_>,
    started_at: SystemTime,
    ends: Expiry,
) -> impl Iterator<Item = Deviation> {
    let is_object = body.is_object();
    let media_type = text(parts, CONTENT_TYPE).and_then(media_type);
    let other = media_type.is_some_and(|media_type| !is_json(&media_type));
    [
        (is_object && other && O::FORMAT == Format::Json).then_some(Deviation::ContentTypeUnusual),
        body.has_mark().then_some(Deviation::ByteOrderMark),
        body.json().names_error().then_some(Deviation::ErrorBesideTokens),
        unusual_life(&O::FACTS, started_at, ends),
    ]
    .into_iter()
    .flatten()
}

/// A life that is a hundred times as long as usual, or as short.
fn unusual_life(facts: &Facts, started_at: SystemTime, ends: Expiry) -> Option<Deviation> {
    let usual = facts.usual_lifetime.filter(|usual| !usual.is_zero())?;
    let told = ends.remaining(started_at)?;
    let is_far = told >= usual.saturating_mul(FAR_FROM_USUAL)
        || (told > Duration::ZERO && told <= usual / FAR_FROM_USUAL);
    is_far.then_some(Deviation::LifetimeUnusual { told, usual })
}

/// Whether a text and a token that was sent are the same, or one is in the other.
fn holds<O: Operation>(credential: &O::Credential, text: &str) -> bool {
    let (access, refresh) = credential.parts();
    let overlaps = |token: Option<&super::Held>| {
        let token = token.map_or("", super::Held::expose);
        !token.is_empty() && (token.contains(text) || text.contains(token))
    };
    overlaps(access.get()) || overlaps(refresh.get())
}

fn text(parts: &Parts, name: HeaderName) -> Option<&str> {
    parts.headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A place, the headers of an answer, its body, and where the value is.
    type Row =
        (&'static str, &'static [(&'static str, &'static str)], &'static str, Option<&'static str>);

    #[test]
    fn a_value_that_is_elsewhere_is_found_in_body_and_head() {
        let found = |place: &str, headers: &[(&str, &str)], body: &str| {
            let mut response = http::Response::builder();
            for (name, value) in headers {
                response = response.header(*name, *value);
            }
            let (parts, ()) = response.body(()).unwrap().into_parts();
            instead(place, "access token", &parts, &Body::new(body.as_bytes()))
        };
        let table: [Row; 8] = [
            ("/access_token", &[], r#"{"a":{"accessToken":"x"}}"#, Some("one at /a/accessToken")),
            ("/access_token", &[("x-access-token", "x")], "{}", Some("a header x-access-token")),
            ("/access_token", &[("x-other", "x")], "{}", None),
            ("header X-Auth-Token", &[], r#"{"auth_token":"x"}"#, Some("one at /auth_token")),
            ("header X-Subject", &[], r#"{"access_token":"x"}"#, Some("one at /access_token")),
            ("header X-Subject", &[("x-auth-token", "x")], "", None),
            (
                "cookie s",
                &[("set-cookie", "t=x"), ("set-cookie", "s=; Max-Age=0")],
                "",
                Some("the answer deletes it or leaves it empty"),
            ),
            ("cookie s", &[("set-cookie", "t=x")], r#"{"s":"x"}"#, Some("one at /s")),
        ];
        for (place, headers, body, expected) in table {
            let found = found(place, headers, body);
            let found = found.as_deref().map(|text| {
                let text = text.trim_start_matches("; ");
                text.trim_start_matches("there is ")
            });
            assert_eq!(found, expected, "{place}, {headers:?}, {body}");
        }
    }
}
