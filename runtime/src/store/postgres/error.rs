//! What a server's refusal means, and how much of it may be shown.

use std::error::Error as _;
use std::{fmt, io};

use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::DbError;

use crate::store::{StoreError, StoreErrorKind};

/// Something failed while no token was under way: connecting, the schema. The server's words are shown.
pub(super) fn failed_openly(error: Error) -> StoreError {
    match error.as_db_error() {
        Some(server) => of_server(server, Some(server.message().to_owned())),
        None => StoreError::caused(unanswered(&error), error),
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
        PoolError::NoRuntimeSpecified | PoolError::Closed => {
            StoreError::caused(StoreErrorKind::Refused, error)
        }
        _ => StoreError::caused(StoreErrorKind::Unavailable, error),
    }
}

/// What it means that a connection could not be made, where the server has not said why. The network can be another the next time;
/// a configuration that is missing something, a server without TLS, a certificate that is not believed stay what they are.
fn unanswered(error: &Error) -> StoreErrorKind {
    let Some(cause) = error.source() else {
        return StoreErrorKind::Unavailable;
    };
    match cause.downcast_ref::<io::Error>().map(io::Error::kind) {
        None | Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
            StoreErrorKind::Refused
        }
        Some(_) => StoreErrorKind::Unavailable,
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
    let (kind, detail) = meaning(code, server.message());
    let error = StoreError::caused(kind, source);
    match detail {
        Some(detail) => error.with_detail(detail),
        None => error,
    }
}

/// The code of whatever a pooler says itself: that it cannot reach the server for now, and that it never will do what it was asked.
const POOLER: &str = "08P01";

/// What a pooler says, in English; what it means, and what to do about it. Whatever else it says, it may not say the next time.
const POOLER_SAYS: [(&str, StoreErrorKind, &str); 11] = [
    (
        "unsupported startup parameter",
        StoreErrorKind::Refused,
        "the pooler refuses a start-up parameter: leave `options` out of the configuration, which the store does not need",
    ),
    (
        "transaction blocks not allowed",
        StoreErrorKind::Refused,
        "the pooler is in statement mode, which has no transactions: `pool_mode` must be `transaction` or `session`",
    ),
    ("no such database", StoreErrorKind::Refused, "the pooler knows no such database"),
    ("no such user", StoreErrorKind::Refused, "the pooler knows no such user"),
    (
        "authentication failed",
        StoreErrorKind::Refused,
        "the pooler or the server behind it refuses the user or the password",
    ),
    ("auth failed", StoreErrorKind::Refused, "the pooler refuses the user or the password"),
    ("SSL required", StoreErrorKind::Refused, "the pooler asks for TLS"),
    (
        "query_wait_timeout",
        StoreErrorKind::Unavailable,
        "the pooler's `query_wait_timeout` was over: all its connections to the server are taken",
    ),
    ("query timeout", StoreErrorKind::Unavailable, "the pooler's `query_timeout` was over"),
    (
        "idle transaction timeout",
        StoreErrorKind::Unavailable,
        "the pooler's `idle_transaction_timeout` was over",
    ),
    (
        "no more connections allowed",
        StoreErrorKind::Unavailable,
        "the pooler has as many clients as its `max_client_conn` allows",
    ),
];

/// What a code means, and what there is to say about it. They are in appendix A of PostgreSQL's manual; `RK` are those of the
/// schema here.
fn meaning(code: &str, message: &str) -> (StoreErrorKind, Option<&'static str>) {
    use StoreErrorKind::{Conflict, Missing, Refused, Unavailable};
    let (kind, detail) = match code {
        "RK001" => (Conflict, ""),
        "RK002" => (Missing, ""),
        "42P01" | "3F000" | "42883" | "42703" => {
            (Refused, "its schema is missing or too old: call `PostgresStore::migrate`")
        }
        "42501" => (Refused, "the role lacks a privilege on the store's schema"),
        "53100" => (Refused, "the server's disk is full"),
        "25006" => (Unavailable, "the server is read-only, such as a hot standby"),
        "25P03" => (Unavailable, "the `idle_in_transaction_session_timeout` was over"),
        "25P04" => (Unavailable, "the server's `transaction_timeout` was over"),
        "55P03" => {
            (Unavailable, "the server's `lock_timeout` was over: someone has locked the grant")
        }
        "57014" => (Unavailable, "the `statement_timeout` was over, which is the store's limit"),
        "57P05" => (Unavailable, "the server's `idle_session_timeout` was over"),
        POOLER => {
            let said = POOLER_SAYS.iter().find(|(words, ..)| message.contains(words));
            said.map_or((Unavailable, ""), |(_, kind, hint)| (*kind, *hint))
        }
        _ => match code.get(..2) {
            // Connection, rollback of a transaction, resources, the operator, the system.
            Some("08" | "40" | "53" | "57" | "58") => (Unavailable, ""),
            _ => (Refused, ""),
        },
    };
    (kind, Some(detail).filter(|detail| !detail.is_empty()))
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
        // Shutting down, starting, a cancelled statement, a deadlock, too many connections, a standby, no connection; a limit of a
        // transaction, of an idle one, of a lock.
        for code in [
            "57P01", "57P03", "57014", "40P01", "53300", "25006", "08006", "25P04", "25P03",
            "55P03",
        ] {
            assert_eq!(meaning(code, "").0, StoreErrorKind::Unavailable, "{code}");
        }
        // No privilege, a wrong password, no table, a full disk, a text with a zero byte, no code at all.
        for code in ["42501", "28P01", "42P01", "53100", "22021", ""] {
            assert_eq!(meaning(code, "").0, StoreErrorKind::Refused, "{code}");
        }
    }

    /// A pooler has one code for whatever it says.
    #[test]
    fn a_pooler_says_in_words_whether_to_come_again() {
        for (words, kind) in [
            ("unsupported startup parameter: options", StoreErrorKind::Refused),
            (
                "unsupported startup parameter in options: statement_timeout",
                StoreErrorKind::Refused,
            ),
            ("no such database: app", StoreErrorKind::Refused),
            ("SASL authentication failed", StoreErrorKind::Refused),
            ("query_wait_timeout", StoreErrorKind::Unavailable),
            ("no more connections allowed (max_client_conn)", StoreErrorKind::Unavailable),
            ("client_login_timeout (server down)", StoreErrorKind::Unavailable),
        ] {
            assert_eq!(meaning(POOLER, words).0, kind, "{words}");
        }
    }
}
