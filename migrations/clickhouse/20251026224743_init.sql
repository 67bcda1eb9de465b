-- +goose Up
CREATE TABLE IF NOT EXISTS processed_envelopes (
    end_device_id String,
    occurred_at   DateTime,
    processed_at  DateTime,
    data          JSON
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (occurred_at, end_device_id);

-- +goose Down
-- Loses every row.
DROP TABLE IF EXISTS processed_envelopes;
