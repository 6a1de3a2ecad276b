//! Tokens for clients that do not know sessions.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::provider::Renewable;
use super::session::Session;
use crate::grant::Token;

/// Why a [`TokenSource`] has no token. From a session it is a [`SessionError`](super::SessionError).
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// What [`TokenSource::token`] gives.
pub type SourceFuture<'a> = Pin<Box<dyn Future<Output = Result<Token, SourceError>> + Send + 'a>>;

/// Gives valid access tokens, and is told when one was refused. Every session whose contract lets a token be used more than once
/// is one.
///
/// It is the small common part of what other crates ask of their callers (`oauth2`'s token responses, the credentials of cloud
/// SDKs): implement *their* trait for a wrapper of an `Arc<dyn TokenSource>`, and this one for a client of theirs that stands
/// where a session does in your code.
///
/// A session of single-use tokens is no source, and does not compile as one: other crates keep the token that they are given.
///
/// ```
/// use std::sync::Arc;
/// use rekindle_runtime::Token;
/// use rekindle_runtime::session::{SourceFuture, TokenSource};
///
/// /// A token that a person typed in.
/// struct Fixed(Token);
///
/// impl TokenSource for Fixed {
///     fn token(&self) -> SourceFuture<'_> {
///         Box::pin(std::future::ready(Ok(self.0.clone())))
///     }
///     fn invalidate(&self, _refused: &Token) {}
/// }
///
/// let source: Arc<dyn TokenSource> = Arc::new(Fixed(Token::new("from the console")));
/// ```
pub trait TokenSource: Send + Sync {
    /// An access token that is valid now, with its end as far as it is known.
    ///
    /// # Errors
    /// There is none, and none can be had now.
    fn token(&self) -> SourceFuture<'_>;

    /// Reports that this token was refused as expired or revoked. A token that was replaced meanwhile is ignored.
    fn invalidate(&self, refused: &Token);
}

impl<T: TokenSource + ?Sized> TokenSource for Arc<T> {
    fn token(&self) -> SourceFuture<'_> {
        (**self).token()
    }

    fn invalidate(&self, refused: &Token) {
        (**self).invalidate(refused);
    }
}

impl fmt::Debug for dyn TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource(..)")
    }
}

impl<P> TokenSource for Session<P>
where
    P: Renewable<AccessToken: Clone + Into<Token>>,
{
    fn token(&self) -> SourceFuture<'_> {
        Box::pin(async move {
            let access = self.access_token().await?;
            Ok(P::AccessToken::clone(&access).into())
        })
    }

    fn invalidate(&self, refused: &Token) {
        let cached = self.grant.cached.load();
        let held: Token = cached.token.clone().into();
        if held.matches(refused) {
            self.invalidate_generation(cached.facts.came_as);
        }
    }
}
