//! Years pass, clocks are wrong, machines sleep: tokens are neither late nor fetched more often than the contract needs.

use rekindle_clients::{blazex, seven_g, transak, wetix, xellar};
use rekindle_language::{after_expiry, atlassian, near_expiry, since_sign_in};
use rekindle_runtime::clock::{Clock, VirtualClock};
use rekindle_runtime::session::{EventKind, Session, SessionError, SessionErrorKind};
use rekindle_runtime::{ErrorKind, Expiry, Grant, Token};
use rekindle_sessions::{Integrator, World};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const YEARS: Duration = Duration::from_secs(5 * 365 * 24 * 60 * 60);

/// What five years were like.
#[derive(Debug, Default)]
struct Life {
    /// How often the caller asked.
    asked: u32,
    /// How often the provider refused the token that was given.
    late: u32,
    /// How often a person had to sign in again.
    signed_in: u32,
    /// How often the contract left nothing to do but to wait.
    too_early: u32,
}

fn is_too_early(error: &SessionError) -> bool {
    let exchange = error.exchange();
    exchange.is_some_and(|exchange| matches!(exchange.kind(), ErrorKind::TooEarly))
}

/// Lives for five years with a caller that asks for a token now and then: after a minute, or after days.
async fn live<P: Integrator>(world: &World, seed: u64) -> Life {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut session: Session<P> = world.signed_in().await;
    let mut life = Life::default();
    let end = world.clock.monotonic() + YEARS;
    while world.clock.monotonic() < end {
        let wait = match random.u8(..4) {
            0 => MINUTE * random.u32(1..30),
            1 => HOUR * random.u32(1..24),
            _ => HOUR * random.u32(1..72),
        };
        world.live(wait).await;
        life.asked += 1;
        match session.access_token().await {
            Ok(token) => life.late += u32::from(!world.accepts(P::text(&token))),
            // A token for one use is spent, and the provider takes no refresh before its end.
            Err(error) if is_too_early(&error) => life.too_early += 1,
            Err(error) => {
                assert!(matches!(error.kind(), SessionErrorKind::SignInNeeded(_)), "{error:?}");
                life.signed_in += 1;
                session = world.signed_in().await;
            }
        }
    }
    life
}

/// What the provider refused was at the end of a refresh token's life, and nothing else.
fn refusals(world: &World) -> Vec<&'static str> {
    let mut refused = world.what_refused();
    refused.retain(|rule| *rule != "refresh-token-expired");
    refused
}

/// Lives for five years in which no served token is late and no refresh is refused. Returns the life, and how many requests were
/// sent.
async fn five_years<P: Integrator>(seed: u64) -> (Life, u32) {
    let world = World::of::<P>();
    let life = live::<P>(&world, seed).await;
    assert_eq!(life.late, 0, "{life:?}");
    assert!(refusals(&world).is_empty(), "{:?}", refusals(&world));
    (life, u32::try_from(world.wire.sent()).expect("a count"))
}

/// R31: every token lasts a day and is good for one use; the refresh token lasts a week, so it is renewed before.
#[tokio::test]
async fn five_years_of_xellar() {
    let (life, sent) = five_years::<xellar::Client>(1).await;
    assert_eq!(life.signed_in, 0, "{life:?}");
    // One exchange for each token, and one each five days at most where no caller asks.
    assert!(sent <= life.asked + 365, "{sent} requests, {life:?}");
}

/// A token renews itself while it is valid, 30 days: if it is renewed too late once, a new sign-in is needed.
#[tokio::test]
async fn five_years_of_transak() {
    let (life, sent) = five_years::<transak::Client>(2).await;
    assert_eq!(life.signed_in, 0, "{life:?}");
    // After 21.6 to 24 days each.
    assert!((75..=86).contains(&sent), "{sent} requests, {life:?}");
}

#[tokio::test]
async fn five_years_of_seven_g() {
    let (life, sent) = five_years::<seven_g::Client>(3).await;
    assert!(sent <= life.asked + 100, "{sent} requests, {life:?}");
}

/// The refresh token is repeated until it ends: nothing prolongs it, so nothing is sent in vain.
#[tokio::test]
async fn five_years_of_wetix() {
    let (life, sent) = five_years::<wetix::Client>(4).await;
    assert!(sent <= 5 * 365 * 24, "{sent} requests, {life:?}");
}

#[tokio::test]
async fn five_years_of_blazex() {
    let (life, sent) = five_years::<blazex::Client>(5).await;
    assert!(sent <= 5 * 365 * 2, "{sent} requests, {life:?}");
}

/// A refresh token that ends after ninety idle days is kept alive even if no caller asks (R31).
#[tokio::test]
async fn a_grant_without_callers_is_kept_alive() {
    let world = World::of::<atlassian::Client>();
    let session: Session<atlassian::Client> = world.signed_in().await;
    world.live(YEARS).await;
    // After 64.8 to 72 days each.
    let sent = world.wire.sent();
    assert!((25..=29).contains(&sent), "{sent} requests");
    let token = session.access_token().await.expect("a token");
    assert!(world.accepts(atlassian::Client::text(&token)));
    assert!(world.what_refused().is_empty());
}

/// The provider takes a refresh only near, or only after the end: it is not asked before.
#[tokio::test]
async fn a_window_is_waited_for() {
    let (life, _) = five_years::<near_expiry::Client>(6).await;
    assert_eq!(life.too_early, 0, "{life:?}");
    five_years::<after_expiry::Client>(7).await;
}

/// R30: an hour off in either direction, until the first answer tells the time.
#[tokio::test]
async fn a_clock_that_is_an_hour_off_is_corrected() {
    for ahead in [true, false] {
        for_skew::<seven_g::Client>(ahead).await;
        for_skew::<atlassian::Client>(ahead).await;
    }
}

async fn for_skew<P: Integrator>(ahead: bool) {
    let mut world = World::of::<P>();
    let right = world.clock.wall();
    world.clock = VirtualClock::new(if ahead { right + HOUR } else { right - HOUR });
    let session: Session<P> = world.signed_in().await;
    session.refresh_now().await.expect("a first exchange");
    for _ in 0..2000 {
        world.pass(7 * MINUTE).await;
        let token = session.access_token().await.expect("a token");
        assert!(world.accepts(P::text(&token)), "ahead: {ahead}");
    }
    assert!(world.what_refused().is_empty());
    let sent = world.wire.sent();
    assert!(sent <= 320, "{sent} requests in ten days, ahead: {ahead}");
}

/// R30: setting the wall clock changes nothing once the provider has told the time.
#[tokio::test]
async fn a_leap_of_the_wall_clock_moves_nothing() {
    for days in [-400_i32, -1, 1, 400] {
        let world = World::of::<seven_g::Client>();
        let session: Session<seven_g::Client> = world.signed_in().await;
        session.refresh_now().await.expect("a first exchange");
        let wall = world.clock.wall();
        let by = DAY * days.unsigned_abs();
        world.clock.set_wall(if days < 0 { wall - by } else { wall + by });
        let sent = world.wire.sent();
        let token = session.access_token().await.expect("the same token");
        assert!(world.accepts(seven_g::Client::text(&token)));
        assert_eq!(world.wire.sent(), sent);
        world.pass(2 * HOUR).await;
        let token = session.access_token().await.expect("a new token");
        assert!(world.accepts(seven_g::Client::text(&token)), "{days}");
        assert_eq!(world.wire.sent(), sent + 1);
    }
}

/// R30: a machine that slept for eight hours hands out no token that has ended meanwhile.
#[tokio::test]
async fn sleep_is_noticed() {
    let world = World::of::<atlassian::Client>();
    let session: Session<atlassian::Client> = world.signed_in().await;
    session.refresh_now().await.expect("a token of an hour");
    world.fake.clock().advance(8 * HOUR);
    world.clock.suspend(8 * HOUR);
    let token = session.access_token().await.expect("a new token");
    assert!(world.accepts(atlassian::Client::text(&token)));
    assert_eq!(world.wire.sent(), 2);
}

/// R31: an end that counts from signing in is known from then on; no refresh puts it off, and it is announced once.
#[tokio::test]
async fn an_end_that_counts_from_signing_in_is_not_put_off() {
    let world = World::of::<since_sign_in::Client>();
    let session: Session<since_sign_in::Client> = world.builder().open().await.expect("a session");
    let held = world.fake.provider().sign_in();
    let signed_in = Token::new(held.refresh_token.expect("a refresh token"));
    session.sign_in(Grant::new().with_refresh_token(signed_in)).await.expect("a stored grant");
    let end = world.clock.wall() + 365 * DAY;
    let mut events = session.events();
    let mut announced = || {
        let events = std::iter::from_fn(|| events.try_next()).map(|event| event.kind);
        let ends = events.filter_map(|kind| match kind {
            EventKind::RefreshTokenEnding(end) => Some(end),
            _ => None,
        });
        ends.collect::<Vec<_>>()
    };
    for _ in 0..361 {
        session.access_token().await.expect("a token");
        assert_eq!(session.status().await.expect("a status").refresh_ends, Expiry::At(end));
        world.live(DAY).await;
    }
    assert!(world.wire.sent() > 5, "{}", world.wire.sent());
    assert_eq!(announced(), []);
    world.live(2 * DAY).await;
    assert_eq!(announced(), [end]);
    session.refresh_now().await.expect("it lives for two days");
    world.live(DAY).await;
    assert_eq!(announced(), []);
    // Whoever brings a grant from elsewhere knows when it began.
    let known = Token::new("from elsewhere").with_expiry(Expiry::At(end + DAY));
    session.sign_in(Grant::new().with_refresh_token(known)).await.expect("a stored grant");
    assert_eq!(session.status().await.expect("a status").refresh_ends, Expiry::At(end + DAY));
}

/// R31: an end that no refresh puts off is announced ahead of time, once.
#[tokio::test]
async fn the_end_of_a_refresh_token_is_announced() {
    let world = World::of::<blazex::Client>();
    let session: Session<blazex::Client> = world.signed_in().await;
    let mut events = session.events();
    let Expiry::At(end) = session.status().await.expect("a status").refresh_ends else {
        panic!("the token ends")
    };
    let life = end.duration_since(world.clock.wall()).expect("an end to come");
    world.live(life * 8 / 10).await;
    assert!(events.try_next().is_none(), "more than a tenth of its life is left");
    world.live(life * 15 / 100).await;
    let told: Vec<_> = std::iter::from_fn(|| events.try_next()).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    let EventKind::RefreshTokenEnding(end) = told[0].kind else { panic!("{told:?}") };
    let left = end.duration_since(world.clock.wall()).expect("an end to come");
    assert!(left <= (life / 10).min(3 * DAY), "{left:?}");
    assert_eq!(world.wire.sent(), 0);
}
