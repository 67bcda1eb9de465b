-- +goose Up
-- What exactly once needs of the table, and what proves it:
--   DateTime64(3)      readings of one second stay apart; UTC, so that the month a row's partition is made of does not depend
--                      on the server's time zone
--   stream, stream_sequence, received_at
--                      the JetStream message a row came from: count() = uniqExact(stream_sequence) says that nothing was doubled
--   stream_sequence_range
--                      a job that starts from an older savepoint asks for the rows of a range of sequences, so as to store none
--                      of them again
--   inserted_at        when ClickHouse inserted the row, by its own clock: inserted_at - received_at is the end-to-end latency
--   non_replicated_deduplication_window
--                      a MergeTree remembers no inserted block by default, and a repeated insert would double it
-- Rows from before keep their data; their stream is '' and their received_at is when they were processed.
-- Migrate while no job writes. Each statement may be repeated (see ClickHouseMigrations).
CREATE OR REPLACE TABLE processed_envelopes_next (
    organization_id String,
    end_device_id   String,
    occurred_at     DateTime64(3, 'UTC'),
    processed_at    DateTime64(3, 'UTC'),
    data            JSON,
    stream          LowCardinality(String),
    stream_sequence UInt64,
    received_at     DateTime64(3, 'UTC'),
    inserted_at     DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    INDEX stream_sequence_range stream_sequence TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (organization_id, occurred_at, end_device_id)
SETTINGS non_replicated_deduplication_window = 10000
AS SELECT
    organization_id,
    end_device_id,
    occurred_at,
    processed_at,
    data,
    '' AS stream,
    0 AS stream_sequence,
    processed_at AS received_at,
    processed_at AS inserted_at
FROM processed_envelopes;

RENAME TABLE IF EXISTS processed_envelopes TO processed_envelopes_previous;

RENAME TABLE IF EXISTS processed_envelopes_next TO processed_envelopes;

DROP TABLE IF EXISTS processed_envelopes_previous;

-- +goose Down
-- Fractions of seconds and the provenance of the rows are lost.
CREATE OR REPLACE TABLE processed_envelopes_next (
    organization_id String,
    end_device_id   String,
    occurred_at     DateTime,
    processed_at    DateTime,
    data            JSON
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (organization_id, occurred_at, end_device_id)
AS SELECT
    organization_id,
    end_device_id,
    occurred_at,
    processed_at,
    data
FROM processed_envelopes;

RENAME TABLE IF EXISTS processed_envelopes TO processed_envelopes_previous;

RENAME TABLE IF EXISTS processed_envelopes_next TO processed_envelopes;

DROP TABLE IF EXISTS processed_envelopes_previous;
