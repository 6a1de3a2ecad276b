//! The operations, each a statement.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::PostgresStore;
use super::connection::within;
use super::parameter::Parameter;
use super::statements::Statements;
use super::text::{Name, escaped, unescaped};
use crate::store::codec::{from_millis, to_millis};
use crate::store::record::LAST_GENERATION;
use crate::store::{
    Acquired, Backlog, Cursor, EntryId, Fence, InFlight, Key, Lease, Page, Rate, Record, Snapshot,
    Store, StoreError, StoreErrorKind,
};

/// The longest lease that is written, in microseconds: a hundred years.
const LONGEST: i64 = 100 * 366 * 24 * 3600 * 1_000_000;

/// A number as a column holds it. What is beyond is a number that no row has.
fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(-1)
}

/// The same for a number that is to be written.
fn written(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|error| StoreError::caused(StoreErrorKind::Refused, error))
}

fn micros(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_micros()).map_or(LONGEST, |micros| micros.min(LONGEST))
}

fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::caused(StoreErrorKind::Unreadable, error)
}

/// What `acquire` answers: the new fence, or how much is left of another holder's lease. A row that said neither is a lease that was
/// taken while the statement ran; none at all is no grant.
fn acquired(owner: &str, id: EntryId, rows: &[Row]) -> Result<Acquired, StoreError> {
    let row = rows.first().ok_or(StoreErrorKind::Missing)?;
    if let Some(fence) = row.try_get::<_, Option<i64>>(0).map_err(unreadable)? {
        return Ok(Acquired::Held(Lease {
            owner: owner.into(),
            fence: Fence(u64::try_from(fence).map_err(unreadable)?),
            id,
        }));
    }
    let left: Option<i64> = row.try_get(1).map_err(unreadable)?;
    let left = left.and_then(|left| u64::try_from(left).ok());
    Ok(Acquired::Busy { at_most: left.filter(|left| *left > 0).map(Duration::from_micros) })
}

/// The exchange in the columns from the third on; `None` where there is none.
fn in_flight(row: &Row) -> Result<Option<InFlight>, StoreError> {
    let Some(generation) = row.try_get::<_, Option<i64>>(2).map_err(unreadable)? else {
        return Ok(None);
    };
    let number = |column: usize| -> Result<u64, StoreError> {
        let number: i64 = row.try_get(column).map_err(unreadable)?;
        u64::try_from(number).map_err(unreadable)
    };
    let owner = unescaped(row.try_get(4).map_err(unreadable)?);
    let id: &str = row.try_get(7).map_err(unreadable)?;
    Ok(Some(InFlight {
        id: id.parse().map_err(unreadable)?,
        generation: u64::try_from(generation).map_err(unreadable)?,
        fence: Fence(number(3)?),
        owner: (&*owner).into(),
        started_at: from_millis(number(5)?).ok_or(StoreErrorKind::Unreadable)?,
        attempt: u32::try_from(number(6)?).map_err(unreadable)?,
    }))
}

impl PostgresStore {
    async fn rows(
        &self,
        statement: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<Vec<Row>, StoreError> {
        within(self.limit, async {
            let lent = self.lend().await?;
            let answer = lent.query(statement, parameters).await?;
            lent.settle(answer)
        })
        .await
    }

    /// The rows of a statement whose first two parameters name a grant.
    async fn rows_of(
        &self,
        statement: &str,
        key: &Key,
        more: &[&dyn Parameter],
    ) -> Result<Vec<Row>, StoreError> {
        let name = Name::of(key);
        let mut parameters: Vec<&dyn Parameter> = vec![&name.provider, &name.subject];
        parameters.extend(more);
        self.rows(statement, &parameters).await
    }

    fn snapshot(&self, key: &Key, row: &Row) -> Result<Snapshot, StoreError> {
        let generation: i64 = row.try_get(0).map_err(unreadable)?;
        let bytes: &[u8] = row.try_get(1).map_err(unreadable)?;
        let mut record = self.codec.decode(key, bytes)?;
        record.generation = u64::try_from(generation).map_err(unreadable)?;
        let mut snapshot = Snapshot::new(record);
        snapshot.may_be_outdated = row.try_get(9).map_err(unreadable)?;
        snapshot.in_flight = in_flight(row)?;
        if snapshot.in_flight.is_some() {
            let micros: i64 = row.try_get(8).map_err(unreadable)?;
            // Before now by a clock that was set back since.
            snapshot.in_flight_for = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        }
        Ok(snapshot)
    }

    /// Gives the inbox a record, and the generation that the grant has then: `COPY` answers nothing but how many rows it took.
    async fn accept(&self, key: &Key, row: &[&(dyn ToSql + Sync)]) -> Result<u64, StoreError> {
        let Statements { accept, generation, .. } = &*self.statements;
        let name = Name::of(key);
        let rows = within(self.limit, async {
            let lent = self.lend().await?;
            let of: [&dyn Parameter; 2] = [&name.provider, &name.subject];
            let answer = lent.copy(accept, row, generation, &of).await?;
            lent.settle(answer)
        });
        let rows = rows.await?;
        let row = rows.first().ok_or(StoreErrorKind::Unreadable)?;
        let generation: i64 = row.try_get(0).map_err(unreadable)?;
        u64::try_from(generation).map_err(unreadable)
    }

    /// Why the journal's entry was not written.
    async fn why_not_begun(&self, key: &Key, lease: &Lease) -> Result<StoreErrorKind, StoreError> {
        let fence = column(lease.fence.0);
        let id = lease.id.to_string();
        let rows = self.rows_of(&self.statements.why_not_begun, key, &[&fence, &id]).await?;
        let Some(row) = rows.first() else {
            return Ok(StoreErrorKind::LeaseLost);
        };
        let held: bool = row.try_get(0).map_err(unreadable)?;
        let generation: Option<i64> = row.try_get(1).map_err(unreadable)?;
        Ok(match (held, generation) {
            (false, _) => StoreErrorKind::LeaseLost,
            (true, None) => StoreErrorKind::Missing,
            (true, Some(last)) if last == column(LAST_GENERATION) => StoreErrorKind::Refused,
            (true, Some(_)) => StoreErrorKind::Conflict,
        })
    }
}

impl Store for PostgresStore {
    async fn now(&self) -> Result<Option<SystemTime>, StoreError> {
        let rows = self.rows(&self.statements.now, &[]).await?;
        let row = rows.first().ok_or(StoreErrorKind::Unreadable)?;
        let millis: i64 = row.try_get(0).map_err(unreadable)?;
        Ok(from_millis(u64::try_from(millis).map_err(unreadable)?))
    }

    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        let rows = self.rows_of(&self.statements.read, key, &[]).await?;
        rows.first().map(|row| self.snapshot(key, row)).transpose()
    }

    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        let bytes = self.codec.encode(key, record)?;
        let due = due_column(record)?;
        let none: Option<i64> = None;
        let no_id: Option<&str> = None;
        let name = Name::of(key);
        let row: [&(dyn ToSql + Sync); 7] =
            [&name.provider, &name.subject, &bytes.as_slice(), &due, &none, &none, &no_id];
        self.accept(key, &row).await
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<(), StoreError> {
        // It has no tokens, so that a server may log it.
        let bytes = self.codec.encode(key, record)?;
        let due = due_column(record)?;
        self.rows_of(&self.statements.create, key, &[&bytes.as_slice(), &due]).await?;
        Ok(())
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.rows_of(&self.statements.remove, key, &[]).await?;
        Ok(())
    }

    async fn reseal(&self, key: &Key) -> Result<bool, StoreError> {
        let rows = self.rows_of(&self.statements.read, key, &[]).await?;
        let Some(row) = rows.first() else {
            return Ok(false);
        };
        let before: &[u8] = row.try_get(1).map_err(unreadable)?;
        let Some(after) = self.codec.resealed(key, before)? else {
            return Ok(false);
        };
        // Both are sealed, so that a server may log them.
        let more: [&dyn Parameter; 2] = [&before, &after.as_slice()];
        let rows = self.rows_of(&self.statements.reseal, key, &more).await?;
        Ok(!rows.is_empty())
    }

    async fn acquire(&self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        let (ttl, id) = (micros(ttl), EntryId::random());
        let more: [&dyn Parameter; 3] = [&escaped(owner), &ttl, &id.to_string()];
        let rows = self.rows_of(&self.statements.acquire, key, &more).await?;
        acquired(owner, id, &rows)
    }

    async fn renew(&self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        let (fence, ttl) = (column(lease.fence.0), micros(ttl));
        let more: [&dyn Parameter; 3] = [&fence, &lease.id.to_string(), &ttl];
        let rows = self.rows_of(&self.statements.renew, key, &more).await?;
        match rows.first() {
            Some(_) => Ok(()),
            None => Err(StoreErrorKind::LeaseLost.into()),
        }
    }

    async fn release(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        let fence = column(lease.fence.0);
        let id = lease.id.to_string();
        self.rows_of(&self.statements.release, key, &[&fence, &id]).await?;
        Ok(())
    }

    async fn begin(
        &self,
        key: &Key,
        lease: &Lease,
        entry: &InFlight,
        replaces: Option<EntryId>,
    ) -> Result<(), StoreError> {
        let more: [&dyn Parameter; 9] = [
            &column(lease.fence.0),
            &lease.id.to_string(),
            &column(entry.generation),
            &written(entry.fence.0)?,
            &escaped(&entry.owner),
            &written(to_millis(entry.started_at)?)?,
            &i64::from(entry.attempt),
            &entry.id.to_string(),
            &replaces.map(|id| id.to_string()),
        ];
        let rows = self.rows_of(&self.statements.begin, key, &more).await?;
        match rows.first() {
            Some(_) => Ok(()),
            None => Err(self.why_not_begun(key, lease).await?.into()),
        }
    }

    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        let bytes = self.codec.encode(key, record)?;
        let name = Name::of(key);
        let row: [&(dyn ToSql + Sync); 7] = [
            &name.provider,
            &name.subject,
            &bytes.as_slice(),
            &due_column(record)?,
            &column(entry.generation),
            &column(entry.fence.0),
            &entry.id.to_string(),
        ];
        self.accept(key, &row).await?;
        Ok(())
    }

    async fn abandon(&self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        let fence = column(entry.fence.0);
        let id = entry.id.to_string();
        self.rows_of(&self.statements.abandon, key, &[&fence, &id]).await?;
        Ok(())
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
        let until = i64::try_from(until).unwrap_or(i64::MAX);
        let provider = escaped(provider);
        let (skip, limit) = (place(places.start), place(places.len()));
        let parameters: [&dyn Parameter; 4] = [&provider, &until, &skip, &limit];
        let rows = self.rows(&self.statements.due, &parameters).await?;
        rows.iter().map(key_of).collect()
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
        let until = i64::try_from(until).unwrap_or(i64::MAX);
        // One for all: which grant's lease it is, is known.
        let id = EntryId::random();
        let parameters: [&dyn Parameter; 6] = [
            &escaped(provider),
            &until,
            &place(at_most),
            &escaped(owner),
            &micros(ttl),
            &id.to_string(),
        ];
        let rows = self.rows(&self.statements.acquire_due, &parameters).await?;
        let taken = rows.iter().map(|row| {
            let fence: i64 = row.try_get(2).map_err(unreadable)?;
            let fence = Fence(u64::try_from(fence).map_err(unreadable)?);
            Ok((key_of(row)?, Lease { owner: owner.into(), fence, id }))
        });
        taken.collect()
    }

    async fn postpone(
        &self,
        key: &Key,
        lease: &Lease,
        until: SystemTime,
    ) -> Result<(), StoreError> {
        let (fence, until) = (column(lease.fence.0), written(to_millis(until)?)?);
        let more: [&dyn Parameter; 3] = [&fence, &lease.id.to_string(), &until];
        let rows = self.rows_of(&self.statements.postpone, key, &more).await?;
        match rows.first() {
            Some(_) => Ok(()),
            None => Err(StoreErrorKind::LeaseLost.into()),
        }
    }

    async fn list(
        &self,
        provider: &str,
        from: Option<Cursor>,
        at_most: usize,
    ) -> Result<Page, StoreError> {
        let (is_first, from) = (from.is_none(), from.map_or_else(String::new, |cursor| cursor.0));
        let limit = place(at_most.saturating_add(1));
        let parameters: [&dyn Parameter; 4] =
            [&escaped(provider), &escaped(&from), &is_first, &limit];
        let rows = self.rows(&self.statements.list, &parameters).await?;
        let keys: Vec<Key> = rows.iter().map(key_of).collect::<Result<_, _>>()?;
        Ok(Page::in_order(keys.into_iter(), at_most))
    }

    fn keeps_rates(&self) -> bool {
        true
    }

    async fn reserve(&self, provider: &str, rate: Rate) -> Result<Duration, StoreError> {
        let parameters: [&dyn Parameter; 3] =
            [&escaped(provider), &micros(rate.every()), &micros(rate.slack())];
        let rows = self.rows(&self.statements.reserve, &parameters).await?;
        let row = rows.first().ok_or(StoreErrorKind::Unreadable)?;
        let wait: i64 = row.try_get(0).map_err(unreadable)?;
        Ok(Duration::from_micros(u64::try_from(wait).unwrap_or(0)))
    }

    async fn backlog(&self, provider: &str, until: SystemTime) -> Result<Backlog, StoreError> {
        let Ok(until) = to_millis(until) else {
            return Ok(Backlog::default());
        };
        let until = i64::try_from(until).unwrap_or(i64::MAX);
        let parameters: [&dyn Parameter; 2] = [&escaped(provider), &until];
        let rows = self.rows(&self.statements.backlog, &parameters).await?;
        let row = rows.first().ok_or(StoreErrorKind::Unreadable)?;
        let due: i64 = row.try_get(0).map_err(unreadable)?;
        let oldest: Option<i64> = row.try_get(1).map_err(unreadable)?;
        let oldest = oldest.and_then(|oldest| from_millis(u64::try_from(oldest).ok()?));
        Ok(Backlog::new(u64::try_from(due).unwrap_or(0), oldest))
    }
}

/// A number of rows.
fn place(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

fn due_column(record: &Record) -> Result<Option<i64>, StoreError> {
    let due = record.due.map(to_millis).transpose()?;
    due.map(written).transpose()
}

fn key_of(row: &Row) -> Result<Key, StoreError> {
    let provider: &str = row.try_get(0).map_err(unreadable)?;
    let subject: &str = row.try_get(1).map_err(unreadable)?;
    Ok(Key::new(&unescaped(provider), &unescaped(subject)))
}
