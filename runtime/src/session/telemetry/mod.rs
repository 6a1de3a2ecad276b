//! What sessions report: spans and events of `tracing`, counters of `metrics`. Each is behind its feature; without them
//! nothing is computed.
//!
//! They never hold a token. The subject of a grant is in spans and events alone: as a label of a counter, a million subjects
//! would be a million time series.
//!
//! # Metrics
//!
//! With the feature `metrics`, to whatever recorder the process has installed. `provider` is the id of the contract.
//!
//! | name | kind | labels | what it counts |
//! |---|---|---|---|
//! | `rekindle_refreshes_total` | counter | `provider`, `outcome` | exchanges that ended, by their outcome |
//! | `rekindle_refresh_seconds` | histogram | `provider` | how long an exchange took, from its journal entry to its commit, in seconds |
//! | `rekindle_exchanges_in_flight` | gauge | `provider` | exchanges that are out now |
//! | `rekindle_replays_total` | counter | `provider` | exchanges that were sent once more after their answer was lost |
//! | `rekindle_failures_total` | counter | `provider`, `class` | attempts to get tokens that failed, by [`Class::name`](crate::Class::name) |
//! | `rekindle_adoptions_total` | counter | `provider` | tokens that another process had fetched |
//! | `rekindle_tokens_invalidated_total` | counter | `provider` | access tokens that were refused in use |
//! | `rekindle_store_failures_total` | counter | `provider`, `kind` | failures of the store: `conflict`, `lease_lost`, `missing`, `unavailable`, `unreadable`, `newer`, `refused` |
//! | `rekindle_saves_total` | counter | `provider` | tokens that were stored after the store had failed to take them |
//! | `rekindle_deviations_total` | counter | `provider` | answers that were usable and not what the contract promises |
//! | `rekindle_endings_total` | counter | `provider` | refresh tokens whose final end was announced |
//! | `rekindle_sign_ins_needed_total` | counter | `provider` | grants that have ended |
//! | `rekindle_in_doubt_total` | counter | `provider` | exchanges in doubt that wait for a decision |
//! | `rekindle_due_grants` | gauge | `provider` | grants in the store that are due, each time that it is asked for them |
//! | `rekindle_oldest_due_seconds` | gauge | `provider` | for how long the first of them has been due, or the time is over to which a failure put it off |
//! | `rekindle_sweep_failures_total` | counter | `provider`, `kind` | failures to ask the store for due grants; `kind` as above |
//! | `rekindle_lease_wait_seconds` | histogram | `provider` | how long an attempt waited for a lease that another process held, in seconds |
//! | `rekindle_endings_held_total` | counter | `provider` | refusals that did not end their grant, because the provider refuses many |
//! | `rekindle_store_went_back_total` | counter | `provider` | grants of which the store may not hold the last state |
//!
//! An `outcome` is `renewed`; `unsaved` when new tokens are here and not yet stored; `not_sent` when the store failed before;
//! or the class of the failure.
//!
//! # Spans and events
//!
//! With the feature `tracing`, under the target `rekindle`. The span `rekindle.refresh` (level `INFO`) lasts as long as one
//! exchange and has the fields `provider`, `subject`, `generation` (of the tokens that it replaces), `attempt` and `outcome`.
//! Each [event](super::EventKind) is one of `tracing`, too, with `provider` and `subject`: `ERROR` for tokens that could not
//! be stored, an exchange in doubt and a store that went back, `WARN` for failures, deviations and a sign-in that is needed, `INFO` for tokens that
//! are stored at last, `DEBUG` for everything else. The message says what happened and why. A failure's `class`, `status`, `rule` (of the
//! contract), `code` (the provider's own) and `cause` (where no answer came) are fields, too; of an exchange in doubt they are those of the answer that left it so.

#[cfg(feature = "metrics")]
mod counters;
#[cfg(feature = "tracing")]
mod spans;

use std::future::Future;
use std::time::Duration;

use super::error::SessionError;
use super::event::Event;
use crate::clock::Clock;
use crate::store::{InFlight, Key, StoreErrorKind};

#[cfg(feature = "metrics")]
pub use counters::describe;

/// Reports an event.
pub(crate) fn event(provider: &'static str, event: &Event) {
    #[cfg(feature = "tracing")]
    spans::event(provider, event);
    #[cfg(feature = "metrics")]
    counters::event(provider, &event.kind);
    let _ = (provider, event);
}

/// Counts a refusal that did not end its grant.
pub(crate) fn ending_held(provider: &'static str) {
    #[cfg(feature = "metrics")]
    counters::ending_held(provider);
    let _ = provider;
}

/// Counts a failure to ask the store for due grants.
pub(crate) fn sweep_failed(provider: &'static str, kind: StoreErrorKind) {
    #[cfg(feature = "metrics")]
    counters::sweep_failed(provider, kind);
    let _ = (provider, kind);
}

/// Shows how many grants are due, and for how long the first of them has been.
pub(crate) fn backlog(provider: &'static str, due: u64, oldest: Duration) {
    #[cfg(feature = "metrics")]
    counters::backlog(provider, due, oldest);
    let _ = (provider, due, oldest);
}

/// Records how long an attempt waited for a lease that another process held.
pub(crate) fn lease_wait(provider: &'static str, waited: Duration) {
    #[cfg(feature = "metrics")]
    counters::lease_wait(provider, waited);
    let _ = (provider, waited);
}

/// Reports that the access token of this generation was refused in use.
pub(crate) fn invalidated(provider: &'static str, key: &Key, generation: u64) {
    #[cfg(feature = "tracing")]
    spans::invalidated(provider, key, generation);
    #[cfg(feature = "metrics")]
    counters::invalidated(provider);
    let _ = (provider, key, generation);
}

/// An exchange of the grant `key`, to be watched.
pub(super) fn watch<'a>(
    provider: &'static str,
    key: &'a Key,
    clock: &'a dyn Clock,
    entry: &InFlight,
) -> Watch<'a> {
    Watch { provider, key, clock, generation: entry.generation, attempt: entry.attempt }
}

/// An exchange that is watched.
#[cfg_attr(
    not(all(feature = "metrics", feature = "tracing")),
    expect(dead_code, reason = "each field is for one of the two features")
)]
pub(super) struct Watch<'a> {
    provider: &'static str,
    key: &'a Key,
    clock: &'a dyn Clock,
    /// The generation that it spends.
    generation: u64,
    attempt: u32,
}

impl Watch<'_> {
    /// Runs the exchange and records its outcome; `name` says in one word what came of one that has not failed.
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(super) async fn run<T>(
        self,
        exchange: impl Future<Output = Result<T, SessionError>>,
        name: impl Fn(&T) -> &'static str,
    ) -> Result<T, SessionError> {
        #[cfg(feature = "tracing")]
        let span = spans::exchange(self.provider, self.key, self.generation, self.attempt);
        #[cfg(feature = "tracing")]
        let exchange = tracing::Instrument::instrument(exchange, span.clone());
        #[cfg(feature = "metrics")]
        let counted = counters::Exchange::begin(self.provider, self.attempt, self.clock);
        let ended = exchange.await;
        let outcome = match &ended {
            Ok(outcome) => name(outcome),
            Err(error) => failure_name(error),
        };
        #[cfg(feature = "tracing")]
        span.record("outcome", outcome);
        #[cfg(feature = "metrics")]
        counted.end(outcome, self.clock);
        ended
    }

    /// Runs the exchange: neither feature is on.
    #[cfg(not(any(feature = "metrics", feature = "tracing")))]
    pub(super) fn run<T, F: Future<Output = Result<T, SessionError>>>(
        self,
        exchange: F,
        _name: impl Fn(&T) -> &'static str,
    ) -> F {
        exchange
    }
}

/// How an exchange failed, in one word.
#[cfg(any(feature = "metrics", feature = "tracing"))]
fn failure_name(error: &SessionError) -> &'static str {
    use super::error::SessionErrorKind as Kind;
    match error.kind() {
        Kind::Unsaved(_) => "unsaved",
        Kind::Store(_) | Kind::NoGrant => "not_sent",
        _ => error.class().name(),
    }
}
