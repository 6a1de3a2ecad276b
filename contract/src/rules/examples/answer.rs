//! What an example expects must be what the contract makes of the answer.

use super::{Facts, near, shorten, shown};
use crate::contract::{
    Contract, Example, Expect, ExpectedExpiry, Given, OutputKind, SignIn, Unusable,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::ANSWER_DIFFERS;
use crate::diagnostics::words::listed;
use crate::exchange::{Read, base_url, read_example, unaccepted_type};
use crate::path::Path;
use serde_json::Value;

pub(super) fn check(facts: Facts<'_>, example: &Example, path: &Path, found: &mut Vec<Finding>) {
    let read = read_example(facts.contract, example);
    let mut differs = Differs { found, example: path.clone(), path: path.key("expect") };
    match (&example.expect, &read) {
        (Expect::Tokens { .. }, Read::Error { class, rule, .. }) => {
            let message = format!("the contract reads this answer as `{class}`: {rule}");
            differs.hinted("access_token", message, type_hint(facts.contract, example, rule));
        }
        (Expect::Error { class, .. }, Read::Tokens { .. }) => {
            let message = "the contract reads tokens from this answer".to_owned();
            differs.hinted("error", message, near::nearest(facts.contract, example, *class));
        }
        (
            Expect::Error { class, sign_in },
            Read::Error { class: made, sign_in: made_sign_in, rule },
        ) => {
            if class != made {
                let message = format!("the contract reads this answer as `{made}`: {rule}");
                differs.hinted("error", message, near::nearest(facts.contract, example, *class));
            } else if sign_in.is_some() && sign_in != made_sign_in {
                let made = made_sign_in.unwrap_or(SignIn::Unspecified);
                differs.at("sign_in", format!("the contract says `sign_in: {made}`: {rule}"));
            }
        }
        (
            Expect::Tokens {
                access_token,
                access_expires,
                refresh_token,
                refresh_expires,
                scope,
                outputs,
            },
            Read::Tokens {
                access_token: made_access,
                access_expires: made_access_expires,
                refresh_token: made_refresh,
                refresh_expires: made_refresh_expires,
                scope: made_scope,
                outputs: made_outputs,
                unread,
            },
        ) => {
            for (key, why) in unread {
                let hint = type_hint(facts.contract, example, why);
                differs.hinted(key, not_understood(why), hint);
            }
            differs.text("access_token", Some(access_token), Some(made_access));
            differs.expiry("access_expires", *access_expires, *made_access_expires);
            differs.text("refresh_token", refresh_token.as_deref(), made_refresh.as_deref());
            differs.expiry("refresh_expires", *refresh_expires, *made_refresh_expires);
            differs.text("scope", scope.as_deref(), made_scope.as_deref());
            unusable(facts, example, &mut differs);
            for (name, expected) in outputs {
                let path = differs.path.key("outputs").key(name);
                let message = match made_outputs.get(name) {
                    Some(made) if made == expected => continue,
                    Some(made) => format!("the contract reads `{}`", shorten(&made.to_string())),
                    None if facts.contract.response.outputs.contains_key(name) => {
                        "the contract reads none from this answer".to_owned()
                    }
                    None => format!("there is no output `{name}`: declare it under `response`"),
                };
                differs.here(path, message);
            }
        }
    }
}

fn not_understood(why: &str) -> String {
    format!("a client does not understand all of this answer: {why}")
}

/// What to write where `why` is the type of the token.
fn type_hint(contract: &Contract, example: &Example, why: &str) -> Option<String> {
    let refused = unaccepted_type(contract, &contract.fields_of(example)?)?;
    let field = &contract.response.token_type.as_ref()?.field;
    (refused == why).then(|| format!(
        "correct the example, or name the types of the page: `response: {{ token_type: {{ field: {field}, accepted: [ … ] }} }}`"
    ))
}

/// Outputs that clients leave out although they should be there: each is told where the example shows it.
fn unusable(facts: Facts<'_>, example: &Example, differs: &mut Differs<'_>) {
    let contract = facts.contract;
    let Some(answer) = contract.fields_of(example) else { return };
    let base_urls = base_urls(contract, &example.given);
    for (name, output) in &contract.response.outputs {
        let field = output.field.present(&answer);
        let read = base_urls.iter().map(|base_url| output.read(&answer, base_url));
        let Some(read) = read.max_by_key(|read| *read != Err(Unusable::Elsewhere)) else {
            continue;
        };
        let (why, hint) = match read {
            Ok(None) if !output.optional => (
                format!("the output `{name}` is missing at `{field}`"),
                format!(
                    "add it to the answer, correct `response.outputs.{name}`, or write `optional: true` there if answers may lack it"
                ),
            ),
            Ok(_) => continue,
            Err(Unusable::OfAnotherKind) => (
                format!("the output `{name}` at `{field}` is not {}", output.kind.label()),
                of_another_kind(name, field.find(&answer), &field.to_string()),
            ),
            Err(Unusable::Elsewhere) => (
                format!("the output `{name}` at `{field}` is no address that `hosts` allow"),
                format!(
                    "write a synthetic address at one of {}, or correct `response.outputs.{name}.hosts`",
                    listed(output.hosts.iter().map(String::as_str))
                ),
            ),
        };
        let path = shown(example, field, &answer, &differs.example);
        let finding = Finding::value(ANSWER_DIFFERS, path, not_understood(&why));
        differs.found.push(finding.hint(hint));
    }
}

/// What to write of an output that holds another `value` than one of its kind.
fn of_another_kind(name: &str, value: Option<&Value>, field: &str) -> String {
    let kind = value.and_then(|value| OutputKind::ALL.into_iter().find(|kind| kind.accepts(value)));
    match kind {
        Some(kind) => format!(
            "correct it, or say what it is, one of {}: `{name}: {{ field: {field}, type: {} }}`",
            listed(OutputKind::ALL.iter().map(|kind| kind.name())),
            kind.name()
        ),
        None => format!("correct it, or `response.outputs.{name}.type`"),
    }
}

/// The base URLs that an example may have: one, unless it does not say which.
fn base_urls(contract: &Contract, given: &Given) -> Vec<String> {
    if let Ok(base_url) = base_url(contract, given) {
        return vec![base_url];
    }
    let in_each = contract.base.environments.iter().map(|environment| Given {
        environment: Some(environment.name.clone()),
        base_url: None,
        ..given.clone()
    });
    in_each.filter_map(|given| base_url(contract, &given).ok()).collect()
}

const USUAL_HINT: &str =
    "correct the example or the contract: one of them is not what the page says";

struct Differs<'a> {
    found: &'a mut Vec<Finding>,
    example: Path,
    path: Path,
}

impl Differs<'_> {
    fn at(&mut self, key: &str, message: String) {
        self.here(self.path.key(key), message);
    }

    fn hinted(&mut self, key: &str, message: String, hint: Option<String>) {
        self.told(self.path.key(key), message, hint.unwrap_or_else(|| USUAL_HINT.to_owned()));
    }

    fn here(&mut self, path: Path, message: String) {
        self.told(path, message, USUAL_HINT.to_owned());
    }

    fn told(&mut self, path: Path, message: String, hint: String) {
        // What is not understood there is not read either.
        if self.found.iter().any(|known| known.code == ANSWER_DIFFERS && known.path == path) {
            return;
        }
        self.found.push(Finding::value(ANSWER_DIFFERS, path, message).hint(hint));
    }

    /// Compares where the example expects something.
    fn text(&mut self, key: &str, expected: Option<&str>, made: Option<&str>) {
        match (expected, made) {
            (Some(expected), Some(made)) if expected != made => {
                self.at(key, format!("the contract reads `{}`", shorten(made)));
            }
            (Some(_), None) => self.at(key, "the contract reads none from this answer".to_owned()),
            _ => {}
        }
    }

    fn expiry(&mut self, key: &str, expected: Option<ExpectedExpiry>, made: ExpectedExpiry) {
        if expected.is_some_and(|expected| expected != made) {
            let made = match made {
                ExpectedExpiry::At(instant) => instant.to_string(),
                ExpectedExpiry::Never => "never".to_owned(),
                ExpectedExpiry::Undeclared => "undeclared".to_owned(),
            };
            self.at(key, format!("the contract reads `{made}`"));
        }
    }
}
