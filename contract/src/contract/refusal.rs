//! How a provider's other endpoints refuse a dead access token.

use super::answer::json_document;
use super::{AccessToken, FieldMatch, StatusRange};
use serde::{Deserialize, Serialize};

/// A way to refuse a dead access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessRefusal {
    /// With this status of 400 to 499, whatever the body.
    Status(u16),
    /// With one of some statuses that other answers have as well, and a field of the body.
    Field(FieldRefusal),
}

/// An answer that refuses a dead access token by a field of its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRefusal {
    /// The statuses, never empty.
    pub status: Vec<StatusRange>,
    /// What a field of the body must hold.
    pub field: FieldMatch,
}

impl FieldRefusal {
    /// The largest body that is looked at, in bytes.
    pub const LOOKED_AT: usize = 16 * 1024;

    /// Whether it is the reading of an answer.
    pub fn matches(&self, status: u16, media_type: Option<&str>, body: &[u8]) -> bool {
        self.status.iter().any(|range| range.contains(status))
            && media_type.is_some_and(is_json)
            && body.len() <= Self::LOOKED_AT
            && self.field.matches(json_document(body).as_ref())
    }
}

impl AccessToken {
    /// The statuses that refuse a dead one by themselves.
    pub fn refusing_statuses(&self) -> impl Iterator<Item = u16> + '_ {
        self.refused_with.iter().filter_map(|refusal| match refusal {
            AccessRefusal::Status(status) => Some(*status),
            AccessRefusal::Field(_) => None,
        })
    }

    /// The fields that refuse a dead one.
    pub fn refusing_fields(&self) -> impl Iterator<Item = &FieldRefusal> + '_ {
        self.refused_with.iter().filter_map(|refusal| match refusal {
            AccessRefusal::Status(_) => None,
            AccessRefusal::Field(refusal) => Some(refusal),
        })
    }

    /// Whether an answer of another endpoint refuses the token that its request carried. `media_type` is its `Content-Type`.
    pub fn is_refused_by(&self, status: u16, media_type: Option<&str>, body: &[u8]) -> bool {
        self.refusing_statuses().any(|refusing| refusing == status)
            || self.refusing_fields().any(|refusal| refusal.matches(status, media_type, body))
    }
}

/// Whether a media type is that of JSON (RFC 6839 section 3.1), whatever its parameters.
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Literal, Pointer};

    #[test]
    fn a_field_refuses_in_json_of_its_status_and_within_bounds() {
        let field = Pointer::new(vec!["error".to_owned()]);
        let values = vec![Literal::Text("expired".to_owned())];
        let status = vec![StatusRange::one(200), StatusRange { first: 400, last: 499 }];
        let refusal = FieldRefusal { status, field: FieldMatch::equals(field, values) };
        let json = Some("application/json; charset=utf-8");
        let body = r#"{"error":"expired"}"#;
        let padded = |length: usize| format!("{body}{}", " ".repeat(length - body.len()));
        for (status, media_type, body, expected) in [
            (200, json, body.to_owned(), true),
            (418, Some("APPLICATION/problem+JSON"), body.to_owned(), true),
            (200, json, padded(FieldRefusal::LOOKED_AT), true),
            (200, json, padded(FieldRefusal::LOOKED_AT + 1), false),
            (201, json, body.to_owned(), false),
            (200, Some("text/json-seq"), body.to_owned(), false),
            (200, None, body.to_owned(), false),
            (200, json, r#"{"error":"Expired"}"#.to_owned(), false),
            (200, json, format!("{body}{body}"), false),
        ] {
            assert_eq!(
                refusal.matches(status, media_type, body.as_bytes()),
                expected,
                "{status} {media_type:?}"
            );
        }
    }
}
