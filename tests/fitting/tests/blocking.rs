//! Sessions without async, over `ureq`.

use std::future::Future;
use std::sync::{Barrier, mpsc};
use std::task::Poll;
use std::thread;

use rekindle_clients::wetix;
use rekindle_fitting::Place;
use rekindle_runtime::UreqTransport;
use rekindle_runtime::session::blocking::{Builder, Session};
use rekindle_runtime::session::{EventKind, SessionErrorKind};
use rekindle_runtime::store::MemoryStore;

fn describe(place: &Place) -> Builder<wetix::Client> {
    Session::builder(place.client(), UreqTransport::new()).clock(place.clock.clone())
}

fn open(place: &Place) -> Session<wetix::Client> {
    let session = describe(place).open().expect("a session");
    session.sign_in(place.sign_in()).expect("tokens");
    session
}

/// Exchanges and reads, without a word of async.
fn go_through(place: &Place) {
    let session = open(place);
    let first = session.access_token().expect("a token");
    assert_eq!(first.generation(), 1);
    session.invalidate(&first);
    assert!(session.try_access_token().is_none());
    let second = session.access_token().expect("a token");
    assert_eq!(second.generation(), 2);
    assert_ne!(first.expose(), second.expose());
    session.refresh_now().expect("a refresh");
    assert_eq!(session.status().expect("a status").generation, 3);
    assert_eq!(session.key().subject(), "default");
}

#[test]
fn the_methods_are_those_of_a_session() {
    let place = Place::open();
    go_through(&place);
    assert_eq!(place.refreshes(), 2);
}

#[test]
fn errors_are_those_of_a_session() {
    let place = Place::open();
    let session = describe(&place).subject("a").open().expect("a session");
    let error = session.access_token().expect_err("no grant");
    assert_eq!(error.kind(), SessionErrorKind::NoGrant);
    let error = session.refresh_now().expect_err("no grant");
    assert_eq!(error.kind(), SessionErrorKind::NoGrant);
}

#[test]
fn many_threads_share_one_exchange() {
    let place = Place::open();
    let session = open(&place);
    session.invalidate_generation(1);
    let begin = Barrier::new(16);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                begin.wait();
                let token = session.clone().access_token().expect("a token");
                assert_eq!(token.generation(), 2);
            });
        }
    });
    assert_eq!(place.refreshes(), 1);
}

#[tokio::test]
async fn they_may_be_called_and_dropped_inside_a_runtime() {
    let place = Place::open();
    go_through(&place);
}

#[tokio::test]
async fn one_may_be_handed_to_asynchronous_code() {
    let place = Place::open();
    let session = open(&place).to_async();
    session.invalidate_generation(1);
    let token = session.access_token().await.expect("a token");
    assert_eq!(token.generation(), 2);
}

#[test]
fn events_are_waited_for() {
    let place = Place::open();
    let session = open(&place);
    let mut events = session.events();
    assert!(events.try_next().is_none());
    let (told, hears) = mpsc::channel();
    let listener = thread::spawn(move || {
        let refreshed = events.find(|event| matches!(event.kind, EventKind::Refreshed { .. }));
        told.send(refreshed.is_some()).expect("a receiver");
        // The iterator ends with the last session.
        events.filter(|event| !matches!(event.kind, EventKind::Deviation(_))).count()
    });
    session.refresh_now().expect("a refresh");
    assert!(hears.recv().expect("an event"));
    drop(session);
    assert_eq!(listener.join().expect("the listener"), 0);
}

#[test]
fn a_session_that_is_dropped_during_an_exchange_loses_no_answer() {
    let place = Place::open();
    let store = MemoryStore::new();
    let opened = || describe(&place).store(store.clone()).open();
    let session = opened().expect("a session");
    session.sign_in(place.sign_in()).expect("tokens");
    let mut events = session.events();
    // The provider cannot answer while its guard is held, and no caller waits for the exchange once it can.
    let held = place.fake.provider();
    session.invalidate_generation(1);
    let shared = session.to_async();
    let runtime = rekindle_testkit::Executor::new();
    let gone = runtime.block_on(async move { poll_once(shared.access_token()).await });
    assert!(gone, "it waits for the provider");
    drop(runtime);
    drop(session);
    drop(held);
    let refreshed = events.find(|event| matches!(event.kind, EventKind::Refreshed { .. }));
    assert!(refreshed.is_some());
    let session = opened().expect("a session");
    assert_eq!(session.access_token().expect("a token").generation(), 2);
    assert_eq!(place.refreshes(), 1);
}

/// Polls a future once and drops it: `true` where it was not ready.
async fn poll_once<T>(future: impl Future<Output = T>) -> bool {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}
