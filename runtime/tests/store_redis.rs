//! The store in Redis, against a real server.

#![cfg(all(feature = "redis", feature = "store-conformance"))]

#[path = "store_support/mod.rs"]
mod support;

use std::time::Duration;

use rekindle_runtime::store::conformance::Failures;
use rekindle_runtime::store::redis::redis::{self, Client, Value};
use rekindle_runtime::store::redis::{RedisOptions, RedisStore};
use rekindle_runtime::store::{Rate, Store, StoreErrorKind};
use rekindle_servers::Redis;
use support::{CANARY, all_text, key, record, refresh, shows_canary, shows_no_canary};

fn client(server: &Redis) -> Client {
    Client::open(server.url()).expect("a client")
}

async fn opened(server: &Redis) -> RedisStore {
    let store = RedisStore::open(client(server)).await;
    store.expect("a store")
}

async fn opened_with(server: &Redis, limit: Duration) -> RedisStore {
    let options = RedisOptions::new(client(server)).limit(limit);
    options.open().await.expect("a store")
}

async fn cannot_be_opened(server: &Redis, _: &RedisStore) {
    let options = RedisOptions::new(client(server)).limit(Duration::from_millis(300));
    let error = options.open().await.expect_err("no server");
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
}

support::server!(Redis, RedisStore, opened_with, cannot_be_opened);

#[tokio::test]
async fn it_does_what_a_store_must() -> Result<(), Failures> {
    let Some(server) = Redis::launch(&[]) else {
        return Ok(());
    };
    support::conforms(&server).await
}

#[tokio::test]
async fn a_server_that_was_stopped_is_unavailable_until_it_is_back() {
    if let Some(server) = Redis::launch(&[]) {
        support::is_unavailable_while_stopped(&server).await;
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_unavailable_in_bounded_time() {
    if let Some(server) = Redis::launch(&[]) {
        support::is_unavailable_while_it_hangs(&server).await;
    }
}

#[tokio::test]
async fn a_takeover_is_noticed_and_a_restart_is_not() {
    if let Some(server) = Redis::launch(&[]) {
        let (replica, promote) = (Redis::replica, Redis::promote);
        support::a_takeover_is_noticed_and_a_restart_is_not(&server, replica, promote).await;
    }
}

#[tokio::test]
async fn a_refresh_survives_restarts() {
    if let Some(server) = Redis::launch(&[]) {
        support::a_refresh_survives_restarts(&server).await;
    }
}

#[tokio::test]
async fn a_server_that_could_forget_is_refused_by_its_setting() {
    for (setting, value) in [
        ("appendonly", "no"),
        ("appendfsync", "everysec"),
        ("no-appendfsync-on-rewrite", "yes"),
        ("maxmemory-policy", "allkeys-lru"),
    ] {
        let Some(server) = Redis::launch(&[(setting, value)]) else {
            return;
        };
        let error = RedisStore::open(client(&server)).await;
        let error = error.expect_err("it could forget");
        assert_eq!(error.kind(), StoreErrorKind::Refused);
        assert!(error.to_string().contains(setting), "{error}");
        let accepted = RedisOptions::new(client(&server)).accept_volatile().open();
        let store = accepted.await.expect("it is accepted");
        refresh(&store, "one").await.expect("a refresh");
    }
}

#[tokio::test]
async fn a_server_that_does_not_say_is_refused_with_the_way_out() {
    let Some(server) = Redis::launch(&[("rename-command", "CONFIG unknown-name")]) else {
        return;
    };
    let error = RedisStore::open(client(&server)).await;
    let error = error.expect_err("it does not say");
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(error.to_string().contains("accept_volatile"), "{error}");
}

/// The server's clock was a year ahead, and is put right.
#[tokio::test]
async fn a_clock_that_is_put_back_holds_no_rate_up() {
    let Some(server) = Redis::launch(&[]) else { return };
    let store = opened(&server).await;
    let rate = Rate::per(1, support::HOUR);
    assert_eq!(store.reserve("example", rate).await.expect("a turn"), Duration::ZERO);
    let mut connection = client(&server).get_connection().expect("a connection");
    let key = "{rekindle}:rate:example";
    let kept: String = redis::cmd("GET").arg(key).query(&mut connection).expect("what is kept");
    let year = 366 * 24 * support::HOUR.as_micros();
    let ahead = kept.split(' ').map(|at| at.parse::<u128>().expect("microseconds") + year);
    let ahead: Vec<String> = ahead.map(|at| at.to_string()).collect();
    redis::cmd("SET").arg(key).arg(ahead.join(" ")).exec(&mut connection).expect("an answer");
    support::waits_for_hours(&store, rate).await;
}

/// The permissions that the documentation lists.
#[tokio::test]
async fn the_user_needs_no_more_than_the_documentation_says() {
    let Some(server) = Redis::launch(&[(
        "user",
        "worker on nopass ~{rekindle}:* +evalsha +script|load +info +time +hget +hmget +hset +hdel +hexists +hincrby \
         +del +scan +type +zadd +zrem +zcount +zrange +zrangebyscore +config|get",
    )]) else {
        return;
    };
    let url = server.url().replace("redis://", "redis://worker:x@");
    let client = Client::open(url).expect("a client");
    let store = RedisStore::open(client.clone()).await.expect("a store");
    refresh(&store, "one").await.expect("a refresh");
    store.remove(&key("one")).await.expect("remove");
    let due = store.due("example", support::instant(9), 0..1).await.expect("due");
    assert!(due.is_empty());
    support::shares(&store).await.expect("what is due");
    // Keys of others are none of its business.
    let options = RedisOptions::new(client).prefix("other");
    let other = options.open().await.expect("a store");
    let error = other.put(&key("one"), &record(CANARY)).await;
    let error = error.expect_err("no permission");
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    shows_no_canary(&all_text(&error));
}

/// What somebody else has put among the grants hides none of them, and is no grant.
#[tokio::test]
async fn what_is_no_grant_hides_none() {
    let Some(server) = Redis::launch(&[]) else {
        return;
    };
    let store = opened(&server).await;
    for subject in ["one", "two"] {
        store.put(&key(subject), &record("a")).await.expect("put");
    }
    let strange: [&[u8]; 5] = [b"no slash", b"", b"other/one", b"example/string", b"example/\xff"];
    for member in strange {
        let mut command = redis::cmd("ZADD");
        command.arg("{rekindle}:due:example").arg(0).arg(member);
        let _: u8 = run(&server, command).await;
    }
    let _: String = ask(&server, &["SET", "{rekindle}:grant:example/string", "no hash"]).await;
    let until = support::instant(9);
    // A grant that was removed behind the store's back, or is none: it is named, and reading it says what it is.
    let named = ["example/string", "example/one", "example/two"];
    let due = store.due("example", until, 0..9).await.expect("what is due");
    let found: Vec<_> = due.iter().map(rekindle_runtime::store::Key::as_str).collect();
    assert_eq!(found, named);
    // A page is full for as long as there is more.
    let page = store.due("example", until, 0..2).await.expect("what is due");
    assert_eq!(page, due[..2]);
    let ttl = Duration::from_secs(30);
    let taken = store.acquire_due("example", "a test", until, ttl, 9).await.expect("leases");
    let taken: Vec<_> = taken.iter().map(|(key, _)| key.subject()).collect();
    assert_eq!(taken, ["one", "two"]);
}

/// A number that has no next is an error, and changes nothing.
#[tokio::test]
async fn the_last_generation_is_the_last() {
    let Some(server) = Redis::launch(&[]) else {
        return;
    };
    let store = opened(&server).await;
    store.put(&key("one"), &record("a")).await.expect("put");
    let grant = "{rekindle}:grant:example/one";
    let last = i64::MAX.to_string();
    let _: u8 = ask(&server, &["HSET", grant, "generation", &last]).await;
    support::is_the_last_generation(&store).await;
}

/// The server has lost its scripts, as after a failover: they are sent again.
#[tokio::test]
async fn scripts_that_the_server_has_lost_are_sent_again() {
    let Some(server) = Redis::launch(&[]) else {
        return;
    };
    let store = opened(&server).await;
    refresh(&store, "one").await.expect("a refresh");
    let flushed: String = ask(&server, &["SCRIPT", "FLUSH"]).await;
    assert_eq!(flushed, "OK");
    refresh(&store, "one").await.expect("a refresh");
}

#[tokio::test]
async fn tokens_stay_out_of_the_servers_logs_and_of_errors() {
    let Some(server) = Redis::launch(&[("loglevel", "debug"), ("slowlog-log-slower-than", "0")])
    else {
        return;
    };
    let store = opened(&server).await;
    refresh(&store, "one").await.expect("a refresh");
    // Errors of the server: a key of another type, no memory.
    let grant = "{rekindle}:grant:example/two";
    let _: String = ask(&server, &["SET", grant, "no hash"]).await;
    let error = store.put(&key("two"), &record(CANARY)).await;
    let error = error.expect_err("another type");
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    shows_no_canary(&all_text(&error));
    let _: String = ask(&server, &["CONFIG", "SET", "maxmemory", "1"]).await;
    let error = store.put(&key("one"), &record(CANARY)).await;
    let error = error.expect_err("no memory");
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(error.to_string().contains("memory"), "{error}");
    shows_no_canary(&all_text(&error));
    let _: String = ask(&server, &["CONFIG", "SET", "maxmemory", "0"]).await;
    // Something that is no record, where one is expected.
    let _: u8 = ask(&server, &["HSET", "{rekindle}:grant:example/one", "record", CANARY]).await;
    let error = store.read(&key("one")).await.expect_err("it is damaged");
    assert_eq!(error.kind(), StoreErrorKind::Unreadable);
    shows_no_canary(&all_text(&error));

    let log = server.log();
    assert!(log.contains("Accepted"), "the log is not talkative");
    shows_no_canary(&log);
    let slow = slow_log(&server).await;
    assert!(slow.contains("EVALSHA") && slow.contains("one"), "the slow log lacks them");
    // The one that this test itself has sent is there.
    let place = shows_canary(&slow).expect("the slow log shows arguments");
    assert!(shows_canary(&slow[place + CANARY.len()..]).is_none());
}

/// The canary as an argument without a veil is in the slow log: the commands of the stores are not.
async fn slow_log(server: &Redis) -> String {
    let entries: Value = ask(server, &["SLOWLOG", "GET", "-1"]).await;
    let mut text = String::new();
    flatten(&entries, &mut text);
    text
}

fn flatten(value: &Value, text: &mut String) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| flatten(value, text)),
        Value::BulkString(bytes) => {
            text.push_str(&String::from_utf8_lossy(bytes));
            text.push('\n');
        }
        _ => {}
    }
}

/// One command on a connection of the test's own.
async fn ask<T: redis::FromRedisValue>(server: &Redis, command: &[&str]) -> T {
    let (name, arguments) = command.split_first().expect("a command");
    let mut command = redis::cmd(name);
    command.arg(arguments);
    run(server, command).await
}

async fn run<T: redis::FromRedisValue>(server: &Redis, command: redis::Cmd) -> T {
    let connection = client(server).get_multiplexed_async_connection().await;
    let mut connection = connection.expect("a connection");
    command.query_async(&mut connection).await.expect("an answer")
}
