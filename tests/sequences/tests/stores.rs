//! What sessions ask of their store, in executions that the explorer goes through, is asked again of the stores as they ship: each
//! answers and keeps the same. `REKINDLE_REPLAY='7:2:0.0.0.4!'` does so with the execution of a counterexample.

use rekindle_explore::configuration::{Configuration, Fault, configurations};
use rekindle_explore::search::{replay_traced, walk_traced};
use rekindle_explore::writes::{Asked, again};
use rekindle_runtime::store::postgres::PostgresStore;
use rekindle_runtime::store::redis::RedisStore;
use rekindle_runtime::store::redis::redis::Client;
use rekindle_runtime::store::{FileStore, Key, MemoryStore, Store};
use rekindle_servers::{Postgres, Redis};

/// How many executions of each configuration.
const WALKS: u64 = 8;

/// Executions, by what they are called. No store is told that another server has taken over, which has its own tests.
fn executions() -> Vec<(String, Vec<Asked>)> {
    let known = configurations();
    if let Ok(code) = std::env::var("REKINDLE_REPLAY") {
        let trace = replay_traced(&code, &known).expect("the code of an execution");
        return vec![(code, trace)];
    }
    let loses =
        |known: &Configuration| known.faults.iter().any(|(fault, _)| *fault == Fault::Failover);
    let walks = known.iter().filter(|known| !loses(known)).flat_map(|configuration| {
        let called = move |number| format!("{}: walk {number}", configuration.number);
        (0..WALKS).map(move |number| (called(number), walk_traced(configuration, number)))
    });
    walks.collect()
}

/// Opens stores and asks them. Executions are gone through outside of the runtime, whose budget for tasks they would share.
fn stand_in_for_the_one_in_memory<S: Store>(open: impl AsyncFnOnce() -> Vec<S>) {
    let executions = executions();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        for store in open().await {
            for (name, trace) in &executions {
                let key = Key::new("replayed", name);
                if let Err(differs) = again(trace, &store, &key).await {
                    panic!("{name}: {differs}");
                }
            }
        }
    });
    let asked: usize = executions.iter().map(|(_, trace)| trace.len()).sum();
    assert!(asked > 2 * executions.len(), "{asked} writes of {} executions", executions.len());
}

#[test]
fn in_memory() {
    stand_in_for_the_one_in_memory(async || vec![MemoryStore::new()]);
}

#[test]
fn in_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let many = FileStore::open(folder.path().join("grants")).expect("a store");
    let one = FileStore::single(folder.path().join("grants.json")).expect("a store");
    stand_in_for_the_one_in_memory(async || vec![many, one]);
}

#[test]
fn in_postgres() {
    let Some(server) = Postgres::launch(&[]) else { return };
    stand_in_for_the_one_in_memory(async || {
        let config = server.url().parse().expect("a configuration");
        let store = PostgresStore::without_tls(config).expect("a store");
        store.migrate().await.expect("the schema");
        vec![store]
    });
}

#[test]
fn in_redis() {
    let Some(server) = Redis::launch(&[]) else { return };
    stand_in_for_the_one_in_memory(async || {
        let client = Client::open(server.url()).expect("a client");
        vec![RedisStore::open(client).await.expect("a store")]
    });
}
