package io.ponix.jobs.message;

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

    /**
     * What tells one row of a message from every other: for the first the identity of the message,
     * and for the others {@code :<index>} behind it.
     *
     * @param index which row of the message, from 0
     */
    public static String ofRow(String stream, long sequence, long receivedAt, int index) {
        String message = of(stream, sequence, receivedAt);
        return index == 0 ? message : message + ":" + index;
    }
}
