//! Time that passes when it is told to.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use super::injected::{Clock, Sleep};

/// A clock for tests: a year passes in a microsecond. Its copies show the same time.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use rekindle_runtime::clock::{Clock, VirtualClock};
///
/// let clock = VirtualClock::new(SystemTime::UNIX_EPOCH);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.wall(), SystemTime::UNIX_EPOCH + Duration::from_secs(60));
/// ```
#[derive(Debug, Clone)]
pub struct VirtualClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    monotonic: Duration,
    wall: SystemTime,
    /// Who waits until when; the number keeps those of one instant apart.
    sleepers: BTreeMap<(Duration, u64), Option<Waker>>,
    next: u64,
}

impl VirtualClock {
    /// A clock whose wall shows this.
    pub fn new(wall: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(State {
            // Not zero: what is measured as "long ago" must be possible.
            monotonic: Duration::from_secs(1_000_000),
            wall,
            sleepers: BTreeMap::new(),
            next: 0,
        })))
    }

    /// Lets time pass, and wakes those who waited for it.
    pub fn advance(&self, by: Duration) {
        let woken = {
            let mut state = self.lock();
            state.monotonic += by;
            state.wall += by;
            state.wake()
        };
        woken.into_iter().for_each(Waker::wake);
    }

    /// Somebody sets the wall clock: nothing else moves.
    pub fn set_wall(&self, wall: SystemTime) {
        self.lock().wall = wall;
    }

    /// The machine sleeps: time passes, and nobody is woken. Those who waited wait as much longer, as timers do.
    pub fn suspend(&self, by: Duration) {
        let mut state = self.lock();
        state.monotonic += by;
        state.wall += by;
        let later = std::mem::take(&mut state.sleepers);
        state.sleepers = later
            .into_iter()
            .map(|((until, number), waker)| ((until.saturating_add(by), number), waker))
            .collect();
    }

    /// How long until somebody's wait ends; `None` when nobody waits.
    pub fn until_next(&self) -> Option<Duration> {
        let state = self.lock();
        let ((until, _), _) = state.sleepers.first_key_value()?;
        Some(until.saturating_sub(state.monotonic))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes out those whose wait is over.
    fn wake(&mut self) -> Vec<Waker> {
        let rest = self.sleepers.split_off(&(self.monotonic, u64::MAX));
        let over = std::mem::replace(&mut self.sleepers, rest);
        over.into_values().flatten().collect()
    }
}

impl Clock for VirtualClock {
    fn monotonic(&self) -> Duration {
        self.lock().monotonic
    }

    fn wall(&self) -> SystemTime {
        self.lock().wall
    }

    fn boot(&self) -> Option<String> {
        Some(format!("virtual {:p}", Arc::as_ptr(&self.0)))
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        let until = state.monotonic.saturating_add(duration);
        state.sleepers.insert((until, number), None);
        Box::pin(Sleeper { clock: self.clone(), number })
    }

    fn longest_sleep(&self) -> Duration {
        Duration::MAX
    }
}

/// One wait.
struct Sleeper {
    clock: VirtualClock,
    number: u64,
}

impl Sleeper {
    fn place(state: &State, number: u64) -> Option<(Duration, u64)> {
        let mut waiting = state.sleepers.keys();
        waiting.find(|(_, found)| *found == number).copied()
    }
}

impl Future for Sleeper {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.lock();
        match Self::place(&state, self.number) {
            Some(place) if place.0 > state.monotonic => {
                state.sleepers.insert(place, Some(context.waker().clone()));
                Poll::Pending
            }
            Some(place) => {
                state.sleepers.remove(&place);
                Poll::Ready(())
            }
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let mut state = self.clock.lock();
        if let Some(place) = Self::place(&state, self.number) {
            state.sleepers.remove(&place);
        }
    }
}
