package io.ponix.registry;

import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.util.Optional;

/** Times of rows, and as messages have them. */
final class RowTimes {

    private RowTimes() {}

    /** The time in a column that always has one; 1970 where the row was written otherwise. */
    static <E extends Exception> Instant orEpoch(Row<E> row, Column column) throws E {
        return Optional.ofNullable(row.time(column)).orElse(Instant.EPOCH);
    }

    static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }
}
