-- +goose Up
-- Merging is the larger half of what a row costs ClickHouse: the batches of two instances have the same times, so that each merge
-- compares every row. The server took 9.8 microseconds of processor time a row with both of these (one run of ./ponix bench with
-- 3,000,000 envelopes), and 10.7 without (the median of three).
--   vertical merges     order the rows by the columns of the key alone, and then copy the others one after the other
--   compact parts       keep all columns and paths in one file up to 64 MB, in place of some 200 files; beyond that reading few of
--                       many columns would take longer
-- Only settings change: parts that exist are as they are until they are merged.
ALTER TABLE processed_envelopes MODIFY SETTING
    vertical_merge_algorithm_min_rows_to_activate = 1,
    vertical_merge_algorithm_min_columns_to_activate = 1,
    min_bytes_for_wide_part = 67108864;

-- +goose Down
-- Loses nothing.
ALTER TABLE processed_envelopes RESET SETTING
    vertical_merge_algorithm_min_rows_to_activate,
    vertical_merge_algorithm_min_columns_to_activate,
    min_bytes_for_wide_part;
