-- +goose Up
-- What the job jobs/metered-sessions assembles, beside Postgres, for questions over many sessions. Of the versions of a session the greatest
-- counts: SELECT … FROM metered_sessions FINAL. There are no partitions: the start of a session may be known late, and versions in two
-- partitions are never merged.
CREATE TABLE IF NOT EXISTS metered_sessions (
    organization_id   LowCardinality(String),
    station_id        String,
    session_id        String,
    version           UInt64,
    state             LowCardinality(String),
    started_at        Nullable(DateTime64(3, 'UTC')),
    ended_at          Nullable(DateTime64(3, 'UTC')),
    token             String,
    reason            LowCardinality(String),
    connector         LowCardinality(String),
    -- As the nearest Float64; Postgres has the number.
    first_register_wh Nullable(Float64),
    last_register_wh  Nullable(Float64),
    energy_wh         Nullable(Float64),
    is_complete       Bool,
    missing           UInt64,
    flags             Array(String),
    events            UInt32,
    duplicates        UInt32,
    left_out          UInt64,
    value_count       UInt64,
    stream            LowCardinality(String),
    stream_sequence   UInt64,
    received_at       DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (organization_id, station_id, session_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What was measured, with an empty session_id where it is of no session. What comes again is the same row: FINAL has it once.
CREATE TABLE IF NOT EXISTS session_meter_values (
    organization_id LowCardinality(String),
    station_id      String,
    session_id      String,
    value_id        UUID,
    measured_at     DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    measurand       LowCardinality(String),
    context         LowCardinality(String),
    location        LowCardinality(String),
    phase           LowCardinality(String),
    value           Float64,
    unit            LowCardinality(String),
    multiplier      Int32,
    connector       LowCardinality(String),
    arrival         UInt64,
    stream          LowCardinality(String),
    stream_sequence UInt64,
    received_at     DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (organization_id, station_id, session_id, measured_at, value_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- +goose Down
-- Loses what there is of sessions here; Postgres has them. Stop the job before.
DROP TABLE IF EXISTS session_meter_values;
DROP TABLE IF EXISTS metered_sessions;
