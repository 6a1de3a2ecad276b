//! A scripted HTTP/1.1 server on the loopback.

use crate::loopback::{Loopback, bind, reset};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// What the server does with one exchange.
#[derive(Debug, Clone)]
pub enum Script {
    /// Reads the request and sends this answer.
    Answer(Response<Vec<u8>>),
    /// Resets the connection before anything is read.
    ResetBeforeReading,
    /// Reads the whole request, then resets the connection.
    ResetAfterReading,
    /// Reads the whole request and never answers.
    NeverAnswer,
}

impl From<Response<Vec<u8>>> for Script {
    fn from(response: Response<Vec<u8>>) -> Self {
        Self::Answer(response)
    }
}

/// A server on `127.0.0.1` that follows a script, one step for each exchange, and keeps every request that it read.
///
/// It runs on a thread of its own, so that blocking and asynchronous tests use it alike. Dropping it ends every connection
/// and waits for the thread. An exchange beyond the end of the script is answered with 501.
///
/// ```
/// use rekindle_testkit::{Server, answer, expect};
/// use std::io::{Read, Write};
///
/// let server = Server::start([answer(200).text("hello")]);
/// let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
/// stream.write_all(b"GET /greet HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer).unwrap();
/// assert!(answer.ends_with("\r\n\r\nhello"));
/// expect(&server.requests()[0]).method("GET").target("/greet");
/// ```
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Dropping it ends the server.
    _loopback: Loopback,
}

#[derive(Debug)]
struct Shared {
    script: Mutex<VecDeque<Script>>,
    requests: Mutex<Vec<Request<Vec<u8>>>>,
}

impl Server {
    /// Starts a server that follows `script`.
    ///
    /// # Panics
    /// When the machine has no loopback port or no thread to give.
    pub fn start(script: impl IntoIterator<Item = impl Into<Script>>) -> Self {
        let shared = Arc::new(Shared {
            script: Mutex::new(script.into_iter().map(Into::into).collect()),
            requests: Mutex::default(),
        });
        let listener = bind(0).expect("a loopback port");
        let address = listener.local_addr().expect("the address of the loopback port");
        let loopback = Loopback::start(vec![listener], {
            let shared = Arc::clone(&shared);
            move |_, stream| serve(stream, Arc::clone(&shared))
        });
        Self { address, shared, _loopback: loopback.expect("a thread") }
    }

    /// Adds to the end of its script: what depends on where it listens.
    pub fn then(&self, script: impl Into<Script>) {
        lock(&self.shared.script).push_back(script.into());
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, without a trailing slash: `http://127.0.0.1:40000`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request read so far, in order.
    pub fn requests(&self) -> Vec<Request<Vec<u8>>> {
        lock(&self.shared.requests).clone()
    }

    /// The only request read.
    ///
    /// # Panics
    /// When there was none, or more than one.
    #[track_caller]
    pub fn request(&self) -> Request<Vec<u8>> {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "the number of requests that the server read");
        requests.remove(0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    if shared.next_if(|script| matches!(script, Script::ResetBeforeReading)).is_some() {
        return reset(stream);
    }
    let (reset_now, reset_asked) = oneshot::channel::<()>();
    let reset_now = Mutex::new(Some(reset_now));
    let service = service_fn(|request| {
        let (shared, reset_now) = (&shared, &reset_now);
        async move {
            shared.keep(request).await?;
            match shared.next_if(|_| true) {
                Some(Script::Answer(response)) => {
                    Ok(response.map(|body| Full::new(Bytes::from(body))))
                }
                Some(Script::ResetBeforeReading | Script::ResetAfterReading) => {
                    drop(lock(reset_now).take());
                    std::future::pending().await
                }
                Some(Script::NeverAnswer) => std::future::pending().await,
                None => Ok::<_, hyper::Error>(unscripted()),
            }
        }
    });
    // One exchange a connection: the next step of the script may be about the connection itself.
    let mut connection =
        http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), service);
    let asked_to_reset = tokio::select! {
        // A client that goes away is no failure of the server.
        _ = &mut connection => false,
        _ = reset_asked => true,
    };
    if asked_to_reset {
        reset(connection.into_parts().io.into_inner());
    }
}

fn unscripted() -> Response<Full<Bytes>> {
    let mut response =
        Response::new(Full::new(Bytes::from_static(b"the script of this server has ended")));
    *response.status_mut() = http::StatusCode::NOT_IMPLEMENTED;
    response
}

impl Shared {
    fn next_if(&self, fits: impl FnOnce(&Script) -> bool) -> Option<Script> {
        let mut script = lock(&self.script);
        if script.front().is_some_and(fits) { script.pop_front() } else { None }
    }

    async fn keep(&self, request: Request<Incoming>) -> Result<(), hyper::Error> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes().to_vec();
        lock(&self.requests).push(Request::from_parts(head, body));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
