package io.ponix.connector.clickhouse.sink;

import org.apache.flink.annotation.PublicEvolving;

/**
 * Names of the metrics, below the group {@link #GROUP} of the committer (exactly once) or the
 * writer (at least once). Beside them, Flink's own for sinks: {@code numRecordsSend} and {@code
 * numBytesSend} of the writer count what was closed into batches; {@code pendingCommittables} of
 * the committer is the number of batches waiting for their insert.
 */
@PublicEvolving
public final class ClickHouseSinkMetrics {

    /** The group of all the following. */
    public static final String GROUP = "clickhouse";

    /** Counter: rows that ClickHouse confirmed. */
    public static final String ROWS = "rows";

    /** Counter: bytes of the confirmed inserts as sent, compressed. */
    public static final String BYTES = "bytes";

    /** Counter: confirmed inserts. */
    public static final String BATCHES = "batches";

    /** Counter: batches or parts found in the table already, so that they were not sent. */
    public static final String ALREADY_STORED = "alreadyStored";

    /** Counter: rows that ClickHouse refused for good and that were handed over. */
    public static final String REJECTED_ROWS = "rejectedRows";

    /** Histogram: milliseconds from sending an insert to its confirmation, last 1,000 inserts. */
    public static final String INSERT_LATENCY_MILLIS = "insertLatencyMillis";

    /** Counter: repeats because no answer came. */
    public static final String RETRIES_NETWORK = "retriesNetwork";

    /** Counter: repeats because ClickHouse gave an error that passes. */
    public static final String RETRIES_SERVER = "retriesServer";

    /** Counter: repeats because of an error code the connector does not know. */
    public static final String RETRIES_UNCLASSIFIED = "retriesUnclassified";

    /** Gauge: seconds since the last confirmed insert, -1 before the first. */
    public static final String SECONDS_SINCE_LAST_COMMIT = "secondsSinceLastCommit";

    /** Gauge, writer: bytes of closed batches that wait for the checkpoint or for their insert. */
    public static final String PENDING_BYTES = "pendingBytes";

    /** Counter, writer: milliseconds spent waiting because too many bytes were pending. */
    public static final String THROTTLED_MILLIS = "throttledMillis";

    private ClickHouseSinkMetrics() {}
}
