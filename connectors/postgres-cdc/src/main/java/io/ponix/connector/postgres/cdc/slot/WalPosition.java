package io.ponix.connector.postgres.cdc.slot;

import org.apache.flink.annotation.PublicEvolving;
import org.postgresql.replication.LogSequenceNumber;

/**
 * A byte position in Postgres' write-ahead log (an LSN). Written as Postgres writes it: {@code
 * 16/B374D848}.
 *
 * @param value the position as an unsigned 64-bit number; 0 is no position
 */
@PublicEvolving
public record WalPosition(long value) implements Comparable<WalPosition> {

    /** Reads Postgres' notation, for instance {@code 0/15D68C8}. */
    public static WalPosition parse(String text) {
        LogSequenceNumber number = LogSequenceNumber.valueOf(text);
        if (number.equals(LogSequenceNumber.INVALID_LSN)) {
            throw new IllegalArgumentException(
                    "Not a position in the write-ahead log: '" + text + "'");
        }
        return new WalPosition(number.asLong());
    }

    @Override
    public int compareTo(WalPosition other) {
        return Long.compareUnsigned(value, other.value);
    }

    public boolean isAfter(WalPosition other) {
        return compareTo(other) > 0;
    }

    @Override
    public String toString() {
        return LogSequenceNumber.valueOf(value).asString();
    }
}
