//! The tree: strings are borrowed from the body wherever they hold no escape.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::request::json_string;

/// A value of an answer.
pub(crate) enum Node<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(Text<'a>),
    Array(Vec<Node<'a>>),
    Object(Vec<(Text<'a>, Node<'a>)>),
}

impl Node<'_> {
    /// Appends the value as JSON (RFC 8259).
    pub(super) fn write(&self, json: &mut Vec<u8>) {
        match self {
            Self::Null => json.extend_from_slice(b"null"),
            Self::Bool(value) => json.extend_from_slice(value.to_string().as_bytes()),
            Self::Unsigned(value) => json.extend_from_slice(value.to_string().as_bytes()),
            Self::Signed(value) => json.extend_from_slice(value.to_string().as_bytes()),
            // A number beyond a double is none in JSON.
            Self::Float(value) if !value.is_finite() => json.extend_from_slice(b"null"),
            Self::Float(value) => json.extend_from_slice(value.to_string().as_bytes()),
            Self::Text(text) => json_string(json, text.as_str()),
            Self::Array(items) => {
                json.push(b'[');
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        json.push(b',');
                    }
                    item.write(json);
                }
                json.push(b']');
            }
            Self::Object(members) => {
                json.push(b'{');
                for (position, (name, member)) in members.iter().enumerate() {
                    if position > 0 {
                        json.push(b',');
                    }
                    json_string(json, name.as_str());
                    json.push(b':');
                    member.write(json);
                }
                json.push(b'}');
            }
        }
    }
}

/// A text of an answer. One that had to be unescaped is a copy, which is wiped: it may be a token.
pub(crate) enum Text<'a> {
    Borrowed(&'a str),
    Owned(Zeroizing<String>),
}

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
        }
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        match text {
            Cow::Borrowed(text) => Self::Borrowed(text),
            Cow::Owned(text) => Self::Owned(Zeroizing::new(text)),
        }
    }
}

#[cfg(feature = "session")]
impl serde::Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Of JSON that lies in memory as a whole. `serde_json` unescapes texts in a buffer of its own, which it does not wipe.
#[cfg(feature = "session")]
impl<'de: 'a, 'a> serde::Deserialize<'de> for Text<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = <&serde_json::value::RawValue>::deserialize(deserializer)?;
        match super::reader::read(written.get().as_bytes()) {
            (Some(Node::Text(text)), true) => Ok(text),
            _ => Err(serde::de::Error::custom("no text")),
        }
    }
}
