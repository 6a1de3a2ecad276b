//! Many at once, through two handles.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use tokio::task::JoinSet;

use super::fixture::{Fixture, LONG, begun, ensure, has, known, record, text_of};
use super::harness::{Broken, Harness, Outcome};
use crate::grant::Grant;
use crate::store::{Acquired, EntryId, Record, Store, StoreErrorKind};

/// How many race, and how often.
const RACERS: usize = 8;
const ROUNDS: usize = 4;

/// What all of them gave.
async fn joined<T: 'static>(mut racers: JoinSet<T>) -> Result<Vec<T>, Broken> {
    let mut all = Vec::new();
    while let Some(one) = racers.join_next().await {
        all.push(one.map_err(|_| Broken("an operation panicked".to_owned()))?);
    }
    Ok(all)
}

pub async fn one_of_many_acquires_holds<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let handles = [fixture.open().await, fixture.open().await];
    let key = fixture.put(&handles[0], "one").await?;
    let mut last = None;
    for _ in 0..ROUNDS {
        let mut racers = JoinSet::new();
        for racer in 0..RACERS {
            let (store, key) = (Arc::clone(&handles[racer % 2]), key.clone());
            racers.spawn(async move { (racer, store.acquire(&key, "racer", LONG).await) });
        }
        let mut held = Vec::new();
        for (racer, acquired) in joined(racers).await? {
            if let Acquired::Held(lease) = acquired? {
                held.push((racer, lease));
            }
        }
        let [(racer, lease)] = held.as_slice() else {
            return Err(Broken(format!("{} of {RACERS} hold the lease", held.len())));
        };
        let grown = last.is_none_or(|last| lease.fence > last);
        ensure!(grown, "{:?} follows {last:?}", lease.fence);
        last = Some(lease.fence);
        handles[racer % 2].release(&key, lease).await?;
    }
    Ok(())
}

pub async fn commits_of_one_entry_are_one_generation<H: Harness>(
    fixture: &Fixture<'_, H>,
) -> Outcome {
    let handles = [fixture.open().await, fixture.open().await];
    let key = fixture.put(&handles[0], "one").await?;
    for round in 0..ROUNDS {
        let generation = round as u64 + 1;
        let (lease, entry) = begun(&*handles[0], &key, generation, LONG).await?;
        let mut racers = JoinSet::new();
        for racer in 0..RACERS {
            let (store, key) = (Arc::clone(&handles[racer % 2]), key.clone());
            let entry = entry.clone();
            racers.spawn(async move { store.commit(&key, &entry, &record("raced")).await });
        }
        for committed in joined(racers).await? {
            committed?;
        }
        let after = (generation + 1, "raced");
        has(&*handles[1], &key, after, None, "after a race of commits").await?;
        handles[0].release(&key, &lease).await?;
    }
    Ok(())
}

pub async fn puts_are_each_a_generation<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let handles = [fixture.open().await, fixture.open().await];
    let key = fixture.key("one");
    let mut racers = JoinSet::new();
    for racer in 0..RACERS {
        let (store, key) = (Arc::clone(&handles[racer % 2]), key.clone());
        racers.spawn(async move { store.put(&key, &record("raced")).await });
    }
    let mut generations = Vec::new();
    for generation in joined(racers).await? {
        generations.push(generation?);
    }
    generations.sort_unstable();
    let expected: Vec<u64> = (1..=RACERS as u64).collect();
    ensure!(generations == expected, "puts gave the generations {generations:?}");
    has(&*handles[1], &key, (RACERS as u64, "raced"), None, "after a race of puts").await
}

pub async fn one_of_many_creates<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let handles = [fixture.open().await, fixture.open().await];
    for round in 0..ROUNDS {
        let key = fixture.key(&round.to_string());
        let mut racers = JoinSet::new();
        for racer in 0..RACERS {
            let (store, key) = (Arc::clone(&handles[racer % 2]), key.clone());
            let mut mine = Record::new(Grant::new(), UNIX_EPOCH);
            mine.sign_in = Some(EntryId::random());
            racers.spawn(async move {
                store.create(&key, &mine).await?;
                // Whoever has asked may begin: what is there by now stays.
                store.read(&key).await
            });
        }
        let mut found = Vec::new();
        for read in joined(racers).await? {
            let record = read?.ok_or_else(|| Broken("what was created is gone".to_owned()))?.record;
            found.push((record.generation, record.sign_in));
        }
        let same = found.windows(2).all(|two| two[0] == two[1]);
        ensure!(same && found[0].0 == 1, "those who create at once find {found:?}");
    }
    Ok(())
}

pub async fn commit_and_put_are_in_some_order<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    for round in 0..2 * ROUNDS {
        let key = fixture.put(&here, &round.to_string()).await?;
        let (_, entry) = begun(&*here, &key, 1, LONG).await?;
        let (store, grant) = (Arc::clone(&here), key.clone());
        let commit =
            tokio::spawn(async move { store.commit(&grant, &entry, &record("new")).await });
        let (store, grant) = (Arc::clone(&there), key.clone());
        let put = tokio::spawn(async move { store.put(&grant, &record("signed in")).await });
        let panicked = |_| Broken("an operation panicked".to_owned());
        let (commit, put) = (commit.await.map_err(panicked)?, put.await.map_err(panicked)??);
        let first = match commit {
            Ok(()) => 3,
            Err(error) if error.kind() == StoreErrorKind::Conflict => 2,
            Err(error) => return Err(error.into()),
        };
        ensure!(put == first, "put is generation {put} instead of {first}");
        has(&*here, &key, (put, "signed in"), None, "after commit and put").await?;
    }
    Ok(())
}

pub async fn readers_see_whole_records<H: Harness>(fixture: &Fixture<'_, H>) -> Outcome {
    let (here, there) = (fixture.open().await, fixture.open().await);
    let key = fixture.key("one");
    let text = |round: usize| format!("{round} {}", "x".repeat(round * 2048));
    here.put(&key, &record(&text(0))).await?;
    let grant = key.clone();
    let writer = tokio::spawn(async move {
        for round in 1..16 {
            here.put(&grant, &record(&text(round))).await?;
            tokio::task::yield_now().await;
        }
        Ok::<_, crate::store::StoreError>(())
    });
    let mut last = 0;
    while !writer.is_finished() {
        let known = known(&*there, &key).await?;
        let generation = known.record.generation;
        let found = text_of(&known.record);
        let whole = found.is_some_and(|found| {
            let round = usize::try_from(generation).unwrap_or(0).wrapping_sub(1);
            found.starts_with(&format!("{round} ")) && found.len() >= round * 2048
        });
        ensure!(whole, "generation {generation} is read with tokens of another");
        ensure!(generation >= last, "generation {generation} is read after {last}");
        last = generation;
        tokio::task::yield_now().await;
    }
    writer.await.map_err(|_| Broken("put panicked".to_owned()))??;
    Ok(())
}
