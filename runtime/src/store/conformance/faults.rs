//! Faults between every two steps of a refresh.

use super::faulty::{Fault, Faulty};
use super::fixture::{Fixture, LONG, begun, ensure, has, known, record, refused};
use super::harness::{Broken, Harness, Outcome};
use super::refresh::{STEPS, State, go_on, refresh, state};
use crate::store::{Key, Store, StoreError, StoreErrorKind};

/// The number of `commit` among the steps of a refresh.
const COMMIT: usize = 3;

/// What a refresh leaves that fails at this step.
fn expected(step: usize, fault: Fault) -> State {
    // How many steps took place: acquire, read, begin, commit, release.
    match step + usize::from(fault.applies()) {
        0..=2 => State::Old,
        3 => State::Begun,
        _ => State::New,
    }
}

/// Refreshes until it ends or hangs for good; `None` where it hung.
async fn until_stuck<S: Store>(
    store: &Faulty<S>,
    key: &Key,
    ttl: std::time::Duration,
) -> Option<Result<(), StoreError>> {
    tokio::select! {
        biased;
        ended = refresh(store, key, ttl, "second") => Some(ended),
        () = store.hangs() => None,
    }
}

pub async fn a_fault_leaves_an_allowed_state<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let there = fixture.open().await;
    // Those that failed stay open: their processes go on, and must not be in the way.
    let mut failed = Vec::new();
    for step in 0..STEPS {
        for fault in Fault::ALL {
            let key = fixture.put(&there, &format!("{fault:?} at {step}")).await?;
            let store = Faulty::new(fixture.harness().open().await).fail(step, fault);
            match until_stuck(&store, &key, fixture.ttl()).await {
                Some(Err(error)) if error.kind() == StoreErrorKind::Unavailable => {}
                None => {}
                Some(other) => return Err(Broken(format!("{key} ended with {other:?}"))),
            }
            ensure!(store.calls() == step + 1, "{key} failed elsewhere");
            let left = state(&known(&*there, &key).await?, "second")?;
            let fine = left == expected(step, fault);
            ensure!(fine, "{key} left {left:?} instead of {:?}", expected(step, fault));
            failed.push((key, store));
        }
    }
    fixture.pass().await;
    for (key, first) in failed {
        let journaled = known(&*there, &key).await?.in_flight;
        go_on(fixture, &there, &key).await?;
        if let Some(stale) = journaled {
            let late = first.commit(&key, &stale, &record("no")).await;
            refused(late, StoreErrorKind::Conflict, "a commit after the next holder's")?;
        }
    }
    Ok(())
}

pub async fn a_lost_answer_can_be_asked_again<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let there = fixture.open().await;
    for (number, fault) in Fault::ALL.into_iter().enumerate() {
        let key = fixture.put(&there, &number.to_string()).await?;
        let store = Faulty::new(fixture.harness().open().await).fail(COMMIT, fault);
        // Acquire, read and begin come first; the fourth call is the commit that fails.
        let (lease, entry) = begun(&store, &key, 1, LONG).await?;
        let next = record("second");
        let failed = tokio::select! {
            biased;
            failed = store.commit(&key, &entry, &next) => failed.is_err(),
            () = store.hangs() => true,
        };
        ensure!(failed, "a commit with a fault succeeds");
        store.commit(&key, &entry, &next).await?;
        store.commit(&key, &entry, &next).await?;
        has(&*there, &key, (2, "second"), None, "after a commit was asked again").await?;
        store.release(&key, &lease).await?;
        go_on(fixture, &there, &key).await?;
        let late = store.commit(&key, &entry, &next).await;
        refused(late, StoreErrorKind::Conflict, "a repeat after the next holder's commit")?;
    }
    Ok(())
}
