//! The executor: the tasks of one process, polled one after the other until none can go on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};

use rekindle_runtime::session::{Executor, Task};

/// The tasks of a process. Its copies are the same.
#[derive(Clone, Default)]
pub struct Tasks(Arc<Mutex<Vec<Spawned>>>);

struct Spawned {
    woken: Arc<Woken>,
    /// `None` once it has ended, and while it is polled.
    task: Option<Task>,
}

/// Whether a task has something to do.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Executor for Tasks {
    fn spawn(&self, task: Task) {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        self.lock().push(Spawned { woken, task: Some(task) });
    }
}

impl Tasks {
    fn lock(&self) -> MutexGuard<'_, Vec<Spawned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Polls whatever was woken, the oldest first, until every task waits for something outside of the process. Nothing that
    /// happens here is seen by another process, so that it may happen at once.
    pub fn run(&self) {
        loop {
            let next = {
                let mut tasks = self.lock();
                tasks.retain(|spawned| spawned.task.is_some());
                let mut found = tasks.iter_mut();
                let woken = found.find(|spawned| spawned.woken.0.swap(false, Ordering::Relaxed));
                woken.and_then(|spawned| Some((spawned.task.take()?, Arc::clone(&spawned.woken))))
            };
            let Some((mut task, woken)) = next else {
                return;
            };
            let waker = Waker::from(Arc::clone(&woken));
            // Not under the lock: it may spawn.
            let ended = task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
            if !ended {
                let mut tasks = self.lock();
                let place = tasks.iter_mut().find(|spawned| Arc::ptr_eq(&spawned.woken, &woken));
                if let Some(place) = place {
                    place.task = Some(task);
                }
            }
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lock().iter().filter(|spawned| spawned.task.is_some()).count()
    }

    /// The process is gone: nothing of it runs again.
    pub fn drop_all(&self) {
        // Not under the lock: what is dropped may spawn.
        let tasks = std::mem::take(&mut *self.lock());
        drop(tasks);
        self.lock().clear();
    }
}
