package io.ponix.connector.clickhouse.table;

import org.apache.flink.annotation.PublicEvolving;

/** How the servers of a table share its rows: what has to be done to read all of them. */
@PublicEvolving
public enum Replication {
    /** There is one server, or the engine is none of the MergeTree family. */
    NONE,
    /** Each server has a copy and follows the others': it may be behind. */
    REPLICATED,
    /** ClickHouse Cloud: one copy; a server may not have heard of the newest parts. */
    SHARED;

    /**
     * Of a table's engine.
     *
     * @param engine as {@code system.tables} has it, for instance {@code ReplicatedMergeTree}
     * @return how it shares rows
     */
    public static Replication of(String engine) {
        if (!engine.endsWith("MergeTree")) {
            return NONE;
        }
        return engine.startsWith("Replicated")
                ? REPLICATED
                : engine.startsWith("Shared") ? SHARED : NONE;
    }
}
