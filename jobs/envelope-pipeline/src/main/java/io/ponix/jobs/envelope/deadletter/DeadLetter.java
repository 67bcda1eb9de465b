package io.ponix.jobs.envelope.deadletter;

import static java.util.Objects.requireNonNull;

import io.ponix.jobs.envelope.envelope.InboundEnvelope;
import io.ponix.jobs.envelope.serialization.SerializedType;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * An envelope that was consumed and does not become a row.
 *
 * @param envelope the envelope, with its provenance and its raw bytes
 * @param reason why
 * @param message what went wrong, for a person
 * @param failedAt when the job gave it up, in milliseconds since 1970
 */
public record DeadLetter(InboundEnvelope envelope, Reason reason, String message, long failedAt) {

    /** How Flink carries it. */
    public static final TypeInformation<DeadLetter> TYPE =
            new SerializedType<>(DeadLetter.class, DeadLetterSerializer.INSTANCE);

    /** Checks that nothing is {@code null}. */
    public DeadLetter {
        requireNonNull(envelope, "envelope");
        requireNonNull(reason, "reason");
        requireNonNull(message, "message");
    }
}
