//! Canned answers.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};

/// An answer with this status, to be completed with headers and a body.
///
/// ```
/// let answer = rekindle_testkit::answer(429).header("retry-after", "7").json(r#"{"error":"slow_down"}"#);
/// assert_eq!(answer.status(), 429);
/// ```
///
/// # Panics
/// When there is no such status.
#[track_caller]
pub fn answer(status: u16) -> Answer {
    let mut response = Response::new(Vec::new());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or_else(|_| panic!("{status} is no status"));
    Answer(response)
}

/// The value of an `authorization` header with HTTP Basic: `id:secret` in base64.
///
/// ```
/// assert_eq!(rekindle_testkit::basic("id:secret"), "Basic aWQ6c2VjcmV0");
/// ```
pub fn basic(pair: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

/// An answer in the making: see [`answer`].
#[derive(Debug)]
pub struct Answer(Response<Vec<u8>>);

impl Answer {
    /// With this header as well.
    ///
    /// # Panics
    /// When the name or the value cannot be a header.
    #[track_caller]
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes())
            .unwrap_or_else(|_| panic!("{name:?} is no header name"));
        let value =
            HeaderValue::from_str(value).unwrap_or_else(|_| panic!("{value:?} is no header value"));
        self.0.headers_mut().append(name, value);
        self
    }

    /// A JSON body. The text is taken as it is, so that it may be broken on purpose.
    pub fn json(self, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
        self.typed("application/json", body)
    }

    /// A form. The text is taken as it is, so that it may be broken on purpose.
    pub fn form(self, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
        self.typed("application/x-www-form-urlencoded", body)
    }

    /// An XML document. The text is taken as it is, so that it may be broken on purpose.
    pub fn xml(self, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
        self.typed("application/xml", body)
    }

    /// A page for people, as gateways send.
    pub fn html(self, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
        self.typed("text/html", body)
    }

    /// A plain text.
    pub fn text(self, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
        self.typed("text/plain", body)
    }

    /// No body.
    pub fn empty(self) -> Response<Vec<u8>> {
        self.0
    }

    /// A body without a word on its type, unless a header says it.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
        *self.0.body_mut() = body.into();
        self.0
    }

    fn typed(mut self, content_type: &'static str, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
        self.0.headers_mut().entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
        self.body(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_what_was_asked() {
        let response = answer(201).header("x-one", "1").json("{}");
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["x-one"], "1");
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.body(), b"{}");
    }

    #[test]
    fn a_declared_type_wins() {
        let response = answer(200).header("content-type", "application/problem+json").json("{}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(answer(204).empty().headers().len(), 0);
    }
}
