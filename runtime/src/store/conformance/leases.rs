//! One holder at a time, and fences that grow.

use std::time::UNIX_EPOCH;

use super::fixture::{Fixture, LONG, begun, ensure, has, hold, invented, is_busy, record, refused};
use super::harness::{Harness, Outcome};
use crate::store::{Acquired, EntryId, Lease, Store, StoreErrorKind};

pub async fn one_holds_the_lease<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let lease = hold(&*here, &key, LONG).await?;
    is_busy(&*there, &key, "through two handles").await?;
    is_busy(&*here, &key, "through one handle").await?;
    let again = here.acquire(&key, &lease.owner, LONG).await?;
    let busy = matches!(again, Acquired::Busy { .. });
    ensure!(busy, "a lease is given twice to one owner");
    Ok(())
}

pub async fn release_gives_the_lease_back<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let lease = hold(&*here, &key, LONG).await?;
    here.release(&key, &lease).await?;
    here.release(&key, &lease).await?;
    hold(&*there, &key, LONG).await?;
    is_busy(&*here, &key, "after a release").await?;
    here.release(&fixture.key("never put"), &lease).await?;
    Ok(())
}

pub async fn a_stale_release_frees_no_lease<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let first = hold(&*here, &key, LONG).await?;
    here.release(&key, &first).await?;
    let second = hold(&*there, &key, LONG).await?;
    here.release(&key, &first).await?;
    there.release(&key, &first).await?;
    there.release(&key, &invented(0)).await?;
    is_busy(&*here, &key, "after the release of a lease that was over").await?;
    there.renew(&key, &second, LONG).await?;
    Ok(())
}

pub async fn a_lease_ends_with_its_ttl<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let first = hold(&*here, &key, fixture.ttl()).await?;
    let alone = fixture.put(&here, "two").await?;
    let unasked = hold(&*here, &alone, fixture.ttl()).await?;
    fixture.pass().await;
    let second = hold(&*there, &key, LONG).await?;
    ensure!(second.fence > first.fence, "a fence did not grow");
    let lost = StoreErrorKind::LeaseLost;
    refused(here.renew(&key, &first, LONG).await, lost, "renew of a lost lease")?;
    // A lease ends in time, even if no other holder has asked for it.
    let renewed = here.renew(&alone, &unasked, LONG).await;
    refused(renewed, lost, "renew of a lease that has ended")?;
    here.release(&key, &first).await?;
    is_busy(&*here, &key, "after the release of a lease that had ended").await
}

pub async fn renew_prolongs<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let lease = hold(&*here, &key, fixture.ttl()).await?;
    here.renew(&key, &lease, LONG).await?;
    fixture.pass().await;
    is_busy(&*there, &key, "though the lease was prolonged").await?;
    here.renew(&key, &lease, LONG).await?;
    here.begin(&key, &lease, &super::fixture::entry(&lease, 1), None).await?;
    Ok(())
}

pub async fn renew_needs_the_lease<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let lost = StoreErrorKind::LeaseLost;
    let renewed = here.renew(&key, &invented(1), LONG).await;
    refused(renewed, lost, "renew of a lease never given")?;
    let renewed = here.renew(&fixture.key("never put"), &invented(1), LONG).await;
    refused(renewed, lost, "renew of a lease on nothing")?;
    let first = hold(&*here, &key, LONG).await?;
    here.release(&key, &first).await?;
    refused(here.renew(&key, &first, LONG).await, lost, "renew after a release")?;
    hold(&*there, &key, LONG).await?;
    refused(here.renew(&key, &first, LONG).await, lost, "renew of another's lease")
}

pub async fn fences_grow<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let mut last = None;
    for round in 0..12 {
        let store = if round % 2 == 0 { &here } else { &there };
        let lease = hold(&**store, &key, LONG).await?;
        let grown = last.is_none_or(|last| lease.fence > last);
        ensure!(grown, "{:?} follows {last:?}", lease.fence);
        last = Some(lease.fence);
        if round == 4 {
            store.put(&key, &record("again")).await?;
        }
        store.release(&key, &lease).await?;
    }
    Ok(())
}

pub async fn leases_of_grants_are_independent<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let one = fixture.put(&here, "one").await?;
    let two = fixture.put(&here, "two").await?;
    let lease = hold(&*here, &one, LONG).await?;
    hold(&*there, &two, LONG).await?;
    here.release(&one, &lease).await?;
    is_busy(&*here, &two, "after another grant's release").await
}

/// Two histories of a store count the same numbers: a fence alone proves nothing.
pub async fn a_lease_is_not_its_fence<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let lease = hold(&*here, &key, LONG).await?;
    let other = Lease { id: EntryId::random(), ..lease.clone() };
    let lost = StoreErrorKind::LeaseLost;
    for store in [&here, &there] {
        refused(store.renew(&key, &other, LONG).await, lost, "renew by a fence")?;
        let began = store.begin(&key, &other, &super::fixture::entry(&other, 1), None).await;
        refused(began, lost, "begin by a fence")?;
        refused(store.postpone(&key, &other, UNIX_EPOCH).await, lost, "postpone by a fence")?;
        store.release(&key, &other).await?;
        is_busy(&**store, &key, "after a release by a fence").await?;
    }
    here.renew(&key, &lease, LONG).await?;
    Ok(())
}

/// Nothing is left of a grant that was removed, its lease included: who comes late does nothing to the grant that is put anew.
pub async fn remove_ends_the_lease<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let (late, entry) = begun(&*here, &key, 1, LONG).await?;
    there.remove(&key).await?;
    let (lost, missing) = (StoreErrorKind::LeaseLost, StoreErrorKind::Missing);
    refused(there.acquire(&key, "another", LONG).await, missing, "acquire of what was removed")?;
    refused(here.renew(&key, &late, LONG).await, lost, "renew of what was removed")?;
    refused(here.commit(&key, &entry, &record("no")).await, missing, "commit to what was removed")?;
    here.abandon(&key, &entry).await?;
    fixture.put(&there, "one").await?;
    let late_operations = async |when: &str| {
        refused(here.renew(&key, &late, LONG).await, lost, &format!("renew {when}"))?;
        let again = super::fixture::entry(&late, 1);
        let began = here.begin(&key, &late, &again, None).await;
        refused(began, lost, &format!("begin {when}"))?;
        let spent = here.commit(&key, &entry, &record("no")).await;
        refused(spent, StoreErrorKind::Conflict, &format!("commit {when}"))?;
        here.abandon(&key, &entry).await?;
        Outcome::Ok(here.release(&key, &late).await?)
    };
    late_operations("of a removed grant's lease").await?;
    // The next holder has the same fence, where the store counts anew.
    let (next, theirs) = begun(&*there, &key, 1, LONG).await?;
    late_operations("while another has the lease").await?;
    is_busy(&*here, &key, "after a late release").await?;
    has(&*here, &key, (1, "first"), Some(&theirs), "after late operations").await?;
    there.renew(&key, &next, LONG).await?;
    there.commit(&key, &theirs, &record("second")).await?;
    Ok(())
}

pub async fn put_leaves_the_lease<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let (lease, entry) = begun(&*here, &key, 1, LONG).await?;
    there.put(&key, &record("second")).await?;
    is_busy(&*there, &key, "after a put").await?;
    here.renew(&key, &lease, LONG).await?;
    let begun = here.begin(&key, &lease, &entry, None).await;
    refused(begun, StoreErrorKind::Conflict, "begin after signing in")
}
