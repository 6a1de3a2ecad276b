//! What a session asks of a client and of a transport.

use std::future::Future;
use std::pin::Pin;

use http::{Request, Response};

use crate::panics::caught;
use crate::renew::Renew;
use crate::transport::{BlockingTransport, Transport, TransportError, TransportErrorKind};

/// A client that a session can hold: every generated one is.
pub trait Renewable:
    Renew<Credential: Send, Tokens: Send, Pending: Send> + Send + Sync + 'static
{
}

impl<P> Renewable for P where
    P: Renew<Credential: Send, Tokens: Send, Pending: Send> + Send + Sync + 'static
{
}

type BoxedAnswer<'a> =
    Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, TransportError>> + Send + 'a>>;

/// A transport behind a pointer, so that its type is no parameter of sessions.
pub(crate) trait ErasedTransport: Send + Sync + 'static {
    /// Sends one request. A panic is an error, after which the request may have left.
    fn send_boxed(&self, request: Request<Vec<u8>>) -> BoxedAnswer<'_>;

    /// See [`Transport::outlives_its_future`].
    fn outlives(&self) -> bool;
}

impl<T: Transport + Send + Sync + 'static> ErasedTransport for T {
    fn send_boxed(&self, request: Request<Vec<u8>>) -> BoxedAnswer<'_> {
        Box::pin(async {
            let panicked =
                || TransportError::maybe_sent(TransportErrorKind::Other, "the transport panicked");
            // The call itself is others' code as well as the future that it returns.
            caught(async { self.send(request).await }).await.unwrap_or_else(|_| Err(panicked()))
        })
    }

    fn outlives(&self) -> bool {
        self.outlives_its_future()
    }
}

/// A blocking transport as an asynchronous one: each exchange has a thread of its own for as long as it lasts.
///
/// An exchange that has begun goes on to its end, even if the future is dropped: so a session does not give it up when its own limit has
/// passed, and keeps the grant's lease until the transport's limit has. Give the transport one.
#[derive(Debug, Clone)]
pub struct OnThreads<T>(std::sync::Arc<T>);

impl<T> OnThreads<T> {
    /// Sends with `transport`, on threads of `tokio`'s blocking pool.
    pub fn new(transport: T) -> Self {
        Self(std::sync::Arc::new(transport))
    }
}

impl<T: BlockingTransport + Send + Sync + 'static> Transport for OnThreads<T> {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let transport = std::sync::Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || transport.send(request)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                Err(TransportError::maybe_sent(TransportErrorKind::Other, "its thread panicked"))
            }
        }
    }

    fn outlives_its_future(&self) -> bool {
        true
    }
}
