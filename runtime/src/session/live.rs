//! The access token that a session serves now.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use arc_swap::Guard;

use super::schedule::Service;
use crate::expiry::Expiry;
use crate::grant::{Renew, Token};

/// The access token that is served, and until when. Replaced as a whole, never changed.
pub(crate) struct Live<P: Renew> {
    pub token: P::AccessToken,
    /// Which generation of the grant it belongs to; 0 before the store was read.
    pub generation: u64,
    /// Until when it is served without a thought, on the monotonic clock.
    pub fresh_until: Duration,
    /// Until when it is served at all.
    pub valid_until: Duration,
    /// Whether a token that may be used once was handed out.
    handed_out: AtomicBool,
    pub facts: LiveFacts,
}

/// What is known of the tokens, for those who ask for the status.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LiveFacts {
    pub refresh_ends: Expiry,
    pub issued_at: Option<SystemTime>,
}

impl LiveFacts {
    pub const NONE: Self = Self { refresh_ends: Expiry::Undeclared, issued_at: None };
}

impl<P: Renew> Live<P> {
    /// Nothing to serve, of this generation.
    pub fn nothing(generation: u64, facts: LiveFacts) -> Self {
        Self::new(None, generation, Service::NONE, Duration::ZERO, facts)
    }

    /// Serves `token` from `now`, for as long as `service` says.
    pub fn new(
        token: Option<&Token>,
        generation: u64,
        service: Service,
        now: Duration,
        facts: LiveFacts,
    ) -> Self {
        let (fresh_until, valid_until) = match token {
            Some(_) => {
                (now.saturating_add(service.fresh_for), now.saturating_add(service.valid_for))
            }
            None => (Duration::ZERO, Duration::ZERO),
        };
        Self {
            // Without a token a place-holder stands here, which is never valid and so never handed out.
            token: match token {
                Some(token) => P::access_token(token),
                None => P::access_token(&Token::new("")),
            },
            generation,
            fresh_until,
            valid_until,
            handed_out: AtomicBool::new(false),
            facts,
        }
    }

    /// Whether it may be handed out to one more caller. A token for one use is given to the first alone.
    pub fn may_hand_out(&self) -> bool {
        !P::FACTS.access_token_single_use || !self.handed_out.swap(true, Ordering::AcqRel)
    }

    /// Whether it is a token for one use that somebody has.
    pub fn is_handed_out(&self) -> bool {
        P::FACTS.access_token_single_use && self.handed_out.load(Ordering::Acquire)
    }
}

/// An access token that was valid when it was handed out. It derefs to the client's own type.
///
/// Hold it for one request, not for longer: it keeps the token in memory after its time. Where the contract says that an access
/// token may be used once, each is handed out once.
pub struct Access<P: Renew>(pub(crate) Guard<Arc<Live<P>>>);

impl<P: Renew> Access<P> {
    /// Which generation of the grant the token belongs to.
    pub fn generation(&self) -> u64 {
        self.0.generation
    }
}

impl<P: Renew> Deref for Access<P> {
    type Target = P::AccessToken;

    fn deref(&self) -> &P::AccessToken {
        &self.0.token
    }
}

impl<P: Renew> fmt::Debug for Access<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("generation", &self.0.generation).finish_non_exhaustive()
    }
}
