//! The body of an answer, whatever it turns out to be.

use crate::MAX_BODY;
use crate::error::Error;
use crate::json::{Document, Json};

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
        Self {
            bytes,
            document: Document::parse(bytes),
        }
    }

    /// The body as JSON; missing where it is something else.
    pub fn json(&self) -> Json<'_> {
        self.document
            .as_ref()
            .map_or(Json::missing(), Document::root)
    }

    /// Whether there is nothing but white space.
    pub fn is_empty(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::NotJson`](crate::ErrorKind::NotJson) and [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge).
    pub fn require_json(&self) -> Result<Json<'_>, Error> {
        match &self.document {
            Ok(document) => Ok(document.root()),
            Err(_) if self.bytes.len() > MAX_BODY => Err(Error::body_too_large(MAX_BODY)),
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
    fn the_whole_body_can_be_the_token() {
        assert_eq!(Body::new(b" a.b.c\n").require_text().unwrap(), "a.b.c");
        assert_eq!(
            *Body::new(b"\n").require_text().unwrap_err().kind(),
            ErrorKind::NotText
        );
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
