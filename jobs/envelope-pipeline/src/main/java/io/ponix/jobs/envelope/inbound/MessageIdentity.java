package io.ponix.jobs.envelope.inbound;

/**
 * What tells one message of the raw streams from every other: {@code
 * <stream>:<sequence>:<received_at in milliseconds>}. The time is part of it because a stream that
 * was deleted and made anew, or that lost its tail, gives a sequence to another message.
 */
public final class MessageIdentity {

    private MessageIdentity() {}

    /**
     * The identity of a message.
     *
     * @param message the message
     */
    public static String of(RawMessage message) {
        return of(message.stream(), message.sequence(), message.receivedAt());
    }

    /**
     * The identity of the message with this provenance.
     *
     * @param stream the JetStream stream's name
     * @param sequence the message's sequence in the stream
     * @param receivedAt when JetStream stored it, in milliseconds since 1970
     */
    public static String of(String stream, long sequence, long receivedAt) {
        return stream + ":" + sequence + ":" + receivedAt;
    }
}
