//! Building requests: headers, bodies and URLs that no credential can break out of.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::byte_serialize;
use http::{HeaderValue, Request, Uri};
use zeroize::Zeroizing;

use crate::error::Error;

/// A header's value, marked as sensitive: HTTP/2 does not index it, and `Debug` does not show it.
///
/// `what` names the value in the error ("client secret").
///
/// # Errors
/// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential) for what a header cannot carry unchanged: control
/// characters (a line break would begin another header), anything but ASCII, white space at either end.
pub fn header_value(what: &'static str, value: &str) -> Result<HeaderValue, Error> {
    let refuse = |problem| Error::invalid_credential(what, problem);
    rekindle_syntax::header_value(value).map_err(|problem| refuse(problem.words()))?;
    let header = HeaderValue::from_str(value);
    let mut header = header.map_err(|_| refuse("cannot be put into a header"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// `Basic` client authentication as RFC 6749 §2.3.1 wants it: both parts are form-encoded first.
///
/// ```
/// use rekindle_runtime::request::basic;
///
/// // base64("1PpG%2FQ+1:a%2Bb%2Fc%3Ad%25")
/// assert_eq!(basic("1PpG/Q 1", "a+b/c:d%"), "Basic MVBwRyUyRlErMTphJTJCYiUyRmMlM0FkJTI1");
/// ```
pub fn basic(user: &str, password: &str) -> HeaderValue {
    basic_as(BASIC, user, password)
}

/// The scheme of HTTP Basic (RFC 7617).
const BASIC: &str = "Basic";

/// The same as [`basic`] behind a word of the provider's own.
fn basic_as(scheme: &'static str, user: &str, password: &str) -> HeaderValue {
    let mut pair = Zeroizing::new(String::with_capacity(3 * (user.len() + password.len()) + 1));
    form_encode(&mut pair, user);
    pair.push(':');
    form_encode(&mut pair, password);
    basic_header(scheme, &pair)
}

/// `Basic` authentication with both parts as they are (RFC 7617), for providers that do not follow RFC 6749 here.
///
/// # Errors
/// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential) when the user holds a colon, or either part a
/// control character.
pub fn basic_raw(user: &str, password: &str) -> Result<HeaderValue, Error> {
    basic_raw_as(BASIC, user, password)
}

/// Whether [`basic_raw`] can hold both parts.
///
/// # Errors
/// As [`basic_raw`].
pub fn check_basic_raw(user: &str, password: &str) -> Result<(), Error> {
    for (what, part) in [
        ("client id", rekindle_syntax::basic_user(user)),
        ("client secret", rekindle_syntax::basic_password(password)),
    ] {
        part.map_err(|problem| Error::invalid_credential(what, problem.words()))?;
    }
    Ok(())
}

/// The same as [`basic_raw`] behind a word of the provider's own.
fn basic_raw_as(scheme: &'static str, user: &str, password: &str) -> Result<HeaderValue, Error> {
    check_basic_raw(user, password)?;
    let mut pair = Zeroizing::new(String::with_capacity(user.len() + password.len() + 1));
    pair.push_str(user);
    pair.push(':');
    pair.push_str(password);
    Ok(basic_header(scheme, &pair))
}

fn basic_header(scheme: &'static str, pair: &str) -> HeaderValue {
    let mut text = String::with_capacity(scheme.len() + 1 + pair.len().div_ceil(3) * 4);
    text.push_str(scheme);
    text.push(' ');
    STANDARD.encode_string(pair, &mut text);
    // Base64 is printable ASCII: the other branch is never taken, and would authenticate nobody.
    let mut header = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(BASIC));
    header.set_sensitive(true);
    header
}

/// A body of `application/x-www-form-urlencoded`.
///
/// ```
/// use rekindle_runtime::Form;
///
/// let mut form = Form::new();
/// form.field("grant_type", "refresh_token").field("refresh_token", "a+b c");
/// assert_eq!(form.finish(), b"grant_type=refresh_token&refresh_token=a%2Bb+c");
/// ```
pub struct Form(String);

impl Form {
    /// A body without fields, with room for those of a usual refresh.
    pub fn new() -> Self {
        Self::with_capacity(2048)
    }

    /// A body without fields, with room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// Adds a field.
    pub fn field(&mut self, name: &str, value: &str) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        form_encode(&mut self.0, name);
        self.0.push('=');
        form_encode(&mut self.0, value);
        self
    }

    /// Adds a field where there is a value for it.
    pub fn field_if_given(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// The body. What is left is a form without fields.
    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0).into_bytes()
    }
}

impl Default for Form {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows nothing of the fields: there are credentials in them.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Form(..)")
    }
}

/// Appends a text as `application/x-www-form-urlencoded`. What stays as it is, as most tokens do, is copied at once.
fn form_encode(form: &mut String, text: &str) {
    // Without a branch for each byte: the compiler looks at many bytes at once.
    let plain = text.bytes().fold(true, |plain, byte| {
        plain & (byte.is_ascii_alphanumeric() | matches!(byte, b'*' | b'-' | b'.' | b'_'))
    });
    if plain {
        form.push_str(text);
    } else {
        form.extend(byte_serialize(text.as_bytes()));
    }
}

/// Makes the body of a request JSON: its bytes are to be appended. There is room for that of a usual refresh: a body that grows leaves
/// copies of a token behind it in memory.
pub fn json_body(request: &mut Request<Vec<u8>>) -> &mut Vec<u8> {
    constant(request, "content-type", "application/json");
    let body = request.body_mut();
    body.reserve(2048);
    body
}

/// Makes the body of a request a form.
pub fn form_body(request: &mut Request<Vec<u8>>, form: &mut Form) {
    constant(request, "content-type", "application/x-www-form-urlencoded");
    *request.body_mut() = form.finish();
}

/// Adds a header whose value is the same for all, and no secret.
pub fn constant(request: &mut Request<Vec<u8>>, name: &'static str, value: &'static str) {
    request.headers_mut().insert(name, HeaderValue::from_static(value));
}

/// Adds a header. `what` names its value in the error.
///
/// # Errors
/// As [`header_value`].
pub fn header(
    request: &mut Request<Vec<u8>>,
    name: &'static str,
    what: &'static str,
    value: &str,
) -> Result<(), Error> {
    let value = header_value(what, value)?;
    request.headers_mut().insert(name, value);
    Ok(())
}

/// Adds the `authorization` header of [`basic`].
pub fn authorize_basic(request: &mut Request<Vec<u8>>, user: &str, password: &str) {
    request.headers_mut().insert(http::header::AUTHORIZATION, basic(user, password));
}

/// Adds the `authorization` header of [`basic_raw`].
///
/// # Errors
/// As [`basic_raw`].
pub fn authorize_basic_raw(
    request: &mut Request<Vec<u8>>,
    user: &str,
    password: &str,
) -> Result<(), Error> {
    request.headers_mut().insert(http::header::AUTHORIZATION, basic_raw(user, password)?);
    Ok(())
}

/// Adds the `authorization` header of [`basic`] behind a word of the provider's own, in place of `Basic`.
pub fn authorize_basic_as(
    request: &mut Request<Vec<u8>>,
    scheme: &'static str,
    user: &str,
    password: &str,
) {
    request.headers_mut().insert(http::header::AUTHORIZATION, basic_as(scheme, user, password));
}

/// Adds the `authorization` header of [`basic_raw`] behind a word of the provider's own, in place of `Basic`.
///
/// # Errors
/// As [`basic_raw`].
pub fn authorize_basic_raw_as(
    request: &mut Request<Vec<u8>>,
    scheme: &'static str,
    user: &str,
    password: &str,
) -> Result<(), Error> {
    let value = basic_raw_as(scheme, user, password)?;
    request.headers_mut().insert(http::header::AUTHORIZATION, value);
    Ok(())
}

/// Adds to a request's URL what depends on a token or a secret: a path that begins with a slash, and perhaps a query.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl), which never quotes it.
pub fn extend_uri(request: &mut Request<Vec<u8>>, rest: &str) -> Result<(), Error> {
    let base = request.uri().to_string();
    let uri = Uri::try_from(format!("{}{rest}", base.trim_end_matches('/')));
    *request.uri_mut() =
        uri.map_err(|_| Error::invalid_url("the URL of the request is not valid"))?;
    Ok(())
}

/// Sends a request to an address that an answer has told, with what was added to its query.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl), which never quotes it.
pub fn go_to(request: &mut Request<Vec<u8>>, address: &str) -> Result<(), Error> {
    *request.uri_mut() = uri(address.to_owned())?;
    Ok(())
}

/// Appends a text as a JSON string, with its quotation marks (RFC 8259 §7).
///
/// ```
/// let mut body = b"{\"token\":".to_vec();
/// rekindle_runtime::request::json_string(&mut body, "a\"b\n");
/// body.push(b'}');
/// assert_eq!(body, br#"{"token":"a\"b\n"}"#);
/// ```
pub fn json_string(body: &mut Vec<u8>, text: &str) {
    body.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\')) {
        let (plain, tail) = rest.split_at(at);
        body.extend_from_slice(plain);
        if let Some((byte, tail)) = tail.split_first() {
            escape(body, *byte);
            rest = tail;
        }
    }
    body.extend_from_slice(rest);
    body.push(b'"');
}

/// Appends a member of a JSON object where there is a value for it, behind a comma unless it is the first.
pub fn json_member_if_given(body: &mut Vec<u8>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        json_separator(body);
        json_string(body, name);
        body.push(b':');
        json_string(body, value);
    }
}

/// Appends the comma that stands before a member of a JSON object, unless the object has just begun.
pub fn json_separator(body: &mut Vec<u8>) {
    if body.last() != Some(&b'{') {
        body.push(b',');
    }
}

/// Makes the body of a request XML: its bytes are to be appended. There is room as in [`json_body`].
pub fn xml_body(request: &mut Request<Vec<u8>>) -> &mut Vec<u8> {
    constant(request, "content-type", "application/xml");
    let body = request.body_mut();
    body.reserve(2048);
    body
}

/// Refuses what no XML document can carry. `what` names the value in the error.
///
/// # Errors
/// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential) for most control characters (XML 1.0 §2.2).
pub fn check_xml(what: &'static str, text: &str) -> Result<(), Error> {
    rekindle_syntax::xml_text(text)
        .map_err(|problem| Error::invalid_credential(what, problem.words()))
}

/// Appends a text to XML: as that of an element or of an attribute (XML 1.0 §2.4). `what` names it in the error.
///
/// ```
/// let mut body = b"<key id=\"".to_vec();
/// rekindle_runtime::request::xml_text(&mut body, "key", "a\"<b").unwrap();
/// body.extend_from_slice(b"\"/>");
/// assert_eq!(body, b"<key id=\"a&quot;&lt;b\"/>");
/// ```
///
/// # Errors
/// As [`check_xml`].
pub fn xml_text(body: &mut Vec<u8>, what: &'static str, text: &str) -> Result<(), Error> {
    check_xml(what, text)?;
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'', '\t', '\n', '\r']) {
        let (plain, tail) = rest.split_at(at);
        body.extend_from_slice(plain.as_bytes());
        body.extend_from_slice(match tail.as_bytes().first() {
            Some(b'&') => b"&amp;",
            Some(b'<') => b"&lt;",
            Some(b'>') => b"&gt;",
            Some(b'"') => b"&quot;",
            Some(b'\'') => b"&apos;",
            // As they are, they would arrive as other white space.
            Some(b'\t') => b"&#9;",
            Some(b'\n') => b"&#10;",
            _ => b"&#13;",
        });
        rest = tail.get(1..).unwrap_or_default();
    }
    body.extend_from_slice(rest.as_bytes());
    Ok(())
}

fn escape(body: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' | b'\\' => body.extend_from_slice(&[b'\\', byte]),
        b'\n' => body.extend_from_slice(b"\\n"),
        b'\r' => body.extend_from_slice(b"\\r"),
        b'\t' => body.extend_from_slice(b"\\t"),
        _ => {
            let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
            body.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
    }
}

/// A request's URL.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl), which never quotes it.
pub fn uri(text: String) -> Result<Uri, Error> {
    Uri::try_from(text).map_err(|_| Error::invalid_url("the URL of the request is not valid"))
}

/// A method of the provider's own.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl) when it is no HTTP token.
pub fn method(name: &str) -> Result<http::Method, Error> {
    http::Method::from_bytes(name.as_bytes())
        .map_err(|_| Error::invalid_url("the method is not an HTTP token"))
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
