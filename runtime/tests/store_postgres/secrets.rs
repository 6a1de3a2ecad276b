//! Tokens stay out of the server's log and out of errors.

use rekindle_runtime::store::postgres::PostgresStore;
use rekindle_runtime::store::{Store, StoreError, StoreErrorKind};
use rekindle_servers::Postgres;

use super::support::{
    CANARY, all_text, begin, key, record, refresh, shows_canary, shows_no_canary,
};

/// A server that logs whatever it can.
fn talkative() -> Option<Postgres> {
    Postgres::launch(&[
        ("log_statement", "all"),
        ("log_min_duration_statement", "0"),
        ("log_parameter_max_length", "-1"),
        ("log_parameter_max_length_on_error", "-1"),
        ("log_min_messages", "debug1"),
        ("log_min_error_statement", "debug1"),
        ("log_error_verbosity", "verbose"),
        ("shared_preload_libraries", "auto_explain,pg_stat_statements"),
        ("auto_explain.log_min_duration", "0"),
        ("auto_explain.log_nested_statements", "on"),
        ("auto_explain.log_triggers", "on"),
        ("auto_explain.log_verbose", "on"),
    ])
}

async fn opened(server: &Postgres) -> PostgresStore {
    let store = super::at(server, "secrets");
    store.migrate().await.expect("the schema");
    store
}

fn no_words(error: &StoreError) {
    shows_no_canary(&all_text(error));
}

#[tokio::test]
async fn tokens_stay_out_of_the_servers_log() {
    let Some(server) = talkative() else { return };
    let store = opened(&server).await;
    // Statements that succeed.
    refresh(&store, "a subject in clear").await.expect("a refresh");
    // Conflicts, and a grant that is missing.
    let (lease, entry) = begin(&store, "a subject in clear").await.expect("begin");
    let one = key("a subject in clear");
    store.put(&one, &record(CANARY)).await.expect("put");
    let error = store.commit(&one, &entry, &record(CANARY)).await;
    let error = error.expect_err("it has moved on");
    assert_eq!(error.kind(), StoreErrorKind::Conflict);
    no_words(&error);
    let error = store.commit(&key("missing"), &entry, &record(CANARY)).await;
    let error = error.expect_err("there is none");
    assert_eq!(error.kind(), StoreErrorKind::Missing);
    no_words(&error);
    store.release(&one, &lease).await.expect("release");
    // Errors of the server itself.
    for (provoke, undo) in TROUBLE {
        server.sql(provoke);
        let error = store.put(&one, &record(CANARY)).await.expect_err("trouble");
        assert_eq!(error.kind(), StoreErrorKind::Refused, "{provoke}: {error}");
        no_words(&error);
        server.sql(undo);
    }
    refresh(&store, "a subject in clear").await.expect("a refresh");
    let log = server.log();
    // The log is what it is thought to be: statements with their parameters, and the errors.
    for seen in
        ["$2 = 'a subject in clear'", "COPY \"secrets\".rekindle_inbox", "RK001", "Failing row"]
    {
        assert!(log.contains(seen), "the log lacks {seen}");
    }
    shows_no_canary(&log);
    // Nor do the views of those who watch the server.
    server.sql("CREATE EXTENSION pg_stat_statements");
    refresh(&store, "a subject in clear").await.expect("a refresh");
    let seen = server
        .sql("SELECT query FROM pg_stat_statements UNION ALL SELECT query FROM pg_stat_activity");
    assert!(seen.contains("rekindle_inbox"), "nothing is seen");
    shows_no_canary(&seen);
}

/// What makes the server refuse a record, and how it is undone.
const TROUBLE: [(&str, &str); 3] = [
    (
        "ALTER TABLE secrets.rekindle_grants ADD CONSTRAINT short CHECK (octet_length(record) < 9) NOT VALID",
        "ALTER TABLE secrets.rekindle_grants DROP CONSTRAINT short",
    ),
    ("REVOKE ALL ON secrets.rekindle_inbox FROM app", "GRANT ALL ON secrets.rekindle_inbox TO app"),
    (
        "ALTER TABLE secrets.rekindle_grants RENAME record TO renamed",
        "ALTER TABLE secrets.rekindle_grants RENAME renamed TO record",
    ),
];

/// A server's error can quote whole rows: here one that an index refuses.
#[tokio::test]
async fn what_the_server_quotes_is_not_passed_on() {
    let Some(server) = super::shared() else {
        return;
    };
    let store = super::at(&server, "quoted");
    store.migrate().await.expect("the schema");
    server.sql("CREATE UNIQUE INDEX ON quoted.rekindle_grants (record)");
    store.put(&key("one"), &record(CANARY)).await.expect("put");
    let error = store.put(&key("two"), &record(CANARY)).await;
    let error = error.expect_err("a duplicate");
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    let said = all_text(&error);
    assert!(said.contains("23505"), "{said}");
    shows_no_canary(&said);
    assert!(
        shows_canary(&server.log()).is_some(),
        "the server quotes nothing: this proves nothing"
    );
}

/// This is what the inbox is for: the same record as a parameter is in the log, in hexadecimal digits.
#[tokio::test]
async fn a_parameter_would_be_in_the_log() {
    let Some(server) = talkative() else { return };
    let client = super::failures::connected(&server).await;
    let bytes = CANARY.as_bytes();
    client.execute("SELECT $1::bytea", &[&bytes]).await.expect("a statement");
    let log = server.log();
    assert!(
        shows_canary(&log).is_some(),
        "the server logs no parameters: the test above proves nothing"
    );
}
