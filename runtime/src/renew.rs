//! What a session needs of a client.

use std::time::SystemTime;

use crate::deviation::Deviation;
use crate::error::Error;
use crate::facts::{BodyRefusal, Facts};
use crate::grant::{Grant, Token};
use crate::provider::{MintStarted, Provider};

/// What a session needs of a client beyond one exchange: its tokens in a form that any store can keep.
///
/// Every generated client has it.
pub trait Renew: Provider {
    /// The access token, as callers see it.
    type AccessToken: Send + Sync + 'static;
    /// What answers hold beside the tokens, as callers see it; `()` where that is nothing.
    type Outputs: Send + Sync + 'static;

    /// What the contract says about the tokens.
    const FACTS: Facts;
    /// Whether the connection must show a client certificate (RFC 8705): the transport is given one.
    const CERTIFICATE: bool = false;
    /// How the client makes a token itself, where it does: then nothing is ever sent, and [`Provider::start`] makes no request.
    const LOCAL: Option<MakesTokens<Self>> = None;

    /// By which fields of their bodies answers refuse an access token as expired or revoked, beside
    /// [`Facts::access_token_refused`].
    const REFUSED_IN_BODY: &'static [BodyRefusal] = &[];
    /// How many requests of an exchange come before the one that spends the credential.
    const STEPS: usize = 0;

    /// What an exchange brought, taken apart.
    fn grant(tokens: Self::Tokens) -> (Grant, Vec<Deviation>);

    /// What the next exchange spends; `None` where the grant lacks it.
    fn credential(grant: &Grant) -> Option<Self::Credential>;

    /// The request of an exchange that brings tokens where there is nothing to spend, and what waits for its answer. `None` where the
    /// contract has none: then [`Facts::fallback`] has none either.
    fn mint(&self, _started_at: SystemTime) -> Option<MintStarted<Self::Tokens>> {
        None
    }

    /// The client where requests of this grant go: a contract may say that answers tell that, as one of the outputs. `None` where none has
    /// told it: this client is there.
    ///
    /// # Errors
    /// The contract does not allow the address that is kept. Requests go where this client is.
    fn for_grant(&self, _grant: &Grant) -> Result<Option<Self>, Deviation>
    where
        Self: Sized,
    {
        Ok(None)
    }

    /// What is left of a grant of which only the credential is known, such as a replacement out of an unusable answer.
    fn of_credential(credential: Self::Credential) -> Grant;

    /// The access token, as callers see it.
    fn access_token(token: &Token) -> Self::AccessToken;

    /// What answers held beside the tokens, as callers see it.
    fn outputs(grant: &Grant) -> Self::Outputs;
}

/// Makes a token that begins at an instant, without a request.
pub type MakesTokens<P> = fn(&P, SystemTime) -> Result<<P as Provider>::Tokens, Error>;
