package io.ponix.connector.nats.source.reader;

import io.ponix.connector.nats.source.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.JetStreamMessage;
import io.ponix.connector.nats.source.split.JetStreamSplitState;
import java.io.IOException;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.connector.base.source.reader.RecordEmitter;
import org.apache.flink.util.Collector;

/** Makes records of a message and moves the split's position behind it. */
final class JetStreamRecordEmitter<OUT>
        implements RecordEmitter<JetStreamMessage, OUT, JetStreamSplitState> {

    private final JetStreamDeserializationSchema<OUT> deserializer;
    private final ReaderMetrics metrics;
    private final OutputWithTimestamp<OUT> collector = new OutputWithTimestamp<>();

    JetStreamRecordEmitter(
            JetStreamDeserializationSchema<OUT> deserializer, ReaderMetrics metrics) {
        this.deserializer = deserializer;
        this.metrics = metrics;
    }

    @Override
    public void emitRecord(
            JetStreamMessage message, SourceOutput<OUT> output, JetStreamSplitState state)
            throws Exception {
        long sequence = message.sequence();
        if (sequence < state.nextSequence()) {
            metrics.redeliveryDropped();
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
        state.setNextSequence(sequence + 1);
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
