//! What was sent and what came, for people: requests as lines for a shell, nothing in either that may be a secret.

use super::super::{console, curl};
use super::masked::{self, MASK, pairs, value_of, word};
use super::secrets::Secrets;
use rekindle_contract::exchange::WireRequest;
use rekindle_runtime::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use rekindle_runtime::http::{Request, Response};
use rekindle_syntax::{BodyKind, is_word, media_type};
use rekindle_testkit::Lost;
use serde_json::Value;

/// Shows a request.
pub(super) fn request(request: &Request<Vec<u8>>, secrets: &Secrets) {
    let line = curl::line(&WireRequest {
        method: request.method().to_string(),
        url: url(&request.uri().to_string()),
        headers: headers(request.headers()),
        body: masked(request.body(), request.headers()).into_bytes(),
    });
    console::line(&secrets.mask_wire(&format!("> {line}")));
}

/// Shows an answer.
pub(super) fn answer(answer: &Result<Response<Vec<u8>>, Lost>, secrets: &Secrets) {
    let answer = match answer {
        Ok(answer) => answer,
        Err(lost) => return console::line(&format!("< {lost}")),
    };
    let mut text = format!("< {}", answer.status().as_u16());
    for (name, value) in headers(answer.headers()) {
        text += &format!("; {name}: {value}");
    }
    let body = masked(answer.body(), answer.headers());
    if !body.is_empty() {
        text += &format!("\n  {body}");
    }
    console::line(&secrets.mask_wire(&text));
}

/// The headers. What authenticates, or holds a cookie, is never shown.
fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = headers.iter().map(|(name, value)| {
        let value = value.to_str().unwrap_or(MASK);
        let known =
            ["accept", "content-type", "content-encoding", "location", "date", "retry-after"];
        let value = match name.as_str() {
            "location" => rekindle_syntax::redirect_target(value).to_owned(),
            name if known.contains(&name) => value.to_owned(),
            "authorization" => match value.split_once(' ') {
                Some((scheme, _)) if is_word(scheme) => format!("{scheme} {MASK}"),
                _ => MASK.to_owned(),
            },
            name => value_of(name, value),
        };
        (name.to_string(), value)
    });
    let transport = ["host", "content-length", "connection", "user-agent", "accept-encoding"];
    shown.filter(|(name, _)| !transport.contains(&name.as_str())).collect()
}

/// A body, without what may be a secret. What cannot be read is called what it is.
fn masked(body: &[u8], headers: &HeaderMap) -> String {
    if body.is_empty() {
        return String::new();
    }
    if let Ok(json) = serde_json::from_slice::<Value>(body) {
        return masked::json(json).to_string();
    }
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    let (encoding, content_type) = (text(CONTENT_ENCODING), text(CONTENT_TYPE));
    let media_type = content_type.and_then(media_type).unwrap_or_default();
    let is_form = media_type.ends_with("urlencoded");
    match BodyKind::of(encoding, content_type, body) {
        // Whether it can be read as the contract says, nobody has tried here.
        BodyKind::Xml => format!("({} bytes of XML)", body.len()),
        BodyKind::Form => pairs(&String::from_utf8_lossy(body)),
        BodyKind::Text if is_form => pairs(&String::from_utf8_lossy(body)),
        kind => format!("({} bytes: {kind})", body.len()),
    }
}

/// The address, its parameters masked. A step of its path that may be a secret is masked as well.
fn url(url: &str) -> String {
    let (address, query) = match url.split_once('?') {
        Some((address, query)) => (address, Some(query)),
        None => (url, None),
    };
    let (origin, path) =
        match address.find("://").and_then(|at| Some(at + 3 + address[at + 3..].find('/')?)) {
            Some(at) => address.split_at(at),
            None => (address, ""),
        };
    let steps: Vec<String> = path
        .split('/')
        .map(|step| if step.is_empty() { String::new() } else { word(step) })
        .collect();
    let path = steps.join("/");
    match query {
        Some(query) => format!("{origin}{path}?{}", pairs(query)),
        None => format!("{origin}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_masked() {
        let secret = "4f3c2a1b9d8e7f60";
        let form = format!("grant_type=refresh_token&refresh_token={secret}");
        let json = format!(r#"{{"error":"invalid_grant","n":7,"a":["{secret}"],"{secret}":null}}"#);
        let none = HeaderMap::new();
        assert_eq!(masked(form.as_bytes(), &none), "grant_type=refresh_token&refresh_token=***");
        let shown: serde_json::Value =
            serde_json::from_str(&masked(json.as_bytes(), &none)).expect("JSON");
        let expected =
            serde_json::json!({ "***": null, "a": ["***"], "error": "invalid_grant", "n": 7 });
        assert_eq!(shown, expected);
        assert!(masked(secret.as_bytes(), &none).starts_with("(16 bytes: "));
        let table = [
            ("text/xml; charset=utf-8", "(4 bytes of XML)"),
            ("application/soap+xml", "(4 bytes of XML)"),
            ("application/xhtml+xml", "(4 bytes: it is an HTML page: "),
            ("text/html", "(4 bytes: it is an HTML page: "),
        ];
        for (content_type, start) in table {
            let mut head = HeaderMap::new();
            head.insert("content-type", content_type.parse().unwrap());
            assert!(masked(b"<a/>", &head).starts_with(start), "{content_type}");
        }
        assert_eq!(
            url(&format!("https://a.example/token/{secret}?k={secret}&v=2")),
            "https://a.example/token/***?k=***&v=2"
        );
        assert_eq!(url("https://a.example"), "https://a.example");
        let mut head = HeaderMap::new();
        head.insert("authorization", "Basic YTpi".parse().unwrap());
        head.insert("x-key", secret.parse().unwrap());
        let shown = headers(&head);
        assert_eq!(shown[0].1, "Basic ***");
        assert_eq!(shown[1].1, "***");
    }
}
