//! What servers, databases and roles are set to: what is asked of them, and what makes no difference.

use std::time::Duration;

use rekindle_runtime::store::conformance::Failures;
use rekindle_runtime::store::postgres::deadpool_postgres::{Manager, Pool};
use rekindle_runtime::store::postgres::{PostgresStore, tokio_postgres};
use rekindle_runtime::store::{Acquired, Store, StoreError, StoreErrorKind};
use rekindle_servers::Postgres;
use tokio::task::JoinSet;

use super::support::{self, key, record};

/// Fails unless this is a refusal in these words.
#[track_caller]
pub fn is_refused<T>(outcome: Result<T, StoreError>, words: &str) {
    let error = outcome.err().expect("a refusal");
    assert_eq!(error.kind(), StoreErrorKind::Refused, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

/// At each level of isolation, and with tasks that want one grant at the same time.
#[tokio::test]
async fn the_default_isolation_makes_no_difference() -> Result<(), Failures> {
    for level in ["repeatable read", "serializable"] {
        let Some(server) = Postgres::launch(&[("default_transaction_isolation", level)]) else {
            continue;
        };
        let store = super::at(&server, "contended");
        store.migrate().await.expect("the schema");
        let mut all = JoinSet::new();
        for task in 0..8 {
            let store = store.clone();
            all.spawn(async move {
                let one = key("one");
                for _ in 0..40 {
                    store.put(&one, &record("a")).await?;
                    let ttl = Duration::from_secs(30);
                    if let Acquired::Held(lease) =
                        store.acquire(&one, &format!("task {task}"), ttl).await?
                    {
                        store.renew(&one, &lease, ttl).await?;
                        store.release(&one, &lease).await?;
                    }
                }
                Ok::<_, StoreError>(())
            });
        }
        for outcome in all.join_all().await {
            outcome.expect("nothing fails because of the others");
        }
        let kept = store.read(&key("one")).await.expect("read").expect("a grant");
        assert_eq!(kept.record.generation, 8 * 40);
        // The strictest.
        if level == "serializable" {
            support::conforms(&server).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_could_forget_is_refused_unless_that_is_accepted() {
    for setting in ["fsync", "full_page_writes"] {
        let Some(server) = Postgres::launch(&[(setting, "off")]) else {
            return;
        };
        let store = super::at(&server, "volatile");
        is_refused(store.migrate().await, setting);
        is_refused(store.read(&key("one")).await, "accept_volatile");
        let accepted = super::at(&server, "volatile").accept_volatile();
        accepted.migrate().await.expect("it is accepted");
        support::refresh(&accepted, "one").await.expect("a refresh");
    }
}

/// The setting of one role. A role that takes no writes by default is a decision of its administrator.
#[tokio::test]
async fn a_role_that_only_reads_is_refused() {
    let Some(server) = super::shared() else { return };
    server.sql("CREATE ROLE reader LOGIN IN ROLE app");
    server.sql("ALTER ROLE reader SET default_transaction_read_only = on");
    let store = super::reached_by(&server.url().replace("app@", "reader@"), "read only");
    is_refused(store.migrate().await, "default_transaction_read_only");
}

/// Where the server was a primary before, it may soon be one again.
#[tokio::test]
async fn a_hot_standby_is_refused_or_waited_for() {
    let Some(server) = Postgres::launch(&[]) else {
        return;
    };
    let store = super::at(&server, "standby");
    store.migrate().await.expect("the schema");
    store.put(&key("one"), &record("a")).await.expect("put");
    server.demote();
    let opened = super::at(&server, "standby");
    is_refused(opened.migrate().await, "hot standby");
    is_refused(opened.read(&key("one")).await, "hot standby");
    // A connection that broke is found out first.
    let outcomes =
        [store.put(&key("one"), &record("b")).await, store.put(&key("one"), &record("b")).await];
    for outcome in &outcomes {
        let error = outcome.as_ref().expect_err("it takes no writes");
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    }
    let said = outcomes.map(|outcome| outcome.expect_err("it takes no writes").to_string());
    assert!(said.iter().any(|said| said.contains("hot standby")), "{said:?}");
}

/// A limit of the role is named, and nothing is half done.
#[tokio::test]
async fn a_lock_timeout_is_named() {
    let Some(server) = super::shared() else { return };
    server.sql("CREATE ROLE hasty LOGIN IN ROLE app");
    server.sql("ALTER ROLE hasty SET lock_timeout = '20ms'");
    super::at(&server, "hasty").migrate().await.expect("the schema");
    let store = super::reached_by(&server.url().replace("app@", "hasty@"), "hasty");
    store.put(&key("one"), &record("a")).await.expect("put");
    let connected = super::failures::connected(&server).await;
    let lock = "BEGIN; SELECT * FROM hasty.rekindle_grants FOR UPDATE";
    connected.batch_execute(lock).await.expect("a lock");
    let put = store.put(&key("one"), &record("b")).await.expect_err("it is locked");
    let acquire = store.acquire(&key("one"), "a test", Duration::from_secs(9)).await;
    for error in [put, acquire.expect_err("it is locked")] {
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert!(error.to_string().contains("lock_timeout"), "{error}");
    }
    connected.batch_execute("ROLLBACK").await.expect("no lock");
    assert_eq!(store.put(&key("one"), &record("b")).await.expect("put"), 2);
}

/// What is wrong for good is not told as an outage.
#[tokio::test]
async fn a_permanent_fault_is_a_refusal() {
    let Some(server) = super::shared() else { return };
    let url = server.url();
    for (url, words) in [
        (url.replace("app@", "nobody@"), ""),
        (url.replace("/app", "/nowhere"), ""),
        (format!("{url}?sslmode=require"), ""),
        (format!("{url}?options=-c%20no_such_setting%3D1"), ""),
    ] {
        is_refused(super::reached_by(&url, "any").migrate().await, words);
    }
}

/// A pool of the user's own, of one connection.
pub fn pool_of_one(url: &str) -> Pool {
    let config = url.parse().expect("a configuration");
    let manager = Manager::new(config, tokio_postgres::NoTls);
    Pool::builder(manager).max_size(1).build().expect("a pool")
}

/// Nobody else finds anything of the store in a connection that it had.
#[tokio::test]
async fn nothing_is_left_in_a_connection() {
    let Some(server) = super::shared() else { return };
    let pool = pool_of_one(&server.url());
    let store = PostgresStore::new(pool.clone()).with_schema("shared pool").expect("a name");
    store.migrate().await.expect("the schema");
    let settings = async || {
        let client = pool.get().await.expect("a connection");
        let asked = "SELECT name, setting FROM pg_settings WHERE source = 'session' \
            UNION ALL SELECT name, statement FROM pg_prepared_statements";
        let found = client.query_typed(asked, &[]).await.expect("an answer");
        let found = found.iter().map(|row| (row.get(0), row.get(1)));
        assert_eq!(client.statement_cache.size(), 0);
        found.collect::<Vec<(String, String)>>()
    };
    let before = settings().await;
    support::refresh(&store, "one").await.expect("a refresh");
    let entry = support::held().1;
    let error = store.commit(&key("none"), &entry, &record("a")).await.expect_err("no grant");
    assert_eq!(error.kind(), StoreErrorKind::Missing);
    assert_eq!(settings().await, before);
}
