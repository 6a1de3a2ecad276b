//! One holder at a time, and fences that grow.

use super::scene::{LONG, Scene, begun, ensure, hold, invented, is_busy, record, refused};
use super::{Broken, Harness};
use crate::store::{Acquired, Store, StoreErrorKind};

pub(super) async fn one_holds_the_lease<H: Harness>(scene: &Scene<'_, H>) -> Result<(), Broken> {
    let (here, there) = (scene.open().await, scene.open().await);
    let key = scene.put(&here, "one").await?;
    let lease = hold(&*here, &key, LONG).await?;
    is_busy(&*there, &key, "through two handles").await?;
    is_busy(&*here, &key, "through one handle").await?;
    let again = here.acquire(&key, &lease.owner, LONG).await?;
    let busy = matches!(again, Acquired::Busy { .. });
    ensure!(busy, "a lease is given twice to one owner");
    Ok(())
}

pub(super) async fn release_gives_the_lease_back<H: Harness>(
    scene: &Scene<'_, H>,
) -> Result<(), Broken> {
    let (here, there) = (scene.open().await, scene.open().await);
    let key = scene.put(&here, "one").await?;
    let lease = hold(&*here, &key, LONG).await?;
    here.release(&key, &lease).await?;
    here.release(&key, &lease).await?;
    hold(&*there, &key, LONG).await?;
    is_busy(&*here, &key, "after a release").await?;
    here.release(&scene.key("never put"), &lease).await?;
    Ok(())
}

pub(super) async fn a_stale_release_frees_nobody<H: Harness>(
    scene: &Scene<'_, H>,
) -> Result<(), Broken> {
    let (here, there) = (scene.open().await, scene.open().await);
    let key = scene.put(&here, "one").await?;
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

pub(super) async fn a_lease_ends_with_its_ttl<H: Harness>(
    scene: &Scene<'_, H>,
) -> Result<(), Broken> {
    let (here, there) = (scene.open().await, scene.open().await);
    let key = scene.put(&here, "one").await?;
    let first = hold(&*here, &key, scene.ttl()).await?;
    let alone = scene.put(&here, "two").await?;
    let unasked = hold(&*here, &alone, scene.ttl()).await?;
    scene.pass().await;
    let second = hold(&*there, &key, LONG).await?;
    ensure!(second.fence > first.fence, "a fence did not grow");
    let lost = StoreErrorKind::LeaseLost;
    refused(here.renew(&key, &first, LONG).await, lost, "renew of a lost lease")?;
    // Over is over, also while nobody else has asked.
    let renewed = here.renew(&alone, &unasked, LONG).await;
    refused(renewed, lost, "renew of a lease that has ended")?;
    here.release(&key, &first).await?;
    is_busy(&*here, &key, "after the release of a lease that had ended").await
}

pub(super) async fn renew_prolongs<H: Harness>(scene: &Scene<'_, H>) -> Result<(), Broken> {
    let (here, there) = (scene.open().await, scene.open().await);
    let key = scene.put(&here, "one").await?;
    let lease = hold(&*here, &key, scene.ttl()).await?;
    here.renew(&key, &lease, LONG).await?;
    scene.pass().await;
    is_busy(&*there, &key, "though the lease was prolonged").await?;
    here.renew(&key, &lease, LONG).await?;
    here.begin(&key, &lease, &super::scene::entry(&lease, 1)).await?;
    Ok(())
}

pub(super) async fn renew_needs_the_lease<H: Harness>(scene: &Scene<'_, H>) -> Result<(), Broken> {
    let (here, there) = (scene.open().await, scene.open().await);
    let key = scene.put(&here, "one").await?;
    let lost = StoreErrorKind::LeaseLost;
    let renewed = here.renew(&key, &invented(1), LONG).await;
    refused(renewed, lost, "renew of a lease never given")?;
    let renewed = here.renew(&scene.key("never put"), &invented(1), LONG).await;
    refused(renewed, lost, "renew of a lease on nothing")?;
    let first = hold(&*here, &key, LONG).await?;
    here.release(&key, &first).await?;
    refused(here.renew(&key, &first, LONG).await, lost, "renew after a release")?;
    hold(&*there, &key, LONG).await?;
    refused(here.renew(&key, &first, LONG).await, lost, "renew of another's lease")
}

pub(super) async fn fences_grow<H: Harness>(scene: &Scene<'_, H>) -> Result<(), Broken> {
    let (here, there) = (scene.open().await, scene.open().await);
    let key = scene.put(&here, "one").await?;
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

pub(super) async fn leases_of_grants_are_independent<H: Harness>(
    scene: &Scene<'_, H>,
) -> Result<(), Broken> {
    let (here, there) = (scene.open().await, scene.open().await);
    let one = scene.put(&here, "one").await?;
    let two = scene.put(&here, "two").await?;
    let lease = hold(&*here, &one, LONG).await?;
    hold(&*there, &two, LONG).await?;
    // A grant that is not there yet has a lease as well: whoever signs in may take it.
    let three = scene.key("never put");
    hold(&*there, &three, LONG).await?;
    let unknown = there.read(&three).await?;
    ensure!(unknown.is_none(), "a lease makes a grant");
    here.release(&one, &lease).await?;
    is_busy(&*here, &two, "after another grant's release").await
}

pub(super) async fn put_leaves_the_lease<H: Harness>(scene: &Scene<'_, H>) -> Result<(), Broken> {
    let (here, there) = (scene.open().await, scene.open().await);
    let key = scene.put(&here, "one").await?;
    let (lease, entry) = begun(&*here, &key, 1, LONG).await?;
    there.put(&key, &record("second")).await?;
    is_busy(&*there, &key, "after a put").await?;
    here.renew(&key, &lease, LONG).await?;
    let begun = here.begin(&key, &lease, &entry).await;
    refused(begun, StoreErrorKind::Conflict, "begin after signing in")
}
