//! Grants that have ended and should not have: their tokens are kept, and put back.

use std::time::{Duration, SystemTime};

use super::cached_token::Origin;
use super::error::SessionError;
use super::in_doubt_policy::mint_is_over_after;
use super::mint;
use super::pool::Pool;
use super::provider::Renewable;
use super::settings::Upkeep;
use super::shared::Shared;
use super::survey::look;
use crate::store::{Acquired, EntryId, InFlight, Key, Lease, Record, Store, StoreErrorKind};

/// How many grants are listed at a time.
const PAGE: usize = 500;

impl<P: Renewable> Pool<P> {
    /// Takes back that the grant of `subject` has ended: the provider said so by mistake. Its tokens are as they were, and it is due at
    /// once, so that the next refresh shows whether it lives. `false` where there is no grant, it has not ended, or nobody has said that it
    /// has: one that was given up because an exchange was in doubt ([`InDoubt::Reauthenticate`](super::InDoubt::Reauthenticate)) has a
    /// token that may be spent, and sending that again may end what lives. So it is, too, where the record does not say when the grant has
    /// ended, as those do not that early versions have written: nobody knows why it has.
    ///
    /// A grant that has ended for good ends again with that refresh. Where the client's settings alone bring tokens, it takes back that the
    /// provider has refused them: say so once they are right.
    ///
    /// # Errors
    /// The store fails, or another process holds the grant's lease. Where a mint ends earlier tokens, one that may still be under way is
    /// waited for: [`SessionErrorKind::NotYet`](super::SessionErrorKind::NotYet).
    pub async fn revive(&self, subject: &str) -> Result<bool, SessionError> {
        let key = Key::new(P::ID, subject);
        let revived = revive(&self.shared, &key).await?;
        let Some(record) = revived else {
            return Ok(false);
        };
        if let Some(open) = self.opened.get(&key) {
            open.adopt(&record, Origin::Store);
        }
        self.shared.sweep_now.notify_one();
        Ok(true)
    }

    /// [`Pool::revive`] for every grant of this provider that has ended since an instant, by the clocks of the machines that recorded
    /// it. Returns how many were revived. Called again after a failure, it goes on with the rest.
    ///
    /// # Errors
    /// As [`Pool::revive`], or the store keeps no list.
    pub async fn revive_ended_since(&self, since: SystemTime) -> Result<usize, SessionError> {
        let mut revived = 0;
        let mut from = None;
        loop {
            let page = self.shared.store.list(P::ID, from, PAGE).await;
            let page = page.map_err(SessionError::store)?;
            for key in page.keys {
                let known = look(&self.shared, &key).await?.and_then(|(_, snapshot)| snapshot);
                let ended_at = known.and_then(|known| known.record.ended_at);
                if ended_at.is_some_and(|ended_at| ended_at >= since) {
                    revived += usize::from(self.revive(key.subject()).await?);
                }
            }
            from = page.next;
            if from.is_none() {
                return Ok(revived);
            }
        }
    }
}

/// Puts the grant back under a lease. `None` where the provider has not said that it has ended.
async fn revive<P: Renewable>(
    shared: &Shared<P>,
    key: &Key,
) -> Result<Option<Record>, SessionError> {
    let taken = shared.store.acquire(key, &shared.owner, shared.settings.lease).await;
    let lease = match taken {
        Ok(Acquired::Held(lease)) => lease,
        Ok(Acquired::Busy { .. }) => return Err(SessionError::busy()),
        Err(error) if error.kind() == StoreErrorKind::Missing => return Ok(None),
        Err(error) => return Err(SessionError::store(error)),
    };
    let revived = revive_under(shared, key, &lease).await;
    // A lease that cannot be released ends by itself.
    let _ = shared.store.release(key, &lease).await;
    revived
}

async fn revive_under<P: Renewable>(
    shared: &Shared<P>,
    key: &Key,
    lease: &Lease,
) -> Result<Option<Record>, SessionError> {
    let Some(snapshot) = shared.store.read(key).await.map_err(SessionError::store)? else {
        return Ok(None);
    };
    let mut record = snapshot.record;
    if record.ended.is_none() || record.ended_at.is_none() {
        return Ok(None);
    }
    let facts = mint::facts_for::<P>(&record.grant);
    if let (true, Some(mint)) = (mint::ends_others(&facts), &snapshot.in_flight) {
        // A refused client is asked again by a new process, say, while the grant is still recorded as ended. Such a request may arrive late
        // and end what is minted next: its entry stays until it is over.
        let settings = &shared.settings;
        let over = mint_is_over_after(settings.exchange_limit, settings.lease, mint.attempt);
        match over.saturating_sub(snapshot.in_flight_for) {
            // It may have ended the token from before it.
            Duration::ZERO => record.grant = record.grant.without_access_token(),
            left => return Err(SessionError::not_yet(left)),
        }
    }
    let entry = InFlight {
        id: EntryId::from_bits(shared.clock.random(), shared.clock.random()),
        generation: record.generation,
        fence: lease.fence,
        owner: lease.owner.clone(),
        started_at: shared.now(),
        attempt: 1,
    };
    // Any other entry beside a grant that has ended is that of a mint that ends nothing, or of a process which crashed just here.
    let replaces = snapshot.in_flight.map(|left| left.id);
    shared.store.begin(key, lease, &entry, replaces).await.map_err(SessionError::store)?;
    record.ended = None;
    record.ended_at = None;
    record.due = (shared.settings.upkeep != Upkeep::WhenAsked).then(|| shared.now());
    record.generation = record.generation.saturating_add(1);
    shared.store.commit(key, &entry, &record).await.map_err(SessionError::store)?;
    Ok(Some(record))
}
