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
//! [`PostgresStore::with_codec`] takes. A grant that was removed leaves nothing behind.
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
//! * Of the role that works, where it is another: `USAGE` on the schema; `SELECT, INSERT, UPDATE, DELETE` on `rekindle_grants`; `INSERT` on
//!   `rekindle_inbox`; `SELECT` on `rekindle_schema`. No superuser, no extension.
//! * A server that takes writes and keeps them: no hot standby, `default_transaction_read_only = off`, `fsync = on`,
//!   `full_page_writes = on`. The first operation asks, [`PostgresStore::migrate`] included, and so does the first in each new
//!   connection: any other server is refused, with the setting's name. [`PostgresStore::accept_volatile`] takes one that could
//!   forget: hosted servers that keep what they accept elsewhere say `fsync = off`. One that took writes before and is a standby
//!   now is [`StoreErrorKind::Unavailable`].
//! * `synchronous_commit = off` is overruled for the statements here. A standby to which the server fails over has every write only
//!   where replication is synchronous. That another server has taken over, be it a standby that was promoted or a backup that was
//!   restored to a point in time, is noticed by its timeline: what was written before
//!   [may be outdated](super::Snapshot::may_be_outdated). A backup that is the output of `pg_dump` has no timeline.
//! * Any default isolation: each operation is a transaction of its own, at `read committed`.
//! * Leases go by the server's clock: setting it back prolongs those that are held, setting it ahead ends them.
//!
//! # Poolers
//!
//! PgBouncer may be in front of the server, in session or in transaction mode, without settings for it: old ones too, which know nothing of
//! prepared statements (it is tested with 1.18). Nothing is kept in a connection between two transactions: no
//! prepared statement, no setting, and no start-up `options` are asked for. Statement mode has no transactions and is refused.
//! In session mode, each connection of a pool here is one of the server's, for as long as it is kept.
//! What others leave in a connection of the server's (prepared statements with the names that many libraries use) is not
//! run, and is deallocated where it is in the way.
//!
//! # Limits
//!
//! An operation has a limit of five seconds ([`PostgresStore::with_limit`]), the wait for a connection included. After it, as after the
//! loss of the connection, the error is [`StoreErrorKind::Unavailable`]: whether a write took place is not known, and repeating it
//! is safe. The connection is closed then. The server gives up a little sooner (`statement_timeout` and
//! `idle_in_transaction_session_timeout`, set for each transaction, whatever the role has), so that a statement which waits for a
//! row that someone has locked does not take effect long after, and no row stays locked by a process that was stopped. The role's
//! `lock_timeout` stays in force. Which of them was over is in the error.
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
//! Each operation is one transaction, whose statements are sent without waiting for one another's answers: a single round trip. `put`
//! and `commit` are a `COPY` and take three; `begin` asks a second time for the reason when it is refused; the first use of a
//! connection asks what the server is.

mod connection;
mod error;
mod migrate;
mod operations;
mod parameter;
mod requirements;
mod statements;
mod text;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
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
    accept_volatile: bool,
    has_asked: Arc<AtomicBool>,
}

impl PostgresStore {
    /// A store over this pool, in the schema `rekindle`, with plain records. Nothing is connected yet.
    pub fn new(pool: Pool) -> Self {
        Self {
            pool,
            statements: Arc::new(Statements::of("\"rekindle\"".to_owned())),
            codec: Codec::plain(),
            limit: LIMIT,
            accept_volatile: false,
            has_asked: Arc::default(),
        }
    }

    /// A store over a pool of at most eight connections without TLS: for a Unix socket, the loopback interface, or a network that
    /// encrypts by itself.
    ///
    /// # Errors
    /// [`StoreErrorKind::Refused`] when `config` cannot be used.
    pub fn without_tls(mut config: Config) -> Result<Self, StoreError> {
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

    /// The same, which takes a server that could forget what it has accepted. For one whose operator answers for that, and for
    /// tokens that may be lost.
    #[must_use]
    pub fn accept_volatile(mut self) -> Self {
        self.accept_volatile = true;
        self
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("schema", &self.statements.schema)
            .field("limit", &self.limit)
            .field("accept_volatile", &self.accept_volatile)
            .finish_non_exhaustive()
    }
}
