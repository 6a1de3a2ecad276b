//! What the sessions of one provider are doing: attempts that run and writes that the store has not taken. It is what closing waits
//! for (R41).

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::store::Key;

/// What was not finished when sessions were closed and the limit had passed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfinished {
    /// How many refresh attempts still run, and looks for due grants, which hold leases. An exchange that is cut off is in doubt when the
    /// grant is opened the next time.
    pub attempts: usize,
    /// The grants of which new tokens are in memory that the store has not taken. They are lost when the process ends.
    pub unsaved: Vec<Key>,
}

impl Unfinished {
    /// Whether all is finished and saved: the process may end.
    pub fn is_nothing(&self) -> bool {
        self.attempts == 0 && self.unsaved.is_empty()
    }
}

/// What the sessions of several providers are doing: of those that were started, unless they have ended.
#[derive(Default)]
pub(crate) struct Activities(Mutex<Listed>);

#[derive(Default)]
struct Listed {
    is_closed: bool,
    activities: Vec<Weak<Activity>>,
}

impl Activities {
    /// Adds a provider. It is closed where the others are.
    pub fn add(&self, activity: &Arc<Activity>) {
        let mut listed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listed.activities.retain(|listed| listed.strong_count() > 0);
        listed.activities.push(Arc::downgrade(activity));
        if listed.is_closed {
            activity.shut();
        }
    }

    /// Lets nothing more begin at any provider, also at those that are added later. Returns those that there are.
    pub fn shut(&self) -> Vec<Arc<Activity>> {
        let mut listed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listed.is_closed = true;
        let activities: Vec<_> = listed.activities.iter().filter_map(Weak::upgrade).collect();
        drop(listed);
        activities.iter().for_each(|activity| activity.shut());
        activities
    }
}

/// The attempts and the pending writes of one provider's sessions.
#[derive(Default)]
pub(crate) struct Activity {
    state: Mutex<State>,
    /// Told when the sessions are closed, and when all has ended.
    changed: Notify,
}

#[derive(Default)]
struct State {
    is_closed: bool,
    attempts: usize,
    /// How many writes each grant has: a later one is kept before an earlier one has ended.
    unsaved: BTreeMap<Key, usize>,
}

impl State {
    fn has_ended(&self) -> bool {
        self.attempts == 0 && self.unsaved.is_empty()
    }
}

/// An attempt that runs, until it is dropped.
pub(crate) struct Attempt(Arc<Activity>);

/// A write that is not stored, until it is dropped.
#[derive(Debug)]
pub(crate) struct Unsaved(Arc<Activity>, Key);

impl Activity {
    /// Counts an attempt, or a look for due grants, that is about to run; `None` once the sessions are closed.
    pub fn begin(self: &Arc<Self>) -> Option<Attempt> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        state.attempts += 1;
        Some(Attempt(Arc::clone(self)))
    }

    /// Counts a write that the store has not taken.
    pub fn keep(self: &Arc<Self>, key: &Key) -> Unsaved {
        *self.lock().unsaved.entry(key.clone()).or_default() += 1;
        Unsaved(Arc::clone(self), key.clone())
    }

    /// Whether nothing more begins.
    pub fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    /// Lets nothing more begin.
    pub fn shut(&self) {
        self.lock().is_closed = true;
        self.changed.notify_waiters();
    }

    /// Waits for what spends nothing and must not hold up the process's end; `None` once the sessions are closed.
    pub async fn unless_closed<T>(&self, waiting: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.until(|state| state.is_closed) => None,
            done = waiting => Some(done),
        }
    }

    /// Lets nothing more begin, and waits until all has ended, for as long as `limit`. Returns what has not.
    pub async fn close(&self, limit: Duration, clock: &dyn Clock) -> Unfinished {
        self.shut();
        tokio::select! {
            biased;
            () = self.until(State::has_ended) => {}
            () = clock.sleep(limit) => {}
        }
        self.unfinished()
    }

    async fn until(&self, holds: impl Fn(&State) -> bool) {
        loop {
            // Registered before the look, so that no change is missed in between.
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if holds(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    /// Tells who closes the sessions, if this was the last that ended.
    fn tell_end(&self, state: MutexGuard<'_, State>) {
        let has_ended = state.has_ended();
        drop(state);
        if has_ended {
            self.changed.notify_waiters();
        }
    }

    fn unfinished(&self) -> Unfinished {
        let state = self.lock();
        Unfinished { attempts: state.attempts, unsaved: state.unsaved.keys().cloned().collect() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Activity(..)")
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.attempts -= 1;
        self.0.tell_end(state);
    }
}

impl Drop for Unsaved {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if let Some(writes) = state.unsaved.get_mut(&self.1) {
            *writes -= 1;
            if *writes == 0 {
                state.unsaved.remove(&self.1);
            }
        }
        self.0.tell_end(state);
    }
}
