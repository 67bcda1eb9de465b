package io.ponix.jobs.envelope.envelope;

/**
 * What tells one message of the raw streams from every other: {@code
 * <stream>:<sequence>:<received_at in milliseconds>}. The time is part of it because a stream that
 * was deleted and made anew, or that lost its tail, gives a sequence to another message.
 */
public final class EnvelopeIdentity {

    private EnvelopeIdentity() {}

    /**
     * The identity of a message.
     *
     * @param stream the JetStream stream's name
     * @param sequence the message's sequence in the stream
     * @param receivedAt when JetStream stored it, in milliseconds since 1970
     */
    public static String of(String stream, long sequence, long receivedAt) {
        return stream + ":" + sequence + ":" + receivedAt;
    }
}
