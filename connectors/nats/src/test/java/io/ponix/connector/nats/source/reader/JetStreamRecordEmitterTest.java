package io.ponix.connector.nats.source.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.impl.Headers;
import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.message.JetStreamMessage;
import io.ponix.connector.nats.source.settings.RecreatedStreamPolicy;
import io.ponix.connector.nats.source.split.AlreadyRead;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.JetStreamSplitState;
import io.ponix.connector.nats.source.split.MessageStamp;
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

    private static final long CREATED = 1_000;
    private static final long CREATED_AGAIN = 2_000;

    private final MetricListener metricListener = new MetricListener();
    private final ReaderMetrics metrics =
            new ReaderMetrics(
                    InternalSourceReaderMetricGroup.mock(metricListener.getMetricGroup()));
    private final JetStreamRecordEmitter<String> emitter =
            new JetStreamRecordEmitter<>(new Words(), RecreatedStreamPolicy.START_OVER, metrics);
    private final JetStreamSplitState state =
            new JetStreamSplitState(
                    new JetStreamSplit(
                            "s",
                            ">",
                            10,
                            JetStreamSplit.NO_STOP,
                            CREATED,
                            List.of(new AlreadyRead("s.x", 15), new AlreadyRead("s.*", 20)),
                            List.of()));
    private final Output output = new Output();

    @Test
    void emitsAllRecordsOfAMessageThenMovesOn() throws Exception {
        emitter.emitRecord(new Message(15, "a b c"), output, state);

        assertThat(output.records).containsExactly("a at 15", "b at 15", "c at 15");
        assertThat(state.nextSequence()).isEqualTo(16);
        assertThat(dropped()).isZero();
    }

    @Test
    void dropsWhatTheStateSaysWasEmitted() throws Exception {
        emitter.emitRecord(new Message(9, "old"), output, state);
        emitter.emitRecord(new Message(15, "new"), output, state);
        emitter.emitRecord(new Message(15, "again"), output, state);

        assertThat(output.records).containsExactly("new at 15");
        assertThat(state.nextSequence()).isEqualTo(16);
        assertThat(dropped()).isEqualTo(2);
    }

    @Test
    void dropsWhatASplitReadThatThisOneHasReplaced() throws Exception {
        emitter.emitRecord(new Message("s.x", 14, "old", CREATED), output, state);
        emitter.emitRecord(new Message("s.x", 15, "new", CREATED), output, state);
        assertThat(state.toSplit().alreadyRead()).hasSize(2);
        emitter.emitRecord(new Message("s.y", 19, "old", CREATED), output, state);
        emitter.emitRecord(new Message("s.y", 20, "new", CREATED), output, state);

        assertThat(output.records).containsExactly("new at 15", "new at 20");
        assertThat(state.nextSequence()).isEqualTo(21);
        assertThat(state.toSplit().alreadyRead()).as("lies behind us now").isEmpty();
        assertThat(dropped()).isEqualTo(2);
    }

    @Test
    void streamThatWasCreatedAgainIsReadFromItsBeginning() throws Exception {
        emitter.emitRecord(new Message(30, "old"), output, state);
        emitter.emitRecord(new Message("s.x", 1, "new", CREATED_AGAIN), output, state);
        emitter.emitRecord(new Message("s.x", 2, "new", CREATED_AGAIN), output, state);

        assertThat(output.records).containsExactly("old at 30", "new at 1", "new at 2");
        assertThat(state.toSplit())
                .isEqualTo(
                        new JetStreamSplit(
                                "s",
                                ">",
                                3,
                                JetStreamSplit.NO_STOP,
                                CREATED_AGAIN,
                                List.of(),
                                List.of(new MessageStamp(2, 2_999_999))));
        assertThat(dropped()).isZero();
    }

    @Test
    void streamThatContinuesTheOldOneIsReadOnAtItsPosition() throws Exception {
        JetStreamRecordEmitter<String> keeping =
                new JetStreamRecordEmitter<>(
                        new Words(), RecreatedStreamPolicy.KEEP_POSITION, metrics);
        keeping.emitRecord(new Message(30, "old"), output, state);
        keeping.emitRecord(new Message("s.x", 30, "copy", CREATED_AGAIN), output, state);
        keeping.emitRecord(new Message("s.x", 31, "new", CREATED_AGAIN), output, state);

        assertThat(output.records).containsExactly("old at 30", "new at 31");
        assertThat(state.streamCreatedNanos()).isEqualTo(CREATED_AGAIN);
        assertThat(dropped()).isEqualTo(1);
    }

    @Test
    void streamThatWentBackIsReadOnWhereTheHistoriesPart() throws Exception {
        emitter.emitRecord(new Message(15, "shared"), output, state);
        emitter.emitRecord(new Message(25, "forgotten"), output, state);
        emitter.emitRecord(new Message(26, "forgotten"), output, state);
        emitter.emitRecord(new Message("s.x", 21, "new", CREATED, 1, 21), output, state);
        assertThat(state.toSplit().history())
                .as("of the messages that are lost nothing is kept")
                .extracting(MessageStamp::sequence)
                .doesNotContain(25L, 26L)
                .contains(21L);
        emitter.emitRecord(new Message("s.x", 25, "new", CREATED, 1, 21), output, state);

        assertThat(output.records)
                .containsExactly(
                        "shared at 15",
                        "forgotten at 25",
                        "forgotten at 26",
                        "new at 21",
                        "new at 25");
        assertThat(state.nextSequence()).isEqualTo(26);
        assertThat(dropped()).isZero();
    }

    @Test
    void whatAnotherSplitReadIsReadAgainWhereTheStreamLostIt() throws Exception {
        // s.y was read before 20.
        emitter.emitRecord(new Message("s.y", 18, "new", CREATED, 1, 18), output, state);

        assertThat(output.records).containsExactly("new at 18");
        assertThat(dropped()).isZero();
    }

    @Test
    void noticeMovesThePositionAndIsNoRecord() throws Exception {
        emitter.emitRecord(new Message(20, "twenty"), output, state);
        emitter.emitRecord(Message.notice(1, 12), output, state);

        assertThat(state.nextSequence()).isEqualTo(12);
        assertThat(state.rewinds()).isEqualTo(1);
        assertThat(output.records).containsExactly("twenty at 20");
    }

    @Test
    void failureOfTheDeserializerSaysWhere() {
        assertThatThrownBy(() -> emitter.emitRecord(new Message(15, "poison"), output, state))
                .hasMessageContaining("sequence 15 of stream 's', subject 's.x'")
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

    private static final class Message implements FetchedMessage {

        private final String subject;
        private final long sequence;
        private final String text;
        private final long streamCreatedNanos;
        private final int rewinds;
        private final long sharedBefore;

        Message(long sequence, String text) {
            this("s.x", sequence, text, CREATED);
        }

        Message(String subject, long sequence, String text, long streamCreatedNanos) {
            this(subject, sequence, text, streamCreatedNanos, 0, 0);
        }

        Message(
                String subject,
                long sequence,
                String text,
                long streamCreatedNanos,
                int rewinds,
                long sharedBefore) {
            this.rewinds = rewinds;
            this.sharedBefore = sharedBefore;
            this.subject = subject;
            this.sequence = sequence;
            this.text = text;
            this.streamCreatedNanos = streamCreatedNanos;
        }

        /** Nothing but what the fetcher knows of the stream. */
        static Message notice(int rewinds, long sharedBefore) {
            return new Message("", 0, null, CREATED, rewinds, sharedBefore);
        }

        @Override
        public boolean isMessage() {
            return text != null;
        }

        @Override
        public long streamCreatedNanos() {
            return streamCreatedNanos;
        }

        @Override
        public int rewinds() {
            return rewinds;
        }

        @Override
        public long sharedBefore() {
            return sharedBefore;
        }

        @Override
        public String stream() {
            return "s";
        }

        @Override
        public String subject() {
            return subject;
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
