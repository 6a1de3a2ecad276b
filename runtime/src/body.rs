//! The body of an answer, whatever it turns out to be.

use crate::MAX_BODY;
use crate::error::Error;
use crate::json::{Document, Json, without_mark};

/// The body of an answer. It is looked at twice: to classify the answer, when it may be anything, and to read it, when it must
/// be what the contract says.
#[derive(Debug)]
pub struct Body<'a> {
    bytes: &'a [u8],
    document: Result<Document<'a>, Error>,
}

impl<'a> Body<'a> {
    /// Parses what may be JSON.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, document: Document::parse(bytes) }
    }

    /// Parses what may be a form (`application/x-www-form-urlencoded`): an object of texts, of which the last one of a name
    /// counts. A body that is a JSON object is read as one: providers whose tokens come in forms may report errors in JSON. A page
    /// for people is neither, whatever its links hold.
    pub fn form(bytes: &'a [u8]) -> Self {
        let json = Document::parse(bytes).ok().filter(Document::is_object);
        let is_page = without_mark(bytes).trim_ascii_start().starts_with(b"<");
        let document = match json {
            Some(json) => Ok(json),
            None if is_page => Err(Error::not_text()),
            None => Document::parse_form(bytes),
        };
        Self { bytes, document }
    }

    /// The fields of the body; missing where it is something else.
    pub fn json(&self) -> Json<'_> {
        self.document.as_ref().map_or(Json::missing(), Document::root)
    }

    /// Whether there is nothing but white space.
    pub fn is_empty(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }

    /// The fields of the body.
    ///
    /// # Errors
    /// [`ErrorKind::NotJson`](crate::ErrorKind::NotJson), [`ErrorKind::NotText`](crate::ErrorKind::NotText) where it should be a
    /// form, and [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge).
    pub fn require_json(&self) -> Result<Json<'_>, Error> {
        match &self.document {
            Ok(document) => Ok(document.root()),
            Err(_) if self.bytes.len() > MAX_BODY => Err(Error::body_too_large(MAX_BODY)),
            Err(error) if *error.kind() == crate::ErrorKind::NotText => Err(Error::not_text()),
            Err(_) => Err(Error::not_json()),
        }
    }

    /// The body as the token itself, white space at both ends trimmed.
    ///
    /// # Errors
    /// As [`text::whole_body`](crate::text::whole_body).
    pub fn require_text(&self) -> Result<&'a str, Error> {
        crate::text::whole_body(self.bytes)
    }
}

/// Refuses a token type that the contract does not accept. Types are compared without case (RFC 6749 section 5.1).
///
/// Returns whether the answer names a type at all.
///
/// # Errors
/// [`ErrorKind::UnknownTokenType`](crate::ErrorKind::UnknownTokenType); [`ErrorKind::WrongType`](crate::ErrorKind::WrongType)
/// for a type that is no text.
pub fn token_type(value: Json<'_>, accepted: &[&str]) -> Result<bool, Error> {
    match value.optional_text("token type")? {
        None => Ok(false),
        Some(found) if accepted.iter().any(|name| name.eq_ignore_ascii_case(found)) => Ok(true),
        Some(_) => Err(Error::unknown_token_type()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

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
        assert_eq!(kind(b"token=\xff"), ErrorKind::NotText);
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
        assert_eq!(Body::new(b" a.b.c\n").require_text().unwrap(), "a.b.c");
        assert_eq!(*Body::new(b"\n").require_text().unwrap_err().kind(), ErrorKind::NotText);
    }

    #[test]
    fn token_types_have_no_case() {
        let body = Body::new(br#"{"a":"BEARER","b":"mac","c":null,"d":7}"#);
        let json = body.json();
        assert!(token_type(json.at(&["a"]), &["Bearer"]).unwrap());
        assert!(!token_type(json.at(&["c"]), &["Bearer"]).unwrap());
        assert_eq!(
            *token_type(json.at(&["b"]), &["Bearer"]).unwrap_err().kind(),
            ErrorKind::UnknownTokenType
        );
        assert!(token_type(json.at(&["d"]), &["Bearer"]).is_err());
    }
}
