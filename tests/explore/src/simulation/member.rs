//! One machine of a fleet: a process with a pool of real sessions, which is started again when it is gone.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rekindle_runtime::clock::Clock;
use rekindle_runtime::session::{Pool, Sessions, Settings, Task};

use crate::client::{
    Client, Contract, DEAD, FALLS_BACK, MINTED, MINTED_LAST, REPLAYED_LONGER, STEPPED, UNTIL_USED,
};
use crate::executor::Tasks;
use crate::handles::{Shelf, StoreHandle, TransportHandle};
use crate::machine::Machine;
use crate::process::Calls;

/// The grants of a process, whatever its client.
pub(super) trait Grants: Send + Sync {
    fn session(&self, subject: &str) -> Arc<dyn Calls>;
    /// How many sessions it has in memory.
    fn open(&self) -> usize;
    /// Whether it has a session of this subject for which no moment is set, no refresh runs, and nothing has failed. One that nobody has
    /// asked for yet is none.
    fn is_unplanned(&self, subject: &str) -> bool;
    /// An operator takes back that grants have ended.
    fn revive(&self, machine: &Machine, since: SystemTime) -> Task;
}

impl<const CONTRACT: Contract> Grants for Pool<Client<CONTRACT>> {
    fn session(&self, subject: &str) -> Arc<dyn Calls> {
        Arc::new(Self::session(self, subject))
    }

    fn open(&self) -> usize {
        self.len()
    }

    fn is_unplanned(&self, subject: &str) -> bool {
        let text = format!("{:?}", Self::session(self, subject));
        let none = ["deadline: None", "refresh: None", "last_failure: None", "pending_write: None"];
        none.iter().all(|none| text.contains(none)) && !text.contains("generation: 0,")
    }

    fn revive(&self, machine: &Machine, since: SystemTime) -> Task {
        let (pool, machine) = (self.clone(), machine.clone());
        Box::pin(async move {
            while pool.revive_ended_since(since).await.is_err() {
                machine.sleep(Duration::from_secs(10)).await;
            }
        })
    }
}

/// What is started.
pub(super) struct Start<'a> {
    pub incarnation: u64,
    pub machine: Machine,
    pub shelf: &'a Shelf,
    pub contract: Contract,
    pub settings: Settings,
    /// Whether the store tells the time.
    pub tells_time: bool,
}

/// A process that runs.
pub(super) struct Member {
    pub incarnation: u64,
    pub machine: Machine,
    pub tasks: Tasks,
    sessions: Sessions,
    /// `None` once it is gone.
    pub pool: Option<Box<dyn Grants>>,
    /// It is stopped until then.
    pub stopped: Option<Duration>,
    /// The call that was seen last.
    pub seen: Option<u64>,
    /// The moment for which it waits in the queue.
    pub wakes: Option<Duration>,
}

impl Member {
    /// Starts a process.
    pub fn start(start: Start<'_>) -> Self {
        let tasks = Tasks::default();
        let sessions = Sessions::start_on(start.machine.clone(), tasks.clone());
        let pool = match start.contract {
            DEAD => pool::<DEAD>(&sessions, &start),
            UNTIL_USED => pool::<UNTIL_USED>(&sessions, &start),
            MINTED => pool::<MINTED>(&sessions, &start),
            MINTED_LAST => pool::<MINTED_LAST>(&sessions, &start),
            FALLS_BACK => pool::<FALLS_BACK>(&sessions, &start),
            STEPPED => pool::<STEPPED>(&sessions, &start),
            _ => pool::<REPLAYED_LONGER>(&sessions, &start),
        };
        Self {
            incarnation: start.incarnation,
            machine: start.machine,
            tasks,
            sessions,
            pool,
            stopped: None,
            seen: None,
            wakes: None,
        }
    }

    /// What a process is called in journals: told apart from all others.
    pub fn owner(incarnation: u64) -> String {
        format!("process {incarnation}")
    }

    /// Whether it runs, or will again.
    pub fn lives(&self) -> bool {
        self.pool.is_some()
    }

    /// For how many moments its grants wait, beyond those that it has in memory.
    pub fn planned_too_often(&self) -> bool {
        let open = self.pool.as_ref().map_or(0, |pool| pool.open());
        self.sessions.waiting() > open
    }

    /// It is gone.
    pub fn kill(&mut self) {
        self.pool = None;
        self.tasks.drop_all();
    }
}

impl Drop for Member {
    /// Tasks hold the executor that holds them.
    fn drop(&mut self) {
        self.kill();
    }
}

fn pool<const CONTRACT: Contract>(
    sessions: &Sessions,
    start: &Start<'_>,
) -> Option<Box<dyn Grants>> {
    let (machine, shelf) = (start.machine.clone(), start.shelf.clone());
    let incarnation = start.incarnation;
    let owner = Member::owner(incarnation);
    let transport = TransportHandle { machine, incarnation, owner, shelf };
    let (machine, shelf) = (start.machine.clone(), start.shelf.clone());
    let store = StoreHandle { machine, shelf, tells_time: start.tells_time };
    let builder = sessions.provider(Client::<CONTRACT>, transport).store(store);
    let builder = builder.owner(Member::owner(incarnation)).settings(start.settings.clone());
    Some(Box::new(builder.start().ok()?))
}
