//! What the tokens are.

use super::{expiry, vary};
use crate::mutation::Mutants;
use crate::operator::Operator;
use rekindle_contract::contract::{
    AccessToken, AccessUse, Contract, OldAccessToken, RefreshToken, RefreshUse, Reuse, Rotation,
    SentAs, Spent, Successor,
};
use std::fmt::Debug;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Every mutation of the access token.
pub fn access(mutants: &mut Mutants<'_>, access: &AccessToken) {
    let AccessToken {
        // The name of a type.
        name: _,
        use_,
        expires,
        usual_lifetime,
        after_refresh,
        sent_as,
        refused_with,
        doc: _,
    } = access;
    for other in [AccessUse::Many, AccessUse::Once] {
        mutants.add(Operator::AccessUse, "access.use", word(use_), word(&other), |contract| {
            contract.access.use_ = other
        });
    }
    expiry::expiry(mutants, "access.expires", expires, |contract, other| {
        contract.access.expires = other
    });
    for other in [
        OldAccessToken::Valid,
        OldAccessToken::Revoked,
        OldAccessToken::RevokedOnFirstUse,
        OldAccessToken::Unknown,
    ] {
        let change = |contract: &mut Contract| contract.access.after_refresh = other;
        mutants.add(
            Operator::OldAccessToken,
            "access.after_refresh",
            word(after_refresh),
            word(&other),
            change,
        );
    }
    for other in optional(*usual_lifetime) {
        mutants.add(
            Operator::UsualLifetime,
            "access.usual_lifetime",
            word(usual_lifetime),
            word(&other),
            |contract| contract.access.usual_lifetime = other,
        );
    }
    for other in refusals(refused_with) {
        mutants.add(
            Operator::RefusedWith,
            "access.refused_with",
            word(refused_with),
            word(&other),
            |contract| contract.access.refused_with = other.clone(),
        );
    }
    // Whether there is such a method at all is for the compiler to see.
    if let Some(sent_as) = sent_as {
        for other in carriers(sent_as) {
            let change = |contract: &mut Contract| contract.access.sent_as = Some(other.clone());
            mutants.add(
                Operator::SentAs,
                "access.sent_as",
                show_carrier(sent_as),
                show_carrier(&other),
                change,
            );
        }
    }
}

/// A status too many, one too few, another one, the others first.
fn refusals(statuses: &[u16]) -> Vec<Vec<u16>> {
    const OTHER: u16 = 418;
    let mut others = vec![vec![OTHER], [statuses, &[OTHER]].concat()];
    if let [first, rest @ ..] = statuses
        && !rest.is_empty()
    {
        others.push(rest.to_vec());
        others.push([rest, &[*first]].concat());
    }
    others
}

/// Another header, another scheme, none, one where there is none.
fn carriers(sent_as: &SentAs) -> Vec<SentAs> {
    let SentAs { header, scheme } = sent_as;
    let with = |scheme: Option<String>| SentAs { header: header.clone(), scheme };
    let mut others = vec![SentAs { header: format!("{header}-x"), scheme: scheme.clone() }];
    match scheme {
        None => others.push(with(Some("Bearer".to_owned()))),
        Some(scheme) => {
            others.push(with(None));
            others.extend(vary::other_case(scheme).map(|scheme| with(Some(scheme))));
            others.push(with(Some(format!("{scheme}x"))));
        }
    }
    others
}

fn show_carrier(sent_as: &SentAs) -> String {
    format!(
        "{}: {}…",
        sent_as.header,
        sent_as.scheme.as_ref().map(|scheme| format!("{scheme} ")).unwrap_or_default()
    )
}

/// Every mutation of the refresh token.
pub fn refresh(mutants: &mut Mutants<'_>, refresh: &RefreshToken) {
    let RefreshToken {
        // The name of a type.
        name: _,
        use_,
        rotation,
        expires,
        idle_limit,
        max_length,
        spent,
        reuse,
        doc: _,
    } = refresh;
    for other in [RefreshUse::Once, RefreshUse::Many, RefreshUse::Unknown] {
        add(mutants, Operator::RefreshUse, "use", word(use_), word(&other), |refresh| {
            refresh.use_ = other
        });
    }
    for other in [
        Rotation::Never,
        Rotation::Echo,
        Rotation::Always,
        Rotation::Sometimes,
        Rotation::KeepsOld,
        Rotation::Unknown,
    ] {
        add(mutants, Operator::Rotation, "rotation", word(rotation), word(&other), |refresh| {
            refresh.rotation = other
        });
    }
    expiry::expiry(mutants, "refresh.expires", expires, |contract, other| {
        if let Some(refresh) = &mut contract.refresh {
            refresh.expires = other;
        }
    });
    for other in optional(*idle_limit) {
        add(
            mutants,
            Operator::IdleLimit,
            "idle_limit",
            word(idle_limit),
            word(&other),
            |refresh| refresh.idle_limit = other,
        );
    }
    for other in lengths(*max_length) {
        add(
            mutants,
            Operator::MaxLength,
            "max_length",
            word(max_length),
            word(&other),
            |refresh| refresh.max_length = other,
        );
    }
    for other in spents(*spent) {
        add(mutants, Operator::Spent, "spent", word(spent), word(&other), |refresh| {
            refresh.spent = other
        });
    }
    for other in [Reuse::Refused, Reuse::ChainRevoked, Reuse::GrantRevoked, Reuse::Unknown] {
        add(mutants, Operator::Reuse, "reuse", word(reuse), word(&other), |refresh| {
            refresh.reuse = other
        });
    }
}

fn add(
    mutants: &mut Mutants<'_>,
    operator: Operator,
    part: &str,
    before: String,
    after: String,
    change: impl FnOnce(&mut RefreshToken),
) {
    mutants.add(operator, format!("refresh.{part}"), before, after, |contract| {
        if let Some(refresh) = &mut contract.refresh {
            change(refresh);
        }
    });
}

/// A duration where there is none; another or none where there is one.
fn optional(limit: Option<Duration>) -> Vec<Option<Duration>> {
    match limit {
        None => vec![Some(HOUR)],
        Some(limit) => vary::durations(limit).into_iter().map(Some).chain([None]).collect(),
    }
}

fn lengths(length: Option<u32>) -> Vec<Option<u32>> {
    match length {
        None => vec![Some(16), Some(4096)],
        Some(length) => vec![None, Some(length.saturating_add(1)), Some(length.saturating_sub(1))],
    }
}

fn spents(spent: Spent) -> Vec<Spent> {
    let mut others = vec![
        Spent::Dead,
        Spent::Unknown,
        Spent::GoodFor(HOUR),
        Spent::GoodUntil(Successor::AccessTokenUsed),
        Spent::GoodUntil(Successor::RefreshTokenUsed),
        Spent::GoodUntil(Successor::EitherUsed),
    ];
    if let Spent::GoodFor(window) = spent {
        others.extend(vary::durations(window).into_iter().map(Spent::GoodFor));
    }
    others
}

/// The words of a value, in lower case.
fn word(value: &impl Debug) -> String {
    format!("{value:?}").to_lowercase()
}
