//! Counters of `metrics`.

use std::time::Duration;

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use super::super::error::{SessionError, SessionErrorKind};
use super::super::event::EventKind;
use crate::clock::Clock;
use crate::store::StoreErrorKind;

const REFRESHES: &str = "rekindle_refreshes_total";
const SECONDS: &str = "rekindle_refresh_seconds";
const IN_FLIGHT: &str = "rekindle_exchanges_in_flight";
const REPLAYS: &str = "rekindle_replays_total";
const FAILURES: &str = "rekindle_failures_total";
const ADOPTIONS: &str = "rekindle_adoptions_total";
const INVALIDATED: &str = "rekindle_tokens_invalidated_total";
const STORE_FAILURES: &str = "rekindle_store_failures_total";
const SAVES: &str = "rekindle_saves_total";
const DEVIATIONS: &str = "rekindle_deviations_total";
const ENDINGS: &str = "rekindle_endings_total";
const SIGN_INS: &str = "rekindle_sign_ins_needed_total";
const IN_DOUBT: &str = "rekindle_in_doubt_total";
const WENT_BACK: &str = "rekindle_store_went_back_total";
const DUE: &str = "rekindle_due_grants";
const OLDEST_DUE: &str = "rekindle_oldest_due_seconds";
const SWEEP_FAILURES: &str = "rekindle_sweep_failures_total";
const LEASE_WAIT: &str = "rekindle_lease_wait_seconds";
const ENDINGS_HELD: &str = "rekindle_endings_held_total";

/// Describes each metric to the process's recorder, in the words of [the list](super). Call it once, after the recorder is
/// installed; without it the numbers are the same.
pub fn describe() {
    describe_histogram!(SECONDS, Unit::Seconds, "How long an exchange took");
    describe_histogram!(LEASE_WAIT, Unit::Seconds, "How long a lease was waited for");
    describe_gauge!(IN_FLIGHT, Unit::Count, "Exchanges that are out now");
    describe_gauge!(DUE, Unit::Count, "Grants in the store that are due");
    describe_gauge!(OLDEST_DUE, Unit::Seconds, "For how long the first due grant has been due");
    let counters = [
        (REFRESHES, "Exchanges that ended, by their outcome"),
        (REPLAYS, "Exchanges that were sent once more after their answer was lost"),
        (FAILURES, "Attempts to get tokens that failed, by class"),
        (ADOPTIONS, "Tokens that another process had fetched"),
        (INVALIDATED, "Access tokens that were refused in use"),
        (STORE_FAILURES, "Failures of the store"),
        (SAVES, "Tokens that were stored after the store had failed to take them"),
        (DEVIATIONS, "Answers that were usable and not what the contract promises"),
        (ENDINGS, "Refresh tokens whose final end was announced"),
        (SIGN_INS, "Grants that have ended"),
        (IN_DOUBT, "Exchanges in doubt that wait for a decision"),
        (SWEEP_FAILURES, "Failures to ask the store for due grants"),
        (ENDINGS_HELD, "Refusals that did not end their grant"),
        (WENT_BACK, "Grants of which the store may not hold the last state"),
    ];
    for (name, words) in counters {
        describe_counter!(name, Unit::Count, words);
    }
}

pub(super) fn event(provider: &'static str, kind: &EventKind) {
    let name = match kind {
        // Counted as an exchange.
        EventKind::Refreshed { .. } | EventKind::OutputChanged { .. } => return,
        // Each is about a metric of its own.
        EventKind::EndingsHeld { .. }
        | EventKind::EndingsBelieved
        | EventKind::SweepFailed(_)
        | EventKind::SweepRecovered
        | EventKind::Behind { .. }
        | EventKind::CaughtUp => return,
        EventKind::Adopted { .. } => ADOPTIONS,
        EventKind::Failed(error) => {
            let class = error.class().name();
            counter!(FAILURES, "provider" => provider, "class" => class).increment(1);
            return store_failure(provider, error);
        }
        EventKind::SaveFailed(error) => return store_failure(provider, error),
        EventKind::Deviation(_) => DEVIATIONS,
        EventKind::Saved { .. } => SAVES,
        EventKind::RefreshTokenEnding(_) => ENDINGS,
        EventKind::SignInNeeded { .. } => SIGN_INS,
        EventKind::InDoubt { .. } => IN_DOUBT,
        EventKind::StoreWentBack { .. } => WENT_BACK,
    };
    counter!(name, "provider" => provider).increment(1);
}

pub(super) fn invalidated(provider: &'static str) {
    counter!(INVALIDATED, "provider" => provider).increment(1);
}

pub(super) fn ending_held(provider: &'static str) {
    counter!(ENDINGS_HELD, "provider" => provider).increment(1);
}

pub(super) fn sweep_failed(provider: &'static str, kind: StoreErrorKind) {
    counter!(SWEEP_FAILURES, "provider" => provider, "kind" => name(kind)).increment(1);
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
pub(super) fn backlog(provider: &'static str, due: u64, oldest: Duration) {
    gauge!(DUE, "provider" => provider).set(due as f64);
    gauge!(OLDEST_DUE, "provider" => provider).set(oldest.as_secs_f64());
}

pub(super) fn lease_wait(provider: &'static str, waited: Duration) {
    histogram!(LEASE_WAIT, "provider" => provider).record(waited);
}

fn store_failure(provider: &'static str, error: &SessionError) {
    if let SessionErrorKind::Store(kind) | SessionErrorKind::Unsaved(kind) = error.kind() {
        counter!(STORE_FAILURES, "provider" => provider, "kind" => name(kind)).increment(1);
    }
}

fn name(kind: StoreErrorKind) -> &'static str {
    match kind {
        StoreErrorKind::Conflict => "conflict",
        StoreErrorKind::LeaseLost => "lease_lost",
        StoreErrorKind::Missing => "missing",
        StoreErrorKind::Unavailable => "unavailable",
        StoreErrorKind::Unreadable => "unreadable",
        StoreErrorKind::Newer => "newer",
        StoreErrorKind::Refused => "refused",
    }
}

/// One exchange that is counted. It counts as in flight until this is dropped, also with its task.
pub(super) struct Exchange {
    provider: &'static str,
    began: Duration,
}

impl Exchange {
    pub fn begin(provider: &'static str, attempt: u32, clock: &dyn Clock) -> Self {
        if attempt > 1 {
            counter!(REPLAYS, "provider" => provider).increment(1);
        }
        gauge!(IN_FLIGHT, "provider" => provider).increment(1);
        Self { provider, began: clock.monotonic() }
    }

    pub fn end(self, outcome: &'static str, clock: &dyn Clock) {
        let provider = self.provider;
        let took = clock.monotonic().saturating_sub(self.began);
        histogram!(SECONDS, "provider" => provider).record(took);
        counter!(REFRESHES, "provider" => provider, "outcome" => outcome).increment(1);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT, "provider" => self.provider).decrement(1);
    }
}
