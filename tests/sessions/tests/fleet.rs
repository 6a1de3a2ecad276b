//! Machines that share a store: what each takes, and what is told when something is wrong with all grants.

use governor::Quota;
use rekindle_contract::contract::{Fault, Trouble};
use rekindle_language::atlassian;
use rekindle_runtime::clock::Clock;
use rekindle_runtime::session::{
    EventKind, Events, Pool, SessionErrorKind, Settings, Standing, Upkeep,
};
use rekindle_runtime::store::conformance::{Fault as StoreFault, Faulty, Operation};
use rekindle_runtime::store::{Acquired, Key, Rate, Record, Store, StoreErrorKind};
use rekindle_runtime::{Class, Provider};
use rekindle_sessions::{World, ask, grant};
use std::num::NonZeroU32;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

type Client = atlassian::Client;

fn key(number: usize) -> Key {
    Key::new(Client::ID, &format!("user-{number}"))
}

/// People sign in at another process. Their grants are due by now.
async fn due(grants: usize) -> World {
    let world = World::of::<Client>();
    for number in 0..grants {
        let held = world.fake.provider().sign_in();
        let mut record = Record::new(grant(&held), world.clock.wall());
        record.due = Some(world.clock.wall() + 70 * DAY);
        world.store.put(&key(number), &record).await.expect("memory");
    }
    world.pass(75 * DAY).await;
    world
}

fn settings(concurrency: usize) -> Settings {
    let mut settings = Settings::default();
    settings.concurrency = concurrency;
    settings
}

/// A machine's pool.
fn machine(world: &World, concurrency: usize) -> Pool<Client> {
    let builder = world.builder::<Client>();
    builder.settings(settings(concurrency)).start().expect("a pool")
}

/// The events since the last call.
fn told(events: &mut Events) -> Vec<EventKind> {
    std::iter::from_fn(|| events.try_next().map(|event| event.kind)).collect()
}

/// How long so many machines take to renew all grants of which each exchange takes a second, and how many leases were asked for.
async fn renewal(grants: usize, machines: usize, concurrency: usize) -> (Duration, u64) {
    let mut world = due(grants).await;
    world.wire = world.wire.clone().taking(SECOND, &world.clock);
    let store = Faulty::new(world.store.clone());
    let pools: Vec<_> = (0..machines)
        .map(|_| {
            let builder = world.builder::<Client>().store(store.clone());
            builder.settings(settings(concurrency)).start().expect("a pool")
        })
        .collect();
    let start = world.clock.monotonic();
    while world.store.backlog(Client::ID, world.clock.wall()).await.expect("memory").due > 0 {
        world.live(SECOND).await;
        assert!(world.clock.monotonic() - start < DAY);
    }
    let took = world.clock.monotonic() - start;
    assert_eq!(world.wire.sent(), grants);
    assert!(world.what_refused().is_empty());
    // None was asked for that another holds; those that were given out are counted by their fences.
    assert_eq!(store.called(Operation::Acquire), 0);
    drop(pools);
    (took, leases(&world, grants).await)
}

/// How many leases of these grants were given out.
async fn leases(world: &World, grants: usize) -> u64 {
    let mut leases = 0;
    for number in 0..grants {
        match world.store.acquire(&key(number), "count", SECOND).await {
            Ok(Acquired::Held(lease)) => leases += lease.fence.0 - 1,
            other => panic!("{other:?}"),
        }
    }
    leases
}

/// What 4 and 16 machines do in a minute is in proportion to what one does, and no lease is asked for in vain.
async fn machines_share(grants: usize, concurrency: usize) {
    let (alone, leases) = renewal(grants, 1, concurrency).await;
    println!("1 machine: {alone:?}, {leases} leases");
    for (machines, times) in [(4, 3.5), (16, 10.0)] {
        let (took, leases) = renewal(grants, machines, concurrency).await;
        let faster = alone.as_secs_f64() / took.as_secs_f64();
        println!("{machines} machines: {took:?}, {faster:.1} times as fast, {leases} leases");
        assert!(faster >= times, "{machines} machines are {faster} times as fast as one");
        assert!(leases * 10 <= grants as u64 * 12, "{leases} leases for {grants} exchanges");
    }
}

#[tokio::test]
async fn exchanges_grow_with_the_machines() {
    machines_share(1600, 4).await;
}

/// The same at full size: `cargo test --release -p rekindle-sessions --test fleet -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "takes minutes: for a release build"]
async fn exchanges_of_forty_thousand_grants_grow_with_the_machines() {
    machines_share(40_000, 32).await;
}

/// A process that has just started does not wait for its first look: what is due may have waited for it.
#[tokio::test]
async fn a_fresh_process_looks_at_once() {
    let world = due(20).await;
    let _pool = machine(&world, 32);
    world.live(2 * SECOND).await;
    assert_eq!(world.wire.sent(), 20);
}

/// `Upkeep::Always` goes for grants that no session of this process has opened: a restart is no gap.
#[tokio::test]
async fn upkeep_survives_a_restart() {
    let world = World::of::<Client>();
    let always = || world.builder::<Client>().upkeep(Upkeep::Always).start().expect("a pool");
    let pool = always();
    let held = world.fake.provider().sign_in();
    pool.session("user-0").sign_in(grant(&held)).await.expect("memory");
    world.live(10 * MINUTE).await;
    drop(pool);
    let _pool = always();
    let before = world.wire.sent();
    world.live(DAY).await;
    let refreshes = world.wire.sent() - before;
    // An access token lives for an hour, and is replaced some minutes before its end.
    assert!((24..=30).contains(&refreshes), "{refreshes} refreshes in a day");
    // Just renewed: by chance, near its end, each process replaces a token at another moment.
    let sent = world.wire.sent();
    while world.wire.sent() == sent {
        world.live(MINUTE).await;
    }
    let session = always().session("user-0");
    let sent = world.wire.sent();
    session.access_token().await.expect("a token that is stored and fresh");
    assert_eq!(world.wire.sent(), sent);
}

/// A store that cannot be asked is told of: at once, and then ever less often; and so are its return and what has piled up.
#[tokio::test]
async fn a_failing_sweep_is_told() {
    let world = due(20).await;
    let store = Faulty::new(world.store.clone());
    store.fail_next(Operation::AcquireDue, usize::MAX, StoreFault::NotApplied);
    let pool = world.builder::<Client>().store(store.clone()).start().expect("a pool");
    let mut events = pool.events();
    world.live(10 * DAY).await;
    let during = told(&mut events);
    let failed = during.iter().filter(|kind| {
        matches!(kind, EventKind::SweepFailed(error)
        if error.kind() == SessionErrorKind::Store(StoreErrorKind::Unavailable))
    });
    let failed = failed.count();
    assert!((10..20).contains(&failed), "{failed} events in ten days");
    let behind = during.iter().filter(|kind| matches!(kind, EventKind::Behind { due: 20, .. }));
    let behind = behind.count();
    assert!((10..20).contains(&behind), "{behind} events in ten days");
    assert_eq!(during.len(), failed + behind);
    assert_eq!(world.wire.sent(), 0);
    store.clear();
    world.live(HOUR).await;
    let after = told(&mut events);
    let count = |wanted: fn(&EventKind) -> bool| after.iter().filter(|kind| wanted(kind)).count();
    assert_eq!(count(|kind| matches!(kind, EventKind::SweepRecovered)), 1);
    assert_eq!(count(|kind| matches!(kind, EventKind::CaughtUp)), 1);
    assert_eq!(count(|kind| matches!(kind, EventKind::Refreshed { .. })), 20);
}

/// A grant that waits for a person is not asked after by machine after machine.
#[tokio::test]
async fn a_grant_in_doubt_is_not_polled() {
    let world = due(1).await;
    world.left_in_doubt(&key(0)).await;
    let pools: Vec<_> = (0..4).map(|_| machine(&world, 8)).collect();
    let mut events: Vec<_> = pools.iter().map(Pool::events).collect();
    world.live(3 * DAY).await;
    let told: Vec<_> = events.iter_mut().flat_map(told).collect();
    let in_doubt = told.iter().filter(|kind| matches!(kind, EventKind::InDoubt { .. })).count();
    assert!((1..=4).contains(&in_doubt), "{in_doubt} events in three days");
    assert_eq!(world.wire.sent(), 0);
}

/// Neither is one that has ended, or is in doubt, whose session is open.
#[tokio::test]
async fn what_has_ended_is_not_polled() {
    for ends in [true, false] {
        let world = World::of::<Client>();
        let store = Faulty::new(world.store.clone());
        let builder = world.builder::<Client>().store(store.clone()).upkeep(Upkeep::Always);
        let session = world.signed_in_with(builder).await;
        let trouble = if ends { Trouble::Refusal(0) } else { Trouble::Fault(Fault::ResetAfter) };
        world.fake.plan([Some(trouble)]);
        world.live(2 * HOUR).await;
        let status = session.status().await.expect("a status");
        assert_eq!(status.ended.is_some(), ends);
        assert_eq!(status.in_flight.is_some(), !ends);
        let before = store.calls();
        world.live(10 * DAY).await;
        assert_eq!(store.calls(), before, "ended: {ends}");
    }
}

/// R46: a provider that says by mistake that all grants have ended ends few of them, and is believed again when it has come to itself.
#[tokio::test]
async fn a_provider_that_ends_all_grants_is_not_believed() {
    const GRANTS: usize = 1000;
    let world = due(GRANTS).await;
    let pool = machine(&world, 8);
    let mut events = pool.events();
    // Ten minutes of it.
    world.fake.plan(vec![Some(Trouble::Refusal(0)); 10 * GRANTS]);
    world.live(10 * MINUTE).await;
    assert!(pool.holds_endings());
    let during = told(&mut events);
    let count = |told: &[EventKind], wanted: fn(&EventKind) -> bool| {
        told.iter().filter(|kind| wanted(kind)).count()
    };
    let ended = count(&during, |kind| matches!(kind, EventKind::SignInNeeded { .. }));
    assert!(ended < 10, "{ended} grants have ended");
    // The listener may have missed the oldest.
    assert!(count(&during, |kind| matches!(kind, EventKind::EndingsHeld { .. })) <= 1);
    let session = pool.session("user-999");
    let error = session.access_token().await.expect_err("refused");
    assert!(matches!(error.class(), Class::Reauthenticate(_)), "{error:?}");
    assert_eq!(error.kind(), SessionErrorKind::Exchange);
    world.fake.calm();
    world.live(HOUR).await;
    assert!(!pool.holds_endings());
    let mut alive = 0;
    for number in 0..GRANTS {
        let known = world.store.read(&key(number)).await.expect("memory").expect("a grant");
        alive += usize::from(known.record.ended.is_none() && known.record.generation == 2);
    }
    assert!(alive > GRANTS - 10, "{alive} of {GRANTS} are alive");
}

/// An operator who knows better is believed.
#[tokio::test]
async fn an_operator_says_that_the_provider_is_right() {
    let world = due(30).await;
    let pool = machine(&world, 1);
    let mut events = pool.events();
    world.fake.plan(vec![Some(Trouble::Refusal(0)); 1000]);
    world.live(MINUTE).await;
    let held = told(&mut events);
    let held = held.iter().filter(|kind| matches!(kind, EventKind::EndingsHeld { refused: 10 }));
    assert_eq!(held.count(), 1);
    pool.believe_endings();
    assert!(!pool.holds_endings());
    assert!(told(&mut events).iter().any(|kind| matches!(kind, EventKind::EndingsBelieved)));
}

/// R46: grants that a provider ended by mistake, before it was no longer believed, come back; one that has ended for good ends again. All are
/// listed and counted as they stand.
#[tokio::test]
async fn what_ended_by_mistake_is_revived() {
    let world = due(30).await;
    let pool = machine(&world, 1);
    let earlier = world.clock.wall();
    world.fake.plan(vec![Some(Trouble::Refusal(0)); 1000]);
    world.live(30 * SECOND).await;
    let open = pool.session("user-0");
    let error = open.access_token().await.expect_err("it has ended");
    assert!(matches!(error.kind(), SessionErrorKind::SignInNeeded(_)), "{error:?}");
    let counts = pool.count().await.expect("memory");
    assert_eq!((counts.ended, counts.in_doubt, counts.unreadable), (9, 0, 0));
    assert_eq!(counts.live + counts.due, 21);
    let mut ended = Vec::new();
    let mut from = None;
    loop {
        let page = pool.list(from, 7).await.expect("memory");
        let of_page = page.grants.into_iter().filter(|(_, standing)| *standing == Standing::Ended);
        ended.extend(of_page.map(|(key, _)| key));
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(ended.len(), 9);
    world.fake.calm();
    assert!(pool.revive("user-0").await.expect("memory"));
    assert!(!pool.revive("user-0").await.expect("memory"), "it has not ended any more");
    assert!(!pool.revive("nobody").await.expect("memory"));
    world.live(HOUR).await;
    open.access_token().await.expect("a token of a grant that lives");
    // One that ended before the mistake is not meant.
    assert_eq!(pool.revive_ended_since(world.clock.wall()).await.expect("memory"), 0);
    assert_eq!(pool.revive_ended_since(earlier).await.expect("memory"), 8);
    world.live(HOUR).await;
    let counts = pool.count().await.expect("memory");
    assert_eq!((counts.live, counts.ended), (30, 0));
    // What the provider ends one by one, it ends.
    world.fake.provider().revoke_all();
    world.live(80 * DAY).await;
    let counts = pool.count().await.expect("memory");
    assert_eq!((counts.live, counts.ended), (0, 30));
    assert!(!pool.holds_endings());
}

/// A rate is kept by all machines together: of one store, or each by its own. It is waited for before a lease is taken, so that no lease
/// is taken in vain.
#[tokio::test]
async fn a_rate_is_waited_for_before_a_lease_is_taken() {
    const GRANTS: usize = 60;
    for (machines, of_all, a_minute) in [(4, true, 10), (1, false, 10), (4, false, 40)] {
        let world = due(GRANTS).await;
        let store = Faulty::new(world.store.clone());
        let pools: Vec<_> = (0..machines)
            .map(|_| {
                let builder = world.builder::<Client>().store(store.clone());
                let builder = if of_all {
                    builder.rate_of_all(Rate::per(10, MINUTE))
                } else {
                    let ten = NonZeroU32::new(10).expect("a number");
                    let one = NonZeroU32::new(1).expect("a number");
                    builder.rate(Quota::per_minute(ten).allow_burst(one))
                };
                builder.start().expect("a pool")
            })
            .collect();
        let case = format!("{machines} machines, of all: {of_all}");
        let mut most = 0;
        let mut minutes = 0;
        while world.wire.sent() < GRANTS {
            let before = world.wire.sent();
            world.live(MINUTE).await;
            most = most.max(world.wire.sent() - before);
            minutes += 1;
            assert!(minutes < 100, "{case}");
        }
        // The first of a minute may be the last of the one before.
        assert!((a_minute - 4..=a_minute + machines).contains(&most), "{case}: {most} a minute");
        assert_eq!(store.called(Operation::Acquire), 0, "{case}");
        drop(pools);
        assert_eq!(leases(&world, GRANTS).await, GRANTS as u64, "{case}");
    }
}

/// The same for callers, who all want their tokens at once.
#[tokio::test]
async fn callers_wait_for_a_rate_without_leases() {
    const CALLERS: usize = 40;
    let world = World::of::<Client>();
    let store = Faulty::new(world.store.clone());
    let builder = world.builder::<Client>().store(store.clone());
    let pool = builder.rate_of_all(Rate::per(1, SECOND)).start().expect("a pool");
    let sessions: Vec<_> =
        (0..CALLERS).map(|number| pool.session(&format!("user-{number}"))).collect();
    for session in &sessions {
        session.sign_in(grant(&world.fake.provider().sign_in())).await.expect("memory");
    }
    world.pass(DAY).await;
    let waiting: Vec<_> = sessions.iter().map(ask).collect();
    world.live(MINUTE).await;
    for caller in waiting {
        assert_eq!(caller.await.expect("a task").expect("a token"), 2);
    }
    assert_eq!(world.wire.sent(), CALLERS);
    assert_eq!(store.called(Operation::Acquire), CALLERS);
    assert_eq!(store.called(Operation::Release), CALLERS);
}

/// A machine journals an exchange, sends nothing, and says so when another one has seen the entry and put the grant off for a day.
#[tokio::test]
async fn what_was_put_off_in_vain_is_due_again() {
    let world = due(1).await;
    let store = Faulty::new(world.store.clone());
    store.fail_next(Operation::Begin, 1, StoreFault::AnswerLost);
    for operation in [Operation::Abandon, Operation::Acquire] {
        store.fail_next(operation, 1_000_000, StoreFault::NotApplied);
    }
    let builder = world.builder::<Client>().store(store.clone());
    let _first = builder.settings(settings(1)).start().expect("a pool");
    world.live(5 * SECOND).await;
    let mut often = settings(1);
    often.sweep = 10 * SECOND;
    let _second = world.builder::<Client>().settings(often).start().expect("a pool");
    world.live(8 * MINUTE).await;
    let due_later = world.clock.wall() + HOUR;
    assert_eq!(world.store.backlog(Client::ID, due_later).await.expect("memory").due, 0);
    assert_eq!(world.wire.sent(), 0);
    store.clear();
    world.live(15 * MINUTE).await;
    assert_eq!(world.wire.sent(), 1);
    assert!(world.what_refused().is_empty());
}
