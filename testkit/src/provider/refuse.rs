//! The contract's own errors.

use super::{Rule, answer};
use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderValue, Response};
use jiff::Timestamp;
use rekindle_contract::contract::{
    BodyCondition, Contract, ErrorClass, ErrorRule, Expect, FieldMatch, Literal, Outcome,
    StatusRange,
};
use serde_json::{Value, json};

/// The header in which a fake provider says by which rule it refuses: a rule of `rekindle explain`, or one of the contract's `errors`.
const REFUSED_BY: HeaderName = HeaderName::from_static("rekindle-refused-by");

/// Statuses that say no, the most usual first.
const USUAL: [u16; 10] = [400, 401, 403, 404, 409, 410, 422, 429, 500, 503];

/// For how long a provider asks to wait that turns a request away.
const WAIT_SECONDS: u64 = 7;

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What was traded is dead.
    Dead,
    /// It is not the registered client.
    Client,
    /// There were too many requests.
    Limited,
    /// The request is not as the contract says. The status is for contracts that have no word for that.
    Malformed(u16),
}

impl Kind {
    fn of(rule: Rule) -> Self {
        match rule {
            Rule::Method => Self::Malformed(405),
            Rule::Path => Self::Malformed(404),
            Rule::ContentType => Self::Malformed(415),
            Rule::ClientUnknown | Rule::SignatureWrong | Rule::ClaimsWrong => Self::Client,
            Rule::TooMany | Rule::TooSoon => Self::Limited,
            Rule::RefreshTokenUnknown
            | Rule::AccessTokenUnknown
            | Rule::TokensApart
            | Rule::GrantRevoked
            | Rule::RefreshTokenSpent
            | Rule::RefreshTokenExpired
            | Rule::RefreshTokenIdle
            | Rule::TooLate
            | Rule::ReuseRevokes
            | Rule::OldAccessTokenRevoked
            | Rule::AccessTokenExpired
            | Rule::AccessTokenSpent => Self::Dead,
            _ => Self::Malformed(400),
        }
    }

    /// How well a rule of the error map fits: not at all, or the better, the less it is.
    fn fits(self, rule: &ErrorRule) -> Option<usize> {
        let class = match self {
            Self::Dead => ErrorClass::Reauthenticate,
            Self::Client | Self::Malformed(_) => ErrorClass::ClientMisconfigured,
            Self::Limited => ErrorClass::RateLimited,
        };
        if rule.class == class && !rule.perhaps_gone {
            return Some(0);
        }
        // Providers that answer both in one way.
        (rule.perhaps_gone && matches!(self, Self::Dead | Self::Client)).then_some(1)
    }

    /// Whether a spec's own rule says how the provider refuses so: no word of the profile stands for it then. One that lists another code
    /// of the profile's kind says more, and nothing else.
    fn has_own_words(self, rule: &ErrorRule) -> bool {
        let is_own = !rule.is_of_profile() && !rule.is_default();
        let is_said = |literal: &Literal| match literal {
            Literal::Text(text) => text == self.code(),
            Literal::Integer(_) | Literal::Bool(_) => true,
        };
        is_own
            && match &rule.body {
                BodyCondition::Field(field) => {
                    field.field.to_string() != "/error"
                        || !field.negated && field.equals.iter().any(is_said)
                }
                BodyCondition::Text(_) => true,
                BodyCondition::Any | BodyCondition::Empty => {
                    rule.status.iter().any(|range| range.contains(self.status()))
                }
            }
    }

    /// The error code of RFC 6749 section 5.2.
    fn code(self) -> &'static str {
        match self {
            Self::Dead => "invalid_grant",
            Self::Client => "invalid_client",
            Self::Limited => "too_many_requests",
            Self::Malformed(_) => "invalid_request",
        }
    }

    /// The status that goes with the code.
    fn status(self) -> u16 {
        match self {
            Self::Client => 401,
            Self::Limited => 429,
            Self::Dead | Self::Malformed(_) => 400,
        }
    }
}

/// An answer that a rule of the error map takes.
struct Candidate {
    status: u16,
    body: String,
    /// The example that shows it; `None` where it is made from the rule alone.
    example: Option<usize>,
}

impl Candidate {
    fn made(status: u16, body: String) -> Self {
        Self { status, body, example: None }
    }
}

/// The answer to a request that breaks `rule`.
pub(super) fn broken(contract: &Contract, rule: Rule, now: Timestamp) -> Response<Vec<u8>> {
    let kind = Kind::of(rule);
    let chosen = fitting(contract, rule).unwrap_or_else(|| fallback(contract, kind));
    let mut response = answered(contract, chosen, now);
    name(&mut response, rule.name());
    response
}

/// What a provider refuses in words that are made up, because no rule of the contract reads any: the page says nothing of them. Each kind of
/// refusal that it may answer with counts.
pub fn made_up_refusals(contract: &Contract) -> Vec<&'static str> {
    let kinds = [
        ("a dead token", &[Rule::RefreshTokenUnknown, Rule::AccessTokenUnknown][..]),
        ("a client's mistake", &[Rule::ClientUnknown, Rule::SignatureWrong, Rule::ClaimsWrong]),
        ("a malformed request", &[Rule::Method]),
        ("too many requests", &[Rule::TooMany, Rule::TooSoon]),
    ];
    // Nobody asks where the client makes the token itself.
    let is_asked = !contract.request.operation.is_local();
    let is_made_up =
        |rule: &Rule| is_asked && rule.applies(contract) && fitting(contract, *rule).is_none();
    let made_up = kinds.into_iter().filter(|(_, rules)| rules.iter().any(is_made_up));
    made_up.map(|(what, _)| what).collect()
}

/// The refusal that is most like this provider's own, of those that mean the same: one that an example shows, else one made from a rule.
fn fitting(contract: &Contract, broken: Rule) -> Option<Candidate> {
    let kind = Kind::of(broken);
    let code = format!("\"{}\"", kind.code());
    let rules = contract.errors.iter().filter_map(|rule| Some((kind.fits(rule)?, rule)));
    let own_words = rules.clone().any(|(fit, rule)| fit == 0 && kind.has_own_words(rule));
    let all = rules.flat_map(|(fit, rule)| {
        let shown = shown(contract, rule);
        let made = candidates(contract, rule, kind.code(), &USUAL);
        shown.into_iter().chain(made).map(move |candidate| (fit, rule, candidate))
    });
    let all: Vec<(usize, &ErrorRule, Candidate)> = all.collect();
    let first = all.iter().min_by_key(|(fit, ..)| *fit).map(|(_, rule, _)| *rule)?;
    // Of equals, the first rule's first.
    let chosen = all.into_iter().min_by_key(|(fit, rule, candidate)| {
        let is_made = candidate.example.is_none();
        let is_other = !candidate.body.contains(&code) || is_made && !lists_values(rule);
        let is_foreign = own_words && is_made && (rule.is_of_profile() || rule.is_default());
        let ends = match kind {
            // What is dead ends as the contract's sequences say: by the first rule that can say so.
            Kind::Dead => {
                (*fit, (rule.sign_in, rule.credential) != (first.sign_in, first.credential))
            }
            // What names the client need not mean that the client alone is meant.
            Kind::Client if !is_other => (0, false),
            Kind::Client | Kind::Limited | Kind::Malformed(_) => (*fit, false),
        };
        let likeness = match kind {
            // An example of another mistake is no example of this one.
            Kind::Malformed(_) => (is_other, is_made),
            Kind::Dead | Kind::Client | Kind::Limited => (is_made, is_other),
        };
        let is_unlike = !tells(contract, rule, candidate, reason(broken));
        let any_status = kind == Kind::Dead || kind == Kind::Client && own_words;
        let other_status = !any_status && candidate.status != kind.status();
        (is_foreign, ends, likeness, is_unlike, other_status)
    });
    chosen.map(|(_, _, candidate)| candidate)
}

/// Whether the rule lists what it takes, and so tells the provider's own values.
fn lists_values(rule: &ErrorRule) -> bool {
    match &rule.body {
        BodyCondition::Field(field) => !field.equals.is_empty() && !field.negated,
        BodyCondition::Text(_) => true,
        BodyCondition::Any | BodyCondition::Empty => false,
    }
}

/// How words begin that tell this reason from others that mean the same.
fn reason(rule: Rule) -> &'static [&'static str] {
    match rule {
        Rule::RefreshTokenSpent | Rule::ReuseRevokes => &["used", "already", "reuse", "spent"],
        Rule::RefreshTokenExpired | Rule::AccessTokenExpired => &["expire"],
        Rule::RefreshTokenIdle => &["idle", "inactiv", "unused", "expire"],
        Rule::GrantRevoked => &["revoke"],
        Rule::RefreshTokenUnknown | Rule::AccessTokenUnknown => &["unknown", "invalid"],
        Rule::ClientUnknown => &["client", "secret", "app"],
        _ => &[],
    }
}

/// Whether one of the words of an answer, as far as they are the provider's, or of what the page says of it, begins so.
fn tells(contract: &Contract, rule: &ErrorRule, candidate: &Candidate, begins: &[&str]) -> bool {
    let example = candidate.example.and_then(|index| contract.examples.get(index));
    let said = [
        (example.is_some() || lists_values(rule)).then_some(candidate.body.as_str()),
        rule.doc.as_deref(),
        example.map(|example| example.id.as_str()),
        example.and_then(|example| example.doc.as_deref()),
    ];
    let text = said.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase();
    text.split(|letter: char| !letter.is_alphanumeric())
        .any(|word| begins.iter().any(|begin| word.starts_with(begin)))
}

/// The answers of examples that `rule` takes.
fn shown(contract: &Contract, rule: &ErrorRule) -> Vec<Candidate> {
    let errors = contract.examples.iter().enumerate();
    let errors = errors.filter(|(_, example)| matches!(example.expect, Expect::Error { .. }));
    let answers = errors.map(|(index, example)| {
        let text = || example.response.body.wire().to_string();
        let body = contract.fields_of(example).map_or_else(text, |fields| fields.to_string());
        Candidate { status: example.response.status, body, example: Some(index) }
    });
    answers.filter(|Candidate { status, body, .. }| takes(contract, rule, *status, body)).collect()
}

/// Whether `rule` takes the answer, and no other before it.
fn takes(contract: &Contract, rule: &ErrorRule, status: u16, body: &str) -> bool {
    matches!(read(contract, status, body), Outcome::Refused(taken) if std::ptr::eq(taken, rule))
}

/// The answer as it is sent.
fn answered(contract: &Contract, candidate: Candidate, now: Timestamp) -> Response<Vec<u8>> {
    let made =
        if candidate.example.is_none() { in_envelope(contract, candidate) } else { candidate };
    let Candidate { status, body, .. } = asking_to_wait(contract, made);
    answer::refusal(contract, status, body, now)
}

/// Says by which rule it was refused: no provider does, and whoever looks for a mistake wants to know.
fn name(response: &mut Response<Vec<u8>>, rule: &str) {
    if let Ok(rule) = HeaderValue::try_from(rule) {
        response.headers_mut().insert(REFUSED_BY, rule);
    }
}

/// As which outcome a client reads an answer with this body, once it is written as this provider writes.
fn read<'a>(contract: &'a Contract, status: u16, body: &str) -> Outcome<'a> {
    contract.classify(status, sent(contract, body).as_bytes())
}

/// The body as it is sent: fields in the format of this provider's answers.
fn sent(contract: &Contract, body: &str) -> String {
    let fields: Option<Value> = serde_json::from_str(body).ok();
    fields.map_or_else(|| body.to_owned(), |fields| contract.written(&fields).1)
}

/// The same refusal with the wait in its body, where the contract says that it is there.
fn asking_to_wait(contract: &Contract, candidate: Candidate) -> Candidate {
    let Outcome::Refused(rule) = read(contract, candidate.status, &candidate.body) else {
        return candidate;
    };
    let fields: Option<Value> = serde_json::from_str(&candidate.body).ok();
    let (Some(wait), Some(mut fields)) = (&rule.retry_after, fields.filter(Value::is_object))
    else {
        return candidate;
    };
    wait.field().put(&mut fields, (WAIT_SECONDS * 1000 / wait.unit()).into());
    Candidate { body: fields.to_string(), ..candidate }
}

/// The answer that the error rule with this index takes.
pub(super) fn by_rule(contract: &Contract, index: usize, now: Timestamp) -> Response<Vec<u8>> {
    let code = "refused";
    let Some(rule) = contract.errors.get(index) else {
        return answered(contract, fallback(contract, Kind::Malformed(400)), now);
    };
    let every: Vec<u16> = (200..600).collect();
    let first = |candidates: Vec<Candidate>| candidates.into_iter().next();
    let found = first(shown(contract, rule))
        .or_else(|| first(candidates(contract, rule, code, &USUAL)))
        .or_else(|| first(candidates(contract, rule, code, &every)));
    let candidate = found.unwrap_or_else(|| {
        let status = rule.status.first().map_or(400, |range| range.first);
        Candidate::made(status, bodies(contract, rule, code).into_iter().next().unwrap_or_default())
    });
    let mut response = answered(contract, candidate, now);
    name(&mut response, &rule.name);
    if rule.class == ErrorClass::RateLimited && rule.retry_after.is_none() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(WAIT_SECONDS));
    }
    response
}

/// The answers with one of these statuses, or with the first of a range, that `rule` takes, and no other before it.
fn candidates(
    contract: &Contract,
    rule: &ErrorRule,
    code: &str,
    statuses: &[u16],
) -> Vec<Candidate> {
    let within = |status: &u16| rule.status.iter().any(|range| range.contains(*status));
    let firsts = rule.status.iter().map(|StatusRange { first, .. }| *first);
    let statuses = statuses.iter().copied().filter(within).chain(firsts);
    let bodies = bodies(contract, rule, code);
    let answers = statuses.filter(|status| *status >= 200).flat_map(|status| {
        // No body comes with these two (RFC 9110 sections 15.3.5 and 15.4.5).
        let has_none = matches!(status, 204 | 304);
        let bodies = bodies.iter().filter(move |body| !has_none || body.is_empty());
        bodies.map(move |body| Candidate::made(status, body.clone()))
    });
    answers.filter(|Candidate { status, body, .. }| takes(contract, rule, *status, body)).collect()
}

/// Bodies that a rule asks for.
fn bodies(contract: &Contract, rule: &ErrorRule, code: &str) -> Vec<String> {
    let field = match &rule.body {
        BodyCondition::Any => return vec![json!({ "error": code }).to_string(), String::new()],
        BodyCondition::Empty => return vec![String::new()],
        BodyCondition::Text(texts) => return texts.clone(),
        BodyCondition::Field(field) => field,
    };
    let values: Vec<Value> = match (field.equals.is_empty(), field.negated) {
        (false, false) => field.equals.iter().map(Value::from).collect(),
        _ => {
            // What stands there in a success tells of which kind the values are.
            let success = contract.response.success.field.iter();
            let success = success.filter(|success| success.field == field.field);
            let listed = field.equals.iter().chain(success.flat_map(|success| &success.equals));
            let are_numbers = listed.map(Value::from).any(|value| value.is_number());
            let mut values = vec![code.into(), 1.into(), 2.into(), field.value()];
            values.rotate_left(usize::from(are_numbers));
            values.retain(|value| field.accepts(value));
            values
        }
    };
    let body = |value: Value| {
        let mut body = json!({});
        field.field.put(&mut body, value);
        body.to_string()
    };
    values.into_iter().map(body).collect()
}

/// The same refusal with what this provider has around each answer, as far as the contract says that: the field that says whether a request
/// succeeded. Whoever reads that first meets it here as well. It is read as before.
fn in_envelope(contract: &Contract, candidate: Candidate) -> Candidate {
    let enveloped = || {
        let field = contract.response.success.field.as_ref()?;
        let mut fields: Value = serde_json::from_str(&candidate.body).ok()?;
        if !fields.is_object() || field.field.find(&fields).is_some() {
            return None;
        }
        field.field.put(&mut fields, refusing(contract, field)?);
        Some(fields.to_string())
    };
    let outcome = |body: &str| read(contract, candidate.status, body);
    match enveloped() {
        Some(body) if outcome(&body) == outcome(&candidate.body) => Candidate { body, ..candidate },
        _ => candidate,
    }
}

/// What stands in a refusal where a success has one of the values of `field`: what all examples show there, else the other of two.
fn refusing(contract: &Contract, field: &FieldMatch) -> Option<Value> {
    let errors = contract.examples.iter();
    let errors = errors.filter(|example| matches!(example.expect, Expect::Error { .. }));
    let mut shown = errors.filter_map(|example| contract.fields_of(example)).map(|fields| {
        let value = field.field.find(&fields).cloned();
        value.filter(|value| !field.accepts(value))
    });
    if let Some(first) = shown.next() {
        // One of several says what is wrong as well.
        return first.filter(|first| shown.all(|other| other.as_ref() == Some(first)));
    }
    let is_of_two = field.equals.iter().any(|literal| matches!(literal, Literal::Bool(_)));
    [true, false].map(Value::from).into_iter().find(|value| is_of_two && !field.accepts(value))
}

/// What a provider says where the contract has no word for it, and what its error map takes for nothing worse.
fn fallback(contract: &Contract, kind: Kind) -> Candidate {
    let status = match kind {
        Kind::Malformed(status) => status,
        Kind::Client => 401,
        Kind::Limited => 429,
        Kind::Dead => 400,
    };
    let code = json!({ "error": kind.code() }).to_string();
    let message = json!({ "message": "the request is not as documented" }).to_string();
    let bodies = [code.clone(), message, String::new()];
    let harmless = |status: u16, body: &str| match read(contract, status, body) {
        Outcome::Refused(rule) => !rule.may_end_grant(),
        Outcome::Success => false,
    };
    if let Kind::Malformed(_) = kind {
        for status in [status, 400, 404, 405, 415, 422, 403] {
            if let Some(body) = bodies.iter().find(|body| harmless(status, body)) {
                let body = body.clone();
                return Candidate::made(status, body);
            }
        }
    }
    Candidate::made(status, code)
}
