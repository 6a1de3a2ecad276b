//! Does checks, one after the other.

use super::aspect::Aspect;
use super::bench::{Bench, Bound, Grants, unable};
use super::exchange::Exchange;
use super::guard::{Guard, STOPPED};
use super::look::{first_amiss, look};
use super::probe::Probe;
use super::{Check, Checked, Cost, Deviation, Kind, Verdict, aspect, refusal};
use crate::held::Outcome;
use crate::provider::Rule;
use crate::sequence::Unable;
use http::Response;
use rekindle_contract::contract::Credential;

/// A run of checks at one provider.
pub struct Run<'a> {
    pub(super) bound: Bound<'a>,
    /// The first exchange, of which many checks look at one aspect each.
    first: Option<Result<Exchange, Verdict>>,
    /// What a page answered that an access token opens.
    pub(super) looked: Option<Checked<Looked>>,
    /// Whether a check says why the run was ended.
    told: bool,
}

/// What a resource answers.
#[derive(Debug, Clone)]
pub(super) struct Looked {
    /// To a good access token, which it accepts.
    pub(super) good: Response<Vec<u8>>,
    /// To one that was never issued.
    pub(super) wrong: Response<Vec<u8>>,
}

impl<'a> Run<'a> {
    /// Checks with this bench.
    pub fn new(bench: Bench<'a>) -> Self {
        Self {
            bound: Bound {
                bench,
                guard: Guard::new(),
                sent: Vec::new(),
                uncounted: None,
                spent: None,
                refreshed: None,
                prepared: None,
            },
            first: None,
            looked: None,
            told: false,
        }
    }

    /// Does one check. Where an exchange of it ends the run, it says why.
    pub fn check(&mut self, check: &Check) -> Verdict {
        let was_stopped = self.bound.guard.stopped.is_some();
        let mut verdict = self.verdict(check);
        let Some((_, cause)) = &self.bound.guard.cause else { return verdict };
        let is_of_first = matches!(check.kind, Kind::Aspect(_));
        if !was_stopped && !is_of_first && !matches!(verdict, Verdict::Fail(_)) {
            verdict = cause.clone().into();
        }
        self.told |= matches!(verdict, Verdict::Fail(_));
        verdict
    }

    /// The check that says why an exchange has ended the run, where none of those says it that were done.
    pub fn untold(&self) -> Option<(Check, Verdict)> {
        let (aspect, cause) = self.bound.guard.cause.as_ref().filter(|_| !self.told)?;
        Some((aspect.check(), cause.clone().into()))
    }

    fn verdict(&mut self, check: &Check) -> Verdict {
        // What was answered can be looked at even where nothing is sent any more.
        let looks = matches!(check.kind, Kind::Aspect(_)) && self.first.is_some();
        if self.bound.guard.stopped.is_some() && !looks {
            return Verdict::CouldNotTell(STOPPED.to_owned());
        }
        self.bound.guard.stake = Cost::Refresh;
        if !matches!(check.kind, Kind::Aspect(_) | Kind::Local(_) | Kind::Resource(..))
            && let Err(verdict) = self.first_succeeds()
        {
            return verdict;
        }
        if let Kind::Sequence(steps, _) = &check.kind
            && self.bound.bench.grants != Grants::Many
            && let Err(verdict) = super::sequences::can_be_taken(steps)
        {
            return verdict;
        }
        if check.cost == Cost::Grant
            && !self.is_told_already(&check.kind)
            && let Err(verdict) = self.may_cost_the_grant()
        {
            return verdict;
        }
        self.bound.guard.stake = check.cost;
        let ended = match &check.kind {
            Kind::Aspect(aspect) => match self.first() {
                Ok(exchange) => look(*aspect, self.bound.bench.client.contract(), &exchange),
                Err(verdict) => Err(verdict),
            },
            Kind::Again => self.again(),
            Kind::Probes(rule, probes) => self.probes(*rule, probes),
            Kind::Behaviour(behaviour) => behaviour.see(&mut self.bound),
            Kind::Local(local) => local.see(&mut self.bound),
            Kind::Resource(resource, url) => resource.see(self, url),
            Kind::Sequence(steps, fact) => super::sequences::take(&mut self.bound, steps, *fact),
        };
        match ended {
            Ok(()) => Verdict::Pass,
            Err(verdict) => verdict,
        }
    }

    /// Why the run ended before its end: tokens could not be kept, or the only credential is in doubt.
    pub fn stopped(&self) -> Option<&str> {
        self.bound.guard.stopped.as_deref()
    }

    /// Whether what a check looks at was sent for another one: nothing more is.
    fn is_told_already(&self, kind: &Kind) -> bool {
        let is_of_it = matches!(kind, Kind::Behaviour(of) if of.is_of_a_spent_token());
        is_of_it && self.bound.spent.is_some()
    }

    /// Whether there is a grant to spare.
    fn may_cost_the_grant(&mut self) -> Result<(), Verdict> {
        match self.bound.bench.grants {
            Grants::Many => Ok(()),
            Grants::One => {
                let mints = self.bound.bench.client.contract().request.operation.mints();
                let why = match mints {
                    true => "it may lock the account, which is not to be risked",
                    false => {
                        "it may cost the grant, and there is no other (`--burn`, or a fake provider)"
                    }
                };
                Err(Verdict::CouldNotTell(why.to_owned()))
            }
            Grants::Expendable => {
                self.bound.guard.stake = Cost::Grant;
                if !self.bound.guard.gone {
                    let held = self.bound.sign_in()?;
                    if self.bound.renew(&held).is_ok() {
                        return Ok(());
                    }
                }
                self.fresh().map(|_| ())
            }
        }
    }

    /// Goes on with a fresh grant, which the first refresh of it shows to be good. Where there is none to be had, there is none for the next
    /// check either.
    fn fresh(&mut self) -> Result<Exchange, Verdict> {
        let bound = &mut self.bound;
        let fresh = match bound.bench.world.sign_in_again() {
            Err(Unable(why)) if bound.bench.world.signs_in_again() => return Err(bound.stop(why)),
            fresh => fresh.map_err(unable)?,
        };
        bound.take(&fresh)?;
        bound.await_window(&fresh)?;
        let exchange = bound.refresh(&fresh)?;
        match exchange.tokens(bound.bench.client.contract()) {
            Err(Verdict::Fail(Deviation { seen, .. })) if bound.guard.gone => {
                let why = format!("the new sign-in brought a token that is refused: {seen}");
                Err(bound.stop(why))
            }
            _ => Ok(exchange),
        }
    }

    /// Without a refresh that succeeds, a request that is refused says nothing.
    fn first_succeeds(&mut self) -> Result<(), Verdict> {
        if self.bound.bench.grants == Grants::Many {
            // There are grants enough to find out; whatever is in the way of that is in the way of the check, too.
            let _ = self.first();
        }
        let failed = |first: &Exchange| matches!(first.outcome, Outcome::Failed(_));
        match &self.first {
            Some(Ok(first)) if failed(first) => {
                Err(Verdict::CouldNotTell("the first refresh did not succeed".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// The first exchange; it happens once.
    pub(super) fn first(&mut self) -> Result<Exchange, Verdict> {
        if let Some(first) = &self.first {
            return first.clone();
        }
        let stake = self.bound.guard.stake;
        if self.bound.bench.grants == Grants::Expendable && self.bound.bench.world.signs_in_again()
        {
            // One that is dead already has a successor.
            self.bound.guard.stake = Cost::Grant;
        }
        let mut first = self.bound.ready().and_then(|held| self.bound.refresh(&held));
        if self.bound.guard.gone {
            first = self.fresh();
        }
        self.bound.guard.stake = stake;
        self.first = Some(first.clone());
        first
    }

    /// What the first exchange brought is good for another.
    fn again(&mut self) -> Result<(), Verdict> {
        let contract = self.bound.bench.client.contract();
        let first = self.first()?;
        let held = first
            .tokens(contract)
            .map_err(|_| Verdict::CouldNotTell("the first refresh brought no tokens".to_owned()))?;
        if let Some(why) = super::behaviour::ends_here(contract) {
            return Err(Verdict::NotApplicable(why.to_owned()));
        }
        if self.bound.bench.client.contract().credential() == Credential::RefreshToken {
            // Some replays end with it. Where it cannot be shown to anybody, nothing ends.
            let _ = self.bound.accepts(&held.access_token);
        }
        self.bound.await_window(&held)?;
        let second = self.bound.refresh(&held)?;
        second.tokens(contract)?;
        // What was so in the first answer as well was told.
        let told =
            |aspect: &Aspect| matches!(look(*aspect, contract, &first), Err(Verdict::Fail(_)));
        let others = aspect::ALL.into_iter().filter(|aspect| !told(aspect));
        match first_amiss(others, contract, &second) {
            Some((_, deviation)) => Err(deviation.into()),
            None => Ok(()),
        }
    }
}

impl Run<'_> {
    /// Sends each probe of a rule, and then what it was made of: a refused request costs nothing.
    fn probes(&mut self, rule: Rule, probes: &[Probe]) -> Result<(), Verdict> {
        let (mut sent, mut laxer) = (0, None);
        for probe in probes {
            match self.probe(probe) {
                Ok(was_sent) => sent += usize::from(was_sent),
                // The next one may be refused in a way that misleads clients.
                Err(note @ Verdict::Note(_)) => {
                    laxer.get_or_insert(note);
                }
                Err(verdict) => return Err(verdict),
            }
        }
        match laxer {
            Some(note) => Err(note),
            None if sent == 0 => {
                let why = format!("no request breaks the rule `{rule}` alone");
                Err(Verdict::NotApplicable(why))
            }
            None => Ok(()),
        }
    }

    /// Sends a probe; whether there was one to send.
    fn probe(&mut self, probe: &Probe) -> Result<bool, Verdict> {
        let bound = &mut self.bound;
        let other = match (probe.needs_another_grant(), bound.bench.grants) {
            (false, _) => None,
            (true, Grants::Many) => Some(bound.ready()?),
            (true, Grants::One | Grants::Expendable) => {
                let why = "it takes a second grant";
                return Err(Verdict::CouldNotTell(why.to_owned()));
            }
        };
        let mut held = bound.ready()?;
        let now = bound.now()?;
        let before = probe.before(bound.bench.client, &held, now);
        let client = before.as_ref().unwrap_or(bound.bench.client);
        if before.is_some() {
            held = bound.renew_by(client, &held)?;
            bound.await_window(&held)?;
        }
        let prepared = bound.prepared(client, &held)?;
        let client = &prepared;
        let right = match client.contract().steps.is_empty() {
            true => bound.request(&held)?,
            false => bound.request_of(client, &held)?,
        };
        let Some(wrong) = probe.request(client, right, &held, other.as_ref(), now) else {
            return Ok(false);
        };
        let what = format!("a request {}", probe.what);
        let stake = std::mem::replace(&mut bound.guard.stake, probe.cost(client.contract()));
        bound.guard.probing = true;
        let exchange = bound.send(&held, wrong);
        bound.guard.probing = false;
        bound.guard.stake = stake;
        let exchange = exchange?;
        let many = bound.bench.grants == Grants::Many;
        refusal::judge(
            client.contract(),
            probe.because(client.contract()),
            &exchange,
            &what,
            &probe.fact,
            many,
        )?;
        if bound.bench.grants == Grants::Many {
            refusal::still_works(bound.bench.client.contract(), &bound.refresh(&held)?, &what)?;
        }
        Ok(true)
    }
}
