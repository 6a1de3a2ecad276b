//! The sequences that a contract implies.

use super::scenario::{Afterwards, Derived, MOST_STEPS, Scenario, fault};
use super::{lifetimes, mint, reuse};
use crate::contract::{
    Contract, Credential, CredentialAfter, Ending, ErrorClass, ErrorRule, Fate, Fault, Generation,
    OldAccessToken, Outcome, RefreshWhen, Sequence, Trouble,
};

/// The name of the test of a documented sequence: `example_a_lost_answer`.
pub fn documented_name(sequence: &Sequence) -> String {
    format!("example_{}", sequence.id.replace('-', "_"))
}

/// Every sequence that `contract` implies, in a fixed order: first those that every contract has.
pub fn sequences(contract: &Contract) -> Vec<Derived> {
    if contract.request.operation.is_local() {
        return Vec::new(); // There is no exchange.
    }
    let without_refresh;
    let contract = match (contract.mint, &contract.refresh) {
        // What a mint brings besides its access token, no other mint spends.
        (Some(_), Some(_)) => {
            without_refresh = Contract { refresh: None, ..contract.clone() };
            &without_refresh
        }
        _ => contract,
    };
    let mut found = vec![two_refreshes(contract)];
    found.extend(revoked_grant(contract));
    found.extend(access_token_uses(contract));
    found.extend(old_access_token(contract));
    found.extend(oldest_access_token(contract));
    found.extend(mint::sequences(contract));
    found.extend(too_soon(contract));
    found.extend(too_many(contract));
    found.extend(reuse::sequences(contract));
    found.extend(lifetimes::sequences(contract));
    found.extend(every_refusal(contract));
    found.extend(spending_refusals(contract));
    found.extend(Fault::ALL.into_iter().filter_map(|fault| under(contract, fault)));
    found
}

fn two_refreshes(contract: &Contract) -> Derived {
    let scenario = Scenario::of(contract).refresh(Ending::Tokens);
    let (scenario, doc) = if contract.mint.is_some() {
        (scenario.refresh(Ending::Tokens), "A mint does not need what the one before has brought.")
    } else if contract.lasts() {
        (scenario.refresh(Ending::Tokens), "What a refresh brings is what the next one sends.")
    } else {
        (scenario, "A refresh brings an access token; the refresh token is used up.")
    };
    Derived::new("two-refreshes", &["R1", "R2", "R16"], doc, scenario)
}

fn revoked_grant(contract: &Contract) -> Option<Derived> {
    let scenario =
        Scenario::of(contract).ready().revoke().send(Generation::Current, contract.gone());
    let spends = contract.mint.is_none();
    (spends && contract.can_say_gone()).then(|| {
        Derived::new(
            "revoked-grant",
            &["R21"],
            "A revoked grant is gone, and the error says so.",
            scenario,
        )
    })
}

fn access_token_uses(contract: &Contract) -> Option<Derived> {
    let once = contract.access_is_used_once();
    let (id, doc) = if once {
        ("access-token-used-once", "The first use spends the access token.")
    } else {
        ("access-token-used-often", "An access token is good for more than one use.")
    };
    let scenario = Scenario::of(contract)
        .refresh(Ending::Tokens)
        .uses(Generation::Current, true)
        .uses(Generation::Current, !once);
    Some(Derived::new(id, &["R16"], doc, scenario))
}

fn old_access_token(contract: &Contract) -> Option<Derived> {
    // It has died of itself, or there is none.
    let is_kept = contract.response.access_token.is_unchanged();
    if contract.request.when == RefreshWhen::AfterExpiry || is_kept {
        return None;
    }
    let scenario = Scenario::of(contract).refresh(Ending::Tokens);
    let (doc, scenario) = match contract.access.after_refresh {
        OldAccessToken::Unknown => return None,
        OldAccessToken::Valid => (
            "A refresh leaves the old access token as it is.",
            scenario.uses(Generation::Previous, true),
        ),
        OldAccessToken::Revoked => (
            "A refresh revokes the old access token.",
            scenario.uses(Generation::Previous, false).uses(Generation::Current, true),
        ),
        OldAccessToken::RevokedOnFirstUse => {
            let scenario = if contract.access_is_used_once() {
                scenario
            } else {
                scenario.uses(Generation::Previous, true)
            };
            (
                "The first use of the new access token revokes the old one.",
                scenario.uses(Generation::Current, true).uses(Generation::Previous, false),
            )
        }
    };
    Some(Derived::new("old-access-token", &["R16"], doc, scenario))
}

/// Signing in has brought the first.
fn oldest_access_token(contract: &Contract) -> Option<Derived> {
    let most = contract.access.most_alive?;
    if most > MOST_STEPS || contract.access_is_used_once() || !contract.lasts() {
        return None;
    }
    let all = (1..most).fold(Scenario::of(contract), |all, _| all.refresh(Ending::Tokens));
    let scenario = all
        .uses(Generation::First, true)
        .refresh(Ending::Tokens)
        .uses(Generation::First, false)
        .uses(Generation::Previous, true);
    let lives = contract.assumed_first_lifetime().min(contract.assumed_lifetime());
    (scenario.takes() < lives).then(|| {
        let doc = format!("Of {most} access tokens that live the next one revokes the oldest.");
        Derived::new("oldest-access-token", &["R16"], doc, scenario)
    })
}

/// A refresh that comes too soon after another, and one that does not.
fn too_soon(contract: &Contract) -> Option<Derived> {
    let apart = contract.request.at_most_every?;
    let refused = limited(contract)?;
    // At other times it is refused for being too early.
    let begun = Scenario::of(contract).refresh(Ending::Tokens).ready();
    if begun.too_soon_for().is_zero() {
        return None;
    }
    let scenario = begun
        .attempt_at_once(Generation::Current, None, refused)
        .wait(apart)
        .refresh(Ending::Tokens);
    let doc = "A refresh that comes too soon after another is refused, and good a moment later.";
    Some(Derived::new("refresh-too-soon", &["R20"], doc, scenario))
}

/// More refreshes of a grant than the provider takes in a time, and one when that is over.
fn too_many(contract: &Contract) -> Option<Derived> {
    let limit = contract.request.limit.filter(|limit| limit.at_most <= MOST_STEPS)?;
    let refused = limited(contract)?;
    let all = (0..limit.at_most).fold(Scenario::of(contract), |all, _| all.refresh(Ending::Tokens));
    let dead = lifetimes::first_end(contract);
    // When one more is accepted, it must be too soon; and something must live by then.
    let ready = all.clone().ready();
    if ready.takes() >= limit.per
        || dead.is_some_and(|dead| ready.takes() + limit.per >= dead)
        || !contract.accepts_after(limit.per)
    {
        return None;
    }
    let scenario = ready
        .attempt_at_once(Generation::Current, None, refused)
        .wait(limit.per)
        .refresh(Ending::Tokens);
    let doc = "More refreshes of a grant than the provider takes in a time are refused until that is over.";
    Some(Derived::new("too-many-refreshes", &["R20"], doc, scenario))
}

/// How a request ends that the provider turns away for coming too soon, where its credential is as good as before; `None` where it is
/// not, or no answer says so.
fn limited(contract: &Contract) -> Option<Ending> {
    let rules = contract.errors.iter().enumerate();
    let mut limiting = rules.filter(|(_, rule)| rule.class == ErrorClass::RateLimited);
    let spends =
        |rule: &ErrorRule| !matches!(rule.credential, None | Some(CredentialAfter::Unspent));
    let (index, _) = limiting.clone().find(|(index, _)| contract.answer_of(*index).is_some())?;
    let is_unspent = !limiting.any(|(_, rule)| spends(rule)) && contract.lasts();
    is_unspent.then(|| contract.refused_by(&contract.errors[index]))
}

/// One refusal after the other, each by another rule of the error map.
fn every_refusal(contract: &Contract) -> Option<Derived> {
    let mut scenario = Scenario::of(contract).ready();
    for (index, rule) in contract.errors.iter().enumerate() {
        if rule.credential != Some(CredentialAfter::Spent) && contract.answer_of(index).is_some() {
            scenario = scenario.refuse(index, contract.refused_by(rule));
        }
    }
    let scenario = scenario.send(Generation::Current, Ending::Tokens);
    Some(Derived::new(
        "every-refusal",
        &["R20", "R21", "R22"],
        "Each refusal of the error map ends in its class. As none of them was processed, the credential is still good.",
        scenario,
    ))
}

/// What follows each refusal that spends the credential: the same as if the answer were lost.
fn spending_refusals(contract: &Contract) -> impl Iterator<Item = Derived> + '_ {
    let rules = contract.errors.iter().enumerate();
    let spending = rules.filter(|(index, rule)| {
        rule.credential == Some(CredentialAfter::Spent) && contract.answer_of(*index).is_some()
    });
    spending.map(|(index, rule)| {
        let scenario = Scenario::of(contract).ready().refuse(index, contract.refused_by(rule));
        let doc = format!("A refusal by `{}` spends the credential.", rule.name);
        let scenario = scenario.once_more_if(contract);
        Derived::new(format!("refusal-spends-{index}"), &["R20", "R25"], doc, scenario)
    })
}

fn under(contract: &Contract, trouble: Fault) -> Option<Derived> {
    let ending = contract.ending_under(trouble)?;
    let scenario = Scenario::of(contract).suffer(fault(trouble), ending);
    let replaced = matches!(ending, Ending::Refused { fate: Fate::Replaced, .. });
    let scenario = match ending {
        _ if !trouble.is_processed() => scenario.send(Generation::Current, Ending::Tokens),
        Ending::Tokens | Ending::Unsent if !contract.lasts() || moves_window(contract, trouble) => {
            scenario
        }
        Ending::Tokens | Ending::Unsent => scenario.refresh(Ending::Tokens),
        // The successor of the refresh token has come, but the access token that goes with it has not.
        Ending::Refused { .. } if replaced && is_half(contract) => scenario.gone_if(contract),
        Ending::Refused { .. } if replaced => scenario.refresh(Ending::Tokens),
        Ending::Refused { .. } => scenario.once_more_if(contract),
    };
    let doc = format!("A refresh where {}, and what follows.", trouble.label());
    let id = format!("fault-{}", trouble.name().replace('_', "-"));
    Some(Derived::new(id, rules(trouble), doc, scenario))
}

/// Whether a credential is of no use without an access token that a refresh revokes.
fn is_half(contract: &Contract) -> bool {
    contract.credential() == Credential::Both
        && contract.access.after_refresh == OldAccessToken::Revoked
}

/// Whether a client is told of another end than the provider goes by, and waits for that one.
fn moves_window(contract: &Contract, trouble: Fault) -> bool {
    let told = matches!(trouble, Fault::ExpiryFloat | Fault::ExpiryInOtherUnit);
    told && matches!(contract.request.when, RefreshWhen::NearExpiry(_) | RefreshWhen::AfterExpiry)
}

impl Scenario<'_> {
    fn refuse(self, index: usize, ending: Ending) -> Self {
        self.troubled(Trouble::Refusal(index), ending)
    }

    /// What is held is dead, where the contract can answer that.
    fn gone_if(self, contract: &Contract) -> Self {
        if contract.can_say_gone() {
            self.ready().send(Generation::Current, contract.gone())
        } else {
            self
        }
    }

    /// The same once more, where the contract can answer that it is dead.
    fn once_more_if(self, contract: &Contract) -> Self {
        if Afterwards::of(contract) == Afterwards::Dead && !contract.can_say_gone() {
            return self;
        }
        self.once_more()
    }
}

fn rules(trouble: Fault) -> &'static [&'static str] {
    match trouble {
        Fault::Unreachable => &["R24"],
        Fault::ResetBefore
        | Fault::ResetAfter
        | Fault::NoAnswer
        | Fault::LateAnswer
        | Fault::SlowHead
        | Fault::PartialAnswer => &["R24", "R25"],
        Fault::EndlessBody => &["R18", "R24", "R25"],
        Fault::AnsweredTwice => &["R1"],
        Fault::RateLimited | Fault::RateLimitedUntil => &["R20", "R21"],
        Fault::BadGateway => &["R20", "R21", "R22"],
        Fault::Redirect => &["R11"],
        Fault::WrongContentType | Fault::SecondPair => &["R18"],
        Fault::ErrorInSuccess => &["R12", "R22"],
        Fault::ExpiryNull
        | Fault::ExpiryEmpty
        | Fault::ExpiryText
        | Fault::ExpiryFloat
        | Fault::ExpiryInOtherUnit
        | Fault::ExpiryInOtherKind
        | Fault::ExpiryAbsurd => &["R14"],
        Fault::DateSkew => &["R15", "R30"],
        Fault::UnexpectedRotation => &["R16"],
    }
}

impl Contract {
    /// A status and a body that the rule with this index in [`Contract::errors`] is the reading of; `None` where there is none.
    pub(super) fn answer_of(&self, index: usize) -> Option<(u16, String)> {
        let rule = self.errors.get(index)?;
        let body = rule.body.sample();
        let statuses = rule
            .status
            .iter()
            .flat_map(|range| range.first..=range.last)
            // Some statuses have no body (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5).
            .filter(|status| {
                *status >= 200 && (body.is_empty() || !matches!(status, 204 | 205 | 304))
            });
        let picks = |status: &u16| match self.classify(*status, body.as_bytes()) {
            Outcome::Refused(found) => std::ptr::eq(found, rule),
            Outcome::Success => false,
        };
        // A client error, where it may be one: a 2xx or 3xx is stranger than what most providers do.
        let mut statuses: Vec<u16> = statuses.filter(picks).collect();
        statuses.sort_by_key(|status| (*status < 400, *status));
        Some((*statuses.first()?, body))
    }
}
