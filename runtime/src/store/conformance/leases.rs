//! One holder at a time, and fences that grow.

use super::fixture::{Fixture, LONG, begun, ensure, hold, invented, is_busy, record, refused};
use super::harness::{Harness, Outcome};
use crate::store::{Acquired, Store, StoreErrorKind};

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
            store.remove(&key).await?;
        }
        if round == 8 {
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
    // A grant that is not there yet has a lease as well: a session that signs in may take it.
    let three = fixture.key("never put");
    hold(&*there, &three, LONG).await?;
    let unknown = there.read(&three).await?;
    ensure!(unknown.is_none(), "a lease makes a grant");
    here.release(&one, &lease).await?;
    is_busy(&*here, &two, "after another grant's release").await
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
