//! Where a store is, as one process tells another.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use rekindle_runtime::store::postgres::PostgresStore;
use rekindle_runtime::store::redis::{RedisOptions, redis};
use rekindle_runtime::store::{FileStore, SharedStore};

/// Where a store is.
#[derive(Debug, Clone)]
pub enum Address {
    /// A folder.
    File(PathBuf),
    /// A server's URL.
    Postgres(String),
    /// A server's URL.
    Redis(String),
}

impl Address {
    /// Opens the store. A server has `limit` for each operation.
    pub async fn open(&self, limit: Duration) -> Result<SharedStore, String> {
        Ok(match self {
            Self::File(folder) => SharedStore::new(FileStore::open(folder).map_err(text)?),
            Self::Postgres(url) => {
                let store = PostgresStore::without_tls(url.parse().map_err(text)?);
                SharedStore::new(store.map_err(text)?.with_limit(limit))
            }
            Self::Redis(url) => {
                let client = redis::Client::open(url.as_str()).map_err(text)?;
                let store = RedisOptions::new(client).limit(limit).open().await;
                SharedStore::new(store.map_err(text)?)
            }
        })
    }

    /// Makes what must be there before the store is opened.
    pub async fn prepare(&self) -> Result<(), String> {
        if let Self::Postgres(url) = self {
            let store = PostgresStore::without_tls(url.parse().map_err(text)?).map_err(text)?;
            store.migrate().await.map_err(text)?;
        }
        Ok(())
    }
}

fn text(error: impl fmt::Display) -> String {
    error.to_string()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(folder) => write!(f, "file:{}", folder.display()),
            Self::Postgres(url) | Self::Redis(url) => f.write_str(url),
        }
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("file", folder)) => Ok(Self::File(folder.into())),
            Some(("postgres", _)) => Ok(Self::Postgres(text.to_owned())),
            Some(("redis", _)) => Ok(Self::Redis(text.to_owned())),
            _ => Err(format!("no store is at {text}")),
        }
    }
}
