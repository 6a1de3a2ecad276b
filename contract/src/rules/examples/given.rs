//! What the integrator holds must be enough to begin.

use super::Facts;
use crate::contract::{Example, Slot};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::INCOMPLETE_GIVEN;
use crate::path::Path;
use crate::suggest::nearest;

/// Whether the exchange can begin.
pub(super) fn check(
    facts: Facts<'_>,
    example: &Example,
    path: &Path,
    found: &mut Vec<Finding>,
) -> bool {
    let before = found.len();
    let path = path.key("given");
    client(facts, example, &path, found);
    for (slot, key, held) in [
        (Slot::AccessToken, "access_token", &example.given.access_token),
        (Slot::RefreshToken, "refresh_token", &example.given.refresh_token),
    ] {
        token(facts, &slot, key, held.as_deref(), &path, found);
    }
    found.len() == before
}

fn client(facts: Facts<'_>, example: &Example, path: &Path, found: &mut Vec<Finding>) {
    let declared = &facts.contract.client;
    let values = &example.given.client;
    for (name, value) in values {
        let path = path.key("client").key(name);
        match declared.get(name) {
            None => {
                let finding = Finding::key(
                    INCOMPLETE_GIVEN,
                    path,
                    format!("there is no client parameter `{name}`"),
                );
                found.push(match nearest(name, declared.keys().map(String::as_str)) {
                    Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
                    None => finding.hint("declare it under `client`, or leave it out"),
                });
            }
            Some(parameter) if !parameter.allows(value) => {
                let allowed = if parameter.one_of.is_empty() {
                    format!("write {}", parameter.kind)
                } else {
                    format!("choose one of `{}`", parameter.one_of.join("`, `"))
                };
                let message = format!("the builder would refuse `{value}` for `{name}`");
                found.push(Finding::value(INCOMPLETE_GIVEN, path, message).hint(allowed));
            }
            Some(_) => {}
        }
    }
    let missing = declared
        .iter()
        .filter(|(name, parameter)| parameter.default.is_none() && !values.contains_key(*name));
    for (name, _) in missing {
        let message = format!("the example has no value for the client parameter `{name}`");
        let hint = format!("write `client: {{ {name}: … }}` with a synthetic value");
        found.push(Finding::value(INCOMPLETE_GIVEN, path.clone(), message).hint(hint));
    }
}

fn token(
    facts: Facts<'_>,
    slot: &Slot,
    key: &str,
    held: Option<&str>,
    path: &Path,
    found: &mut Vec<Finding>,
) {
    let used = facts
        .contract
        .request
        .templates()
        .any(|template| template.slots().any(|used| used == slot));
    let longest = facts.contract.refresh.as_ref().and_then(|refresh| refresh.max_length);
    let (message, hint) = match held {
        None if used => {
            let message = format!("the request needs `{slot}`, and the example holds none");
            found.push(
                Finding::value(INCOMPLETE_GIVEN, path.clone(), message)
                    .hint(format!("write `{key}: …`, synthetic")),
            );
            return;
        }
        None => return,
        Some(token) if token.is_empty() || token.chars().any(char::is_control) => (
            "a token is neither empty nor holds control characters".to_owned(),
            "write a synthetic one".to_owned(),
        ),
        Some(token)
            if *slot == Slot::RefreshToken
                && longest.is_some_and(|longest| token.len() > longest as usize) =>
        {
            let length = token.len();
            (
                format!("this refresh token has {length} bytes, more than `max_length` allows"),
                "shorten it".to_owned(),
            )
        }
        Some(_) => return,
    };
    found.push(Finding::value(INCOMPLETE_GIVEN, path.key(key), message).hint(hint));
}
