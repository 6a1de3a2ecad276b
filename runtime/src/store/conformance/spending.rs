//! The compare-and-swap from the generation that was spent to the next: `commit`.

use super::fixture::{Fixture, LONG, begun, ensure, entry, has, hold, is_busy, record, refused};
use super::harness::{Harness, Outcome};
use crate::store::{EntryId, InFlight, Store, StoreErrorKind};

const CONFLICT: StoreErrorKind = StoreErrorKind::Conflict;

pub async fn commit_is_the_next_generation<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let lease = hold(&*here, &key, LONG).await?;
    for generation in 1..4 {
        let entry = entry(&lease, generation);
        here.begin(&key, &lease, &entry, None).await?;
        let text = format!("after {generation}");
        let mut next = record(&text);
        next.generation = 99;
        here.commit(&key, &entry, &next).await?;
        has(&*there, &key, (generation + 1, &text), None, "after a commit").await?;
    }
    is_busy(&*there, &key, "after a commit").await
}

pub async fn commit_needs_no_lease<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let released = fixture.put(&here, "released").await?;
    let (lease, first) = begun(&*here, &released, 1, LONG).await?;
    let ended = fixture.put(&here, "ended").await?;
    let (_, second) = begun(&*here, &ended, 1, fixture.ttl()).await?;
    let taken = fixture.put(&here, "taken").await?;
    let (_, third) = begun(&*here, &taken, 1, fixture.ttl()).await?;
    here.release(&released, &lease).await?;
    fixture.pass().await;
    // Another holder has the lease, and has not begun yet.
    let next = hold(&*there, &taken, LONG).await?;
    here.commit(&released, &first, &record("late")).await?;
    // Another handle may bring the answer: after a restart the old one is gone.
    there.commit(&ended, &second, &record("late")).await?;
    here.commit(&taken, &third, &record("late")).await?;
    for key in [&released, &ended, &taken] {
        has(&*there, key, (2, "late"), None, "after a commit without a lease").await?;
    }
    let stale = there.begin(&taken, &next, &entry(&next, 1), None).await;
    refused(stale, CONFLICT, "begin after another's late commit")
}

pub async fn commit_needs_the_journal<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let first = hold(&*here, &key, LONG).await?;
    let never = entry(&first, 1);
    let spent = here.commit(&key, &never, &record("no")).await;
    refused(spent, CONFLICT, "commit of what was never begun")?;
    here.begin(&key, &first, &never, None).await?;
    here.release(&key, &first).await?;
    let (_, second) = begun(&*there, &key, 1, LONG).await?;
    let spent = here.commit(&key, &never, &record("no")).await;
    refused(spent, CONFLICT, "commit while another's exchange is in flight")?;
    has(&*here, &key, (1, "first"), Some(&second), "after commits that were refused").await?;
    for generation in [0, 2] {
        let mut other = second.clone();
        other.generation = generation;
        let spent = there.commit(&key, &other, &record("no")).await;
        refused(spent, CONFLICT, "commit of another generation")?;
    }
    has(&*here, &key, (1, "first"), Some(&second), "after commits that were refused").await?;
    there.commit(&key, &second, &record("second")).await?;
    has(&*here, &key, (2, "second"), None, "after the right commit").await
}

/// Two histories of a store, as after a failover, a restored backup or a deleted lock file: two holders of one fence, who spend one
/// generation. The one that is not in the journal does nothing.
pub async fn two_histories_are_kept_apart<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let (lease, ours) = begun(&*here, &key, 1, LONG).await?;
    let theirs = InFlight { id: EntryId::random(), ..ours.clone() };
    let began = here.begin(&key, &lease, &theirs, None).await;
    refused(began, CONFLICT, "begin in another history")?;
    let spent = there.commit(&key, &theirs, &record("no")).await;
    refused(spent, CONFLICT, "commit in another history")?;
    there.abandon(&key, &theirs).await?;
    has(&*here, &key, (1, "first"), Some(&ours), "after another history's operations").await?;
    here.commit(&key, &ours, &record("second")).await?;
    let spent = there.commit(&key, &theirs, &record("no")).await;
    refused(spent, CONFLICT, "commit in another history after this one's")?;
    here.commit(&key, &ours, &record("second")).await?;
    has(&*there, &key, (2, "second"), None, "after another history's commit").await
}

pub async fn commit_twice_is_once<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let (lease, entry) = begun(&*here, &key, 1, LONG).await?;
    here.commit(&key, &entry, &record("second")).await?;
    here.commit(&key, &entry, &record("second")).await?;
    here.release(&key, &lease).await?;
    there.commit(&key, &entry, &record("second")).await?;
    // Also while the next holder has not begun.
    hold(&*there, &key, LONG).await?;
    here.commit(&key, &entry, &record("second")).await?;
    has(&*there, &key, (2, "second"), None, "after a repeated commit").await
}

pub async fn commit_twice_leaves_the_next_entry<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let (lease, first) = begun(&*here, &key, 1, LONG).await?;
    here.commit(&key, &first, &record("second")).await?;
    // The same lease goes on to the next generation: its fence is the same.
    let second = entry(&lease, 2);
    here.begin(&key, &lease, &second, None).await?;
    here.commit(&key, &first, &record("second")).await?;
    has(&*there, &key, (2, "second"), Some(&second), "after a late repeat").await?;
    here.release(&key, &lease).await?;
    let (_, third) = begun(&*there, &key, 2, LONG).await?;
    here.commit(&key, &first, &record("second")).await?;
    has(&*there, &key, (2, "second"), Some(&third), "after a later repeat").await?;
    there.commit(&key, &third, &record("third")).await?;
    has(&*here, &key, (3, "third"), None, "after the next commit").await
}

pub async fn a_stale_commit_changes_nothing<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let (_, stale) = begun(&*here, &key, 1, fixture.ttl()).await?;
    fixture.pass().await;
    let (next, entry) = begun(&*there, &key, 1, LONG).await?;
    there.commit(&key, &entry, &record("second")).await?;
    let spent = here.commit(&key, &stale, &record("no")).await;
    refused(spent, CONFLICT, "commit after another's commit")?;
    has(&*here, &key, (2, "second"), None, "after a stale commit").await?;
    let again = super::fixture::entry(&next, 2);
    there.begin(&key, &next, &again, None).await?;
    there.commit(&key, &again, &record("third")).await?;
    let spent = there.commit(&key, &entry, &record("no")).await;
    refused(spent, CONFLICT, "a repeated commit two generations later")?;
    has(&*here, &key, (3, "third"), None, "after stale commits").await
}

pub async fn signing_in_wins_over_a_commit<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.put(&here, "one").await?;
    let (lease, entry) = begun(&*here, &key, 1, LONG).await?;
    there.put(&key, &record("signed in")).await?;
    let spent = here.commit(&key, &entry, &record("no")).await;
    refused(spent, CONFLICT, "commit after signing in")?;
    has(&*here, &key, (2, "signed in"), None, "after signing in").await?;
    let second = super::fixture::entry(&lease, 2);
    here.begin(&key, &lease, &second, None).await?;
    here.commit(&key, &second, &record("third")).await?;
    there.put(&key, &record("signed in again")).await?;
    let spent = here.commit(&key, &second, &record("third")).await;
    refused(spent, CONFLICT, "a repeated commit after signing in")?;
    has(&*here, &key, (4, "signed in again"), None, "after signing in again").await
}

/// Generations start again after `remove`: what was begun or committed before must not be taken for what is there now.
pub async fn a_grant_put_anew_is_another<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let key = fixture.put(&store, "one").await?;
    let (lease, before) = begun(&*store, &key, 1, LONG).await?;
    store.commit(&key, &before, &record("second")).await?;
    store.remove(&key).await?;
    store.put(&key, &record("anew")).await?;
    let spent = store.commit(&key, &before, &record("no")).await;
    refused(spent, CONFLICT, "commit of an exchange of a removed grant")?;
    let generation = store.put(&key, &record("anew again")).await?;
    ensure!(generation == 2, "generation {generation} instead of 2");
    let spent = store.commit(&key, &before, &record("no")).await;
    refused(spent, CONFLICT, "a repeated commit of a removed grant's")?;
    has(&*store, &key, (2, "anew again"), None, "after remove and put").await?;
    store.release(&key, &lease).await?;
    begun(&*store, &key, 2, LONG).await?;
    Ok(())
}
