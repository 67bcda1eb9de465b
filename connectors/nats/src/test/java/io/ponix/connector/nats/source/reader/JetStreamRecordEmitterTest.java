package io.ponix.connector.nats.source.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.impl.Headers;
import io.ponix.connector.nats.source.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.JetStreamMessage;
import io.ponix.connector.nats.source.JetStreamSourceMetrics;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.JetStreamSplitState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;

class JetStreamRecordEmitterTest {

    private final MetricListener metricListener = new MetricListener();
    private final ReaderMetrics metrics =
            new ReaderMetrics(
                    InternalSourceReaderMetricGroup.mock(metricListener.getMetricGroup()));
    private final JetStreamRecordEmitter<String> emitter =
            new JetStreamRecordEmitter<>(new Words(), metrics);
    private final JetStreamSplitState state =
            new JetStreamSplitState(new JetStreamSplit("s", ">", 10, JetStreamSplit.NO_STOP));
    private final Output output = new Output();

    @Test
    void emitsAllRecordsOfAMessageThenMovesOn() throws Exception {
        emitter.emitRecord(new Message(12, "a b c"), output, state);

        assertThat(output.records).containsExactly("a at 12", "b at 12", "c at 12");
        assertThat(state.nextSequence()).isEqualTo(13);
        assertThat(dropped()).isZero();
    }

    @Test
    void dropsWhatTheStateSaysWasEmitted() throws Exception {
        emitter.emitRecord(new Message(9, "old"), output, state);
        emitter.emitRecord(new Message(10, "new"), output, state);
        emitter.emitRecord(new Message(10, "again"), output, state);

        assertThat(output.records).containsExactly("new at 10");
        assertThat(state.nextSequence()).isEqualTo(11);
        assertThat(dropped()).isEqualTo(2);
    }

    @Test
    void failureOfTheDeserializerSaysWhere() {
        assertThatThrownBy(() -> emitter.emitRecord(new Message(12, "poison"), output, state))
                .hasMessageContaining("sequence 12 of stream 's', subject 's.x'")
                .hasRootCauseMessage("poison");
        assertThat(state.nextSequence()).as("it is read again").isEqualTo(10);
    }

    private long dropped() {
        return metricListener
                .getMetric(
                        Counter.class,
                        JetStreamSourceMetrics.GROUP,
                        JetStreamSourceMetrics.REDELIVERIES_DROPPED)
                .orElseThrow()
                .getCount();
    }

    private static final class Message implements JetStreamMessage {

        private final long sequence;
        private final String text;

        Message(long sequence, String text) {
            this.sequence = sequence;
            this.text = text;
        }

        @Override
        public String stream() {
            return "s";
        }

        @Override
        public String subject() {
            return "s.x";
        }

        @Override
        public long sequence() {
            return sequence;
        }

        @Override
        public long timestampNanos() {
            return sequence * 1_000_000 + 999_999;
        }

        @Override
        public byte[] data() {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Headers headers() {
            return null;
        }
    }

    private static final class Words implements JetStreamDeserializationSchema<String> {

        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(JetStreamMessage message, Collector<String> out) {
            for (String word : new String(message.data(), StandardCharsets.UTF_8).split(" ")) {
                if (word.equals("poison")) {
                    throw new IllegalStateException(word);
                }
                out.collect(word);
            }
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }
    }

    private static final class Output implements SourceOutput<String> {

        private final List<String> records = new ArrayList<>();

        @Override
        public void collect(String record) {
            throw new AssertionError("Every record has the time of its message");
        }

        @Override
        public void collect(String record, long timestamp) {
            records.add(record + " at " + timestamp);
        }

        @Override
        public void emitWatermark(Watermark watermark) {}

        @Override
        public void markIdle() {}

        @Override
        public void markActive() {}
    }
}
