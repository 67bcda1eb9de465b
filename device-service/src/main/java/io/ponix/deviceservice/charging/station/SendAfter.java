package io.ponix.deviceservice.charging.station;

import com.google.protobuf.Timestamp;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** The column {@code send_after}: NULL where nothing was said. */
final class SendAfter {

    static final Column COLUMN = Column.of("send_after");

    private SendAfter() {}

    /** What is written: in microseconds, as the database has times. */
    static Instant orNull(boolean isSet, Timestamp time) {
        return isSet
                ? Instant.ofEpochSecond(time.getSeconds(), time.getNanos())
                        .truncatedTo(ChronoUnit.MICROS)
                : null;
    }

    /** The same as an element of an array. */
    static String textOrNull(boolean isSet, Timestamp time) {
        Instant written = orNull(isSet, time);
        return written == null ? null : written.toString();
    }

    static Optional<Timestamp> read(Row<SQLException> row) throws SQLException {
        return Optional.ofNullable(row.time(COLUMN)).map(ProtoTimestamps::of);
    }
}
