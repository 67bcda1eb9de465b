package io.ponix.jobs.deadletter;

import static java.util.Objects.requireNonNull;

import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.serialization.SerializedType;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * An envelope that was consumed and does not become a row.
 *
 * @param origin the message that was consumed, with its provenance and its raw bytes, unless these
 *     are left in its stream
 * @param originSize how many bytes the message has there
 * @param organizationId the organization that the envelope names, or that its row belongs to; may
 *     be empty
 * @param endDeviceId the device that the envelope names, or that was found by its external id; may
 *     be empty
 * @param externalId what the envelope calls the device, if it does not give its id; may be empty
 * @param reason why
 * @param message what went wrong, for a person
 * @param failedAt when the job gave it up, in milliseconds since 1970
 */
public record DeadLetter(
        RawMessage origin,
        int originSize,
        String organizationId,
        String endDeviceId,
        String externalId,
        DeadLetterReason reason,
        String message,
        long failedAt) {

    /** How Flink carries it. */
    public static final TypeInformation<DeadLetter> TYPE =
            new SerializedType<>(DeadLetter.class, DeadLetterSerializer.INSTANCE);

    /** Of a message with all of its bytes. */
    public DeadLetter(
            RawMessage origin,
            String organizationId,
            String endDeviceId,
            String externalId,
            DeadLetterReason reason,
            String message,
            long failedAt) {
        this(
                origin,
                origin.data().length,
                organizationId,
                endDeviceId,
                externalId,
                reason,
                message,
                failedAt);
    }

    /** Checks that nothing is {@code null}. */
    public DeadLetter {
        requireNonNull(origin, "origin");
        requireNonNull(organizationId, "organizationId");
        requireNonNull(endDeviceId, "endDeviceId");
        requireNonNull(externalId, "externalId");
        requireNonNull(reason, "reason");
        requireNonNull(message, "message");
    }
}
