//! What a provider has to remember about its tokens, where no sequence of a client shows it.

use super::bench::{Bound, Grants};
use super::exchange::Exchange;
use super::refusal::{Because, judge};
use super::{Checked, Deviation, Verdict, told};
use crate::held::{End, Held, Outcome};
use crate::provider::Rule;
use crate::reference::Reference;
use jiff::Timestamp;
use rekindle_contract::contract::{
    Chosen, Contract, OldAccessToken, RefreshUse, RefreshWhen, ReplayAnswer, ReplayEnd, Reuse,
    Rotation, Spent, Successor,
};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
/// What comes back, in words.
const SPENT: &str = "a spent refresh token";

/// Something that a provider has to remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behaviour {
    RefusesUnknownAccess,
    RefusesSpent,
    RefusesRevoked,
    RefusesEarly,
    RefusesLate,
    GrantsChosenLifetime,
    ReplaysIdentically,
    ReplaysWithAnother,
    SupersedesTheEarlier,
    EndsReplay,
    KillsTheGrant,
}

/// Everything that a provider may have to remember. What costs the least comes first: a spent token that comes back may cost the grant,
/// so what follows from it is looked at before.
pub(super) const ALL: [Behaviour; 11] = [
    Behaviour::RefusesUnknownAccess,
    Behaviour::RefusesEarly,
    Behaviour::RefusesLate,
    Behaviour::GrantsChosenLifetime,
    Behaviour::ReplaysIdentically,
    Behaviour::ReplaysWithAnother,
    Behaviour::SupersedesTheEarlier,
    Behaviour::KillsTheGrant,
    Behaviour::EndsReplay,
    Behaviour::RefusesSpent,
    Behaviour::RefusesRevoked,
];

/// Why there is no refresh after one that succeeded.
pub(super) fn ends_here(contract: &Contract) -> Option<&'static str> {
    let refresh = contract.refresh.as_ref()?;
    let replaced = contract.response.refresh_token.is_some()
        && !matches!(refresh.rotation, Rotation::Never | Rotation::Echo);
    (refresh.use_ == RefreshUse::Once && !replaced)
        .then_some("a refresh uses the refresh token up, and brings no other")
}

impl Behaviour {
    /// Whether a provider that keeps its contract ends the grant over it.
    pub(super) fn ends_grant(self) -> bool {
        match self {
            Self::KillsTheGrant | Self::RefusesRevoked => true,
            _ => self.is_of_a_spent_token(),
        }
    }

    /// Whether it is how a spent token is received that comes back when it is good for nothing any more.
    pub(super) fn is_of_a_spent_token(self) -> bool {
        matches!(self, Self::RefusesSpent | Self::EndsReplay)
    }

    pub(super) fn rule(self) -> Rule {
        match self {
            Self::RefusesUnknownAccess => Rule::AccessTokenUnknown,
            Self::RefusesSpent => Rule::RefreshTokenSpent,
            Self::RefusesRevoked => Rule::GrantRevoked,
            Self::RefusesEarly => Rule::TooEarly,
            Self::RefusesLate => Rule::TooLate,
            Self::GrantsChosenLifetime => Rule::LifetimeChosen,
            Self::ReplaysIdentically => Rule::ReplayIdentical,
            Self::ReplaysWithAnother => Rule::ReplayAnother,
            Self::SupersedesTheEarlier => Rule::ReplaySupersedes,
            Self::EndsReplay => Rule::ReplayEnds,
            Self::KillsTheGrant => Rule::ReuseRevokes,
        }
    }

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::RefusesUnknownAccess => "refuses-unknown-access-token",
            Self::RefusesSpent => "refuses-spent-refresh-token",
            Self::RefusesRevoked => "refuses-revoked-grant",
            Self::RefusesEarly => "refuses-too-early",
            Self::RefusesLate => "refuses-too-late",
            Self::GrantsChosenLifetime => "grants-chosen-lifetime",
            Self::ReplaysIdentically => "replays-identically",
            Self::ReplaysWithAnother => "replays-with-another",
            Self::SupersedesTheEarlier => "replay-supersedes",
            Self::EndsReplay => "ends-replay",
            Self::KillsTheGrant => "reuse-kills",
        }
    }

    pub(super) fn rules(self) -> &'static [&'static str] {
        match self {
            Self::RefusesSpent
            | Self::ReplaysIdentically
            | Self::ReplaysWithAnother
            | Self::SupersedesTheEarlier
            | Self::EndsReplay => &["R25"],
            Self::RefusesEarly => &["R29"],
            Self::GrantsChosenLifetime => &["R14", "R15"],
            Self::RefusesRevoked | Self::RefusesLate | Self::RefusesUnknownAccess => &["R21"],
            Self::KillsTheGrant => &["R25", "R26"],
        }
    }

    /// Sees whether the provider does it.
    pub(super) fn see(self, bound: &mut Bound<'_>) -> Checked {
        match self {
            Self::RefusesUnknownAccess => refuses_unknown_access(bound),
            Self::RefusesSpent => refuses_spent(bound),
            Self::RefusesRevoked => refuses_revoked(bound),
            Self::RefusesEarly => refuses_early(bound),
            Self::RefusesLate => refuses_late(bound),
            Self::GrantsChosenLifetime => grants_chosen_lifetime(bound),
            Self::ReplaysIdentically => replays_identically(bound),
            Self::ReplaysWithAnother => replays_with_another(bound),
            Self::SupersedesTheEarlier => supersedes_the_earlier(bound),
            Self::EndsReplay => ends_replay(bound),
            Self::KillsTheGrant => kills(bound),
        }
    }
}

/// An exchange that must have been refused.
fn refused(
    bound: &Bound<'_>,
    because: Because,
    exchange: &Exchange,
    what: &str,
    fact: &str,
) -> Checked {
    judge(bound.bench.client.contract(), because, exchange, what, fact, true)
}

fn refuses_unknown_access(bound: &mut Bound<'_>) -> Checked {
    bound.sign_in()?;
    if bound.accepts("rekindle-probe-never-issued")? {
        let expected = "an access token that was never issued: refused";
        return Err(Deviation::new(expected, "accepted").about("tokens.access").into());
    }
    Ok(())
}

/// Refreshes until what was held first is spent: some providers do not replace it each time.
fn spend(bound: &mut Bound<'_>) -> Checked<(Held, Held)> {
    let first = bound.ready()?;
    let new = bound.renew(&first)?;
    Ok((first, new))
}

/// The request that `old` was spent by, once more. Requests with an access token in them carry that of `new`, as the old one may
/// be dead for reasons of its own.
fn again(bound: &mut Bound<'_>, old: &Held, new: &Held) -> Checked<Exchange> {
    let held = Held {
        access_token: new.access_token.clone(),
        access_expires: new.access_expires,
        ..old.clone()
    };
    bound.await_window(&held)?;
    bound.refresh(&held)
}

/// A spent refresh token comes back when it is good for nothing any more: what it got, what was held with it, and what is held
/// instead.
fn spent_comes_back(bound: &mut Bound<'_>) -> Checked<(Exchange, Held, Held)> {
    let (old, new) = spend(bound)?;
    let new = end_replay(bound, new)?;
    let exchange = again(bound, &old, &new)?;
    if bound.bench.grants != Grants::Many {
        // It may have cost the only grant, and is not done again.
        bound.spent = Some(exchange.clone());
    }
    Ok((exchange, old, new))
}

/// What is wrong where a spent refresh token is accepted that comes back, whichever check tells it: what a page says of a time of grace, where
/// it does.
pub(super) fn fact_of_spent(contract: &Contract) -> &'static str {
    match contract.refresh.as_ref() {
        Some(token) if token.spent.until().is_some() => "tokens.refresh.spent",
        _ => "tokens.refresh.use",
    }
}

/// A spent refresh token that came back must have been refused.
fn refused_spent(bound: &Bound<'_>, exchange: &Exchange, what: &str) -> Checked {
    let fact = fact_of_spent(bound.bench.client.contract());
    refused(bound, Because::Dead, exchange, what, fact)
}

/// The same of one that comes back for this check, or came back for an earlier one.
fn refuses_spent_as(bound: &mut Bound<'_>, what: &str) -> Checked {
    let exchange = match &bound.spent {
        Some(exchange) => exchange.clone(),
        None => spent_comes_back(bound)?.0,
    };
    refused_spent(bound, &exchange, what)
}

fn refuses_spent(bound: &mut Bound<'_>) -> Checked {
    refuses_spent_as(bound, SPENT)
}

fn refuses_revoked(bound: &mut Bound<'_>) -> Checked {
    let held = bound.ready()?;
    bound.bench.world.revoke(&held).map_err(super::bench::unable)?;
    if bound.bench.client.contract().request.operation.mints() {
        bound.renew(&held)?;
    } else {
        let exchange = bound.refresh(&held)?;
        refused(bound, Because::Dead, &exchange, "a refresh of a revoked grant", "errors")?;
    }
    if bound.accepts(&held.access_token)? {
        let expected = "an access token that was revoked: refused";
        return Err(Deviation::new(expected, "accepted").about("tokens.access").into());
    }
    Ok(())
}

fn refuses_early(bound: &mut Bound<'_>) -> Checked {
    let contract = bound.bench.client.contract();
    let life = contract.assumed_first_lifetime();
    let opens = match contract.request.when {
        RefreshWhen::NearExpiry(lead) => life.saturating_sub(lead),
        RefreshWhen::AfterExpiry => life,
        RefreshWhen::AnyTime | RefreshWhen::BeforeExpiry | RefreshWhen::Unknown => return Ok(()),
    };
    let held = bound.sign_in()?;
    bound.wait(opens.saturating_sub(SECOND))?;
    let exchange = bound.refresh(&held)?;
    refused(bound, Because::Time, &exchange, "a refresh before its time", "refresh.when")?;
    bound.wait(SECOND)?;
    bound.renew(&held).map(|_| ())
}

fn refuses_late(bound: &mut Bound<'_>) -> Checked {
    let life = bound.bench.client.contract().assumed_first_lifetime();
    let held = bound.sign_in()?;
    bound.wait(life)?;
    let exchange = bound.refresh(&held)?;
    let what = "a refresh after the access token's end";
    refused(bound, Because::Time, &exchange, what, "refresh.when")
}

/// Another lifetime is asked for than the client chooses otherwise, and is the one that the answer tells.
fn grants_chosen_lifetime(bound: &mut Bound<'_>) -> Checked {
    let client = bound.bench.client.clone();
    let contract = client.contract();
    let refresh = contract.refresh.as_ref().map(|refresh| &refresh.expires);
    let told = [
        (contract.access.expires.chosen(), "tokens.access.expires"),
        (refresh.and_then(|expires| expires.chosen()), "tokens.refresh.expires"),
    ];
    for (chosen, fact) in told {
        let Some(chosen) = chosen else { continue };
        let Some(other) = another_lifetime(&client, chosen) else {
            let why = "the provider takes one lifetime alone";
            return Err(Verdict::CouldNotTell(why.to_owned()));
        };
        let choosing = client.clone().with_client(&chosen.parameter, other.as_secs().to_string());
        let held = bound.ready()?;
        let new = bound.renew_by(&choosing, &held)?;
        let now = bound.now()?;
        let end = match fact {
            "tokens.access.expires" => new.access_expires,
            _ => new.refresh_expires,
        };
        let lives = |end: Timestamp| Duration::try_from(end.duration_since(now)).ok();
        let near = |lives: Duration| lives.abs_diff(other) <= SECOND;
        let seen = match end {
            End::At(end) if lives(end).is_some_and(near) => continue,
            End::At(end) => told::words(lives(end).unwrap_or_default()),
            End::Never | End::Undeclared => "no end".to_owned(),
        };
        let expected = format!("a token that lives {}, as it was asked for", told::words(other));
        return Err(Deviation::new(expected, seen).about(fact).into());
    }
    Ok(())
}

/// A lifetime that the provider takes, and not the one that the client chooses.
fn another_lifetime(client: &Reference, chosen: &Chosen) -> Option<Duration> {
    let parameter = client.contract().client.get(&chosen.parameter)?;
    let own = client.client().get(&chosen.parameter)?;
    let now = Duration::from_secs(own.parse().ok()?);
    let listed = parameter.one_of.iter().filter_map(|value| value.parse().ok());
    let listed: Vec<Duration> = listed.map(Duration::from_secs).collect();
    let any = [now / 2, now * 2].map(|other| chosen.nearest(Duration::from_secs(other.as_secs())));
    let all = if listed.is_empty() { any.to_vec() } else { listed };
    let whole = |other: &Duration| other.subsec_nanos() == 0 && !other.is_zero();
    all.into_iter().filter(whole).find(|other| other.abs_diff(now) > SECOND)
}

fn replays_identically(bound: &mut Bound<'_>) -> Checked {
    let (first, second) = twice(bound)?;
    first.tokens(bound.bench.client.contract())?;
    let expected = "a replay: the same answer, byte for byte";
    let seen = match (&first.answer, &second.answer) {
        (Ok(first), Ok(second)) if first.status() != second.status() => told::summary(second),
        (Ok(first), Ok(second)) if first.body() != second.body() => "another body".to_owned(),
        (Ok(_), Ok(_)) => return Ok(()),
        _ => return Err(Verdict::CouldNotTell("there is no answer".to_owned())),
    };
    Err(Deviation::new(expected, seen).about("tokens.refresh.spent").into())
}

/// What a refresh token brings, and what it brings when it is sent again at once. As a client does it, whatever is good for one request
/// is made anew.
fn twice(bound: &mut Bound<'_>) -> Checked<(Exchange, Exchange)> {
    let held = bound.ready()?;
    Ok((bound.refresh(&held)?, bound.refresh(&held)?))
}

/// The tokens of both.
fn tokens_twice(bound: &mut Bound<'_>) -> Checked<(Held, Held)> {
    let (first, second) = twice(bound)?;
    let contract = bound.bench.client.contract();
    let second = second.tokens(contract).map_err(|verdict| match verdict {
        Verdict::Fail(deviation) => deviation
            .about("tokens.refresh.spent")
            .hint("look at `tokens.refresh.spent`: it says until when a refresh token is good that was used")
            .into(),
        other => other,
    });
    Ok((first.tokens(contract)?, second?))
}

fn replays_with_another(bound: &mut Bound<'_>) -> Checked {
    let (first, second) = tokens_twice(bound)?;
    let expected = "a replay: other tokens";
    if first.access_token == second.access_token {
        return Err(Deviation::new(expected, "the same again")
            .about("tokens.refresh.spent")
            .into());
    }
    let spent = bound.bench.client.contract().refresh.as_ref().map(|token| token.spent);
    let beside = matches!(spent, Some(Spent::Good { answer: ReplayAnswer::Another, .. }));
    if beside && bound.accepts_if_shown(&first.access_token)? == Some(false) {
        let seen = "the earlier access token is refused";
        return Err(Deviation::new(expected, seen).about("tokens.refresh.spent").into());
    }
    Ok(())
}

fn supersedes_the_earlier(bound: &mut Bound<'_>) -> Checked {
    let (first, _) = tokens_twice(bound)?;
    if bound.accepts(&first.access_token)? {
        let expected = "a replay: the earlier access token is refused";
        return Err(Deviation::new(expected, "accepted").about("tokens.refresh.spent").into());
    }
    Ok(())
}

/// Lets the time be over in which a spent refresh token may come back that brought `new`: what is held then.
fn end_replay(bound: &mut Bound<'_>, new: Held) -> Checked<Held> {
    let spent = bound.bench.client.contract().refresh.as_ref().map(|token| token.spent);
    match spent.and_then(Spent::until) {
        None => return Ok(new),
        Some(ReplayEnd::After(window) | ReplayEnd::First(window, _)) => {
            bound.wait(window)?;
            return Ok(new);
        }
        Some(ReplayEnd::Used(Successor::AccessTokenUsed)) => {
            bound.accepts(&new.access_token)?;
            return Ok(new);
        }
        Some(ReplayEnd::Used(Successor::EitherUsed)) => {
            if bound.accepts_if_shown(&new.access_token)?.is_some() {
                return Ok(new);
            }
        }
        Some(ReplayEnd::Used(Successor::RefreshTokenUsed)) => {}
    }
    bound.await_window(&new)?;
    bound.renew(&new)
}

fn ends_replay(bound: &mut Bound<'_>) -> Checked {
    let what = match bound.bench.client.contract().replay_window() {
        Some(window) => format!("a replay {} later", told::words(window)),
        None => "a replay after a successor was used".to_owned(),
    };
    refuses_spent_as(bound, &what)
}

/// A spent refresh token that comes back kills what the contract says, and nothing else.
fn kills(bound: &mut Bound<'_>) -> Checked {
    let contract = bound.bench.client.contract();
    let reuse = contract.refresh.as_ref().map(|token| token.reuse);
    let after = contract.access.after_refresh;
    let once = contract.access.use_ == rekindle_contract::contract::AccessUse::Once;
    let (exchange, old, new) = spent_comes_back(bound)?;
    refused_spent(bound, &exchange, SPENT)?;
    let fact = "tokens.refresh.reuse";
    let held = match &exchange.outcome {
        Outcome::Tokens(_) => return Ok(()),
        Outcome::Failed(_) => new,
    };
    bound.await_window(&held)?;
    let successor = bound.refresh(&held)?;
    let what = "the successor of a spent refresh token that came back";
    refused(bound, Because::Dead, &successor, what, fact)?;
    let first_lives = matches!(after, OldAccessToken::Valid | OldAccessToken::Unknown)
        && bound.bench.client.contract().request.when != RefreshWhen::AfterExpiry;
    if reuse == Some(Reuse::GrantRevoked)
        && first_lives
        && !once
        && bound.accepts_if_shown(&old.access_token)? == Some(true)
    {
        let expected = "every token of a grant whose spent refresh token came back: refused";
        return Err(Deviation::new(expected, "its first access token is accepted")
            .about(fact)
            .into());
    }
    Ok(())
}
