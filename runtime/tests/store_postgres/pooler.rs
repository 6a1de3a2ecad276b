//! PgBouncer between the store and the server: the connections of the server's are shared by processes that do not know each other.

use std::process::{Child, Command};
use std::time::Duration;

use rekindle_runtime::store::conformance::Failures;
use rekindle_runtime::store::postgres::PostgresStore;
use rekindle_runtime::store::{Store, StoreError};
use rekindle_servers::{PgBouncer, Postgres};

use super::requirements::{is_refused, pool_of_one};
use super::support::{self, key, record};

async fn opened(pooler: &PgBouncer, limit: Duration) -> PostgresStore {
    let store = super::reached_by(&pooler.url(), "pooled").with_limit(limit);
    store.migrate().await.expect("the schema");
    store
}

async fn cannot_migrate(_: &PgBouncer, store: &PostgresStore) {
    support::is_unavailable(store.migrate()).await;
}

support::server!(PgBouncer, PostgresStore, opened, cannot_migrate);

/// A pooler with these settings, in front of a server that nobody else uses.
fn launched(settings: &[(&str, &str)]) -> Option<(Postgres, PgBouncer)> {
    let server = Postgres::launch(&[])?;
    let pooler = PgBouncer::launch(&server, settings)?;
    Some((server, pooler))
}

/// In session mode, each client has a connection of the server's for as long as it is there.
#[tokio::test]
async fn it_does_what_a_store_must() -> Result<(), Failures> {
    for (mode, connections) in [("transaction", "3"), ("session", "100")] {
        let settings = [("pool_mode", mode), ("default_pool_size", connections)];
        if let Some((_server, pooler)) = launched(&settings) {
            support::conforms(&pooler).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_pooler_that_was_stopped_is_unavailable_until_it_is_back() {
    if let Some((_server, pooler)) = launched(&[]) {
        support::is_unavailable_while_stopped(&pooler).await;
    }
}

#[tokio::test]
async fn a_refresh_survives_restarts_of_the_pooler() {
    if let Some((_server, pooler)) = launched(&[]) {
        support::a_refresh_survives_restarts(&pooler).await;
    }
}

#[tokio::test]
async fn what_a_pooler_refuses_for_good_is_a_refusal() {
    let Some(server) = super::shared() else { return };
    let Some(pooler) = PgBouncer::launch(&server, &[]) else {
        return;
    };
    let url = pooler.url();
    for (url, words) in [
        (format!("{url}?options=-c%20statement_timeout%3D5s"), "`options`"),
        (url.replace("app@", "nobody@"), "user"),
    ] {
        is_refused(super::reached_by(&url, "any").migrate().await, words);
    }
    let Some(pooler) = PgBouncer::launch(&server, &[("pool_mode", "statement")]) else {
        return;
    };
    let store = super::reached_by(&pooler.url(), "any");
    is_refused(store.migrate().await, "`pool_mode`");
    is_refused(store.put(&key("one"), &record("a")).await, "`pool_mode`");
}

/// Names that others left in the connection of the server's, as libraries do that prepare statements.
#[tokio::test]
async fn names_that_others_left_are_in_nobodys_way() {
    let Some(server) = super::shared() else { return };
    let Some(pooler) = PgBouncer::launch(&server, &[("default_pool_size", "1")]) else {
        return;
    };
    let store = super::reached_by(&pooler.url(), "names");
    store.migrate().await.expect("the schema");
    let other = pool_of_one(&pooler.url()).get().await.expect("a connection");
    let prepare = |number| format!("PREPARE s{number} AS DELETE FROM names.rekindle_grants;");
    let all: String = (0..10_000).map(prepare).collect();
    other.batch_execute(&all).await.expect("many names");
    support::refresh(&store, "one").await.expect("a refresh");
    let kept = store.read(&key("one")).await.expect("read").expect("a grant");
    assert_eq!(kept.record.generation, 2);
    // One of them was in the way, or this proves nothing.
    let left = "SELECT count(*) FROM pg_prepared_statements";
    let left = other.query_typed_one(left, &[]).await.expect("an answer");
    assert_eq!(left.get::<_, i64>(0), 0);
}

/// Where the other process finds the pooler, and what it does there.
const URL: &str = "REKINDLE_TEST_POOLER";
const TASK: &str = "REKINDLE_TEST_TASK";

/// How often each of the tasks of a process goes round.
const ROUNDS: usize = 40;

/// Everything that a store does, with a grant that only this task has, and which is what it was when each operation is over.
async fn goes_round(store: &PostgresStore, task: &str) -> Result<(), StoreError> {
    let of_this_task = key(task);
    store.put(&of_this_task, &record(task)).await?;
    for _ in 0..ROUNDS {
        support::refresh(store, task).await?;
        let kept = store.read(&of_this_task).await?.expect("nobody else removes it");
        let token = kept.record.grant.refresh_token().expect("a token").expose().to_owned();
        assert!(token.starts_with(support::CANARY), "somebody else's record");
        let passing = format!("{task} passing");
        store.put(&key(&passing), &record(task)).await?;
        store.remove(&key(&passing)).await?;
        assert!(store.read(&key(&passing)).await?.is_none());
        let due = store.due("example", support::instant(9), 0..100).await?;
        assert!(due.contains(&of_this_task), "{task} is not due");
    }
    let kept = store.read(&of_this_task).await?.expect("a grant");
    let rounds = u64::try_from(ROUNDS).expect("a number");
    assert_eq!(kept.record.generation, rounds + 1, "{task}");
    Ok(())
}

/// Several tasks of one process, with several connections to the pooler.
async fn goes_round_often(url: &str, process: &str) {
    let store = super::reached_by(url, "mixed");
    let tasks = ["a", "b", "c"].map(|task| format!("{process} {task}"));
    let [a, b, c] = &tasks;
    let outcome =
        tokio::try_join!(goes_round(&store, a), goes_round(&store, b), goes_round(&store, c),);
    outcome.expect("nothing fails because of the others");
}

/// Processes count the names of statements by themselves: two of them have the same ones.
#[tokio::test]
async fn processes_that_share_connections_run_their_own_statements() {
    let Some(server) = super::shared() else { return };
    super::at(&server, "mixed").migrate().await.expect("the schema");
    for connections in ["1", "2"] {
        let Some(pooler) = PgBouncer::launch(&server, &[("default_pool_size", connections)]) else {
            return;
        };
        let others = ["two", "three"].map(|process| start(&pooler, process));
        goes_round_often(&pooler.url(), "one").await;
        for mut other in others {
            let ended = other.wait().expect("its end");
            assert!(ended.success(), "another process failed");
        }
        server.sql("DELETE FROM mixed.rekindle_grants");
    }
}

fn start(pooler: &PgBouncer, process: &str) -> Child {
    Command::new(std::env::current_exe().expect("a binary"))
        .args(["--exact", "pooler::the_other_process", "--ignored"])
        .env(URL, pooler.url())
        .env(TASK, process)
        .spawn()
        .expect("a process")
}

/// What the processes do that are started above.
#[tokio::test]
#[ignore = "it is started by another test"]
async fn the_other_process() {
    let said = |name| std::env::var(name).ok();
    let (Some(url), Some(process)) = (said(URL), said(TASK)) else {
        return;
    };
    goes_round_often(&url, &process).await;
}
