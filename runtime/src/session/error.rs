//! Why a session has no token to give.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::error::{Class, Error, SignIn};
use crate::readable::Readable;
use crate::store::{StoreError, StoreErrorKind};

/// Why there is no token, or why it was not renewed. Cheap to clone: all callers that wait for one exchange get the same error.
///
/// Neither its text nor its `Debug` shows a credential.
#[derive(Clone)]
pub struct SessionError(Arc<Kind>);

enum Kind {
    /// The store knows no grant.
    NoGrant,
    /// The grant has ended.
    SignInNeeded { how: SignIn, cause: Option<Error> },
    /// An exchange was begun and its outcome is not known.
    InDoubt { since: SystemTime, cause: Option<Error>, look_again: Option<Duration> },
    /// The exchange failed; the credential is as good as before, or something else brings tokens.
    Exchange { error: Error, look_again: Option<Duration> },
    /// The provider refuses the client, which has nothing but its settings to bring.
    ClientRefused { cause: Option<Error> },
    /// The contract lets no exchange begin yet.
    NotYet { after: Duration },
    /// The provider has asked this client to wait.
    HeldOff { after: Duration },
    /// The store failed before anything was sent.
    Store(StoreError),
    /// There are new tokens, and the store has not taken them yet.
    Unsaved(StoreError),
    /// Another process has held the grant's lease for too long.
    Busy,
    /// There is no executor.
    NoExecutor,
    /// The sessions were closed.
    Closed,
    /// Code that the session was given has panicked.
    Panicked(&'static str),
}

/// What kind of failure it is.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionErrorKind {
    /// No grant was ever stored: sign in, and hand the tokens to the session.
    NoGrant,
    /// The provider has said that the grant has ended: sign in again.
    SignInNeeded(SignIn),
    /// An exchange was begun at this time and its outcome is unknown, so that a single-use credential may be spent. Both
    /// tokens are kept. See [`InDoubt`](super::InDoubt) for what can be done.
    InDoubt(SystemTime),
    /// The exchange failed and the credential was not spent: see [`SessionError::exchange`].
    Exchange,
    /// The provider refuses the client, of which an exchange brings its settings alone: they are wrong. It is not asked again by
    /// itself, since some lock an account after a few attempts: only by a process that has started since, by
    /// [`Session::refresh_now`](super::Session::refresh_now), or for a caller that asks an hour later.
    ClientRefused,
    /// The contract lets no exchange begin yet: it says how many a provider allows in a time; or that an exchange ends earlier access
    /// tokens, and a request whose answer is lost may still be under way.
    NotYet,
    /// The provider asked to wait.
    HeldOff,
    /// The store failed, and nothing was sent.
    Store(StoreErrorKind),
    /// The exchange succeeded and the store did not take the new tokens yet. They are in memory, and writing them is tried
    /// again before anything else.
    Unsaved(StoreErrorKind),
    /// Another process has been refreshing the grant for too long.
    Busy,
    /// No executor was given and no `tokio` runtime runs here, or it was shut down during the exchange.
    NoExecutor,
    /// The sessions were closed: nothing more begins.
    Closed,
    /// Code that the session was given has panicked: the client, the clock, a subscriber. A panic of the store or of the transport is
    /// told as a failure of theirs.
    Panicked,
}

/// With instants as people read them: `InDoubt(2026-11-28T03:12:45Z)`.
impl fmt::Debug for SessionErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGrant => f.write_str("NoGrant"),
            Self::SignInNeeded(how) => f.debug_tuple("SignInNeeded").field(how).finish(),
            Self::InDoubt(since) => f.debug_tuple("InDoubt").field(&Readable(*since)).finish(),
            Self::Exchange => f.write_str("Exchange"),
            Self::ClientRefused => f.write_str("ClientRefused"),
            Self::NotYet => f.write_str("NotYet"),
            Self::HeldOff => f.write_str("HeldOff"),
            Self::Store(kind) => f.debug_tuple("Store").field(kind).finish(),
            Self::Unsaved(kind) => f.debug_tuple("Unsaved").field(kind).finish(),
            Self::Busy => f.write_str("Busy"),
            Self::NoExecutor => f.write_str("NoExecutor"),
            Self::Closed => f.write_str("Closed"),
            Self::Panicked => f.write_str("Panicked"),
        }
    }
}

impl SessionError {
    fn new(kind: Kind) -> Self {
        Self(Arc::new(kind))
    }

    pub(crate) fn no_grant() -> Self {
        Self::new(Kind::NoGrant)
    }

    pub(crate) fn sign_in_needed(how: SignIn, cause: Option<Error>) -> Self {
        Self::new(Kind::SignInNeeded { how, cause })
    }

    pub(crate) fn in_doubt(since: SystemTime, cause: Option<Error>) -> Self {
        Self::new(Kind::InDoubt { since, cause, look_again: None })
    }

    /// An exchange in doubt since then, about which the policy does something after a while, if it says so.
    pub(crate) fn waiting(since: SystemTime, look_again: Option<Duration>) -> Self {
        Self::new(Kind::InDoubt { since, cause: None, look_again })
    }

    /// The same error, of which nobody has a copy yet: where it tells of an exchange, something is done about that after this time at the
    /// latest.
    pub(crate) fn looking_again(mut self, after: Duration) -> Self {
        if let Some(Kind::InDoubt { look_again, .. } | Kind::Exchange { look_again, .. }) =
            Arc::get_mut(&mut self.0)
        {
            *look_again = Some(after);
        }
        self
    }

    pub(crate) fn exchange_failed(error: Error) -> Self {
        Self::new(Kind::Exchange { error, look_again: None })
    }

    /// The provider refuses the client; the cause is known to the process that it has refused.
    pub(crate) fn client_refused(cause: Option<Error>) -> Self {
        Self::new(Kind::ClientRefused { cause })
    }

    pub(crate) fn not_yet(after: Duration) -> Self {
        Self::new(Kind::NotYet { after })
    }

    pub(crate) fn held_off(after: Duration) -> Self {
        Self::new(Kind::HeldOff { after })
    }

    pub(crate) fn store(error: StoreError) -> Self {
        if error.kind() == StoreErrorKind::Missing {
            return Self::no_grant();
        }
        Self::new(Kind::Store(error))
    }

    pub(crate) fn unsaved(error: StoreError) -> Self {
        Self::new(Kind::Unsaved(error))
    }

    pub(crate) fn busy() -> Self {
        Self::new(Kind::Busy)
    }

    pub(crate) fn no_executor() -> Self {
        Self::new(Kind::NoExecutor)
    }

    pub(crate) fn closed() -> Self {
        Self::new(Kind::Closed)
    }

    /// This, which the session was given, has panicked.
    pub(crate) fn panicked(what: &'static str) -> Self {
        Self::new(Kind::Panicked(what))
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> SessionErrorKind {
        match &*self.0 {
            Kind::NoGrant => SessionErrorKind::NoGrant,
            Kind::SignInNeeded { how, .. } => SessionErrorKind::SignInNeeded(*how),
            Kind::InDoubt { since, .. } => SessionErrorKind::InDoubt(*since),
            Kind::Exchange { .. } => SessionErrorKind::Exchange,
            Kind::ClientRefused { .. } => SessionErrorKind::ClientRefused,
            Kind::NotYet { .. } => SessionErrorKind::NotYet,
            Kind::HeldOff { .. } => SessionErrorKind::HeldOff,
            Kind::Store(error) => SessionErrorKind::Store(error.kind()),
            Kind::Unsaved(error) => SessionErrorKind::Unsaved(error.kind()),
            Kind::Busy => SessionErrorKind::Busy,
            Kind::NoExecutor => SessionErrorKind::NoExecutor,
            Kind::Closed => SessionErrorKind::Closed,
            Kind::Panicked(_) => SessionErrorKind::Panicked,
        }
    }

    /// What it asks of the caller, in the classes of a refresh.
    pub fn class(&self) -> Class {
        match &*self.0 {
            Kind::NoGrant => Class::Reauthenticate(SignIn::Unspecified),
            Kind::SignInNeeded { how, .. } => Class::Reauthenticate(*how),
            Kind::InDoubt { .. } => Class::InDoubt,
            Kind::Exchange { error, .. } => error.class(),
            Kind::ClientRefused { .. } => Class::ClientMisconfigured,
            Kind::HeldOff { after } => Class::RateLimited { after: Some(*after) },
            Kind::Store(error) | Kind::Unsaved(error) => match error.kind() {
                StoreErrorKind::Refused | StoreErrorKind::Unreadable | StoreErrorKind::Newer => {
                    Class::ClientMisconfigured
                }
                _ => Class::Transient,
            },
            Kind::NotYet { .. }
            | Kind::Busy
            | Kind::Closed
            | Kind::NoExecutor
            | Kind::Panicked(_) => Class::Transient,
        }
    }

    /// After which time more is allowed, by the contract or by the policy for exchanges in doubt.
    pub(crate) fn look_again(&self) -> Option<Duration> {
        match &*self.0 {
            Kind::InDoubt { look_again, .. } | Kind::Exchange { look_again, .. } => *look_again,
            Kind::NotYet { after } => Some(*after),
            _ => None,
        }
    }

    /// How to sign in again, where the provider's refusal means either that the client's settings are wrong or that the grant is gone,
    /// and does not say which: see [`Error::perhaps_gone`]. The grant is kept, and nothing more is sent for it before
    /// [`refresh_now`](super::Session::refresh_now), a sign-in, or a new process.
    pub fn perhaps_gone(&self) -> Option<SignIn> {
        match &*self.0 {
            Kind::Exchange { error, .. } => error.perhaps_gone(),
            _ => None,
        }
    }

    /// The failed exchange behind it, where there was one.
    pub fn exchange(&self) -> Option<&Error> {
        match &*self.0 {
            Kind::SignInNeeded { cause, .. }
            | Kind::InDoubt { cause, .. }
            | Kind::ClientRefused { cause } => cause.as_ref(),
            Kind::Exchange { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::NoGrant => f.write_str("no grant is stored: sign in first"),
            Kind::SignInNeeded { how, cause: None } => {
                write!(f, "the grant is over; {}", Class::Reauthenticate(*how))
            }
            // The cause says how to sign in again.
            Kind::SignInNeeded { cause: Some(cause), .. } => write!(f, "the grant is over: {cause}"),
            Kind::InDoubt { since, cause, look_again } => {
                match cause {
                    Some(cause) => cause.fmt(f)?,
                    None => f.write_str("an exchange was begun and its outcome is not on record")?,
                }
                let since = Readable(*since);
                write!(f, "; the credential may be spent (begun {since}) and is kept")?;
                look_again.map_or(Ok(()), |after| {
                    write!(f, "; it is looked at again in {} s", after.as_secs().saturating_add(1))
                })
            }
            Kind::Exchange { error, .. } | Kind::ClientRefused { cause: Some(error) } => error.fmt(f),
            Kind::ClientRefused { cause: None } => f.write_str(
                "the provider has refused the client: its settings are wrong, and it is not asked again by itself",
            ),
            Kind::NotYet { after } => write!(
                f,
                "the contract lets no exchange begin within the next {} s",
                after.as_secs().saturating_add(1)
            ),
            Kind::HeldOff { after } => {
                write!(f, "the provider asked to wait, {} s more", after.as_secs())
            }
            Kind::Store(error) => error.fmt(f),
            Kind::Unsaved(error) => write!(f, "new tokens could not be stored yet: {error}"),
            Kind::Busy => f.write_str("another process has been refreshing the grant for too long"),
            Kind::Closed => f.write_str("the sessions are closed"),
            Kind::Panicked(what) => write!(f, "{what} panicked"),
            Kind::NoExecutor => f.write_str("no executor runs here any more"),
        }
    }
}

/// Short, as a program prints it whose `main` returns the error: the text says what the error of the exchange holds.
impl fmt::Debug for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionError")
            .field("class", &self.class())
            .field("text", &format_args!("{self}"))
            .finish()
    }
}

impl std::error::Error for SessionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            Kind::Store(error) | Kind::Unsaved(error) => std::error::Error::source(error),
            // `Display` shows the exchange's error itself, so the source is what caused that one.
            _ => self.exchange().and_then(std::error::Error::source),
        }
    }
}
