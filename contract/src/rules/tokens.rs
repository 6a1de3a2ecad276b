//! Facts about tokens, held against each other and against what the answer holds.

use super::Facts;
use crate::contract::{
    AccessRefusal, Expiry, OldAccessToken, RefreshToken, RefreshUse, RefreshWhen, ReplayAnswer,
    Reuse, Rotation, Spent, Successor,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    MISTAKE_OR_DEATH, REDUNDANT_LIFETIME, ROTATION_WITHOUT_FIELD, SCOPE_OR_DEATH,
    TOKEN_FACTS_DISAGREE, UNEXPECTED_REFRESH_TOKEN, UNREACHABLE_RULE, WHEN_WITHOUT_EXPIRY,
};
use crate::path::Path;
use crate::spec::OneOrMany;
use std::collections::HashSet;
use std::time::Duration;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    if let Some(refresh) = &facts.contract.refresh {
        rotation(facts, refresh, found);
        refresh_facts(refresh, found);
    }
    when(facts, found);
    at_most_every(facts, found);
    most_alive(facts, found);
    beside(facts, found);
    usual_lifetime(facts, found);
    refused_with(facts, found);
}

fn rotation(facts: Facts<'_>, refresh: &RefreshToken, found: &mut Vec<Finding>) {
    let read = facts.contract.response.refresh_token.is_some();
    let path = Path::of("tokens.refresh.rotation");
    match refresh.rotation {
        Rotation::Always | Rotation::Echo | Rotation::KeepsOld | Rotation::Sometimes if !read => {
            let message = "answers hold a refresh token, and nothing says where: it would be lost";
            found.push(
                Finding::value(ROTATION_WITHOUT_FIELD, path, message)
                    .hint("write `response: { refresh_token: /… }`"),
            );
        }
        Rotation::Never
            if facts
                .spec
                .response
                .as_ref()
                .is_some_and(|response| response.refresh_token.is_some()) =>
        {
            let message = "no answer holds a refresh token, and one is read";
            let hint = "leave `response.refresh_token` out, or say how it rotates";
            found.push(Finding::value(UNEXPECTED_REFRESH_TOKEN, path, message).hint(hint));
        }
        _ => {}
    }
}

fn refresh_facts(refresh: &RefreshToken, found: &mut Vec<Finding>) {
    let path = Path::of("tokens.refresh");
    let mut disagree = |key: &str, message: &str, hint: &str| {
        found.push(Finding::value(TOKEN_FACTS_DISAGREE, path.key(key), message).hint(hint));
    };
    if let (Some(idle), Some(lifetime)) = (refresh.idle_limit, refresh.expires.stated())
        && idle > lifetime
    {
        disagree(
            "idle_limit",
            "the idle limit is longer than the refresh token lives",
            "check both on the page",
        );
    }
    if let (Some(until), Some(lifetime)) = (refresh.spent.until(), refresh.expires.stated())
        && until.window().is_some_and(|window| window > lifetime)
    {
        disagree(
            "spent",
            "a spent refresh token stays good for longer than one lives",
            "check both on the page",
        );
    }
    match (refresh.use_, refresh.rotation) {
        (RefreshUse::Once, Rotation::Never | Rotation::Echo) => {
            disagree(
                "rotation",
                "the refresh token is good for one exchange, and no answer holds another",
                "check both on the page",
            );
        }
        (RefreshUse::Once, Rotation::KeepsOld) => {
            disagree(
                "rotation",
                "the refresh token is good for one exchange, and the old one stays good",
                "check both on the page",
            );
        }
        _ => {}
    }
    let ends_by_refresh = |successor| successor != Successor::AccessTokenUsed;
    if refresh.spent.generations().is_some_and(|most| most > 1)
        && refresh.spent.until().and_then(|until| until.successor()).is_some_and(ends_by_refresh)
    {
        disagree(
            "spent",
            "the use of the next refresh token ends a spent one, and the one before it stays good",
            "leave `generations` out, or say another `good_until`",
        );
    }
    // Where none replaces it, no exchange can spend it.
    let is_replaced = !matches!(refresh.rotation, Rotation::Never | Rotation::Echo);
    let many = |key: &str| match is_replaced {
        true => format!("leave `{key}` out, or write `use: once`"),
        false => format!("leave `{key}` out, or correct `rotation`: by that none replaces it"),
    };
    if refresh.use_ == RefreshUse::Many {
        if refresh.spent.until().is_some() {
            disagree("spent", "a refresh token for many exchanges is never spent", &many("spent"));
        }
        if !matches!(refresh.reuse, Reuse::Unknown) {
            disagree("reuse", "a refresh token for many exchanges may come back", &many("reuse"));
        }
    }
}

fn when(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let request = &facts.contract.request;
    let access = &facts.contract.access;
    let path = Path::of("refresh.when");
    let conditional = !matches!(request.when, RefreshWhen::AnyTime | RefreshWhen::Unknown);
    if conditional && matches!(access.expires, Expiry::Undeclared | Expiry::Never) {
        let (message, hint) = match access.expires {
            Expiry::Never => (
                "this depends on when the access token expires, and it never does",
                "leave it out: it may be refreshed at any time; or say where the expiry is in place of `never`",
            ),
            _ => (
                "this depends on when the access token expires, which the client cannot know",
                "say where the expiry is: `tokens: { access: { expires: … } }`",
            ),
        };
        found.push(Finding::value(WHEN_WITHOUT_EXPIRY, path, message).hint(hint));
        return;
    }
    let lifetime = match access.expires {
        Expiry::Constant(lifetime) => Some(lifetime),
        _ => access.usual_lifetime,
    };
    if let (RefreshWhen::NearExpiry(margin), Some(lifetime)) = (request.when, lifetime)
        && margin > lifetime
    {
        let message = "`near_expiry` is longer than the access token lives";
        let hint = "check both on the page";
        found.push(
            Finding::value(TOKEN_FACTS_DISAGREE, path.key("near_expiry"), message).hint(hint),
        );
    }
}

/// A refresh must come before its credential is gone, and a replay before its window is over.
fn at_most_every(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let contract = facts.contract;
    let Some(apart) = contract.request.at_most_every else {
        return;
    };
    let refresh = contract.refresh.as_ref();
    let life = match contract.access.expires {
        Expiry::Constant(lifetime) => Some(lifetime),
        _ => contract.access.usual_lifetime,
    };
    let window = refresh.and_then(|refresh| refresh.spent.until()?.window());
    let ends = [
        (life, "the access token has expired before it may be refreshed"),
        (
            refresh.and_then(|refresh| refresh.expires.stated()),
            "the refresh token has expired before it may be sent",
        ),
        (
            refresh.and_then(|refresh| refresh.idle_limit),
            "the refresh token has died of disuse before it may be sent",
        ),
        (window, "a spent refresh token is dead before it may be sent again"),
    ];
    let over = |(end, _): &&(Option<Duration>, &str)| end.is_some_and(|end| apart >= end);
    if let Some((_, message)) = ends.iter().find(over) {
        let path = Path::of("refresh.at_most_every");
        found.push(
            Finding::value(TOKEN_FACTS_DISAGREE, path, *message).hint("check both on the page"),
        );
    }
}

fn most_alive(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let access = &facts.contract.access;
    if access.most_alive.is_some() && access.after_refresh != OldAccessToken::Valid {
        let message = "several access tokens live at a time, and a new one ends the old";
        found.push(
            Finding::value(TOKEN_FACTS_DISAGREE, Path::of("tokens.access.after_refresh"), message)
                .hint("leave one of the two out"),
        );
    }
}

/// A spent refresh token brings tokens beside the earlier ones, which a refresh does not end then.
fn beside(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let contract = facts.contract;
    let spent = contract.refresh.as_ref().map(|refresh| refresh.spent);
    let beside = matches!(spent, Some(Spent::Good { answer: ReplayAnswer::Another, .. }));
    if beside && contract.access.after_refresh == OldAccessToken::Revoked {
        let message = "a refresh ends the old access token, and the tokens of a repeated one live beside the earlier ones";
        let hint = "write `answer: supersedes` where the other tokens end the earlier ones, or leave one of the two out";
        let path = Path::of("tokens.access.after_refresh");
        found.push(Finding::value(TOKEN_FACTS_DISAGREE, path, message).hint(hint));
    }
}

fn usual_lifetime(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let access = &facts.contract.access;
    if access.usual_lifetime.is_none() {
        return;
    }
    let path = Path::of("tokens.access.usual_lifetime");
    match access.expires {
        Expiry::Constant(_) => {
            let message = "the lifetime is already a constant";
            found.push(
                Finding::key(REDUNDANT_LIFETIME, path, message).hint("leave `usual_lifetime` out"),
            );
        }
        Expiry::Never => {
            let message = "the access token never expires and usually lives so long";
            found.push(
                Finding::value(TOKEN_FACTS_DISAGREE, path, message).hint("check both on the page"),
            );
        }
        _ => {}
    }
}

/// RFC 6750 section 3.1 has 401 for a dead token, and 403 for one that may not do this.
const FORBIDDEN: u16 = 403;
/// What a request gets that is wrong in itself, whatever token it carries.
const MISTAKES: [u16; 10] = [400, 404, 405, 406, 409, 410, 411, 413, 415, 422];

fn refused_with(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let access = &facts.contract.access;
    let written = facts.spec.tokens.as_ref();
    let is_list = written
        .and_then(|tokens| tokens.access.refused_with.as_ref())
        .is_some_and(|written| matches!(written, OneOrMany::Many(_)));
    let alone: HashSet<u16> = access.refusing_statuses().collect();
    for (index, refusal) in access.refused_with.iter().enumerate() {
        let path = Path::of("tokens.access.refused_with");
        let path = if is_list { path.index(index) } else { path };
        match refusal {
            AccessRefusal::Status(FORBIDDEN) => {
                let message =
                    "403 also refuses a token that lacks a scope, and no refresh gives it one";
                let hint = "leave it out, unless the page says that dead tokens are refused so";
                found.push(Finding::value(SCOPE_OR_DEATH, path, message).hint(hint));
            }
            AccessRefusal::Status(status) if MISTAKES.contains(status) => {
                let message = format!(
                    "{status} also refuses a request that is wrong in itself, and no refresh mends it"
                );
                let hint = format!(
                    "name the field that tells them apart: `{{ status: {status}, field: /error, equals: … }}`"
                );
                found.push(Finding::value(MISTAKE_OR_DEATH, path, message).hint(hint));
            }
            AccessRefusal::Status(_) => {}
            AccessRefusal::Field(refusal) => {
                let mut statuses =
                    refusal.status.iter().flat_map(|range| range.first..=range.last).peekable();
                if statuses.peek().is_some() && statuses.all(|status| alone.contains(&status)) {
                    let message = "this is never asked: the status alone refuses the token";
                    let hint = "leave it out, or leave the bare status out";
                    found.push(Finding::value(UNREACHABLE_RULE, path, message).hint(hint));
                }
            }
        }
    }
}
