package io.ponix.connector.nats.source.split;

import org.apache.flink.annotation.Internal;

/**
 * What identifies a message of a stream for ever: a sequence alone does not, because a stream that
 * went back gives it to another message. Immutable.
 */
@Internal
public final class MessageStamp {

    private final long sequence;
    private final long timestampNanos;

    /**
     * @param sequence in the stream, at least 1
     * @param timestampNanos when the message was stored, in nanoseconds since 1970-01-01T00:00Z
     */
    public MessageStamp(long sequence, long timestampNanos) {
        if (sequence < 1) {
            throw new IllegalArgumentException("Not a sequence: " + sequence);
        }
        this.sequence = sequence;
        this.timestampNanos = timestampNanos;
    }

    /** The message's sequence in the stream. */
    public long sequence() {
        return sequence;
    }

    /** When the message was stored, in nanoseconds since 1970-01-01T00:00Z. */
    public long timestampNanos() {
        return timestampNanos;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MessageStamp
                && sequence == ((MessageStamp) other).sequence
                && timestampNanos == ((MessageStamp) other).timestampNanos;
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(sequence) + Long.hashCode(timestampNanos);
    }

    @Override
    public String toString() {
        return sequence + "@" + timestampNanos;
    }
}
