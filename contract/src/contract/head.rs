//! Places in the head of an answer: headers, and cookies that it sets.

use super::{Contract, Pointer};
pub use crate::spec::CookieAttribute;
use rekindle_syntax::{Head as Place, InHead};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The header of cookies that an answer sets (RFC 6265 section 4.1).
pub const SET_COOKIE: &str = "set-cookie";

/// A place in the head of an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Head {
    /// A header.
    Header {
        /// Its name, in lower case: names of headers have none.
        name: String,
        /// What stands before the value; perhaps nothing.
        prefix: String,
    },
    /// A cookie.
    Cookie {
        /// Its name.
        name: String,
        /// What of it is meant; its value unless said.
        attribute: Option<CookieAttribute>,
    },
}

impl Head {
    /// The same as contracts and clients read it.
    pub fn place(&self) -> Place<'_> {
        match self {
            Self::Header { name, prefix } => Place::Header(name, prefix),
            Self::Cookie { name, attribute: None } => Place::Cookie(name),
            Self::Cookie { name, attribute: Some(CookieAttribute::MaxAge) } => Place::MaxAge(name),
            Self::Cookie { name, attribute: Some(CookieAttribute::Expires) } => {
                Place::Expires(name)
            }
        }
    }

    /// What it is called: `header x-auth-token`, `cookie session`. In the fields of an answer it is the member of this name.
    pub fn label(&self) -> String {
        self.place().label()
    }

    /// What stands there; `null` where nothing does, a list where values differ.
    fn read(&self, headers: &BTreeMap<String, String>) -> Option<Value> {
        let place = self.place();
        let values: Vec<&str> = headers.get(&place.header())?.split('\n').collect();
        match place.read(&values) {
            InHead::Nothing => None,
            InHead::One(text) => Some(text.into()),
            InHead::Several => Some(Value::Array(values.into_iter().map(Value::from).collect())),
        }
    }
}

impl Pointer {
    /// A place in the head of an answer.
    pub fn in_head(head: Head) -> Self {
        Self { head: Some(head), ..Self::new(Vec::new()) }
    }
}

impl Contract {
    /// The places in the head of an answer that this contract reads, sorted, each once.
    pub fn heads(&self) -> Vec<&Head> {
        let response = &self.response;
        let tokens = [response.access_token.field(), response.refresh_token.as_ref()];
        let refresh = self.refresh.as_ref();
        let ends =
            [self.access.expires.field(), refresh.and_then(|refresh| refresh.expires.field())];
        let outputs = response.outputs.values().map(|output| &output.field);
        let fields = tokens.into_iter().chain(ends).flatten().chain(outputs);
        let mut heads: Vec<&Head> =
            fields.flat_map(Pointer::all).filter_map(|place| place.head.as_ref()).collect();
        heads.sort();
        heads.dedup();
        heads
    }

    /// Whether the access token may be in the head of an answer.
    pub fn is_in_head(&self) -> bool {
        let field = self.response.access_token.field();
        field.is_some_and(|field| field.all().any(|place| place.head.is_some()))
    }

    /// Whether the body of an answer need not be readable: no token is in it, or the access token may be in the head, and no refresh token
    /// is in the body. One that is would be lost with it, while the provider takes the old one for spent.
    pub fn reads_over_body(&self) -> bool {
        if self.response.access_token.is_unchanged() {
            return true;
        }
        let replaced = self.refresh.as_ref().and(self.response.refresh_token.as_ref());
        let is_in_body = |field: &Pointer| field.all().any(|place| place.head.is_none());
        self.is_in_head() && !replaced.is_some_and(is_in_body)
    }

    /// The fields of an answer's body, and beside them what is read of its head; `None` where there are none. Headers are by lower-case
    /// names, those with the same name in a line each.
    pub fn answer(&self, headers: &BTreeMap<String, String>, body: &[u8]) -> Option<Value> {
        self.with_head(headers, self.document(body))
    }

    /// These fields of a body, and beside them what is read of a head.
    pub(super) fn with_head(
        &self,
        headers: &BTreeMap<String, String>,
        fields: Option<Value>,
    ) -> Option<Value> {
        let heads = self.heads();
        if heads.is_empty() {
            return fields;
        }
        let mut fields = fields.filter(Value::is_object).unwrap_or_else(|| serde_json::json!({}));
        if let Value::Object(members) = &mut fields {
            for head in heads {
                members.remove(&head.label());
                if let Some(value) = head.read(headers) {
                    members.insert(head.label(), value);
                }
            }
        }
        Some(fields)
    }

    /// The headers that tell what of these fields stands in the head of an answer, by lower-case name.
    pub fn head_of(&self, fields: &Value) -> Vec<(String, String)> {
        let text = |head: &Head| match fields.get(head.label())? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let mut headers = Vec::new();
        let mut cookies: BTreeMap<&str, (String, String)> = BTreeMap::new();
        for head in self.heads() {
            let Some(text) = text(head) else { continue };
            match head {
                Head::Header { prefix, .. } => {
                    headers.push((head.place().header(), format!("{prefix}{text}")));
                }
                Head::Cookie { name, attribute } => {
                    let (value, attributes) = cookies.entry(name).or_default();
                    match attribute {
                        None => *value = text,
                        Some(CookieAttribute::MaxAge) => {
                            *attributes += &format!("; Max-Age={text}")
                        }
                        Some(CookieAttribute::Expires) => {
                            *attributes += &format!("; Expires={text}");
                        }
                    }
                }
            }
        }
        let cookies = cookies.into_iter().map(|(name, (value, attributes))| {
            (SET_COOKIE.to_owned(), format!("{name}={value}; Path=/; Secure; HttpOnly{attributes}"))
        });
        headers.into_iter().chain(cookies).collect()
    }

    /// These fields without what stands in the head of an answer.
    pub fn without_head(&self, fields: &Value) -> Value {
        let mut fields = fields.clone();
        if let Value::Object(members) = &mut fields {
            self.heads().iter().for_each(|head| drop(members.remove(&head.label())));
        }
        fields
    }
}
