//! Grants in Redis or Valkey: for processes on many machines.
//!
//! ```no_run
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! use rekindle_runtime::store::redis::{RedisStore, redis};
//!
//! let store = RedisStore::open(redis::Client::open("redis://localhost")?).await?;
//! # Ok(()) }
//! ```
//!
//! TLS is that of the client: turn on a TLS feature of the `redis` crate and give it a `rediss:` address. One connection is shared
//! by all operations, and made again when it is lost.
//!
//! # What the server must be
//!
//! A store promises that what it has accepted is kept. Redis does so with `appendonly yes`, `appendfsync always`,
//! `no-appendfsync-on-rewrite no` and a `maxmemory-policy` that throws no key away; its defaults would lose up to everything. So
//! [`RedisOptions::open`] asks (`CONFIG GET`), and refuses a server that is set otherwise, with the setting in the error. Managed
//! services often forbid `CONFIG`, and are refused as well: [`RedisOptions::accept_volatile`] takes their operator's word, or
//! accepts that a crash of the server can take a rotated refresh token along, which means signing in again. It is asked once;
//! these settings must not be changed later.
//!
//! Replication is asynchronous: a replica that takes over may lack the last writes, whatever these settings are. That one has taken
//! over is noticed by the replication id that it keeps of its former primary (`INFO replication`), the first time that it is asked
//! for anything: what was written before [may be outdated](super::Snapshot::may_be_outdated). A promoted replica that is
//! restarted before anything was asked of it has forgotten that it was one. A single server that restarts from its append-only file
//! lacks no write, and is not taken for another; one that restarts from a snapshot alone is, since it does lack writes.
//!
//! Redis 6.2 or later, or Valkey; it is tested against 7.0. One address, that of the primary: Redis Cluster is not supported (its
//! answers are refused by name), though all keys share a hash tag. Of the user's ACL: the keys `{prefix}:*`, and `EVALSHA`, `SCRIPT
//! LOAD`, `INFO`, `TIME`, `HGET`, `HMGET`, `HSET`, `HDEL`, `HINCRBY`, `DEL`, `ZADD`, `ZREM`, `ZCOUNT`,
//! `ZRANGE`, `ZRANGEBYSCORE`, and `CONFIG GET` to be asked.
//!
//! # What is stored
//!
//! | key | what it is |
//! |---|---|
//! | `{rekindle}:grant:provider/subject` | a hash: `generation`, `record`; `fence`, `lease_until` (microseconds since 1970), `lease_owner`, `lease_id`; the journal in `flight_…`; `committed_by` and `committed_id`; `takeovers` as counted when the record was written |
//! | `{rekindle}:takeovers` | a hash: how often a replica was seen to have taken over (`count`), and the last such (`last`) |
//! | `{rekindle}:due:provider` | a sorted set of `provider/subject` by the instant at which the grant is due (milliseconds since 1970) |
//!
//! `rekindle` is the prefix, another with [`RedisOptions::prefix`]. The tokens are in the field `record`: as plain JSON, or sealed with
//! the [`Codec`] that [`RedisOptions::codec`] takes. All else is in clear. A grant that was removed leaves nothing
//! behind. No key has a time to live.
//!
//! Leases go by the server's clock (`TIME`): setting it back prolongs those that are held, setting it ahead ends them.
//!
//! Each operation that writes is one script, which runs whole or not at all; the server is sent its hash, and its text where it
//! has lost it. Should the form of what is stored ever change, it changes by fields beside those above, so that processes of both
//! versions can work side by side; a record itself says its version, and an older program refuses it with
//! [`StoreErrorKind::Newer`].
//!
//! # Limits
//!
//! An operation has a limit of five seconds ([`RedisOptions::limit`]). After it, as after the loss of the connection, the error is
//! [`StoreErrorKind::Unavailable`]: whether a write took place is not known, and repeating it is safe.
//!
//! # Tokens and what a server shows
//!
//! * Its log file shows no arguments.
//! * The slow log (`SLOWLOG GET`) shows the first 128 bytes of an argument. Records stand behind as many spaces, in the field as well as
//!   on the way, so none of a record is in it.
//! * `MONITOR` shows everything that is sent, records included, to every user that may call it. A server that crashes can write the command at
//!   hand into its log. The append-only file and replicas hold what the server holds.
//!
//! Against the latter there is a [`Codec`] that seals. Errors of the server are passed on as their code, without its words.

mod durability;
mod error;
mod names;
mod operations;
mod scripts;
mod veil;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

pub use ::redis;
use arc_swap::ArcSwap;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisResult};

use self::error::{failed, is_worn};
use self::names::Names;
use self::scripts::Scripts;
use super::{Codec, StoreError, StoreErrorKind};

/// How long an operation may take unless told otherwise.
const LIMIT: Duration = Duration::from_secs(5);

/// Keeps grants in Redis. Its copies share one connection. See [the module](self).
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

struct Inner {
    client: Client,
    connection: ArcSwap<ConnectionManager>,
    scripts: Scripts,
    names: Names,
    codec: Codec,
    limit: Duration,
}

/// How a [`RedisStore`] is opened.
#[must_use]
pub struct RedisOptions {
    client: Client,
    prefix: String,
    codec: Codec,
    limit: Duration,
    accept_volatile: bool,
}

impl RedisOptions {
    /// The prefix `rekindle`, plain records, a server that keeps what it has accepted.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            prefix: "rekindle".to_owned(),
            codec: Codec::plain(),
            limit: LIMIT,
            accept_volatile: false,
        }
    }

    /// What the keys begin with, in braces; it has none itself.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The form of records.
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Another limit of an operation than five seconds.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Takes any server, and does not ask it whether it keeps what it has accepted. For one whose operator answers for that (managed
    /// services forbid to ask), and for tokens that may be lost.
    pub fn accept_volatile(mut self) -> Self {
        self.accept_volatile = true;
        self
    }

    /// Connects, and asks the server whether it keeps what it has accepted.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`]; [`StoreErrorKind::Refused`] when the server could forget, or does not say and
    /// [`Self::accept_volatile`] was not called; when the prefix is empty or has braces.
    pub async fn open(self) -> Result<RedisStore, StoreError> {
        let names = Names::under(&self.prefix).ok_or_else(|| {
            StoreError::new(StoreErrorKind::Refused).with_detail("no prefix for keys")
        })?;
        let connection = connect(&self.client, self.limit).map_err(failed)?;
        let store = RedisStore(Arc::new(Inner {
            client: self.client,
            connection: ArcSwap::from_pointee(connection),
            scripts: Scripts::new(),
            names,
            codec: self.codec,
            limit: self.limit,
        }));
        store.ask(self.accept_volatile).await?;
        Ok(store)
    }
}

/// A connection that is made at the first use, and again when it is lost: one attempt each time, since sessions repeat on their own.
fn connect(client: &Client, limit: Duration) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(0)
        .set_connection_timeout(Some(limit))
        .set_response_timeout(Some(limit));
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

impl RedisStore {
    /// Opens a store with the defaults of [`RedisOptions`].
    ///
    /// # Errors
    /// Those of [`RedisOptions::open`].
    pub async fn open(client: Client) -> Result<Self, StoreError> {
        RedisOptions::new(client).open().await
    }

    /// Whether the server is there, and whether it is durable, unless that is accepted.
    async fn ask(&self, accept_volatile: bool) -> Result<(), StoreError> {
        let needs = async {
            let mut connection = ConnectionManager::clone(&self.0.connection.load());
            if accept_volatile {
                return redis::cmd("PING").query_async::<()>(&mut connection).await.map_err(failed);
            }
            durability::check(&mut connection).await
        };
        tokio::time::timeout(self.0.limit, needs)
            .await
            .unwrap_or_else(|_| Err(too_late(self.0.limit)))
    }

    /// Does the work with the connection, or gives up after the limit.
    ///
    /// A connection that did not answer in time is not used again: the server may have gone without a goodbye.
    async fn within<T, F>(&self, work: impl FnOnce(ConnectionManager) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let used = self.0.connection.load_full();
        let work = work(ConnectionManager::clone(&used));
        let outcome = tokio::time::timeout(self.0.limit, work).await;
        let is_worn = match &outcome {
            Ok(Ok(_)) => false,
            Ok(Err(error)) => is_worn(error),
            Err(_) => true,
        };
        if is_worn && let Ok(fresh) = connect(&self.0.client, self.0.limit) {
            // Unless another operation has replaced it already.
            let _ = self.0.connection.compare_and_swap(&used, Arc::new(fresh));
        }
        match outcome {
            Ok(outcome) => outcome.map_err(failed),
            Err(_) => Err(too_late(self.0.limit)),
        }
    }
}

fn too_late(limit: Duration) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable).with_detail(format!("no answer within {limit:?}"))
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.0.names.prefix())
            .field("limit", &self.0.limit)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions")
            .field("prefix", &self.prefix)
            .field("limit", &self.limit)
            .field("accept_volatile", &self.accept_volatile)
            .finish_non_exhaustive()
    }
}
