package io.ponix.jobs.sessions.event;

import static java.util.Objects.requireNonNull;

import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.serialization.SerializedType;
import io.ponix.sessions.message.StationMessage;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A message of a station.
 *
 * @param organizationId whose station it is
 * @param stationId the station, which is known within its organization only
 * @param origin the envelope it was in, without its bytes: an envelope may have a thousand messages
 * @param originSize how many bytes the envelope has
 * @param message what it says
 */
public record StationEvent(
        String organizationId,
        String stationId,
        RawMessage origin,
        int originSize,
        StationMessage message) {

    /** How Flink carries it. */
    public static final TypeInformation<StationEvent> TYPE =
            new SerializedType<>(StationEvent.class, StationEventSerializer.INSTANCE);

    /** Checks that nothing is {@code null}. */
    public StationEvent {
        requireNonNull(organizationId, "organizationId");
        requireNonNull(stationId, "stationId");
        requireNonNull(origin, "origin");
        requireNonNull(message, "message");
    }
}
