package io.ponix.jobs.envelope.deadletter;

import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.connector.nats.sink.JetStreamSerializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;

/**
 * Publishes dead letters. Their message id is {@code <stream>:<sequence>}: an envelope that fails
 * again after a restart is stored once, within the stream's duplicate window.
 */
public final class DeadLetterSerializationSchema
        implements JetStreamSerializationSchema<DeadLetter> {

    private static final long serialVersionUID = 1L;

    private final String deadLetterStream;
    private transient long maximumMessageBytes;

    /**
     * @param deadLetterStream the stream of dead letters; it stores the subjects {@code <stream>.>}
     */
    public DeadLetterSerializationSchema(String deadLetterStream) {
        this.deadLetterStream = deadLetterStream;
    }

    @Override
    public void open(SerializationSchema.InitializationContext context, long maximumBytes) {
        maximumMessageBytes = maximumBytes;
    }

    @Override
    public JetStreamPublication serialize(DeadLetter letter, Long timestamp) {
        return DeadLetterMessage.of(deadLetterStream, letter, maximumMessageBytes);
    }
}
