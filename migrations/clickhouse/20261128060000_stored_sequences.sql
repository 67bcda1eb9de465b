-- +goose Up
-- A job asks which sequences of its stream are stored. Where readings come in the order of their time, the index of each
-- granule's sequences leaves out all others; where months come mixed, every granule has sequences of everywhere, and each
-- question read the whole table.
--   by_stream_sequence  the three columns again, in the order of the stream
--   codecs              times and sequences that follow each other take little: a row with its place in the projection takes less
--                       than without either (16.9 bytes in place of 23.5, of it 8.1 for the projection)
-- Parts that exist are given the projection in the background; a job may run meanwhile.
ALTER TABLE processed_envelopes
    MODIFY COLUMN occurred_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN processed_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN received_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN inserted_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN stream_sequence CODEC(Delta, ZSTD(1));

-- A person may still delete rows: the parts that had them lose the projection then. (26.7's 'rebuild' leaves them in it.)
ALTER TABLE processed_envelopes MODIFY SETTING lightweight_mutation_projection_mode = 'drop';

ALTER TABLE processed_envelopes ADD PROJECTION IF NOT EXISTS by_stream_sequence (
    SELECT stream, stream_sequence, received_at ORDER BY stream, stream_sequence
);

ALTER TABLE processed_envelopes MATERIALIZE PROJECTION by_stream_sequence SETTINGS mutations_sync = 0;

-- +goose Down
-- Loses no row.
-- What is still being given to parts could not be dropped.
KILL MUTATION WHERE database = currentDatabase() AND table = 'processed_envelopes'
    AND command LIKE '%MATERIALIZE PROJECTION by_stream_sequence%' SYNC;

ALTER TABLE processed_envelopes DROP PROJECTION IF EXISTS by_stream_sequence;

ALTER TABLE processed_envelopes RESET SETTING lightweight_mutation_projection_mode;

ALTER TABLE processed_envelopes
    MODIFY COLUMN occurred_at CODEC(Default),
    MODIFY COLUMN processed_at CODEC(Default),
    MODIFY COLUMN received_at CODEC(Default),
    MODIFY COLUMN inserted_at CODEC(Default),
    MODIFY COLUMN stream_sequence CODEC(Default);
