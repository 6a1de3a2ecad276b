//! Futures that are dropped in the middle.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use super::fixture::{Fixture, LONG, begun, ensure, entry, hold, known, record, text_of};
use super::harness::{Broken, Harness, Outcome};
use super::refresh::{State, go_on, refresh, state, works};
use crate::store::Store;

/// Polls a future so often at most, with time for others in between, and drops it. Says whether it ended.
async fn poll_and_drop<F: Future>(future: F, polls: usize) -> bool {
    let mut future = pin!(future);
    for _ in 0..polls {
        // No waker is needed: the next poll comes anyway, or never.
        let mut context = Context::from_waker(Waker::noop());
        if future.as_mut().poll(&mut context).is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

pub async fn a_dropped_operation_is_whole_or_nothing<H: Harness>(
    fixture: &Fixture<'_, H>,
) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    for number in 0..9 {
        let key = fixture.put(&here, &number.to_string()).await?;
        let lease = hold(&*here, &key, fixture.ttl()).await?;
        let entry = entry(&lease, 1);
        if matches!(number, 3 | 4) {
            here.begin(&key, &lease, &entry, None).await?;
        }
        let next = record("second");
        match number {
            0 => poll_and_drop(here.read(&key), 1).await,
            1 => poll_and_drop(here.put(&key, &next), 1).await,
            2 => poll_and_drop(here.begin(&key, &lease, &entry, None), 1).await,
            3 => poll_and_drop(here.commit(&key, &entry, &next), 1).await,
            4 => poll_and_drop(here.abandon(&key, &entry), 1).await,
            5 => poll_and_drop(here.renew(&key, &lease, fixture.ttl()), 1).await,
            6 => poll_and_drop(here.release(&key, &lease), 1).await,
            7 => poll_and_drop(here.remove(&key), 1).await,
            _ => {
                here.release(&key, &lease).await?;
                poll_and_drop(here.acquire(&key, "dropped", fixture.ttl()), 1).await
            }
        };
        let left = there.read(&key).await?;
        match left {
            Some(left) => allowed(number, state(&left, "second")?)?,
            None => ensure!(number == 7, "operation {number} removed the grant"),
        }
    }
    fixture.pass().await;
    for number in 0..9 {
        works(fixture, &there, &fixture.key(&number.to_string())).await?;
    }
    Ok(())
}

/// Whether the dropped operation of this number may leave the state.
fn allowed(number: usize, state: State) -> Result<(), Broken> {
    let fine = match state {
        State::Old => number != 3,
        State::Begun => matches!(number, 2..=4),
        State::New => matches!(number, 1 | 3),
    };
    ensure!(fine, "operation {number} left the state {state:?}");
    Ok(())
}

pub async fn a_refresh_may_be_dropped_anywhere<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let mut keys = Vec::new();
    for polls in (0..8).chain((8..64).step_by(7)) {
        let key = fixture.put(&here, &polls.to_string()).await?;
        let ended = poll_and_drop(refresh(&*here, &key, fixture.ttl(), "second"), polls).await;
        let left = state(&known(&*there, &key).await?, "second")?;
        ensure!(!ended || left == State::New, "a whole refresh left {left:?}");
        keys.push(key);
    }
    fixture.pass().await;
    for key in keys {
        go_on(fixture, &there, &key).await?;
        let (_, entry) =
            begun(&*here, &key, known(&*here, &key).await?.record.generation, LONG).await?;
        here.commit(&key, &entry, &record("last")).await?;
        let last = known(&*there, &key).await?;
        ensure!(text_of(&last.record) == Some("last"), "a later refresh is not there");
    }
    Ok(())
}
