//! Refreshes that a provider wants to be apart, and access tokens of which it lets so many live.

use rekindle_contract::contract::{Fault, Trouble};
use rekindle_language::{limited, paced};
use rekindle_runtime::session::Session;
use rekindle_sessions::{Integrator, World, ask, settle};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// However soon they want another token, and whichever process it is.
#[tokio::test]
async fn eight_processes_never_refresh_too_soon() {
    let world = World::of::<paced::Client>();
    let mut processes: Vec<Session<paced::Client>> = vec![world.signed_in().await];
    for _ in 1..8 {
        processes.push(world.builder().open().await.expect("a session"));
    }
    for (number, process) in processes.iter().enumerate() {
        let mut access = process.access_token().await.expect("a token");
        process.invalidate(&access);
        if number > 0 {
            // What another process has brought since.
            access = process.access_token().await.expect("a token");
            process.invalidate(&access);
        }
        let caller = ask(process);
        settle().await;
        match number {
            0 => assert!(caller.is_finished(), "none was before it"),
            1 => assert!(!caller.is_finished(), "one was"),
            _ => {}
        }
        if number > 0 {
            world.live(2 * SECOND).await;
        }
        assert!(caller.await.expect("a caller").is_ok());
    }
    assert_eq!(world.wire.sent(), 8);
    assert!(world.what_refused().is_empty(), "{:?}", world.what_refused());
}

/// However often they want another token, and whichever process it is.
#[tokio::test]
async fn two_processes_refresh_no_more_often_than_the_provider_takes() {
    let world = World::of::<limited::Client>();
    let first: Session<limited::Client> = world.signed_in().await;
    let second = world.builder().open().await.expect("a session");
    for _ in 0..30 {
        let callers = [&first, &second].map(|process| {
            let process = process.clone();
            tokio::spawn(async move {
                if let Ok(token) = process.access_token().await {
                    process.invalidate(&token);
                }
            })
        });
        world.live(MINUTE).await;
        for caller in callers {
            caller.await.expect("a caller");
        }
    }
    assert!((5..=9).contains(&world.wire.sent()), "{}", world.wire.sent());
    assert!(world.what_refused().is_empty(), "{:?}", world.what_refused());
}

/// A lost answer is got by sending the same again, which is not too soon either.
#[tokio::test]
async fn a_repeat_is_not_too_soon() {
    let world = World::of::<paced::Client>();
    let session: Session<paced::Client> = world.signed_in().await;
    world.fake.plan([Some(Trouble::Fault(Fault::ResetAfter)); 3]);
    let access = session.access_token().await.expect("a token");
    session.invalidate(&access);
    let caller = ask(&session);
    world.live(10 * SECOND).await;
    assert_eq!(caller.await.expect("a caller").expect("a token"), 2);
    assert_eq!(world.wire.sent(), 4);
    assert!(world.what_refused().is_empty(), "{:?}", world.what_refused());
}

/// Two live: the first lost answer leaves the token that is held alone, and the second may have ended it.
#[tokio::test]
async fn a_token_that_may_be_the_oldest_of_three_is_not_served() {
    let world = World::of::<paced::Client>();
    let session: Session<paced::Client> = world.signed_in().await;
    // Near its end it is replaced while it is served.
    world.pass(57 * MINUTE).await;
    world.fake.plan([Some(Trouble::Fault(Fault::ResetAfter)); 2]);
    let first = session.access_token().await.expect("a token");
    let text = paced::Client::text(&first).to_owned();
    settle().await;
    let served = session.access_token().await.expect("a token");
    assert_eq!(served.generation(), 1, "one was lost");
    assert!(world.accepts(&text));
    world.live(2 * SECOND).await;
    assert_eq!(world.wire.sent(), 2);
    let caller = ask(&session);
    settle().await;
    assert!(!caller.is_finished(), "two were lost");
    assert!(!world.accepts(&text));
    world.live(2 * SECOND).await;
    assert_eq!(caller.await.expect("a caller").expect("a token"), 2);
}

/// Two live: of two requests one was lost, and the other brought nothing. A process that starts then serves the token as well.
#[tokio::test]
async fn a_token_that_one_request_leaves_alone_is_served_again() {
    let world = World::of::<paced::Client>();
    let session: Session<paced::Client> = world.signed_in().await;
    world.pass(57 * MINUTE).await;
    let lost = Trouble::Fault(Fault::ResetAfter);
    world.fake.plan([Some(lost), Some(Trouble::Fault(Fault::RateLimited))]);
    session.access_token().await.expect("a token");
    world.live(2 * SECOND).await;
    assert_eq!(world.wire.sent(), 2);
    let other: Session<paced::Client> = world.builder().open().await.expect("a session");
    for process in [&session, &other] {
        let served = process.access_token().await.expect("the token from before");
        assert_eq!(served.generation(), 1);
        assert!(world.accepts(paced::Client::text(&served)));
    }
    // That is how long the provider asks to wait.
    world.live(8 * SECOND).await;
    session.access_token().await.expect("a token");
    world.live(2 * SECOND).await;
    assert_eq!(session.access_token().await.expect("a token").generation(), 2);
}
