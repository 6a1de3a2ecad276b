//! Which outcome an answer is: the reference reading of the error map.
//!
//! Generated code does not call this; tests hold it against this. The fake provider asks it whether a refusal that it is about to
//! write will be read as it is meant.

use super::answer::json_document;
use super::{
    BodyCondition, Contract, ErrorClass, ErrorRule, FieldMatch, Literal, SignIn, StatusRange,
};
use serde_json::Value;
use std::sync::LazyLock;

/// Which outcome an answer is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome<'a> {
    /// It holds new tokens.
    Success,
    /// It holds none, and this rule says why.
    Refused(&'a ErrorRule),
}

/// For a status that HTTP does not have, and for contracts made by hand whose error map is not total.
static UNMATCHED: LazyLock<ErrorRule> = LazyLock::new(|| ErrorRule {
    status: Vec::new(),
    body: BodyCondition::Any,
    class: ErrorClass::ContractViolation,
    perhaps_gone: false,
    credential: None,
    retry_after: None,
    sign_in: SignIn::Unspecified,
    doc: None,
    name: format!("{}a status outside 100 to 599", ErrorRule::DEFAULT),
});

impl Contract {
    /// Which outcome the answer with this status and body is: the first explicit rule that matches, else success, else the
    /// first default rule that matches.
    pub fn classify(&self, status: u16, body: &[u8]) -> Outcome<'_> {
        let json = self.document(body);
        let first = |default: bool| {
            let mut rules = self.errors.iter().filter(move |rule| rule.is_default() == default);
            rules.find(|rule| rule.matches(status, body, json.as_ref()))
        };
        if let Some(rule) = first(false) {
            return Outcome::Refused(rule);
        }
        let success = &self.response.success;
        let field = success.field.as_ref().is_none_or(|field| field.matches(json.as_ref()));
        if field && includes(&success.status, status) {
            return Outcome::Success;
        }
        Outcome::Refused(first(true).unwrap_or(&UNMATCHED))
    }

    /// Gives `fields` what `response.success` asks for, where they lack it: a value that no rule takes, where there is one, since rules are
    /// asked first.
    pub fn succeed(&self, fields: &mut Value) {
        let success = &self.response.success;
        let Some(asked) = &success.field else { return };
        let status = success.usual_status();
        let succeeds = |fields: &Value| {
            let body = fields.to_string();
            let mut rules = self.errors.iter().filter(|rule| !rule.is_default());
            asked.matches(Some(fields))
                && !rules.any(|rule| rule.matches(status, body.as_bytes(), Some(fields)))
        };
        if succeeds(fields) {
            return;
        }
        let with = |value| {
            let mut fields = fields.clone();
            asked.field.put(&mut fields, value);
            fields
        };
        let mut candidates = asked.candidates().map(with);
        *fields = candidates.find(succeeds).unwrap_or_else(|| with(asked.value()));
    }
}

impl ErrorRule {
    fn matches(&self, status: u16, body: &[u8], json: Option<&Value>) -> bool {
        self.fits_body(body, json) && self.fits_status(status)
    }

    /// Whether this is the body that it asks for.
    pub(crate) fn fits_body(&self, body: &[u8], json: Option<&Value>) -> bool {
        match &self.body {
            BodyCondition::Any => true,
            BodyCondition::Empty => body.trim_ascii().is_empty(),
            BodyCondition::Field(field) => field.matches(json),
            BodyCondition::Text(texts) => texts.iter().any(|text| holds(body, text)),
        }
    }

    /// Whether this is one of its statuses.
    pub(crate) fn fits_status(&self, status: u16) -> bool {
        includes(&self.status, status)
    }
}

impl FieldMatch {
    /// Whether `json` holds the field with one of the values, or with none of them. What is no JSON has no fields.
    pub fn matches(&self, json: Option<&Value>) -> bool {
        json.and_then(|json| self.field.find(json)).is_some_and(|value| self.accepts(value))
    }

    /// Whether the field may have this value.
    pub fn accepts(&self, value: &Value) -> bool {
        let listed = || self.equals.iter().any(|literal| literal.is(value));
        !value.is_null() && (self.equals.is_empty() || listed() != self.negated)
    }

    /// A value that the field may have: the first one, or one beside them.
    pub fn value(&self) -> Value {
        let first = match self.equals.first() {
            None => Value::from("synthetic"),
            Some(first) if !self.negated => return first.into(),
            Some(Literal::Bool(truth)) => Value::from(!truth),
            Some(Literal::Integer(_)) => Value::from(1),
            Some(Literal::Text(_)) => Value::from("synthetic"),
        };
        // One more than there are values.
        let others = (2..).map(Value::from).take(self.equals.len() + 1);
        std::iter::once(first).chain(others).find(|value| self.accepts(value)).unwrap_or_default()
    }

    /// Values that the field may have, that of [`FieldMatch::value`] first: all that are listed, or some beside them.
    fn candidates(&self) -> impl Iterator<Item = Value> {
        let listed = self.equals.iter().map(Value::from);
        let others = ["synthetic".into(), true.into(), false.into()];
        let numbers = (0..64).map(Value::from);
        let all = std::iter::once(self.value()).chain(listed).chain(others).chain(numbers);
        all.filter(|value| self.accepts(value))
    }

    /// The least JSON that meets it.
    pub fn sample(&self) -> Value {
        let mut json = Value::Null;
        self.field.put(&mut json, self.value());
        json
    }
}

impl Literal {
    /// Whether `value` is this one. Types count: `true` is not `"true"`; but `200` is `200.0`.
    pub fn is(&self, value: &Value) -> bool {
        match self {
            Self::Bool(expected) => value.as_bool() == Some(*expected),
            Self::Text(expected) => value.as_str() == Some(expected),
            Self::Integer(expected) => match value.as_i64() {
                Some(found) => found == *expected,
                None => value.as_f64() == Some(*expected as f64),
            },
        }
    }
}

/// Whether a body that is no JSON object begins with bytes that hold `text`.
fn holds(body: &[u8], text: &str) -> bool {
    let looked_at = &body[..body.len().min(BodyCondition::LOOKED_AT)];
    let found = looked_at.windows(text.len().max(1)).any(|place| place == text.as_bytes());
    found && !json_document(body).is_some_and(|json| json.is_object())
}

fn includes(ranges: &[StatusRange], status: u16) -> bool {
    ranges.iter().any(|range| range.contains(status))
}
