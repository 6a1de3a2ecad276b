//! A connection for one operation, and the limit that an operation has.
//!
//! What is between here and the server may give each transaction another connection of the server's (a pooler). So whatever is sent
//! is a transaction of its own, and nothing is left in the connection when it ends.

use std::future::Future;
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object, Pool};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::error::{failed, failed_openly, no_connection};
use super::parameter::{Parameter, typed};
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

/// What begins a transaction, whatever the server's, the database's or the role's defaults are.
///
/// It reads what is committed: at any other level two that write one grant could fail. The server gives up what takes longer than
/// `limit`, so that a statement that waits for a row which someone has locked does not take effect long after; and it frees the row
/// of a process that was stopped amid a transaction. It does so a little sooner than whoever waits for the answer gives up, so
/// that there is one.
pub(super) fn begin(limit: Duration) -> String {
    // Zero would be no limit at all.
    let limit = limit.mul_f64(0.9).as_millis().clamp(1, i32::MAX.unsigned_abs().into());
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = {limit}; \
         SET LOCAL idle_in_transaction_session_timeout = {limit}"
    )
}

/// A connection out of the pool. It goes back once everything that was asked is answered; otherwise, when its future is
/// dropped or fails, it is closed, so that no later operation waits for the rest.
pub(super) struct Lent {
    client: Option<Object>,
    begin: String,
    answered: bool,
}

impl Lent {
    /// One whose transactions have this limit.
    pub(super) async fn from(pool: &Pool, limit: Duration) -> Result<Self, StoreError> {
        let client = pool.get().await.map_err(no_connection)?;
        Ok(Self { client: Some(client), begin: begin(limit), answered: false })
    }

    /// Whether nobody has used it yet.
    pub(super) fn is_new(&self) -> bool {
        self.client.as_ref().is_some_and(|client| Object::metrics(client).recycle_count == 0)
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

    /// One statement in a transaction of its own: in a single round trip, since all of it is sent before anything is answered.
    pub(super) async fn query(
        &self,
        statement: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<Answer<Vec<Row>>, StoreError> {
        let client = self.client()?;
        let parameters = typed(parameters);
        // In this order: each is sent when it is first polled.
        let (begun, rows, ended) = tokio::join!(
            biased;
            client.batch_execute(&self.begin),
            client.query_typed(statement, &parameters),
            client.batch_execute("COMMIT"),
        );
        Ok(Answer::of(begun, rows, ended))
    }

    /// One record into the inbox and then a query, in one transaction.
    ///
    /// The library can copy with a statement that has a name alone, and counts names in each process by itself. So the statement is
    /// closed before the transaction ends. A name that is there nevertheless was left by somebody else who shares this
    /// connection of the server's with us, and who cannot count on it: then all names go.
    pub(super) async fn copy(
        &self,
        statement: &str,
        row: &[&(dyn ToSql + Sync)],
        query: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<Answer<Vec<Row>>, StoreError> {
        let client = self.client()?;
        let prepare = async |begin: &str| -> Result<_, Error> {
            let (begun, prepared) =
                tokio::join!(biased; client.batch_execute(begin), client.prepare(statement));
            begun.and(prepared)
        };
        let mut prepared = prepare(&self.begin).await;
        if let Err(error) = &prepared
            && error.code() == Some(&SqlState::DUPLICATE_PSTATEMENT)
        {
            prepared = prepare(&format!("ROLLBACK; {}; DEALLOCATE ALL", self.begin)).await;
        }
        let started = async {
            let statement = prepared?;
            client.copy_in(&statement).await
        };
        let sink = match started.await {
            Ok(sink) => sink,
            Err(error) => return Ok(Answer { outcome: Err(error), is_whole: false }),
        };
        let copied = async {
            let mut writer = std::pin::pin!(BinaryCopyInWriter::new(sink, &INBOX));
            writer.as_mut().write(row).await?;
            writer.finish().await.map(drop)
        };
        let parameters = typed(parameters);
        let (copied, rows, ended) = tokio::join!(
            biased;
            copied,
            client.query_typed(query, &parameters),
            client.batch_execute("COMMIT"),
        );
        Ok(Answer::of(copied, rows, ended))
    }

    /// What came of it. After an error that the server itself sent, the connection is as good as before.
    pub(super) fn settle<T>(mut self, answer: Answer<T>) -> Result<T, StoreError> {
        self.answered = answer.is_whole;
        answer.outcome.map_err(failed)
    }
}

/// What came of a transaction.
pub(super) struct Answer<T> {
    outcome: Result<T, Error>,
    /// Whether all that was sent is answered, so that the transaction is over.
    is_whole: bool,
}

impl<T> Answer<T> {
    /// The outcome of what has no token in it: the server's words are shown.
    pub(super) fn openly(self) -> Result<T, StoreError> {
        self.outcome.map_err(failed_openly)
    }

    /// The first failure is what the others follow from: after it, the server ends the transaction without effect.
    fn of(before: Result<(), Error>, answer: Result<T, Error>, ended: Result<(), Error>) -> Self {
        let is_by_server = |error: &Error| error.as_db_error().is_some();
        let is_whole = ended.as_ref().err().is_none_or(is_by_server);
        let outcome = before.and(answer).and_then(|answer| ended.map(|()| answer));
        Self { outcome, is_whole }
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
