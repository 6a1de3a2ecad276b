//! What the integrator brings must be used, and must fit where it is used.

use super::Facts;
use super::places::RequestPart;
use super::signing;
use crate::contract::{
    Generated, JsonTemplate, Parameter, ParameterKind, Slot, Template, ValueChecks,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    BAD_PARAMETER, OPTIONAL_MISPLACED, UNUSED_PARAMETER, WRONG_PARAMETER_TYPE,
};
use crate::path::Path;
use crate::spec::EnvironmentSpec;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let checks = facts.checks;
    for (name, parameter) in &facts.contract.client {
        if !facts.spec.client.contains_key(name) {
            continue;
        }
        let slot = Slot::Client(name.clone());
        let path = Path::of("client").key(name);
        let in_host = !checks.hosts(&slot).is_empty();
        if !in_host && !checks.is_sent(&slot) {
            let message = format!("nothing uses the parameter `{name}`");
            let hint = format!("write `{slot}` where it goes, name it in `auth`, or leave it out");
            found.push(Finding::key(UNUSED_PARAMETER, path, message).hint(hint));
            continue;
        }
        let before = found.len();
        wrong_type(name, parameter, in_host, &path, found);
        if found.len() == before {
            values(parameter, &slot, checks, &path, found);
        }
    }
    optional(facts, found);
}

/// What may be absent stands where it can be left out whole: alone, under a name. Elsewhere nobody could say what is left.
fn optional(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let is_optional = |slot: &&Slot| match slot {
        Slot::Client(name) => facts.contract.client.get(name).is_some_and(|it| it.optional),
        Slot::AccessToken
        | Slot::RefreshToken
        | Slot::Value(_)
        | Slot::Taken(_)
        | Slot::TokenUrl => false,
    };
    let mut refuse = |slot: &Slot, path: Path, why: &str| {
        let message = format!("`{slot}` is optional, and {why}");
        let hint = "give the parameter a default instead of `optional`, or let it be the whole value of a field, a member of JSON, a claim, a header or a parameter of the query";
        found.push(Finding::value(OPTIONAL_MISPLACED, path, message).hint(hint));
    };
    for placed in facts.placed() {
        let Some(slot) = placed.template.slots().find(is_optional) else { continue };
        let why = match placed.part {
            RequestPart::Path => "a path has no part that can be left out",
            RequestPart::Auth if !placed.can_be_absent => {
                "HTTP Basic has no part that can be left out"
            }
            RequestPart::Header if !placed.can_be_absent => "this header is never left out",
            _ if !placed.can_be_absent => "only what has a name can be left out",
            _ if facts.contract.optional_in(placed.template).is_none() => {
                "a longer text cannot go without it"
            }
            _ => continue,
        };
        refuse(slot, placed.path, why);
    }
    for (name, value) in &facts.contract.request.values {
        // A claim has a name, and can be left out with it.
        let can_be_absent = |template: &Template| {
            let is_named =
                |claim: &JsonTemplate| claim.is_text(template) || claim.has_member(template);
            matches!(value, Generated::Jwt(jwt) if jwt.claims.iter().any(|(_, claim)| is_named(claim)))
                && facts.contract.optional_in(template).is_some()
        };
        let templates = value.templates().into_iter().filter(|template| !can_be_absent(template));
        let mut slots = templates.flat_map(Template::slots);
        if let Some(slot) = slots.find(is_optional) {
            let path = part_of_value(facts, name, value, slot);
            refuse(slot, path, "what the client makes cannot go without it");
        }
    }
    for environment in &facts.contract.base.environments {
        if let Some(slot) = environment.url.slots().find(is_optional) {
            let path = Path::of("environments").key(&environment.name);
            let path = match facts.spec.environments.get(&environment.name) {
                Some(EnvironmentSpec::Described(_)) => path.key("url"),
                Some(EnvironmentSpec::Url(_)) => path,
                None => Path::of("refresh.request"),
            };
            refuse(slot, path, "a host has no part that can be left out");
        }
    }
}

/// Where in a value something was written: in a signed token, the part that holds it.
fn part_of_value(facts: Facts<'_>, name: &str, value: &Generated, slot: &Slot) -> Path {
    let Generated::Jwt(jwt) = value else { return facts.value(name) };
    let holds = |text: &Template| text.slots().any(|held| held == slot);
    let part = match jwt.header.iter().find(|(_, text)| holds(text)) {
        Some((parameter, _)) if parameter == "x5t#S256" => "x5t_s256",
        Some((parameter, _)) => parameter,
        None if holds(&jwt.key.text) => "key",
        None => "claims",
    };
    let path = signing::place(facts, name).key(part);
    match jwt.claims.iter().find(|(_, claim)| claim.templates().into_iter().any(holds)) {
        Some((claim, _)) if part == "claims" => path.key(claim),
        _ => path,
    }
}

fn wrong_type(
    name: &str,
    parameter: &Parameter,
    in_host: bool,
    path: &Path,
    found: &mut Vec<Finding>,
) {
    let kind = parameter.kind;
    match (kind, in_host) {
        (_, true) if parameter.secret => {
            let message =
                format!("`{name}` is secret and stands in a host name, which everyone sees");
            let hint = "leave `secret` out, or send it in a header or in the body";
            found.push(Finding::key(WRONG_PARAMETER_TYPE, path.clone(), message).hint(hint));
        }
        (ParameterKind::Text | ParameterKind::SigningKey, true) => {
            let message =
                format!("`{name}` stands in a host name, and any text would be accepted for it");
            let hint =
                "write `type: host_label` for one label of the name, `type: host` for a whole one";
            found.push(Finding::key(WRONG_PARAMETER_TYPE, path.clone(), message).hint(hint));
        }
        (ParameterKind::Host | ParameterKind::HostLabel, false) => {
            let message = format!("`{name}` is {kind}, and no host name holds it");
            let hint = "leave `type` out, or use it in the host of an environment";
            found.push(Finding::value(WRONG_PARAMETER_TYPE, path.key("type"), message).hint(hint));
        }
        (ParameterKind::SigningKey, _) if !parameter.secret => {
            let message = format!("`{name}` is a private key and is not secret");
            found.push(
                Finding::key(WRONG_PARAMETER_TYPE, path.clone(), message)
                    .hint("write `secret: true`"),
            );
        }
        (ParameterKind::SigningKey, _) if !parameter.one_of.is_empty() => {
            let message = format!("`{name}` is a private key, and `one_of` shows which it may be");
            let hint = "a private key in a spec is no secret: leave `one_of` out";
            found.push(Finding::key(BAD_PARAMETER, path.key("one_of"), message).hint(hint));
        }
        _ => {}
    }
}

/// The values that the spec itself gives must be such as a client takes where they go.
fn values(
    parameter: &Parameter,
    slot: &Slot,
    checks: &ValueChecks<'_>,
    path: &Path,
    found: &mut Vec<Finding>,
) {
    let default = parameter.default.iter().map(|value| (value, path.key("default")));
    let listed = parameter.one_of.iter().enumerate();
    let listed = listed.map(|(index, value)| (value, path.key("one_of").index(index)));
    for (value, path) in default.chain(listed) {
        if let Some(problem) = checks.place(slot, value) {
            let message = format!("no client takes `{value}` for `{slot}`: {problem}");
            let hint = "correct the value, or where it is sent";
            found.push(Finding::value(BAD_PARAMETER, path, message).hint(hint));
        }
    }
    for (value, path) in for_hosts(parameter, path) {
        let mut hosts = checks.hosts(slot).iter();
        let problem = hosts.find_map(|environment| {
            Some((environment, checks.host_problem(environment, slot, value)?))
        });
        if let Some((environment, problem)) = problem {
            let message = format!(
                "no client takes `{value}` for `{slot}`: in the environment `{}` {problem}",
                environment.name
            );
            let hint = "correct the value, or the base URL";
            found.push(Finding::value(BAD_PARAMETER, path, message).hint(hint));
        }
    }
}

/// The values that a host is held against. Of a list those in which the others' problems show first, so that many values in
/// many hosts are not each held against each: the longest, the first that is a number, and the first with a port.
fn for_hosts<'a>(parameter: &'a Parameter, path: &Path) -> Vec<(&'a String, Path)> {
    let mut values: Vec<_> =
        parameter.default.iter().map(|value| (value, path.key("default"))).collect();
    let listed = || parameter.one_of.iter().enumerate();
    let first = |test: fn(&str) -> bool| listed().find(|(_, value)| test(value));
    let picked = [
        listed().max_by_key(|(_, value)| value.len()),
        first(|value| value.bytes().all(|byte| byte.is_ascii_digit())),
        first(|value| value.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("0x"))),
        first(|value| value.starts_with('[')),
        first(|value| value.contains(':')),
    ];
    let mut seen = Vec::new();
    for (index, value) in picked.into_iter().flatten() {
        if !seen.contains(&index) {
            seen.push(index);
            values.push((value, path.key("one_of").index(index)));
        }
    }
    values
}
