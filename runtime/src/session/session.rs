//! The handle of one grant.

use std::fmt;
use std::sync::Arc;

use super::builder::SessionBuilder;
use super::core::Core;
use super::error::SessionError;
use super::event::Events;
use super::flight::Need;
use super::live::Access;
use super::provider::Renewable;
use super::settings::InDoubt;
use super::status::Status;
use crate::grant::Grant;
use crate::store::Key;
use crate::transport::Transport;

/// One grant: a token that is always fresh. Its copies are the same session.
///
/// However many ask, one exchange is out at a time, and it belongs to none of them: whoever stops waiting loses nothing.
pub struct Session<P: Renewable> {
    pub(super) core: Arc<Core<P>>,
}

impl<P: Renewable> Session<P> {
    /// Begins to describe a session of its own. For many grants, see [`Sessions`](super::Sessions).
    pub fn builder(
        client: P,
        transport: impl Transport + Send + Sync + 'static,
    ) -> SessionBuilder<P> {
        SessionBuilder::new(client, transport)
    }

    /// An access token that is valid now.
    ///
    /// While the held token is fresh this takes no lock and allocates nothing. Near its end the token is still handed out and
    /// replaced in the background. After its end the call waits for one exchange, together with all others who ask.
    ///
    /// Where the contract says that an access token may be used once, each is handed out once, and each further call waits
    /// for an exchange of its own.
    ///
    /// # Errors
    /// There is no valid token and none can be had now. After a failure nothing is tried for a while, and the failure is
    /// told again meanwhile.
    #[inline]
    pub async fn access_token(&self) -> Result<Access<P>, SessionError> {
        match self.core.fresh() {
            Some(access) => Ok(access),
            None => self.core.obtain().await,
        }
    }

    /// The access token, if it is fresh: what [`Session::access_token`] gives without waiting.
    pub fn try_access_token(&self) -> Option<Access<P>> {
        self.core.fresh()
    }

    /// The provider's other endpoints have refused this token as expired or revoked: it is not served any more.
    ///
    /// However many report it, one refresh follows per generation. A report of a token that was replaced meanwhile does
    /// nothing.
    pub fn invalidate(&self, token: &Access<P>) {
        self.invalidate_generation(token.generation());
    }

    /// [`Session::invalidate`], for who has kept only the token's [generation](Access::generation).
    pub fn invalidate_generation(&self, generation: u64) {
        self.core.invalidate(generation);
    }

    /// Refreshes now, whatever the token's life, and even if an attempt has failed a moment ago.
    ///
    /// # Errors
    /// As [`Session::access_token`].
    pub async fn refresh_now(&self) -> Result<(), SessionError> {
        let generation = self.core.live.load().generation;
        self.force(Need { insists: true, ..Need::newer_than(generation.max(self.loaded().await?)) })
            .await
    }

    /// Decides about an exchange in doubt: [`InDoubt::Gamble`] sends the credential once more, [`InDoubt::Reauthenticate`]
    /// takes the grant for over. [`InDoubt::Keep`] looks whether its holder has come back.
    ///
    /// # Errors
    /// As [`Session::access_token`].
    pub async fn resolve(&self, decision: InDoubt) -> Result<(), SessionError> {
        self.force(Need {
            insists: true,
            in_doubt: Some(decision),
            ..Need::newer_than(self.loaded().await?)
        })
        .await
    }

    /// Stores the tokens of a sign-in, in place of whatever was stored, and serves them.
    ///
    /// # Errors
    /// The store does not take them: they are not served.
    pub async fn sign_in(&self, grant: Grant) -> Result<(), SessionError> {
        self.core.sign_in(grant).await
    }

    /// Forgets the grant: this session serves its tokens no more, and the store has them no more. An exchange that is out ends
    /// first. Other processes serve what they hold until it is no longer fresh.
    ///
    /// The provider is not told. Revoke there what must not live on (RFC 7009).
    ///
    /// # Errors
    /// The store cannot be reached: nothing is forgotten.
    pub async fn sign_out(&self) -> Result<(), SessionError> {
        self.core.sign_out().await
    }

    /// How the grant stands. Reads the store.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn status(&self) -> Result<Status, SessionError> {
        self.core.status().await
    }

    /// What happens to this grant, from now on.
    pub fn events(&self) -> Events {
        let receiver = self.core.shared.events.subscribe();
        Events::new(receiver, Some(self.core.key.clone()))
    }

    /// Which grant it is.
    pub fn key(&self) -> &Key {
        &self.core.key
    }

    /// Waits until no exchange of this grant is out and its new tokens are stored: call it before the process ends, so that
    /// no answer is lost. While the store is away, it waits for the store.
    pub async fn idle(&self) {
        self.core.idle().await;
    }

    /// The generation that the store holds.
    async fn loaded(&self) -> Result<u64, SessionError> {
        Ok(self.core.look().await?.record.generation)
    }

    async fn force(&self, need: Need) -> Result<(), SessionError> {
        // What others have begun has other aims: how it ends is theirs.
        self.core.landed().await;
        match self.core.join(need)? {
            Some(flight) => flight.outcome().await,
            None => Ok(()),
        }
    }
}

impl<P: Renewable> Clone for Session<P> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core) }
    }
}

impl<P: Renewable> fmt::Debug for Session<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("key", &self.core.key)
            .field("generation", &self.core.live.load().generation)
            .finish_non_exhaustive()
    }
}
