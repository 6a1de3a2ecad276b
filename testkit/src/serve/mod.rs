//! Fake providers on ports of this machine, for clients in any language.
//!
//! Architecture invariant: what a provider answers and what becomes of it is decided by [`Fake::deliver`]; here it is carried out on
//! a socket. Nothing here listens anywhere but on the loopback.

mod asked;
mod connection;
mod control;
mod exchange;
mod mask;
mod raw;
mod respond;
mod route;
mod site;

pub use exchange::Exchange;

use crate::fake::Fake;
use crate::loopback::{Loopback, bind};
use site::Site;
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

/// How providers are served.
pub struct Options {
    /// The port, or the first of them; 0 for any that is free.
    pub port: u16,
    /// Whether each provider has a port of its own. Else all are on one, each below its id.
    pub separate_ports: bool,
    /// Whether `/-/control` is there.
    pub control: bool,
    /// What the control endpoint says about what tells tokens apart.
    pub seed: u64,
    /// How long an answer that comes too late takes.
    pub late: Duration,
    /// How long each byte of a slow head takes.
    pub pace: Duration,
    /// What is told about each exchange, before its answer leaves.
    pub observer: Option<Observer>,
}

/// What is told about each exchange.
pub type Observer = Box<dyn Fn(&Exchange) + Send + Sync>;

impl Default for Options {
    /// Any port, the same for all, with the control endpoint.
    fn default() -> Self {
        Self {
            port: 0,
            separate_ports: false,
            control: true,
            seed: 0,
            late: Duration::from_secs(3),
            pace: Duration::from_millis(200),
            observer: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("port", &self.port)
            .field("separate_ports", &self.separate_ports)
            .field("control", &self.control)
            .finish_non_exhaustive()
    }
}

/// Fake providers that are being served. Dropping it ends every connection and waits for the thread behind it.
///
/// That thread may be about to answer: whoever holds a guard of [`Fake::provider`] while this is dropped waits for ever.
#[derive(Debug)]
pub struct Serving {
    addresses: Vec<SocketAddr>,
    urls: Vec<(String, String)>,
    control: bool,
    /// Dropping it ends the server.
    _loopback: Loopback,
}

impl Serving {
    /// Serves providers, and gives each its base URL. Whoever holds a guard of [`Fake::provider`] must let go of it first: this
    /// call waits for it.
    ///
    /// # Errors
    /// When a port cannot be had, or two providers have the same id, or there is none.
    pub fn start(fakes: Vec<Fake>, options: Options) -> io::Result<Self> {
        let ids: Vec<String> =
            fakes.iter().map(|fake| fake.provider().contract().provider.id.clone()).collect();
        let different: BTreeSet<&String> = ids.iter().collect();
        if ids.is_empty() || different.len() != ids.len() {
            let message = "each provider needs an id of its own, and there must be one at least";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let listeners = listeners(if options.separate_ports { ids.len() } else { 1 }, &options)?;
        let addresses =
            listeners.iter().map(TcpListener::local_addr).collect::<io::Result<Vec<_>>>()?;
        let url =
            |(place, id): (usize, &String)| match (options.separate_ports, addresses.get(place)) {
                (true, Some(address)) => (id.clone(), format!("http://{address}")),
                _ => (id.clone(), format!("http://{}/{id}", addresses[0])),
            };
        let urls: Vec<_> = ids.iter().enumerate().map(url).collect();
        for (fake, (_, url)) in fakes.iter().zip(&urls) {
            let _ = fake.clone().at(url);
        }
        let control = options.control;
        let site = Arc::new(Site::new(fakes, addresses.clone(), options));
        let loopback = Loopback::start(listeners, move |place, stream| {
            connection::serve(stream, place, Arc::clone(&site))
        })?;
        Ok(Self { addresses, urls, control, _loopback: loopback })
    }

    /// Where it listens: the first port, which also has the control endpoint.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// The base URL of the provider with this id, without a slash at its end.
    pub fn url(&self, id: &str) -> Option<&str> {
        let mut urls = self.urls.iter();
        urls.find(|(known, _)| known == id).map(|(_, url)| url.as_str())
    }

    /// Where the control endpoint is; `None` where there is none.
    pub fn control_url(&self) -> Option<String> {
        let url = || format!("http://{}{}", self.address(), route::CONTROL);
        self.control.then(url)
    }

    /// Ends every connection, and waits until that is done.
    pub fn stop(self) {}
}

impl Fake {
    /// Puts the provider on a port of this machine, and gives it its base URL there. It stays there until what is returned is
    /// dropped.
    ///
    /// Hold no guard of [`Fake::provider`] while it is served or dropped: the server waits for the guard, and dropping waits
    /// for the server.
    ///
    /// # Panics
    /// When the machine has no loopback port or no thread to give.
    pub fn serve(&self) -> Serving {
        Serving::start(vec![self.clone()], Options::default())
            .unwrap_or_else(|error| panic!("no port for a fake provider: {error}"))
    }
}

/// Ports beside each other, or any.
fn listeners(number: usize, options: &Options) -> io::Result<Vec<TcpListener>> {
    let port = |place: usize| match options.port {
        0 => Some(0),
        first => u16::try_from(place).ok().and_then(|place| first.checked_add(place)),
    };
    let listener = |place| {
        let beyond = || io::Error::new(io::ErrorKind::InvalidInput, "there is no port after 65535");
        bind(port(place).ok_or_else(beyond)?)
    };
    (0..number).map(listener).collect()
}
