package io.ponix.connector.postgres.cdc.source.change;

import java.time.Instant;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * One row-level change as the transaction log tells it. Valid only during the call it is passed to.
 *
 * <p>Rows are Kafka Connect {@link Struct}s with a field per column of the table as it was when the
 * change was made (a column added later is absent from earlier changes: look a field up by name and
 * allow for its absence). Values are as Debezium maps them: {@code text} to String, {@code bigint}
 * to Long, {@code boolean} to Boolean, {@code bytea} to ByteBuffer, {@code timestamptz} to an
 * ISO-8601 String, {@code jsonb} to String, {@code numeric} to BigDecimal.
 */
@PublicEvolving
public final class PostgresChange {

    /**
     * Stands in {@code after} for a TOASTed value that the update did not change, in a table whose
     * replica identity is not FULL: Postgres does not write it to its log. With {@code REPLICA
     * IDENTITY FULL} the value itself is there.
     */
    public static final String UNAVAILABLE_VALUE = "__debezium_unavailable_value";

    /** What was done to the row. */
    public enum Operation {
        INSERT,
        UPDATE,
        DELETE,
        /** The whole table was emptied: neither {@code before} nor {@code after}. */
        TRUNCATE
    }

    private final SourceRecord sourceRecord;
    private final Operation operation;
    private final Struct before;
    private final Struct after;
    private final Struct source;

    public PostgresChange(
            SourceRecord sourceRecord,
            Operation operation,
            Struct before,
            Struct after,
            Struct source) {
        this.sourceRecord = sourceRecord;
        this.operation = operation;
        this.before = before;
        this.after = after;
        this.source = source;
    }

    public Operation operation() {
        return operation;
    }

    /** The table's schema, for instance {@code public}. */
    public String schema() {
        return source.getString("schema");
    }

    /** The table's name without its schema. */
    public String table() {
        return source.getString("table");
    }

    /**
     * The row before the change, or null. Complete for updates and deletes with {@code REPLICA
     * IDENTITY FULL}; otherwise null for updates that keep the key, and only the key's columns for
     * deletes.
     */
    public Struct before() {
        return before;
    }

    /** The row after the change; null for deletes and truncates. */
    public Struct after() {
        return after;
    }

    /**
     * Position of the change in the write-ahead log. Ascends within a transaction, but not over
     * transactions: those are delivered in the order of their commits. Do not use it as the version
     * of a row.
     */
    public long lsn() {
        return source.getInt64("lsn");
    }

    public long transactionId() {
        return source.getInt64("txId");
    }

    /** When the transaction was committed, by the server's clock, in microseconds precision. */
    public Instant commitTimestamp() {
        long micros = source.getInt64("ts_us");
        return Instant.ofEpochSecond(
                Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
    }

    /** The record as Debezium made it, with key, headers and schemas. */
    public SourceRecord sourceRecord() {
        return sourceRecord;
    }

    @Override
    public String toString() {
        return operation + " " + schema() + "." + table() + " in transaction " + transactionId();
    }
}
