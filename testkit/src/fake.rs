//! A fake provider behind a hostile network, as tests hold it.

use crate::arrived::{Arrived, Record};
use crate::clock::Clock;
use crate::held::{Held, Lost};
use crate::network::{self, Delivered, Weather};
use crate::provider::{Provider, Rule, TokenState};
use crate::sequence::{Unable, World};
use http::{Request, Response};
use jiff::Timestamp;
use rekindle_contract::contract::{Contract, Expiry, ReplayAnswer, Spent, Trouble};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// A fake provider behind a hostile network. Its copies are the same provider.
///
/// Without sockets it is called by [`Fake::carry`]; [`Fake::serve`](crate::serve) puts it on a port of this machine.
#[derive(Debug, Clone)]
pub struct Fake(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    provider: Provider,
    troubles: VecDeque<Option<Trouble>>,
    weather: Weather,
    record: Record,
}

impl Fake {
    /// Puts a network before `provider`.
    pub fn new(provider: Provider) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            provider,
            troubles: VecDeque::new(),
            weather: Weather::default(),
            record: Record::default(),
        })))
    }

    /// A fake provider of the contract in this JSON, as generated tests hold it.
    ///
    /// # Panics
    /// When it is no contract of this version.
    pub fn of(contract: &str) -> Self {
        Self::new(Provider::new(contract_in(contract)))
    }

    /// The same with this value of the registered client.
    #[must_use]
    pub fn with_client(self, name: &str, value: &str) -> Self {
        self.change(|provider| provider.with_client(name, value))
    }

    /// The same at another base URL, without a slash at its end.
    #[must_use]
    pub fn at(self, base_url: &str) -> Self {
        self.change(|provider| provider.at(base_url))
    }

    /// The provider itself, for as long as the guard is held.
    ///
    /// There is one lock: while the guard is held, every other method of this and of its copies waits, and so does a server
    /// that plays it. Who calls one on the same thread, or drops a [`Serving`](crate::serve::Serving), waits for ever: let go
    /// of the guard first.
    pub fn provider(&self) -> impl std::ops::DerefMut<Target = Provider> + '_ {
        Guard(self.lock())
    }

    /// Where it is, without a slash at the end.
    pub fn url(&self) -> String {
        self.lock().provider.base_url().to_owned()
    }

    /// The time it goes by.
    pub fn clock(&self) -> Clock {
        self.lock().provider.clock().clone()
    }

    /// What is in the way of the next refreshes, one by one: `None` lets one pass.
    pub fn plan(&self, troubles: impl IntoIterator<Item = Option<Trouble>>) {
        self.lock().troubles.extend(troubles);
    }

    /// What is still planned.
    pub fn planned(&self) -> Vec<Option<Trouble>> {
        self.lock().troubles.iter().copied().collect()
    }

    /// What is in the way of each refresh for which nothing is planned.
    pub fn suffer(&self, weather: Weather) {
        self.lock().weather = weather;
    }

    /// Forgets what was planned, and clears the weather.
    pub fn calm(&self) {
        let mut inner = self.lock();
        inner.troubles.clear();
        inner.weather = Weather::default();
    }

    /// Lets the provider answer a request through its network. What was planned first is in the way of it, if it is a refresh.
    pub fn deliver(&self, request: &Request<Vec<u8>>) -> Delivered {
        let mut guard = self.lock();
        let inner = &mut *guard;
        let trouble = if is_refresh(&inner.provider, request) {
            let planned = inner.troubles.pop_front();
            planned.unwrap_or_else(|| inner.weather.next(inner.provider.contract()))
        } else {
            None
        };
        let delivered = network::deliver(&mut inner.provider, request, trouble);
        inner.record.keep(request, &delivered);
        delivered
    }

    /// What arrived, the oldest first: the last 256 requests.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.lock().record.all()
    }

    /// Carries a request to the provider and its answer back, without sockets.
    ///
    /// # Errors
    /// There is no answer.
    pub fn carry(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Lost> {
        network::carry(self.deliver(request))
    }

    fn change(self, change: impl FnOnce(Provider) -> Provider) -> Self {
        {
            let mut inner = self.lock();
            let provider = inner.provider.clone();
            inner.provider = change(provider);
        }
        self
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much later than it does a client may take an access token to die: a lifetime in an answer that comes again counts from the
/// later request.
trait ReplayedLate {
    fn replayed_late(&self) -> Duration;
}

impl ReplayedLate for Contract {
    fn replayed_late(&self) -> Duration {
        let relative = matches!(
            self.access.expires,
            Expiry::Seconds(_)
                | Expiry::Milliseconds(_)
                | Expiry::Duration(_)
                | Expiry::Constant(_)
        );
        match self.refresh.as_ref().map(|refresh| refresh.spent) {
            Some(Spent::Good {
                until, answer: ReplayAnswer::Same | ReplayAnswer::Unknown, ..
            }) if relative => until.window().unwrap_or(Duration::MAX),
            _ => Duration::ZERO,
        }
    }
}

/// Whether a request is one that troubles are planned for: whatever is neither for the provider's own pages nor a step.
fn is_refresh(provider: &Provider, request: &Request<Vec<u8>>) -> bool {
    !provider.is_own_page(request.uri()) && !provider.is_step(request)
}

struct Guard<'a>(MutexGuard<'a, Inner>);

impl std::ops::Deref for Guard<'_> {
    type Target = Provider;
    fn deref(&self) -> &Provider {
        &self.0.provider
    }
}

impl std::ops::DerefMut for Guard<'_> {
    fn deref_mut(&mut self) -> &mut Provider {
        &mut self.0.provider
    }
}

impl World for Fake {
    fn now(&mut self) -> Result<Timestamp, Unable> {
        Ok(self.clock().now())
    }

    fn sign_in(&mut self) -> Result<Held, Unable> {
        Ok(self.provider().sign_in())
    }

    fn wait(&mut self, by: Duration) -> Result<(), Unable> {
        self.clock().advance(by);
        Ok(())
    }

    fn plan(&mut self, trouble: Option<Trouble>) -> Result<(), Unable> {
        self.calm();
        Fake::plan(self, [trouble]);
        Ok(())
    }

    fn revoke(&mut self, held: &Held) -> Result<(), Unable> {
        self.provider().revoke(&held.access_token);
        Ok(())
    }

    fn use_access_token(&mut self, token: &str) -> Result<Option<Rule>, Unable> {
        Ok(self.provider().use_access_token(token).err())
    }

    fn inspect(&mut self, held: &Held, trouble: Option<Trouble>) -> Result<(), String> {
        let provider = self.provider();
        if provider.access_token(&held.access_token) != TokenState::Live {
            return Err("the client holds an access token that is not good".to_owned());
        }
        let refresh = held.refresh_token.as_deref();
        if refresh.is_some_and(|token| provider.refresh_token(token) == TokenState::Unknown) {
            return Err("the client holds a refresh token that was never issued".to_owned());
        }
        let told = held.access_expires.instant();
        let ends = provider.access_token_ends(&held.access_token);
        let (Some(told), None) = (told, trouble) else {
            // An expiry that was spoilt on the way may be read as something else.
            return Ok(());
        };
        let Some(ends) = ends.map(SystemTime::from) else {
            return Err("the client takes an access token to die that does not".to_owned());
        };
        let late = told.duration_since(ends).unwrap_or_default();
        if told >= ends && late <= provider.contract().replayed_late() {
            return Ok(());
        }
        Err("the client takes the access token to die at another time than it does".to_owned())
    }
}

/// The contract in this JSON, as generated tests hold it.
///
/// # Panics
/// When it is no contract of this version.
pub(crate) fn contract_in(json: &str) -> Contract {
    serde_json::from_str(json)
        .unwrap_or_else(|error| panic!("no contract of this version: {error}"))
}
