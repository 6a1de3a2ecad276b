//! Spans and events of `tracing`.

use tracing::field::{Empty, display as shown};
use tracing::{Span, debug, error, info, info_span, warn};

use super::super::error::SessionError;
use super::super::event::{Event, EventKind};
use crate::readable::Readable;
use crate::store::Key;
use crate::{Error, TransportError};

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

/// An event, whose text is the message. What a failure is about is in fields of its own as well: they can be searched for.
pub(super) fn event(provider: &'static str, event: &Event) {
    let subject = event.key.as_ref().map(Key::subject);
    let kind = &event.kind;
    let failed = kind.error();
    let cause = failed.and_then(SessionError::exchange);
    // What was wrong with the answer, where there was one: that its outcome is in doubt is what follows.
    let class = failed.map(|error| cause.map_or_else(|| error.class(), Error::class).name());
    let lost = cause.and_then(Error::lost);
    let came = lost.and_then(TransportError::came).map(|came| came.status);
    let status = cause.and_then(Error::status).or(came).map(|status| status.as_u16());
    let why = lost.map(|lost| shown(lost.kind()));
    let rule = cause.and_then(Error::rule);
    let code = cause.and_then(Error::code);
    macro_rules! tell {
        ($level:ident $(, $field:ident = $value:expr)*) => {
            $level!(target: "rekindle", provider, subject $(, $field = $value)*, "{kind}")
        };
    }
    match kind {
        EventKind::Refreshed { generation, .. } | EventKind::Adopted { generation } => {
            tell!(debug, generation = generation);
        }
        EventKind::Saved { generation } => tell!(info, generation = generation),
        EventKind::OutputChanged { name } => tell!(info, output = &**name),
        EventKind::Deviation(deviation) => tell!(warn, deviation = shown(deviation)),
        EventKind::RefreshTokenEnding(end) => tell!(warn, end = shown(Readable(*end))),
        EventKind::Behind { due, oldest } => {
            tell!(warn, due = due, oldest = shown(Readable(*oldest)))
        }
        EventKind::Failed(_) => {
            tell!(warn, class = class, status = status, rule = rule, code = code, cause = why);
        }
        EventKind::SignInNeeded { how, .. } => {
            tell!(warn, how = shown(how), class = class, status = status, rule = rule, code = code);
        }
        EventKind::InDoubt { since, .. } => {
            let since = Readable(*since);
            tell!(
                error,
                since = shown(since),
                class = class,
                status = status,
                rule = rule,
                code = code,
                cause = why
            );
        }
        EventKind::SaveFailed(_) | EventKind::SweepFailed(_) => {
            tell!(error, class = class, cause = why)
        }
        EventKind::StoreWentBack { stored, known } => {
            tell!(error, stored = stored, known = known);
        }
        EventKind::EndingsHeld { refused } => tell!(error, refused = refused),
        EventKind::EndingsBelieved | EventKind::SweepRecovered | EventKind::CaughtUp => tell!(info),
    }
}
