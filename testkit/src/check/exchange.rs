//! One refresh of a check.

use crate::held::{Held, Lost, Outcome};
use http::Response;
use jiff::Timestamp;
use rekindle_contract::contract::ErrorClass;

/// One refresh, and what came of it.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    /// What was held before.
    pub(super) held: Held,
    /// Whether an earlier exchange of the run has succeeded.
    pub(super) is_later: bool,
    /// When it began.
    pub(super) now: Timestamp,
    /// The base URL of the client before any answer told another.
    pub(super) base_url: String,
    /// The answer that tells the refresh token, where other requests follow it.
    pub(super) told: Option<Response<Vec<u8>>>,
    /// The last answer.
    pub(super) answer: Result<Response<Vec<u8>>, Lost>,
    /// What the client makes of it.
    pub(super) outcome: Outcome,
}

impl Exchange {
    /// Whether there were too many requests.
    pub(super) fn is_limited(&self) -> bool {
        matches!(&self.outcome, Outcome::Failed(failure) if failure.class == ErrorClass::RateLimited)
    }
}
