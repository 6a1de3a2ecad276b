//! Documented exchanges.

use super::{ErrorClass, FORM, SignIn, XML};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A documented exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Its name in `kebab-case`.
    pub id: String,
    /// What it shows.
    pub doc: Option<String>,
    /// What the integrator holds when the exchange begins.
    pub given: Given,
    /// What is documented of the answers to the steps before the request, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, serde_json::Value>,
    /// What must be on the wire, where the example says so.
    pub request: Option<ExampleRequest>,
    /// What comes back.
    pub response: ExampleResponse,
    /// What the client makes of it.
    pub expect: Expect,
}

/// What the integrator holds when an exchange begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The environment's name; `None` where [`Given::base_url`] is given.
    pub environment: Option<String>,
    /// The base URL that the integrator brings.
    pub base_url: Option<String>,
    /// Values of the client's parameters; those with a default may be missing.
    pub client: BTreeMap<String, String>,
    /// The access token held.
    pub access_token: Option<String>,
    /// The refresh token held.
    pub refresh_token: Option<String>,
    /// What the client makes for this request, where it cannot be known otherwise: a UUID, a hash, a signature.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// When the request starts.
    pub at: Timestamp,
}

/// What must be on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExampleRequest {
    /// The method.
    pub method: String,
    /// The whole URL, byte for byte.
    pub url: String,
    /// Headers that must be there with these values: lower-case name → value.
    pub headers: BTreeMap<String, String>,
    /// Lower-case names of headers that must not be there, sorted.
    pub absent_headers: Vec<String>,
    /// The body.
    pub body: ExampleBody,
}

/// A body in an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ExampleBody {
    /// None.
    Empty,
    /// Form fields, in any order.
    Form(BTreeMap<String, String>),
    /// JSON, by structure.
    Json(serde_json::Value),
    /// XML: of an answer byte for byte, of a request by structure.
    Xml(String),
    /// Text, byte for byte.
    Text(String),
}

/// The media type of JSON (RFC 8259).
pub const JSON: &str = "application/json";

impl ExampleBody {
    /// Its media type, where it goes without saying.
    pub fn media_type(&self) -> Option<&'static str> {
        match self {
            Self::Json(_) => Some(JSON),
            Self::Form(_) => Some(FORM),
            Self::Xml(_) => Some(XML),
            Self::Empty | Self::Text(_) => None,
        }
    }

    /// As it is on the wire.
    pub fn wire(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Json(json) => json.to_string(),
            Self::Text(text) | Self::Xml(text) => text.clone(),
            Self::Form(fields) => {
                form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
            }
        }
    }
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExampleResponse {
    /// The status.
    pub status: u16,
    /// Headers: lower-case name → value. A body in JSON, a form or XML gets its `content-type` where none is written.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: ExampleBody,
}

/// What the client makes of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Expect {
    /// Tokens. What is `None` is not compared.
    Tokens {
        /// The new access token.
        access_token: String,
        /// When it dies.
        access_expires: Option<ExpectedExpiry>,
        /// The refresh token to hold from now on.
        refresh_token: Option<String>,
        /// When that one dies.
        refresh_expires: Option<ExpectedExpiry>,
        /// The scope in the answer.
        scope: Option<String>,
        /// Outputs in the answer, by name; what is not named is not compared.
        outputs: BTreeMap<String, serde_json::Value>,
    },
    /// An error.
    Error {
        /// Its class.
        class: ErrorClass,
        /// How to sign in again, where the class is `reauthenticate`.
        sign_in: Option<SignIn>,
    },
}

/// When a token of an example dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExpectedExpiry {
    /// At this instant.
    At(Timestamp),
    /// Never.
    Never,
    /// Nobody says.
    Undeclared,
}
