package io.ponix.connector.clickhouse.sink;

import io.ponix.client.clickhouse.ClickHouseSettings;
import java.io.Serializable;
import java.time.Duration;

/**
 * How batches are inserted.
 *
 * @param connection where to
 * @param exactlyOnce whether repeats must be recognised
 * @param parallelInserts inserts a subtask has under way at once
 * @param maxTokenAge age from which a batch is looked for in the table before it is inserted
 * @param firstBackoff wait before the first repeat
 * @param longestBackoff longest wait between repeats
 * @param rejectedRowHandler takes rows that are refused for good
 * @param commitFence asked before each insert
 */
record InsertConfig(
        ClickHouseSettings connection,
        boolean exactlyOnce,
        int parallelInserts,
        Duration maxTokenAge,
        Duration firstBackoff,
        Duration longestBackoff,
        RejectedRowHandler rejectedRowHandler,
        CommitFence commitFence)
        implements Serializable {}
