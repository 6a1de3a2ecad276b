//! What a store stands on: a folder or a server, made for one scenario and gone with it.

use std::path::{Path, PathBuf};

use rekindle_servers::{PgBouncer, Postgres, Redis};
use tempfile::TempDir;

use crate::address::Address;
use crate::plan::{Plan, Scenario, StoreKind};
use crate::report::Failure;

/// A folder or a server.
pub(crate) enum Backend {
    File(TempDir),
    /// And what is in front of it, if anything is.
    Postgres(Postgres, Option<PgBouncer>),
    Redis(Redis),
}

/// A standby of a server.
pub(crate) enum Standby {
    Postgres(Postgres),
    Redis(Redis),
}

impl Backend {
    /// Starts it; `None`, said on standard error, where the server is not installed.
    pub(crate) fn start(plan: &Plan) -> Result<Option<Self>, Failure> {
        Ok(match plan.store {
            StoreKind::Memory => return Err(Failure::setup("processes cannot share memory")),
            StoreKind::File => Some(Self::File(tempfile::tempdir().map_err(Failure::setup)?)),
            StoreKind::Postgres => Postgres::launch(&[]).and_then(|server| {
                if plan.scenario != Scenario::Pooler {
                    return Some(Self::Postgres(server, None));
                }
                // Fewer than there are processes: each of them finds what others have left.
                let pooler = PgBouncer::launch(&server, &[("default_pool_size", "2")])?;
                Some(Self::Postgres(server, Some(pooler)))
            }),
            StoreKind::Redis => Redis::launch(&[]).map(Self::Redis),
        })
    }

    /// Starts a standby that has all that is here, and stops it: what comes later it lacks.
    pub(crate) fn standby(&self) -> Result<Standby, Failure> {
        match self {
            Self::Postgres(server, _) => {
                let standby = server.replica();
                standby.stop();
                Ok(Standby::Postgres(standby))
            }
            Self::Redis(server) => {
                let standby = server.replica();
                standby.stop();
                Ok(Standby::Redis(standby))
            }
            Self::File(_) => Err(Failure::setup("a folder has no standby")),
        }
    }

    /// Ends the server without a goodbye.
    pub(crate) fn crash(&self) {
        match self {
            Self::Postgres(server, _) => server.crash(),
            Self::Redis(server) => server.crash(),
            Self::File(_) => {}
        }
    }

    /// Puts a standby in the place of a server that is away, as it is.
    pub(crate) fn succeeded_by(&mut self, standby: Standby) {
        match (self, standby) {
            (Self::Postgres(server, _), Standby::Postgres(standby)) => {
                *server = standby.in_place_of(server);
            }
            (Self::Redis(server), Standby::Redis(standby)) => *server = standby.in_place_of(server),
            // It is another kind of server's.
            _ => {}
        }
    }

    pub(crate) fn address(&self) -> Address {
        match self {
            Self::File(folder) => Address::File(grants(folder.path())),
            Self::Postgres(_, Some(pooler)) => Address::Postgres(pooler.url()),
            Self::Postgres(server, None) => Address::Postgres(server.url()),
            Self::Redis(server) => Address::Redis(server.url()),
        }
    }
}

/// The folder of the grants, in one from which it can be taken away.
pub(crate) fn grants(folder: &Path) -> PathBuf {
    folder.join("grants")
}
