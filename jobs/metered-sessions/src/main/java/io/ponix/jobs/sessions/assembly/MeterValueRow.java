package io.ponix.jobs.sessions.assembly;

import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.serialization.SerializedType;
import io.ponix.sessions.MeterValue;
import java.util.UUID;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A meter value, as both databases have it.
 *
 * @param sessionId empty: of no session
 * @param id tells it from every other of the station, and is the same whenever it comes again
 * @param connector of its message; may be empty
 * @param arrival which of the session's values it was to arrive, from 0; of its message, where it
 *     is of no session
 * @param origin the envelope it was in, without its bytes
 */
public record MeterValueRow(
        String organizationId,
        String stationId,
        String sessionId,
        UUID id,
        String connector,
        MeterValue value,
        long arrival,
        RawMessage origin) {

    /** How Flink carries it. */
    public static final TypeInformation<MeterValueRow> TYPE =
            new SerializedType<>(MeterValueRow.class, MeterValueRowSerializer.INSTANCE);
}
