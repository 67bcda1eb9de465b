package io.ponix.sessions;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * What a message says of one session of one station.
 *
 * @param type what of it
 * @param time when it happened, as the station says
 * @param sequence the number of the message within its session; empty where the protocol has none,
 *     as OCPP 1.6
 * @param isOffline whether the station kept it for a while, as nobody answered
 * @param token who charges; empty where it is not said
 * @param reason why the session ended; empty where it is not said
 * @param connector where at the station; empty where it is not said
 * @param meterValues what was measured, in the order of the message
 */
public record SessionEvent(
        EventType type,
        Instant time,
        OptionalLong sequence,
        boolean isOffline,
        String token,
        String reason,
        String connector,
        List<MeterValue> meterValues) {

    /** Checks that everything is there. */
    public SessionEvent {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(sequence, "sequence");
        Objects.requireNonNull(token, "token");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(connector, "connector");
        meterValues = List.copyOf(meterValues);
    }
}
