//! The statements, with the schema's name in them.

use crate::store::PUT_BACK;
use crate::store::record::LAST_GENERATION;

/// Longest name that PostgreSQL does not cut off, in bytes.
const LONGEST_NAME: usize = 63;

/// What is sent to the server. Parameters are bound; the schema's name is the only thing that is written in.
///
/// None of these has a token in clear among its parameters, since servers log those: records, but for sealed ones, go through
/// [`Statements::accept`], which is a `COPY`.
pub(super) struct Statements {
    /// The schema's name, quoted.
    pub schema: String,
    pub now: String,
    pub read: String,
    pub accept: String,
    pub generation: String,
    pub create: String,
    pub remove: String,
    pub reseal: String,
    pub acquire: String,
    pub renew: String,
    pub release: String,
    pub begin: String,
    pub why_not_begun: String,
    pub abandon: String,
    pub due: String,
    pub acquire_due: String,
    pub postpone: String,
    pub backlog: String,
    pub list: String,
    pub reserve: String,
}

/// This lease, of this grant, not over: by the server's clock, at the moment at which the row is looked at.
const HELD: &str = "fence = $3 AND lease_id = $4 AND lease_until > clock_timestamp()";

/// No exchange in flight.
const NO_FLIGHT: &str = "flight_generation = NULL, flight_fence = NULL, flight_owner = NULL, \
    flight_started_at = NULL, flight_attempt = NULL, flight_id = NULL, flight_begun_at = NULL";

/// The id of the entry in the journal; NULL where there is none. Where a version without ids has written it, its fence.
const ENTRY: &str = "CASE WHEN flight_fence IS NOT NULL \
    THEN coalesce(flight_id, lpad(flight_fence::text, 32, '0')) END";

/// For how long the exchange has been in flight, by the server's clock, in microseconds.
const IN_FLIGHT_FOR: &str = "(extract(epoch FROM clock_timestamp() \
    - coalesce(flight_begun_at, to_timestamp(flight_started_at / 1000.0))) * 1000000)::bigint";

/// The name in quotes; `None` where it is none that PostgreSQL could have.
pub(super) fn quoted(name: &str) -> Option<String> {
    let possible = !name.is_empty() && name.len() <= LONGEST_NAME && !name.contains('\0');
    possible.then(|| format!("\"{}\"", name.replace('"', "\"\"")))
}

impl Statements {
    /// The statements for the schema of this [`quoted`] name.
    pub(super) fn of(schema: String) -> Self {
        let grants = format!("{schema}.rekindle_grants");
        let this = "provider = $1 AND subject = $2";
        let until =
            |ttl: &str| format!("clock_timestamp() + {ttl}::bigint * interval '1 microsecond'");
        // The entry that is begun is in the journal already.
        let ours = "coalesce(flight_fence = $6 AND flight_id = $10, false)";
        let (acquired_until, renewed_until) = (until("$4"), until("$5"));
        let due_until = until("$5");
        let micros = |number: &str| format!("{number}::bigint * interval '1 microsecond'");
        let (every, slack) = (micros("$2"), micros("$3"));
        let put_back = PUT_BACK.as_secs();
        Self {
            now: "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint".to_owned(),
            read: format!(
                "SELECT generation, record, flight_generation, flight_fence, flight_owner, flight_started_at, flight_attempt, \
                 {ENTRY}, {IN_FLIGHT_FOR}, coalesce(timeline < {schema}.rekindle_timeline(), false) \
                 FROM {grants} WHERE {this} AND generation IS NOT NULL"
            ),
            accept: format!(
                "COPY {schema}.rekindle_inbox (provider, subject, record, due, spent_generation, spent_fence, spent_id) \
                 FROM STDIN (FORMAT binary)"
            ),
            generation: format!("SELECT generation FROM {grants} WHERE {this}"),
            // A row without a generation is what is left of a lease of version 1.
            create: format!(
                "INSERT INTO {grants} AS kept (provider, subject, generation, record, due, timeline) \
                 VALUES ($1, $2, 1, $3, $4, {schema}.rekindle_timeline()) \
                 ON CONFLICT (provider, subject) DO UPDATE SET \
                   generation = 1, record = excluded.record, due = excluded.due, timeline = excluded.timeline \
                 WHERE kept.generation IS NULL"
            ),
            remove: format!("DELETE FROM {grants} WHERE {this}"),
            reseal: format!(
                "UPDATE {grants} SET record = $4 WHERE {this} AND record = $3 RETURNING generation"
            ),
            // Where it is busy, the second part says for how long. It sees the row as it was when the statement began: of a lease
            // that was taken since, it says nothing. No row at all is no grant.
            acquire: format!(
                "WITH taken AS ( \
                   UPDATE {grants} SET \
                     fence = fence + 1, lease_owner = $3, lease_id = $5, lease_until = {acquired_until} \
                   WHERE {this} AND generation IS NOT NULL \
                     AND (lease_until IS NULL OR lease_until <= clock_timestamp()) \
                   RETURNING fence) \
                 SELECT fence, NULL::bigint AS left_micros FROM taken \
                 UNION ALL \
                 SELECT NULL, ceil(extract(epoch FROM lease_until - clock_timestamp()) * 1000000)::bigint \
                 FROM {grants} WHERE {this} AND generation IS NOT NULL AND NOT EXISTS (SELECT FROM taken)"
            ),
            renew: format!(
                "UPDATE {grants} SET lease_until = {renewed_until} WHERE {this} AND {HELD} RETURNING fence"
            ),
            release: format!(
                "UPDATE {grants} SET lease_until = NULL, lease_owner = NULL, lease_id = NULL \
                 WHERE {this} AND fence = $3 AND lease_id = $4"
            ),
            begin: format!(
                "UPDATE {grants} SET flight_generation = $5, flight_fence = $6, flight_owner = $7, \
                   flight_started_at = $8, flight_attempt = $9, flight_id = $10, \
                   flight_begun_at = CASE WHEN $11::text IS NULL AND NOT {ours} THEN clock_timestamp() ELSE flight_begun_at END \
                 WHERE {this} AND {HELD} AND generation = $5 AND generation < {LAST_GENERATION} \
                   AND ({ours} OR {ENTRY} IS NOT DISTINCT FROM $11) \
                 RETURNING fence"
            ),
            why_not_begun: format!(
                "SELECT coalesce({HELD}, false) AS held, generation FROM {grants} WHERE {this}"
            ),
            abandon: format!(
                "UPDATE {grants} SET {NO_FLIGHT} WHERE {this} AND flight_fence = $3 AND flight_id = $4"
            ),
            due: format!(
                "SELECT provider, subject FROM {grants} WHERE provider = $1 AND due <= $2 \
                 ORDER BY due, subject OFFSET $3 LIMIT $4"
            ),
            // A row that another asks for at the same time is left to it. One that changed since the statement began is looked at
            // again when it is locked.
            acquire_due: format!(
                "WITH free AS ( \
                   SELECT provider, subject FROM {grants} \
                   WHERE provider = $1 AND due <= $2 AND (lease_until IS NULL OR lease_until <= clock_timestamp()) \
                   ORDER BY due, subject LIMIT $3 FOR UPDATE SKIP LOCKED) \
                 UPDATE {grants} AS kept \
                 SET fence = kept.fence + 1, lease_owner = $4, lease_id = $6, lease_until = {due_until} \
                 FROM free WHERE kept.provider = free.provider AND kept.subject = free.subject \
                 RETURNING kept.provider, kept.subject, kept.fence"
            ),
            postpone: format!(
                "UPDATE {grants} SET due = CASE WHEN due IS NULL THEN NULL ELSE $5::bigint END \
                 WHERE {this} AND {HELD} RETURNING fence"
            ),
            // The row is locked while it is moved: of two that ask at once, the second sees what the first has reserved.
            reserve: format!(
                "INSERT INTO {schema}.rekindle_rates AS kept (provider, next_at, reserved_at) \
                 VALUES ($1, clock_timestamp() - {slack} + {every}, clock_timestamp()) \
                 ON CONFLICT (provider) DO UPDATE SET \
                   next_at = greatest(CASE \
                     WHEN kept.reserved_at > clock_timestamp() + interval '{put_back} seconds' \
                     THEN clock_timestamp() + greatest(kept.next_at - kept.reserved_at, interval '0') \
                     ELSE kept.next_at END, clock_timestamp() - {slack}) + {every}, \
                   reserved_at = clock_timestamp() \
                 RETURNING ceil(extract(epoch FROM next_at - {every} - clock_timestamp()) * 1000000)::bigint"
            ),
            list: format!(
                "SELECT provider, subject FROM {grants} \
                 WHERE provider = $1 AND subject >= $2 AND (subject <> $2 OR $3) AND generation IS NOT NULL \
                 ORDER BY subject LIMIT $4"
            ),
            backlog: format!(
                "SELECT count(*), min(due) FROM {grants} WHERE provider = $1 AND due <= $2"
            ),
            schema,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_a_name_and_nothing_else() {
        assert_eq!(quoted("rekindle").as_deref(), Some("\"rekindle\""));
        assert_eq!(quoted("x\"; DROP TABLE y; --").as_deref(), Some("\"x\"\"; DROP TABLE y; --\""));
        assert_eq!(quoted(""), None);
        assert_eq!(quoted("a\0b"), None);
        assert_eq!(quoted(&"x".repeat(64)), None);
    }
}
