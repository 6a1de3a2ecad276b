//! What sessions tell machines: spans and events of `tracing`, counters of `metrics`. Each behind its feature; without them
//! nothing is computed.
//!
//! No token is ever in them. Whose grant it is stands in spans and events alone: as a label of a counter a million subjects
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
//! | `rekindle_adoptions_total` | counter | `provider` | tokens that were taken over from another holder |
//! | `rekindle_tokens_invalidated_total` | counter | `provider` | access tokens that were refused in use |
//! | `rekindle_store_failures_total` | counter | `provider`, `kind` | failures of the store: `conflict`, `lease_lost`, `missing`, `unavailable`, `unreadable`, `newer`, `refused` |
//! | `rekindle_saves_total` | counter | `provider` | tokens that were stored after the store had failed to take them |
//! | `rekindle_deviations_total` | counter | `provider` | answers that were usable and not what the contract promises |
//! | `rekindle_endings_total` | counter | `provider` | refresh tokens whose final end was announced |
//! | `rekindle_sign_ins_needed_total` | counter | `provider` | grants that are over |
//! | `rekindle_in_doubt_total` | counter | `provider` | exchanges whose answer never came and that wait for a decision |
//!
//! An `outcome` is `renewed`; `unsaved` when new tokens are here and not yet stored; `not_sent` when the store failed before;
//! or the class of the failure.
//!
//! # Spans and events
//!
//! With the feature `tracing`, under the target `rekindle`. The span `rekindle.refresh` (level `INFO`) lasts as long as one
//! exchange and has the fields `provider`, `subject`, `generation` (of the tokens that it replaces), `attempt` and `outcome`.
//! Each [event](super::EventKind) is one of `tracing`, too, with `provider` and `subject`: `ERROR` for tokens that could not
//! be stored and an exchange in doubt, `WARN` for failures, deviations and a sign-in that is needed, `INFO` for tokens that
//! are stored at last, `DEBUG` for what is as it should be.

#[cfg(feature = "metrics")]
mod counters;
#[cfg(feature = "tracing")]
mod spans;

use std::future::Future;

use super::core::Core;
use super::error::SessionError;
use super::event::EventKind;
use super::exchange::Sent;
use super::provider::Renewable;
use crate::clock::Clock;
use crate::store::{InFlight, Key};

#[cfg(feature = "metrics")]
pub use counters::describe;

/// One thing happened.
pub(crate) fn event(provider: &'static str, key: &Key, kind: &EventKind) {
    #[cfg(feature = "tracing")]
    spans::event(provider, key, kind);
    #[cfg(feature = "metrics")]
    counters::event(provider, kind);
    let _ = (provider, key, kind);
}

/// The access token of this generation was refused in use.
pub(crate) fn invalidated(provider: &'static str, key: &Key, generation: u64) {
    #[cfg(feature = "tracing")]
    spans::invalidated(provider, key, generation);
    #[cfg(feature = "metrics")]
    counters::invalidated(provider);
    let _ = (provider, key, generation);
}

impl<P: Renewable> Core<P> {
    /// Begins to watch an exchange of this grant.
    pub(super) fn watch(&self, entry: &InFlight) -> Watch<'_> {
        Watch {
            provider: P::ID,
            key: &self.key,
            clock: &*self.shared.clock,
            generation: entry.generation,
            attempt: entry.attempt,
        }
    }
}

/// An exchange that is watched.
#[cfg_attr(
    not(all(feature = "metrics", feature = "tracing")),
    expect(dead_code, reason = "what nobody asks for is not read")
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
    /// Watches the exchange to its outcome.
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(super) async fn over(
        self,
        exchange: impl Future<Output = Result<Sent, SessionError>>,
    ) -> Result<Sent, SessionError> {
        #[cfg(feature = "tracing")]
        let span = spans::exchange(&self);
        #[cfg(feature = "tracing")]
        let exchange = tracing::Instrument::instrument(exchange, span.clone());
        #[cfg(feature = "metrics")]
        let counted = counters::Exchange::begin(&self);
        let ended = exchange.await;
        let outcome = outcome(&ended);
        #[cfg(feature = "tracing")]
        span.record("outcome", outcome);
        #[cfg(feature = "metrics")]
        counted.end(outcome, self.clock);
        ended
    }

    /// Nobody watches.
    #[cfg(not(any(feature = "metrics", feature = "tracing")))]
    pub(super) fn over<F: Future<Output = Result<Sent, SessionError>>>(self, exchange: F) -> F {
        exchange
    }
}

/// How an exchange ended, in one word.
#[cfg(any(feature = "metrics", feature = "tracing"))]
fn outcome(ended: &Result<Sent, SessionError>) -> &'static str {
    use super::error::SessionErrorKind as Kind;
    match ended {
        Ok(Sent::Renewed) => "renewed",
        Ok(Sent::InDoubt { .. }) => crate::Class::InDoubt.name(),
        Err(error) => match error.kind() {
            Kind::Unsaved(_) => "unsaved",
            Kind::Store(_) | Kind::NoGrant => "not_sent",
            _ => error.class().name(),
        },
    }
}
