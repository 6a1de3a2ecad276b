//! A contract *as meant*: every default explicit, every list ordered, the error map total.
//!
//! Architecture invariant: this is the only thing that emission, the fake provider, the documentation and the lints read. It
//! holds no YAML, no spans and no option whose absence would need a default elsewhere. It is made by
//! the `resolve` module alone, which refuses by name what this version cannot yet do.
//!
//! An answer is read in this order (see [`Contract::classify`]): the spec's own error rules and those of its profile, first
//! match first; then success; then the language's default rules, whose last one matches everything. An error inside a 2xx
//! answer is therefore seen before anything is parsed as tokens, and every answer ends in exactly one outcome.

mod answer;
mod classify;
mod errors;
mod example;
mod expiry;
mod facts;
mod form;
mod generated;
mod head;
mod limit;
mod lossy;
mod mint;
mod output;
mod pointer;
mod provider;
mod refusal;
mod request;
mod response;
mod sequence;
mod step;
mod template;
mod tokens;
mod values;
mod xml;
mod xml_body;

pub use answer::{is_page, json_document};
pub use classify::*;
pub use errors::*;
pub use example::*;
pub use expiry::*;
pub use facts::{FactValue, duration_words};
pub use form::*;
pub use generated::*;
pub use head::*;
pub use limit::*;
pub use mint::*;
pub use output::*;
pub use pointer::*;
pub use provider::*;
pub use refusal::*;
pub use request::*;
pub use response::*;
pub use sequence::*;
pub use step::*;
pub use template::*;
pub use tokens::*;
pub use values::ValueChecks;
pub use xml::{ATTRIBUTE, XML, xml_text};
pub(crate) use xml::{escaped, is_name, split};
pub use xml_body::{XmlText, xml_fields, xml_problem, xml_texts};

pub use crate::spec::ProvenanceSpec as Provenance;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A resolved refresh contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// Who the provider is.
    pub provider: Provider,
    /// Where it lives.
    pub base: Base,
    /// What the integrator brings, by name.
    pub client: BTreeMap<String, Parameter>,
    /// The requests before the one that spends the credential, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepRequest>,
    /// The request that spends the credential, the last of an exchange.
    pub request: Request,
    /// The answer.
    pub response: Response,
    /// The access token.
    pub access: AccessToken,
    /// The refresh token; `None` where the access token renews itself, or nothing is spent.
    pub refresh: Option<RefreshToken>,
    /// What a mint does besides; there where the operation [mints](Operation::mints), and not otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mint: Option<Mint>,
    /// What brings tokens where a refresh cannot, if anything does. Never there where the operation mints itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Box<Fallback>>,
    /// What each refusal means, first match first; total: the last rule matches everything. The default rules stand at the
    /// end and are asked after success.
    pub errors: Vec<ErrorRule>,
    /// Documented exchanges, in the order written.
    pub examples: Vec<Example>,
    /// Documented sequences of exchanges, in the order written.
    pub sequences: Vec<Sequence>,
    /// Where each fact comes from.
    pub provenance: Provenance,
    /// The file that it was read from.
    pub origin: Origin,
}

/// The file that a contract was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Its name as people write it, with forward slashes: `specs/acme.yaml`.
    pub file: String,
    /// The id of the provider whose spec it takes, where it does: `like: google`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<String>,
    /// The name of the variant that it is, where the file holds several: `pkce` of `variants: { code: {}, pkce: { … } }`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The paths of facts that clients act on although the spec does not say them: `tokens.access.refused_with`.
    #[serde(skip)]
    pub assumed: Vec<&'static str>,
}

impl Origin {
    /// Whether the spec leaves a fact unsaid that clients act on.
    pub fn assumes(&self, fact: &str) -> bool {
        self.assumed.contains(&fact)
    }

    /// What of a provider's id is the file's: `acme` of `acme_pkce`.
    pub fn file_id<'a>(&self, id: &'a str) -> &'a str {
        let variant = self.variant.as_deref();
        variant.and_then(|name| id.strip_suffix(name)?.strip_suffix('_')).unwrap_or(id)
    }
}

impl Contract {
    /// What the exchange takes from the caller and spends.
    pub fn credential(&self) -> Credential {
        let request = &self.request;
        match (request.uses(&Slot::AccessToken), request.uses(&Slot::RefreshToken)) {
            (true, true) => Credential::Both,
            (true, false) => Credential::AccessToken,
            _ if request.operation.mints() => Credential::Nothing,
            _ => Credential::RefreshToken,
        }
    }

    /// Its requests: that of the operation, and that of what brings tokens where it cannot.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        std::iter::once(&self.request).chain(self.fallback.iter().map(|fallback| &fallback.request))
    }

    /// What the client makes anew for each of its requests.
    pub fn generated(&self) -> impl Iterator<Item = &Generated> {
        self.requests().flat_map(|request| request.values.iter().map(|(_, value)| value))
    }

    /// Whether the connection must show a client certificate (RFC 8705).
    pub fn shows_certificate(&self) -> bool {
        self.requests().any(|request| request.certificate)
    }

    /// The optional parameter that a value consists of: where it is not given, the value is left out together with its name.
    pub fn optional_in<'a>(&self, value: &'a Template) -> Option<&'a str> {
        match value.parts.as_slice() {
            [Part::Slot(Slot::Client(name))] if self.client.get(name)?.optional => Some(name),
            _ => None,
        }
    }

    /// Whether a failed exchange may be repeated with the same credential: it cannot be spent by one. Where the access token is
    /// sent along and a refresh revokes it, the credential as a whole is spent, however often the refresh token may be used. A mint
    /// spends nothing, and where no answer brings a token none is spent.
    pub fn is_replayable(&self) -> bool {
        if self.request.operation.mints() || self.response.access_token.is_unchanged() {
            return true;
        }
        let Some(refresh) = &self.refresh else {
            return false;
        };
        let revokes = self.access.after_refresh == OldAccessToken::Revoked;
        refresh.use_ == RefreshUse::Many && !(revokes && self.credential() == Credential::Both)
    }

    /// How long a spent refresh token may be sent again, where time ends it.
    pub fn replay_window(&self) -> Option<std::time::Duration> {
        self.refresh.as_ref()?.spent.until()?.window()
    }
}

/// What an exchange takes from the caller and spends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Credential {
    /// The refresh token.
    RefreshToken,
    /// The current access token.
    AccessToken,
    /// Both: the refresh token, and the access token beside it.
    Both,
    /// Nothing: the client's settings alone bring a token.
    Nothing,
}

impl Credential {
    /// Whether a refresh token is in it.
    pub const fn holds_refresh_token(self) -> bool {
        matches!(self, Self::RefreshToken | Self::Both)
    }

    /// Whether an access token is in it.
    pub const fn holds_access_token(self) -> bool {
        matches!(self, Self::AccessToken | Self::Both)
    }
}
