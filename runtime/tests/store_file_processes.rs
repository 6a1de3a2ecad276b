//! The store in files between processes: locks that end with their holder, and writers that are killed while they write.
#![cfg(all(unix, feature = "file"))]

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use rekindle_runtime::store::{
    Acquired, EntryId, FileStore, InFlight, Key, Record, Snapshot, Store,
};
use rekindle_runtime::{Grant, Token};

const ROLE: &str = "REKINDLE_TEST_ROLE";
const FOLDER: &str = "REKINDLE_TEST_FOLDER";
const TTL: Duration = Duration::from_secs(3600);

fn key() -> Key {
    Key::new("spark", "one")
}

/// A record whose tokens say which it is, and whose length differs from one to the next.
fn record(number: u64) -> Record {
    let length = usize::try_from(number * 7919 % 50_000).expect("a length");
    let text = format!("{number} {}", "x".repeat(length));
    let grant = Grant::new()
        .with_access_token(Token::new(text.clone()))
        .with_refresh_token(Token::new(text));
    Record::new(grant, UNIX_EPOCH)
}

/// The number of a record that is whole.
fn number_of(snapshot: &Snapshot) -> u64 {
    let token = |token: Option<&Token>| token.expect("a token").expose().to_owned();
    let access = token(snapshot.record.grant.access_token());
    assert_eq!(access.len(), token(snapshot.record.grant.refresh_token()).len());
    let number = access.split(' ').next().and_then(|number| number.parse().ok());
    let number = number.expect("a number");
    let written = record(number);
    assert_eq!(written.grant.access_token().map(Token::expose), Some(&*access));
    number
}

/// A process of this same binary, in a role of its own.
struct Other {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Other {
    fn start(role: &str, folder: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("a binary"))
            .args(["--exact", "the_other_process", "--ignored", "--nocapture"])
            .env(ROLE, role)
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Self { child, lines }
    }

    /// The rest of the next line that begins like this; `None` when there are no more.
    fn next(&mut self, begins: &str) -> Option<String> {
        self.lines.find_map(|line| {
            let line = line.expect("a line");
            line.strip_prefix(begins).map(str::to_owned)
        })
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().expect("kill");
        assert!(sent.success());
    }

    fn kill(&mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("its end");
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").and_then(|()| out.flush()).expect("a pipe");
}

#[tokio::test]
#[ignore = "the second process of the other tests"]
async fn the_other_process() {
    let role = std::env::var(ROLE).expect("a role");
    let folder = std::env::var_os(FOLDER).expect("a folder");
    let store = FileStore::open(folder).expect("a store");
    match &*role {
        "holder" => {
            let acquired = store.acquire(&key(), "the other process", TTL).await;
            match acquired.expect("an answer") {
                Acquired::Held(_) => {
                    say("held");
                    // Until it is killed.
                    let _ = std::io::stdin().read_line(&mut String::new());
                }
                Acquired::Busy { .. } => say("busy"),
            }
        }
        "writer" => {
            let before = store.read(&key()).await.expect("an answer");
            let first = before.map_or(1, |known| number_of(&known) + 1);
            for number in first.. {
                say(&format!("begins {number}"));
                store.put(&key(), &record(number)).await.expect("put");
                say(&format!("wrote {number}"));
            }
        }
        "refresher" => {
            say("ready");
            let _ = std::io::stdin().read_line(&mut String::new());
            for _ in 0..REFRESHES {
                refresh(&store).await;
            }
            say("done");
        }
        other => panic!("no such role: {other}"),
    }
}

/// How often each of those who compete refreshes.
const REFRESHES: u64 = 10;

/// Refreshes once, as soon as no other process does. Each new record has the number of its generation.
async fn refresh(store: &FileStore) {
    let lease = loop {
        match acquire(store).await {
            Acquired::Held(lease) => break lease,
            Acquired::Busy { .. } => tokio::task::yield_now().await,
        }
    };
    let known = store.read(&key()).await.expect("an answer");
    let known = known.expect("a grant");
    let generation = known.record.generation;
    assert_eq!(number_of(&known), generation);
    assert_eq!(known.in_flight, None, "another process has begun an exchange");
    let entry = InFlight {
        id: EntryId::random(),
        generation,
        fence: lease.fence,
        owner: lease.owner.clone(),
        started_at: UNIX_EPOCH,
        attempt: 1,
    };
    store.begin(&key(), &lease, &entry, None).await.expect("begin");
    let next = record(generation + 1);
    store.commit(&key(), &entry, &next).await.expect("commit");
    store.release(&key(), &lease).await.expect("release");
}

async fn acquire(store: &FileStore) -> Acquired {
    store.acquire(&key(), "me", TTL).await.expect("an answer")
}

#[tokio::test]
async fn a_lease_dies_with_its_holder_and_not_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("grants");
    let store = FileStore::open(&path).expect("a store");
    assert_eq!(store.put(&key(), &record(1)).await.expect("a grant"), 1);
    let mut other = Other::start("holder", &path);
    other.next("held").expect("a holder");
    let busy = Acquired::Busy { at_most: None };
    assert_eq!(acquire(&store).await, busy);
    // A stopped process may go on at any time.
    other.signal("-STOP");
    assert_eq!(acquire(&store).await, busy);
    assert_eq!(store.put(&key(), &record(2)).await.expect("a grant"), 2);
    other.kill();
    match acquire(&store).await {
        Acquired::Held(lease) => assert_eq!(lease.fence.0, 2),
        busy => panic!("{busy:?}"),
    }
    // And the other way round.
    let mut next = Other::start("holder", &path);
    next.next("busy").expect("one that does not get the lease");
}

#[tokio::test]
async fn a_killed_writer_leaves_the_old_record_or_the_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("grants");
    let store = FileStore::open(&path).expect("a store");
    let mut unfinished = 0;
    for round in 0..50 {
        let mut other = Other::start("writer", &path);
        let mut begun = String::new();
        for _ in 0..=round % 4 {
            begun = other.next("begins ").expect("a writer");
        }
        // Another place in the middle of the write each time.
        for _ in 0..round % 9 {
            let _ = store.read(&key()).await.expect("a whole record");
        }
        other.kill();
        let wrote = std::iter::from_fn(|| other.next("wrote ")).last();
        let begun: u64 = begun.parse().expect("a number");
        let wrote = wrote.map_or(begun - 1, |wrote| wrote.parse().expect("a number"));
        let left = store.read(&key()).await.expect("a whole record");
        let left = left.map_or(0, |known| number_of(&known));
        // What it said it wrote, or the one after.
        assert!(left == wrote || left == wrote + 1, "{left} after {wrote}");
        unfinished += usize::from(path.join(".writing").exists());
    }
    eprintln!("killed in the middle of a write: {unfinished} times");
    assert!(unfinished > 0, "no kill came in the middle of a write");
    FileStore::open(&path).expect("a store");
    assert!(!path.join(".writing").exists(), "left over");
    // The guard of a killed process is free.
    store.put(&key(), &record(1)).await.expect("put");
}

#[tokio::test]
async fn processes_that_compete_lose_no_refresh() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("grants");
    let store = FileStore::open(&path).expect("a store");
    store.put(&key(), &record(1)).await.expect("put");
    let mut others = [(); 3].map(|()| Other::start("refresher", &path));
    for other in &mut others {
        other.next("ready").expect("a process");
    }
    for other in &mut others {
        // They begin when their input ends.
        drop(other.child.stdin.take());
    }
    for other in &mut others {
        other.next("done").expect("all its refreshes");
    }
    let known = store.read(&key()).await.expect("an answer").expect("a grant");
    assert_eq!(known.record.generation, 1 + 3 * REFRESHES);
    assert_eq!(number_of(&known), 1 + 3 * REFRESHES);
}
