//! Transports: small adapters that carry one request and bring one answer.
//!
//! Each keeps the same promises: one request and no retry of what may have been sent; redirects are not followed; the
//! answer's body is capped while it is read; the whole exchange is timed; plain `http` goes to loopback hosts only; no
//! error shows a URL.

#[cfg(any(feature = "reqwest", feature = "hyper", feature = "ureq"))]
mod answer_body;
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "ureq"))]
mod cause;
#[cfg(any(feature = "reqwest-rustls", feature = "hyper-rustls", feature = "ureq-rustls"))]
mod certificate;
mod error;
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "ureq"))]
mod guard;
#[cfg(feature = "hyper")]
mod hyper;
mod limits;
mod none;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "ureq")]
mod ureq;

use std::future::Future;
use std::sync::Arc;

use http::{Request, Response};

#[cfg(feature = "hyper-rustls")]
pub use self::hyper::HttpsConnector;
#[cfg(feature = "hyper")]
pub use self::hyper::HyperTransport;
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
#[cfg(feature = "ureq")]
pub use self::ureq::UreqTransport;
#[cfg(any(feature = "reqwest-rustls", feature = "hyper-rustls", feature = "ureq-rustls"))]
pub use certificate::ClientCertificate;
pub use error::{Came, Sent, TransportError, TransportErrorKind};
pub use limits::{Limits, MAX_BODY};
pub use none::NoTransport;

/// What transports call themselves, unless they or the contract are told otherwise.
#[cfg(any(feature = "reqwest", feature = "hyper", feature = "ureq"))]
const OUR_USER_AGENT: &str = concat!("rekindle/", env!("CARGO_PKG_VERSION"));

/// How many header lines an answer may have: more than any has, and few enough for their room to be made for each answer.
#[cfg(any(feature = "reqwest", feature = "hyper"))]
const MAX_HEADERS: usize = 256;

/// Carries out an exchange within the time that the limits give it.
///
/// The exchange is asked first: where the limit of connecting is over too, as after the machine slept, nothing was sent, and it says so.
///
/// Before it begins, the runtime looks at what has arrived: a connection on which something came that nobody asked for is closed by its task,
/// and what came is not taken for the answer to this request.
#[cfg(any(feature = "reqwest", feature = "hyper"))]
async fn carry_out<T>(
    limits: &Limits,
    exchange: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    look_at_what_has_arrived().await;
    match tokio::time::timeout(limits.timeout, exchange).await {
        Ok(outcome) => outcome,
        Err(late) => Err(TransportError::maybe_sent(TransportErrorKind::Timeout, late)),
    }
}

/// Waits until the runtime knows what has arrived on its connections by now.
///
/// A task that only lets others run does not see to that: where a runtime was not driven since the last exchange, or one of its threads
/// is still about to look, a kept connection would write first and read later. A socket that is new can be written to at once, and
/// systems tell of that after what came before: who has been told of it has been told of everything.
#[cfg(any(feature = "reqwest", feature = "hyper"))]
async fn look_at_what_has_arrived() {
    use std::net::Ipv4Addr;

    match tokio::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await {
        Ok(socket) => drop(socket.writable().await),
        // A machine that is short of sockets.
        Err(_) => tokio::task::yield_now().await,
    }
}

/// Carries a request without blocking the thread.
pub trait Transport {
    /// Sends one request and reads its whole answer, whatever its status.
    ///
    /// # Errors
    /// When there is no answer. The error must say truthfully whether the request may have left: what is called
    /// [`TransportError::not_sent`] is tried again.
    fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> impl Future<Output = Result<Response<Vec<u8>>, TransportError>> + Send;

    /// Whether a request may leave after the future of [`Transport::send`] was dropped, since something else carries it. A session does not
    /// give up on such a request: it waits for as long as the transport does, because a request that was given up must not leave later.
    fn outlives_its_future(&self) -> bool {
        false
    }
}

/// Carries a request and blocks the thread until its answer is there.
pub trait BlockingTransport {
    /// Sends one request and reads its whole answer, whatever its status.
    ///
    /// # Errors
    /// As [`Transport::send`].
    fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError>;
}

impl<T: Transport + ?Sized> Transport for &T {
    fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> impl Future<Output = Result<Response<Vec<u8>>, TransportError>> + Send {
        (**self).send(request)
    }

    fn outlives_its_future(&self) -> bool {
        (**self).outlives_its_future()
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> impl Future<Output = Result<Response<Vec<u8>>, TransportError>> + Send {
        (**self).send(request)
    }

    fn outlives_its_future(&self) -> bool {
        (**self).outlives_its_future()
    }
}

impl<T: BlockingTransport + ?Sized> BlockingTransport for &T {
    fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        (**self).send(request)
    }
}

impl<T: BlockingTransport + ?Sized> BlockingTransport for Arc<T> {
    fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        (**self).send(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers with what it was sent.
    struct Echo;

    impl Transport for Echo {
        async fn send(
            &self,
            request: Request<Vec<u8>>,
        ) -> Result<Response<Vec<u8>>, TransportError> {
            Ok(Response::new(request.into_body()))
        }
    }

    impl BlockingTransport for Echo {
        fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
            Ok(Response::new(request.into_body()))
        }
    }

    fn carry(transport: &impl BlockingTransport) -> Vec<u8> {
        let answer = transport.send(Request::new(b"token=a".to_vec()));
        answer.expect("an answer").into_body()
    }

    fn carry_async(transport: &impl Transport) -> Vec<u8> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let exchange = transport.send(Request::new(b"token=a".to_vec()));
        let answer = runtime.expect("a runtime").block_on(exchange);
        answer.expect("an answer").into_body()
    }

    #[test]
    fn a_transport_that_is_borrowed_or_shared_is_one_as_well() {
        assert_eq!(carry(&&Echo), b"token=a");
        assert_eq!(carry(&Arc::new(Echo)), b"token=a");
        let unsized_one: Arc<dyn BlockingTransport> = Arc::new(Echo);
        assert_eq!(carry(&unsized_one), b"token=a");
        assert_eq!(carry_async(&&Echo), b"token=a");
        assert_eq!(carry_async(&Arc::new(Echo)), b"token=a");
    }
}
