//! What a user decides about sessions, beyond what the contract says.

use std::time::Duration;

/// What to do when the outcome of an exchange is unknown, the credential is single-use, and its contract declares no way to
/// send it again. Where the client's settings alone bring tokens, nothing is in doubt.
///
/// An exchange that another process has begun may still be answered, and its tokens stored: the policy is carried out once
/// [`Settings::exchange_limit`] and 20 seconds have passed since, and until then the error says for how long. What
/// [`Session::resolve`](super::Session::resolve) decides is carried out at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InDoubt {
    /// Report it, keep both tokens, send nothing. The access token is served while it lives, and the user decides with
    /// [`Session::resolve`](super::Session::resolve).
    #[default]
    Keep,
    /// Send the credential once more. A provider that detects reuse may revoke the whole grant.
    Gamble,
    /// End the grant, and ask to sign in again.
    Reauthenticate,
}

/// When a session refreshes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Upkeep {
    /// When a caller asks for a token, and never otherwise.
    WhenAsked,
    /// When a caller asks for a token, and when the grant would end without a refresh: a refresh token with an idle limit, an
    /// access token that can only be renewed while it is valid.
    #[default]
    KeepAlive,
    /// Ahead of each expiry, even if no caller asks: no caller ever waits.
    Always,
}

/// What a user decides about sessions. The defaults suit most.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// What to do with an exchange in doubt.
    pub in_doubt: InDoubt,
    /// When to refresh.
    pub upkeep: Upkeep,
    /// How long before an access token's end it is refreshed ahead: up to one half more is added at random, and the whole
    /// is never more than a quarter of the token's life. A tenth of the life unless said, 5 minutes at most.
    pub margin: Option<Duration>,
    /// How many exchanges may be out at a time at one provider. 32 unless said.
    pub concurrency: usize,
    /// How long an exchange may take, whatever the transport says. 60 s unless said.
    pub exchange_limit: Duration,
    /// For how long a lease is taken; it is renewed while the exchange is out. 30 s unless said.
    pub lease: Duration,
    /// The wait after a first failure; it doubles with each one that follows. 1 s unless said.
    pub backoff: Duration,
    /// The longest wait between failures. 5 minutes unless said.
    pub longest_backoff: Duration,
    /// How often the store is asked for grants that need a refresh and that no session of this process holds. 5 minutes unless said.
    pub sweep: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            in_doubt: InDoubt::default(),
            upkeep: Upkeep::default(),
            margin: None,
            concurrency: 32,
            exchange_limit: Duration::from_secs(60),
            lease: Duration::from_secs(30),
            backoff: Duration::from_secs(1),
            longest_backoff: Duration::from_secs(5 * 60),
            sweep: Duration::from_secs(5 * 60),
        }
    }
}
