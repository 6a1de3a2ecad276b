use super::super::schedule::tests::FACTS;
use super::*;
use crate::facts::{Mint, MintEnds, Successor};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

const SENT: NextStep = NextStep::Send { gamble: false };
const GAMBLED: NextStep = NextStep::Send { gamble: true };
const NOTHING: NextStep = NextStep::Wait { look_again: None };

fn policy(in_doubt: InDoubt) -> InDoubtPolicy {
    let lease = MINUTE / 2;
    InDoubtPolicy { in_doubt, decided: false, exchange_limit: MINUTE, lease, gambled: false }
}

/// Another process's exchange, of one request.
fn doubt(age: Duration, seen_for: Duration) -> Doubt {
    Doubt { attempt: 1, age, seen_for, is_ours: false, outdated: false }
}

/// An exchange of this process, of one request.
fn lost(age: Duration) -> Doubt {
    Doubt { is_ours: true, ..doubt(age, age) }
}

fn look_again(seconds: u32) -> NextStep {
    NextStep::Wait { look_again: Some(SECOND * seconds) }
}

#[test]
fn what_is_not_in_doubt_is_sent() {
    for in_doubt in [InDoubt::Keep, InDoubt::Gamble, InDoubt::Reauthenticate] {
        assert_eq!(policy(in_doubt).next_step(&FACTS, None), SENT);
    }
}

#[test]
fn the_contract_decides_before_the_policy() {
    let reusable = Facts { single_use: false, ..FACTS };
    let until_used = Facts { spent: Spent::GoodUntil(Successor::EitherUsed), ..FACTS };
    let window = Facts { spent: Spent::GoodFor(30 * SECOND), ..FACTS };
    let first_of_both =
        Facts { spent: Spent::GoodForUntil(30 * SECOND, Successor::EitherUsed), ..FACTS };
    for (facts, age, expected) in [
        (reusable, 400 * MINUTE, SENT),
        (until_used, 400 * MINUTE, SENT),
        (window, 26 * SECOND, SENT),
        (first_of_both, 26 * SECOND, SENT),
        (first_of_both, 27 * SECOND, look_again(53)),
        // A tenth of the window is left for the way to the provider.
        (window, 27 * SECOND, look_again(53)),
        (FACTS, Duration::ZERO, look_again(80)),
        // Its holder has had its time.
        (FACTS, 80 * SECOND, NOTHING),
    ] {
        let step = policy(InDoubt::Keep).next_step(&facts, Some(doubt(age, age)));
        assert_eq!(step, expected, "{:?} after {age:?}", facts.spent);
    }
    // That something may be missing from the store opens no window, and a successor that is missing may have been used: whether or not
    // an exchange is on record.
    let unknown = Doubt { attempt: 0, outdated: true, ..doubt(Duration::ZERO, Duration::ZERO) };
    let on_record = Doubt { attempt: 1, ..unknown };
    for (facts, doubt) in [(window, unknown), (until_used, unknown), (until_used, on_record)] {
        assert_eq!(policy(InDoubt::Keep).next_step(&facts, Some(doubt)), look_again(80));
    }
    assert_eq!(policy(InDoubt::Keep).next_step(&reusable, Some(Doubt::OF_THE_RECORD)), SENT);
}

/// Whoever sent it may live: with the answer on its way, or in hand while the store was away.
#[test]
fn a_policy_that_spends_waits_for_a_holder_that_may_live() {
    for (in_doubt, then) in
        [(InDoubt::Gamble, GAMBLED), (InDoubt::Reauthenticate, NextStep::GiveUp)]
    {
        for (age, seen_for, expected) in [
            (Duration::ZERO, Duration::ZERO, look_again(80)),
            (79 * SECOND, 79 * SECOND, look_again(1)),
            (80 * SECOND, 20 * SECOND, then),
            // The store was away for as long as that: its holder gets the time to store what it has.
            (400 * MINUTE, Duration::ZERO, look_again(20)),
            (400 * MINUTE, 20 * SECOND, then),
        ] {
            let doubt = doubt(age, seen_for);
            let step = policy(in_doubt).next_step(&FACTS, Some(doubt));
            assert_eq!(step, expected, "{in_doubt:?} {doubt:?}");
            let ours = Doubt { is_ours: true, ..doubt };
            assert_eq!(policy(in_doubt).next_step(&FACTS, Some(ours)), then);
            let decided = InDoubtPolicy { decided: true, ..policy(in_doubt) };
            assert_eq!(decided.next_step(&FACTS, Some(doubt)), then);
        }
    }
}

#[test]
fn a_gamble_is_made_once() {
    let lost = Doubt { attempt: 2, ..doubt(400 * MINUTE, MINUTE) };
    assert_eq!(policy(InDoubt::Gamble).next_step(&FACTS, Some(lost)), NOTHING);
    let decided = InDoubtPolicy { decided: true, ..policy(InDoubt::Gamble) };
    assert_eq!(decided.next_step(&FACTS, Some(lost)), GAMBLED);
    let gambled = InDoubtPolicy { gambled: true, ..decided };
    assert_eq!(gambled.next_step(&FACTS, Some(lost)), NOTHING);
}

#[test]
fn an_attempt_repeats_inside_the_window_and_not_for_ever() {
    let pause = Duration::from_millis(100);
    let window = Facts { spent: Spent::GoodFor(30 * SECOND), ..FACTS };
    let next_use = Facts { spent: Spent::GoodUntil(Successor::RefreshTokenUsed), ..FACTS };
    let reusable = Facts { single_use: false, ..FACTS };
    for (facts, attempt, age, expected) in [
        (&window, 1, SECOND, Repeat::After(pause)),
        // The pause is part of the time that passes.
        (&window, 1, 27 * SECOND - pause, Repeat::Later(pause)),
        (&window, 1, 27 * SECOND, Repeat::Never),
        (&window, 6, SECOND, Repeat::Later(26 * SECOND)),
        (&next_use, 1, HOUR, Repeat::After(pause)),
        (&next_use, 6, HOUR, Repeat::Later(LONGEST_ASKED)),
        (&FACTS, 1, Duration::ZERO, Repeat::Never),
        (&reusable, 1, Duration::ZERO, Repeat::Never),
    ] {
        let lost = Doubt { attempt, ..lost(age) };
        assert_eq!(repeat(facts, &lost, None), expected, "{facts:?}, {lost:?}");
    }
    // Its successor may have been stored, and used, in what the store has lost.
    let outdated = Doubt { outdated: true, ..lost(SECOND) };
    assert_eq!(repeat(&next_use, &outdated, None), Repeat::Never);
    assert_eq!(repeat(&window, &outdated, None), Repeat::After(pause));
}

/// A provider that asks to wait is not asked before, unless that would cost the grant.
#[test]
fn a_repeat_waits_for_as_long_as_the_provider_asks_and_the_window_lets_it() {
    let pause = Duration::from_millis(100);
    let window = Facts { spent: Spent::GoodFor(30 * SECOND), ..FACTS };
    let next_use = Facts { spent: Spent::GoodUntil(Successor::RefreshTokenUsed), ..FACTS };
    for (facts, age, asked, expected) in [
        (&window, SECOND, 7 * SECOND, Repeat::Later(7 * SECOND)),
        (&window, SECOND, Duration::from_millis(1), Repeat::Later(pause)),
        // It closes before.
        (&window, SECOND, HOUR, Repeat::Later(23 * SECOND)),
        (&window, 24 * SECOND, HOUR, Repeat::After(pause)),
        (&window, 27 * SECOND, SECOND, Repeat::Never),
        (&next_use, HOUR, HOUR, Repeat::Later(HOUR)),
        (&FACTS, SECOND, SECOND, Repeat::Never),
    ] {
        assert_eq!(
            repeat(facts, &lost(age), Some(asked)),
            expected,
            "{facts:?}, {age:?}, {asked:?}"
        );
    }
    assert!(closes_within(&window, &lost(SECOND), 26 * SECOND));
    assert!(!closes_within(&window, &lost(SECOND), 25 * SECOND));
    // Neither does one that is closed, or that never closes by itself.
    assert!(!closes_within(&window, &lost(27 * SECOND), HOUR));
    assert!(!closes_within(&next_use, &lost(SECOND), HOUR));
}

/// A repeat that would arrive when the window is over is given up before.
#[test]
fn a_repeat_is_under_way_inside_the_window_alone() {
    let window = Facts { spent: Spent::GoodFor(100 * SECOND), ..FACTS };
    assert_eq!(repeat_limit(&window, 60 * SECOND), Some(35 * SECOND));
    assert_eq!(repeat_limit(&window, 99 * SECOND), Some(Duration::ZERO));
    assert_eq!(repeat_limit(&FACTS, SECOND), None);
    let reusable = Facts { single_use: false, ..window };
    assert_eq!(repeat_limit(&reusable, SECOND), None);
}

/// Time decides about a mint, and no policy.
#[test]
fn a_mint_is_sent_again_once_none_that_ends_its_token_can_be_under_way() {
    for in_doubt in [InDoubt::Keep, InDoubt::Gamble, InDoubt::Reauthenticate] {
        for (ends, attempt, age, expected) in [
            (MintEnds::Nothing, 7, Duration::ZERO, SENT),
            (MintEnds::Previous, 0, Duration::MAX, SENT),
            (MintEnds::Previous, 1, 20 * SECOND, look_again(90)),
            (MintEnds::Unknown, 1, 109 * SECOND, look_again(1)),
            (MintEnds::Previous, 1, 110 * SECOND, NextStep::Forget),
            // The token of the second outlives the first.
            (MintEnds::OldestOf(2), 1, 20 * SECOND, SENT),
            (MintEnds::OldestOf(2), 1, 110 * SECOND, NextStep::Forget),
            // The second has left within the limit of the first.
            (MintEnds::OldestOf(2), 2, 110 * SECOND, look_again(110)),
            (MintEnds::OldestOf(3), 2, 110 * SECOND, look_again(110)),
            (MintEnds::OldestOf(3), 2, 220 * SECOND, NextStep::Forget),
        ] {
            let facts = Facts { mint: Some(Mint { ends, limit: None }), ..FACTS };
            for is_ours in [false, true] {
                let doubt = Doubt { attempt, is_ours, ..doubt(age, Duration::ZERO) };
                let step = policy(in_doubt).next_step(&facts, Some(doubt));
                assert_eq!(step, expected, "{ends:?}, {attempt} requests after {age:?}");
                assert!(may_repeat(&facts, &doubt) && !is_urgent(&facts, &doubt));
                assert_eq!(repeat(&facts, &lost(age), None), Repeat::Never);
                assert_eq!(repeat_limit(&facts, age), None);
            }
        }
    }
}
