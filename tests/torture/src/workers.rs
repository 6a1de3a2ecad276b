//! The worker processes that share the grant, as their supervisor holds them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rekindle_runtime::clock::{Clock as _, SystemClock};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

use crate::message::Message;
use crate::report::Failure;
use crate::worker::{Goal, Job, Role};

struct Process {
    child: Child,
    pid: Pid,
    stdin: ChildStdin,
}

/// The worker processes. They end with it.
pub struct Workers {
    program: PathBuf,
    job: Job,
    processes: BTreeMap<u32, Process>,
    next: u32,
    goal: Goal,
    receiver: mpsc::UnboundedReceiver<(u32, Message)>,
    sender: mpsc::UnboundedSender<(u32, Message)>,
}

impl Workers {
    /// None yet: they are runs of this program, and each gets this job.
    pub fn new(program: PathBuf, job: Job) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self {
            program,
            job,
            processes: BTreeMap::new(),
            next: 0,
            goal: Goal::Reach(0),
            receiver,
            sender,
        }
    }

    /// The name of a worker in leases and journals.
    pub fn owner(number: u32) -> String {
        format!("worker-{number}")
    }

    /// What those hold that are started from here on.
    pub(crate) fn play(&mut self, role: Role) {
        self.job.role = role;
    }

    /// Starts one more, with the same goal as the others.
    ///
    /// # Errors
    /// The program cannot be run.
    pub async fn start(&mut self) -> Result<u32, Failure> {
        let number = self.next;
        self.next += 1;
        let mut child = Command::new(&self.program)
            .args(self.job.arguments(&Self::owner(number)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(Failure::setup)?;
        let missing = || Failure::setup("a process without its pipes");
        let pid = child.id().and_then(|id| i32::try_from(id).ok());
        let pid = pid.and_then(Pid::from_raw).ok_or_else(missing)?;
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let out = child.stdout.take().ok_or_else(missing)?;
        tokio::spawn(pass_on(number, out, self.sender.clone()));
        let process = Process { child, pid, stdin };
        self.processes.insert(number, process);
        self.send_goal(number).await;
        Ok(number)
    }

    /// The workers that run.
    pub fn numbers(&self) -> Vec<u32> {
        self.processes.keys().copied().collect()
    }

    /// Lets all workers go on until they have this generation.
    pub async fn set_goal(&mut self, generation: u64) {
        self.want(Goal::Reach(generation)).await;
    }

    /// The same, but none refreshes before its token has ended.
    pub async fn await_expiry(&mut self, generation: u64) {
        self.want(Goal::Await(generation)).await;
    }

    async fn want(&mut self, goal: Goal) {
        self.goal = goal;
        for number in self.numbers() {
            self.send_goal(number).await;
        }
    }

    async fn send_goal(&mut self, number: u32) {
        if let Some(process) = self.processes.get_mut(&number) {
            let line = format!("{}\n", self.goal);
            // It fails when the process has ended.
            let _ = process.stdin.write_all(line.as_bytes()).await;
        }
    }

    /// Kills one, and waits until it has ended.
    pub async fn kill(&mut self, number: u32) {
        if let Some(mut process) = self.processes.remove(&number) {
            let _ = process.child.kill().await;
        }
    }

    /// Lets one end in good order, and waits until it has; `false` where it does not within `patience`.
    pub(crate) async fn close(&mut self, number: u32, patience: Duration) -> bool {
        let Some(Process { mut child, stdin, .. }) = self.processes.remove(&number) else {
            return true;
        };
        drop(stdin);
        tokio::select! {
            biased;
            ended = child.wait() => ended.is_ok_and(|status| status.success()),
            () = SystemClock::new().sleep(patience) => false,
        }
    }

    /// Stops one, or lets it go on.
    pub(crate) fn signal(&self, number: u32, signal: Signal) {
        if let Some(process) = self.processes.get(&number) {
            // It may have ended meanwhile: then its messages are missing.
            let _ = kill_process(process.pid, signal);
        }
    }

    /// The next message of any worker; `None` after `patience`.
    pub async fn receive(&mut self, patience: Duration) -> Option<(u32, Message)> {
        tokio::select! {
            biased;
            message = self.receiver.recv() => message,
            () = SystemClock::new().sleep(patience) => None,
        }
    }

    /// Lets all workers end in good order. Returns their last messages, and the workers that did not end.
    pub async fn stop_all(&mut self, patience: Duration) -> (Vec<(u32, Message)>, Vec<u32>) {
        let mut running = self.numbers();
        let mut messages = Vec::new();
        let mut children = Vec::new();
        for (_, process) in std::mem::take(&mut self.processes) {
            drop(process.stdin);
            children.push(process.child);
        }
        while !running.is_empty() {
            let Some((number, message)) = self.receive(patience).await else {
                break;
            };
            if message == Message::Done {
                running.retain(|other| *other != number);
            }
            messages.push((number, message));
        }
        for mut child in children {
            if running.is_empty() {
                let _ = child.wait().await;
            } else {
                let _ = child.kill().await;
            }
        }
        (messages, running)
    }
}

/// Passes on the messages of a worker until it has ended.
async fn pass_on(number: u32, out: ChildStdout, sender: mpsc::UnboundedSender<(u32, Message)>) {
    let mut lines = BufReader::new(out).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(message) = Message::parse(&line)
            && sender.send((number, message)).is_err()
        {
            return;
        }
    }
}
