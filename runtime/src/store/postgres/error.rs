//! What a server's refusal means, and how much of it may be shown.

use std::fmt;

use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::DbError;

use crate::store::{StoreError, StoreErrorKind};

/// Something failed while no token was under way: connecting, the schema. The server's words are shown.
pub(super) fn failed_openly(error: Error) -> StoreError {
    match error.as_db_error() {
        Some(server) => of_server(server, Some(server.message().to_owned())),
        None => StoreError::caused(StoreErrorKind::Unavailable, error),
    }
}

/// An operation failed. The server's words are not shown, since they can quote rows and parameters: its code is, and names.
pub(super) fn failed(error: Error) -> StoreError {
    match error.as_db_error() {
        Some(server) => of_server(server, None),
        // Nothing that the server sent: the connection, or the protocol.
        None => StoreError::caused(StoreErrorKind::Unavailable, error),
    }
}

/// No connection could be had.
pub(super) fn no_connection(error: PoolError) -> StoreError {
    match error {
        PoolError::Backend(error) => failed_openly(error),
        PoolError::NoRuntimeSpecified => StoreError::caused(StoreErrorKind::Refused, error),
        _ => StoreError::caused(StoreErrorKind::Unavailable, error),
    }
}

fn of_server(server: &DbError, message: Option<String>) -> StoreError {
    let code = server.code().code();
    let names = [server.constraint(), server.table(), server.column()];
    let source = ServerError {
        code: code.to_owned(),
        names: names.into_iter().flatten().map(str::to_owned).collect(),
        message,
    };
    let error = StoreError::caused(kind(code), source);
    match code {
        // Undefined table, schema, function, column.
        "42P01" | "3F000" | "42883" | "42703" => {
            error.with_detail("its schema is missing or too old: call `PostgresStore::migrate`")
        }
        "42501" => error.with_detail("the role lacks a privilege on the store's schema"),
        "25006" => error.with_detail("the server is read-only, such as a standby"),
        "57014" => error.with_detail("the server's statement_timeout"),
        _ => error,
    }
}

/// The error codes are in appendix A of PostgreSQL's manual; `RK` are those of the schema here.
fn kind(code: &str) -> StoreErrorKind {
    match code {
        "RK001" => StoreErrorKind::Conflict,
        "RK002" => StoreErrorKind::Missing,
        "53100" => StoreErrorKind::Refused,
        "25006" | "55P03" => StoreErrorKind::Unavailable,
        _ => match code.get(..2) {
            // Connection, rollback of a transaction, resources, the operator, the system.
            Some("08" | "40" | "53" | "57" | "58") => StoreErrorKind::Unavailable,
            _ => StoreErrorKind::Refused,
        },
    }
}

/// What is shown of an error that the server sent.
#[derive(Debug)]
struct ServerError {
    code: String,
    names: Vec<String>,
    message: Option<String>,
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL error {}", self.code)?;
        if !self.names.is_empty() {
            write!(f, " ({})", self.names.join(", "))?;
        }
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ServerError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_whether_to_come_again() {
        // Shutting down, starting, a cancelled statement, a deadlock, too many connections, a standby, no connection.
        for code in ["57P01", "57P03", "57014", "40P01", "53300", "25006", "08006"] {
            assert_eq!(kind(code), StoreErrorKind::Unavailable, "{code}");
        }
        // No privilege, a wrong password, no table, a full disk, a text with a zero byte, no code at all.
        for code in ["42501", "28P01", "42P01", "53100", "22021", ""] {
            assert_eq!(kind(code), StoreErrorKind::Refused, "{code}");
        }
    }
}
