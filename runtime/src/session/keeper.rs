//! What is due, in order, and the one task that waits for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::clock::Clock;

/// Something that wants to be woken.
pub(crate) trait Kept: Send + Sync {
    /// It is time.
    fn awake(self: Arc<Self>);
}

/// A place among what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    /// On the monotonic clock.
    at: Duration,
    /// Keeps those of one moment apart.
    number: u64,
}

/// All that is due, in one ordered structure: a million entries and one timer.
pub(crate) struct Keeper {
    clock: Arc<dyn Clock>,
    queue: Mutex<Queue>,
    /// An earlier place was entered, or the keeper is gone.
    earlier: Arc<Notify>,
}

#[derive(Default)]
struct Queue {
    due: BTreeMap<Due, Weak<dyn Kept>>,
    next: u64,
}

impl Keeper {
    /// A keeper, and the task that wakes what is due. The task ends with the keeper.
    pub fn start(clock: Arc<dyn Clock>, executor: &Handle) -> Arc<Self> {
        let keeper = Arc::new(Self { clock, queue: Mutex::default(), earlier: Arc::default() });
        executor.spawn(watch(Arc::downgrade(&keeper)));
        keeper
    }

    /// Wakes `kept` at `at`.
    pub fn enter(&self, at: Duration, kept: Weak<dyn Kept>) -> Due {
        let mut queue = self.lock();
        let due = Due { at, number: queue.next };
        queue.next += 1;
        let first = queue.due.first_key_value().is_none_or(|(first, _)| due < *first);
        queue.due.insert(due, kept);
        drop(queue);
        if first {
            self.earlier.notify_one();
        }
        due
    }

    /// Forgets a place.
    pub fn cancel(&self, due: &Due) {
        self.lock().due.remove(due);
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.lock().due.len()
    }

    /// Takes out what is due now.
    fn take_due(&self) -> Vec<Weak<dyn Kept>> {
        let now = self.clock.monotonic();
        let mut queue = self.lock();
        let mut woken = Vec::new();
        while let Some(first) = queue.due.first_entry()
            && first.key().at <= now
        {
            woken.push(first.remove());
        }
        woken
    }

    fn until_first(&self) -> Duration {
        let longest = self.clock.longest_sleep();
        let now = self.clock.monotonic();
        let queue = self.lock();
        let first = queue.due.first_key_value();
        first.map_or(longest, |(due, _)| due.at.saturating_sub(now).min(longest))
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.earlier.notify_one();
    }
}

/// Waits for what is due, for as long as there is a keeper.
async fn watch(keeper: Weak<Keeper>) {
    loop {
        let Some(strong) = keeper.upgrade() else {
            return;
        };
        for kept in strong.take_due() {
            if let Some(kept) = kept.upgrade() {
                kept.awake();
            }
        }
        let wait = strong.clock.sleep(strong.until_first());
        let earlier = Arc::clone(&strong.earlier);
        drop(strong);
        tokio::select! {
            () = wait => {}
            () = earlier.notified() => {}
        }
    }
}
