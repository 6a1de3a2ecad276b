//! What is due, shared out between holders; what there is, counted and listed.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::fixture::{
    Fixture, LONG, begun, ensure, entry, hold, invented, is_busy, record, refused,
};
use super::harness::{Broken, Harness, Outcome};
use crate::store::{Key, Lease, Store, StoreErrorKind};

const DUE: SystemTime = UNIX_EPOCH;

/// Puts a grant that is due so many seconds after [`DUE`].
async fn put_due<S: Store>(store: &S, key: Key, after: u64) -> Result<Key, Broken> {
    let mut record = record("due");
    record.due = Some(DUE + Duration::from_secs(after));
    store.put(&key, &record).await?;
    Ok(key)
}

/// Takes what is due, as another process would.
async fn take<H: Harness>(
    fixture: &Fixture<'_, H>,
    store: &H::Store,
    at_most: usize,
) -> Result<Vec<(Key, Lease)>, Broken> {
    let until = DUE + Duration::from_secs(9);
    Ok(store.acquire_due(&fixture.provider, "sweeper \u{1F511}", until, LONG, at_most).await?)
}

fn subjects(taken: &[(Key, Lease)]) -> BTreeSet<&str> {
    taken.iter().map(|(key, _)| key.subject()).collect()
}

pub async fn what_is_due_is_shared_out<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    for after in 1..=6 {
        put_due(&*here, fixture.key(&after.to_string()), after).await?;
    }
    put_due(&*here, fixture.key("later"), 10).await?;
    put_due(&*here, fixture.key_elsewhere("elsewhere"), 1).await?;
    fixture.put(&here, "never due").await?;
    let held = hold(&*here, &fixture.key("3"), LONG).await?;
    let nothing = take(fixture, &here, 0).await?;
    ensure!(nothing.is_empty(), "{nothing:?} are taken where none was asked for");
    let first = take(fixture, &here, 2).await?;
    let found = subjects(&first);
    ensure!(found == BTreeSet::from(["1", "2"]), "the earliest that are free are {found:?}");
    let rest = take(fixture, &there, 99).await?;
    let found = subjects(&rest);
    ensure!(found == BTreeSet::from(["4", "5", "6"]), "what is left is {found:?}");
    for (key, lease) in first.iter().chain(&rest) {
        is_busy(&*there, key, "after it was taken as due").await?;
        let last = &*lease.owner;
        ensure!(last == "sweeper \u{1F511}", "the holder is {last:?}");
    }
    let (key, lease) = first.first().ok_or_else(|| Broken("nothing was taken".to_owned()))?;
    here.renew(key, lease, LONG).await?;
    here.begin(key, lease, &entry(lease, 1), None).await?;
    here.release(key, lease).await?;
    here.release(&fixture.key("3"), &held).await?;
    let again = take(fixture, &there, 99).await?;
    let found = subjects(&again);
    ensure!(found == BTreeSet::from(["1", "3"]), "what was given back is {found:?}");
    let grown =
        again.iter().all(|(_, later)| later.fence > lease.fence || later.fence > held.fence);
    ensure!(grown, "a fence did not grow");
    Ok(())
}

pub async fn shares_are_taken_once<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    const GRANTS: usize = 40;
    let store = fixture.open().await;
    for number in 0..GRANTS {
        put_due(&*store, fixture.key(&number.to_string()), 1).await?;
    }
    let mut takers = Vec::new();
    for _ in 0..4 {
        let (handle, provider) = (fixture.open().await, fixture.provider.clone());
        takers.push(tokio::spawn(async move {
            let mut taken = Vec::new();
            // A store that gives out leases again and again would never come to an end.
            for _ in 0..=GRANTS {
                let until = DUE + Duration::from_secs(9);
                let more = handle.acquire_due(&provider, "one of many", until, LONG, 3).await?;
                if more.is_empty() {
                    break;
                }
                taken.extend(more);
            }
            // Leases may end with the handle, as with a process.
            Ok::<_, Broken>((taken, handle))
        }));
    }
    let mut all = Vec::new();
    let mut handles = Vec::new();
    for taker in takers {
        let (taken, handle) = taker.await.map_err(|lost| Broken(lost.to_string()))??;
        all.extend(taken);
        handles.push(handle);
    }
    ensure!(all.len() >= GRANTS, "{} of {GRANTS} were taken", all.len());
    ensure!(subjects(&all).len() == all.len(), "a grant was taken twice");
    Ok(())
}

pub async fn what_is_postponed_is_not_due<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let key = put_due(&*store, fixture.key("one"), 1).await?;
    let until = |seconds| DUE + Duration::from_secs(seconds);
    let is_due = async |at: u64, expected: bool, when: &str| {
        let found = fixture.due(&store, until(at)).await?.contains(&key);
        ensure!(found == expected, "due is {found} {when}");
        Ok(())
    };
    let lost = StoreErrorKind::LeaseLost;
    let postponed = store.postpone(&key, &invented(9), until(20)).await;
    refused(postponed, lost, "postpone under a lease never given")?;
    let lease = hold(&*store, &key, LONG).await?;
    store.postpone(&key, &lease, until(20)).await?;
    store.release(&key, &lease).await?;
    is_due(19, false, "before the time that it was put off to").await?;
    is_due(20, true, "at the time that it was put off to").await?;
    let taken = take(fixture, &store, 9).await?;
    ensure!(taken.is_empty(), "{taken:?} are taken before they are due");
    let known = store.read(&key).await?.and_then(|known| known.record.due);
    ensure!(known == Some(until(1)), "the record is due at {known:?}");
    refused(store.postpone(&key, &lease, until(30)).await, lost, "postpone after a release")?;
    // The next record counts again.
    let (lease, entry) = begun(&*store, &key, 1, LONG).await?;
    let mut next = record("due");
    next.due = Some(until(5));
    store.commit(&key, &entry, &next).await?;
    is_due(5, true, "after a commit").await?;
    store.postpone(&key, &lease, until(20)).await?;
    store.put(&key, &next).await?;
    is_due(5, true, "after signing in").await?;
    let never = fixture.put(&store, "never due").await?;
    let lease = hold(&*store, &never, LONG).await?;
    store.postpone(&never, &lease, until(1)).await?;
    let due = fixture.due(&store, until(99)).await?;
    ensure!(!due.contains(&never), "a grant that is never due is due once it was postponed");
    Ok(())
}

pub async fn the_backlog_is_what_is_due<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let at = |seconds| DUE + Duration::from_secs(seconds);
    let none = store.backlog(&fixture.provider, at(9)).await?;
    ensure!((none.due, none.oldest) == (0, None), "where nothing is, {none:?}");
    for after in [7, 3, 5] {
        put_due(&*store, fixture.key(&after.to_string()), after).await?;
    }
    put_due(&*store, fixture.key_elsewhere("elsewhere"), 1).await?;
    hold(&*store, &fixture.key("5"), LONG).await?;
    for (until, due, oldest) in [(2, 0, None), (3, 1, Some(at(3))), (9, 3, Some(at(3)))] {
        let found = store.backlog(&fixture.provider, at(until)).await?;
        let fine = (found.due, found.oldest) == (due, oldest);
        ensure!(fine, "after {until} s, {found:?} instead of {due} since {oldest:?}");
    }
    Ok(())
}

pub async fn every_grant_is_listed<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let store = fixture.open().await;
    let mut expected = BTreeSet::new();
    for subject in ["", "a", "b", "b/b", "c*", "d\0", "e\\", "\u{1F511}"] {
        expected.insert(fixture.put(&store, subject).await?);
    }
    store.put(&fixture.key_elsewhere("elsewhere"), &record("no")).await?;
    let removed = fixture.put(&store, "removed").await?;
    store.remove(&removed).await?;
    for at_most in [1, 3, 8, 100] {
        let (mut found, mut next, mut pages) = (BTreeSet::new(), None, 0_u32);
        loop {
            let page = store.list(&fixture.provider, next, at_most).await?;
            found.extend(page.keys);
            pages += 1;
            next = page.next;
            if next.is_none() || pages > 100_000 {
                break;
            }
        }
        ensure!(found == expected, "by {at_most}, there are {found:?} instead of {expected:?}");
    }
    Ok(())
}
