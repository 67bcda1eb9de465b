package io.ponix.connector.nats.source.reader;

import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.settings.RecreatedStreamPolicy;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.JetStreamSplitState;
import java.io.IOException;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.connector.base.source.reader.RecordEmitter;
import org.apache.flink.util.Collector;

/** Makes records of a message and moves the split's position behind it. */
final class JetStreamRecordEmitter<OUT>
        implements RecordEmitter<FetchedMessage, OUT, JetStreamSplitState> {

    private final JetStreamDeserializationSchema<OUT> deserializer;
    private final RecreatedStreamPolicy recreatedStreamPolicy;
    private final ReaderMetrics metrics;
    private final OutputWithTimestamp<OUT> collector = new OutputWithTimestamp<>();

    JetStreamRecordEmitter(
            JetStreamDeserializationSchema<OUT> deserializer,
            RecreatedStreamPolicy recreatedStreamPolicy,
            ReaderMetrics metrics) {
        this.deserializer = deserializer;
        this.recreatedStreamPolicy = recreatedStreamPolicy;
        this.metrics = metrics;
    }

    @Override
    public void emitRecord(
            FetchedMessage message, SourceOutput<OUT> output, JetStreamSplitState state)
            throws Exception {
        if (message.streamCreatedNanos() != state.streamCreatedNanos()) {
            followRecreatedStream(message, state);
        }
        if (message.rewinds() != state.rewinds()) {
            state.rewindTo(message.sharedBefore(), message.rewinds());
        }
        if (!message.isMessage()) {
            return;
        }
        long sequence = message.sequence();
        long timestampNanos = message.timestampNanos();
        if (state.hasBeenRead(message.subject(), sequence)) {
            metrics.redeliveryDropped();
            state.moveBehind(sequence, timestampNanos);
            return;
        }
        collector.output = output;
        collector.timestampMillis = message.timestampMillis();
        try {
            deserializer.deserialize(message, collector);
        } catch (Exception e) {
            throw new IOException(
                    "The deserializer failed at sequence "
                            + sequence
                            + " of stream '"
                            + message.stream()
                            + "', subject '"
                            + message.subject()
                            + "'",
                    e);
        }
        state.moveBehind(sequence, timestampNanos);
    }

    /**
     * The fetcher has gone on with another stream, as the policy allows: the position follows with
     * the first message of it, so that a checkpoint never mixes the two.
     */
    private void followRecreatedStream(FetchedMessage message, JetStreamSplitState state) {
        boolean known = state.streamCreatedNanos() != JetStreamSplit.CREATION_UNKNOWN;
        if (known && recreatedStreamPolicy == RecreatedStreamPolicy.START_OVER) {
            state.startOver(message.streamCreatedNanos());
        } else {
            state.setStreamCreatedNanos(message.streamCreatedNanos());
        }
    }

    private static final class OutputWithTimestamp<T> implements Collector<T> {

        private SourceOutput<T> output;
        private long timestampMillis;

        @Override
        public void collect(T record) {
            output.collect(record, timestampMillis);
        }

        @Override
        public void close() {
            // The output belongs to the reader.
        }
    }
}
