//! Reading answers: a small tree that borrows from the body, and a handle to walk it.

mod find;
mod literal;
mod node;
mod reader;
mod value;
#[cfg(feature = "xml")]
mod xml;

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use rekindle_syntax::{Head, InHead};

use crate::MAX_BODY;
use crate::error::Error;
use crate::text::without_mark;

pub use literal::Literal;
pub(crate) use node::{Node, Text};
pub use value::Json;

/// A parsed answer. It borrows from the body and is read through [`Document::root`].
///
/// ```
/// use rekindle_runtime::Document;
///
/// let answer = Document::parse(br#"{"data":{"token":"abc"}}"#)?;
/// assert_eq!(answer.root().at(&["data", "token"]).as_str(), Some("abc"));
/// assert!(answer.root().at(&["data", "scope"]).is_missing());
/// # Ok::<(), rekindle_runtime::Error>(())
/// ```
pub struct Document<'a> {
    root: Option<Node<'a>>,
}

impl<'a> Document<'a> {
    /// Parses JSON (RFC 8259). A byte order mark before it is skipped; of members with the same name the last one counts.
    ///
    /// No value costs the others: half a surrogate pair, and what is not UTF-8, become U+FFFD, raw control characters stay in their
    /// text, a number beyond every type is infinite, and a container nested deeper than 127 is an empty one.
    ///
    /// # Errors
    /// [`ErrorKind::NotJson`](crate::ErrorKind::NotJson);
    /// [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge) beyond [`MAX_BODY`]. Neither quotes the body.
    pub fn parse(body: &'a [u8]) -> Result<Self, Error> {
        if body.len() > MAX_BODY {
            return Err(Error::body_too_large(MAX_BODY));
        }
        let (root, whole) = reader::read(without_mark(body));
        if whole { Ok(Self { root }) } else { Err(Error::not_json()) }
    }

    /// Parses what may have been cut, or goes on in a way that no JSON does: what can be read before that. For a token that must not be
    /// lost; a verdict on the answer takes the whole.
    pub(crate) fn parse_start(body: &'a [u8]) -> Self {
        let readable = body.len() <= MAX_BODY;
        let root = if readable { reader::read(without_mark(body)).0 } else { None };
        Self { root }
    }

    /// Parses what may be anything, such as the HTML page of a gateway: what is not JSON is a document without a root.
    pub fn parse_lenient(body: &'a [u8]) -> Self {
        Self::parse(body).unwrap_or(Self { root: None })
    }

    /// Parses `application/x-www-form-urlencoded`, the encoding of some older answers, as an object of texts. A byte order mark
    /// before it is skipped; what is not UTF-8 becomes U+FFFD.
    ///
    /// # Errors
    /// [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge) beyond [`MAX_BODY`].
    pub fn parse_form(body: &'a [u8]) -> Result<Self, Error> {
        if body.len() > MAX_BODY {
            return Err(Error::body_too_large(MAX_BODY));
        }
        let body = without_mark(body);
        let members = form_urlencoded::parse(body.trim_ascii())
            .map(|(name, value)| (Text::from(name), Node::Text(value.into())))
            .collect();
        Ok(Self { root: Some(Node::Object(members)) })
    }

    /// Parses XML (XML 1.0 in UTF-8) as an object that holds the root by its name. An element that holds others is an object, any other
    /// a text without the white space around it; an attribute is a text beside its element, `token@expires`. Names have no prefixes. Of
    /// elements with the same name beside one another the first one counts. What is not UTF-8 becomes U+FFFD.
    ///
    /// # Errors
    /// [`ErrorKind::NotXml`](crate::ErrorKind::NotXml), also for a document with a document type or an entity that XML itself does not
    /// have; [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge) beyond [`MAX_BODY`].
    #[cfg(feature = "xml")]
    pub fn parse_xml(body: &[u8]) -> Result<Self, Error> {
        if body.len() > MAX_BODY {
            return Err(Error::body_too_large(MAX_BODY));
        }
        let (root, whole) = xml::read(&String::from_utf8_lossy(without_mark(body)));
        if whole { Ok(Self { root }) } else { Err(Error::not_xml()) }
    }

    /// Parses XML that may have been cut, as [`parse_start`](Self::parse_start) does JSON.
    #[cfg(feature = "xml")]
    pub(crate) fn parse_xml_start(body: &'a [u8]) -> Self {
        let readable = if body.len() <= MAX_BODY { body } else { &[] };
        Self { root: xml::read(&String::from_utf8_lossy(without_mark(readable))).0 }
    }

    /// Nothing.
    pub(crate) const fn nothing() -> Self {
        Self { root: None }
    }

    /// Puts what stands in these places of a head beside the fields, under its label. What is no object becomes one.
    pub(crate) fn add_head(&mut self, places: &[Head<'_>], headers: &HeaderMap) {
        if places.is_empty() {
            return;
        }
        let root = self.root.get_or_insert_with(|| Node::Object(Vec::new()));
        if !matches!(root, Node::Object(_)) {
            *root = Node::Object(Vec::new());
        }
        if let Node::Object(members) = root {
            for place in places {
                let label = place.label();
                members.retain(|(name, _)| name.as_str() != label);
                members.push((Cow::<str>::Owned(label).into(), in_head(*place, headers)));
            }
        }
    }

    pub(crate) fn is_object(&self) -> bool {
        matches!(self.root, Some(Node::Object(_)))
    }

    /// The whole answer.
    pub fn root(&self) -> Json<'_> {
        Json::new(self.root.as_ref())
    }
}

/// What stands in a place of a head: nothing, a text, or an empty list where values differ.
fn in_head<'a>(place: Head<'_>, headers: &HeaderMap) -> Node<'a> {
    let values = headers.get_all(place.header());
    let values: Vec<Text<'_>> =
        values.iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into()).collect();
    let values: Vec<&str> = values.iter().map(Text::as_str).collect();
    match place.read(&values) {
        InHead::Nothing => Node::Null,
        InHead::One(text) => Node::Text(Cow::<str>::Owned(text.to_owned()).into()),
        InHead::Several => Node::Array(Vec::new()),
    }
}

/// Shows nothing of the answer: there are tokens in it.
impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Document(..)")
    }
}

#[cfg(test)]
mod tests;
