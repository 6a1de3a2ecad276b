//! What one process runs on: its clock, and its calls of the store and the transport, each of which waits until the search
//! decides what becomes of it.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use rekindle_runtime::clock::{Clock, Sleep};
use rekindle_runtime::store::Key;

use crate::chance::Chance;

/// The true time. Its copies are the same.
#[derive(Clone, Default)]
pub struct Now(Arc<Counters>);

#[derive(Default)]
struct Counters {
    nanos: AtomicU64,
    leases: AtomicU64,
    /// Numbers that the store has drawn.
    drawn: AtomicU64,
}

impl Now {
    /// How long it is since the beginning.
    pub fn get(&self) -> Duration {
        Duration::from_nanos(self.0.nanos.load(Ordering::Relaxed))
    }

    /// It is this late.
    pub fn set(&self, now: Duration) {
        let nanos = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        self.0.nanos.store(nanos, Ordering::Relaxed);
    }

    /// A number that the store draws: another one each time.
    pub fn draw(&self) -> u64 {
        self.0.drawn.fetch_add(1, Ordering::Relaxed)
    }

    /// How many numbers the store has drawn.
    pub fn drawn(&self) -> u64 {
        self.0.drawn.load(Ordering::Relaxed)
    }

    /// The store draws what follows this many.
    pub fn set_drawn(&self, drawn: u64) {
        self.0.drawn.store(drawn, Ordering::Relaxed);
    }

    /// A lease was given, by which ids are told apart.
    pub fn leased(&self) {
        self.0.leases.fetch_add(1, Ordering::Relaxed);
    }
}

/// When the world begins: by the monotonic clocks, so that what was long ago can be said, and by the wall clocks.
pub const BEGINNING: Duration = Duration::from_secs(1_000_000);

/// What [`Call::kind`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It changes nothing.
    Read,
    /// It changes the store.
    Write,
    /// A request to the provider.
    Send,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Certainly without effect, where a caller can know.
    Before,
    /// Nobody knows whether it took effect.
    Unknown,
}

/// What a call brings, as far as it must be known from outside.
pub trait CallResult: Sized + Send + 'static {
    /// It failed.
    fn failed(failure: Failure) -> Self;
    /// What the process sees of it, to tell histories apart and for people to read.
    fn show(&self, to: &mut dyn fmt::Write) -> fmt::Result;
}

/// What is to be done for a call.
trait Work: Send {
    fn take_effect(&mut self);
    fn answer(&mut self);
    fn fail(&mut self, failure: Failure);
    fn show(&self, to: &mut dyn fmt::Write) -> fmt::Result;
}

/// A call that waits.
pub struct Call {
    /// What it is called.
    pub name: &'static str,
    /// With what.
    pub details: String,
    /// Of which grant; `None` where of several.
    pub key: Option<Key>,
    pub kind: Kind,
    /// It is held up, and this is what goes on meanwhile.
    pub held: bool,
    /// It has taken effect.
    pub done: bool,
    /// Its request goes on when the process gives it up.
    pub stray: bool,
    work: Box<dyn Work>,
}

impl Call {
    /// It takes effect, unless it has.
    pub fn take_effect(&mut self) {
        if !std::mem::replace(&mut self.done, true) {
            self.work.take_effect();
        }
    }

    /// What came of it.
    pub fn show(&self, to: &mut dyn fmt::Write) -> fmt::Result {
        self.work.show(to)
    }
}

struct Job<T, F> {
    effect: F,
    result: Option<T>,
    reply: Arc<Reply<T>>,
}

type Reply<T> = Mutex<(Option<T>, Option<Waker>)>;

impl<T: CallResult, F: FnMut() -> T + Send> Job<T, F> {
    fn give(&mut self, result: T) {
        let mut reply = self.reply.lock().unwrap_or_else(PoisonError::into_inner);
        reply.0 = Some(result);
        if let Some(waker) = reply.1.take() {
            drop(reply);
            waker.wake();
        }
    }
}

impl<T: CallResult, F: FnMut() -> T + Send> Work for Job<T, F> {
    fn take_effect(&mut self) {
        self.result = Some((self.effect)());
    }

    fn answer(&mut self) {
        if let Some(result) = self.result.take() {
            self.give(result);
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.give(T::failed(failure));
    }

    fn show(&self, to: &mut dyn fmt::Write) -> fmt::Result {
        self.result.as_ref().map_or(Ok(()), |result| result.show(to))
    }
}

/// One process's clock and calls. Its copies are the same.
#[derive(Clone)]
pub struct Machine(Arc<Mutex<Inner>>, Now);

struct Inner {
    /// By how much its wall clock is ahead, or behind.
    ahead: Duration,
    behind: Duration,
    /// Who waits until when; the number keeps those of one moment apart.
    sleepers: BTreeMap<(Duration, u64), Option<Waker>>,
    calls: BTreeMap<u64, Call>,
    /// Calls that were given up, and go on.
    strays: Vec<Call>,
    next: u64,
    /// Told apart from all other incarnations.
    identity: u64,
    /// How many numbers were drawn since this many leases were given.
    drawn: (u64, u64),
    /// What it draws from, where it leaves something to chance.
    chance: Option<Chance>,
}

impl Machine {
    /// A machine for a process; `identity` is that of no other.
    pub fn new(now: &Now, identity: u64, (ahead, behind): (Duration, Duration)) -> Self {
        let inner = Inner {
            ahead,
            behind,
            sleepers: BTreeMap::new(),
            calls: BTreeMap::new(),
            strays: Vec::new(),
            next: 0,
            identity,
            drawn: (0, 0),
            chance: None,
        };
        Self(Arc::new(Mutex::new(inner)), now.clone())
    }

    /// The same, which leaves to chance what sessions leave to it.
    pub fn with_chance(self, chance: Chance) -> Self {
        self.lock().chance = Some(chance);
        self
    }

    /// Its wall clock is set.
    pub fn set_clock(&self, (ahead, behind): (Duration, Duration)) {
        let mut inner = self.lock();
        (inner.ahead, inner.behind) = (ahead, behind);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call that waits for what the search decides.
    pub async fn call<T: CallResult>(
        &self,
        kind: Kind,
        name: &'static str,
        (key, details): (Option<&Key>, String),
        effect: impl FnMut() -> T + Send + 'static,
    ) -> T {
        let reply: Arc<Reply<T>> = Arc::new(Mutex::new((None, None)));
        let id = {
            let mut inner = self.lock();
            let id = inner.next;
            inner.next += 1;
            let work = Box::new(Job { effect, result: None, reply: Arc::clone(&reply) });
            let key = key.cloned();
            let call =
                Call { name, details, key, kind, held: false, done: false, stray: false, work };
            inner.calls.insert(id, call);
            id
        };
        Answer { reply, machine: self.clone(), id }.await
    }

    /// Looks at the calls that wait.
    pub fn with_calls<R>(&self, look: impl FnOnce(&mut BTreeMap<u64, Call>) -> R) -> R {
        look(&mut self.lock().calls)
    }

    /// Takes the call out, with the answer that it has.
    pub fn answer(&self, id: u64) {
        let call = self.lock().calls.remove(&id);
        if let Some(mut call) = call {
            call.take_effect();
            call.work.answer();
        }
    }

    /// Takes the call out: it failed.
    pub fn fail(&self, id: u64, failure: Failure) {
        let call = self.lock().calls.remove(&id);
        if let Some(mut call) = call {
            call.work.fail(failure);
        }
    }

    /// Takes out what was given up and goes on all the same.
    pub fn take_strays(&self) -> Vec<Call> {
        std::mem::take(&mut self.lock().strays)
    }

    /// The next moment for which somebody waits.
    pub fn next_wake(&self) -> Option<Duration> {
        self.lock().sleepers.first_key_value().map(|((until, _), _)| *until)
    }

    /// The moments for which somebody waits.
    pub fn moments(&self) -> Vec<Duration> {
        self.lock().sleepers.keys().map(|(until, _)| *until).collect()
    }

    /// Wakes those whose moment has come.
    pub fn wake(&self) {
        let now = self.1.get();
        let woken: Vec<Waker> = {
            let mut inner = self.lock();
            let later = inner.sleepers.split_off(&(now, u64::MAX));
            let over = std::mem::replace(&mut inner.sleepers, later);
            over.into_values().flatten().collect()
        };
        woken.into_iter().for_each(Waker::wake);
    }
}

/// The answer to a call.
struct Answer<T> {
    reply: Arc<Reply<T>>,
    machine: Machine,
    id: u64,
}

impl<T> Future for Answer<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut reply = self.reply.lock().unwrap_or_else(PoisonError::into_inner);
        match reply.0.take() {
            Some(result) => Poll::Ready(result),
            None => {
                reply.1 = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        let mut inner = self.machine.lock();
        if let Some(call) = inner.calls.remove(&self.id)
            && call.stray
            && !call.done
        {
            inner.strays.push(call);
        }
    }
}

impl Clock for Machine {
    fn monotonic(&self) -> Duration {
        BEGINNING + self.1.get()
    }

    fn wall(&self) -> SystemTime {
        let inner = self.lock();
        SystemTime::UNIX_EPOCH + BEGINNING + self.1.get() + inner.ahead - inner.behind
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut inner = self.lock();
        let number = inner.next;
        inner.next += 1;
        let until = self.1.get().saturating_add(duration);
        inner.sleepers.insert((until, number), None);
        Box::pin(Sleeper { machine: self.clone(), place: (until, number) })
    }

    fn longest_sleep(&self) -> Duration {
        Duration::MAX
    }

    /// Unless it leaves them to chance, every jitter is the longest one, and every id is another. As an exchange draws its ids under a lease of its own, they do not
    /// depend on how long the process waited for that.
    fn random(&self) -> u64 {
        let leases = self.1.0.leases.load(Ordering::Relaxed);
        let mut inner = self.lock();
        if let Some(chance) = &mut inner.chance {
            return chance.draw();
        }
        if inner.drawn.0 != leases {
            inner.drawn = (leases, 0);
        }
        inner.drawn.1 += 1;
        0xffff_ffff_0000_0000 | (inner.identity << 20) | (leases << 8) | inner.drawn.1
    }
}

/// One wait.
struct Sleeper {
    machine: Machine,
    place: (Duration, u64),
}

impl Future for Sleeper {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.machine.lock().sleepers.get_mut(&self.place) {
            Some(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.machine.lock().sleepers.remove(&self.place);
    }
}
