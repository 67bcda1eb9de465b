package io.ponix.cli.deadletter;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Timestamps;
import io.nats.client.impl.Headers;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.deadletter.DeadLetterReasons;

/**
 * A dead letter as it lies in its stream.
 *
 * @param number its sequence in the stream of dead letters: what {@code show} takes
 * @param headers of its message; may be null
 * @param content what the job published
 */
public record StoredLetter(long number, Headers headers, DeadLetter content) {

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

    /** The reason's name, for instance {@code DEVICE_NOT_FOUND}. */
    public String reason() {
        return DeadLetterReasons.name(content.getReason());
    }

    /** The stage's name, for instance {@code ENRICH}. */
    public String stage() {
        return DeadLetterReasons.name(content.getStage());
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
