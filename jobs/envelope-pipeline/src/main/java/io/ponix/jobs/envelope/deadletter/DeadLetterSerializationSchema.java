package io.ponix.jobs.envelope.deadletter;

import io.ponix.connector.nats.NatsConnectionConfiguration;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.connector.nats.sink.JetStreamSerializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;

/**
 * Publishes dead letters. Their message id is {@code <stream>:<sequence>}: an envelope that fails
 * again after a restart is stored once within the stream's duplicate window, and after it as {@link
 * PublishedLetters} says.
 */
public final class DeadLetterSerializationSchema
        implements JetStreamSerializationSchema<DeadLetter> {

    private static final long serialVersionUID = 1L;

    private final NatsConnectionConfiguration connection;
    private final String deadLetterStream;
    private transient long maximumMessageBytes;
    private transient PublishedLetters published;

    /**
     * @param connection how to look for the letters of earlier runs
     * @param deadLetterStream the stream of dead letters; it stores the subjects {@code <stream>.>}
     */
    public DeadLetterSerializationSchema(
            NatsConnectionConfiguration connection, String deadLetterStream) {
        this.connection = connection;
        this.deadLetterStream = deadLetterStream;
    }

    @Override
    public void open(SerializationSchema.InitializationContext context, long maximumBytes) {
        maximumMessageBytes = maximumBytes;
        published = new PublishedLetters(connection, deadLetterStream);
        published.open();
    }

    @Override
    public JetStreamPublication serialize(DeadLetter letter, Long timestamp) {
        return published.contains(letter.envelope(), letter.failedAt())
                ? null
                : DeadLetterMessage.of(deadLetterStream, letter, maximumMessageBytes);
    }
}
