//! What a contract says about its tokens, as data: what a session needs to know to decide when to refresh and what to repeat.

use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use crate::exchange::Replay;
use crate::expiry::OwnEnd;
use crate::json::Literal;
use crate::{Body, Deviation, Error, Expiry, SignIn};

/// What a contract says about its tokens. Each client has them: [`Renew::FACTS`](crate::Renew::FACTS).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Whether the first use spends the access token.
    pub access_token_single_use: bool,
    /// How the access token's end is told.
    pub access_token_ends: Ends,
    /// How long access tokens usually live, where their end is not told in another way.
    pub usual_lifetime: Option<Duration>,
    /// With which statuses requests are answered whose access token has expired or is revoked, whatever the body. What is told by a
    /// body alone is in [`Renew::REFUSED_IN_BODY`](crate::Renew::REFUSED_IN_BODY).
    pub access_token_refused: &'static [u16],
    /// What becomes of the old access token when a new one is issued.
    pub old_access_token: OldAccessToken,
    /// When the provider accepts a refresh.
    pub window: RefreshWindow,
    /// Whether one exchange spends what it sends. Not documented counts as yes.
    pub single_use: bool,
    /// Whether a refresh replaces the refresh token; `None` where there is none.
    pub rotation: Option<Rotation>,
    /// What a spent refresh token is still good for.
    pub spent: Spent,
    /// What the provider does when a spent refresh token comes back.
    pub reuse: Reuse,
    /// How the refresh token's end is told.
    pub refresh_token_ends: Ends,
    /// How long a refresh token lives without being used.
    pub idle_limit: Option<Duration>,
    /// How long the access token lives that signing in brought, where the contract states another lifetime for those of refreshes.
    pub first_access_lifetime: Option<Duration>,
    /// The same of the refresh token.
    pub first_refresh_lifetime: Option<Duration>,
    /// The shortest time between two exchanges of one grant, where the provider refuses one that comes sooner.
    pub at_most_every: Option<Duration>,
    /// How many exchanges of one grant the provider takes in a time, where each spends a token. Of those that spend none, `mint` says it.
    pub limit: Option<MintLimit>,
    /// How many access tokens of a grant live at a time, where a refresh revokes the oldest of more. What a mint ends is said by `mint`.
    pub most_alive: Option<u32>,
    /// What an exchange does to earlier access tokens, and how many are allowed, where it spends no token: the settings alone bring a
    /// new one. `None` where it spends one.
    pub mint: Option<Mint>,
    /// The same of what brings tokens where a refresh cannot: there is no refresh token, or it has died. `None` where a person signs in.
    pub fallback: Option<Mint>,
}

impl Facts {
    /// What holds where a contract says nothing. Generated clients say what differs.
    pub const DEFAULT: Self = Self {
        access_token_single_use: false,
        access_token_ends: Ends::Untold,
        usual_lifetime: None,
        access_token_refused: &[401],
        old_access_token: OldAccessToken::Unknown,
        window: RefreshWindow::AnyTime,
        single_use: true,
        rotation: None,
        spent: Spent::Dead,
        reuse: Reuse::Unknown,
        refresh_token_ends: Ends::Untold,
        idle_limit: None,
        first_access_lifetime: None,
        first_refresh_lifetime: None,
        at_most_every: None,
        limit: None,
        most_alive: None,
        mint: None,
        fallback: None,
    };

    /// What is said of the exchange that brings tokens where a refresh cannot; `None` where nothing does.
    pub const fn minting(&self) -> Option<Self> {
        if self.fallback.is_none() {
            return None;
        }
        Some(Self {
            first_access_lifetime: None,
            first_refresh_lifetime: None,
            at_most_every: None,
            limit: None,
            most_alive: None,
            window: RefreshWindow::AnyTime,
            single_use: false,
            rotation: match self.rotation {
                Some(_) => Some(Rotation::Always),
                None => None,
            },
            spent: Spent::Dead,
            reuse: Reuse::Unknown,
            idle_limit: None,
            mint: self.fallback,
            fallback: None,
            ..*self
        })
    }

    /// Whether the client's settings bring tokens where there are none.
    #[cfg(feature = "session")]
    pub(crate) const fn needs_no_sign_in(&self) -> bool {
        self.mint.is_some() || self.fallback.is_some()
    }

    /// Whether one exchange spends what it sends: not where it sends nothing that could be spent.
    pub(crate) const fn spends(&self) -> bool {
        self.single_use && self.mint.is_none()
    }

    /// Whether and for how long a failed exchange may be repeated with the same credential.
    pub const fn replay(&self) -> Replay {
        match (self.spends(), self.spent) {
            (false, _) => Replay::REUSABLE,
            (true, Spent::GoodFor(window) | Spent::GoodForUntil(window, _)) => {
                Replay::within(window)
            }
            (true, Spent::Dead | Spent::GoodUntil(_)) => Replay::NEVER,
        }
    }
}

/// An answer that refuses an access token as expired or revoked by a field of its JSON body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BodyRefusal {
    /// The statuses, which other answers have as well.
    pub statuses: &'static [RangeInclusive<u16>],
    /// Where the field is.
    pub field: &'static [&'static str],
    /// What it holds: one of these.
    pub values: &'static [Literal<'static>],
}

impl BodyRefusal {
    /// Whether the field may be in a body that is a list: its place begins with an index.
    pub fn may_be_in_list(&self) -> bool {
        let first = self.field.first();
        first.is_none_or(|step| step.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// Whether an answer with this status may be one.
    pub fn may_have(&self, status: u16) -> bool {
        self.statuses.iter().any(|range| range.contains(&status))
    }

    /// Whether an answer with this status and this body is one.
    pub fn matches(&self, status: u16, body: &Body<'_>) -> bool {
        let found = body.json().at(self.field);
        self.may_have(status) && self.values.iter().any(|value| found.is(*value))
    }
}

/// What a contract says of an exchange that spends no token and may be asked for at any time: a mint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mint {
    /// Which access tokens that were minted before it ends.
    pub ends: MintEnds,
    /// How many the provider allows in a time, where it says so.
    pub limit: Option<MintLimit>,
}

/// Which earlier access tokens a mint ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MintEnds {
    /// None: each lives until its own end.
    Nothing,
    /// All: the last one alone lives.
    Previous,
    /// The oldest, where more than so many would live.
    OldestOf(u32),
    /// Not documented.
    Unknown,
}

/// How many mints a provider allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MintLimit {
    /// So many requests, refused ones included.
    pub at_most: u32,
    /// In any stretch of time of this length.
    pub per: Duration,
}

/// What a contract says of a token by itself. Errors call it by its name: `refresh token`.
#[derive(Debug, Clone, Copy)]
pub struct TokenFacts {
    pub(crate) name: &'static str,
    pub(crate) ends: OwnEnd,
    pub(crate) lives: Option<Duration>,
    pub(crate) max_length: usize,
}

impl TokenFacts {
    /// An opaque token of any length, of which something else tells the end.
    pub const fn new(name: &'static str) -> Self {
        Self { name, ends: OwnEnd::Elsewhere, lives: None, max_length: usize::MAX }
    }

    /// It says its end itself.
    pub const fn ends(self, ends: OwnEnd) -> Self {
        Self { ends, ..self }
    }

    /// It lives so long from its issue.
    pub const fn lives(self, lifetime: Duration) -> Self {
        Self { lives: Some(lifetime), ..self }
    }

    /// It has so many bytes at most.
    pub const fn max_length(self, bytes: usize) -> Self {
        Self { max_length: bytes, ..self }
    }
}

/// How a token's end is told: a holder whose clock is wrong reads the one as well as ever, and not the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ends {
    /// As a lifetime, which counts from the exchange: the holder's own clock measures it.
    AfterLifetime,
    /// As an instant by the provider's clock.
    AtInstant,
    /// So long after signing in, by the clock of the machine where that was: no refresh puts the end off.
    AfterSignIn(Duration),
    /// It does not end.
    Never,
    /// Nobody says.
    Untold,
}

/// What becomes of the old access token when a new one is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OldAccessToken {
    /// It stays good until it expires.
    Valid,
    /// It is revoked at once.
    Revoked,
    /// It is revoked when the new one is first used.
    RevokedOnFirstUse,
    /// Not documented.
    Unknown,
}

/// When a provider accepts a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshWindow {
    /// Whenever the credential lives.
    AnyTime,
    /// From this long before the access token's expiry.
    NearExpiry(Duration),
    /// Only while the access token has not expired.
    BeforeExpiry,
    /// Only once the access token has expired.
    AfterExpiry,
    /// Not documented.
    Unknown,
}

impl RefreshWindow {
    /// Why the provider takes no refresh now, of an access token that ends then; `None` where it may take one. `how` says how to sign in
    /// again.
    pub(crate) fn refuses(self, ends: Expiry, now: SystemTime, how: SignIn) -> Option<Error> {
        let is_early = match self {
            Self::BeforeExpiry => return ends.has_passed(now).then(|| Error::expired(how)),
            Self::NearExpiry(lead) => ends.remaining(now).is_some_and(|left| left > lead),
            Self::AfterExpiry => ends.at().is_some_and(|end| now < end),
            Self::AnyTime | Self::Unknown => false,
        };
        is_early.then(Error::too_early)
    }
}

/// Whether a refresh replaces the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// Never: answers hold none.
    Never,
    /// Never: answers repeat the same one.
    Echo,
    /// Always.
    Always,
    /// Sometimes.
    Sometimes,
    /// A new one each time, and the old one stays good as well.
    KeepsOld,
    /// Not documented.
    Unknown,
}

impl Rotation {
    /// What it means that an answer repeats the refresh token, brings another, brings none.
    pub(crate) const fn deviations(self) -> [Option<Deviation>; 3] {
        use Deviation::{RefreshTokenMissing, RefreshTokenUnchanged, RefreshTokenUnexpected};
        match self {
            Self::Never => [None, Some(RefreshTokenUnexpected), None],
            Self::Echo => [None, Some(RefreshTokenUnexpected), Some(RefreshTokenMissing)],
            Self::Always | Self::KeepsOld => {
                [Some(RefreshTokenUnchanged), None, Some(RefreshTokenMissing)]
            }
            Self::Sometimes | Self::Unknown => [None; 3],
        }
    }
}

/// What a spent refresh token is still good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spent {
    /// Nothing, as far as is documented.
    Dead,
    /// It may be sent again for this long.
    GoodFor(Duration),
    /// It may be sent again until a successor is first used.
    GoodUntil(Successor),
    /// It may be sent again until a successor is first used, and for this long at most.
    GoodForUntil(Duration, Successor),
}

impl Spent {
    /// How long at most it may be sent again, where time ends that.
    pub const fn window(self) -> Option<Duration> {
        match self {
            Self::GoodFor(window) | Self::GoodForUntil(window, _) => Some(window),
            Self::Dead | Self::GoodUntil(_) => None,
        }
    }

    /// Whether the first use of a successor ends it.
    pub const fn ends_with_use(self) -> bool {
        matches!(self, Self::GoodUntil(_) | Self::GoodForUntil(..))
    }
}

/// The first use of which successor ends the life of a spent refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Successor {
    /// The new access token's.
    AccessTokenUsed,
    /// The new refresh token's.
    RefreshTokenUsed,
    /// Either one's.
    EitherUsed,
}

/// What a provider does when a spent refresh token comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reuse {
    /// It refuses, nothing else.
    Refused,
    /// It kills the chain of tokens that followed.
    ChainRevoked,
    /// It revokes the whole grant.
    GrantRevoked,
    /// Not documented.
    Unknown,
}
