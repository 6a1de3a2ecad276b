//! How a grant stands.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::error::SessionError;
use crate::deviation::Deviation;
use crate::error::SignIn;
use crate::expiry::Expiry;
use crate::readable::Readable;
use crate::store::InFlight;

/// How a grant stands, by the store and by what this session knows.
#[derive(Clone)]
#[non_exhaustive]
pub struct Status {
    /// How often its tokens have changed; 0 when no grant is stored. Where the client makes its tokens itself, how many this session had.
    pub generation: u64,
    /// When the access token ends.
    pub access_ends: Expiry,
    /// When the refresh token ends.
    pub refresh_ends: Expiry,
    /// When the tokens were issued, by the clock of the machine that received them.
    pub issued_at: Option<SystemTime>,
    /// When it is refreshed even if no caller asks for a token.
    pub due: Option<SystemTime>,
    /// Set once the provider has said that the grant has ended. Where the client's settings alone bring new tokens: that it refuses them.
    pub ended: Option<SignIn>,
    /// An exchange that was begun, by this process or another, and of which no outcome is stored. Not one whose new refresh token is stored,
    /// which goes on without spending anything.
    pub in_flight: Option<InFlight>,
    /// The last failure, if nothing has succeeded since.
    pub trouble: Option<SessionError>,
    /// How long the session makes no attempt after that failure.
    pub next_try: Option<Duration>,
    /// Where the last answer that this session got tokens of differed from the contract: the contract, or the provider, has changed.
    pub deviations: Vec<Deviation>,
    /// Whether new tokens are in memory that the store has not taken yet.
    pub unsaved: bool,
    /// Whether the client's settings alone bring new tokens.
    pub(super) mints: bool,
    /// Whether they bring tokens where there are none.
    pub(super) needs_no_sign_in: bool,
}

impl Status {
    /// Whether a person must sign in: there is no grant, or it has ended. Where the client's settings alone bring new tokens, only if the
    /// refusal says how a person signs in; where they do so only if a refresh cannot, once they were refused as well.
    pub fn needs_sign_in(&self) -> bool {
        let is_absent = self.generation == 0 && !self.needs_no_sign_in;
        let says_how = |how: SignIn| how != SignIn::Unspecified;
        is_absent || self.ended.is_some_and(|how| !self.mints || says_how(how))
    }
}

/// Shows instants as dates.
impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            generation,
            access_ends,
            refresh_ends,
            issued_at,
            due,
            ended,
            in_flight,
            trouble,
            next_try,
            deviations,
            unsaved,
            mints: _,
            needs_no_sign_in: _,
        } = self;
        let in_flight = in_flight.as_ref().map(|entry| Readable(entry.started_at));
        f.debug_struct("Status")
            .field("generation", generation)
            .field("access_ends", &access_ends.at().map(Readable))
            .field("refresh_ends", &refresh_ends.at().map(Readable))
            .field("issued_at", &issued_at.map(Readable))
            .field("due", &due.map(Readable))
            .field("ended", ended)
            .field("in_flight_since", &in_flight)
            .field("trouble", trouble)
            .field("next_try", next_try)
            .field("deviations", deviations)
            .field("unsaved", unsaved)
            .finish()
    }
}
