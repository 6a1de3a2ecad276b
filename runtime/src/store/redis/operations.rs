//! The operations, each a script or a command.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use redis::{FromRedisValue, Script, ScriptInvocation};
use zeroize::Zeroizing;

use super::RedisStore;
use super::names::{key as key_of, member};
use super::veil::{unveiled, veiled};
use crate::store::codec::{from_millis, to_millis};
use crate::store::record::next_generation;
use crate::store::{
    Acquired, Backlog, Cursor, EntryId, Fence, InFlight, Key, Lease, PUT_BACK, Page, Rate, Record,
    Snapshot, Store, StoreError, StoreErrorKind,
};

/// The longest lease that is written, in microseconds: a hundred years. With the time of day it is a number that Lua holds exactly.
const LONGEST: u64 = 100 * 366 * 24 * 3600 * 1_000_000;

/// How many keys are looked at in one step of a listing, at most.
const SCANNED: usize = 1000;

type Field = Option<Vec<u8>>;

fn micros(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_micros()).map_or(LONGEST, |micros| micros.min(LONGEST))
}

fn unreadable() -> StoreError {
    StoreErrorKind::Unreadable.into()
}

/// The text of a field.
fn text(field: Field) -> Option<String> {
    String::from_utf8(field?).ok()
}

fn number(field: Field) -> Option<u64> {
    text(field)?.parse().ok()
}

/// The journal's fields; `None` where one of them is missing or no number.
fn in_flight(fields: [Field; 6]) -> Option<InFlight> {
    let [generation, fence, owner, started_at, attempt, id] = fields;
    Some(InFlight {
        id: text(id)?.parse().ok()?,
        generation: number(generation)?,
        fence: Fence(number(fence)?),
        owner: text(owner)?.into(),
        started_at: from_millis(number(started_at)?)?,
        attempt: number(attempt)?.try_into().ok()?,
    })
}

/// What a script that does or refuses something answers.
fn outcome(answer: u8) -> Result<(), StoreError> {
    match answer {
        0 => Ok(()),
        1 => Err(StoreErrorKind::LeaseLost.into()),
        2 => Err(StoreErrorKind::Missing.into()),
        3 => Err(StoreErrorKind::Conflict.into()),
        4 => Err(StoreErrorKind::Refused.into()),
        _ => Err(unreadable()),
    }
}

/// When a record is due, as a script's argument; nothing where it never is.
fn due_argument(record: &Record) -> Result<String, StoreError> {
    let due = record.due.map(to_millis).transpose()?;
    Ok(due.map_or_else(String::new, |due| due.to_string()))
}

impl RedisStore {
    /// Runs a script on a grant.
    async fn run<'s, T: FromRedisValue>(
        &self,
        key: &Key,
        script: &'s Script,
        arguments: impl FnOnce(&mut ScriptInvocation<'s>),
    ) -> Result<T, StoreError> {
        let mut invocation = script.prepare_invoke();
        invocation.key(self.0.names.grant(&member(key)));
        invocation.key(self.0.names.due(key.provider()));
        invocation.key(self.0.names.takeovers());
        arguments(&mut invocation);
        self.within(async |mut connection| invocation.invoke_async(&mut connection).await).await
    }

    fn snapshot(&self, key: &Key, fields: [Field; 10]) -> Result<Option<Snapshot>, StoreError> {
        let [generation, record, taken_over, in_flight_for, flight @ ..] = fields;
        let record = record.map(Zeroizing::new);
        let (Some(generation), Some(record)) = (generation, record) else {
            return Ok(None);
        };
        let bytes = unveiled(&record).ok_or_else(unreadable)?;
        let mut record = self.0.codec.decode(key, bytes)?;
        record.generation = number(Some(generation)).ok_or_else(unreadable)?;
        let mut snapshot = Snapshot::new(record);
        snapshot.may_be_outdated = taken_over.is_some();
        if flight[0].is_some() {
            snapshot.in_flight = Some(in_flight(flight).ok_or_else(unreadable)?);
            let micros = number(in_flight_for).ok_or_else(unreadable)?;
            snapshot.in_flight_for = Duration::from_micros(micros);
        }
        Ok(Some(snapshot))
    }
}

impl Store for RedisStore {
    async fn now(&self) -> Result<Option<SystemTime>, StoreError> {
        let command = redis::cmd("TIME");
        let (seconds, micros): (u64, u64) =
            self.within(async |mut connection| command.query_async(&mut connection).await).await?;
        let since = Duration::from_secs(seconds) + Duration::from_micros(micros);
        Ok(SystemTime::UNIX_EPOCH.checked_add(since))
    }

    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        let fields: Vec<Field> = self.run(key, &self.0.scripts.read, |_| {}).await?;
        let fields = fields.try_into().map_err(|_| unreadable())?;
        self.snapshot(key, fields)
    }

    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        let bytes = self.0.codec.encode(key, record)?;
        let due = due_argument(record)?;
        self.run(key, &self.0.scripts.put, |script| {
            script.arg(veiled(&bytes).as_slice()).arg(due).arg(member(key));
        })
        .await
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<(), StoreError> {
        let bytes = self.0.codec.encode(key, record)?;
        let due = due_argument(record)?;
        let answer = self.run(key, &self.0.scripts.create, |script| {
            script.arg(veiled(&bytes).as_slice()).arg(due).arg(member(key));
        });
        outcome(answer.await?)
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        let answer = self.run(key, &self.0.scripts.remove, |script| {
            script.arg(member(key));
        });
        outcome(answer.await?)
    }

    async fn acquire(&self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        let id = EntryId::random();
        let answer = self.run(key, &self.0.scripts.acquire, |script| {
            script.arg(owner).arg(micros(ttl)).arg(id.to_string());
        });
        let answer: Option<(u64, u64)> = answer.await?;
        let (fence, left) = answer.ok_or(StoreErrorKind::Missing)?;
        Ok(match fence {
            0 => Acquired::Busy { at_most: Some(Duration::from_micros(left)) },
            fence => Acquired::Held(Lease { owner: owner.into(), fence: Fence(fence), id }),
        })
    }

    async fn renew(&self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        let answer = self.run(key, &self.0.scripts.renew, |script| {
            script.arg(lease.fence.0).arg(lease.id.to_string()).arg(micros(ttl));
        });
        outcome(answer.await?)
    }

    async fn release(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        let answer = self.run(key, &self.0.scripts.release, |script| {
            script.arg(lease.fence.0).arg(lease.id.to_string());
        });
        outcome(answer.await?)
    }

    async fn begin(
        &self,
        key: &Key,
        lease: &Lease,
        entry: &InFlight,
        replaces: Option<EntryId>,
    ) -> Result<(), StoreError> {
        let started_at = to_millis(entry.started_at)?;
        let answer = self.run(key, &self.0.scripts.begin, |script| {
            script.arg(lease.fence.0).arg(lease.id.to_string());
            script.arg(entry.generation).arg(entry.fence.0).arg(&*entry.owner);
            script.arg(started_at).arg(entry.attempt).arg(entry.id.to_string());
            script.arg(replaces.map_or_else(String::new, |id| id.to_string()));
        });
        outcome(answer.await?)
    }

    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        let bytes = self.0.codec.encode(key, record)?;
        let due = due_argument(record)?;
        // Of the last generation nothing can be begun.
        let next = next_generation(entry.generation).map_err(|_| StoreErrorKind::Conflict)?;
        let answer = self.run(key, &self.0.scripts.commit, |script| {
            script.arg(veiled(&bytes).as_slice()).arg(due).arg(member(key));
            script.arg(entry.generation).arg(next).arg(entry.fence.0).arg(entry.id.to_string());
        });
        outcome(answer.await?)
    }

    async fn abandon(&self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        let answer = self.run(key, &self.0.scripts.abandon, |script| {
            script.arg(entry.fence.0).arg(entry.id.to_string());
        });
        outcome(answer.await?)
    }

    async fn due(
        &self,
        provider: &str,
        until: SystemTime,
        places: Range<usize>,
    ) -> Result<Vec<Key>, StoreError> {
        // Nothing is due before 1970: no such time can be put.
        let Ok(until) = to_millis(until) else {
            return Ok(Vec::new());
        };
        let due = self.0.names.due(provider);
        let mut found = Vec::new();
        let mut next = places.start;
        loop {
            let missing = places.len() - found.len();
            let place = |place: usize| i64::try_from(place).unwrap_or(i64::MAX);
            let mut command = redis::cmd("ZRANGEBYSCORE");
            command.arg(&due).arg("-inf").arg(until);
            command.arg("LIMIT").arg(place(next)).arg(place(missing));
            let page: Vec<Vec<u8>> = self
                .within(async |mut connection| command.query_async(&mut connection).await)
                .await?;
            // What somebody else has put there is no grant. It hides none: others come in its place.
            let keys = page.iter().filter_map(|member| key_of(std::str::from_utf8(member).ok()?));
            found.extend(keys.filter(|key| key.provider() == provider));
            if page.len() < missing || found.len() == places.len() {
                return Ok(found);
            }
            next = next.saturating_add(page.len());
        }
    }

    async fn acquire_due(
        &self,
        provider: &str,
        owner: &str,
        until: SystemTime,
        ttl: Duration,
        at_most: usize,
    ) -> Result<Vec<(Key, Lease)>, StoreError> {
        let Ok(until) = to_millis(until) else {
            return Ok(Vec::new());
        };
        // The names that a script gets are made of a grant's key.
        let of_all = Key::new(provider, "");
        // One for all: which grant's lease it is, is known.
        let id = EntryId::random();
        let answer = self.run(&of_all, &self.0.scripts.acquire_due, |script| {
            script.arg(self.0.names.grant("")).arg(until).arg(owner);
            script.arg(micros(ttl)).arg(at_most).arg(id.to_string());
        });
        let taken: Vec<(Vec<u8>, u64)> = answer.await?;
        let lease = |fence| Lease { owner: owner.into(), fence: Fence(fence), id };
        let taken = taken.iter().filter_map(|(member, fence)| {
            Some((key_of(std::str::from_utf8(member).ok()?)?, lease(*fence)))
        });
        Ok(taken.collect())
    }

    async fn postpone(
        &self,
        key: &Key,
        lease: &Lease,
        until: SystemTime,
    ) -> Result<(), StoreError> {
        let until = to_millis(until)?;
        let answer = self.run(key, &self.0.scripts.postpone, |script| {
            script.arg(lease.fence.0).arg(lease.id.to_string()).arg(member(key)).arg(until);
        });
        outcome(answer.await?)
    }

    async fn list(
        &self,
        provider: &str,
        from: Option<Cursor>,
        at_most: usize,
    ) -> Result<Page, StoreError> {
        let from = from.map_or_else(|| "0".to_owned(), |cursor| cursor.0);
        // The names that a script gets are made of a grant's key.
        let of_all = Key::new(provider, "");
        let answer = self.run(&of_all, &self.0.scripts.list, |script| {
            // It looks at keys of others as well, and none at all is no number.
            script.arg(from).arg(self.0.names.grants(provider)).arg(at_most.clamp(1, SCANNED));
        });
        let (next, grants): (String, Vec<Vec<u8>>) = answer.await?;
        let prefix = self.0.names.grant("");
        let keys = grants
            .iter()
            .filter_map(|grant| key_of(std::str::from_utf8(grant).ok()?.strip_prefix(&prefix)?));
        Ok(Page::new(keys.collect(), (next != "0").then_some(Cursor(next))))
    }

    async fn reseal(&self, key: &Key) -> Result<bool, StoreError> {
        let fields: Vec<Field> = self.run(key, &self.0.scripts.read, |_| {}).await?;
        let Some(before) = fields.into_iter().nth(1).flatten() else {
            return Ok(false);
        };
        let bytes = unveiled(&before).ok_or_else(unreadable)?;
        let Some(after) = self.0.codec.resealed(key, bytes)? else {
            return Ok(false);
        };
        let answer = self.run(key, &self.0.scripts.reseal, |script| {
            script.arg(before.as_slice()).arg(veiled(&after).as_slice());
        });
        answer.await
    }

    fn keeps_rates(&self) -> bool {
        true
    }

    async fn reserve(&self, provider: &str, rate: Rate) -> Result<Duration, StoreError> {
        // The names that a script gets are made of a grant's key.
        let of_all = Key::new(provider, "");
        let answer = self.run(&of_all, &self.0.scripts.reserve, |script| {
            script
                .arg(self.0.names.rate(provider))
                .arg(micros(rate.every()))
                .arg(micros(rate.slack()))
                .arg(micros(PUT_BACK));
        });
        Ok(Duration::from_micros(answer.await?))
    }

    async fn backlog(&self, provider: &str, until: SystemTime) -> Result<Backlog, StoreError> {
        let Ok(until) = to_millis(until) else {
            return Ok(Backlog::default());
        };
        let due = self.0.names.due(provider);
        let mut both = redis::pipe();
        both.cmd("ZCOUNT").arg(&due).arg("-inf").arg(until);
        both.cmd("ZRANGE").arg(&due).arg(0).arg(0).arg("WITHSCORES");
        let (count, first): (u64, Vec<(Vec<u8>, f64)>) =
            self.within(async |mut connection| both.query_async(&mut connection).await).await?;
        let first = first.first().map(|(_, score)| Duration::try_from_secs_f64(score / 1000.0));
        let first =
            first.and_then(Result::ok).and_then(|at| SystemTime::UNIX_EPOCH.checked_add(at));
        Ok(Backlog::new(count, first.filter(|_| count > 0)))
    }
}
