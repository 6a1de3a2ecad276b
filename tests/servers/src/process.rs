//! One server process: whether it is ready, how it is stopped, frozen and started again.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BlockingRetryable, ConstantBuilder};
use rustix::process::{Pid, Signal, kill_process};

/// A process, or the place of one that was stopped.
#[derive(Default)]
pub(crate) struct Process(Mutex<Option<Child>>);

impl Process {
    /// Starts it and waits until it is ready. Gives whether it is: it may have ended, since someone took its port.
    pub(crate) fn start(&self, mut command: Command, ready: impl Fn() -> bool) -> bool {
        let mut place = self.lock();
        assert!(place.is_none(), "the server runs already");
        let child = command.spawn().expect("the server starts");
        let child = place.insert(child);
        let is_ready = poll(|| {
            let ended = child.try_wait().expect("its state").is_some();
            (ended || ready()).then_some(!ended)
        });
        if is_ready != Some(true) {
            let _ = child.kill();
            let _ = child.wait();
            *place = None;
        }
        is_ready == Some(true)
    }

    /// Ends it with this signal, and waits until it is gone. One that is stopped already is left so.
    pub(crate) fn stop(&self, signal: Signal) {
        let mut place = self.lock();
        let Some(mut child) = place.take() else {
            return;
        };
        for process in family(&child) {
            send(process, Signal::CONT);
        }
        send(pid(&child), signal);
        if poll(|| child.try_wait().expect("its state")).is_none() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Sends a signal to the process and to those that it started.
    pub(crate) fn signal_all(&self, signal: Signal) {
        let place = self.lock();
        let child = place.as_ref().expect("the server runs");
        // Again until nobody is new: the process could start another before the signal has reached it.
        let mut reached = Vec::new();
        loop {
            let new: Vec<_> =
                family(child).into_iter().filter(|process| !reached.contains(process)).collect();
            if new.is_empty() {
                return;
            }
            new.iter().for_each(|process| send(*process, signal));
            reached.extend(new);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Child>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

/// One that has ended meanwhile needs no signal any more.
fn send(process: Pid, signal: Signal) {
    let _ = kill_process(process, signal);
}

/// The process and its children. Where the system does not list them (only Linux does), the process alone.
fn family(child: &Child) -> Vec<Pid> {
    let id = child.id();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let children = children.unwrap_or_default();
    let children = children.split_whitespace().filter_map(|id| id.parse().ok());
    let mut family = vec![pid(child)];
    family.extend(children.filter_map(Pid::from_raw));
    family
}

/// Asks again and again, for at most a minute.
pub(crate) fn poll<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let often =
        ConstantBuilder::default().with_delay(Duration::from_millis(20)).with_max_times(3000);
    (|| ask().ok_or(())).retry(often).call().ok()
}

/// Starts a server on a port of the loopback interface that nobody listens on now: `start` is told which, and asked again with another
/// where somebody else has taken that one. Returns whether it has started.
pub(crate) fn on_a_free_port(mut start: impl FnMut(u16) -> bool) -> bool {
    (0..PORTS).any(|_| start(free_port()))
}

/// How many ports are tried.
const PORTS: usize = 5;

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("its address").port()
}
