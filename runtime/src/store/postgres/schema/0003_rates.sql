-- Version 3 of the store's schema: a rate that all machines keep together.

-- One row for each provider: when the next exchange may begin, and when the last one was reserved.
CREATE TABLE rekindle_rates (
    provider text COLLATE "C" PRIMARY KEY,
    next_at timestamptz NOT NULL,
    reserved_at timestamptz NOT NULL
) WITH (fillfactor = 50);
