//! Which rule of `errors` an example of a refusal was written for, where another outcome is read.

use super::shorten;
use crate::contract::{
    BodyCondition, Contract, ErrorClass, ErrorRule, Example, Pointer, StatusRange,
};
use crate::exchange::own_reading;
use serde_json::Value;

/// What nearly made a rule match, the nearest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Miss {
    /// It matches, and another one is asked before it.
    Later,
    /// The body that it asks for has another status.
    Status { any_body: bool },
    /// The answer is JSON, and holds the text at this member.
    InJson(String),
    /// Another value stands at the field.
    Value(String),
}

/// Of the rules that say `class`, the one that nearly matches the answer of `example`: why it does not, and what to do.
pub(super) fn nearest(contract: &Contract, example: &Example, class: ErrorClass) -> Option<String> {
    let own = own_reading(contract, example);
    let contract = own.as_ref().unwrap_or(contract);
    let rules = contract.errors.iter().filter(|rule| rule.class == class && !rule.is_default());
    let missed = rules.filter_map(|rule| Some((miss(contract, example, rule)?, rule)));
    let (miss, rule) = missed.min_by(|(one, _), (other, _)| one.rank().cmp(&other.rank()))?;
    Some(format!("`{}` {}", shorten(&rule.name), miss.said(rule, example.response.status)))
}

fn miss(contract: &Contract, example: &Example, rule: &ErrorRule) -> Option<Miss> {
    let body = example.response.body.wire();
    let json = contract.document(body.as_bytes());
    let json = json.as_ref();
    if rule.fits_body(body.as_bytes(), json) {
        let any_body = rule.body == BodyCondition::Any;
        return match rule.fits_status(example.response.status) {
            true => Some(Miss::Later),
            // What RFC 6749 says of a status says nothing of another one.
            false => (!any_body || !rule.is_of_profile()).then_some(Miss::Status { any_body }),
        };
    }
    let json = json.filter(|_| rule.fits_status(example.response.status))?;
    match &rule.body {
        BodyCondition::Text(texts) => {
            texts.iter().find_map(|text| member_with(json, text)).map(Miss::InJson)
        }
        BodyCondition::Field(field) => {
            let value = field.field.find(json).filter(|value| !value.is_null())?;
            Some(Miss::Value(format!("`{}` at `{}`", shorten(&told(value)), field.field)))
        }
        BodyCondition::Any | BodyCondition::Empty => None,
    }
}

impl Miss {
    fn rank(&self) -> u8 {
        match self {
            Self::Later => 0,
            Self::Status { any_body: false } => 1,
            Self::InJson(_) => 2,
            Self::Value(_) => 3,
            Self::Status { any_body: true } => 4,
        }
    }

    fn said(&self, rule: &ErrorRule, status: u16) -> String {
        match self {
            Self::Later => "matches as well, and is asked later: move it up".to_owned(),
            Self::Status { .. } if rule.is_of_profile() => {
                format!(
                    "does not read the status {status}: write a rule for it with `status: {status}`"
                )
            }
            Self::Status { .. } if rule.status.iter().all(is_4xx) && rule.status.len() <= 2 => {
                format!("reads 4xx only, as rules without `status` do: add `status: {status}`")
            }
            Self::Status { .. } => format!("does not read the status {status}: add it to `status`"),
            Self::InJson(member) => format!(
                "does not match: `text` reads only bodies that are no JSON. Write `field: {member}` and `equals` in its place"
            ),
            Self::Value(found) => format!(
                "does not match: the answer holds {found}. Add it to the rule, or correct the example"
            ),
        }
    }
}

/// Whether it is more than one status of `4xx`.
fn is_4xx(range: &StatusRange) -> bool {
    range.first >= 400 && range.last < 500 && range.first != range.last
}

fn told(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The first member of `json` whose text holds `text`, as a pointer.
fn member_with(json: &Value, text: &str) -> Option<String> {
    fn search(json: &Value, text: &str, way: &mut Vec<String>) -> bool {
        let mut below = |name: String, value: &Value| {
            way.push(name);
            let found = search(value, text, way);
            if !found {
                way.pop();
            }
            found
        };
        match json {
            Value::String(found) => found.contains(text),
            Value::Array(items) => {
                (0..).zip(items).any(|(index, item): (usize, _)| below(index.to_string(), item))
            }
            Value::Object(members) => {
                members.iter().any(|(name, value)| below(name.clone(), value))
            }
            _ => false,
        }
    }
    let mut way = Vec::new();
    search(json, text, &mut way).then(|| Pointer::new(way).to_string())
}
