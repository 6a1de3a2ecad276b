//! What a server's refusal means, and how much of it may be shown.

use std::fmt;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::store::{StoreError, StoreErrorKind};

/// An operation failed. Neither the server's words nor its values are shown: its code is.
pub(super) fn failed(error: RedisError) -> StoreError {
    let kind = kind(&error);
    // Those of the network speak of addresses and time alone.
    if error.is_io_error() {
        return StoreError::caused(kind, error);
    }
    let source = ServerError {
        code: error.code().unwrap_or("none").to_owned(),
        category: error.category().to_owned(),
    };
    let detail = match error.kind() {
        ErrorKind::Server(
            ServerErrorKind::Moved | ServerErrorKind::Ask | ServerErrorKind::CrossSlot,
        ) => Some("the server is part of a Redis Cluster, which is not supported"),
        ErrorKind::Server(ServerErrorKind::NoPerm) => Some("the user lacks a permission (ACL)"),
        ErrorKind::Server(ServerErrorKind::ReadOnly) => Some("the server is a replica"),
        _ if error.code() == Some("OOM") => Some("the server has no memory left"),
        _ => None,
    };
    let error = StoreError::caused(kind, source);
    match detail {
        Some(detail) => error.with_detail(detail),
        None => error,
    }
}

/// Whether another connection could do what this one did not: it may hang, or lead to a server that is no primary any more.
pub(super) fn is_worn(error: &RedisError) -> bool {
    error.is_timeout() || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

fn kind(error: &RedisError) -> StoreErrorKind {
    match error.kind() {
        ErrorKind::Io | ErrorKind::Parse | ErrorKind::Client => StoreErrorKind::Unavailable,
        ErrorKind::UnexpectedReturnType => StoreErrorKind::Unreadable,
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ReadOnly,
        ) => StoreErrorKind::Unavailable,
        _ => match error.code() {
            // A script that does not end; too few replicas.
            Some("BUSY" | "NOREPLICAS") => StoreErrorKind::Unavailable,
            _ => StoreErrorKind::Refused,
        },
    }
}

/// What is shown of an error that the server sent.
#[derive(Debug)]
struct ServerError {
    code: String,
    category: String,
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redis error {} ({})", self.code, self.category)
    }
}

impl std::error::Error for ServerError {}
