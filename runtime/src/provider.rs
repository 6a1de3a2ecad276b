//! What every generated client has in common, and the exchange as one call.

use std::time::SystemTime;

use http::{Request, Response};
use zeroize::Zeroizing;

use crate::clock;
use crate::error::Error;
use crate::fate::RefreshError;
use crate::grant::Grant;
use crate::transport::{BlockingTransport, Transport, TransportError};

/// A client of one provider: turns a credential into a request. It knows no socket, no executor and no clock.
pub trait Provider {
    /// What an exchange spends: a refresh token, or a pair of tokens.
    type Credential;
    /// What an exchange brings.
    type Tokens;
    /// The exchange under way.
    type Pending: PendingRefresh<Credential = Self::Credential, Tokens = Self::Tokens>;

    /// The provider's name, for people.
    const NAME: &'static str;
    /// The provider's id, for machines: that of its contract.
    const ID: &'static str = Self::NAME;

    /// Builds the request. `started_at` is now: lifetimes in the answer count from it.
    ///
    /// # Errors
    /// When the request cannot be built. Nothing was sent: the error hands the credential back.
    #[expect(
        clippy::type_complexity,
        reason = "a pair of two plain things reads better than a name for it"
    )]
    fn start(
        &self,
        credential: Self::Credential,
        started_at: SystemTime,
    ) -> Result<(Request<Vec<u8>>, Self::Pending), RefreshError<Self::Credential>>;
}

/// An exchange under way: waits for the answer, or for news that there is none.
pub trait PendingRefresh: Sized {
    /// What the exchange spends.
    type Credential;
    /// What the exchange brings.
    type Tokens;

    /// Reads the answer.
    ///
    /// # Errors
    /// When the answer is an error or cannot be used. The error tells what became of the credential.
    fn finish<B: AsRef<[u8]>>(
        self,
        response: Response<B>,
    ) -> Result<Self::Tokens, RefreshError<Self::Credential>>;

    /// Reads an answer that may ask for another request: a contract may say that one exchange takes several.
    fn proceed<B: AsRef<[u8]>>(self, response: Response<B>) -> Progress<Self> {
        Progress::Done(self.finish(response))
    }

    /// There is no answer.
    fn fail(self, error: TransportError) -> RefreshError<Self::Credential>;

    /// The credential that takes the place of the one that was spent, where an answer has brought it and the exchange goes on: store it
    /// before the next request leaves. `None` where no answer so far has brought another one.
    fn replacement(&self) -> Option<Grant> {
        None
    }
}

/// A request and what waits for its answer, of an exchange that spends nothing; or why there is no request.
pub type MintStarted<T> = Result<(Request<Vec<u8>>, Box<dyn PendingMint<T>>), Error>;

/// An exchange under way that spends nothing and brings `T`: as [`PendingRefresh`].
pub trait PendingMint<T>: Send + std::fmt::Debug {
    /// Reads an answer, which may ask for another request.
    fn proceed(self: Box<Self>, response: Response<Zeroizing<Vec<u8>>>) -> MintNext<T>;

    /// There is no answer.
    fn fail(self: Box<Self>, error: TransportError) -> Error;
}

/// Where an exchange that spends nothing is after an answer.
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
pub enum MintNext<T> {
    /// It has ended.
    Done(Result<T, Error>),
    /// Another request is to be sent, and this waits for its answer.
    Next(Request<Vec<u8>>, Box<dyn PendingMint<T>>),
}

/// Where an exchange is after an answer.
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
pub enum Progress<P: PendingRefresh> {
    /// It has ended.
    Done(Result<P::Tokens, RefreshError<P::Credential>>),
    /// Another request is to be sent, and this waits for its answer.
    Next(Request<Vec<u8>>, P),
}

/// One exchange over an asynchronous transport: the requests of the contract, which is one in nearly all, and no retry.
///
/// Dropping the future abandons an exchange that may have left: run it in a task of its own if a caller can go away.
///
/// # Errors
/// See [`Provider::start`] and [`PendingRefresh::finish`]; also whatever the transport reports.
pub async fn refresh<P, T>(
    provider: &P,
    transport: &T,
    credential: P::Credential,
) -> Result<P::Tokens, RefreshError<P::Credential>>
where
    P: Provider + ?Sized,
    T: Transport + ?Sized,
{
    let (mut request, mut pending) = provider.start(credential, clock::now())?;
    loop {
        match transport.send(request).await {
            Ok(response) => match pending.proceed(response.map(Zeroizing::new)) {
                Progress::Done(result) => return result,
                Progress::Next(next, waiting) => (request, pending) = (next, waiting),
            },
            Err(error) => return Err(pending.fail(error)),
        }
    }
}

/// One exchange over a blocking transport: the requests of the contract, and no retry.
///
/// # Errors
/// As [`refresh`].
pub fn refresh_blocking<P, T>(
    provider: &P,
    transport: &T,
    credential: P::Credential,
) -> Result<P::Tokens, RefreshError<P::Credential>>
where
    P: Provider + ?Sized,
    T: BlockingTransport + ?Sized,
{
    let (mut request, mut pending) = provider.start(credential, clock::now())?;
    loop {
        match transport.send(request) {
            Ok(response) => match pending.proceed(response.map(Zeroizing::new)) {
                Progress::Done(result) => return result,
                Progress::Next(next, waiting) => (request, pending) = (next, waiting),
            },
            Err(error) => return Err(pending.fail(error)),
        }
    }
}
