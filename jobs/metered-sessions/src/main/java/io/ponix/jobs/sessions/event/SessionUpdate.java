package io.ponix.jobs.sessions.event;

import static java.util.Objects.requireNonNull;

import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.serialization.SerializedType;
import io.ponix.sessions.SessionEvent;
import io.ponix.sessions.message.StationMessage;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Something of one session, or what was measured of none.
 *
 * @param sessionId the station's own id of it; empty: of none
 * @param origin the envelope it was in, without its bytes
 * @param originSize how many bytes the envelope has
 */
public record SessionUpdate(
        String organizationId,
        String stationId,
        String sessionId,
        RawMessage origin,
        int originSize,
        SessionEvent event) {

    /** How Flink carries it. */
    public static final TypeInformation<SessionUpdate> TYPE =
            new SerializedType<>(SessionUpdate.class, SessionUpdateSerializer.INSTANCE);

    /** Checks that nothing is {@code null}. */
    public SessionUpdate {
        requireNonNull(organizationId, "organizationId");
        requireNonNull(stationId, "stationId");
        requireNonNull(sessionId, "sessionId");
        requireNonNull(origin, "origin");
        requireNonNull(event, "event");
    }

    /** What was measured of no session of a station. */
    public static SessionUpdate ofNone(
            String organizationId,
            String stationId,
            RawMessage origin,
            int originSize,
            StationMessage.Reading reading) {
        return new SessionUpdate(
                organizationId,
                stationId,
                "",
                origin,
                originSize,
                StationEventSerializer.ofNoSession(reading.connector(), reading.meterValues()));
    }

    /** Whether it is of no session. */
    public boolean isOfNone() {
        return sessionId.isEmpty();
    }
}
