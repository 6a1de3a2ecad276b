//! A token server on a loopback socket, on a thread of its own: neither its time nor its memory is counted as a client's.

mod answer;
mod grant;

use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::watch;

pub use answer::{Answer, access_token};
pub use grant::{Grant, Response};

use crate::Error;
use crate::clock::pass;
use crate::peer::Start;

/// One server with one grant.
#[derive(Debug)]
pub struct Server {
    url: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    grant: Mutex<Grant>,
    /// Whether answers are kept back; what a request does to the grant is done all the same.
    held: watch::Sender<bool>,
    /// How long an answer takes, as over a network.
    delay: Mutex<Duration>,
    /// How many requests have come.
    arrived: watch::Sender<u32>,
}

impl Server {
    /// Starts it.
    pub fn start() -> Result<Self, Error> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            grant: Mutex::new(Grant::new()),
            held: watch::Sender::new(false),
            delay: Mutex::default(),
            arrived: watch::Sender::new(0),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let served = Arc::clone(&shared);
        // It ends with the process.
        thread::spawn(move || runtime.block_on(serve(listener, served)));
        Ok(Self { url, shared })
    }

    /// What a peer starts from: an address, and a refresh token that is good.
    pub fn start_of_a_peer(&self) -> Start {
        Start {
            url: self.url.clone(),
            refresh_token: self.grant().refresh_token().to_owned(),
            first_write_fails: false,
            folder: None,
        }
    }

    /// The grant, to look at or to change.
    pub fn grant(&self) -> MutexGuard<'_, Grant> {
        self.shared.grant.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on keeps answers back, or no longer does.
    pub fn hold(&self, held: bool) {
        self.shared.held.send_replace(held);
    }

    /// From now on answers after so long, as over a network.
    pub fn answer_after(&self, delay: Duration) {
        let mut shared = self.shared.delay.lock().unwrap_or_else(PoisonError::into_inner);
        *shared = delay;
    }

    /// Waits until so many requests have come and done to the grant what they do.
    pub async fn arrived(&self, requests: u32) -> Result<(), Error> {
        let mut arrived = self.shared.arrived.subscribe();
        arrived.wait_for(|&count| count >= requests).await?;
        Ok(())
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) -> Result<(), Error> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // A client that goes ends its connection, nothing else.
        tokio::spawn(connection);
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<hyper::Response<Full<Bytes>>, Error> {
    let body = request.into_body().collect().await?.to_bytes();
    let presented = refresh_token(&body);
    let response = {
        let mut grant = shared.grant.lock().unwrap_or_else(PoisonError::into_inner);
        let response = grant.exchange(presented.as_deref());
        shared.arrived.send_replace(grant.requests());
        response
    };
    let delay = *shared.delay.lock().unwrap_or_else(PoisonError::into_inner);
    pass(delay).await;
    let mut held = shared.held.subscribe();
    held.wait_for(|&held| !held).await?;
    Ok(hyper::Response::builder()
        .status(response.status)
        .header("content-type", response.content_type)
        .header("cache-control", "no-store")
        .body(Full::from(response.body))?)
}

/// The refresh token of a request, which is a form or JSON.
fn refresh_token(body: &[u8]) -> Option<String> {
    if let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) {
        return json.get("refresh_token")?.as_str().map(str::to_owned);
    }
    form_urlencoded::parse(body)
        .find(|(name, _)| name == "refresh_token")
        .map(|(_, value)| value.into_owned())
}
