//! What a session does with what an error rule says beyond its class.

use rekindle_contract::contract::Trouble;
use rekindle_language::{either_or, error_words};
use rekindle_runtime::session::{EventKind, Session, SessionErrorKind};
use rekindle_runtime::{Class, SignIn};
use rekindle_sessions::{Integrator, World, contract, grant};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A session whose access token ended some days ago.
async fn expired<P: Integrator>() -> (World, Session<P>) {
    let world = World::of::<P>();
    let session = world.signed_in().await;
    world.pass(10 * DAY).await;
    (world, session)
}

/// The provider's refusal by the rule of which this is a part of the name.
fn refusal<P: Integrator>(name: &str) -> Option<Trouble> {
    let rules = contract(P::SPEC).errors;
    let index = rules.iter().position(|rule| rule.name.contains(name)).expect("there is one");
    Some(Trouble::Refusal(index))
}

/// A 500 that comes before the provider looks at the token leaves no doubt: the same is sent again.
#[tokio::test]
async fn what_was_not_spent_is_sent_again() {
    let (world, session) = expired::<error_words::Client>().await;
    world.fake.plan([refusal::<error_words::Client>("status 500"); 2]);
    for sent in [1, 2] {
        let error = session.access_token().await.expect_err("a failure");
        assert_eq!((error.kind(), error.class()), (SessionErrorKind::Exchange, Class::Transient));
        let status = session.status().await.expect("a status");
        assert!(status.in_flight.is_none(), "nothing is in doubt");
        assert_eq!(world.wire.sent(), sent);
        world.pass(MINUTE).await;
    }
    session.access_token().await.expect("a new token");
}

/// What the provider has spent is not sent again, although the class alone would let it be tried.
#[tokio::test]
async fn what_was_spent_is_not_sent_again() {
    let (world, session) = expired::<error_words::Client>().await;
    world.fake.plan([refusal::<error_words::Client>("status 504")]);
    for _ in 0..5 {
        let error = session.access_token().await.expect_err("the token is gone");
        assert_eq!(error.class(), Class::InDoubt, "{error:?}");
        world.pass(DAY).await;
    }
    assert_eq!(world.wire.sent(), 1);
    assert!(!session.status().await.expect("a status").needs_sign_in(), "no grant is dropped");
}

/// A rate limit after which the token may be spent is in doubt, and holds the provider off all the same.
#[tokio::test]
async fn a_limit_that_may_have_spent_the_token_is_in_doubt() {
    let (world, session) = expired::<error_words::Client>().await;
    world.fake.plan([refusal::<error_words::Client>("/errcode = 45009")]);
    let error = session.access_token().await.expect_err("in doubt");
    assert!(matches!(error.kind(), SessionErrorKind::InDoubt(_)), "{error:?}");
    let exchange = error.exchange().expect("its exchange");
    assert!(matches!(exchange.class(), Class::RateLimited { .. }), "{exchange}");
    let held_off = session.refresh_now().await.expect_err("the provider asked to wait");
    assert_eq!(held_off.kind(), SessionErrorKind::HeldOff, "{held_off:?}");
    assert_eq!(world.wire.sent(), 1);
}

/// Wrong settings or a dead grant, and nobody can tell: the grant is kept, it is told once, and nothing more is sent by itself.
#[tokio::test]
async fn one_of_two_meanings_waits_for_a_person() {
    let (world, session) = expired::<either_or::Client>().await;
    world.fake.provider().revoke_all();
    let mut events = session.events();
    for _ in 0..5 {
        let error = session.access_token().await.expect_err("refused");
        assert_eq!(error.kind(), SessionErrorKind::Exchange);
        assert_eq!(error.class(), Class::ClientMisconfigured);
        assert_eq!(error.perhaps_gone(), Some(SignIn::AuthorizationCode));
        let said = error.to_string();
        assert!(said.contains("settings") && said.contains("sign in again"), "{said}");
        world.live(DAY).await;
    }
    assert_eq!(world.wire.sent(), 1, "nothing is sent by itself");
    let failed = std::iter::from_fn(|| events.try_next());
    let failed = failed.filter(|event| matches!(event.kind, EventKind::Failed(_)));
    assert_eq!(failed.count(), 1);
    let status = session.status().await.expect("a status");
    assert!(!status.needs_sign_in() && status.in_flight.is_none());
    assert_eq!(
        status.trouble.and_then(|error| error.perhaps_gone()),
        Some(SignIn::AuthorizationCode)
    );

    // A person asks for it.
    session.refresh_now().await.expect_err("refused again");
    assert_eq!(world.wire.sent(), 2);
    // A process that begins, perhaps with other settings, asks once.
    let other: Session<either_or::Client> = world.builder().open().await.expect("a session");
    for _ in 0..2 {
        other.access_token().await.expect_err("refused");
        world.live(DAY).await;
    }
    assert_eq!(world.wire.sent(), 3);

    // Whoever signs in anew, here or at another process, ends it for all.
    other.sign_in(grant(&world.fake.provider().sign_in())).await.expect("a stored grant");
    world.pass(MINUTE).await;
    for session in [&other, &session] {
        session.access_token().await.expect("a token of the new grant");
    }
}

/// Once the settings were mended, a refresh that a person asks for succeeds, and all is as before.
#[tokio::test]
async fn one_of_two_meanings_is_over_once_a_refresh_succeeds() {
    let (world, session) = expired::<either_or::Client>().await;
    world.fake.plan([refusal::<either_or::Client>("status 400")]);
    session.access_token().await.expect_err("refused");
    session.refresh_now().await.expect("the settings were mended at the provider");
    world.pass(10 * DAY).await;
    session.access_token().await.expect("refreshed by itself");
}
