-- +goose Up
-- A transform may give a list: an envelope is several rows then.
--   row_index      which of the envelope's rows it is, from 0: a row is (stream, stream_sequence, received_at, row_index)
--   row_count      how many rows the envelope has: what shows that all of them are there
--   by_stream_row  what by_stream_sequence was, with both: a job asks for envelopes of which some rows are stored
-- Rows of before are the only ones of their envelopes. A job may run meanwhile, also one that knows nothing of the columns; the
-- next version needs them. Until the projection is in the parts that exist, which takes place in the background, a job that starts
-- from an older savepoint asks more slowly.
ALTER TABLE processed_envelopes
    ADD COLUMN IF NOT EXISTS row_index UInt32 DEFAULT 0 CODEC(ZSTD(1)) AFTER received_at,
    ADD COLUMN IF NOT EXISTS row_count UInt32 DEFAULT 1 CODEC(ZSTD(1)) AFTER row_index;

-- What is still being given to parts could not be dropped.
KILL MUTATION WHERE database = currentDatabase() AND table = 'processed_envelopes'
    AND command LIKE '%MATERIALIZE PROJECTION by_stream_sequence%' SYNC;

ALTER TABLE processed_envelopes DROP PROJECTION IF EXISTS by_stream_sequence;

ALTER TABLE processed_envelopes ADD PROJECTION IF NOT EXISTS by_stream_row (
    SELECT stream, stream_sequence, received_at, row_index, row_count ORDER BY stream, stream_sequence
);

ALTER TABLE processed_envelopes MATERIALIZE PROJECTION by_stream_row SETTINGS mutations_sync = 0;

-- +goose Down
-- Loses no row; those of one envelope can no longer be told apart. Stop the job before: it writes the columns.
KILL MUTATION WHERE database = currentDatabase() AND table = 'processed_envelopes'
    AND command LIKE '%MATERIALIZE PROJECTION by_stream_row%' SYNC;

ALTER TABLE processed_envelopes DROP PROJECTION IF EXISTS by_stream_row;

ALTER TABLE processed_envelopes DROP COLUMN IF EXISTS row_index, DROP COLUMN IF EXISTS row_count;

ALTER TABLE processed_envelopes ADD PROJECTION IF NOT EXISTS by_stream_sequence (
    SELECT stream, stream_sequence, received_at ORDER BY stream, stream_sequence
);

ALTER TABLE processed_envelopes MATERIALIZE PROJECTION by_stream_sequence SETTINGS mutations_sync = 0;
