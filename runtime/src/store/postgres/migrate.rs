//! How the schema gets into the database, and from one version to the next.

use super::PostgresStore;
use super::connection::{begin, within};
use super::error::failed_openly;
use super::parameter::{Parameter, typed};
use crate::store::{StoreError, StoreErrorKind};

use deadpool_postgres::ClientWrapper;
use std::time::Duration;
use tokio_postgres::{Error, Row};

/// The steps, the first at version 1. One that was released is never changed: a new version is a new step.
const STEPS: [&str; 2] =
    [include_str!("schema/0001_grants.sql"), include_str!("schema/0002_entries.sql")];

/// The version that this program knows.
const LATEST: i64 = STEPS.len() as i64;

/// What waiting for another process and the steps themselves may take.
const LIMIT: Duration = Duration::from_secs(60);

/// One row for each step that was taken.
const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS rekindle_schema ( \
    version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())";

impl PostgresStore {
    /// Brings the schema to the version that this program knows: makes what is missing, in one transaction.
    ///
    /// Call it when the program starts. Where nothing is missing it reads one row, and needs no privilege beyond that. Any
    /// number of processes may call it at once: one does the work under an advisory lock, the others wait for it.
    ///
    /// # Errors
    /// [`StoreErrorKind::Newer`] when the schema is that of a later version; [`StoreErrorKind::Refused`] when the role may not
    /// create it; [`StoreErrorKind::Unavailable`].
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let lent = within(self.limit, self.lend()).await?;
        within(self.limit.max(LIMIT), async {
            let client = lent.client()?;
            if !self.is_current(client).await? {
                self.take_steps(client).await?;
            }
            Ok(())
        })
        .await?;
        lent.answered();
        Ok(())
    }

    /// Whether nothing is missing.
    async fn is_current(&self, client: &ClientWrapper) -> Result<bool, StoreError> {
        match self.installed(client).await.map_err(failed_openly)? {
            LATEST => Ok(true),
            older if older < LATEST => Ok(false),
            newer => Err(StoreError::new(StoreErrorKind::Newer).with_detail(format!(
                "its schema has version {newer}, and this program knows {LATEST}"
            ))),
        }
    }

    /// The version in the database; 0 where there is none.
    async fn installed(&self, client: &ClientWrapper) -> Result<i64, Error> {
        let table = format!("{}.rekindle_schema", self.statements.schema);
        let known = "SELECT to_regclass($1::text) IS NOT NULL";
        if !one(client, known, &[&table]).await?.try_get(0)? {
            return Ok(0);
        }
        let version = format!("SELECT coalesce(max(version), 0) FROM {table}");
        one(client, &version, &[]).await?.try_get(0)
    }

    /// One transaction. When it fails or this future is dropped, the connection is closed, and the server rolls back.
    async fn take_steps(&self, client: &ClientWrapper) -> Result<(), StoreError> {
        self.lock(client).await.map_err(failed_openly)?;
        // Another process may have been there first.
        if !self.is_current(client).await? {
            self.apply(client).await.map_err(failed_openly)?;
        }
        client.batch_execute("COMMIT").await.map_err(failed_openly)
    }

    async fn lock(&self, client: &ClientWrapper) -> Result<(), Error> {
        let begin = begin(self.limit.max(LIMIT));
        let begin = format!("{begin}; SET LOCAL synchronous_commit = on");
        client.batch_execute(&begin).await?;
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended('rekindle ' || $1::text, 0))";
        one(client, lock, &[&self.statements.schema]).await?;
        Ok(())
    }

    async fn apply(&self, client: &ClientWrapper) -> Result<(), Error> {
        let schema = &self.statements.schema;
        // `CREATE SCHEMA IF NOT EXISTS` asks for the privilege even where there is nothing to do.
        let known = "SELECT to_regnamespace($1::text) IS NOT NULL";
        if !one(client, known, &[schema]).await?.try_get(0)? {
            client.batch_execute(&format!("CREATE SCHEMA {schema}")).await?;
        }
        let path = format!("SET LOCAL search_path TO {schema}, pg_temp; {VERSIONS}");
        client.batch_execute(&path).await?;
        let done = self.installed(client).await?;
        for (version, step) in (1_i64..).zip(STEPS) {
            if version > done {
                client.batch_execute(step).await?;
                let insert = "INSERT INTO rekindle_schema (version) VALUES ($1) RETURNING version";
                one(client, insert, &[&version]).await?;
            }
        }
        Ok(())
    }
}

/// The row of a statement, which the connection is not to remember.
async fn one(
    client: &ClientWrapper,
    statement: &str,
    parameters: &[&dyn Parameter],
) -> Result<Row, Error> {
    client.query_typed_one(statement, &typed(parameters)).await
}
