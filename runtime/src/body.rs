//! The body of an answer, whatever it turns out to be, and what is read of its head.

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use rekindle_syntax::Head;

use crate::MAX_BODY;
use crate::deviation::Deviation;
use crate::error::Error;
use crate::json::{Document, Json};
use crate::secret::Secret;
use crate::text::without_mark;
use crate::url::BaseUrl;

/// The body of an answer. It is looked at twice: to classify the answer, when it may be anything, and to read it, when it must
/// be what the contract says.
pub struct Body<'a> {
    bytes: &'a [u8],
    document: Result<Document<'a>, Error>,
    /// What is read of the head alone, where the body has no fields.
    head: Document<'a>,
    is_object: bool,
    /// The base URL of the client that it answers, where that is known.
    base_url: Option<Arc<BaseUrl>>,
    /// The access token that was sent, where the answer brings none.
    sent: Option<Secret>,
    /// Reads what may have been cut.
    start: fn(&'a [u8]) -> Document<'a>,
}

/// Shows how long it is and nothing of what it holds: there are tokens in it.
impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// What the bodies of a provider's answers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON, or the token itself.
    Json,
    /// Forms, as [`Body::form`] reads them.
    Form,
    /// XML, as [`Body::xml`] reads it.
    #[cfg(feature = "xml")]
    Xml,
}

impl Format {
    /// Parses a body as one of this format.
    pub fn read(self, bytes: &[u8]) -> Body<'_> {
        match self {
            Self::Json => Body::new(bytes),
            Self::Form => Body::form(bytes),
            #[cfg(feature = "xml")]
            Self::Xml => Body::xml(bytes),
        }
    }
}

/// In how many bytes of a body [`Body::has_text`] looks for a text.
const LOOKED_AT: usize = 16 * 1024;

impl<'a> Body<'a> {
    /// Parses what may be JSON.
    pub fn new(bytes: &'a [u8]) -> Self {
        let document = Document::parse(bytes);
        let is_object = document.as_ref().is_ok_and(Document::is_object);
        Self {
            bytes,
            document,
            head: Document::nothing(),
            is_object,
            base_url: None,
            sent: None,
            start: Document::parse_start,
        }
    }

    /// Parses what may be a form (`application/x-www-form-urlencoded`): an object of texts, of which the last one of a name
    /// counts. A body that is a JSON object is read as one: providers whose tokens come in forms may report errors in JSON. A page
    /// for people is neither, whatever its links hold.
    pub fn form(bytes: &'a [u8]) -> Self {
        let json = Document::parse(bytes).ok().filter(Document::is_object);
        let is_object = json.is_some();
        let is_page = without_mark(bytes).trim_ascii_start().starts_with(b"<");
        let document = match json {
            Some(json) => Ok(json),
            None if is_page => Err(Error::not_text()),
            None => Document::parse_form(bytes),
        };
        Self {
            bytes,
            document,
            head: Document::nothing(),
            is_object,
            base_url: None,
            sent: None,
            start: Document::parse_start,
        }
    }

    /// Parses what may be XML, as [`Document::parse_xml`] does. What is JSON has no fields.
    #[cfg(feature = "xml")]
    pub fn xml(bytes: &'a [u8]) -> Self {
        let is_object = Document::parse(bytes).is_ok_and(|json| json.is_object());
        let document = Document::parse_xml(bytes);
        let head = Document::nothing();
        Self {
            bytes,
            document,
            head,
            is_object,
            base_url: None,
            sent: None,
            start: Document::parse_xml_start,
        }
    }

    /// The same with what stands in these places of the answer's head as fields: `header X-Auth-Token`, `cookie session`.
    #[must_use]
    pub(crate) fn with_head(mut self, places: &[Head<'_>], headers: &HeaderMap) -> Self {
        self.head.add_head(places, headers);
        if let Ok(document) = &mut self.document {
            document.add_head(places, headers);
        }
        self
    }

    /// The same as an answer to a client with this base URL.
    #[must_use]
    pub(crate) fn of_client_at(mut self, base_url: Option<Arc<BaseUrl>>) -> Self {
        self.base_url = base_url;
        self
    }

    /// The base URL of the client that it answers, where that is known.
    pub(crate) fn base_url(&self) -> Option<&BaseUrl> {
        self.base_url.as_deref()
    }

    /// The same of an answer that brings no token: the access token that was sent, if one was, lives on.
    #[must_use]
    pub(crate) fn with_sent(self, token: Option<&Secret>) -> Self {
        Self { sent: token.cloned(), ..self }
    }

    /// The fields of the body; where it is something else, what is read of the answer's head.
    pub fn json(&self) -> Json<'_> {
        self.document.as_ref().unwrap_or(&self.head).root()
    }

    /// The body as it came.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether it is a JSON object.
    pub(crate) fn is_object(&self) -> bool {
        self.is_object
    }

    /// Whether a byte order mark stands before it, which is read over (RFC 8259 section 8.1).
    pub(crate) fn has_mark(&self) -> bool {
        without_mark(self.bytes).len() < self.bytes.len()
    }

    /// Whether there is nothing but white space.
    pub fn is_empty(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }

    /// Whether a text stands somewhere in the first 16,384 bytes of a body that is no JSON object. Case counts.
    pub fn has_text(&self, text: &str) -> bool {
        let looked_at = self.bytes.get(..LOOKED_AT).unwrap_or(self.bytes);
        let mut places = looked_at.windows(text.len().max(1));
        !self.is_object && places.any(|place| place == text.as_bytes())
    }

    /// The fields of the body.
    ///
    /// # Errors
    /// [`ErrorKind::NotJson`](crate::ErrorKind::NotJson), [`ErrorKind::NotText`](crate::ErrorKind::NotText) where it should be a
    /// form, [`ErrorKind::NotXml`](crate::ErrorKind::NotXml), and [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge).
    pub fn require_json(&self) -> Result<Json<'_>, Error> {
        match &self.document {
            Ok(document) => Ok(document.root()),
            Err(_) if self.bytes.len() > MAX_BODY => Err(Error::body_too_large(MAX_BODY)),
            Err(error) => Err(Error::violation(*error.kind())),
        }
    }

    /// What can be read of the fields where [`require_json`](Self::require_json) fails: those before the body was cut.
    pub(crate) fn start(&self) -> Document<'a> {
        (self.start)(self.bytes)
    }

    /// The body as the token itself, white space at both ends trimmed; `what` names it in errors.
    ///
    /// # Errors
    /// As [`text::whole_body`](crate::text::whole_body).
    pub fn require_token(&self, what: &'static str) -> Result<&'a str, Error> {
        crate::text::whole_body(what, self.bytes)
    }

    /// The access token that was sent, where the answer brings none and a success lets that one live on; `what` names it in errors. The
    /// body may be anything, or nothing, but no page for people: that comes of something between the client and the provider.
    ///
    /// # Errors
    /// [`ErrorKind::NotJson`](crate::ErrorKind::NotJson) for a page.
    pub fn sent_token(&self, what: &'static str) -> Result<&str, Error> {
        if without_mark(self.bytes).trim_ascii_start().starts_with(b"<") {
            return Err(Error::not_json());
        }
        self.sent.as_ref().map(Secret::expose).ok_or_else(|| Error::missing(what))
    }
}

/// Refuses a token type that the contract, which demands one, does not accept. Types are compared without case (RFC 6749 section 5.1)
/// and without white space around them: some providers answer `"Bearer "`.
///
/// # Errors
/// [`ErrorKind::UnknownTokenType`](crate::ErrorKind::UnknownTokenType); [`ErrorKind::WrongType`](crate::ErrorKind::WrongType)
/// for a type that is no text.
pub fn token_type(
    value: Json<'_>,
    accepted: &[&str],
    deviations: &mut Vec<Deviation>,
) -> Result<(), Error> {
    match value.optional_text("token type")? {
        None => deviations.push(Deviation::TokenTypeMissing),
        Some(found)
            if accepted.iter().any(|name| name.eq_ignore_ascii_case(found.trim_ascii())) => {}
        Some(_) => return Err(Error::unknown_token_type()),
    }
    Ok(())
}

/// Looks at a token type that the contract only expects: another one is a deviation.
pub fn usual_token_type(value: Json<'_>, accepted: &[&str], deviations: &mut Vec<Deviation>) {
    if token_type(value, accepted, deviations).is_err() {
        deviations.push(Deviation::TokenTypeUnknown);
    }
}

/// The scope that was granted, if the answer says it: a text, or a list of them, which is read as one with spaces in between. Anything
/// else says nothing, and is a deviation.
pub fn scope(value: Json<'_>, deviations: &mut Vec<Deviation>) -> Option<String> {
    if value.is_absent() {
        return None;
    }
    let scope = value.texts().map(|scopes| scopes.join(" "));
    if scope.is_none() {
        deviations.push(Deviation::ScopeUnreadable);
    }
    scope.filter(|scope| !scope.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_page_lets_no_token_live_on() {
        let sent = Secret::new("sent");
        let token = |body: &'static [u8], sent: Option<&Secret>| {
            let body = Body::new(body).with_sent(sent);
            body.sent_token("session").map(str::to_owned).map_err(|error| *error.kind())
        };
        for body in [&b""[..], b"{}", b"OK", b"\xff", br#"{"access_token":"other"}"#, b"{\"a\":<"] {
            assert_eq!(token(body, Some(&sent)).as_deref(), Ok("sent"));
        }
        for page in [&b"<html>"[..], b" \r\n<!doctype html>", b"\xef\xbb\xbf<ok/>"] {
            assert_eq!(token(page, Some(&sent)), Err(ErrorKind::NotJson));
        }
        assert_eq!(token(b"", None), Err(ErrorKind::Missing { what: "session" }));
    }

    #[test]
    fn what_is_printed_holds_no_token() {
        let bytes = br#"{"access_token":"opaque"}"#;
        let sent = Secret::new("sent");
        let shown = format!("{:?}", Body::new(bytes).with_sent(Some(&sent)));
        assert_eq!(shown, "Body { bytes: 25, .. }");
        assert_eq!(format!("{:?}", Body::form(b"\xffa=b")), "Body { bytes: 4, .. }");
    }

    #[test]
    fn what_is_not_json_can_still_be_classified() {
        let page = Body::new(b"<html>Bad Gateway</html>");
        assert!(page.json().is_missing());
        assert!(!page.is_empty());
        assert_eq!(*page.require_json().unwrap_err().kind(), ErrorKind::NotJson);
        assert!(Body::new(b" \r\n").is_empty());
        let long = vec![b' '; MAX_BODY + 1];
        let kind = |body| *Body::new(body).require_json().unwrap_err().kind();
        assert_eq!(kind(&long), ErrorKind::BodyTooLarge { limit: MAX_BODY });
        assert_eq!(kind(&long[1..]), ErrorKind::NotJson);
    }

    /// R22: sentences and pages are errors as well.
    #[test]
    fn a_text_is_looked_for_near_the_beginning_of_what_is_no_object() {
        let gone = |bytes: &[u8]| Body::new(bytes).has_text("is gone");
        assert!(gone(b"The token is gone.") && gone(b"is gone") && gone(b"\"it is gone\""));
        assert!(Body::form(b"error=it is gone").has_text("is gone"));
        for other in [&b""[..], b"is gon", b"Is gone", br#"{"error":"it is gone"}"#] {
            assert!(!gone(other) && !Body::form(other).has_text("is gone"), "{other:?}");
        }
        let mut page = vec![b'.'; LOOKED_AT - 7];
        page.extend(b"is gone and more");
        assert!(gone(&page));
        page.insert(0, b'.');
        assert!(!gone(&page));
    }

    #[test]
    fn a_form_has_fields_and_may_be_json() {
        let form = Body::form(b"token=a+b%2Bc&token=last%3D&life=3600\r\n");
        let json = form.require_json().unwrap();
        assert_eq!(json.at(&["token"]).as_str(), Some("last="));
        assert_eq!(json.at(&["life"]).as_str(), Some("3600"));
        let error = Body::form(br#"{"error":{"code":190}}"#);
        assert_eq!(error.json().at(&["error", "code"]).as_i64(), Some(190));
        for other in [&b""[..], b"null", b"7", b"[]", br#"{"token":"#] {
            let body = Body::form(other);
            assert!(body.require_json().unwrap().at(&["token"]).is_missing());
        }
        let kind = |body| *Body::form(body).require_json().unwrap_err().kind();
        let odd = Body::form(b"error=invalid_grant&why=caf\xe9");
        assert_eq!(odd.json().at(&["error"]).as_str(), Some("invalid_grant"));
        let page = b"\n<a href='/?x=1&error=invalid_grant&y=2'>";
        assert_eq!(kind(page), ErrorKind::NotText);
        assert_eq!(kind(b"\xEF\xBB\xBF<html>"), ErrorKind::NotText);
        assert!(Body::form(page).json().at(&["error"]).is_missing());
        let marked = Body::form(b"\xEF\xBB\xBFtoken=a");
        assert_eq!(marked.json().at(&["token"]).as_str(), Some("a"));
        let long = vec![b'a'; MAX_BODY + 1];
        assert_eq!(kind(&long), ErrorKind::BodyTooLarge { limit: MAX_BODY });
    }

    #[test]
    fn the_whole_body_can_be_the_token() {
        assert_eq!(Body::new(b" a.b.c\n").require_token("token").unwrap(), "a.b.c");
        let error = Body::new(b"\n").require_token("token").unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::NotText);
    }

    /// A type is an error where it is demanded, and a deviation where it is expected.
    #[test]
    fn token_types_have_no_case_and_no_space_around_them() {
        let body = Body::new(br#"{"a":"BEARER","b":"mac","c":null,"d":7,"e":" Bearer\t"}"#);
        let unknown = ErrorKind::UnknownTokenType;
        let wrong = ErrorKind::WrongType { what: "token type", found: "a number" };
        let missing = Deviation::TokenTypeMissing;
        let table = [
            ("a", Ok(()), None, None),
            ("b", Err(unknown), None, Some(Deviation::TokenTypeUnknown)),
            ("c", Ok(()), Some(missing), Some(missing)),
            ("d", Err(wrong), None, Some(Deviation::TokenTypeUnknown)),
            ("e", Ok(()), None, None),
        ];
        for (name, expected, told, told_leniently) in table {
            let way = [name];
            let value = body.json().at(&way);
            let (mut strict, mut lenient) = (Vec::new(), Vec::new());
            let found = token_type(value, &["Bearer"], &mut strict);
            usual_token_type(value, &["Bearer"], &mut lenient);
            assert_eq!(found.map_err(|error| *error.kind()), expected, "{name}");
            assert_eq!((strict.pop(), lenient.pop()), (told, told_leniently), "{name}");
        }
    }

    /// R44.
    #[test]
    fn a_scope_that_is_no_text_is_told_and_costs_nothing() {
        let body = Body::new(
            br#"{"a":"read","b":["read","write"],"c":null,"d":"","e":[],"f":[1],"g":{},"h":["a",null]}"#,
        );
        let unreadable = Some(Deviation::ScopeUnreadable);
        let table = [
            ("a", Some("read"), None),
            ("b", Some("read write"), None),
            ("c", None, None),
            ("d", None, None),
            ("e", None, None),
            ("f", None, unreadable),
            ("g", None, unreadable),
            ("h", None, unreadable),
        ];
        for (name, expected, told) in table {
            let mut deviations = Vec::new();
            let found = scope(body.json().at(&[name]), &mut deviations);
            assert_eq!((found.as_deref(), deviations.pop()), (expected, told), "{name}");
        }
    }
}
