//! Spans and events of `tracing`.

use tracing::field::Empty;
use tracing::{Span, debug, error, info, info_span, warn};

use super::super::event::{Event, EventKind};
use crate::store::Key;

/// The span of one exchange. It has no parent: an exchange belongs to none of its callers.
pub(super) fn exchange(provider: &'static str, key: &Key, generation: u64, attempt: u32) -> Span {
    info_span!(
        target: "rekindle",
        parent: None,
        "rekindle.refresh",
        provider,
        subject = key.subject(),
        generation,
        attempt,
        outcome = Empty,
    )
}

pub(super) fn invalidated(provider: &'static str, key: &Key, generation: u64) {
    let subject = key.subject();
    debug!(target: "rekindle", provider, subject, generation, "the access token was refused in use");
}

pub(super) fn event(provider: &'static str, event: &Event) {
    let subject = event.key.as_ref().map(Key::subject);
    match &event.kind {
        EventKind::Refreshed { generation, .. } => {
            debug!(target: "rekindle", provider, subject, generation, "new tokens are stored");
        }
        EventKind::OutputChanged { name } => {
            info!(target: "rekindle", provider, subject, output = &**name, "an output has another value");
        }
        EventKind::Adopted { generation } => {
            debug!(target: "rekindle", provider, subject, generation, "tokens of another process are served now");
        }
        EventKind::Failed(failed) => {
            let class = failed.class().name();
            warn!(target: "rekindle", provider, subject, class, error = %failed, "a refresh failed");
        }
        EventKind::Deviation(deviation) => {
            warn!(target: "rekindle", provider, subject, %deviation, "the answer was not what the contract promises");
        }
        EventKind::SaveFailed(failed) => {
            error!(target: "rekindle", provider, subject, error = %failed, "new tokens could not be stored");
        }
        EventKind::Saved { generation } => {
            info!(target: "rekindle", provider, subject, generation, "the tokens are stored at last");
        }
        EventKind::RefreshTokenEnding(end) => {
            let end = seconds(*end);
            warn!(target: "rekindle", provider, subject, end, "the refresh token ends soon: a sign-in is needed by then");
        }
        EventKind::SignInNeeded(how) => {
            warn!(target: "rekindle", provider, subject, how = %how, "the grant is over: a sign-in is needed");
        }
        EventKind::InDoubt { since } => {
            let since = seconds(*since);
            error!(target: "rekindle", provider, subject, since, "an exchange is in doubt: it waits for a decision");
        }
        EventKind::StoreWentBack { stored, known } => {
            error!(target: "rekindle", provider, subject, stored, known, "the store may not hold the last state of the grant: its tokens are in doubt");
        }
        EventKind::EndingsHeld { refused } => {
            error!(target: "rekindle", provider, refused, "the provider says of many grants that they have ended: no more are ended");
        }
        EventKind::EndingsBelieved => {
            info!(target: "rekindle", provider, "the provider is believed again when it says that a grant has ended");
        }
        EventKind::SweepFailed(failed) => {
            error!(target: "rekindle", provider, error = %failed, "the store cannot be asked for due grants");
        }
        EventKind::SweepRecovered => {
            info!(target: "rekindle", provider, "the store can be asked for due grants again");
        }
        EventKind::Behind { due, oldest } => {
            let oldest = seconds(*oldest);
            warn!(target: "rekindle", provider, due, oldest, "grants are due for longer than they should be");
        }
        EventKind::CaughtUp => {
            info!(target: "rekindle", provider, "no grant is due for longer than it should be any more");
        }
    }
}

/// An instant, in seconds since 1970 (UTC).
fn seconds(instant: std::time::SystemTime) -> u64 {
    let since = instant.duration_since(std::time::SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
