//! Deadlines of all grants in one ordered queue, and the one task that waits for the earliest.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use super::executor::Executor;
use crate::clock::Clock;
use crate::panics::caught_call;

/// An owner of deadlines.
pub(crate) trait OnDeadline: Send + Sync {
    /// The deadline has passed and is no longer in the queue.
    fn deadline_passed(self: Arc<Self>);
}

/// An entry of the queue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deadline {
    /// On the monotonic clock.
    at: Duration,
    /// Tells deadlines of the same moment apart.
    number: u64,
}

impl Deadline {
    /// Whether it has passed by then.
    pub fn has_passed(&self, now: Duration) -> bool {
        self.at <= now
    }
}

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.fmt(f)
    }
}

/// All deadlines in one ordered structure: a million entries need one timer.
pub(crate) struct DeadlineQueue {
    clock: Arc<dyn Clock>,
    entries: Mutex<Entries>,
    /// Wakes the task: an earlier deadline was added, or the queue is gone.
    earlier: Arc<Notify>,
}

#[derive(Default)]
struct Entries {
    owners: BTreeMap<Deadline, Weak<dyn OnDeadline>>,
    next: u64,
}

impl DeadlineQueue {
    /// An empty queue, and the task that serves it. The task ends when the queue is dropped.
    pub fn start(clock: Arc<dyn Clock>, executor: &dyn Executor) -> Arc<Self> {
        let queue = Arc::new(Self { clock, entries: Mutex::default(), earlier: Arc::default() });
        executor.spawn(Box::pin(serve(Arc::downgrade(&queue))));
        queue
    }

    /// Calls `owner` at `at`.
    pub fn add(&self, at: Duration, owner: Weak<dyn OnDeadline>) -> Deadline {
        let mut entries = self.lock();
        let deadline = Deadline { at, number: entries.next };
        entries.next += 1;
        let first = entries.owners.first_key_value().is_none_or(|(first, _)| deadline < *first);
        entries.owners.insert(deadline, owner);
        drop(entries);
        if first {
            self.earlier.notify_one();
        }
        deadline
    }

    pub fn cancel(&self, deadline: &Deadline) {
        self.lock().owners.remove(deadline);
    }

    pub fn len(&self) -> usize {
        self.lock().owners.len()
    }

    /// Takes out the owners whose deadline has passed.
    fn take_passed(&self) -> Vec<Weak<dyn OnDeadline>> {
        let now = self.clock.monotonic();
        let mut entries = self.lock();
        let mut passed = Vec::new();
        while let Some(first) = entries.owners.first_entry()
            && first.key().at <= now
        {
            passed.push(first.remove());
        }
        passed
    }

    fn until_first(&self) -> Duration {
        let longest = self.clock.longest_sleep();
        let now = self.clock.monotonic();
        let entries = self.lock();
        let first = entries.owners.first_key_value();
        first.map_or(longest, |(deadline, _)| deadline.at.saturating_sub(now).min(longest))
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for DeadlineQueue {
    fn drop(&mut self) {
        self.earlier.notify_one();
    }
}

/// Waits for deadlines until the queue is dropped.
async fn serve(queue: Weak<DeadlineQueue>) {
    loop {
        let Some(strong) = queue.upgrade() else {
            return;
        };
        for owner in strong.take_passed() {
            if let Some(owner) = owner.upgrade() {
                // One that panics keeps no other from being called.
                let _ = caught_call(|| owner.deadline_passed());
            }
        }
        let wait = strong.clock.sleep(strong.until_first());
        let earlier = Arc::clone(&strong.earlier);
        drop(strong);
        tokio::select! {
            biased;
            () = wait => {}
            () = earlier.notified() => {}
        }
    }
}
