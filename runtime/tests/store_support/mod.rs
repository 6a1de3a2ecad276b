//! What the tests of the stores on servers share.

use std::error::Error;
use std::future::Future;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rekindle_runtime::clock::{Clock, SystemClock};
use rekindle_runtime::store::conformance::{Failures, Harness, check_all};
use rekindle_runtime::store::{
    Acquired, EntryId, Fence, InFlight, Key, Lease, Rate, Record, Store, StoreError, StoreErrorKind,
};
use rekindle_runtime::{Grant, Token};

pub const HOUR: Duration = Duration::from_secs(60 * 60);
/// A token that must not be seen anywhere.
pub const CANARY: &str = "cAnArY-7f1c9e44-token";

pub fn instant(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_763_712_000 + seconds)
}

pub fn key(subject: &str) -> Key {
    Key::new("example", subject)
}

/// A record whose access token and refresh token begin with this text.
pub fn record(text: &str) -> Record {
    let grant = Grant::new()
        .with_access_token(Token::new(format!("{text} access")))
        .with_refresh_token(Token::new(format!("{text} refresh")));
    let mut record = Record::new(grant, instant(0));
    record.due = Some(instant(1));
    record
}

/// A rate of one exchange an hour goes on from one hour ahead.
pub async fn waits_for_hours(store: &impl Store, rate: Rate) {
    for hours in [1, 2] {
        let wait = store.reserve("example", rate).await.expect("a turn");
        // Some time passes between the calls.
        let fine = wait <= hours * HOUR && wait + HOUR / 2 > hours * HOUR;
        assert!(fine, "it waits for {wait:?} instead of {hours} hours");
    }
}

/// A lease and an exchange that no store knows.
pub fn held() -> (Lease, InFlight) {
    let lease = Lease { owner: "a test".into(), fence: Fence(1), id: EntryId::random() };
    let entry = InFlight {
        id: EntryId::random(),
        generation: 1,
        fence: lease.fence,
        owner: lease.owner.clone(),
        started_at: instant(2),
        attempt: 1,
    };
    (lease, entry)
}

/// Takes the lease and journals an exchange that spends what is kept.
pub async fn begin(store: &impl Store, subject: &str) -> Result<(Lease, InFlight), StoreError> {
    let key = key(subject);
    let ttl = Duration::from_secs(30);
    let Acquired::Held(lease) = store.acquire(&key, "a test", ttl).await? else {
        return Err(StoreErrorKind::LeaseLost.into());
    };
    let kept = store.read(&key).await?.ok_or(StoreErrorKind::Missing)?;
    let entry = InFlight {
        id: EntryId::random(),
        generation: kept.record.generation,
        fence: lease.fence,
        owner: lease.owner.clone(),
        started_at: instant(2),
        attempt: 1,
    };
    store.begin(&key, &lease, &entry, kept.entry_id()).await?;
    Ok((lease, entry))
}

/// A whole refresh, of a grant that is put first where there is none.
pub async fn refresh(store: &impl Store, subject: &str) -> Result<Fence, StoreError> {
    let key = key(subject);
    if store.read(&key).await?.is_none() {
        store.put(&key, &record(CANARY)).await?;
    }
    let (lease, entry) = begin(store, subject).await?;
    store.renew(&key, &lease, Duration::from_secs(30)).await?;
    store.commit(&key, &entry, &record(CANARY)).await?;
    store.abandon(&key, &entry).await?;
    store.release(&key, &lease).await?;
    Ok(lease.fence)
}

/// The operations on what is due of a provider.
pub async fn shares(store: &impl Store) -> Result<(), StoreError> {
    let (until, ttl) = (instant(9), Duration::from_secs(30));
    store.put(&key("due"), &record(CANARY)).await?;
    assert_eq!(store.backlog("example", until).await?.due, 1);
    assert_eq!(store.list("example", None, 9).await?.keys, [key("due")]);
    let taken = store.acquire_due("example", "a test", until, ttl, 9).await?;
    let [(taken, lease)] = taken.as_slice() else { panic!("{taken:?} are taken") };
    store.postpone(taken, lease, until + ttl).await?;
    assert!(store.due("example", until, 0..9).await?.is_empty());
    store.remove(taken).await
}

/// How long an operation takes.
pub async fn timed<T>(operation: impl Future<Output = T>) -> (T, Duration) {
    let clock = SystemClock::new();
    let before = clock.monotonic();
    let outcome = operation.await;
    (outcome, clock.monotonic() - before)
}

/// Repeats an operation while the store is not reached, for at most half a minute: connections that broke are found out one by one.
pub async fn until_reached<T>(operation: impl AsyncFn() -> Result<T, StoreError>) -> T {
    let clock = SystemClock::new();
    let end = clock.monotonic() + Duration::from_secs(30);
    loop {
        match operation().await {
            Err(error)
                if error.kind() == StoreErrorKind::Unavailable && clock.monotonic() < end =>
            {
                clock.sleep(Duration::from_millis(20)).await;
            }
            outcome => return outcome.expect("the store is reached"),
        }
    }
}

/// An operation fails as it should when there is no server, and soon.
pub async fn is_unavailable<T>(operation: impl Future<Output = Result<T, StoreError>>) {
    let (outcome, took) = timed(operation).await;
    let error = outcome.err().expect("there is no server");
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    assert!(took < Duration::from_secs(8), "it took {took:?}");
}

/// Every operation against a server that is not there.
pub async fn nothing_is_reached(store: &impl Store) {
    let one = key("one");
    let (lease, entry) = held();
    is_unavailable(store.read(&one)).await;
    is_unavailable(store.put(&one, &record("b"))).await;
    is_unavailable(store.remove(&one)).await;
    is_unavailable(store.acquire(&one, "a test", Duration::from_secs(1))).await;
    is_unavailable(store.renew(&one, &lease, Duration::from_secs(1))).await;
    is_unavailable(store.release(&one, &lease)).await;
    is_unavailable(store.begin(&one, &lease, &entry, None)).await;
    is_unavailable(store.commit(&one, &entry, &record("b"))).await;
    is_unavailable(store.abandon(&one, &entry)).await;
    is_unavailable(store.due("example", instant(9), 0..1)).await;
}

/// A server under test, and the stores on it.
pub trait Server {
    type Store: Store;

    /// A store of a process of its own, on the same data as the others.
    async fn open(&self, limit: Duration) -> Self::Store;

    /// Another operation that needs the server, and fails where it is away.
    async fn is_away(&self, store: &Self::Store);

    fn stop(&self);
    fn crash(&self);
    fn start(&self);
    fn pause(&self);
    fn resume(&self);
}

/// Implements [`Server`] for a type with these methods.
macro_rules! server {
    ($server:ty, $store:ty, $open:path, $is_away:path) => {
        impl support::Server for $server {
            type Store = $store;

            async fn open(&self, limit: Duration) -> $store {
                $open(self, limit).await
            }

            async fn is_away(&self, store: &$store) {
                $is_away(self, store).await;
            }

            fn stop(&self) {
                self.stop();
            }
            fn crash(&self) {
                self.crash();
            }
            fn start(&self) {
                self.start();
            }
            fn pause(&self) {
                self.pause();
            }
            fn resume(&self) {
                self.resume();
            }
        }
    };
}
pub(crate) use server;

/// The limit of an operation, unless a test is about it.
const LIMIT: Duration = Duration::from_secs(5);

struct Handles<'a, S>(&'a S);

impl<S: Server> Harness for Handles<'_, S> {
    type Store = S::Store;

    async fn open(&self) -> S::Store {
        self.0.open(LIMIT).await
    }

    async fn pass(&self, time: Duration) {
        SystemClock::new().sleep(time).await;
    }

    fn ttl(&self) -> Duration {
        Duration::from_millis(400)
    }
}

/// The store does what a store must.
pub async fn conforms(server: &impl Server) -> Result<(), Failures> {
    check_all(&Handles(server)).await
}

/// A server that was stopped is unavailable until it is back.
pub async fn is_unavailable_while_stopped(server: &impl Server) {
    let store = server.open(LIMIT).await;
    refresh(&store, "one").await.expect("a refresh");
    server.stop();
    nothing_is_reached(&store).await;
    server.is_away(&store).await;
    server.start();
    let kept = until_reached(async || store.read(&key("one")).await).await;
    assert_eq!(kept.expect("a grant").record.generation, 2);
    let fence = refresh(&store, "one").await.expect("a refresh");
    assert_eq!(fence, Fence(2));
}

/// A server that hangs is unavailable in bounded time.
pub async fn is_unavailable_while_it_hangs(server: &impl Server) {
    let store = server.open(Duration::from_millis(300)).await;
    store.put(&key("one"), &record("a")).await.expect("put");
    server.pause();
    nothing_is_reached(&store).await;
    server.is_away(&store).await;
    server.resume();
    let kept = until_reached(async || store.read(&key("one")).await).await;
    // What was asked of it while it hung was given up, or done whole.
    let generation = kept.map(|kept| kept.record.generation);
    assert!(matches!(generation, None | Some(1 | 2)), "{generation:?}");
    until_reached(async || store.put(&key("one"), &record("c")).await).await;
}

/// What was answered is stored, even if the server is stopped or crashes during a refresh.
pub async fn a_refresh_survives_restarts(server: &impl Server) {
    let store = server.open(LIMIT).await;
    store.put(&key("one"), &record("a")).await.expect("put");
    let (lease, entry) = begin(&store, "one").await.expect("begin");
    for crash in [false, true] {
        if crash {
            server.crash();
        } else {
            server.stop();
        }
        server.start();
        let kept = until_reached(async || store.read(&key("one")).await).await;
        assert_eq!(kept.expect("a grant").in_flight.as_ref(), Some(&entry));
    }
    let new = record("b");
    until_reached(async || store.commit(&key("one"), &entry, &new).await).await;
    server.crash();
    server.start();
    // The answer could have been lost: the commit is repeated.
    until_reached(async || store.commit(&key("one"), &entry, &new).await).await;
    until_reached(async || store.release(&key("one"), &lease).await).await;
    let kept = until_reached(async || store.read(&key("one")).await).await;
    assert_eq!(kept.expect("a grant").record.generation, 2);
}

/// Another server takes over without the last write: that is noticed, of each grant until it is written anew. A server that only
/// restarts is not taken for another.
pub async fn a_takeover_is_noticed_and_a_restart_is_not<S: Server>(
    first: &S,
    replica: impl Fn(&S) -> S,
    promote: impl Fn(&S),
) {
    let store = first.open(LIMIT).await;
    let outdated = async |store: &S::Store, subject: &str| {
        let kept = until_reached(async || store.read(&key(subject)).await).await;
        let kept = kept.expect("a grant");
        (kept.record.generation, kept.may_be_outdated)
    };
    for subject in ["one", "two", "three"] {
        store.put(&key(subject), &record("a")).await.expect("put");
    }
    first.crash();
    first.start();
    assert_eq!(outdated(&store, "one").await, (1, false), "after a restart");

    let second = replica(first);
    second.stop();
    refresh(&store, "one").await.expect("a refresh");
    assert_eq!(outdated(&store, "one").await, (2, false), "before the takeover");
    first.crash();
    second.start();
    promote(&second);
    let store = second.open(LIMIT).await;
    assert_eq!(outdated(&store, "one").await, (1, true), "the refresh is not lost");
    // An entry in the journal is no new record.
    let (_, entry) = begin(&store, "one").await.expect("begin");
    assert_eq!(outdated(&store, "one").await, (1, true), "after begin");
    store.commit(&key("one"), &entry, &record("b")).await.expect("commit");
    assert_eq!(outdated(&store, "one").await, (2, false), "after a commit");
    store.put(&key("two"), &record("b")).await.expect("put");
    assert_eq!(outdated(&store, "two").await, (2, false), "after signing in");

    second.crash();
    second.start();
    assert_eq!(outdated(&store, "one").await, (2, false), "after the second's restart");
    assert_eq!(outdated(&store, "three").await, (1, true), "after the second's restart");
    // And another takeover, which lacks nothing: it does not say so.
    let third = replica(&second);
    second.crash();
    promote(&third);
    let store = third.open(LIMIT).await;
    assert_eq!(outdated(&store, "one").await, (2, true), "after the second takeover");
}

/// The grant `one` has the last generation that there is: it can be removed, and not be replaced.
pub async fn is_the_last_generation(store: &impl Store) {
    let one = key("one");
    let is_refused =
        |error: StoreError| assert_eq!(error.kind(), StoreErrorKind::Refused, "{error}");
    is_refused(store.put(&one, &record("b")).await.expect_err("put"));
    is_refused(begin(store, "one").await.expect_err("begin"));
    let kept = store.read(&one).await.expect("read").expect("a grant");
    assert_eq!(kept.record.generation, i64::MAX as u64);
    assert_eq!(kept.record.grant.access_token().map(Token::expose), Some("a access"));
    store.remove(&one).await.expect("remove");
    assert_eq!(store.put(&one, &record("b")).await.expect("put"), 1);
}

/// Everything that an error shows.
pub fn all_text(error: &StoreError) -> String {
    let mut said = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(cause) = source {
        said.push_str(&format!(" {cause} {cause:?} {cause:#?}"));
        source = cause.source();
    }
    said
}

/// Where a text shows the canary, as it is or in hexadecimal digits (as a database prints bytes).
pub fn shows_canary(text: &str) -> Option<usize> {
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let lower = text.to_ascii_lowercase();
    let forms = [CANARY.to_ascii_lowercase(), hex];
    forms.iter().find_map(|form| lower.find(form))
}

/// Fails where a text shows the canary, with what stands before it.
#[track_caller]
pub fn shows_no_canary(text: &str) {
    if let Some(place) = shows_canary(text) {
        let before = text.get(place.saturating_sub(300)..place);
        panic!("a token is shown after: {before:?}");
    }
}
