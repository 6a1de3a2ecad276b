//! The contract's own errors.

use super::{Rule, answer};
use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderValue, Response};
use jiff::Timestamp;
use rekindle_contract::contract::{
    BodyCondition, Contract, ErrorClass, ErrorRule, Expect, Outcome, StatusRange,
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
}

/// The answer to a request that breaks `rule`.
pub(super) fn broken(contract: &Contract, rule: Rule, now: Timestamp) -> Response<Vec<u8>> {
    let kind = Kind::of(rule);
    let mut rules: Vec<(usize, &ErrorRule)> =
        contract.errors.iter().filter_map(|rule| Some((kind.fits(rule)?, rule))).collect();
    // The sort is stable: of rules that fit as well, the first.
    rules.sort_by_key(|(fit, _)| *fit);
    let all: Vec<Candidate> = rules
        .into_iter()
        .flat_map(|(_, rule)| candidates(contract, rule, kind.code(), &USUAL))
        .collect();
    let chosen = match kind {
        Kind::Dead => all.into_iter().next(),
        // The sort is stable: of equals, the first rule's.
        Kind::Client | Kind::Limited | Kind::Malformed(_) => {
            all.into_iter().min_by_key(|candidate| {
                let quoted = format!("\"{}\"", kind.code());
                (!candidate.body.contains(&quoted), candidate.status != kind.status())
            })
        }
    };
    let chosen = chosen.unwrap_or_else(|| fallback(contract, kind));
    let Candidate { status, body } = asking_to_wait(contract, documented(contract, chosen));
    let mut response = answer::refusal(contract, status, body, now);
    name(&mut response, rule.name());
    response
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

/// The same refusal with the body of a documented one that means the same by the same rule of the contract, where there is one: providers
/// have envelopes of their own.
fn documented(contract: &Contract, candidate: Candidate) -> Candidate {
    let Outcome::Refused(rule) = read(contract, candidate.status, &candidate.body) else {
        return candidate;
    };
    let field = |body: &str| match &rule.body {
        BodyCondition::Field(condition) => contract
            .document(sent(contract, body).as_bytes())
            .and_then(|json| condition.field.find(&json).cloned()),
        _ => None,
    };
    let value = field(&candidate.body);
    let bodies = contract.examples.iter().filter_map(|example| {
        let is_error = matches!(example.expect, Expect::Error { .. });
        if !is_error || example.response.status != candidate.status {
            return None;
        }
        let text = || example.response.body.wire().to_string();
        Some(contract.fields_of(example).map_or_else(text, |fields| fields.to_string()))
    });
    let mut same = bodies.filter(|body| {
        let taken = read(contract, candidate.status, body);
        let is_same = matches!(taken, Outcome::Refused(taken) if std::ptr::eq(taken, rule));
        is_same && !body.is_empty() && field(body) == value
    });
    match same.next() {
        Some(body) => Candidate { body, ..candidate },
        None => candidate,
    }
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
        let Candidate { status, body } = fallback(contract, Kind::Malformed(400));
        return answer::refusal(contract, status, body, now);
    };
    let every: Vec<u16> = (200..600).collect();
    let usual = candidates(contract, rule, code, &USUAL).into_iter().next();
    let found = usual.or_else(|| candidates(contract, rule, code, &every).into_iter().next());
    let Candidate { status, body } = found.unwrap_or_else(|| Candidate {
        status: rule.status.first().map_or(400, |range| range.first),
        body: bodies(&rule.body, code).into_iter().next().unwrap_or_default(),
    });
    let candidate = documented(contract, Candidate { status, body });
    let Candidate { status, body } = asking_to_wait(contract, candidate);
    let mut response = answer::refusal(contract, status, body, now);
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
    let mut candidates = Vec::new();
    for status in statuses.filter(|status| *status >= 200) {
        for body in bodies(&rule.body, code) {
            // No body comes with these two (RFC 9110 sections 15.3.5 and 15.4.5).
            if matches!(status, 204 | 304) && !body.is_empty() {
                continue;
            }
            let taken = match read(contract, status, &body) {
                Outcome::Refused(taken) => std::ptr::eq(taken, rule),
                Outcome::Success => false,
            };
            if taken {
                candidates.push(Candidate { status, body });
            }
        }
    }
    candidates
}

/// Bodies that a rule asks for.
fn bodies(condition: &BodyCondition, code: &str) -> Vec<String> {
    let field = match condition {
        BodyCondition::Any => return vec![json!({ "error": code }).to_string(), String::new()],
        BodyCondition::Empty => return vec![String::new()],
        BodyCondition::Text(texts) => return texts.clone(),
        BodyCondition::Field(field) => field,
    };
    let listed = field.equals.iter().map(Value::from);
    let values: Vec<Value> = match (field.equals.is_empty(), field.negated) {
        (true, _) => vec![code.into()],
        (false, false) => listed.collect(),
        (false, true) => [Value::from(code), 1.into(), 2.into(), field.value()]
            .into_iter()
            .filter(|value| field.accepts(value))
            .collect(),
    };
    let body = |value: Value| {
        let mut body = json!({});
        field.field.put(&mut body, value);
        body.to_string()
    };
    values.into_iter().map(body).collect()
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
                return Candidate { status, body };
            }
        }
    }
    Candidate { status, body: code }
}
