//! What the integrator holds must be enough to begin.

use super::{Facts, shorten};
use crate::contract::{Environment, Example, ParameterKind, Slot, ValueChecks};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::INCOMPLETE_GIVEN;
use crate::diagnostics::words::{listed, meant};
use crate::path::Path;
use rekindle_syntax::BaseUrl;

/// How many missing values are named.
const MOST_NAMES: usize = 8;

/// What every exchange needs.
pub(super) struct Needed<'a> {
    /// What clients take and refuse.
    pub(super) checks: &'a ValueChecks<'a>,
    /// The parameters without a default, by name.
    pub(super) required: Vec<&'a str>,
}

/// Finds why the exchange cannot begin.
pub(super) fn check(
    facts: Facts<'_>,
    needed: &Needed<'_>,
    example: &Example,
    path: &Path,
    found: &mut Vec<Finding>,
) {
    let before = found.len();
    let path = path.key("given");
    client(facts, needed, example, &path, found);
    for (slot, key, held) in [
        (Slot::AccessToken, "access_token", &example.given.access_token),
        (Slot::RefreshToken, "refresh_token", &example.given.refresh_token),
    ] {
        token(needed.checks, &slot, key, held.as_deref(), &path, found);
    }
    if found.len() == before {
        host(facts, example, &path, found);
    }
}

fn client(
    facts: Facts<'_>,
    needed: &Needed<'_>,
    example: &Example,
    path: &Path,
    found: &mut Vec<Finding>,
) {
    let declared = &facts.contract.client;
    let values = &example.given.client;
    for (name, value) in values {
        let path = path.key("client").key(name);
        let Some(parameter) = declared.get(name) else {
            let message = format!("there is no client parameter `{name}`");
            let finding = Finding::key(INCOMPLETE_GIVEN, path, message);
            let guess = meant(name, declared.keys().map(String::as_str), found);
            found.push(match guess {
                Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
                None => finding.hint("declare it under `client`, or leave it out"),
            });
            continue;
        };
        if parameter.kind == ParameterKind::SigningKey && parameter.kind.accepts(value) {
            continue; // It is no part of the request.
        }
        if let Some(problem) = needed.checks.refusal(&Slot::Client(name.clone()), value) {
            let hint = if parameter.one_of.is_empty() {
                format!("write {}", parameter.kind)
            } else {
                format!("choose one of {}", listed(parameter.one_of.iter().map(String::as_str)))
            };
            let value = shorten(value);
            let message = format!("the builder would refuse `{value}` for `{name}`: {problem}");
            found.push(Finding::value(INCOMPLETE_GIVEN, path, message).hint(hint));
        }
    }
    let required = needed.required.iter().copied().filter(|name| !values.contains_key(*name));
    let environment = environment(facts, example);
    let of_environment = environment.into_iter().flat_map(|environment| environment.url.slots());
    let of_environment = of_environment.filter_map(|slot| match slot {
        Slot::Client(name) => {
            let is_missing =
                needed.checks.is_of_environment(name) && !values.contains_key(name.as_str());
            is_missing.then_some(name.as_str())
        }
        _ => None,
    });
    let mut missing = required.chain(of_environment);
    // An example may lack most of many.
    let names: Vec<&str> = missing.by_ref().take(MOST_NAMES).collect();
    if names.is_empty() {
        return;
    }
    let others = if missing.next().is_some() { " and more" } else { "" };
    let all: Vec<String> = names.iter().map(|name| format!("`given.client.{name}`")).collect();
    let message = format!("the example has no {}{others}", all.join(", "));
    let values: Vec<String> = names.iter().map(|name| format!("{name}: …")).collect();
    let hint =
        format!("write `given: {{ client: {{ {} }} }}` with synthetic values", values.join(", "));
    let first = path.key("client").key(names.first().copied().unwrap_or_default());
    found.push(Finding::value(INCOMPLETE_GIVEN, first, message).hint(hint));
}

/// The environment that an example is in.
fn environment<'a>(facts: Facts<'a>, example: &Example) -> Option<&'a Environment> {
    let (None, Some(name)) = (&example.given.base_url, &example.given.environment) else {
        return None;
    };
    let environments = &facts.contract.base.environments;
    let at = environments.binary_search_by(|environment| environment.name.cmp(name));
    environments.get(at.ok()?)
}

fn token(
    checks: &ValueChecks<'_>,
    slot: &Slot,
    key: &str,
    held: Option<&str>,
    path: &Path,
    found: &mut Vec<Finding>,
) {
    match held {
        None if checks.is_sent(slot) => {
            let message =
                format!("the example has no `given.{key}`, and the request needs `{slot}`");
            let hint = format!("write `given: {{ {key}: … }}`, synthetic");
            found.push(Finding::value(INCOMPLETE_GIVEN, path.key(key), message).hint(hint));
        }
        None => {}
        Some(token) => found.extend(checks.refusal(slot, token).map(|problem| {
            let message = format!("no client sends this token: {problem}");
            Finding::value(INCOMPLETE_GIVEN, path.key(key), message).hint("write a synthetic one")
        })),
    }
}

/// What is given must make a base URL. One that the integrator brings was looked at when it was read.
fn host(facts: Facts<'_>, example: &Example, path: &Path, found: &mut Vec<Finding>) {
    let given = &example.given;
    let Some(environment) = environment(facts, example) else { return };
    let value = |name: &String| {
        let default = || facts.contract.client.get(name)?.default.clone();
        given.client.get(name).cloned().or_else(default).unwrap_or_default()
    };
    let url = environment.url.render(|slot| match slot {
        Slot::Client(name) => value(name),
        Slot::AccessToken
        | Slot::RefreshToken
        | Slot::Value(_)
        | Slot::Taken(_)
        | Slot::TokenUrl => String::new(),
    });
    if let Err(problem) = BaseUrl::read(&url) {
        let message =
            format!("the builder would refuse the base URL `{}`: {problem}", shorten(&url));
        let hint = "correct the values that stand in the host";
        found.push(Finding::value(INCOMPLETE_GIVEN, path.key("client"), message).hint(hint));
    }
}
