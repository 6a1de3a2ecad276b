//! What a store stands on: a folder or a server, made for one scenario and gone with it.

use std::path::{Path, PathBuf};

use rekindle_servers::{Postgres, Redis};
use tempfile::TempDir;

use crate::address::Address;
use crate::plan::StoreKind;
use crate::report::Failure;

/// A folder or a server.
pub(crate) enum Backend {
    File(TempDir),
    Postgres(Postgres),
    Redis(Redis),
}

impl Backend {
    /// Starts it; `None`, said on standard error, where the server is not installed.
    pub(crate) fn start(kind: StoreKind) -> Result<Option<Self>, Failure> {
        Ok(match kind {
            StoreKind::Memory => return Err(Failure::setup("processes cannot share memory")),
            StoreKind::File => Some(Self::File(tempfile::tempdir().map_err(Failure::setup)?)),
            StoreKind::Postgres => Postgres::launch(&[]).map(Self::Postgres),
            StoreKind::Redis => Redis::launch(&[]).map(Self::Redis),
        })
    }

    pub(crate) fn address(&self) -> Address {
        match self {
            Self::File(folder) => Address::File(grants(folder.path())),
            Self::Postgres(server) => Address::Postgres(server.url()),
            Self::Redis(server) => Address::Redis(server.url()),
        }
    }
}

/// The folder of the grants, in one from which it can be taken away.
pub(crate) fn grants(folder: &Path) -> PathBuf {
    folder.join("grants")
}
