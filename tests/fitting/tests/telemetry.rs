//! What sessions tell machines: the names are those of the list, and no token is among them.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use rekindle_clients::wetix;
use rekindle_fitting::{CLIENT_SECRET, Fault, Place, Trouble};
use rekindle_runtime::clock::{Clock, SystemClock};
use rekindle_runtime::session::{EventKind, InDoubt, Session, SessionErrorKind, Upkeep, telemetry};
use rekindle_runtime::store::conformance::{Fault as StoreFault, Faulty, Operation};
use rekindle_runtime::store::{Acquired, MemoryStore, Store};
use tracing_subscriber::fmt::format::FmtSpan;

/// The provider, as labels name it.
const ID: &str = <wetix::Client as rekindle_runtime::Provider>::ID;
const SUBJECT: &str = "subject-17";

/// Everything that `tracing` says, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// One metric: its name, its kind, its labels, and what it stands at.
type Metric = (String, &'static str, Vec<(String, String)>, f64);

fn metrics(snapshotter: &Snapshotter) -> Vec<Metric> {
    let seen = snapshotter.snapshot().into_vec().into_iter();
    seen.map(|(key, _, described, value)| {
        let key = key.key();
        assert!(described.is_some(), "{} is not described", key.name());
        let labels = key.labels();
        let labels = labels.map(|label| (label.key().to_owned(), label.value().to_owned()));
        let (kind, value) = match value {
            DebugValue::Counter(value) => ("counter", value as f64),
            DebugValue::Gauge(value) => ("gauge", value.into_inner()),
            DebugValue::Histogram(values) => ("histogram", values.len() as f64),
        };
        (key.name().to_owned(), kind, labels.collect(), value)
    })
    .collect()
}

/// The list in the documentation: names, kinds and the names of labels.
fn documented() -> BTreeSet<(String, String, String)> {
    let source = include_str!("../../../runtime/src/session/telemetry/mod.rs");
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | `rekindle_"));
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(|cell| cell.replace('`', "")).collect();
        let cell = |place: usize| cells[place].trim().to_owned();
        (format!("rekindle_{}", cell(0)), cell(1), cell(2))
    })
    .collect()
}

/// A world in which each event happens, and its listeners.
struct World {
    place: Place,
    store: Faulty<MemoryStore>,
    session: Session<wetix::Client>,
    /// Texts that must not show.
    secrets: Vec<String>,
    /// When the refresh token ends that the person holds.
    ends: Option<SystemTime>,
}

impl World {
    async fn new() -> Self {
        let place = Place::open();
        let store = Faulty::new(MemoryStore::new());
        let described = place.describe().store(store.clone()).subject(SUBJECT);
        let session = described.open().await.expect("a session");
        let mut world =
            Self { place, store, session, secrets: vec![CLIENT_SECRET.to_owned()], ends: None };
        world.sign_in().await;
        world
    }

    async fn sign_in(&mut self) {
        let grant = self.place.sign_in();
        for token in [grant.access_token(), grant.refresh_token()] {
            let token = token.expect("a token").expose();
            self.secrets.push(token.to_owned());
        }
        self.ends = grant.refresh_token_ends().at();
        self.session.sign_in(grant).await.expect("tokens");
    }

    /// Lets the provider's next answer suffer this, and asks for new tokens.
    async fn refresh_through(&mut self, fault: Option<Fault>) -> Option<SessionErrorKind> {
        self.place.fake.plan([fault.map(Trouble::Fault)]);
        let ended = self.session.refresh_now().await;
        if let Some(token) = self.session.try_access_token() {
            self.secrets.push(token.expose().to_owned());
        }
        self.place.clock.advance(Duration::from_secs(3600));
        ended.err().map(|error| error.kind())
    }

    async fn succeed(&mut self) {
        assert_eq!(self.refresh_through(None).await, None);
        let deviating = Some(Fault::UnexpectedRotation);
        assert_eq!(self.refresh_through(deviating).await, None);
        let token = self.session.access_token().await.expect("a token");
        self.session.invalidate(&token);
        let token = self.session.access_token().await.expect("a token");
        self.secrets.push(token.expose().to_owned());
    }

    async fn share(&mut self) {
        let described = self.place.describe().store(self.store.clone());
        let other = described.subject(SUBJECT).open().await;
        let other = other.expect("a session");
        other.refresh_now().await.expect("a refresh");
        let held = self.session.try_access_token().expect("a token");
        self.session.invalidate(&held);
        let token = self.session.access_token().await.expect("a token");
        assert!(token.generation() > held.generation());
        self.secrets.push(token.expose().to_owned());
    }

    async fn fail(&mut self) {
        let limited = self.refresh_through(Some(Fault::RateLimited)).await;
        assert_eq!(limited, Some(SessionErrorKind::Exchange));
        let doubt = self.refresh_through(Some(Fault::ResetAfter)).await;
        assert!(matches!(doubt, Some(SessionErrorKind::InDoubt(_))));
        let gambled = self.session.resolve(InDoubt::Gamble).await;
        gambled.expect("the provider does not mind");
    }

    async fn lose_the_store(&mut self) {
        self.session.invalidate_generation(self.generation());
        self.store.fail_next(Operation::Read, usize::MAX, StoreFault::NotApplied);
        let error = self.session.access_token().await.expect_err("no store");
        assert!(matches!(error.kind(), SessionErrorKind::Store(_)));
        self.store.clear();
        self.place.clock.advance(Duration::from_secs(3600));
        self.store.fail_next(Operation::Commit, usize::MAX, StoreFault::NotApplied);
        let unsaved = self.refresh_through(None).await;
        assert!(matches!(unsaved, Some(SessionErrorKind::Unsaved(_))));
        self.store.clear();
        assert_eq!(self.refresh_through(None).await, None);
    }

    fn generation(&self) -> u64 {
        let token = self.session.try_access_token();
        token.expect("a token").generation()
    }

    /// The refresh token comes near its end, which no refresh moves, and then the grant is revoked.
    async fn end(&mut self) {
        self.sign_in().await;
        let mut events = self.session.events();
        let left = self.ends.expect("an end").duration_since(self.place.clock.wall());
        self.place.clock.advance(left.expect("time to come") - Duration::from_secs(86_400));
        while let Some(event) = events.next().await {
            if matches!(event.kind, EventKind::RefreshTokenEnding(_)) {
                break;
            }
        }
        self.place.fake.provider().revoke_all();
        let over = self.refresh_through(None).await;
        assert!(matches!(over, Some(SessionErrorKind::SignInNeeded(_))));
        assert!(self.session.close(Duration::from_secs(60)).await.is_nothing());
    }

    /// Lets time pass until `is_over`, and stand while an exchange is out: it takes the time of this machine, which no test foresees.
    async fn until(&self, is_over: impl Fn() -> bool) {
        let clock = SystemClock::new();
        let begun = clock.monotonic();
        while !is_over() {
            assert!(clock.monotonic() - begun < Duration::from_secs(60), "it never came");
            if self.place.transport.is_idle() {
                self.place.clock.advance(Duration::from_millis(50));
            }
            tokio::task::yield_now().await;
        }
    }

    /// Another process holds the lease for a while.
    async fn wait_for_a_lease(&self) {
        let key = self.session.key().clone();
        let held = self.store.acquire(&key, "another", Duration::from_secs(600)).await;
        let Acquired::Held(lease) = held.expect("memory") else { panic!("it is held") };
        let session = self.session.clone();
        let before = self.store.called(Operation::Acquire);
        let asking = tokio::spawn(async move { session.refresh_now().await });
        self.until(|| self.store.called(Operation::Acquire) > before + 3).await;
        let begun = self.store.called(Operation::Begin);
        self.store.release(&key, &lease).await.expect("memory");
        self.until(|| self.store.called(Operation::Begin) > begun).await;
        asking.await.expect("a task").expect("new tokens");
    }

    /// A backup is restored.
    async fn go_back(&mut self) {
        let key = self.session.key().clone();
        let backup = self.store.read(&key).await.expect("memory").expect("a grant").record;
        assert_eq!(self.refresh_through(None).await, None);
        self.store.remove(&key).await.expect("memory");
        self.store.put(&key, &backup).await.expect("memory");
        let doubt = self.refresh_through(None).await;
        assert!(matches!(doubt, Some(SessionErrorKind::InDoubt(_))), "{doubt:?}");
        self.sign_in().await;
    }

    /// Many grants are due, of which the store says nothing at first, and then the provider says that all have ended.
    async fn be_disbelieved(&self) {
        let described = self.place.describe().store(self.store.clone()).upkeep(Upkeep::Always);
        let pool = described.start().expect("a pool");
        for number in 0..40 {
            let session = pool.session(&format!("person-{number}"));
            session.sign_in(self.place.sign_in()).await.expect("memory");
            pool.forget(&format!("person-{number}"));
        }
        self.place.fake.provider().revoke_all();
        self.store.fail_next(Operation::AcquireDue, 1, StoreFault::NotApplied);
        self.place.clock.advance(Duration::from_secs(2 * 3600));
        self.until(|| pool.holds_endings()).await;
        assert!(pool.close(Duration::from_secs(60)).await.is_nothing());
    }

    async fn live(&mut self) {
        self.succeed().await;
        self.share().await;
        self.fail().await;
        self.lose_the_store().await;
        self.wait_for_a_lease().await;
        self.go_back().await;
        self.be_disbelieved().await;
        self.sign_in().await;
        self.end().await;
    }
}

#[tokio::test]
async fn the_list_is_what_a_recorder_sees_and_nothing_shows_a_token() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _recording = metrics::set_default_local_recorder(&recorder);
    telemetry::describe();
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);

    let mut world = World::new().await;
    world.live().await;

    let seen = metrics(&snapshotter);
    let listed: BTreeSet<_> = seen
        .iter()
        .map(|(name, kind, labels, _)| {
            let labels: Vec<_> = labels.iter().map(|(name, _)| name.as_str()).collect();
            (name.clone(), (*kind).to_owned(), labels.join(", "))
        })
        .collect();
    assert_eq!(listed, documented());
    assert_values(&seen);
    let text = log.text();
    assert_log(&text);
    assert_none_shows(&world.secrets, &text, &seen);
}

fn value(seen: &[Metric], name: &str, labels: &[(&str, &str)]) -> f64 {
    let found = seen.iter().find(|(found, _, has, _)| {
        let label =
            |(key, value): &(&str, &str)| has.iter().any(|(has, is)| has == key && is == value);
        found == name && labels.iter().all(label)
    });
    found.map_or(0.0, |(.., value)| *value)
}

fn assert_values(seen: &[Metric]) {
    for (name, label, least) in [
        ("rekindle_refreshes_total", ("outcome", "renewed"), 5.0),
        ("rekindle_refreshes_total", ("outcome", "rate_limited"), 1.0),
        ("rekindle_refreshes_total", ("outcome", "in_doubt"), 1.0),
        ("rekindle_refreshes_total", ("outcome", "unsaved"), 1.0),
        ("rekindle_refreshes_total", ("outcome", "reauthenticate"), 1.0),
        ("rekindle_failures_total", ("class", "rate_limited"), 1.0),
        ("rekindle_store_failures_total", ("kind", "unavailable"), 2.0),
        ("rekindle_adoptions_total", ("provider", ID), 1.0),
        ("rekindle_tokens_invalidated_total", ("provider", ID), 3.0),
        ("rekindle_sign_ins_needed_total", ("provider", ID), 2.0),
        ("rekindle_in_doubt_total", ("provider", ID), 1.0),
        ("rekindle_endings_held_total", ("provider", ID), 1.0),
        ("rekindle_store_went_back_total", ("provider", ID), 1.0),
        ("rekindle_lease_wait_seconds", ("provider", ID), 1.0),
    ] {
        let value = value(seen, name, &[label]);
        assert!(value >= least, "{name} {label:?}: {value}");
    }
    for (name, exactly) in [
        ("rekindle_replays_total", 1.0),
        ("rekindle_endings_total", 1.0),
        ("rekindle_saves_total", 1.0),
        ("rekindle_exchanges_in_flight", 0.0),
    ] {
        assert_eq!(value(seen, name, &[("provider", ID)]), exactly, "{name}");
    }
    let refreshes = seen.iter().filter(|(name, ..)| name == "rekindle_refreshes_total");
    let refreshes: f64 = refreshes.map(|(.., value)| value).sum();
    let timed = value(seen, "rekindle_refresh_seconds", &[]);
    assert_eq!(timed, refreshes, "each exchange is timed");
}

fn assert_log(text: &str) {
    for part in [
        "subject=\"subject-17\" generation=1 attempt=1",
        "rekindle.refresh{provider=",
        "attempt=2",
        "outcome=\"renewed\"",
        "outcome=\"in_doubt\"",
        "DEBUG",
        "new tokens are stored",
        "tokens of another process are served now",
        "the access token was refused in use",
        "WARN",
        "a refresh failed",
        "the answer was not what the contract promises",
        "the refresh token ends at ",
        "the grant is over",
        "ERROR",
        "new tokens could not be stored",
        "an exchange is in doubt",
        "INFO",
        "the tokens are stored at last",
    ] {
        assert!(text.contains(part), "the log lacks {part:?}");
    }
}

/// Neither a secret nor a good part of one is in what was told; subjects are in no label.
fn assert_none_shows(secrets: &[String], text: &str, seen: &[Metric]) {
    assert!(secrets.len() > 8);
    let labels = seen.iter().flat_map(|(.., labels, _)| labels);
    let labels: Vec<_> = labels.map(|(_, value)| value.as_str()).collect();
    assert!(!labels.contains(&SUBJECT));
    let told = labels.join(" ") + text;
    for (place, secret) in secrets.iter().enumerate() {
        let middle = secret.len() / 2;
        let part = secret.get(middle - 6..middle + 6).unwrap_or(secret);
        assert!(!told.contains(secret.as_str()), "secret {place} shows");
        assert!(!told.contains(part), "a part of secret {place} shows");
    }
}
