//! A lifetime that the request chooses must be in the request.

use super::Facts;
use crate::contract::{Chosen, ParameterKind, Part, Slot};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::CHOSEN_LIFETIME;
use crate::path::Path;
use std::time::Duration;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let contract = facts.contract;
    let refresh = contract.refresh.as_ref().and_then(|refresh| refresh.expires.chosen());
    let access = contract.access.expires.chosen();
    for (token, chosen) in [("access", access), ("refresh", refresh)] {
        let Some(chosen) = chosen else { continue };
        let path = Path::of("tokens").key(token).key("expires");
        if let Some((key, message, hint)) = wrong(facts, chosen) {
            found.push(Finding::value(CHOSEN_LIFETIME, path.key(key), message).hint(hint));
        }
    }
}

/// At which key what is wrong, and what to do.
fn wrong(facts: Facts<'_>, chosen: &Chosen) -> Option<(&'static str, String, String)> {
    let name = &chosen.parameter;
    let slot = Slot::Client(name.clone());
    let Some(parameter) = facts.contract.client.get(name) else {
        let message = format!("no parameter of `client` is called `{name}`");
        let hint = format!("declare it: `client: {{ {name}: {{ optional: true }} }}`");
        return Some(("chosen_by", message, hint));
    };
    let mut sent = facts.contract.request.templates();
    if !sent.any(|text| matches!(&text.parts[..], [Part::Slot(only)] if *only == slot)) {
        let message = format!("the request does not send `{name}` by itself");
        let hint = format!("send it where the provider reads it: `form: {{ {name}: \"{slot}\" }}`");
        return Some(("chosen_by", message, hint));
    }
    let mut proofs = facts.contract.request.auth.templates();
    if proofs.any(|text| text.slots().any(|used| *used == slot)) {
        let message = format!("`{name}` says who the client is, and no lifetime");
        return Some(("chosen_by", message, "name the parameter that brings it".to_owned()));
    }
    if let (Some(least), Some(most)) = (chosen.at_least, chosen.at_most)
        && least > most
    {
        let message = "the shortest lifetime is longer than the longest";
        return Some(("at_least", message.to_owned(), "exchange the two".to_owned()));
    }
    if parameter.secret || parameter.kind != ParameterKind::Text {
        let message = format!("`{name}` brings no number of seconds");
        return Some(("chosen_by", message, "leave `secret` and `type` out".to_owned()));
    }
    let is_refused = |value: &&String| {
        let lifetime = value.parse().ok().map(Duration::from_secs);
        !lifetime.is_some_and(|lifetime| chosen.takes(lifetime))
    };
    let refused = parameter.default.iter().chain(&parameter.one_of).find(is_refused)?;
    let message = format!("`{name}` may be `{refused}`, which the provider does not take");
    let hint = "let it be whole seconds between `at_least` and `at_most`";
    Some(("chosen_by", message, hint.to_owned()))
}
