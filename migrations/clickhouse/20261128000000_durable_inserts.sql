-- +goose Up
-- ClickHouse answers an insert when its rows are in the memory of the operating system, and the job's checkpoint moves on: a
-- power loss within the next half minute takes rows that nobody sends again. Synced before the answer, they are on the disk.
-- Parts that are merged need no sync: their sources are kept for longer than the system takes to write the new one.
-- Only settings change: no row is read or written.
ALTER TABLE processed_envelopes MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

-- +goose Down
-- Loses no row that is there; a power loss may take those that are inserted from now on.
ALTER TABLE processed_envelopes MODIFY SETTING fsync_after_insert = 0, fsync_part_directory = 0;
