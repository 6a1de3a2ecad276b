//! Where something is in an answer.

use serde::Deserialize;

/// Where something is in an answer: a JSON pointer to a field of its body, or a mapping that names a header or a cookie.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum PlaceSpec {
    /// A field of the body: `/access_token`.
    Field(String),
    /// A header, or a cookie that the answer sets.
    Head(HeadSpec),
}

impl PlaceSpec {
    /// The field of the body, where it is one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Field(text) => Some(text),
            Self::Head(_) => None,
        }
    }
}

/// A place in the head of an answer: `header`, with a `prefix` perhaps, or `cookie`, with an `attribute` perhaps.
///
/// ```yaml
/// response: { access_token: { header: X-Auth-Token } }
/// tokens: { access: { expires: { unix_seconds: { header: X-Auth-Expires } } } }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[cfg_attr(any(test, feature = "schema"), schemars(extend("minProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct HeadSpec {
    /// The header, whose name has no case: `X-Auth-Token`. One that is there several times with values that differ breaks the contract.
    pub header: Option<String>,
    /// What stands before the value in the header, compared without case: `"Bearer "`. A value without it is none, and a header has
    /// one prefix wherever it is named.
    pub prefix: Option<String>,
    /// The cookie that a `Set-Cookie` header sets: `session`. One that the header deletes, with `Max-Age=0` or a date before 2000, is none.
    pub cookie: Option<String>,
    /// With `cookie`, under `expires`: what of the cookie says when its token dies.
    /// `{ seconds: { cookie: session, attribute: max_age } }`.
    pub attribute: Option<CookieAttribute>,
}

crate::words::words! {
    /// What of a cookie says when it dies (RFC 6265 section 4.1.2).
    pub enum CookieAttribute {
        /// `Max-Age`: how many `seconds` it lives.
        MaxAge = "max_age", "`Max-Age`";
        /// `Expires`: when it dies, as an `http_date`.
        Expires = "expires", "`Expires`";
    }
}
