package io.ponix.cli.deadletter;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Timestamps;
import io.nats.client.impl.Headers;
import io.ponix.cli.CommandException;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;

/**
 * A dead letter as it lies in its stream.
 *
 * @param number its sequence in the stream of dead letters: what {@code show} takes
 * @param headers of its message; may be null
 * @param content what the job published
 */
public record StoredLetter(long number, Headers headers, DeadLetter content) {

    private static final String REASON_PREFIX = "DEAD_LETTER_REASON_";
    private static final String STAGE_PREFIX = "DEAD_LETTER_STAGE_";

    static StoredLetter parse(long number, Headers headers, byte[] data) {
        try {
            return new StoredLetter(number, headers, DeadLetter.parseFrom(data));
        } catch (InvalidProtocolBufferException e) {
            throw new CommandException(
                    "message "
                            + number
                            + " of the stream "
                            + DeadLetterReader.STREAM
                            + " is no dead letter",
                    e);
        }
    }

    /** The reason as subjects and people write it, for instance {@code DEVICE_NOT_FOUND}. */
    public static String shortName(DeadLetterReason reason) {
        return reason == DeadLetterReason.UNRECOGNIZED
                ? "?"
                : reason.name().substring(REASON_PREFIX.length());
    }

    /** The reason's short name. */
    public String reason() {
        return shortName(content.getReason());
    }

    /** The stage's short name. */
    public String stage() {
        return content.getStage().name().replace(STAGE_PREFIX, "");
    }

    /** The envelope it is about, {@code <stream>:<sequence>}. */
    public String envelope() {
        return content.getStream() + ":" + content.getStreamSequence();
    }

    /** When JetStream stored the envelope, in milliseconds since 1970. */
    long envelopeReceivedAt() {
        return Timestamps.toMillis(content.getReceivedAt());
    }
}
