//! Rekindle's sessions, as the peers are seen.

mod contract;
mod faulty;

use std::sync::{Mutex, PoisonError};

use rekindle_runtime::clock::{Clock, SystemClock};
use rekindle_runtime::session::{EventKind, Events, Session, SessionErrorKind};
use rekindle_runtime::store::{FileStore, MemoryStore, SharedStore};
use rekindle_runtime::{Grant, HyperTransport, Token};

pub use self::contract::Contract;
use self::faulty::FirstCommitFails;
use crate::Error;
use crate::clients::plain;
use crate::peer::{Peer, Start};

/// A session of a generated client, with the default settings.
pub struct Ours<C: Contract = plain::Client> {
    session: Session<C>,
    /// Its events.
    events: Mutex<Events>,
}

impl<C: Contract> Ours<C> {
    fn store(start: &Start) -> Result<SharedStore, Error> {
        Ok(match &start.folder {
            Some(folder) => SharedStore::new(FileStore::open(folder)?),
            None if start.first_write_fails => {
                SharedStore::new(FirstCommitFails::new(MemoryStore::new()))
            }
            None => SharedStore::new(MemoryStore::new()),
        })
    }
}

impl<C: Contract> Peer for Ours<C> {
    const NAME: &'static str = "Rekindle";
    const STORE: bool = true;

    async fn open(start: Start) -> Result<Self, Error> {
        let session = Session::builder(C::at(&start.url)?, HyperTransport::http())
            .store(Self::store(&start)?)
            .open()
            .await?;
        let events = Mutex::new(session.events());
        // Who has never signed in does so now.
        if session.status().await?.generation == 0 {
            let refresh_token = Token::new(&start.refresh_token);
            let grant = Grant::new().with_refresh_token(refresh_token);
            session.sign_in(grant).await?;
        }
        Ok(Self { session, events })
    }

    #[inline]
    async fn token<R: Send>(
        &self,
        look: impl FnOnce(Option<&str>) -> R + Send,
    ) -> Result<R, Error> {
        let token = self.session.access_token().await?;
        Ok(look(Some(C::text(&token))))
    }

    fn reported_write(&self) -> bool {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| events.try_next())
            .any(|event| matches!(event.kind, EventKind::SaveFailed(_)))
    }

    async fn is_in_doubt(&self) -> bool {
        let asked = self.session.access_token().await;
        let told = asked.is_err_and(|error| matches!(error.kind(), SessionErrorKind::InDoubt(_)));
        let status = self.session.status().await;
        told && status.is_ok_and(|status| status.in_flight.is_some())
    }
}

/// The machine's wall clock, as sessions read it.
pub fn wall() -> std::time::SystemTime {
    SystemClock::new().wall()
}
