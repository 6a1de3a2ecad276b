-- Version 2 of the store's schema: ids of the journal's entries, the server's own word on how long ago an exchange was begun, and
-- on whether another server has taken over.
-- A program of version 1 neither writes nor forgets these columns: an id counts only beside the fence that it was written with.

ALTER TABLE rekindle_grants
    -- The entry in the journal: 32 hexadecimal digits. Its fence stands for it where a program of version 1 has written it.
    ADD COLUMN flight_id text,
    -- When the first request of what is in flight was journaled.
    ADD COLUMN flight_begun_at timestamptz,
    -- The entry of the exchange that was committed last.
    ADD COLUMN committed_id text,
    -- The lease: 32 hexadecimal digits. It is held where its fence is the last.
    ADD COLUMN lease_id text,
    -- The server's timeline when the record was written.
    ADD COLUMN timeline bigint;

-- A grant that is removed leaves no row behind any more.
DELETE FROM rekindle_grants WHERE generation IS NULL AND (lease_until IS NULL OR lease_until <= clock_timestamp());

-- The timeline of the server, which changes when a standby is promoted or a backup is restored, and by nothing else. NULL where
-- the server does not say: one that only speaks PostgreSQL's protocol, a standby.
CREATE FUNCTION rekindle_timeline() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END
$$;

CREATE OR REPLACE VIEW rekindle_inbox AS
    SELECT NULL::text AS provider, NULL::text AS subject, NULL::bytea AS record, NULL::bigint AS due,
        -- The exchange that is committed; all three are NULL for a record from signing in. A program of version 1 gives no id.
        NULL::bigint AS spent_generation, NULL::bigint AS spent_fence, NULL::text AS spent_id
    WHERE false;

CREATE OR REPLACE FUNCTION rekindle_accept() RETURNS trigger LANGUAGE plpgsql
    SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found record;
BEGIN
    IF NEW.spent_generation IS NULL THEN
        INSERT INTO rekindle_grants AS kept (provider, subject, generation, record, due, timeline)
        VALUES (NEW.provider, NEW.subject, 1, NEW.record, NEW.due, rekindle_timeline())
        ON CONFLICT (provider, subject) DO UPDATE SET
            generation = coalesce(kept.generation, 0) + 1, record = excluded.record, due = excluded.due,
            timeline = excluded.timeline, committed_by = NULL, committed_id = NULL,
            flight_generation = NULL, flight_fence = NULL, flight_owner = NULL, flight_started_at = NULL,
            flight_attempt = NULL, flight_id = NULL, flight_begun_at = NULL;
        RETURN NEW;
    END IF;
    UPDATE rekindle_grants AS kept SET
        generation = kept.generation + 1, record = NEW.record, due = NEW.due,
        timeline = rekindle_timeline(), committed_by = NEW.spent_fence, committed_id = NEW.spent_id,
        flight_generation = NULL, flight_fence = NULL, flight_owner = NULL, flight_started_at = NULL,
        flight_attempt = NULL, flight_id = NULL, flight_begun_at = NULL
    WHERE kept.provider = NEW.provider AND kept.subject = NEW.subject
        AND kept.generation = NEW.spent_generation AND kept.flight_fence = NEW.spent_fence
        AND (NEW.spent_id IS NULL OR kept.flight_id = NEW.spent_id);
    IF FOUND THEN
        RETURN NEW;
    END IF;
    SELECT kept.generation, kept.committed_by, kept.committed_id INTO found FROM rekindle_grants AS kept
    WHERE kept.provider = NEW.provider AND kept.subject = NEW.subject;
    IF found.generation IS NULL THEN
        RAISE EXCEPTION 'there is no such grant' USING ERRCODE = 'RK002';
    ELSIF found.generation = NEW.spent_generation + 1 AND found.committed_by = NEW.spent_fence
        AND (NEW.spent_id IS NULL OR found.committed_id = NEW.spent_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the grant has changed meanwhile' USING ERRCODE = 'RK001';
END
$$;
