//! The exchange that may be in flight: `begin` and `abandon`.

use super::fixture::{
    Fixture, LONG, begun, ensure, entry, has, hold, invented, known, record, refused, repeat,
};
use super::harness::{Harness, Outcome};
use crate::store::{EntryId, Store, StoreErrorKind};

pub async fn begin_is_on_record<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let (_, entry) = begun(&*here, &key, 1, LONG).await?;
    has(&*there, &key, (1, "first"), Some(&entry), "after begin").await
}

pub async fn begin_twice_is_once<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let key = fixture.put(&store, "one").await?;
    let (lease, entry) = begun(&*store, &key, 1, LONG).await?;
    store.begin(&key, &lease, &entry, None).await?;
    has(&*store, &key, (1, "first"), Some(&entry), "after begin").await?;
    let repeated = repeat(&entry);
    for _ in 0..2 {
        store.begin(&key, &lease, &repeated, Some(entry.id)).await?;
        has(&*store, &key, (1, "first"), Some(&repeated), "after a repeat").await?;
    }
    Ok(())
}

/// A compare-and-swap: whoever begins has read what it replaces.
pub async fn begin_replaces_what_was_read_alone<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let conflict = StoreErrorKind::Conflict;
    let (lease, first) = begun(&*here, &key, 1, LONG).await?;
    let second = repeat(&first);
    for replaces in [None, Some(EntryId::random()), Some(second.id)] {
        let began = here.begin(&key, &lease, &second, replaces).await;
        refused(began, conflict, &format!("begin in place of {replaces:?}"))?;
    }
    has(&*there, &key, (1, "first"), Some(&first), "after begins that were refused").await?;
    here.begin(&key, &lease, &second, Some(first.id)).await?;
    // What was replaced can neither come back nor be ended.
    refused(here.begin(&key, &lease, &first, None).await, conflict, "begin of what was replaced")?;
    let spent = here.commit(&key, &first, &record("no")).await;
    refused(spent, conflict, "commit of what was replaced")?;
    here.abandon(&key, &first).await?;
    has(&*there, &key, (1, "first"), Some(&second), "after the repeat").await?;
    here.abandon(&key, &second).await?;
    let began = here.begin(&key, &lease, &repeat(&second), Some(second.id)).await;
    refused(began, conflict, "begin in place of what was abandoned")?;
    has(&*there, &key, (1, "first"), None, "after abandon").await
}

/// A repeat goes on with the same exchange: for how long that is in flight counts from its first request, by the store's own clock,
/// whatever the entry says.
pub async fn in_flight_counts_from_the_first_request<H: Harness>(
    fixture: &Fixture<'_, H>,
) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let lasts = async || known(&*there, &key).await.map(|known| known.in_flight_for);
    let (lease, first) = begun(&*here, &key, 1, LONG).await?;
    fixture.pass().await;
    let once = lasts().await?;
    ensure!(once >= fixture.ttl(), "an exchange is in flight for {once:?} only");
    let second = repeat(&first);
    here.begin(&key, &lease, &second, Some(first.id)).await?;
    fixture.pass().await;
    let twice = lasts().await?;
    ensure!(twice >= 2 * fixture.ttl(), "a repeat is in flight for {twice:?} only");
    here.abandon(&key, &second).await?;
    let ended = lasts().await?;
    ensure!(ended.is_zero(), "nothing is in flight for {ended:?}");
    here.release(&key, &lease).await?;
    begun(&*there, &key, 1, LONG).await?;
    let anew = lasts().await?;
    ensure!(anew < twice, "an exchange that was just begun is in flight for {anew:?}");
    Ok(())
}

pub async fn begin_replaces_an_older_entry<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let (first, _) = begun(&*here, &key, 1, LONG).await?;
    here.release(&key, &first).await?;
    let (_, second) = begun(&*there, &key, 1, LONG).await?;
    has(&*here, &key, (1, "first"), Some(&second), "after the next holder began").await
}

pub async fn begin_needs_the_lease<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let lost = StoreErrorKind::LeaseLost;
    let key = fixture.put(&here, "one").await?;
    let never_held = invented(1);
    let begun = here.begin(&key, &never_held, &entry(&never_held, 1), None).await;
    refused(begun, lost, "begin under a lease never given")?;
    let first = hold(&*here, &key, LONG).await?;
    here.release(&key, &first).await?;
    let begun = here.begin(&key, &first, &entry(&first, 1), None).await;
    refused(begun, lost, "begin after a release")?;
    let second = hold(&*here, &key, fixture.ttl()).await?;
    fixture.pass().await;
    let begun = here.begin(&key, &second, &entry(&second, 1), None).await;
    refused(begun, lost, "begin under a lease that has ended")?;
    let third = hold(&*there, &key, LONG).await?;
    let begun = here.begin(&key, &second, &entry(&second, 1), None).await;
    refused(begun, lost, "begin under a lease that is another's now")?;
    has(&*here, &key, (1, "first"), None, "after begins that were refused").await?;
    there.begin(&key, &third, &entry(&third, 1), None).await?;
    Ok(())
}

pub async fn begin_needs_the_generation<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let key = fixture.put(&store, "one").await?;
    store.put(&key, &record("second")).await?;
    let (lease, begun) = begun(&*store, &key, 2, LONG).await?;
    for generation in [0, 1, 3] {
        let began = store.begin(&key, &lease, &entry(&lease, generation), Some(begun.id)).await;
        let what = format!("begin of generation {generation} where it is 2");
        refused(began, StoreErrorKind::Conflict, &what)?;
    }
    has(&*store, &key, (2, "second"), Some(&begun), "after begins that were refused").await
}

pub async fn begin_needs_a_grant<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let missing = StoreErrorKind::Missing;
    let key = fixture.key("never put");
    refused(store.acquire(&key, "nobody", LONG).await, missing, "acquire of nothing")?;
    let lease = invented(1);
    let entry = entry(&lease, 1);
    let began = store.begin(&key, &lease, &entry, None).await;
    refused(began, StoreErrorKind::LeaseLost, "begin of nothing")?;
    let spent = store.commit(&key, &entry, &record("no")).await;
    refused(spent, missing, "commit of nothing")?;
    store.abandon(&key, &entry).await?;
    ensure!(store.read(&key).await?.is_none(), "a grant came from nothing");
    Ok(())
}

pub async fn abandon_ends_its_own_entry<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let (lease, entry) = begun(&*here, &key, 1, LONG).await?;
    here.release(&key, &lease).await?;
    // As `commit`, it asks for the entry and not for the lease.
    here.abandon(&key, &entry).await?;
    here.abandon(&key, &entry).await?;
    has(&*there, &key, (1, "first"), None, "after abandon").await?;
    let spent = here.commit(&key, &entry, &record("no")).await;
    refused(spent, StoreErrorKind::Conflict, "commit of what was abandoned")?;
    begun(&*there, &key, 1, LONG).await?;
    Ok(())
}

pub async fn abandon_leaves_another_entry<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let (first, stale) = begun(&*here, &key, 1, LONG).await?;
    here.release(&key, &first).await?;
    let (_, entry) = begun(&*there, &key, 1, LONG).await?;
    here.abandon(&key, &stale).await?;
    there.abandon(&key, &stale).await?;
    has(&*here, &key, (1, "first"), Some(&entry), "after another's abandon").await?;
    there.commit(&key, &entry, &record("second")).await?;
    there.abandon(&key, &entry).await?;
    let known = known(&*there, &key).await?;
    let next = known.record.generation;
    ensure!(next == 2, "abandon after commit leaves generation {next}");
    Ok(())
}
