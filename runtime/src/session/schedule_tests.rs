use std::time::UNIX_EPOCH;

use super::*;
use crate::facts::Ends;
use crate::grant::{Grant, Token};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(in crate::session) const FACTS: Facts = Facts {
    access_token_ends: Ends::AfterLifetime,
    rotation: Some(Rotation::Always),
    refresh_token_ends: Ends::AfterLifetime,
    ..Facts::DEFAULT
};

fn start() -> SystemTime {
    UNIX_EPOCH + 1000 * DAY
}

/// All clocks agree.
fn at(now: SystemTime) -> Clocks {
    Clocks { machine: now, provider: now }
}

/// Tokens that were issued at the start and live so long.
fn record(access: Option<Duration>, refresh: Option<Duration>) -> Record {
    let token = |life: Option<Duration>| {
        let end = life.map_or(Expiry::Undeclared, |life| Expiry::At(start() + life));
        Token::new("synthetic").with_expiry(end)
    };
    let grant = Grant::new().with_access_token(token(access)).with_refresh_token(token(refresh));
    Record::new(grant, start())
}

fn served(facts: &Facts, access: Option<Duration>, after: Duration, jitter: f64) -> Validity {
    let settings = Settings::default();
    validity(facts, &settings, &record(access, None), at(start() + after), jitter)
}

/// R29: never more than a quarter of the life, jitter included, however short the life.
#[test]
fn a_margin_is_a_share_of_the_life() {
    for life in [Duration::from_secs(1), MINUTE, HOUR, DAY, 60 * DAY] {
        for jitter in [0.0, 0.5, 1.0] {
            let served = served(&FACTS, Some(life), Duration::ZERO, jitter);
            let ahead = life - served.fresh_for;
            assert!(ahead <= life / 4 + life / 20, "{life:?}: {ahead:?}");
            assert!(served.fresh_for < served.valid_for && served.valid_for < life);
        }
    }
    // A wish for more than that is cut.
    let settings = Settings { margin: Some(DAY), ..Settings::default() };
    let cut = validity(&FACTS, &settings, &record(Some(HOUR), None), at(start()), 1.0);
    assert_eq!(cut.valid_for - cut.fresh_for, HOUR / 4);
}

#[test]
fn a_margin_is_five_minutes_at_most_and_jitter_adds_half() {
    let least = served(&FACTS, Some(DAY), Duration::ZERO, 0.0);
    assert_eq!(least.valid_for - least.fresh_for, 5 * MINUTE);
    let most = served(&FACTS, Some(DAY), Duration::ZERO, 1.0);
    assert_eq!(most.valid_for - most.fresh_for, 5 * MINUTE * 3 / 2);
}

#[test]
fn what_is_over_is_not_served() {
    assert_eq!(served(&FACTS, Some(HOUR), HOUR, 0.0), Validity::NONE);
    let last = served(&FACTS, Some(HOUR), HOUR - Duration::from_secs(2), 0.0);
    assert_eq!(last, Validity::NONE);
    let nothing = Record::new(Grant::new(), start());
    let settings = Settings::default();
    assert_eq!(validity(&FACTS, &settings, &nothing, at(start()), 0.0), Validity::NONE);
}

#[test]
fn a_token_that_has_ended_when_it_is_issued_is_served_for_a_moment() {
    let born = validity_of_new(served(&FACTS, Some(HOUR), 2 * HOUR, 0.0));
    assert_eq!((born.fresh_for, born.valid_for), (ENDED_WHEN_ISSUED, ENDED_WHEN_ISSUED));
    let well = served(&FACTS, Some(HOUR), Duration::ZERO, 0.0);
    assert_eq!(validity_of_new(well), well);
}

/// What is told as an instant of the provider's is measured by the provider's clock; the rest is kept by this machine's.
#[test]
fn an_instant_is_measured_by_the_provider() {
    let facts =
        Facts { access_token_ends: Ends::AtInstant, refresh_token_ends: Ends::AtInstant, ..FACTS };
    for machine in [start() - HOUR, start() + HOUR] {
        let mut held = record(Some(HOUR), Some(10 * DAY));
        held.issued_at = machine;
        let now = Clocks { machine, provider: start() };
        let served = validity(&facts, &Settings::default(), &held, now, 0.0);
        assert_eq!(served.valid_for, HOUR - Duration::from_secs(2));
        assert_eq!(served.valid_for - served.fresh_for, 5 * MINUTE);
        let due = keep_alive(&facts, &Settings::default(), &held, None, now, 0.0);
        assert_eq!(due, Some(machine + 8 * DAY));
    }
}

/// Undeclared is neither one second nor for ever: it is replaced when such tokens usually end, and served until refused.
#[test]
fn an_undeclared_end_is_a_state_of_its_own() {
    assert_eq!(served(&FACTS, None, DAY, 0.0), Validity::FOR_EVER);
    let facts = Facts { usual_lifetime: Some(HOUR), ..FACTS };
    let young = served(&facts, None, Duration::ZERO, 0.0);
    assert_eq!(young.fresh_for, HOUR - 5 * MINUTE);
    assert_eq!(young.valid_for, Duration::MAX);
    let old = served(&facts, None, DAY, 0.0);
    assert_eq!((old.fresh_for, old.valid_for), (Duration::ZERO, Duration::MAX));
}

#[test]
fn the_contracts_window_bounds_the_margin() {
    let near = Facts { window: RefreshWindow::NearExpiry(MINUTE), ..FACTS };
    let served_near = served(&near, Some(DAY), Duration::ZERO, 1.0);
    assert!(served_near.valid_for - served_near.fresh_for <= MINUTE);
    let after = Facts { window: RefreshWindow::AfterExpiry, ..FACTS };
    let served_after = served(&after, Some(DAY), Duration::ZERO, 1.0);
    assert_eq!((served_after.fresh_for, served_after.valid_for), (DAY, DAY));
}

fn due(facts: &Facts, record: &Record, before: Option<&Record>) -> Option<Duration> {
    let due = keep_alive(facts, &Settings::default(), record, before, at(start()), 0.0)?;
    Some(until(due, start()))
}

#[test]
fn what_ends_is_renewed_after_four_fifths_of_its_life() {
    assert_eq!(due(&FACTS, &record(Some(HOUR), None), None), None);
    assert_eq!(due(&FACTS, &record(Some(HOUR), Some(10 * DAY)), None), Some(8 * DAY));
    let idle = Facts { idle_limit: Some(5 * DAY), ..FACTS };
    assert_eq!(due(&idle, &record(Some(HOUR), Some(10 * DAY)), None), Some(4 * DAY));
    let itself = Facts { window: RefreshWindow::BeforeExpiry, rotation: None, ..FACTS };
    assert_eq!(due(&itself, &record(Some(10 * DAY), None), None), Some(8 * DAY));
}

/// What a refresh does not put off is not refreshed for.
#[test]
fn an_end_that_stays_is_not_run_after() {
    let repeated = Facts { rotation: Some(Rotation::Echo), ..FACTS };
    let held = record(Some(HOUR), Some(10 * DAY));
    assert_eq!(due(&repeated, &held, None), None);
    // Documented otherwise, and yet the last refresh did not put it off.
    let mut before = held.clone();
    before.issued_at = start() - DAY;
    assert_eq!(due(&FACTS, &held, Some(&before)), None);
    // Where some refreshes replace the token, the next one may; in the last hour it is too late for that.
    let sometimes = Facts { rotation: Some(Rotation::Sometimes), ..FACTS };
    assert_eq!(due(&sometimes, &held, Some(&before)), Some(8 * DAY));
    let ending = record(Some(HOUR), Some(HOUR));
    assert_eq!(due(&sometimes, &ending, Some(&before)), None);
    let earlier = record(Some(HOUR), Some(9 * DAY));
    assert_eq!(due(&FACTS, &held, Some(&earlier)), Some(8 * DAY));
    assert_eq!(final_end(&repeated, &held), Some(start() + 10 * DAY));
    assert_eq!(final_end(&FACTS, &held), None);
}

#[test]
fn nothing_is_due_of_what_is_over_or_unwanted() {
    let mut held = record(Some(HOUR), Some(10 * DAY));
    held.ended = Some(crate::SignIn::Otp);
    assert_eq!(due(&FACTS, &held, None), None);
    held.ended = None;
    let settings = Settings { upkeep: Upkeep::WhenAsked, ..Settings::default() };
    assert_eq!(keep_alive(&FACTS, &settings, &held, None, at(start()), 0.0), None);
}

#[test]
fn an_end_is_announced_three_days_before_at_most() {
    let ahead =
        |life: Duration| until(start() + life, announced_at(&FACTS, start() + life, start()));
    assert_eq!(ahead(10 * DAY), DAY);
    assert_eq!(ahead(365 * DAY), 3 * DAY);
}

#[test]
fn what_signing_in_brought_has_the_life_that_the_contract_gives_it() {
    let facts = Facts {
        first_access_lifetime: Some(8 * HOUR),
        first_refresh_lifetime: Some(90 * DAY),
        ..FACTS
    };
    let ends = |facts: &Facts, grant: Grant| {
        let grant = signed_in(facts, grant, start());
        [grant.access_token_ends(), grant.refresh_token_ends()].map(|end| end.at())
    };
    let untold = || record(None, None).grant;
    let stated = [Some(start() + 8 * HOUR), Some(start() + 90 * DAY)];
    assert_eq!(ends(&facts, untold()), stated);
    assert_eq!(ends(&FACTS, untold()), [None, None]);
    let earlier = Facts { refresh_token_ends: Ends::AfterSignIn(DAY), ..FACTS };
    assert_eq!(ends(&earlier, untold()), [None, Some(start() + DAY)]);
    // Whoever signed in earlier knows when.
    let known = record(Some(HOUR), Some(DAY)).grant;
    assert_eq!(ends(&facts, known), [Some(start() + HOUR), Some(start() + DAY)]);
}
