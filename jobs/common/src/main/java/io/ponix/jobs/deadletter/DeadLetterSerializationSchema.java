package io.ponix.jobs.deadletter;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.connector.nats.sink.JetStreamSerializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;

/**
 * Publishes dead letters. Their message id is the {@link io.ponix.jobs.message.MessageIdentity} of
 * the envelope: one that fails again after a restart is stored once within the stream's duplicate
 * window, and after it as {@link PublishedLetters} says. A letter that is too large is shortened.
 */
public final class DeadLetterSerializationSchema
        implements JetStreamSerializationSchema<DeadLetter> {

    private static final long serialVersionUID = 1L;

    private final NatsSettings connection;
    private final String deadLetterStream;
    private transient PublishedLetters published;

    /**
     * @param connection how to look for the letters of earlier runs
     * @param deadLetterStream the stream of dead letters; it stores the subjects {@code <stream>.>}
     */
    public DeadLetterSerializationSchema(NatsSettings connection, String deadLetterStream) {
        this.connection = connection;
        this.deadLetterStream = deadLetterStream;
    }

    @Override
    public void open(SerializationSchema.InitializationContext context) {
        published = new PublishedLetters(connection, deadLetterStream);
        published.open();
    }

    @Override
    public JetStreamPublication serialize(DeadLetter letter, Long timestamp) {
        return published.contains(letter.origin(), letter.failedAt())
                ? null
                : DeadLetterMessage.of(deadLetterStream, letter);
    }

    @Override
    public JetStreamPublication shorten(JetStreamPublication publication, long maximumBytes) {
        try {
            return DeadLetterMessage.shorten(publication, maximumBytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("A dead letter of this job cannot be read", e);
        }
    }

    /** It may have been stored after the checkpoint, and that may be longer ago than the window. */
    @Override
    public JetStreamPublication restored(JetStreamPublication publication) {
        return published.contains(publication.headers(), System.currentTimeMillis())
                ? null
                : publication;
    }
}
