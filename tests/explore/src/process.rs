//! One process: a real session over the real engine, on a [`Machine`] of its own.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rekindle_runtime::Grant;
use rekindle_runtime::session::{Session, SessionErrorKind, Sessions, Settings, Task};

use crate::client::{
    Client, Contract, DEAD, FALLS_BACK, MINTED, MINTED_LAST, REPLACED_FIRST, REPLAYED, SPENT_FIRST,
    STEPPED, UNTIL_USED,
};
use crate::executor::Tasks;
use crate::handles::{Shelf, StoreHandle, TransportHandle, number};
use crate::machine::Machine;
use crate::properties::Ledger;

/// The subject of the one grant.
pub const SUBJECT: &str = "someone";

/// A process that runs, or ran.
pub struct Process {
    pub name: &'static str,
    pub incarnation: u64,
    pub machine: Machine,
    pub tasks: Tasks,
    sessions: Sessions,
    session: Slot,
    /// How many callers wait.
    pub callers: Arc<AtomicU8>,
    /// How often a caller was given a token.
    pub served: Arc<AtomicU8>,
}

type Slot = Arc<Mutex<Opening>>;

/// How far the opening of the session is.
#[derive(Default)]
enum Opening {
    #[default]
    Begun,
    Failed,
    Open(Arc<dyn Calls>),
}

/// What callers do with a session, whatever its client.
pub(crate) trait Calls: Send + Sync {
    /// `refused`: an API refuses the token that is held, so that another is needed.
    fn ask(self: Arc<Self>, refused: bool, waits: Waits, ledger: Ledger) -> Task;
    fn sign_in(self: Arc<Self>, grant: Grant) -> Task;
    fn sign_out(self: Arc<Self>) -> Task;
    /// All that the session holds in memory.
    fn memory(&self) -> String;
}

impl<const CONTRACT: Contract> Calls for Session<Client<CONTRACT>> {
    fn ask(self: Arc<Self>, refused: bool, waits: Waits, ledger: Ledger) -> Task {
        Box::pin(async move {
            if let Some(access) = self.try_access_token().filter(|_| refused) {
                self.invalidate(&access);
            }
            let result = self.access_token().await;
            if let Ok(access) = &result {
                ledger.lock().served(waits.incarnation, number(access.expose()));
                waits.served.fetch_add(1, Ordering::Relaxed);
            }
            let failed = result.err().map(|error| error.kind());
            if failed == Some(SessionErrorKind::NoExecutor) {
                ledger.lock().violated("a refresh was lost in a process that lives");
            }
            if let Some((heard, place)) = &waits.heard {
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.push((*place, failed));
            }
        })
    }

    fn sign_in(self: Arc<Self>, grant: Grant) -> Task {
        // A person who is told that it failed signs in again: that is another sign-in.
        Box::pin(async move { drop(Self::sign_in(&self, grant).await) })
    }

    fn sign_out(self: Arc<Self>) -> Task {
        Box::pin(async move { drop(Self::sign_out(&self).await) })
    }

    fn memory(&self) -> String {
        let token = self.try_access_token().map(|access| access.expose().to_owned());
        format!("{token:?} {self:?}")
    }
}

/// What callers were told: which of them, and the failure, if it was one.
pub(crate) type Heard = Arc<Mutex<Vec<(usize, Option<SessionErrorKind>)>>>;

/// Counts a caller while it lives.
pub(crate) struct Waits {
    incarnation: u64,
    callers: Arc<AtomicU8>,
    served: Arc<AtomicU8>,
    /// Where to say what came of it, and as who.
    heard: Option<(Heard, usize)>,
}

impl Waits {
    /// A caller whom nobody counts.
    pub fn alone(incarnation: u64, heard: (Heard, usize)) -> Self {
        let (callers, served) = (Arc::default(), Arc::default());
        Self { incarnation, callers, served, heard: Some(heard) }
    }

    fn new(process: &Process) -> Self {
        let Process { incarnation, callers, served, .. } = process;
        callers.fetch_add(1, Ordering::Relaxed);
        let (callers, served) = (Arc::clone(callers), Arc::clone(served));
        Self { incarnation: *incarnation, callers, served, heard: None }
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.callers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a process is started with.
pub struct Start<'a> {
    pub name: &'static str,
    pub incarnation: u64,
    pub machine: Machine,
    pub shelf: &'a Shelf,
    pub ledger: &'a Ledger,
    pub contract: Contract,
    pub settings: Settings,
}

impl Process {
    /// Starts a process: it opens a session, and a caller asks for a token.
    pub fn start(start: Start<'_>) -> Self {
        let tasks = Tasks::default();
        let sessions = Sessions::start_on(start.machine.clone(), tasks.clone());
        let process = Self {
            name: start.name,
            incarnation: start.incarnation,
            machine: start.machine.clone(),
            tasks,
            sessions,
            session: Slot::default(),
            callers: Arc::default(),
            served: Arc::default(),
        };
        match start.contract {
            DEAD => process.open::<DEAD>(&start),
            REPLAYED => process.open::<REPLAYED>(&start),
            MINTED => process.open::<MINTED>(&start),
            MINTED_LAST => process.open::<MINTED_LAST>(&start),
            FALLS_BACK => process.open::<FALLS_BACK>(&start),
            STEPPED => process.open::<STEPPED>(&start),
            REPLACED_FIRST => process.open::<REPLACED_FIRST>(&start),
            SPENT_FIRST => process.open::<SPENT_FIRST>(&start),
            _ => process.open::<UNTIL_USED>(&start),
        }
        process.tasks.run();
        process
    }

    fn open<const CONTRACT: Contract>(&self, start: &Start<'_>) {
        use rekindle_runtime::session::Executor as _;
        let transport = TransportHandle {
            machine: self.machine.clone(),
            incarnation: self.incarnation,
            owner: self.name.to_owned(),
            shelf: start.shelf.clone(),
        };
        let (machine, shelf) = (self.machine.clone(), start.shelf.clone());
        let store = StoreHandle { machine, shelf, tells_time: false };
        let builder = self.sessions.provider(Client::<CONTRACT>, transport);
        let builder = builder.store(store).subject(SUBJECT).owner(self.name);
        let opening = builder.settings(start.settings.clone()).open();
        let (slot, ledger) = (Arc::clone(&self.session), start.ledger.clone());
        let waits = Waits::new(self);
        self.tasks.spawn(Box::pin(async move {
            match opening.await {
                Ok(session) => {
                    let session: Arc<dyn Calls> = Arc::new(session);
                    set(&slot, Opening::Open(Arc::clone(&session)));
                    session.ask(false, waits, ledger).await;
                }
                Err(_) => set(&slot, Opening::Failed),
            }
        }));
    }

    fn session(&self) -> Option<Arc<dyn Calls>> {
        match &*self.session.lock().unwrap_or_else(PoisonError::into_inner) {
            Opening::Open(session) => Some(Arc::clone(session)),
            _ => None,
        }
    }

    /// Whether callers can be served.
    pub fn is_open(&self) -> bool {
        self.session().is_some()
    }

    /// Whether it could not read the store, and gave up.
    pub fn has_failed(&self) -> bool {
        matches!(&*self.session.lock().unwrap_or_else(PoisonError::into_inner), Opening::Failed)
    }

    fn spawn(&self, task: impl FnOnce(Arc<dyn Calls>) -> Task) {
        use rekindle_runtime::session::Executor as _;
        if let Some(session) = self.session() {
            self.tasks.spawn(task(session));
            self.tasks.run();
        }
    }

    /// A caller asks for a token, because an API refuses the one that is held; where mints end tokens, to be given the one that is held.
    pub fn ask(&self, ledger: &Ledger, contract: Contract) {
        let refused = contract != MINTED_LAST;
        let waits = Waits::new(self);
        self.spawn(|session| session.ask(refused, waits, ledger.clone()));
    }

    /// A person signs in.
    pub fn sign_in(&self, grant: Grant) {
        self.spawn(|session| session.sign_in(grant));
    }

    /// A person signs out.
    pub fn sign_out(&self) {
        self.spawn(|session| session.sign_out());
    }

    /// All that it holds in memory, where it does nothing: no call and no caller waits, and of its tasks there are those two that
    /// wait for deadlines and for due grants, which hold nothing.
    pub fn memory(&self) -> Option<String> {
        const RESTING: usize = 2;
        let idle = self.callers.load(Ordering::Relaxed) == 0
            && self.tasks.len() == RESTING
            && self.machine.with_calls(|calls| calls.is_empty());
        let session = self.session().filter(|_| idle)?;
        Some(format!("{:?} {}", self.machine.moments(), session.memory()))
    }

    /// For how many moments its grants wait.
    pub fn planned(&self) -> usize {
        self.sessions.waiting()
    }

    /// It is gone.
    pub fn kill(&self) {
        set(&self.session, Opening::Failed);
        self.tasks.drop_all();
    }
}

impl Drop for Process {
    /// Tasks hold the executor that holds them.
    fn drop(&mut self) {
        self.kill();
    }
}

fn set(slot: &Slot, opening: Opening) {
    let before =
        std::mem::replace(&mut *slot.lock().unwrap_or_else(PoisonError::into_inner), opening);
    drop(before);
}
