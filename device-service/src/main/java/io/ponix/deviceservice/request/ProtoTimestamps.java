package io.ponix.deviceservice.request;

import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as the service gives them to callers. */
public final class ProtoTimestamps {

    private ProtoTimestamps() {}

    /**
     * Returns the current time in microseconds, which is what Postgres stores: so what a create
     * method returns is what a get method will return.
     */
    public static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    /** Returns the time as a protobuf message. */
    public static Timestamp of(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }
}
