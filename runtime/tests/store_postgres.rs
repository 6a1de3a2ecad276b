//! The store in PostgreSQL, against a real server.

#![cfg(all(feature = "postgres", feature = "store-conformance"))]

#[path = "store_support/mod.rs"]
mod support;

#[path = "store_postgres/failures.rs"]
mod failures;
#[path = "store_postgres/pooler.rs"]
mod pooler;
#[path = "store_postgres/requirements.rs"]
mod requirements;
#[path = "store_postgres/secrets.rs"]
mod secrets;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use rekindle_runtime::store::conformance::Failures;
use rekindle_runtime::store::postgres::PostgresStore;
use rekindle_runtime::store::{Fence, Rate, Store, StoreErrorKind};
use rekindle_servers::Postgres;
use support::{key, record};

/// One server for the tests that do not disturb it. It stops when the last of them ends.
static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());

fn shared() -> Option<Arc<Postgres>> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = shared.upgrade() {
        return Some(server);
    }
    let server = Arc::new(Postgres::launch(&[])?);
    *shared = Arc::downgrade(&server);
    Some(server)
}

/// A store of its own, in a schema that is not there yet.
fn store(server: &Postgres) -> PostgresStore {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let schema = format!("schema {}", NEXT.fetch_add(1, Ordering::Relaxed));
    at(server, &schema)
}

fn at(server: &Postgres, schema: &str) -> PostgresStore {
    reached_by(&server.url(), schema)
}

fn reached_by(url: &str, schema: &str) -> PostgresStore {
    let config = url.parse().expect("a configuration");
    PostgresStore::without_tls(config).and_then(|store| store.with_schema(schema)).expect("a store")
}

/// A store in the schema that the shared tests use.
async fn opened(server: &Postgres, limit: Duration) -> PostgresStore {
    let store = at(server, "shared \"tests\"").with_limit(limit);
    store.migrate().await.expect("the schema");
    store
}

async fn cannot_migrate(_: &Postgres, store: &PostgresStore) {
    support::is_unavailable(store.migrate()).await;
}

support::server!(Postgres, PostgresStore, opened, cannot_migrate);

#[tokio::test]
async fn it_does_what_a_store_must() -> Result<(), Failures> {
    let Some(server) = shared() else {
        return Ok(());
    };
    support::conforms(&*server).await
}

#[tokio::test]
async fn eight_may_migrate_at_once() {
    let Some(server) = shared() else { return };
    let stores: Vec<_> = (0..8).map(|_| at(&server, "at \"once\"")).collect();
    let mut all = tokio::task::JoinSet::new();
    for store in stores {
        all.spawn(async move { store.migrate().await });
    }
    for outcome in all.join_all().await {
        outcome.expect("the schema");
    }
    let steps = server.sql("SELECT version FROM \"at \"\"once\"\"\".rekindle_schema");
    assert_eq!(steps, "1\n2\n3");
    let store = at(&server, "at \"once\"");
    assert_eq!(store.put(&key("one"), &record("a")).await.expect("put"), 1);
    // Again, over what is there: nothing is lost.
    store.migrate().await.expect("the schema");
    let kept = store.read(&key("one")).await.expect("read");
    assert_eq!(kept.expect("a grant").record.generation, 1);
}

/// The server's clock was a year ahead, and is put right.
#[tokio::test]
async fn a_clock_that_is_put_back_holds_no_rate_up() {
    let Some(server) = shared() else { return };
    let store = at(&server, "leaps");
    store.migrate().await.expect("the schema");
    let rate = Rate::per(1, support::HOUR);
    assert_eq!(store.reserve("example", rate).await.expect("a turn"), Duration::ZERO);
    server.sql(
        "UPDATE leaps.rekindle_rates SET \
         next_at = next_at + interval '1 year', reserved_at = reserved_at + interval '1 year'",
    );
    support::waits_for_hours(&store, rate).await;
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let Some(server) = shared() else { return };
    let store = at(&server, "newer");
    store.migrate().await.expect("the schema");
    server.sql("INSERT INTO newer.rekindle_schema (version) VALUES (99)");
    let error = store.migrate().await.expect_err("it is newer");
    assert_eq!(error.kind(), StoreErrorKind::Newer);
    assert!(error.to_string().contains("99"), "{error}");
    let steps = server.sql("SELECT count(*) FROM newer.rekindle_schema");
    assert_eq!(steps, "4");
}

#[tokio::test]
async fn without_a_schema_it_says_what_to_call() {
    let Some(server) = shared() else { return };
    let error = store(&server).read(&key("one")).await.expect_err("no schema");
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(error.to_string().contains("migrate"), "{error}");
}

#[tokio::test]
async fn the_role_that_works_needs_no_more_than_the_documentation_says() {
    let Some(server) = shared() else { return };
    at(&server, "granted").migrate().await.expect("the schema");
    server.sql(
        "CREATE USER worker; \
         GRANT USAGE ON SCHEMA granted TO worker; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON granted.rekindle_grants TO worker; \
         GRANT INSERT ON granted.rekindle_inbox TO worker; \
         GRANT SELECT ON granted.rekindle_schema TO worker",
    );
    let url = server.url().replace("app@", "worker@");
    let config = url.parse().expect("a configuration");
    let store = PostgresStore::without_tls(config)
        .and_then(|store| store.with_schema("granted"))
        .expect("a store");
    store.migrate().await.expect("nothing to do");
    let fence = support::refresh(&store, "one").await.expect("a refresh");
    assert_eq!(fence, Fence(1));
    store.remove(&key("one")).await.expect("remove");
    let due = store.due("example", support::instant(9), 0..1).await.expect("due");
    assert!(due.is_empty());
    support::shares(&store).await.expect("what is due");
    // And a schema that it may not make is a refusal.
    let elsewhere = store.with_schema("not granted").expect("a name");
    let error = elsewhere.migrate().await.expect_err("no privilege");
    assert_eq!(error.kind(), StoreErrorKind::Refused);
}

#[tokio::test]
async fn the_last_generation_is_the_last() {
    let Some(server) = shared() else { return };
    let store = at(&server, "last");
    store.migrate().await.expect("the schema");
    store.put(&key("one"), &record("a")).await.expect("put");
    server.sql(&format!("UPDATE last.rekindle_grants SET generation = {}", i64::MAX));
    support::is_the_last_generation(&store).await;
}

/// A row as a program of the schema's first version writes it, and what such a program makes of rows of today.
#[tokio::test]
async fn programs_of_both_versions_work_side_by_side() {
    let Some(server) = shared() else { return };
    let store = at(&server, "side");
    store.migrate().await.expect("the schema");
    store.put(&key("one"), &record("a")).await.expect("put");
    let (lease, entry) = support::begin(&store, "one").await.expect("begin");
    // It takes over, begins without an id, and forgets no id.
    server.sql(
        "UPDATE side.rekindle_grants SET fence = 2, lease_owner = 'old', lease_until = now() + interval '1 minute', \
           flight_generation = 1, flight_fence = 2, flight_owner = 'old', flight_started_at = 1000, flight_attempt = 1",
    );
    for late in [
        store.renew(&key("one"), &lease, Duration::from_secs(9)).await,
        store.begin(&key("one"), &lease, &entry, None).await,
    ] {
        assert_eq!(late.expect_err("it is another's").kind(), StoreErrorKind::LeaseLost);
    }
    let late = store.commit(&key("one"), &entry, &record("no")).await;
    assert_eq!(late.expect_err("it is another's").kind(), StoreErrorKind::Conflict);
    store.abandon(&key("one"), &entry).await.expect("nothing");
    store.release(&key("one"), &lease).await.expect("nothing");
    let old = store.read(&key("one")).await.expect("read").expect("a grant").in_flight;
    assert_eq!(old.map(|old| (old.fence, old.attempt)), Some((Fence(2), 1)));
    // Its answer comes, and comes again.
    let commit = "INSERT INTO side.rekindle_inbox (provider, subject, record, due, spent_generation, spent_fence) \
        VALUES ('example', 'one', '{}', NULL, 1, 2)";
    server.sql(commit);
    server.sql(commit);
    let rows =
        server.sql("SELECT generation, committed_by, flight_fence FROM side.rekindle_grants");
    assert_eq!(rows, "2|2|");
    // What it alone has begun can be replaced.
    store.put(&key("one"), &record("a")).await.expect("put");
    server.sql(
        "UPDATE side.rekindle_grants SET lease_until = NULL, flight_generation = 3, flight_fence = 3, \
           flight_owner = 'old', flight_started_at = 1000, flight_attempt = 1",
    );
    let old = store.read(&key("one")).await.expect("read").expect("a grant");
    assert!(old.in_flight_for > Duration::from_secs(86_400), "{:?}", old.in_flight_for);
    let (_, entry) = support::begin(&store, "one").await.expect("begin");
    store.commit(&key("one"), &entry, &record("b")).await.expect("commit");
}

/// The server's default may be not to wait for the disk.
#[tokio::test]
async fn every_write_waits_for_the_disk() {
    let Some(server) = Postgres::launch(&[
        ("synchronous_commit", "off"),
        // What is not waited for stays away from the disk for up to three times this long.
        ("wal_writer_delay", "10s"),
    ]) else {
        return;
    };
    let store = store(&server);
    store.migrate().await.expect("the schema");
    store.put(&key("put"), &record("a")).await.expect("put");
    server.crash();
    server.start();
    let kept = support::until_reached(async || store.read(&key("put")).await).await;
    assert_eq!(kept.expect("a grant").record.generation, 1);

    store.put(&key("begun"), &record("a")).await.expect("put");
    support::begin(&store, "begun").await.expect("begin");
    server.crash();
    server.start();
    let kept = support::until_reached(async || store.read(&key("begun")).await).await;
    assert!(kept.expect("a grant").in_flight.is_some());

    support::refresh(&store, "put").await.expect("a refresh");
    server.crash();
    server.start();
    let kept = support::until_reached(async || store.read(&key("put")).await).await;
    assert_eq!(kept.expect("a grant").record.generation, 2);
}
