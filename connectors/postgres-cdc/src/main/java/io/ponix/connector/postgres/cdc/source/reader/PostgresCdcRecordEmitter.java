package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.change.PostgresChangeDeserializer;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplitState;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.connector.base.source.reader.RecordEmitter;
import org.apache.flink.util.Collector;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Deserializes a change, emits its records with the time of its commit, and moves the split's
 * position.
 */
final class PostgresCdcRecordEmitter<OUT>
        implements RecordEmitter<PositionedChange, OUT, PostgresCdcSplitState> {

    private final PostgresChangeDeserializer<OUT> deserializer;
    private final PostgresCdcSourceMetrics metrics;
    private final OutputCollector<OUT> collector = new OutputCollector<>();

    PostgresCdcRecordEmitter(
            PostgresChangeDeserializer<OUT> deserializer, PostgresCdcSourceMetrics metrics) {
        this.deserializer = deserializer;
        this.metrics = metrics;
    }

    @Override
    public void emitRecord(
            PositionedChange element, SourceOutput<OUT> output, PostgresCdcSplitState splitState) {
        PostgresChange change = element.change();
        if (change != null) {
            collector.output = output;
            collector.timestamp = change.commitTimestamp().toEpochMilli();
            try {
                deserializer.deserialize(change, collector);
            } catch (Exception e) {
                throw new FlinkRuntimeException(
                        "Cannot read the change " + change + " at " + element.position(), e);
            }
            metrics.changed(change);
        } else {
            metrics.onlyMoved();
        }
        if (element.published() != null) {
            collector.output = output;
            collector.timestamp = System.currentTimeMillis();
            deserializer.published(element.published(), collector);
        }
        splitState.setPosition(element.position());
    }

    private static final class OutputCollector<OUT> implements Collector<OUT> {
        private SourceOutput<OUT> output;
        private long timestamp;

        @Override
        public void collect(OUT record) {
            output.collect(record, timestamp);
        }

        @Override
        public void close() {
            // The output belongs to the reader.
        }
    }
}
