//! A fake provider, and the clock and the store of the sessions that refresh there.

use crate::clients::Integrator;
use crate::wire::Wire;
use rekindle_contract::contract::Contract;
use rekindle_runtime::clock::{Clock, VirtualClock};
use rekindle_runtime::session::{Session, SessionBuilder, SessionError};
use rekindle_runtime::store::{Acquired, EntryId, InFlight, Key, MemoryStore, Store};
use rekindle_runtime::{Grant, Token};
use rekindle_testkit::conformance::words::expiry;
use rekindle_testkit::provider::Provider;
use rekindle_testkit::{End, Fake, Held};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// A fake provider, the clock of its sessions, and the store that outlives them.
#[derive(Debug, Clone)]
pub struct World {
    /// The provider.
    pub fake: Fake,
    /// The transport to it.
    pub wire: Wire,
    /// The machine's clock. It shows the provider's time at the beginning.
    pub clock: VirtualClock,
    /// Where grants are kept.
    pub store: MemoryStore,
}

impl World {
    /// A world with the provider of client `P`.
    ///
    /// # Panics
    /// When its spec is not in the repository.
    pub fn of<P: Integrator>() -> Self {
        let fake = Fake::new(Provider::new(contract(P::SPEC)));
        let clock = VirtualClock::new(fake.clock().now().into());
        let store = MemoryStore::with_clock(Arc::new(clock.clone()));
        Self { wire: Wire::to(&fake), fake, clock, store }
    }

    /// A session that is described and not yet opened.
    pub fn builder<P: Integrator>(&self) -> SessionBuilder<P> {
        let client = P::client(&self.fake.url(), &self.fake.provider().client().clone());
        Session::builder(client, self.wire.clone())
            .store(self.store.clone())
            .clock(self.clock.clone())
    }

    /// A session of a person who has just signed in.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn signed_in<P: Integrator>(&self) -> Session<P> {
        self.signed_in_with(self.builder()).await
    }

    /// The same for a session described otherwise.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn signed_in_with<P: Integrator>(&self, builder: SessionBuilder<P>) -> Session<P> {
        let session = builder.open().await.expect("a session");
        let grant = grant(&self.fake.provider().sign_in());
        session.sign_in(grant).await.expect("a stored grant");
        session
    }

    /// Lets time pass for the provider and the sessions, and lets all tasks do what is due by then.
    pub async fn pass(&self, by: Duration) {
        self.fake.clock().advance(by);
        self.clock.advance(by);
        settle().await;
    }

    /// Lets time pass in steps, each up to the next moment for which a task waits.
    pub async fn live(&self, for_: Duration) {
        settle().await;
        let end = self.clock.monotonic() + for_;
        loop {
            let left = end.saturating_sub(self.clock.monotonic());
            let next = self.clock.until_next().map_or(left, |next| next.min(left));
            self.pass(next).await;
            if left.is_zero() {
                return;
            }
        }
    }

    /// What a process leaves behind that has journaled an exchange of generation 1, sent it, and crashed. Its lease ends after a
    /// second.
    ///
    /// # Panics
    /// When the grant is not in the store, or its lease is held.
    pub async fn left_in_doubt(&self, key: &Key) -> InFlight {
        let lease = match self.store.acquire(key, "crashed", Duration::from_secs(1)).await {
            Ok(Acquired::Held(lease)) => lease,
            other => panic!("{other:?}"),
        };
        let entry = InFlight {
            id: EntryId::random(),
            generation: 1,
            fence: lease.fence,
            owner: "crashed".into(),
            started_at: self.clock.wall(),
            attempt: 1,
        };
        let journaled = self.store.begin(key, &lease, &entry, None).await;
        journaled.expect("a journal");
        entry
    }

    /// The rules by which the provider has refused requests.
    pub fn what_refused(&self) -> Vec<&'static str> {
        let arrived = self.fake.arrived();
        arrived.iter().filter_map(|one| one.refused_by()).collect()
    }

    /// Whether the provider accepts this access token. For a token that may be used once, this uses it.
    pub fn accepts(&self, access_token: impl AsRef<str>) -> bool {
        self.fake.provider().use_access_token(access_token.as_ref()).is_ok()
    }
}

/// Asks for a token in a task of its own, which returns the token's generation.
pub fn ask<P: Integrator>(session: &Session<P>) -> JoinHandle<Result<u64, SessionError>> {
    let session = session.clone();
    tokio::spawn(async move { session.access_token().await.map(|token| token.generation()) })
}

/// Lets every task go as far as it can without time passing.
pub async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

/// The grant of a person who has signed in.
pub fn grant(held: &Held) -> Grant {
    let token = |text: &str, end: End| Token::new(text).with_expiry(expiry(end));
    let grant = Grant::new().with_access_token(token(&held.access_token, held.access_expires));
    match &held.refresh_token {
        Some(text) => grant.with_refresh_token(token(text, held.refresh_expires)),
        None => grant,
    }
}

/// The contract of a spec of the repository, named by its path there.
///
/// # Panics
/// When there is no such spec, or it is not in order.
pub fn contract(spec: &str) -> Contract {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let sources = rekindle_contract::load(&[root.join(spec)]).expect("a spec");
    let mut checked = rekindle_contract::check(&sources);
    assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
    checked.contracts.remove(0)
}
