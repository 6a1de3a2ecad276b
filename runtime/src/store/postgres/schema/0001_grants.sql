-- Version 1 of the store's schema. Objects are made in the first schema of search_path.

-- One row for each grant. Times without a zone are milliseconds since 1970.
CREATE TABLE rekindle_grants (
    provider text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    -- The record: the bytes of the store's codec. Both are NULL where the grant was removed, or not put yet.
    generation bigint,
    record bytea,
    due bigint,
    -- The lease: its fence is the last acquisition's, and it is held until lease_until.
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    lease_owner text,
    -- The journal: the exchange that may be in flight. NULL where there is none.
    flight_generation bigint,
    flight_fence bigint,
    flight_owner text,
    flight_started_at bigint,
    flight_attempt bigint,
    -- The fence of the exchange that was committed last.
    committed_by bigint,
    PRIMARY KEY (provider, subject)
) WITH (fillfactor = 70);

CREATE INDEX rekindle_grants_due ON rekindle_grants (provider, due, subject) WHERE due IS NOT NULL;

-- What is written is on the disk when the answer leaves, even where the server's default is synchronous_commit = off.
CREATE FUNCTION rekindle_durable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    RETURN NULL;
END
$$;

CREATE TRIGGER rekindle_durable BEFORE INSERT OR UPDATE OR DELETE ON rekindle_grants
    FOR EACH STATEMENT WHEN (current_setting('synchronous_commit') = 'off') EXECUTE FUNCTION rekindle_durable();

-- Where records come in: by COPY, since a server that logs statements logs their parameters with them, and not what is copied.
-- The view is always empty.
CREATE VIEW rekindle_inbox AS
    SELECT NULL::text AS provider, NULL::text AS subject, NULL::bytea AS record, NULL::bigint AS due,
        -- The exchange that is committed; both are NULL for a record from signing in.
        NULL::bigint AS spent_generation, NULL::bigint AS spent_fence
    WHERE false;

-- The error codes are RK001: conflict, RK002: there is no such grant.
-- Its plans are generic, since those of auto_explain would show the values in others.
CREATE FUNCTION rekindle_accept() RETURNS trigger LANGUAGE plpgsql
    SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found_generation bigint;
    found_commit bigint;
BEGIN
    IF NEW.spent_generation IS NULL THEN
        INSERT INTO rekindle_grants AS kept (provider, subject, generation, record, due)
        VALUES (NEW.provider, NEW.subject, 1, NEW.record, NEW.due)
        ON CONFLICT (provider, subject) DO UPDATE SET
            generation = coalesce(kept.generation, 0) + 1, record = excluded.record, due = excluded.due,
            committed_by = NULL,
            flight_generation = NULL, flight_fence = NULL, flight_owner = NULL,
            flight_started_at = NULL, flight_attempt = NULL;
        RETURN NEW;
    END IF;
    UPDATE rekindle_grants AS kept SET
        generation = kept.generation + 1, record = NEW.record, due = NEW.due,
        committed_by = NEW.spent_fence,
        flight_generation = NULL, flight_fence = NULL, flight_owner = NULL,
        flight_started_at = NULL, flight_attempt = NULL
    WHERE kept.provider = NEW.provider AND kept.subject = NEW.subject
        AND kept.generation = NEW.spent_generation AND kept.flight_fence = NEW.spent_fence;
    IF FOUND THEN
        RETURN NEW;
    END IF;
    SELECT kept.generation, kept.committed_by INTO found_generation, found_commit FROM rekindle_grants AS kept
    WHERE kept.provider = NEW.provider AND kept.subject = NEW.subject;
    IF found_generation IS NULL THEN
        RAISE EXCEPTION 'there is no such grant' USING ERRCODE = 'RK002';
    ELSIF found_generation = NEW.spent_generation + 1 AND found_commit = NEW.spent_fence THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the grant has changed meanwhile' USING ERRCODE = 'RK001';
END
$$;

CREATE TRIGGER rekindle_accept INSTEAD OF INSERT ON rekindle_inbox
    FOR EACH ROW EXECUTE FUNCTION rekindle_accept();

-- On the view too: what a function with settings of its own sets, ends with it.
CREATE TRIGGER rekindle_durable BEFORE INSERT ON rekindle_inbox
    FOR EACH STATEMENT WHEN (current_setting('synchronous_commit') = 'off') EXECUTE FUNCTION rekindle_durable();
