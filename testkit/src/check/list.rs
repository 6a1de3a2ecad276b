//! Which checks a contract gives.

use super::aspect::Aspect;
use super::{Check, Cost, Kind, aspect, behaviour, local, probe, resource};
use crate::provider::Rule;
use http::Uri;
use rekindle_contract::contract::{Contract, Ending, Generation, Sequence, Step};
use rekindle_contract::derive;

/// Every check of a provider with this contract, those first that cost the least.
pub fn checks(contract: &Contract) -> Vec<Check> {
    all(contract, None)
}

/// The same, and those of a page at this URL that its access tokens open.
pub fn checks_at(contract: &Contract, resource: &Uri) -> Vec<Check> {
    all(contract, Some(resource))
}

fn all(contract: &Contract, resource: Option<&Uri>) -> Vec<Check> {
    let at_resource = resource.map(|url| resource::all(contract, url)).unwrap_or_default();
    if contract.request.operation.is_local() {
        return local::all(contract).into_iter().chain(at_resource).collect();
    }
    let mut found: Vec<Check> = aspect::ALL
        .into_iter()
        .filter(|aspect| aspect.applies(contract))
        .map(Aspect::check)
        .collect();
    // While the token is fresh that the first refresh brought.
    found.extend(at_resource);
    found.push(again(contract));
    found.extend(probes(contract));
    let behaviours = behaviour::ALL.into_iter();
    let behaviours = behaviours.filter(|behaviour| behaviour.rule().applies(contract));
    found.extend(behaviours.map(|behaviour| Check {
        id: behaviour.id().to_owned(),
        title: behaviour.rule().title().to_owned(),
        rules: behaviour.rules().to_vec(),
        cost: Cost::Grant,
        kind: Kind::Behaviour(behaviour),
    }));
    found.extend(sequences(contract));
    // Stable: among equals the order stays.
    found.sort_by_key(order);
    found
}

/// When a check is done: what is known of tokens before what is known of requests, and what may cost the grant last. There are servers
/// that end a grant over a wrong header.
fn order(check: &Check) -> u8 {
    match (&check.kind, check.cost) {
        (Kind::Resource(resource::Resource::AfterRefresh, _), _) => 1,
        (Kind::Aspect(_) | Kind::Resource(..) | Kind::Again | Kind::Local(_), _) => 0,
        (Kind::Sequence(..), Cost::Nothing | Cost::Refresh) => 1,
        (_, Cost::Nothing | Cost::Refresh) => 2,
        (Kind::Behaviour(behaviour), _) if !behaviour.ends_grant() => 3,
        (Kind::Probes(rule, _), _) if !is_of_header(*rule) => 4,
        (Kind::Behaviour(_), _) => 5,
        (Kind::Sequence(..), _) => 6,
        (Kind::Probes(..), _) => 7,
    }
}

fn is_of_header(rule: Rule) -> bool {
    matches!(rule, Rule::HeaderMissing | Rule::HeaderValue | Rule::HeaderTwice)
}

/// What is said of a check with this id, whatever the contract: what must hold, and the rules behind it. `None` for the checks that are
/// named after a rule of providers or a sequence, and where there is no such check.
pub fn said_of(id: &str) -> Option<(&'static str, &'static [&'static str])> {
    let aspects = aspect::ALL.into_iter().map(|of| (of.id(), of.title(), of.rules()));
    let behaviours = behaviour::ALL.into_iter().map(|of| (of.id(), of.rule().title(), of.rules()));
    let resource = resource::ALL.into_iter().map(|of| (of.id(), of.title(), of.rules()));
    let local = local::OWN.into_iter().map(|(of, title, _)| (of, title, &[] as _));
    let again = [(AGAIN, "What an exchange brings is good for another one.", AGAIN_RULES)];
    let mut all = aspects.chain(behaviours).chain(resource).chain(local).chain(again);
    all.find(|(of, ..)| of.eq_ignore_ascii_case(id)).map(|(_, title, rules)| (title, rules))
}

const AGAIN: &str = "refresh-again";
const AGAIN_RULES: &[&str] = &["R16"];

fn again(contract: &Contract) -> Check {
    let title = match contract.request.operation.mints() {
        true => "Another token is minted.",
        false => "What a refresh brings is good for another one.",
    };
    Check {
        id: AGAIN.to_owned(),
        title: title.to_owned(),
        rules: AGAIN_RULES.to_vec(),
        cost: Cost::Refresh,
        kind: Kind::Again,
    }
}

/// A check for each rule about requests.
fn probes(contract: &Contract) -> Vec<Check> {
    let mut found: Vec<(Rule, Vec<probe::Probe>)> = Vec::new();
    for probe in probe::all(contract) {
        match found.last_mut() {
            Some((rule, probes)) if *rule == probe.rule => probes.push(probe),
            _ => found.push((probe.rule, vec![probe])),
        }
    }
    found
        .into_iter()
        .map(|(rule, probes)| Check {
            id: rule.name().to_owned(),
            title: rule.title().to_owned(),
            rules: rule.numbers(),
            cost: probes.iter().map(|probe| probe.cost(contract)).max().unwrap_or(Cost::Nothing),
            kind: Kind::Probes(rule, probes),
        })
        .collect()
}

/// The sequences that are written, and those that are derived.
fn sequences(contract: &Contract) -> Vec<Check> {
    let written =
        contract.sequences.iter().map(|sequence| (sequence.clone(), &[] as &[&'static str]));
    let derived =
        derive::sequences(contract).into_iter().map(|derived| (derived.sequence, derived.rules));
    let written = written.map(|(sequence, rules)| sequence_check("sequence", sequence, rules));
    let derived = derived.map(|(sequence, rules)| sequence_check("derived", sequence, rules));
    written.chain(derived).collect()
}

fn sequence_check(prefix: &str, sequence: Sequence, rules: &[&'static str]) -> Check {
    let harmless = sequence.steps.iter().all(is_harmless);
    Check {
        title: sequence
            .doc
            .unwrap_or_else(|| format!("The sequence `{}` ends as written.", sequence.id)),
        id: format!("{prefix}-{}", sequence.id),
        rules: rules.to_vec(),
        cost: if harmless { Cost::Refresh } else { Cost::Grant },
        kind: Kind::Sequence(sequence.steps, about(&sequence.id)),
    }
}

/// The fact that a sequence with this name is about, where there is one.
fn about(id: &str) -> Option<&'static str> {
    Some(match id {
        "old-access-token" => "tokens.access.after_refresh",
        "oldest-access-token" => "tokens.access.most_alive",
        "too-many-mints" | "too-many-refreshes" => "refresh.limit",
        "refresh-too-soon" => "refresh.at_most_every",
        "access-token-used-once" | "access-token-used-often" => "tokens.access.use",
        "access-token-without-end" | "access-token-in-time" | "access-token-too-late" => {
            "tokens.access.expires"
        }
        "first-access-token" => "tokens.access.expires",
        "refresh-token-in-time" | "refresh-token-too-late" | "refresh-token-not-prolonged" => {
            "tokens.refresh.expires"
        }
        "refresh-token-kept-alive" | "refresh-token-idle" => "tokens.refresh.idle_limit",
        "refresh-too-early" | "refresh-too-late" => "refresh.when",
        "spent-refresh-token" => "tokens.refresh.reuse",
        "old-refresh-token" => "tokens.refresh.use",
        "lost-answer-replayed"
        | "replay-in-time"
        | "replay-too-late"
        | "replay-of-an-older-one"
        | "replay-of-too-old-a-one"
        | "replay-until-successor-is-used" => "tokens.refresh.spent",
        "revoked-grant" | "every-refusal" => "errors",
        _ => return None,
    })
}

/// Whether a step leaves whoever takes it with a grant.
fn is_harmless(step: &Step) -> bool {
    match step {
        Step::Refresh(attempt) => {
            attempt.token == Generation::Current
                && attempt.trouble.is_none()
                && attempt.ending == Ending::Tokens
        }
        Step::Use { .. } | Step::Wait(_) => true,
        Step::Revoke => false,
    }
}
