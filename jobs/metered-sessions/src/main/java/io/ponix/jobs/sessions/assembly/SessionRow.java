package io.ponix.jobs.sessions.assembly;

import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.serialization.SerializedType;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * What is known of a session, as both databases have it.
 *
 * @param version of the session: the greater one knows more
 * @param startedAt null where it is not known
 * @param endedAt null while it goes on
 * @param firstRegister in Wh, as the next two; null where it is not known
 * @param isComplete whether all messages from its first to its last are there
 * @param missing how many of these are not
 * @param flags names of {@link io.ponix.sessions.Flag} and of {@link JobFlag}
 * @param events how many messages it has, each once
 * @param duplicates how many came again
 * @param leftOut how many were left out, or cut, as it had too much
 * @param values how many meter values it has
 * @param origin the envelope that told of it last, without its bytes
 */
public record SessionRow(
        String organizationId,
        String stationId,
        String sessionId,
        long version,
        boolean isEnded,
        Instant startedAt,
        Instant endedAt,
        String token,
        String reason,
        String connector,
        BigDecimal firstRegister,
        BigDecimal lastRegister,
        BigDecimal energy,
        boolean isComplete,
        long missing,
        List<String> flags,
        int events,
        int duplicates,
        long leftOut,
        long values,
        RawMessage origin) {

    /** How Flink carries it. */
    public static final TypeInformation<SessionRow> TYPE =
            new SerializedType<>(SessionRow.class, SessionRowSerializer.INSTANCE);

    /** Keeps its own list. */
    public SessionRow {
        flags = List.copyOf(flags);
    }

    /** As the databases have it. */
    public String state() {
        return isEnded ? "ended" : "ongoing";
    }
}
