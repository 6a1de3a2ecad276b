//! What checks are done with.

use super::exchange::Exchange;
use super::guard::{Guard, KeepDoubt, STOPPED};
use super::{Checked, Verdict};
use crate::held::{End, Held, Lost, Outcome};
use crate::reference::Reference;
use crate::sequence::{Unable, World};
use http::{Request, Response};
use jiff::Timestamp;
use rekindle_contract::contract::{MintLimit, RefreshWhen, Trouble};
use std::time::Duration;

/// Brings a request to the provider and the answer back. A [`Trouble`] that is planned for the request is among its extensions.
pub type Carry<'a> = &'a mut dyn FnMut(Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Lost>;

/// Keeps what a client holds from now on, or says why it cannot.
pub type Keep<'a> = &'a mut dyn FnMut(&Held) -> Result<(), String>;

/// A provider to check, and all that is needed for it.
pub struct Bench<'a> {
    /// The client that asks.
    pub client: &'a Reference,
    /// The provider, and what is around it.
    pub world: &'a mut dyn World,
    /// The way to it.
    pub carry: Carry<'a>,
    /// Called with all tokens that an answer brings, before anything else is sent.
    pub keep: Keep<'a>,
    /// Called with what is open after an exchange that ends the run, where there is one grant alone.
    pub keep_doubt: KeepDoubt<'a>,
    /// How many grants there are.
    pub grants: Grants,
}

/// The answer that tells the refresh token where others follow it, the one that ends the exchange, and what comes of it.
type Ended = (Option<Response<Vec<u8>>>, Result<Response<Vec<u8>>, Lost>, Outcome);

/// How many grants there are to check with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grants {
    /// As many as it takes: each check gets its own.
    Many,
    /// One, which must outlive the checks.
    One,
    /// One, which need not.
    Expendable,
}

/// What is done with a bench, until something is lost or could be.
pub(super) struct Bound<'a> {
    pub(super) bench: Bench<'a>,
    /// What becomes of the only credential.
    pub(super) guard: Guard,
    /// When requests were sent that count against a limit of the provider.
    pub(super) sent: Vec<Timestamp>,
    /// When nobody counted them.
    pub(super) uncounted: Option<Timestamp>,
    /// What a spent refresh token got that came back, where there is one grant to find it out with.
    pub(super) spent: Option<Exchange>,
    /// When the grant at hand was last refreshed, as far as that is known.
    pub(super) refreshed: Option<Timestamp>,
    /// The client that has taken the steps before the request at hand, where there are some.
    pub(super) prepared: Option<Reference>,
}

impl Bound<'_> {
    pub(super) fn now(&mut self) -> Checked<Timestamp> {
        self.bench.world.now().map_err(unable)
    }

    pub(super) fn wait(&mut self, by: Duration) -> Checked {
        self.bench.world.wait(by).map_err(unable)
    }

    /// Signs in, without looking at when the provider accepts a refresh.
    pub(super) fn sign_in(&mut self) -> Checked<Held> {
        let held = self.bench.world.sign_in().map_err(unable)?;
        if self.bench.grants == Grants::Many {
            self.refreshed = None;
        }
        self.bench.world.plan(None).or_else(calm).map_err(unable)?;
        Ok(held)
    }

    /// Signs in, and waits until the provider accepts a refresh.
    pub(super) fn ready(&mut self) -> Checked<Held> {
        let held = self.sign_in()?;
        self.await_window(&held)?;
        Ok(held)
    }

    /// Waits until the provider accepts a refresh of what is held.
    pub(super) fn await_window(&mut self, held: &Held) -> Checked {
        let wait = match self.bench.client.contract().request.when {
            RefreshWhen::AnyTime | RefreshWhen::BeforeExpiry | RefreshWhen::Unknown => {
                return Ok(());
            }
            RefreshWhen::AfterExpiry => self.left(held)?,
            RefreshWhen::NearExpiry(lead) => self.left(held)?.saturating_sub(lead),
        };
        if wait.is_zero() {
            return Ok(());
        }
        self.wait(wait)
    }

    /// How long the access token lives on, as far as anybody knows.
    fn left(&mut self, held: &Held) -> Checked<Duration> {
        let End::At(end) = held.access_expires else {
            return Ok(self.bench.client.contract().assumed_lifetime());
        };
        let now = self.now()?;
        Ok(Duration::try_from(end.duration_since(now)).unwrap_or_default())
    }

    /// The request that refreshes what is held, whether the provider would accept it now or not.
    pub(super) fn request(&mut self, held: &Held) -> Checked<Request<Vec<u8>>> {
        let client = self.bench.client.clone();
        let prepared = self.prepared(&client, held)?;
        self.request_of(&prepared, held)
    }

    /// The same of a client that has taken the steps of its exchange.
    pub(super) fn request_of(
        &mut self,
        client: &Reference,
        held: &Held,
    ) -> Checked<Request<Vec<u8>>> {
        let now = self.now()?;
        let blind = Held { access_expires: End::Undeclared, ..held.clone() };
        client.request(&blind, now).map_err(|_| {
            Verdict::CouldNotTell("no request can be made of what is held and given".to_owned())
        })
    }

    /// The client after the steps of an exchange, where it has some. They spend nothing.
    pub(super) fn prepared(&mut self, client: &Reference, held: &Held) -> Checked<Reference> {
        if client.contract().steps.is_empty() {
            self.prepared = None;
            return Ok(client.clone());
        }
        if self.guard.stopped.is_some() {
            return Err(Verdict::CouldNotTell(STOPPED.to_owned()));
        }
        let now = self.now()?;
        let prepared = client.prepared(held, now, &mut *self.bench.carry);
        let prepared = prepared.map_err(|_| {
            let why = "a step before the request failed, or brought not what the contract says";
            Verdict::CouldNotTell(why.to_owned())
        })?;
        self.prepared = Some(prepared.clone());
        Ok(prepared)
    }

    /// Refreshes what is held.
    pub(super) fn refresh(&mut self, held: &Held) -> Checked<Exchange> {
        let request = self.request(held)?;
        self.send(held, request)
    }

    /// Refreshes what is held, and wants new tokens.
    pub(super) fn renew(&mut self, held: &Held) -> Checked<Held> {
        let exchange = self.refresh(held)?;
        exchange.tokens(self.bench.client.contract())
    }

    /// The same with the request of another client.
    pub(super) fn renew_by(&mut self, client: &Reference, held: &Held) -> Checked<Held> {
        let client = self.prepared(client, held)?;
        let request = self.request_of(&client, held)?;
        self.send(held, request)?.tokens(self.bench.client.contract())
    }

    /// Sends a request with what is held in it, and keeps what it brings.
    pub(super) fn send(&mut self, held: &Held, mut request: Request<Vec<u8>>) -> Checked<Exchange> {
        if self.guard.stopped.is_some() {
            return Err(Verdict::CouldNotTell(STOPPED.to_owned()));
        }
        self.await_limit()?;
        self.await_turn()?;
        let now = self.now()?;
        self.sent.push(now);
        self.guard.mark(self.bench.client.contract(), held, &mut request);
        let is_current = self.guard.is_current(self.bench.client.contract(), held);
        let is_later = self.guard.is_later();
        let answer = (self.bench.carry)(request);
        let (told, answer, outcome) = match answer {
            Ok(response) => self.ended(held, now, response),
            Err(lost) => {
                let outcome = self.bench.client.fail(now, &lost);
                (None, Err(lost), outcome)
            }
        };
        if answer.is_err() || matches!(outcome, Outcome::Tokens(_)) {
            self.refreshed = Some(now);
        }
        self.keep(held, &outcome);
        let base_url = self.bench.client.first_base_url();
        let held = held.clone();
        let exchange = Exchange { held, is_later, now, base_url, told, answer, outcome };
        if self.bench.grants != Grants::Many {
            let contract = self.bench.client.contract();
            let keep_doubt = &mut *self.bench.keep_doubt;
            self.guard.watch(contract, &exchange, keep_doubt);
            if !is_current && exchange.is_limited() {
                let why = "the provider takes no more requests for a while, and what was replaced cannot be sent later";
                return Err(Verdict::CouldNotTell(why.to_owned()));
            }
        }
        Ok(exchange)
    }

    /// What comes of a request that was answered so. Where other requests follow, a new refresh token is kept before they are sent.
    fn ended(&mut self, held: &Held, now: Timestamp, answered: Response<Vec<u8>>) -> Ended {
        let client = self.prepared.clone().unwrap_or_else(|| self.bench.client.clone());
        if client.contract().request.then.is_empty() {
            let outcome = client.finish(held, now, &answered);
            return (None, Ok(answered), outcome);
        }
        self.keep(held, &client.interrupted(held, now, &answered));
        let mut last = Ok(answered.clone());
        let mut carry = |request| {
            if self.guard.stopped.is_some() {
                return Err(Lost::NotSent);
            }
            last = (self.bench.carry)(request);
            last.clone()
        };
        let outcome = client.ended(held, now, &answered, &mut carry);
        (Some(answered), last, outcome)
    }

    /// Waits until the provider takes another request, where it says how many it takes.
    fn await_limit(&mut self) -> Checked {
        let Some(MintLimit { at_most, per }) = self.limit() else {
            return Ok(());
        };
        let now = self.now()?;
        let counts = |at: &Timestamp| at.checked_add(per).is_ok_and(|over| now < over);
        self.sent.retain(counts);
        self.uncounted = self.uncounted.filter(counts);
        let takes = self.sent.len() < at_most as usize && self.uncounted.is_none();
        if takes { Ok(()) } else { self.wait(per) }
    }

    /// Waits until the last refresh of the grant is as long ago as the provider wants it.
    pub(super) fn await_turn(&mut self) -> Checked {
        let apart = self.bench.client.contract().request.at_most_every;
        let (Some(apart), Some(last)) = (apart, self.refreshed) else {
            return Ok(());
        };
        let since = self.now()?.duration_since(last);
        let left = apart.saturating_sub(Duration::try_from(since).unwrap_or_default());
        if left.is_zero() { Ok(()) } else { self.wait(left) }
    }

    /// Lets nothing count any more that was sent, where the provider says how many requests it takes.
    pub(super) fn forget_limit(&mut self) -> Checked {
        match self.limit() {
            Some(limit) if !self.sent.is_empty() || self.uncounted.is_some() => {
                self.wait(limit.per)
            }
            _ => Ok(()),
        }
    }

    fn limit(&self) -> Option<MintLimit> {
        self.bench.client.contract().limit()
    }

    /// Keeps what an outcome brings. If that fails, nothing is sent any more.
    pub(super) fn keep(&mut self, held: &Held, outcome: &Outcome) {
        let Some(new) = outcome.brought(held) else {
            return;
        };
        if let Err(why) = (self.bench.keep)(&new) {
            self.guard.stopped = Some(why);
        }
        self.guard.kept(self.bench.client.contract(), &new);
    }

    /// Goes on with a fresh grant, in place of one that is used up.
    pub(super) fn take(&mut self, fresh: &Held) -> Checked {
        if let Err(why) = (self.bench.keep)(fresh) {
            return Err(self.stop(why));
        }
        self.guard.gone = false;
        self.guard.kept(self.bench.client.contract(), fresh);
        Ok(())
    }

    /// Sends nothing any more, and says why.
    pub(super) fn stop(&mut self, why: String) -> Verdict {
        self.guard.stopped = Some(why.clone());
        Verdict::CouldNotTell(why)
    }

    /// Shows an access token to the provider: whether it is accepted.
    pub(super) fn accepts(&mut self, token: &str) -> Checked<bool> {
        let refused = self.bench.world.use_access_token(token).map_err(unable)?;
        Ok(refused.is_none())
    }

    /// The same, where there is more to know without it: `None` where a real provider has nothing to show the token to.
    pub(super) fn accepts_if_shown(&mut self, token: &str) -> Checked<Option<bool>> {
        match self.accepts(token) {
            Err(Verdict::CouldNotTell(_)) if self.bench.grants != Grants::Many => Ok(None),
            accepted => accepted.map(Some),
        }
    }
}

/// A world that can plan nothing has nothing planned.
fn calm(_: Unable) -> Result<(), Unable> {
    Ok(())
}

pub(super) fn unable(Unable(why): Unable) -> Verdict {
    Verdict::CouldNotTell(why)
}

/// A request that knows what is planned for it.
pub(super) fn with_trouble(
    mut request: Request<Vec<u8>>,
    trouble: Option<Trouble>,
) -> Request<Vec<u8>> {
    if let Some(trouble) = trouble {
        request.extensions_mut().insert(trouble);
    }
    request
}
