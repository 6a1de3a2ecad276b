//! Grants in PostgreSQL: for processes on many machines.
//!
//! ```no_run
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! use rekindle_runtime::store::postgres::{PostgresStore, tokio_postgres};
//!
//! let config: tokio_postgres::Config = "host=localhost user=app dbname=app".parse()?;
//! let store = PostgresStore::without_tls(config)?;
//! store.migrate().await?;
//! # Ok(()) }
//! ```
//!
//! [`PostgresStore::new`] takes a [`deadpool_postgres::Pool`] of your own making: its TLS is yours, and so is its size. An operation
//! has its connection for as long as it lasts and no longer; nothing is held between operations.
//!
//! # The schema
//!
//! [`PostgresStore::migrate`] makes it, in a schema of its own (`rekindle`, or [`PostgresStore::with_schema`]). It is in this
//! package too, under `src/store/postgres/schema/`, for those whose database is in other hands:
//!
//! | object | what it is |
//! |---|---|
//! | `rekindle_grants` | one row for each grant: the record, the lease, the journal |
//! | `rekindle_inbox` | a view without rows: what is copied into it becomes a record |
//! | `rekindle_schema` | the version, one row for each step |
//! | `rekindle_accept()`, `rekindle_durable()` | the triggers |
//! | `rekindle_timeline()` | which server it is: a number that a takeover changes |
//!
//! In clear stand the provider's id, the subject, the generation, the instant at which the grant is due, the lease and the journal.
//! The record, and with it the tokens, is in the column `record`: as plain JSON, or sealed with the [`Codec`] that
//! [`PostgresStore::with_codec`] takes. A grant that was removed leaves its row behind, without a record, since its fences go on
//! growing.
//!
//! # Upgrades
//!
//! The schema's version is a number; a later version of this crate may bring further steps. `migrate` takes those that are
//! missing, in order and in one transaction, under an advisory lock; it refuses a schema that is newer than itself with
//! [`StoreErrorKind::Newer`]. Steps add and never take away what the version before reads, so that processes of both versions can
//! work side by side while the new one is rolled out: call `migrate` in the new one when it starts. An administrator who applies the files by
//! hand runs each as one transaction with `search_path` set to the schema, and then inserts its number into `rekindle_schema`
//! (`version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now()`).
//!
//! # What it asks of the server
//!
//! * PostgreSQL 12 or later; it is tested against 15. `plpgsql` is there, as it is by default.
//! * Of the role that migrates: `CREATE` on the database, or on the schema where someone else has made it.
//! * Of the role that works, where it is another: `USAGE` on the schema; `SELECT, INSERT, UPDATE` on `rekindle_grants`; `INSERT` on
//!   `rekindle_inbox`; `SELECT` on `rekindle_schema`. No superuser, no extension.
//! * `fsync = on`, the default. `synchronous_commit = off` is overruled for the statements here. A standby to which the server fails
//!   over has every write only where replication is synchronous. That another server has taken over, be it a standby that was promoted
//!   or a backup that was restored to a point in time, is noticed by its timeline: what was written before
//!   [may be outdated](super::Snapshot::may_be_outdated). A backup that is the output of `pg_dump` has no timeline.
//! * Leases go by the server's clock: setting it back prolongs those that are held, setting it ahead ends them.
//! * Prepared statements are kept in each connection. PgBouncer in transaction mode can do that from 1.21 on.
//!
//! # Limits
//!
//! An operation has a limit of five seconds ([`PostgresStore::with_limit`]), the wait for a connection included. After it, as after the
//! loss of the connection, the error is [`StoreErrorKind::Unavailable`]: whether a write took place is not known, and repeating it
//! is safe. The connection is closed then. [`PostgresStore::without_tls`] has the server give up as well (`statement_timeout`), so that
//! a statement which waits for a row that someone has locked does not take effect long after; do the same for a pool of your own:
//! `config.options("-c statement_timeout=5s")`.
//!
//! A subject together with its provider's id has at most some 2,600 bytes (an index row's limit). A zero byte
//! in it stands in the column as `\0`, a backslash as `\\`.
//!
//! # Tokens and the server's log
//!
//! A server that logs statements (`log_statement`, `log_min_duration_statement`) logs their bound parameters too, and an ordinary role
//! cannot turn that off. So records are never parameters: they travel as the data of `COPY rekindle_inbox … FROM STDIN`, which no
//! setting logs, in its binary form, which error messages do not quote. Errors of the server are passed on as their code and the
//! names in them, without the server's words.
//!
//! What the store cannot keep out: constraints and triggers that others add to `rekindle_grants` may quote rows, extensions may
//! trace what runs within a trigger, and replicas, backups and the write-ahead log hold what the table holds. A [`Codec`] that
//! seals is the answer to those.
//!
//! # Statements
//!
//! Each operation is one statement. `commit` is a `COPY` (two round trips); `put` a transaction around one, which also reads the
//! generation; `begin` asks a second time for the reason when it is refused; the others are a single round trip, after the first
//! use in a connection, which prepares them.

mod connection;
mod error;
mod migrate;
mod operations;
mod statements;
mod text;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use deadpool_postgres;
use deadpool_postgres::{Manager, Pool};
pub use tokio_postgres;
use tokio_postgres::{Config, NoTls};

use self::statements::{Statements, quoted};
use super::{Codec, StoreError, StoreErrorKind};

/// How long an operation may take unless told otherwise.
const LIMIT: Duration = Duration::from_secs(5);

/// Most connections of a pool that is made here.
const CONNECTIONS: usize = 8;

/// Keeps grants in PostgreSQL. Its copies share one pool. See [the module](self).
#[derive(Clone)]
pub struct PostgresStore {
    pool: Pool,
    statements: Arc<Statements>,
    codec: Codec,
    limit: Duration,
}

impl PostgresStore {
    /// A store over this pool, in the schema `rekindle`, with plain records. Nothing is connected yet.
    pub fn new(pool: Pool) -> Self {
        Self {
            pool,
            statements: Arc::new(Statements::of("\"rekindle\"".to_owned())),
            codec: Codec::plain(),
            limit: LIMIT,
        }
    }

    /// A store over a pool of at most eight connections without TLS: for a Unix socket, the loopback interface, or a network that
    /// encrypts by itself.
    ///
    /// The server gives up a statement after five seconds, unless `config` has options of its own.
    ///
    /// # Errors
    /// [`StoreErrorKind::Refused`] when `config` cannot be used.
    pub fn without_tls(mut config: Config) -> Result<Self, StoreError> {
        if config.get_options().is_none() {
            config.options(format!("-c statement_timeout={}", LIMIT.as_millis()));
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(LIMIT);
        }
        let pool = Pool::builder(Manager::new(config, NoTls))
            .max_size(CONNECTIONS)
            .build()
            .map_err(|error| StoreError::caused(StoreErrorKind::Refused, error))?;
        Ok(Self::new(pool))
    }

    /// The same in another schema of the database. Its name is quoted: any name will do.
    ///
    /// # Errors
    /// [`StoreErrorKind::Refused`] when it is empty, longer than 63 bytes, or holds a zero byte.
    pub fn with_schema(mut self, schema: &str) -> Result<Self, StoreError> {
        let schema = quoted(schema).ok_or_else(|| {
            StoreError::new(StoreErrorKind::Refused).with_detail("no name for a schema")
        })?;
        self.statements = Arc::new(Statements::of(schema));
        Ok(self)
    }

    /// The same with records in this form.
    #[must_use]
    pub fn with_codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// The same with another limit of an operation than five seconds.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("schema", &self.statements.schema)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
