//! What a session holds for one person at one provider, whatever the provider calls it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use http::{HeaderMap, Request};

use crate::error::Error;
use crate::expiry::Expiry;
use crate::output::Output;
use crate::secret::Secret;

/// A token and its end. `Debug` shows the end alone.
#[derive(Clone)]
pub struct Token {
    secret: Secret,
    expiry: Expiry,
}

impl Token {
    /// A token of which no end is known.
    pub fn new(text: impl Into<String>) -> Self {
        Self { secret: Secret::new(text), expiry: Expiry::Undeclared }
    }

    /// The same token with this end.
    #[must_use]
    pub fn with_expiry(mut self, expiry: Expiry) -> Self {
        self.expiry = expiry;
        self
    }

    /// The token itself. Whoever shows it, leaks it.
    pub fn expose(&self) -> &str {
        self.secret.expose()
    }

    /// When it ends.
    pub fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// Whether both are the same text, in a time that depends on the lengths alone.
    pub fn matches(&self, other: &Self) -> bool {
        self.secret.matches(other.expose())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expiry", &self.expiry).finish_non_exhaustive()
    }
}

/// The tokens of one grant: what signing in or a refresh brought, to be kept whole.
///
/// A provider without refresh tokens has none here; where only a refresh token is known, the first refresh brings the rest.
///
/// ```
/// use rekindle_runtime::{Grant, Token};
///
/// let grant = Grant::new().with_refresh_token(Token::new("from signing in"));
/// assert!(grant.access_token().is_none());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Grant {
    access_token: Option<Token>,
    refresh_token: Option<Token>,
    #[expect(
        clippy::box_collection,
        reason = "few grants have any: an error that holds a grant is no larger for it"
    )]
    outputs: Option<Box<BTreeMap<Box<str>, Output>>>,
}

impl Grant {
    /// No tokens yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with this access token.
    #[must_use]
    pub fn with_access_token(mut self, token: Token) -> Self {
        self.access_token = Some(token);
        self
    }

    /// The same with this refresh token.
    #[must_use]
    pub fn with_refresh_token(mut self, token: Token) -> Self {
        self.refresh_token = Some(token);
        self
    }

    /// The same with this value under the name of an output.
    #[must_use]
    pub fn with_output(mut self, name: &str, output: Output) -> Self {
        self.outputs.get_or_insert_default().insert(name.into(), output);
        self
    }

    /// The same, which also has those outputs of an earlier one that it has no value for itself.
    #[must_use]
    pub fn keeping_outputs_of(mut self, earlier: &Self) -> Self {
        for (name, output) in earlier.outputs.iter().flat_map(|outputs| &**outputs) {
            let outputs = self.outputs.get_or_insert_default();
            outputs.entry(name.clone()).or_insert_with(|| output.clone());
        }
        self
    }

    /// What answers held beside the tokens, by name: the last value of each.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, &Output)> {
        let outputs = self.outputs.iter().flat_map(|outputs| &**outputs);
        outputs.map(|(name, output)| (&**name, output))
    }

    /// The last value of an output.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs.as_ref()?.get(name)
    }

    /// The same without its access token.
    #[must_use]
    pub fn without_access_token(mut self) -> Self {
        self.access_token = None;
        self
    }

    /// The same without what a refresh spends: its refresh token, or its access token where that one renews itself.
    #[cfg(feature = "session")]
    pub(crate) fn without_credential(mut self) -> Self {
        if self.refresh_token.take().is_none() {
            self.access_token = None;
        }
        self
    }

    /// The access token.
    pub fn access_token(&self) -> Option<&Token> {
        self.access_token.as_ref()
    }

    /// The refresh token.
    pub fn refresh_token(&self) -> Option<&Token> {
        self.refresh_token.as_ref()
    }

    /// When the access token ends; undeclared where there is none.
    pub fn access_token_ends(&self) -> Expiry {
        ends(self.access_token())
    }

    /// When the refresh token ends; undeclared where there is none.
    pub fn refresh_token_ends(&self) -> Expiry {
        ends(self.refresh_token())
    }
}

fn ends(token: Option<&Token>) -> Expiry {
    token.map_or(Expiry::Undeclared, Token::expiry)
}

/// A single-use access token as a session serves it: the first who takes it has it.
pub struct SingleUse<T>(Mutex<Option<T>>);

impl<T> SingleUse<T> {
    /// The token, if it was not taken before.
    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> From<T> for SingleUse<T> {
    fn from(token: T) -> Self {
        Self(Mutex::new(Some(token)))
    }
}

impl<T> fmt::Debug for SingleUse<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SingleUse(..)")
    }
}

/// An access token of which the contract says how requests carry it.
pub trait Authorize {
    /// Adds the token to a request's headers as the provider wants it, and marks the value as sensitive.
    ///
    /// # Errors
    /// The token holds a line break or another control character, or what a cookie cannot hold where it is sent as one; or the
    /// provider wants it in the URL: then say [`authorize_request`](Self::authorize_request).
    fn authorize(&self, headers: &mut HeaderMap) -> Result<(), Error>;

    /// Adds the token to a request as the provider wants it, wherever that is.
    ///
    /// # Errors
    /// As [`authorize`](Self::authorize), but that it is at home in a URL; also when that one is not valid.
    fn authorize_request<B>(&self, request: &mut Request<B>) -> Result<(), Error> {
        self.authorize(request.headers_mut())
    }
}
