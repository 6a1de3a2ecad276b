//! What answers hold beside the tokens.

use super::Pointer;
pub use crate::spec::OutputKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value that answers hold beside the tokens, and that is kept with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Where it is.
    pub field: Pointer,
    /// What it is.
    pub kind: OutputKind,
    /// At which hosts an address may be besides that of the base URL, sorted, as [`Taken::hosts`](super::Taken::hosts); anywhere where there
    /// are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Whether it must never be shown.
    pub secret: bool,
    /// Whether an answer may be without it.
    pub optional: bool,
    /// What it is for.
    pub doc: Option<String>,
}

impl Output {
    /// A made-up value of its kind.
    pub fn sample(&self, name: &str) -> Value {
        let words = name.replace('_', "-");
        match self.kind {
            OutputKind::Text => format!("synthetic-{words}").into(),
            OutputKind::Url => {
                let host = self.hosts.first().map(|host| host.replace('*', &words));
                format!("https://{}", host.unwrap_or(format!("{words}.example"))).into()
            }
            OutputKind::Integer => 7.into(),
            OutputKind::Boolean => true.into(),
            OutputKind::Json => serde_json::json!({ "synthetic": words }),
        }
    }

    /// The value in an answer of a provider whose base URL is `base_url`; `None` where it is absent, `null` or an empty text.
    ///
    /// # Errors
    /// Nothing but that it is there, and not of its kind, or an address that [`hosts`](Self::hosts) do not allow.
    pub fn read<'a>(
        &self,
        answer: &'a Value,
        base_url: &str,
    ) -> Result<Option<&'a Value>, Unusable> {
        let told = self.field.find(answer).filter(|value| !value.is_null() && **value != "");
        let Some(value) = told else { return Ok(None) };
        let text = value.as_str().unwrap_or_default();
        match () {
            () if !self.kind.accepts(value) => Err(Unusable::OfAnotherKind),
            () if !self.allows(text, base_url) => Err(Unusable::Elsewhere),
            () => Ok(Some(value)),
        }
    }

    /// Whether an address may be the value, at a provider whose base URL is `base_url`.
    pub fn allows(&self, address: &str, base_url: &str) -> bool {
        self.hosts.is_empty()
            || rekindle_syntax::is_bounded_base_url(address, base_url, &self.hosts)
    }
}

/// Why a value that is there is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It is not of the kind that its output has.
    OfAnotherKind,
    /// It is an address that is at none of the hosts of its output.
    Elsewhere,
}

impl OutputKind {
    /// Whether a value is of this kind.
    pub fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Url => value.as_str().is_some_and(rekindle_syntax::is_web_address),
            Self::Integer => value.is_i64(),
            Self::Boolean => value.is_boolean(),
            Self::Json => true,
        }
    }
}
