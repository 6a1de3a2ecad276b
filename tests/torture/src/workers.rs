//! The processes that share the grant, as their supervisor holds them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rekindle_runtime::clock::{Clock as _, SystemClock};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

use crate::hand::Job;
use crate::report::Failure;

/// What a hand has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// It is ready.
    Up,
    /// It has a token of this generation; whether it refreshed itself.
    At(u64, bool),
    /// Something failed: the kind in one word, and a sentence.
    Trouble(String, String),
    /// It has left in good order.
    Bye,
}

impl Said {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.splitn(3, ' ');
        let (word, first, rest) = (words.next()?, words.next(), words.next());
        match (word, first) {
            ("up", _) => Some(Self::Up),
            ("bye", _) => Some(Self::Bye),
            ("at", Some(number)) => Some(Self::At(number.parse().ok()?, rest == Some("mine"))),
            ("trouble", Some(kind)) => {
                Some(Self::Trouble(kind.to_owned(), rest.unwrap_or_default().to_owned()))
            }
            _ => None,
        }
    }
}

struct Member {
    child: Child,
    pid: Pid,
    orders: ChildStdin,
}

/// The processes that share the grant. They end with it.
pub(crate) struct Crew {
    program: PathBuf,
    job: Job,
    members: BTreeMap<u32, Member>,
    next: u32,
    goal: u64,
    heard: mpsc::UnboundedReceiver<(u32, Said)>,
    ear: mpsc::UnboundedSender<(u32, Said)>,
}

impl Crew {
    pub(crate) fn new(program: PathBuf, job: Job) -> Self {
        let (ear, heard) = mpsc::unbounded_channel();
        Self { program, job, members: BTreeMap::new(), next: 0, goal: 0, heard, ear }
    }

    /// What its members stand in the journal as.
    pub(crate) fn owner(number: u32) -> String {
        format!("hand-{number}")
    }

    /// Starts one more, which has the same goal as the others.
    pub(crate) async fn hire(&mut self) -> Result<u32, Failure> {
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
        let orders = child.stdin.take().ok_or_else(missing)?;
        let out = child.stdout.take().ok_or_else(missing)?;
        tokio::spawn(listen(number, out, self.ear.clone()));
        let member = Member { child, pid, orders };
        self.members.insert(number, member);
        self.order(number).await;
        Ok(number)
    }

    /// Who is there.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.members.keys().copied().collect()
    }

    /// Has everybody go on until they have this generation.
    pub(crate) async fn reach(&mut self, goal: u64) {
        self.goal = goal;
        for number in self.numbers() {
            self.order(number).await;
        }
    }

    async fn order(&mut self, number: u32) {
        if let Some(member) = self.members.get_mut(&number) {
            let order = format!("reach {}\n", self.goal);
            // One that is dead hears nothing.
            let _ = member.orders.write_all(order.as_bytes()).await;
        }
    }

    /// Kills one, and waits until the system has buried it.
    pub(crate) async fn kill(&mut self, number: u32) {
        if let Some(mut member) = self.members.remove(&number) {
            let _ = member.child.kill().await;
        }
    }

    /// Stops one, or lets it go on.
    pub(crate) fn signal(&self, number: u32, signal: Signal) {
        if let Some(member) = self.members.get(&number) {
            // It may have ended meanwhile, which shows in what it does not say.
            let _ = kill_process(member.pid, signal);
        }
    }

    /// What somebody says next; `None` after `patience`.
    pub(crate) async fn hear(&mut self, patience: Duration) -> Option<(u32, Said)> {
        tokio::select! {
            biased;
            said = self.heard.recv() => said,
            () = SystemClock::new().sleep(patience) => None,
        }
    }

    /// Lets everybody end in good order. Gives what was said meanwhile, and who did not say goodbye.
    pub(crate) async fn dismiss(&mut self, patience: Duration) -> (Vec<(u32, Said)>, Vec<u32>) {
        let mut staying = self.numbers();
        let mut said = Vec::new();
        let mut children = Vec::new();
        for (_, member) in std::mem::take(&mut self.members) {
            drop(member.orders);
            children.push(member.child);
        }
        while !staying.is_empty() {
            let Some((number, one)) = self.hear(patience).await else {
                break;
            };
            if one == Said::Bye {
                staying.retain(|other| *other != number);
            }
            said.push((number, one));
        }
        for mut child in children {
            if staying.is_empty() {
                let _ = child.wait().await;
            } else {
                let _ = child.kill().await;
            }
        }
        (said, staying)
    }
}

/// Passes on what a hand says, until it is gone.
async fn listen(number: u32, out: ChildStdout, ear: mpsc::UnboundedSender<(u32, Said)>) {
    let mut lines = BufReader::new(out).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(said) = Said::read(&line)
            && ear.send((number, said)).is_err()
        {
            return;
        }
    }
}
