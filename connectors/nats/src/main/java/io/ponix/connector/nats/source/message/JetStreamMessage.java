package io.ponix.connector.nats.source.message;

import io.nats.client.impl.Headers;
import org.apache.flink.annotation.PublicEvolving;

/**
 * One message of a stream, as a {@link JetStreamDeserializationSchema} sees it.
 *
 * <p>The object is a view that is used again for the next message: it must not be kept after {@code
 * deserialize} returns. What its methods return may be kept.
 */
@PublicEvolving
public interface JetStreamMessage {

    /** Name of the stream. */
    String stream();

    /** The subject under which the message is stored, after the server's subject mapping. */
    String subject();

    /**
     * Position in the stream, from 1; grows with every message of the stream, whatever its subject.
     */
    long sequence();

    /**
     * When the stream was created, in nanoseconds since 1970-01-01T00:00Z. A stream that is deleted
     * and created again begins at sequence 1 again: this tells its messages from the old ones.
     */
    long streamCreatedNanos();

    /** When the server stored the message, in nanoseconds since 1970-01-01T00:00Z. */
    long timestampNanos();

    /** When the server stored the message, in milliseconds since 1970-01-01T00:00Z. */
    default long timestampMillis() {
        return Math.floorDiv(timestampNanos(), 1_000_000L);
    }

    /** The payload: the array itself, not a copy, owned by this message; empty, never null. */
    byte[] data();

    /** The headers, or null if the message has none. */
    Headers headers();
}
