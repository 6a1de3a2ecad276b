//! Sessions of clients whose settings alone bring tokens: nobody signs in, and what is spent is nothing.

use rekindle_contract::contract::{Fault as Mishandled, Trouble};
use rekindle_language::{bearer_assertion, machine, stored_login};
use rekindle_runtime::clock::Clock;
use rekindle_runtime::session::{
    EventKind, Events, InDoubt, Session, SessionErrorKind, Standing, Upkeep,
};
use rekindle_runtime::store::conformance::{Fault, Faulty, Operation};
use rekindle_runtime::store::{Acquired, EntryId, InFlight, Key, Record, Store};
use rekindle_runtime::{Class, Grant, SignIn, Token};
use rekindle_sessions::minting::{Ending, Harmless, LIFE, Limited, Mint, Minter, Mishap, TwoLive};
use rekindle_sessions::{Integrator, World, ask, settle};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// The token that a session serves.
async fn token<P: Minter>(session: &Session<P>) -> Token {
    let access = session.access_token().await.expect("a token");
    P::AccessToken::clone(&access).into()
}

/// Why a session has none.
async fn refused<P: Minter>(session: &Session<P>) -> SessionErrorKind {
    session.access_token().await.expect_err("no token").kind()
}

/// The failures and doubts since the last call.
fn troubles(events: &mut Events) -> Vec<String> {
    let told = std::iter::from_fn(|| events.try_next().map(|event| event.kind));
    let told = told.filter_map(|kind| match kind {
        EventKind::Failed(error) => Some(format!("{:?}", error.kind())),
        EventKind::InDoubt { .. } | EventKind::SignInNeeded { .. } => Some(format!("{kind:?}")),
        _ => None,
    });
    told.collect()
}

#[tokio::test]
async fn nobody_signs_in_and_one_mint_is_for_all() {
    let mint = Mint::of::<Harmless>();
    let processes: Vec<Session<Harmless>> = {
        let mut processes = Vec::new();
        for _ in 0..8 {
            processes.push(mint.session().await);
        }
        processes
    };
    let status = processes[0].status().await.expect("a status");
    assert!(!status.needs_sign_in() && status.generation == 0);
    for lifetime in 1..4 {
        let callers: Vec<_> = (0..800)
            .map(|number| {
                let session = processes[number % 8].clone();
                tokio::spawn(async move { token(&session).await.expose().to_owned() })
            })
            .collect();
        for caller in callers {
            mint.live(SECOND / 10).await;
            assert_eq!(caller.await.expect("a caller"), format!("token-{lifetime}"));
        }
        assert_eq!(mint.issuer.requests(), lifetime);
        assert!(!processes[7].status().await.expect("a status").needs_sign_in());
        mint.live(2 * LIFE).await;
    }
}

#[tokio::test]
async fn near_its_end_a_token_is_replaced_while_it_is_served() {
    let mint = Mint::of::<Harmless>();
    let session = mint.session::<Harmless>().await;
    token(&session).await;
    mint.live(LIFE - 3 * MINUTE).await;
    mint.issuer.hold();
    assert_eq!(token(&session).await.expose(), "token-1");
    mint.issuer.release();
    mint.live(SECOND).await;
    assert_eq!(token(&session).await.expose(), "token-2");
    assert_eq!(mint.issuer.requests(), 2);
}

#[tokio::test]
async fn tokens_are_minted_ahead_where_no_caller_is_to_wait() {
    let mint = Mint::of::<Harmless>();
    let builder = mint.builder::<Harmless>().upkeep(Upkeep::Always);
    // The first mint fails a few times.
    mint.issuer.plan([Mishap::NotSent, Mishap::Status(500), Mishap::AnswerLost]);
    let session = builder.open().await.expect("a session");
    mint.live(MINUTE).await;
    assert_eq!(session.try_access_token().map(|access| access.generation()), Some(2));
    mint.live(10 * LIFE).await;
    assert!(session.try_access_token().is_some());
    // Two were lost, and one life has a tenth less than an hour, or a little more.
    assert!((12..=15).contains(&mint.issuer.requests()), "{}", mint.issuer.requests());
    // Signing out ends it: nobody asks.
    session.sign_out().await.expect("memory");
    let before = mint.issuer.requests();
    mint.live(10 * LIFE).await;
    assert_eq!(mint.issuer.requests(), before);
    assert!(!session.status().await.expect("a status").needs_sign_in());
}

#[tokio::test]
async fn what_no_session_holds_is_found_in_the_store_after_its_first_mint_failed() {
    let mint = Mint::of::<Harmless>();
    mint.issuer.plan([Mishap::Status(503)]);
    let builder = || mint.builder::<Harmless>().upkeep(Upkeep::Always);
    let session = builder().subject("tenant").open().await.expect("a session");
    mint.live(SECOND / 2).await;
    assert_eq!(mint.issuer.requests(), 1);
    session.close(SECOND).await;
    drop(session);
    let pool = builder().start().expect("a pool");
    mint.live(6 * MINUTE).await;
    assert_eq!(mint.issuer.requests(), 2);
    assert_eq!(pool.count().await.expect("memory").live, 1);
    assert_eq!(pool.session("tenant").access_token().await.expect("a token").generation(), 2);
}

#[tokio::test]
async fn a_refused_token_is_minted_anew_once_for_all() {
    let mint = Mint::of::<Ending>();
    let (here, there) = (mint.session::<Ending>().await, mint.session::<Ending>().await);
    let first = here.access_token().await.expect("a token");
    let same = there.access_token().await.expect("a token");
    for _ in 0..3 {
        here.invalidate(&first);
        there.invalidate(&same);
        assert_eq!(
            (token(&here).await.expose(), token(&there).await.expose()),
            ("token-2", "token-2")
        );
    }
    assert_eq!(mint.issuer.requests(), 2);
}

#[tokio::test]
async fn what_is_removed_is_minted_again_for_the_next_who_asks() {
    let mint = Mint::of::<Harmless>();
    let (here, there) = (mint.session::<Harmless>().await, mint.session::<Harmless>().await);
    token(&here).await;
    token(&there).await;
    here.sign_out().await.expect("memory");
    assert!(here.try_access_token().is_none());
    mint.live(10 * LIFE).await;
    assert_eq!(mint.store.list("harmless", None, 9).await.expect("memory").keys, []);
    assert_eq!(token(&there).await.expose(), "token-2");
    assert_eq!(token(&here).await.expose(), "token-2");
    // A token from elsewhere is served until its end.
    here.sign_in(Grant::new().with_access_token(Token::new("handed in"))).await.expect("memory");
    assert_eq!(token(&here).await.expose(), "handed in");
    here.refresh_now().await.expect("a token");
    assert_eq!(token(&here).await.expose(), "token-3");
}

/// A backup is restored. What is minted since, here or elsewhere, is newer than what was minted before, whatever its number.
#[tokio::test]
async fn what_is_minted_after_the_store_went_back_is_served_by_all() {
    let mint = Mint::of::<Harmless>();
    let (here, there) = (mint.session::<Harmless>().await, mint.session::<Harmless>().await);
    token(&here).await;
    let backup = mint.store.read(here.key()).await.expect("memory").expect("a grant").record;
    for _ in 0..3 {
        here.refresh_now().await.expect("a token");
    }
    token(&there).await;
    mint.store.remove(here.key()).await.expect("memory");
    mint.store.put(here.key(), &backup).await.expect("memory");
    mint.live(2 * LIFE).await;
    // Each of them may mint once more to find out.
    token(&here).await;
    token(&there).await;
    let before = mint.issuer.requests();
    for lifetime in 1..4 {
        mint.live(2 * LIFE).await;
        let minted = token(&here).await.expose().to_owned();
        for session in [&there, &here] {
            assert_eq!(token(session).await.expose(), minted);
        }
        assert_eq!(mint.issuer.requests(), before + lifetime);
    }
}

/// What is spent is nothing: whatever is lost, it is sent again.
#[tokio::test]
async fn a_lost_answer_is_no_doubt() {
    for in_doubt in [InDoubt::Keep, InDoubt::Gamble, InDoubt::Reauthenticate] {
        let mint = Mint::of::<Harmless>();
        let session = mint.builder::<Harmless>().in_doubt(in_doubt).open().await.expect("open");
        let mut events = session.events();
        mint.issuer.plan([Mishap::AnswerLost, Mishap::RequestLost, Mishap::Status(502)]);
        for _ in 0..3 {
            let error = session.access_token().await.expect_err("no token");
            assert_eq!(error.kind(), SessionErrorKind::Exchange);
            assert_eq!(error.class(), Class::Transient);
            // Nothing is in the journal either.
            assert_eq!(session.status().await.expect("a status").in_flight, None);
            mint.live(6 * SECOND).await;
        }
        assert_eq!(token(&session).await.expose(), "token-2");
        assert_eq!(troubles(&mut events), ["Exchange"; 3]);
        session.resolve(InDoubt::Reauthenticate).await.expect("nothing to decide");
        assert_eq!(token(&session).await.expose(), "token-2");
    }
}

/// What a process leaves behind that was killed with a request out.
async fn killed(mint: &Mint, id: &str) {
    let key = Key::new(id, "default");
    let lease = match mint.store.acquire(&key, "killed", SECOND).await {
        Ok(Acquired::Held(lease)) => lease,
        other => panic!("{other:?}"),
    };
    let known = mint.store.read(&key).await.expect("memory").expect("a grant");
    let entry = InFlight {
        id: EntryId::random(),
        generation: known.record.generation,
        fence: lease.fence,
        owner: "killed".into(),
        started_at: known.record.issued_at,
        attempt: 1,
    };
    mint.store.begin(&key, &lease, &entry, None).await.expect("a journal");
}

#[tokio::test]
async fn a_killed_process_leaves_no_doubt() {
    let mint = Mint::of::<Harmless>();
    token(&mint.session::<Harmless>().await).await;
    mint.live(2 * LIFE).await;
    killed(&mint, "harmless").await;
    mint.live(MINUTE).await;
    let pool = mint.builder::<Harmless>().start().expect("a pool");
    let (_, standing) = pool.list(None, 9).await.expect("memory").grants.remove(0);
    assert_eq!(standing, Standing::Live);
    // Who opens it next sends it again at once.
    let session = mint.session::<Harmless>().await;
    assert_eq!(token(&session).await.expose(), "token-2");
    assert_eq!(mint.issuer.requests(), 2);
}

/// Where a mint ends the token before it, that one is not served while a request may have ended it, and the next request waits until none
/// is under way: so the token that is served lives, whatever comes late.
#[tokio::test]
async fn a_token_that_may_have_ended_is_not_served() {
    for mishap in [Mishap::AnswerLost, Mishap::RequestLost, Mishap::Late, Mishap::Status(500)] {
        let mint = Mint::of::<Ending>();
        let (here, there) = (mint.session::<Ending>().await, mint.session::<Ending>().await);
        let first = token(&here).await;
        assert_eq!(token(&there).await.expose(), first.expose());
        // Near its end it is replaced.
        mint.live(LIFE - 3 * MINUTE).await;
        mint.issuer.plan([mishap]);
        assert_eq!(token(&here).await.expose(), first.expose());
        settle().await;
        assert_eq!(refused(&here).await, SessionErrorKind::Exchange);
        // Another process has the token in memory, and learns that from the store.
        assert_eq!(token(&there).await.expose(), first.expose());
        settle().await;
        assert_eq!(refused(&there).await, SessionErrorKind::NotYet);
        let third = mint.session::<Ending>().await;
        assert_eq!(refused(&third).await, SessionErrorKind::NotYet);
        let began = mint.issuer.requests();
        for _ in 0..85 {
            mint.live(SECOND).await;
            for session in [&here, &there, &third] {
                assert!(session.access_token().await.is_err());
            }
        }
        assert_eq!(mint.issuer.requests(), began, "{mishap:?}");
        mint.issuer.arrive();
        mint.live(70 * SECOND).await;
        let tokens = [token(&there).await, token(&here).await, token(&third).await];
        assert!(tokens.iter().all(|token| mint.issuer.accepts(token)), "{mishap:?}: {tokens:?}");
        assert_eq!(mint.issuer.requests(), began + 1 + usize::from(mishap == Mishap::Late));
        assert!(!third.status().await.expect("a status").needs_sign_in());
    }
}

#[tokio::test]
async fn a_token_that_has_not_ended_is_served_again() {
    let mint = Mint::of::<Ending>();
    let session = mint.session::<Ending>().await;
    token(&session).await;
    mint.live(LIFE - 3 * MINUTE).await;
    mint.issuer.plan([Mishap::NotSent, Mishap::Status(429)]);
    for _ in 0..2 {
        assert_eq!(token(&session).await.expose(), "token-1");
        mint.issuer.hold();
        mint.live(4 * SECOND).await;
        mint.issuer.release();
        settle().await;
        assert_eq!(token(&session).await.expose(), "token-1");
    }
    mint.live(30 * SECOND).await;
    token(&session).await;
    settle().await;
    assert_eq!(token(&session).await.expose(), "token-2");
}

/// While a request is out that ends the token, callers wait for its answer.
#[tokio::test]
async fn a_token_is_held_back_while_a_request_is_out_that_ends_it() {
    let mint = Mint::of::<Ending>();
    let session = mint.session::<Ending>().await;
    token(&session).await;
    mint.live(LIFE - 3 * MINUTE).await;
    mint.issuer.hold();
    token(&session).await;
    settle().await;
    assert!(session.try_access_token().is_none());
    let waits = session.clone();
    let caller = tokio::spawn(async move { token(&waits).await.expose().to_owned() });
    settle().await;
    assert!(!caller.is_finished());
    mint.issuer.release();
    assert_eq!(caller.await.expect("a caller"), "token-2");
    assert_eq!(mint.issuer.requests(), 2);
}

/// A mint comes too late to be stored, since another process has one out by then, which it never ends.
#[tokio::test]
async fn who_is_overtaken_by_a_mint_finds_out_what_comes_of_it() {
    let mint = Mint::of::<Ending>();
    let builder = mint.builder::<Ending>().upkeep(Upkeep::Always);
    let session = builder.open().await.expect("a session");
    token(&session).await;
    mint.issuer.hold();
    let stored = async || mint.store.read(session.key()).await.expect("memory").expect("a grant");
    while stored().await.in_flight.is_none() {
        mint.live(10 * SECOND).await;
    }
    // Not due by the store: it is this session's to plan.
    let known = stored().await.record;
    mint.store.remove(session.key()).await.expect("memory");
    let anew = Record::new(known.grant, known.issued_at);
    mint.store.put(session.key(), &anew).await.expect("memory");
    killed(&mint, session.key().provider()).await;
    mint.issuer.release();
    mint.live(4 * LIFE).await;
    assert!(session.try_access_token().is_some());
    assert!(mint.issuer.requests() >= 5, "{}", mint.issuer.requests());
}

/// Where two tokens live, the repeat need not wait for one request that may come late.
#[tokio::test]
async fn where_two_tokens_live_one_lost_answer_is_repeated_at_once() {
    let mint = Mint::of::<TwoLive>();
    let session = mint.session::<TwoLive>().await;
    mint.issuer.plan([Mishap::Late]);
    assert_eq!(refused(&session).await, SessionErrorKind::Exchange);
    mint.live(2 * SECOND).await;
    let first = token(&session).await;
    mint.issuer.arrive();
    assert!(mint.issuer.accepts(&first));
    // Two may end it.
    mint.live(2 * LIFE).await;
    mint.issuer.plan([Mishap::Late, Mishap::Late]);
    assert_eq!(refused(&session).await, SessionErrorKind::Exchange);
    mint.live(2 * SECOND).await;
    assert_eq!(refused(&session).await, SessionErrorKind::Exchange);
    mint.live(3 * SECOND).await;
    assert_eq!(refused(&session).await, SessionErrorKind::NotYet);
    mint.issuer.arrive();
    mint.live(4 * MINUTE).await;
    assert!(mint.issuer.accepts(&token(&session).await));
}

/// All processes together keep the provider's limit, and what is lost counts as well.
#[tokio::test]
async fn a_limit_is_kept_by_all() {
    let mint = Mint::of::<Limited>();
    let processes: [Session<Limited>; 3] =
        [mint.session().await, mint.session().await, mint.session().await];
    let mishaps = [Mishap::AnswerLost, Mishap::NotSent, Mishap::Status(500), Mishap::RequestLost];
    mint.issuer.plan(mishaps.into_iter().cycle().take(20));
    for _ in 0..3 * 60 * 5 {
        for process in &processes {
            let waits = process.clone();
            tokio::spawn(async move { waits.access_token().await.map(drop) });
        }
        mint.live(12 * SECOND).await;
    }
    let arrived = mint.issuer.arrived();
    let per = 20 * MINUTE;
    for (first, at) in arrived.iter().enumerate() {
        let within = arrived[first..].iter().take_while(|other| **other < *at + per).count();
        assert!(within <= 4, "{within} requests within {per:?}");
    }
    // Most of what is taken is used, and in the end there is a token for all.
    assert!(arrived.len() >= 10, "{}", arrived.len());
    let tokens =
        [token(&processes[0]).await, token(&processes[1]).await, token(&processes[2]).await];
    assert!(tokens.iter().all(|token| token.matches(&tokens[0])));
}

/// Some providers lock an account after a few wrong passwords. Where a person has to act, that is what callers are told.
#[tokio::test]
async fn a_wrong_password_is_sent_once() {
    for (status, wrong) in [(None, "wrong"), (Some(403), "sesame")] {
        let (kind, class) = match status {
            None => (SessionErrorKind::ClientRefused, Class::ClientMisconfigured),
            Some(_) => {
                let how = SignIn::Password;
                (SessionErrorKind::SignInNeeded(how), Class::Reauthenticate(how))
            }
        };
        let mint = Mint::of::<Harmless>();
        let open = async |password: &str| {
            let session = Session::builder(Harmless::with(password), mint.issuer.clone());
            let session = session.store(mint.store.clone()).clock(mint.clock.clone());
            session.upkeep(Upkeep::Always).open().await.expect("a session")
        };
        mint.issuer.plan(status.map(Mishap::Status));
        let here = open(wrong).await;
        let mut events = here.events();
        let (there, pool) = (open(wrong).await, mint.builder::<Harmless>().upkeep(Upkeep::Always));
        let pool = pool.start().expect("a pool");
        mint.live(10 * MINUTE).await;
        for session in [&here, &there] {
            let error = session.access_token().await.expect_err("no token");
            assert_eq!((error.kind(), error.class()), (kind, class));
            let status = session.status().await.expect("a status");
            assert_eq!(status.needs_sign_in(), class.may_drop_grant());
        }
        let cause = here.access_token().await.expect_err("no token");
        assert!(cause.exchange().is_some(), "{cause}");
        assert_eq!(troubles(&mut events).len(), 1);
        assert_eq!(pool.count().await.expect("memory").ended, 1);
        for _ in 0..40 {
            mint.live(MINUTE).await;
            assert_eq!(refused(&here).await, kind);
            assert_eq!(refused(&there).await, kind);
        }
        assert_eq!(mint.issuer.requests(), 1);
        // By itself it is never tried again; an hour later for a caller, once for all.
        mint.live(3 * HOUR).await;
        assert_eq!(mint.issuer.requests(), 1);
        mint.issuer.plan(status.map(Mishap::Status));
        assert_eq!(refused(&here).await, kind);
        assert_eq!(refused(&there).await, kind);
        assert_eq!(mint.issuer.requests(), 2);
        // A process that has started since may have other settings; and so may what somebody asks for by name.
        mint.live(MINUTE).await;
        assert_eq!(token(&open("sesame").await).await.expose(), "token-1");
        mint.live(MINUTE).await;
        assert_eq!(token(&here).await.expose(), "token-1");
        let last = here.refresh_now().await.map_err(|error| error.kind());
        assert_eq!(last.is_ok(), wrong == "sesame");
    }
}

/// An operator has mended what was wrong at the provider.
#[tokio::test]
async fn a_refused_client_is_asked_again_when_somebody_says_so() {
    let mint = Mint::of::<Harmless>();
    mint.issuer.plan([Mishap::Status(401)]);
    let pool = mint.builder::<Harmless>().start().expect("a pool");
    let session = pool.session("tenant");
    assert_eq!(refused(&session).await, SessionErrorKind::ClientRefused);
    assert!(pool.revive("tenant").await.expect("memory"));
    mint.live(2 * SECOND).await;
    assert_eq!(token(&session).await.expose(), "token-1");
    assert_eq!(mint.issuer.requests(), 2);
}

/// Somebody asks for a refused client, the answer is lost, and the request arrives late: what is minted next is safe from it.
#[tokio::test]
async fn a_refused_client_is_not_asked_again_while_a_request_is_under_way_that_ends_tokens() {
    let mint = Mint::of::<Ending>();
    let pool = mint.builder::<Ending>().start().expect("a pool");
    let session = pool.session("tenant");
    token(&session).await;
    mint.live(LIFE - 3 * MINUTE).await;
    mint.issuer.plan([Mishap::Status(401), Mishap::Late]);
    assert_eq!(token(&session).await.expose(), "token-1");
    mint.live(2 * SECOND).await;
    session.refresh_now().await.expect_err("no answer");
    assert_eq!(mint.issuer.requests(), 2);
    let error = pool.revive("tenant").await.expect_err("a request is under way");
    assert_eq!(error.kind(), SessionErrorKind::NotYet);
    mint.live(SECOND).await;
    mint.issuer.arrive();
    mint.live(2 * MINUTE).await;
    assert_eq!(mint.issuer.requests(), 3);
    assert!(pool.revive("tenant").await.expect("memory"));
    // It has ended the token from before it.
    assert!(session.try_access_token().is_none());
    let token = token(&session).await;
    assert_eq!((token.expose(), mint.issuer.accepts(&token)), ("token-3", true));
}

/// A token that lives is served although the client is refused.
#[tokio::test]
async fn a_refusal_displaces_no_token() {
    let mint = Mint::of::<Ending>();
    let session = mint.session::<Ending>().await;
    token(&session).await;
    mint.live(LIFE - 3 * MINUTE).await;
    mint.issuer.plan([Mishap::Status(401)]);
    for _ in 0..60 {
        assert_eq!(token(&session).await.expose(), "token-1");
        mint.live(SECOND).await;
    }
    assert_eq!(mint.issuer.requests(), 2);
    assert_eq!(token(&mint.session::<Ending>().await).await.expose(), "token-1");
}

/// Whatever the store fails at, one token is minted for each time that it takes none.
#[tokio::test]
async fn what_the_store_does_not_take_is_not_served_and_not_lost() {
    for operation in [
        Operation::Create,
        Operation::Acquire,
        Operation::Begin,
        Operation::Commit,
        Operation::Read,
    ] {
        for fault in [Fault::NotApplied, Fault::AnswerLost, Fault::Panics] {
            let mint = Mint::of::<Ending>();
            let store = Faulty::new(mint.store.clone());
            let builder = mint.builder::<Ending>().store(store.clone());
            let session = builder.open().await.expect("a session");
            store.fail_next(operation, 1, fault);
            let first = session.access_token().await;
            assert!(first.is_err(), "{operation:?}, {fault:?}");
            mint.live(40 * SECOND).await;
            assert_eq!(token(&session).await.expose(), "token-1", "{operation:?}, {fault:?}");
            assert_eq!(token(&mint.session::<Ending>().await).await.expose(), "token-1");
        }
    }
}

/// At a fake provider that keeps its contract.
async fn eight_processes_mint_once_a_lifetime<P: Integrator>() {
    let world = World::of::<P>();
    let mut processes: Vec<Session<P>> = Vec::new();
    for _ in 0..8 {
        processes.push(world.builder().open().await.expect("a session"));
    }
    for lifetime in 1..5 {
        let callers: Vec<_> = (0..80).map(|number| ask(&processes[number % 8])).collect();
        world.live(SECOND).await;
        for caller in callers {
            assert!(caller.await.expect("a caller").is_ok());
        }
        assert_eq!(world.wire.sent(), lifetime, "{}", P::SPEC);
        for process in &processes {
            let access = process.access_token().await.expect("a token");
            assert!(world.accepts(P::text(&access)), "{}", P::SPEC);
        }
        let status = processes[0].status().await.expect("a status");
        assert!(!status.needs_sign_in());
        let end = status.access_ends.at().expect("an end");
        world.pass(end.duration_since(world.clock.wall()).unwrap_or_default()).await;
    }
    assert!(world.what_refused().is_empty());
}

#[tokio::test]
async fn each_operation_is_minted_once_a_lifetime() {
    eight_processes_mint_once_a_lifetime::<machine::Client>().await;
    eight_processes_mint_once_a_lifetime::<stored_login::Client>().await;
    eight_processes_mint_once_a_lifetime::<bearer_assertion::Client>().await;
}

/// At a fake provider that keeps its contract, behind a network that does not, over sessions that are dropped in the middle.
async fn hostile_lives<P: Integrator>() {
    let faults = [Mishandled::ResetAfter, Mishandled::ResetBefore, Mishandled::BadGateway];
    for seed in 0..5 {
        let mut random = fastrand::Rng::with_seed(seed);
        let world = World::of::<P>();
        let chance = |random: &mut fastrand::Rng| {
            random.bool().then(|| Trouble::Fault(faults[random.usize(..faults.len())]))
        };
        world.fake.plan((0..30).map(|_| chance(&mut random)).collect::<Vec<_>>());
        let mut sessions: Vec<Session<P>> = Vec::new();
        for _ in 0..60 {
            if sessions.len() < 3 {
                sessions.push(world.builder().open().await.expect("a session"));
            }
            drop(ask(&sessions[random.usize(..sessions.len())]));
            world.live(SECOND * random.u32(1..90)).await;
            if random.u8(..8) == 0 {
                sessions.swap_remove(random.usize(..sessions.len()));
            }
        }
        // Each is planned for a request: by the end, the network does what it should.
        while !world.fake.planned().is_empty() {
            world.live(10 * MINUTE).await;
            drop(ask(&world.builder::<P>().open().await.expect("a session")));
        }
        world.live(2 * HOUR).await;
        let session: Session<P> = world.builder().open().await.expect("a session");
        let access = session.access_token().await;
        let access = access.unwrap_or_else(|error| panic!("{}, seed {seed}: {error}", P::SPEC));
        assert!(world.accepts(P::text(&access)), "{}, seed {seed}", P::SPEC);
        assert!(world.what_refused().is_empty(), "{}, seed {seed}", P::SPEC);
        assert!(session.status().await.expect("a status").in_flight.is_none());
    }
}

/// The limit is never passed, and who asks in the end has a token that is good.
#[tokio::test]
async fn a_hostile_network_is_withstood() {
    hostile_lives::<machine::Client>().await;
    hostile_lives::<stored_login::Client>().await;
    hostile_lives::<bearer_assertion::Client>().await;
}
