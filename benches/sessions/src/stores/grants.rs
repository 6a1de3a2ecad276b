//! Some grants, each at a server of its own, that are refreshed again and again.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper_util::client::legacy::connect::HttpConnector;
use rekindle_bench_sessions::Error;
use rekindle_bench_sessions::clients::plain::{Client, RefreshToken};
use rekindle_bench_sessions::ours::Contract;
use rekindle_bench_sessions::server::Server;
use rekindle_runtime::session::Session;
use rekindle_runtime::store::SharedStore;
use rekindle_runtime::{Grant, HyperTransport, Token};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// Something that refreshes.
pub trait Refreshes {
    /// Makes so many exchanges in all, those of one grant one after the other.
    fn refresh(&self, times: u32) -> Pin<Box<dyn Future<Output = ()> + '_>>;

    /// How many requests have come to the servers.
    fn requests(&self) -> u64;

    /// How many exchanges have failed.
    fn failed(&self) -> u64;
}

/// Sessions over one store.
pub struct Grants {
    sessions: Vec<Session<Client>>,
    servers: Vec<Server>,
    failed: Arc<AtomicU64>,
}

impl Grants {
    /// Signs so many people in.
    pub async fn open(store: &SharedStore, name: &str, grants: usize) -> Result<Self, Error> {
        let (mut sessions, mut servers) = (Vec::new(), Vec::new());
        for number in 0..grants {
            let server = Server::start()?;
            let start = server.start_of_a_peer();
            let client = <Client as Contract>::at(&start.url)?;
            let session = Session::builder(client, HyperTransport::http())
                .store(store.clone())
                .subject(format!("{name}-{number}"))
                .open()
                .await?;
            let refresh_token = Token::new(start.refresh_token);
            let grant = Grant::new().with_refresh_token(refresh_token);
            session.sign_in(grant).await?;
            sessions.push(session);
            servers.push(server);
        }
        Ok(Self { sessions, servers, failed: Arc::default() })
    }
}

impl Refreshes for Grants {
    fn refresh(&self, times: u32) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        let each = times as usize / self.sessions.len();
        Box::pin(async move {
            let mut running = JoinSet::new();
            for session in &self.sessions {
                let session = session.clone();
                let failed = Arc::clone(&self.failed);
                running.spawn(async move {
                    for _ in 0..each {
                        let refreshed = session.refresh_now().await;
                        failed.fetch_add(u64::from(refreshed.is_err()), Ordering::Relaxed);
                    }
                });
            }
            running.join_all().await;
        })
    }

    fn requests(&self) -> u64 {
        requests(&self.servers)
    }

    fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}

/// A client, a transport, and the token that is good now.
type Holder = (Client, HyperTransport<HttpConnector>, Mutex<Option<RefreshToken>>);

/// Clients without sessions: nothing is kept.
pub struct Alone {
    clients: Vec<Arc<Holder>>,
    servers: Vec<Server>,
    failed: Arc<AtomicU64>,
}

impl Alone {
    /// So many clients.
    pub async fn open(grants: usize) -> Result<Self, Error> {
        let (mut clients, mut servers) = (Vec::new(), Vec::new());
        for _ in 0..grants {
            let server = Server::start()?;
            let start = server.start_of_a_peer();
            let client = <Client as Contract>::at(&start.url)?;
            let token = Mutex::new(Some(RefreshToken::new(start.refresh_token)));
            clients.push(Arc::new((client, HyperTransport::http(), token)));
            servers.push(server);
        }
        Ok(Self { clients, servers, failed: Arc::default() })
    }
}

impl Refreshes for Alone {
    fn refresh(&self, times: u32) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        let each = times as usize / self.clients.len();
        Box::pin(async move {
            let mut running = JoinSet::new();
            for client in &self.clients {
                let client = Arc::clone(client);
                let failed = Arc::clone(&self.failed);
                running.spawn(async move {
                    let (client, transport, held) = &*client;
                    let mut held = held.lock().await;
                    for _ in 0..each {
                        let Some(token) = held.take() else {
                            failed.fetch_add(1, Ordering::Relaxed);
                            continue;
                        };
                        let tokens = client.refresh(transport, token).await;
                        *held = tokens.ok().map(|tokens| tokens.refresh_token);
                    }
                });
            }
            running.join_all().await;
        })
    }

    fn requests(&self) -> u64 {
        requests(&self.servers)
    }

    fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}

fn requests(servers: &[Server]) -> u64 {
    let counts = servers.iter().map(|server| server.grant().requests());
    counts.map(u64::from).sum()
}
