//! A connection for one operation, and the limit that an operation has.

use std::future::Future;
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object, Pool};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::error::{failed, no_connection};
use crate::store::{StoreError, StoreErrorKind};

/// The columns of the inbox: provider, subject, record, due, and what is spent.
const INBOX: [Type; 7] =
    [Type::TEXT, Type::TEXT, Type::BYTEA, Type::INT8, Type::INT8, Type::INT8, Type::TEXT];

/// Does the work, or gives up after `limit`.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let detail = format!("no answer within {limit:?}");
        Err(StoreError::new(StoreErrorKind::Unavailable).with_detail(detail))
    })
}

/// A connection out of the pool. It goes back once everything that was asked is answered; otherwise, when its future is
/// dropped or fails, it is closed, so that no later operation waits for the rest.
pub(super) struct Lent {
    client: Option<Object>,
    answered: bool,
}

impl Lent {
    pub(super) async fn from(pool: &Pool) -> Result<Self, StoreError> {
        let client = pool.get().await.map_err(no_connection)?;
        Ok(Self { client: Some(client), answered: false })
    }

    /// The connection.
    pub(super) fn client(&self) -> Result<&ClientWrapper, StoreError> {
        let client = self.client.as_deref();
        client.ok_or_else(|| StoreErrorKind::Unavailable.into())
    }

    /// Everything is answered: the connection can go back.
    pub(super) fn answered(mut self) {
        self.answered = true;
    }

    /// One statement that stands alone.
    pub(super) async fn query(
        self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StoreError> {
        let client = self.client()?;
        let answer = async {
            let statement = client.prepare_cached(statement).await?;
            client.query(&statement, parameters).await
        };
        let answer = answer.await;
        self.settle(answer)
    }

    /// One record into the inbox, as a statement that stands alone.
    pub(super) async fn copy(
        self,
        statement: &str,
        row: &[&(dyn ToSql + Sync); 7],
    ) -> Result<(), StoreError> {
        let answer = self.copy_more(statement, row).await?;
        self.settle(answer)
    }

    /// One record into the inbox, of a transaction that goes on.
    pub(super) async fn copy_more(
        &self,
        statement: &str,
        row: &[&(dyn ToSql + Sync); 7],
    ) -> Result<Result<(), Error>, StoreError> {
        let client = self.client()?;
        let answer = async {
            let statement = client.prepare_cached(statement).await?;
            let sink = client.copy_in(&statement).await?;
            let mut writer = std::pin::pin!(BinaryCopyInWriter::new(sink, &INBOX));
            writer.as_mut().write(row).await?;
            writer.finish().await.map(drop)
        };
        Ok(answer.await)
    }

    /// After an error that the server itself sent, the connection is as good as before.
    fn settle<T>(mut self, answer: Result<T, Error>) -> Result<T, StoreError> {
        self.answered = match &answer {
            Ok(_) => true,
            Err(error) => error.as_db_error().is_some(),
        };
        answer.map_err(failed)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && !self.answered
        {
            drop(Object::take(client));
        }
    }
}
