package io.ponix.cli.deadletter;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Timestamps;
import io.nats.client.impl.Headers;
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

    /** What is no dead letter, but lies among them, is shown as one that says so. */
    static StoredLetter parse(String stream, long number, Headers headers, byte[] data) {
        try {
            return new StoredLetter(number, headers, DeadLetter.parseFrom(data));
        } catch (InvalidProtocolBufferException e) {
            return new StoredLetter(
                    number,
                    headers,
                    DeadLetter.newBuilder()
                            .setMessage(
                                    "This message of the stream "
                                            + stream
                                            + " is no dead letter of Ponix")
                            .build());
        }
    }

    /** Whether it is about an envelope: the job publishes no other. */
    boolean isOfAnEnvelope() {
        return !content.getStream().isEmpty();
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

    /** When JetStream stored the envelope, in milliseconds since 1970; 0 if that is no time. */
    long envelopeReceivedAt() {
        return Timestamps.isValid(content.getReceivedAt())
                ? Timestamps.toMillis(content.getReceivedAt())
                : 0;
    }
}
