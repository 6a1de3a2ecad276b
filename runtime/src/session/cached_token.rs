//! The access token that a session serves now. This is the hot path: taking a token must neither lock nor allocate.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use arc_swap::Guard;

use super::schedule::Validity;
use crate::expiry::Expiry;
use crate::grant::{Grant, Token};
use crate::renew::Renew;
use crate::store::{EntryId, Record};

/// Where the tokens come from that are about to be cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The provider issued them to this process a moment ago.
    Issued,
    /// The user has handed them in.
    SignedIn,
    /// This process held them before and has stored them again, with other facts beside them.
    Rewritten,
    /// They were read from the store.
    Store,
}

/// An access token and how long it is served. Replaced as a whole, never changed.
pub(crate) struct CachedToken<P: Renew> {
    pub token: P::AccessToken,
    /// What answers held beside the tokens.
    pub outputs: P::Outputs,
    /// The generation of the grant that the token belongs to; 0 before the store was read.
    pub generation: u64,
    /// Until when it is served without a refresh, on the monotonic clock.
    pub fresh_until: Duration,
    /// Until when it is served at all.
    pub valid_until: Duration,
    /// Whether a single-use token was handed out.
    taken: AtomicBool,
    /// When the token ends, as it was brought.
    pub access_ends: Expiry,
    pub facts: CachedFacts,
}

/// What the session needs to know about the tokens beside the cached one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CachedFacts {
    pub refresh_ends: Expiry,
    /// `None` where there are none.
    pub issue: Option<Issue>,
    /// The access token, served or not.
    pub access: Option<Fingerprint>,
    /// The generation as which the access token came: a later one may have replaced the refresh token alone.
    pub came_as: u64,
}

/// Tells one access token from another within this process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub fn of(token: &Token) -> Self {
        static KEYS: OnceLock<RandomState> = OnceLock::new();
        Self(KEYS.get_or_init(RandomState::new).hash_one(token.expose()))
    }
}

/// Shows nothing of the token.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}

/// Tells the tokens of one grant apart from those of another, and from earlier and later ones of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Issue {
    /// Which sign-in they come from.
    sign_in: Option<EntryId>,
    /// When they were issued.
    pub at: SystemTime,
}

impl Issue {
    pub fn of(record: &Record) -> Self {
        Self { sign_in: record.sign_in, at: record.issued_at }
    }

    /// Whether these are earlier tokens of the same grant as `other`. Where the sign-ins are not known, the time decides: what was issued
    /// later under a lower generation was put again.
    pub fn is_before(&self, other: &Self) -> bool {
        match (self.sign_in, other.sign_in) {
            (Some(ours), Some(others)) => ours == others,
            _ => self.at < other.at,
        }
    }
}

impl CachedFacts {
    pub const NONE: Self =
        Self { refresh_ends: Expiry::Undeclared, issue: None, access: None, came_as: 0 };

    /// Whether what `self` and a later generation, `new`, say of the access token is that it is the same: nothing has brought another since.
    pub fn is_same_token(&self, new: &Self) -> bool {
        self.issue == new.issue && new.access.is_none_or(|access| self.access == Some(access))
    }
}

impl<P: Renew> fmt::Debug for CachedToken<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            token: _,
            outputs: _,
            generation,
            fresh_until,
            valid_until,
            taken,
            access_ends: _,
            facts,
        } = self;
        f.debug_struct("CachedToken")
            .field("generation", generation)
            .field("fresh_until", fresh_until)
            .field("valid_until", valid_until)
            .field("taken", taken)
            .field("facts", facts)
            .finish_non_exhaustive()
    }
}

impl<P: Renew> CachedToken<P> {
    /// No token to serve, at this generation.
    pub fn empty(generation: u64, facts: CachedFacts) -> Self {
        Self::new(&Grant::new(), generation, Validity::NONE, Duration::ZERO, facts)
    }

    /// Serves the token of `grant` from `now` on, for as long as `validity` says.
    pub fn new(
        grant: &Grant,
        generation: u64,
        validity: Validity,
        now: Duration,
        facts: CachedFacts,
    ) -> Self {
        let token = grant.access_token();
        let until = |wait| token.map_or(Duration::ZERO, |_| now.saturating_add(wait));
        Self {
            fresh_until: until(validity.fresh_for),
            valid_until: until(validity.valid_for),
            // Without a token a placeholder stands here, which is never valid and so never handed out.
            token: match token {
                Some(token) => P::access_token(token),
                None => P::access_token(&Token::new("")),
            },
            outputs: P::outputs(grant),
            generation,
            taken: AtomicBool::new(false),
            access_ends: grant.access_token_ends(),
            facts,
        }
    }

    /// Whether the caller may have the token. Only the first caller gets a single-use one.
    pub fn take(&self) -> bool {
        !P::FACTS.access_token_single_use || !self.taken.swap(true, Ordering::AcqRel)
    }

    /// Whether it is a single-use token that a caller has taken.
    pub fn is_taken(&self) -> bool {
        P::FACTS.access_token_single_use && self.taken.load(Ordering::Acquire)
    }
}

/// An access token that was valid when the session handed it out. It derefs to the client's own type.
///
/// Hold it for one request, not for longer: it keeps the token in memory after its time. Where the contract says that an access
/// token is single-use, the session hands out each one once.
pub struct Access<P: Renew>(pub(crate) Guard<Arc<CachedToken<P>>>);

impl<P: Renew> Access<P> {
    /// The generation of the grant as which the token came. One that replaced the refresh token alone does not change it.
    pub fn generation(&self) -> u64 {
        self.0.facts.came_as
    }

    /// What answers held beside the tokens: the last value of each.
    pub fn outputs(&self) -> &P::Outputs {
        &self.0.outputs
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
