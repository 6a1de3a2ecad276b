//! Sequences as checks.

use super::bench::{Bound, Grants, with_trouble};
use super::exchange::Exchange;
use super::guard::STOPPED;
use super::look::cause;
use super::{Checked, Deviation, Verdict, told};
use crate::held::{Ask, Lost, Outcome};
use crate::sequence::{Stop, Violation, run};
use rekindle_contract::contract::{Contract, Ending, ErrorClass, Generation, Step};

/// Takes the steps of a sequence with the reference client.
pub(super) fn take(bound: &mut Bound<'_>, steps: &[Step], fact: Option<&'static str>) -> Checked {
    bound.forget_limit()?;
    if bound.bench.grants != Grants::Many {
        bound.await_turn()?;
    }
    let bench = &mut bound.bench;
    let (client, carry, keep) = (bench.client, &mut *bench.carry, &mut *bench.keep);
    let alone = bench.grants != Grants::Many;
    let keep_doubt = &mut *bench.keep_doubt;
    let guard = &mut bound.guard;
    // One that wants to be told that there are too many requests is not to be kept from it.
    let limits = steps.iter().any(is_limited);
    // Each refresh that was sent; the last one is that which stopped the run, where one did.
    let (mut sent, mut last) = (0, None);
    let mut refresh = |ask: Ask<'_>| {
        let was_stopped = guard.stopped.is_some();
        let is_later = guard.is_later();
        let mut answer = Err(Lost::NotSent);
        let mut answered = 0;
        let spending = client.contract().steps.len() + 1;
        let outcome = client.refresh(ask, |request| {
            if let (Ok(told), true) = (&answer, answered == spending) {
                // What the request that spends the refresh token has brought is kept before the next one is sent.
                if let Some(new) = client.interrupted(ask.held, ask.now, told).brought(ask.held) {
                    guard.stopped = keep(&new).err().or(guard.stopped.take());
                }
            }
            if guard.stopped.is_none() {
                let mut request = with_trouble(request, ask.trouble);
                if !limits {
                    guard.mark(client.contract(), ask.held, &mut request);
                }
                answer = carry(request);
            }
            answered += 1;
            answer.clone()
        });
        if let Some(new) = outcome.brought(ask.held) {
            guard.stopped = keep(&new).err().or(guard.stopped.take());
            guard.kept(client.contract(), &new);
        }
        let exchange = Exchange {
            held: ask.held.clone(),
            is_later,
            now: ask.now,
            base_url: client.first_base_url(),
            told: None,
            answer,
            outcome: outcome.clone(),
        };
        if alone {
            guard.watch(client.contract(), &exchange, &mut *keep_doubt);
        }
        if !was_stopped {
            sent += 1;
            last = (answered > 0).then_some(exchange);
        }
        outcome
    };
    let ended = run(client.contract(), steps, bench.world, &mut refresh);
    let now = bench.world.now().ok();
    let _ = bench.world.plan(None);
    let (stopped, why) = (guard.stopped.is_some(), guard.cause.clone());
    // What the sequence has sent counts against a limit as well.
    bound.uncounted = now;
    bound.refreshed = now;
    let mut refreshes = steps.iter().enumerate().filter(|(_, step)| is_refresh(step));
    let at = refreshes.nth(sent.max(1) - 1).map_or(0, |(at, _)| at);
    match ended {
        Err(Stop::Violation(violation)) if !stopped || violation.step <= at => {
            let contract = bound.bench.client.contract();
            Err(violated(contract, steps, &violation, last.as_ref(), fact).into())
        }
        Ok(()) if !stopped => Ok(()),
        Err(Stop::Unable { why, .. }) if !stopped => Err(Verdict::CouldNotTell(why)),
        // What stopped it is where the sequence ended, whatever became of the steps behind, of which none was sent.
        _ => Err(match why {
            Some((_, cause)) => at_step(at, cause).into(),
            None => Verdict::CouldNotTell(STOPPED.to_owned()),
        }),
    }
}

/// What was not as a sequence says, with what its last exchange brought.
fn violated(
    contract: &Contract,
    steps: &[Step],
    violation: &Violation,
    last: Option<&Exchange>,
    fact: Option<&'static str>,
) -> Deviation {
    let at = violation.step;
    let last = last.filter(|_| steps.get(at).is_some_and(is_refresh));
    let failed = last.filter(|last| matches!(last.outcome, Outcome::Failed(_)));
    if let Some(failed) = failed.filter(|_| steps.get(at).is_some_and(is_renewal)) {
        return at_step(at, cause(contract, failed).1);
    }
    let expected = match steps.len() {
        1 => "1 step, as the sequence says".to_owned(),
        many => format!("{many} steps, each as the sequence says"),
    };
    let mut seen = violation.to_string();
    if let Some(last) = last {
        seen += &match &last.answer {
            Ok(answer) => format!(" ({})", told::summary(answer)),
            Err(lost) => format!(" ({lost})"),
        };
    }
    let mut deviation = Deviation::new(expected, seen);
    let fact = match fact {
        // The token itself, and not what became of its grant.
        Some("tokens.refresh.reuse") if steps.get(at).is_some_and(is_replay) => {
            Some(super::behaviour::fact_of_spent(contract))
        }
        fact => fact,
    };
    deviation.fact = fact.map(str::to_owned);
    deviation
}

/// A deviation of the exchange of one step.
fn at_step(at: usize, deviation: Deviation) -> Deviation {
    Deviation { seen: format!("step {}: {}", at + 1, deviation.seen), ..deviation }
}

/// Whether a real provider, which knows nothing of it, can take part in a sequence.
pub(super) fn can_be_taken(steps: &[Step]) -> Checked {
    if steps.iter().all(is_plain) {
        return Ok(());
    }
    let why = "no real provider does it on demand (time, faults, people): `rekindle serve` does";
    Err(Verdict::CouldNotTell(why.to_owned()))
}

/// Whether a step ends with too many requests.
fn is_limited(step: &Step) -> bool {
    let Step::Refresh(attempt) = step else {
        return false;
    };
    matches!(attempt.ending, Ending::Refused { class: ErrorClass::RateLimited, .. })
}

fn is_refresh(step: &Step) -> bool {
    matches!(step, Step::Refresh(_))
}

/// Whether a step refreshes what is held, and nothing is in the way.
fn is_renewal(step: &Step) -> bool {
    matches!(step, Step::Refresh(attempt)
        if attempt.token == Generation::Current && attempt.trouble.is_none() && attempt.ending == Ending::Tokens)
}

/// Whether a refresh token comes back in a step that was replaced before.
fn is_replay(step: &Step) -> bool {
    matches!(step, Step::Refresh(attempt) if attempt.token != Generation::Current)
}

/// Whether any provider can take part in a step.
fn is_plain(step: &Step) -> bool {
    matches!(step, Step::Refresh(attempt) if attempt.trouble.is_none())
}

impl Outcome {
    /// What is held from now on, where that is something else than before.
    pub(super) fn brought(&self, held: &crate::held::Held) -> Option<crate::held::Held> {
        match self {
            Self::Tokens(new) => Some(new.clone()),
            Self::Failed(failure) => Some(crate::held::Held {
                refresh_token: Some(failure.replacement.clone()?),
                refresh_expires: crate::held::End::Undeclared,
                ..held.clone()
            }),
        }
    }
}
