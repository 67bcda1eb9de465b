-- +goose Up
-- The sort key cannot be altered, so the table is made anew, filled and swapped in. Rows written to the old table while it
-- is copied are lost: migrate while no job writes. Each statement may be repeated (see ClickHouseMigrations).
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
    '' AS organization_id,
    end_device_id,
    occurred_at,
    processed_at,
    data
FROM processed_envelopes;

RENAME TABLE IF EXISTS processed_envelopes TO processed_envelopes_previous;

RENAME TABLE IF EXISTS processed_envelopes_next TO processed_envelopes;

DROP TABLE IF EXISTS processed_envelopes_previous;

-- +goose Down
-- The organizations of the rows are lost.
CREATE OR REPLACE TABLE processed_envelopes_next (
    end_device_id String,
    occurred_at   DateTime,
    processed_at  DateTime,
    data          JSON
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (occurred_at, end_device_id)
AS SELECT
    end_device_id,
    occurred_at,
    processed_at,
    data
FROM processed_envelopes;

RENAME TABLE IF EXISTS processed_envelopes TO processed_envelopes_previous;

RENAME TABLE IF EXISTS processed_envelopes_next TO processed_envelopes;

DROP TABLE IF EXISTS processed_envelopes_previous;
