//! Servers that go away, and come back.

use std::time::Duration;

use rekindle_runtime::store::postgres::tokio_postgres::{self, Client, NoTls};
use rekindle_runtime::store::{Store, StoreErrorKind};
use rekindle_servers::Postgres;

use super::support::{self, key, record, timed};

/// A connection of the test's own.
pub async fn connected(server: &Postgres) -> Client {
    let (client, connection) =
        tokio_postgres::connect(&server.url(), NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn a_server_that_was_stopped_is_unavailable_until_it_is_back() {
    if let Some(server) = Postgres::launch(&[]) {
        support::is_unavailable_while_stopped(&server).await;
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_unavailable_in_bounded_time() {
    if let Some(server) = Postgres::launch(&[]) {
        support::is_unavailable_while_it_hangs(&server).await;
    }
}

#[tokio::test]
async fn a_takeover_is_noticed_and_a_restart_is_not() {
    if let Some(server) = Postgres::launch(&[]) {
        let (replica, promote) = (Postgres::replica, Postgres::promote);
        support::a_takeover_is_noticed_and_a_restart_is_not(&server, replica, promote).await;
    }
}

#[tokio::test]
async fn a_refresh_survives_restarts() {
    if let Some(server) = Postgres::launch(&[]) {
        support::a_refresh_survives_restarts(&server).await;
    }
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
    assert!(error.to_string().contains("statement_timeout"), "{error}");
    assert!(took < Duration::from_secs(3), "it took {took:?}");
    connected.batch_execute("ROLLBACK").await.expect("no lock");
    let kept = store.read(&key("one")).await.expect("read");
    assert_eq!(kept.expect("a grant").record.generation, 1);
    assert_eq!(store.put(&key("one"), &record("b")).await.expect("put"), 2);
}
