//! Which rules a contract gives a provider to enforce.

use super::Rule;
use super::behaviour::{
    Replaced, can_be_spent, can_stay_good, carries_access, carries_refresh, is_spent_when_kept,
    is_spent_when_replaced, is_told, replaced, replaces,
};
use super::{lifetime, mint, request};
use rekindle_contract::contract::{
    AccessUse, Body, ClientAuth, Contract, Credential, JsonTemplate, OldAccessToken, Part,
    RefreshWhen, ReplayAnswer, ReplayEnd, Reuse, Slot, Spent, Successor, Template, xml_fields,
    xml_texts,
};
use std::time::Duration;

/// Whether a provider with this contract has anything to enforce by `rule`: there is something that it refuses, or does
/// otherwise, for this rule alone.
pub(super) fn applies(rule: Rule, contract: &Contract) -> bool {
    if contract.request.operation.is_local() {
        return match rule {
            Rule::SignatureWrong | Rule::ClaimsWrong | Rule::AccessTokenExpired => true,
            Rule::AccessTokenSpent => contract.access.use_ == AccessUse::Once,
            _ => false,
        };
    }
    let has_body = contract.request.body != Body::Empty;
    let absent = |template: &Template| request::may_be_absent(contract, template);
    match rule {
        Rule::Origin | Rule::Method | Rule::Path | Rule::ContentType => true,
        // More in the query of an integrator's address is another address.
        Rule::QueryExtra => !contract.request.is_at_whole_url(),
        Rule::TooMany => too_many(contract),
        Rule::QueryMissing => query(contract).into_iter().any(|value| !absent(value)),
        Rule::QueryTwice => !query(contract).is_empty(),
        Rule::QueryValue => query(contract).into_iter().any(has_constant),
        Rule::HeaderMissing => has_strict_header(contract, |value| !value.is_some_and(absent)),
        Rule::HeaderTwice => {
            has_strict_header(contract, |_| true) || request::content_type(contract).is_some()
        }
        // HTTP Basic has a scheme.
        Rule::HeaderValue => request::declared(contract)
            .into_iter()
            .any(|(_, template)| template.is_none_or(has_constant)),
        Rule::BodyUnexpected => !has_body,
        Rule::BodyEncoding => has_body,
        Rule::FieldMissing | Rule::FieldExtra | Rule::FieldTwice | Rule::FieldValue => {
            field(rule, contract)
        }
        // Headers are open to anything.
        Rule::CredentialElsewhere | Rule::GrantRevoked => true,
        Rule::AuthenticationTwice => !request::declares_authorization(contract),
        Rule::ClientUnknown => slots(contract).any(|slot| match slot {
            Slot::Client(name) => {
                !contract.chosen_lifetimes().any(|chosen| chosen.parameter == *name)
            }
            _ => false,
        }),
        Rule::ValueWrong
        | Rule::ValueReused
        | Rule::ValueStale
        | Rule::SignatureWrong
        | Rule::ClaimsWrong => super::values::applies(rule, contract),
        Rule::StepValue => super::steps::applies(contract),
        Rule::AccessTokenUnknown => carries_access(contract),
        Rule::TokensApart => contract.credential() == Credential::Both,
        Rule::TooEarly | Rule::TooLate => when(rule, contract),
        Rule::LifetimeChosen => contract.chosen_lifetimes().next().is_some(),
        Rule::TooSoon => too_soon(contract),
        Rule::OldAccessTokenRevoked => old_access_token(contract),
        Rule::AccessTokenExpired => lifetime::of_access(contract).is_some(),
        Rule::AccessTokenSpent => contract.access.use_ == AccessUse::Once,
        Rule::AccessTokenProlonged => contract.response.access_token.is_unchanged(),
        Rule::RefreshTokenUnknown
        | Rule::RefreshTokenTooLong
        | Rule::RefreshTokenSpent
        | Rule::RefreshTokenExpired
        | Rule::RefreshTokenIdle
        | Rule::Rotation
        | Rule::ReuseRevokes
        | Rule::ReplayIdentical
        | Rule::ReplayAnother
        | Rule::ReplaySupersedes
        | Rule::ReplayGenerations
        | Rule::ReplayEnds => refresh_token(rule, contract),
    }
}

/// The rules about refresh tokens.
fn refresh_token(rule: Rule, contract: &Contract) -> bool {
    let Some(refresh) = contract.refresh.as_ref().filter(|_| carries_refresh(contract)) else {
        return false;
    };
    let spent = can_be_spent(contract);
    match rule {
        // Beyond this, nobody sends one.
        Rule::RefreshTokenTooLong => {
            let max = refresh.max_length.map(usize::try_from);
            max.is_some_and(|max| max.is_ok_and(|max| max < mint::LONGEST))
        }
        Rule::RefreshTokenSpent => spent,
        Rule::RefreshTokenExpired => expires(contract),
        Rule::RefreshTokenIdle => {
            lifetime::unused(contract).is_some_and(|limit| idles(contract, limit))
        }
        // What is good for one refresh and told nowhere is gone after it, replaced or not.
        Rule::Rotation => is_told(contract) || !is_spent_when_kept(contract),
        Rule::ReuseRevokes => {
            spent && matches!(refresh.reuse, Reuse::ChainRevoked | Reuse::GrantRevoked)
        }
        Rule::ReplayIdentical => spent && replays(refresh.spent, &[ReplayAnswer::Same]),
        Rule::ReplayAnother => {
            spent && replays(refresh.spent, &[ReplayAnswer::Another, ReplayAnswer::Supersedes])
        }
        Rule::ReplayGenerations => spent && counts_generations(contract, refresh.spent),
        Rule::ReplaySupersedes => spent && replays(refresh.spent, &[ReplayAnswer::Supersedes]),
        Rule::ReplayEnds => match refresh.spent.until() {
            None => false,
            // There is no new refresh token whose use would end it.
            Some(ReplayEnd::Used(Successor::RefreshTokenUsed)) => spent && replaces(contract),
            Some(_) => spent,
        },
        _ => true,
    }
}

/// Whether a spent refresh token can be too many refreshes old, and nothing else has ended it by then.
fn counts_generations(contract: &Contract, spent: Spent) -> bool {
    let (Some(most), Some(until)) = (spent.generations(), spent.until()) else {
        return false;
    };
    let by_access = until.successor().is_none_or(|used| used == Successor::AccessTokenUsed);
    let takes = apart(contract).checked_mul(most.saturating_add(1)).unwrap_or(Duration::MAX);
    let in_time = until.window().is_none_or(|window| takes < window);
    replaced(contract) == Replaced::Always && by_access && in_time
}

/// How long after a refresh another one of the same grant is accepted.
fn apart(contract: &Contract) -> Duration {
    window_opens(contract).max(contract.request.at_most_every.unwrap_or_default())
}

/// How long after a refresh the provider accepts another one, as far as the access token matters.
fn window_opens(contract: &Contract) -> Duration {
    let life = lifetime::of_access(contract).unwrap_or(Duration::MAX);
    match contract.request.when {
        RefreshWhen::AnyTime | RefreshWhen::BeforeExpiry | RefreshWhen::Unknown => Duration::ZERO,
        RefreshWhen::AfterExpiry => life,
        RefreshWhen::NearExpiry(margin) => life.saturating_sub(margin),
    }
}

/// Whether more requests can come than the provider takes in a time.
fn too_many(contract: &Contract) -> bool {
    let Some(limit) = contract.limit() else {
        return false;
    };
    let takes = apart(contract).checked_mul(limit.at_most.saturating_add(1));
    contract.mint.is_some() || (lasts(contract) && takes.is_some_and(|takes| takes < limit.per))
}

/// Whether a refresh can be followed by another one.
fn lasts(contract: &Contract) -> bool {
    !carries_refresh(contract) || replaces(contract) || !is_spent_when_kept(contract)
}

/// Whether a refresh can come too soon after another: there is another, and it is not too early as well.
fn too_soon(contract: &Contract) -> bool {
    let apart = contract.request.at_most_every;
    lasts(contract) && apart.is_some_and(|apart| window_opens(contract) < apart)
}

/// Whether a spent refresh token may be sent again, and is answered in one of these ways.
fn replays(spent: Spent, with: &[ReplayAnswer]) -> bool {
    matches!(spent, Spent::Good { answer, .. } if with.contains(&answer))
}

/// Whether a refresh token can reach the end of its life. Where each use brings another, it may be idle for too long before, or the
/// access token that came with it may have expired.
fn expires(contract: &Contract) -> bool {
    let mut others = lifetime::unused(contract).into_iter().chain(too_late(contract));
    contract
        .assumed_refresh_lifetime()
        .is_some_and(|life| can_stay_good(contract) || others.all(|other| other > life))
}

/// Whether a refresh token can be idle for so long and nothing else ends it before.
fn idles(contract: &Contract, limit: Duration) -> bool {
    // Of several refresh tokens of a grant one may be idle while another is used.
    let alone = !replaces(contract) || is_spent_when_replaced(contract);
    let late = too_late(contract).filter(|_| alone);
    let mut others = contract.assumed_refresh_lifetime().into_iter().chain(late);
    others.all(|other| other > limit)
}

/// How long after a refresh the next one is too late.
fn too_late(contract: &Contract) -> Option<Duration> {
    let before = contract.request.when == RefreshWhen::BeforeExpiry;
    lifetime::of_access(contract).filter(|_| before)
}

/// Whether anybody can see that an old access token was revoked.
fn old_access_token(contract: &Contract) -> bool {
    let revoked = match contract.access.after_refresh {
        OldAccessToken::Revoked | OldAccessToken::RevokedOnFirstUse => true,
        OldAccessToken::Valid | OldAccessToken::Unknown => contract.access.most_alive.is_some(),
    };
    let after = contract.request.when == RefreshWhen::AfterExpiry;
    // It has expired before there is a new one.
    let over = after && lifetime::of_access(contract).is_some();
    revoked && (!over || carries_access(contract))
}

/// The rules about time.
fn when(rule: Rule, contract: &Contract) -> bool {
    let Some(life) = lifetime::of_access(contract) else {
        return false;
    };
    match (rule, contract.request.when) {
        // With a longer margin it is never too early.
        (Rule::TooEarly, RefreshWhen::NearExpiry(margin)) => margin < life,
        (Rule::TooEarly, RefreshWhen::AfterExpiry) => true,
        (Rule::TooLate, RefreshWhen::BeforeExpiry) => true,
        _ => false,
    }
}

/// The rules about the fields of a body.
fn field(rule: Rule, contract: &Contract) -> bool {
    let json = request::json_template(contract);
    match (&contract.request.body, json) {
        (Body::Form(fields), _) => {
            let mut values = fields.iter().map(|(_, value)| value).chain(auth_fields(contract));
            match rule {
                Rule::FieldExtra => true,
                Rule::FieldValue => values.any(has_constant),
                Rule::FieldMissing => values.any(|value| !request::may_be_absent(contract, value)),
                _ => values.next().is_some(),
            }
        }
        (Body::Json(_), Some(json)) => match rule {
            // Anything may be of another type.
            Rule::FieldValue => true,
            Rule::FieldExtra => {
                any(&json, &|json| matches!(json, JsonTemplate::List(_) | JsonTemplate::Object(_)))
            }
            Rule::FieldTwice => any(
                &json,
                &|json| matches!(json, JsonTemplate::Object(members) if !members.is_empty()),
            ),
            _ => any(&json, &|json| {
                match json {
                JsonTemplate::List(items) => !items.is_empty(),
                JsonTemplate::Object(members) => members.iter().any(|(_, member)| {
                    !matches!(member, JsonTemplate::Text(text) if request::may_be_absent(contract, text))
                }),
                JsonTemplate::Constant(_) | JsonTemplate::Text(_) => false,
            }
            }),
        },
        (Body::Xml(document), _) => {
            let fields = xml_fields(document);
            match rule {
                Rule::FieldExtra => true,
                Rule::FieldValue => fields.iter().any(|(_, value)| has_literal(value)),
                // A document without its outermost element is none, and a second element of a name is another.
                Rule::FieldMissing => xml_texts(&document.to_string())
                    .is_some_and(|texts| texts.iter().any(|text| text.whole.is_some())),
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether `holds` of the template or of anything in it.
fn any(json: &JsonTemplate, holds: &dyn Fn(&JsonTemplate) -> bool) -> bool {
    let inner = match json {
        JsonTemplate::Constant(_) | JsonTemplate::Text(_) => false,
        JsonTemplate::List(items) => items.iter().any(|item| any(item, holds)),
        JsonTemplate::Object(members) => members.iter().any(|(_, member)| any(member, holds)),
    };
    inner || holds(json)
}

/// Whether there is such a header, and it must be there once. `accept` need not.
fn has_strict_header(contract: &Contract, such: impl Fn(Option<&Template>) -> bool) -> bool {
    let mut declared = request::declared(contract).into_iter();
    declared.any(|(name, value)| request::negotiated(name, value).is_none() && such(value))
}

fn query(contract: &Contract) -> Vec<&Template> {
    let request = &contract.request;
    let mut query: Vec<&Template> = request.query.iter().map(|(_, value)| value).collect();
    if let ClientAuth::Query(fields) = &request.auth {
        query.extend(fields.iter().map(|(_, value)| value));
    }
    query
}

fn auth_fields(contract: &Contract) -> impl Iterator<Item = &Template> {
    let fields = match &contract.request.auth {
        ClientAuth::Body(fields) => fields.as_slice(),
        _ => &[],
    };
    fields.iter().map(|(_, value)| value)
}

/// Whether there is a text that does not fit.
fn has_constant(template: &Template) -> bool {
    template.parts.is_empty() || has_literal(template)
}

fn has_literal(template: &Template) -> bool {
    template.parts.iter().any(|part| matches!(part, Part::Literal(_)))
}

fn slots(contract: &Contract) -> impl Iterator<Item = &Slot> {
    contract.request.sent_templates().flat_map(Template::slots)
}
