//! Servers that go away, and come back.

use std::time::Duration;

use rekindle_runtime::store::postgres::tokio_postgres::{self, Client, NoTls};
use rekindle_runtime::store::{Fence, Store, StoreErrorKind};
use rekindle_servers::Postgres;

use super::store;
use super::support::{
    begin, is_unavailable, key, nothing_is_reached, record, refresh, timed, until_reached,
};

/// A connection of the test's own.
pub async fn connected(server: &Postgres) -> Client {
    let (client, connection) =
        tokio_postgres::connect(&server.url(), NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn a_server_that_was_stopped_is_unavailable_until_it_is_back() {
    let Some(server) = Postgres::launch(&[]) else {
        return;
    };
    let store = store(&server);
    store.migrate().await.expect("the schema");
    refresh(&store, "one").await.expect("a refresh");
    server.stop();
    nothing_is_reached(&store).await;
    is_unavailable(store.migrate()).await;
    server.start();
    let kept = until_reached(async || store.read(&key("one")).await).await;
    assert_eq!(kept.expect("a grant").record.generation, 2);
    let fence = refresh(&store, "one").await.expect("a refresh");
    assert_eq!(fence, Fence(2));
}

#[tokio::test]
async fn a_server_that_hangs_is_unavailable_in_bounded_time() {
    let Some(server) = Postgres::launch(&[]) else {
        return;
    };
    let store = store(&server).with_limit(Duration::from_millis(300));
    store.migrate().await.expect("the schema");
    store.put(&key("one"), &record("a")).await.expect("put");
    server.pause();
    nothing_is_reached(&store).await;
    is_unavailable(store.migrate()).await;
    server.resume();
    let kept = until_reached(async || store.read(&key("one")).await).await;
    // What was asked of it while it hung was given up, or done whole.
    let generation = kept.map(|kept| kept.record.generation);
    assert!(matches!(generation, None | Some(1 | 2)), "{generation:?}");
    store.put(&key("one"), &record("c")).await.expect("put");
}

#[tokio::test]
async fn a_refresh_goes_on_after_a_restart_in_its_middle() {
    let Some(server) = Postgres::launch(&[]) else {
        return;
    };
    let store = store(&server);
    store.migrate().await.expect("the schema");
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
        let kept = kept.expect("a grant");
        assert_eq!(kept.in_flight.as_ref(), Some(&entry));
    }
    let new = record("b");
    until_reached(async || store.commit(&key("one"), &entry, &new).await).await;
    // The answer was lost: again.
    store.commit(&key("one"), &entry, &new).await.expect("a repeated commit");
    until_reached(async || store.release(&key("one"), &lease).await).await;
    let kept = until_reached(async || store.read(&key("one")).await).await;
    assert_eq!(kept.expect("a grant").record.generation, 2);
}

#[tokio::test]
async fn a_row_that_someone_has_locked_is_waited_for_in_bounded_time() {
    let Some(server) = super::shared() else {
        return;
    };
    let store = super::at(&server, "locked").with_limit(Duration::from_millis(300));
    store.migrate().await.expect("the schema");
    store.put(&key("one"), &record("a")).await.expect("put");
    let connected = connected(&server).await;
    connected
        .batch_execute("BEGIN; SELECT * FROM locked.rekindle_grants FOR UPDATE")
        .await
        .expect("a lock");
    let (outcome, took) = timed(store.put(&key("one"), &record("b"))).await;
    let error = outcome.expect_err("it is locked");
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(took < Duration::from_secs(3), "it took {took:?}");
    connected.batch_execute("ROLLBACK").await.expect("no lock");
    let kept = store.read(&key("one")).await.expect("read");
    assert_eq!(kept.expect("a grant").record.generation, 1);
    assert_eq!(store.put(&key("one"), &record("b")).await.expect("put"), 2);
}
