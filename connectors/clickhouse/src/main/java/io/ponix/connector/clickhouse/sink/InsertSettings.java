package io.ponix.connector.clickhouse.sink;

import java.util.Map;
import java.util.TreeMap;

/**
 * The ClickHouse settings every insert is sent with. They override the user's profile, so that an
 * insert is one block, is stored or refused as a whole before it is answered, and is recognised
 * when it is repeated.
 */
final class InsertSettings {

    private InsertSettings() {}

    /** What does not depend on the batch. */
    static Map<String, String> common(BlockFormat format) {
        Map<String, String> settings = new TreeMap<>(format.insertSettings());
        // On by default since ClickHouse 26.2: batches of several inserts under no token of ours.
        settings.put("async_insert", "0");
        // A profile's limit would refuse rows of many months for ever. A batch has its own.
        settings.put("max_partitions_per_insert_block", "0");
        settings.put("insert_deduplicate", "1");
        settings.put("deduplicate_blocks_in_dependent_materialized_views", "1");
        // A profile that tolerates errors would drop rows without a word.
        settings.put("input_format_allow_errors_num", "0");
        settings.put("input_format_allow_errors_ratio", "0");
        settings.put("materialized_views_ignore_errors", "0");
        settings.put("input_format_parallel_parsing", "0");
        // A text in a JSON column stays that text: inferred times would lose how they were written
        // (10:00+02:00), and change where there is no such day (2026-02-30).
        settings.put("input_format_try_infer_dates", "0");
        settings.put("input_format_try_infer_datetimes", "0");
        // Or [true, 1] would be stored as [1, 1], and [true, "x"] as ["true", "x"].
        settings.put("input_format_json_read_bools_as_numbers", "0");
        settings.put("input_format_json_read_bools_as_strings", "0");
        // A profile's inference would store "12" as 12.
        settings.put("input_format_json_try_infer_numbers_from_strings", "0");
        // Or {"x.y": 1} would be stored as {"x": {"y": 1}}, and refused beside an x with a y.
        settings.put("json_type_escape_dots_in_keys", "1");
        return settings;
    }

    /**
     * With what makes the rows one block under their token. A block is complete when it holds
     * {@code rows} rows and not before, whatever its size in bytes.
     */
    static Map<String, String> of(BlockFormat format, String token, int rows) {
        Map<String, String> settings = common(format);
        settings.put("insert_deduplication_token", token);
        settings.put("max_insert_block_size", Integer.toString(rows));
        settings.put("min_insert_block_size_rows", Integer.toString(rows));
        settings.put("min_insert_block_size_bytes", "0");
        return settings;
    }
}
