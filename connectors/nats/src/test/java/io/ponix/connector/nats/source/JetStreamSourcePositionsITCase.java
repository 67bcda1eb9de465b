package io.ponix.connector.nats.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.api.RetentionPolicy;
import io.nats.client.impl.Headers;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.FlinkFixture;
import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.message.JetStreamMessage;
import io.ponix.connector.nats.source.settings.GapPolicy;
import io.ponix.connector.nats.source.settings.StartingPosition;
import io.ponix.connector.nats.source.settings.StoppingPosition;
import io.ponix.connector.nats.source.stream.JetStreamPreflightException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where the source begins and ends, what it refuses, and what it says about messages that are gone.
 */
@SuppressWarnings(
        "try") // CloseableIterator.close() may throw anything, javac warns of InterruptedException
@Timeout(60)
class JetStreamSourcePositionsITCase {

    @RegisterExtension static final MiniClusterExtension FLINK = FlinkFixture.withSlots(2);

    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    @TempDir Path state;

    private String stream;

    @BeforeEach
    void nameStream(TestInfo test) {
        stream = test.getTestMethod().orElseThrow().getName();
    }

    @Test
    void positionsBoundWhatIsRead() throws Exception {
        NATS.createStream(stream, stream + ".*");
        NATS.publish(100, stream + ".a", stream + ".b");
        // The clock of the messages is the server's, which is ours: strictly between two messages.
        Instant before = Instant.now();
        await().until(() -> Instant.now().isAfter(before.plusMillis(5)));
        Instant between = Instant.now();
        await().until(() -> Instant.now().isAfter(between.plusMillis(5)));
        NATS.publish(100, stream + ".a", stream + ".b");

        assertThat(read(source().setStoppingPosition(StoppingPosition.latest())))
                .isEqualTo(range(1, 200));
        assertThat(
                        read(
                                source().setStartingPosition(StartingPosition.fromSequence(50))
                                        .setStoppingPosition(StoppingPosition.atSequence(60))))
                .isEqualTo(range(50, 60));
        assertThat(
                        read(
                                source().setStartingPosition(StartingPosition.fromTime(between))
                                        .setStoppingPosition(StoppingPosition.latest())))
                .isEqualTo(range(101, 200));
        assertThat(read(source().setStoppingPosition(StoppingPosition.beforeTime(between))))
                .isEqualTo(range(1, 100));
        assertThat(
                        read(
                                source().setStartingPosition(StartingPosition.latest())
                                        .setStoppingPosition(StoppingPosition.latest())))
                .isEmpty();
        assertThat(
                        read(
                                source().setFilterSubjects(stream + ".b")
                                        .allowUncoveredSubjects()
                                        .setStoppingPosition(StoppingPosition.atSequence(9))))
                .as("ends although no message of the filter is at or behind its end")
                .containsExactly(2L, 4L, 6L, 8L);
    }

    @Test
    void emptyStreamEndsAtOnce() throws Exception {
        NATS.createStream(stream, stream + ".*");

        assertThat(read(source().setStoppingPosition(StoppingPosition.latest()))).isEmpty();
        assertThat(read(source().setStoppingPosition(StoppingPosition.beforeTime(Instant.now()))))
                .isEmpty();
    }

    @Test
    void latestSkipsWhatIsThere() throws Exception {
        NATS.createStream(stream, stream + ".*");
        NATS.publish(100, stream + ".a");
        LedgerJob job =
                LedgerJob.start(
                        source().setStartingPosition(StartingPosition.latest()).build(),
                        stream,
                        1,
                        state,
                        null);
        await().until(() -> NATS.state(stream).getConsumerCount() == 1);
        NATS.publish(10, stream + ".a");
        job.awaitSize(10);
        job.cancel();

        assertThat(job.ledger().sequences()).isEqualTo(range(101, 110));
    }

    @Test
    void deserializerSeesTheWholeMessage() throws Exception {
        NATS.createStream(stream, stream + ".*");
        Headers headers = new Headers().add("kind", "test");
        NATS.admin()
                .connection()
                .jetStream()
                .publish(stream + ".x", headers, "päyload".getBytes(StandardCharsets.UTF_8));
        NATS.admin().connection().jetStream().publish(stream + ".y", null);
        long storedAt =
                NATS.management().getMessage(stream, 1).getTime().toInstant().toEpochMilli();

        JetStreamSource<String> source =
                JetStreamSource.<String>builder()
                        .setConnection(NATS.connection())
                        .setStream(stream)
                        .setDeserializer(new Description())
                        .setStoppingPosition(StoppingPosition.latest())
                        .build();
        List<String> records = new ArrayList<>();
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        environment.setParallelism(1);
        try (CloseableIterator<String> results =
                environment
                        .fromSource(source, WatermarkStrategy.noWatermarks(), "source")
                        .process(new WithTimestamp())
                        .executeAndCollect()) {
            results.forEachRemaining(records::add);
        }

        assertThat(records)
                .hasSize(2)
                .first()
                .isEqualTo(stream + " " + stream + ".x 1 test päyload at " + storedAt);
        assertThat(records.get(1)).startsWith(stream + " " + stream + ".y 2 - ");
    }

    @Test
    void largeMessagesAreReadWithinSmallBounds() throws Exception {
        NATS.createStream(stream, stream + ".*");
        List<Integer> sizes = List.of(10, 500_000, 10, 60_000, 200_000, 0, 70_000, 1);
        for (int size : sizes) {
            NATS.admin().connection().jetStream().publish(stream + ".a", new byte[size]);
        }

        assertThat(
                        read(
                                source().setPrefetchBytes(65_536)
                                        .setPrefetchMessages(3)
                                        .setStoppingPosition(StoppingPosition.latest())))
                .isEqualTo(range(1, sizes.size()));
    }

    @Test
    void lostMessagesFailTheJobUnlessThePolicyIsToGoOn() throws Exception {
        NATS.createStream(stream, stream + ".*");
        NATS.publish(100, stream + ".a");
        LedgerJob job = LedgerJob.start(source().build(), stream, 1, state, null);
        job.awaitSize(100);
        String savepoint = job.stopWithSavepoint(state);
        NATS.publish(100, stream + ".a");
        NATS.management()
                .purgeStream(stream, io.nats.client.PurgeOptions.builder().sequence(151).build());

        LedgerJob failing =
                LedgerJob.startWithoutRestarts(source().build(), stream, state, savepoint);
        assertThat(rootMessage(failing.awaitFailure()))
                .contains("Sequences 101 to 150 of stream '" + stream + "' are gone")
                .contains("gap policy");

        failing.ledger().clear();
        LedgerJob continuing =
                LedgerJob.start(
                        source().setGapPolicy(GapPolicy.CONTINUE).build(),
                        stream,
                        1,
                        state,
                        savepoint);
        continuing.awaitSize(150);
        continuing.cancel();
        List<Long> expected = range(1, 100);
        expected.addAll(range(151, 200));
        assertThat(continuing.ledger().sequences()).isEqualTo(expected);
    }

    @Test
    void preflightSaysWhatToChange() throws Exception {
        assertThatThrownBy(() -> source().build().preflight())
                .isInstanceOf(JetStreamPreflightException.class)
                .hasMessageStartingWith("stream: there is no stream '" + stream + "'");

        NATS.createStream(stream, stream + ".a.*", stream + ".b.*");
        assertThatCode(() -> source().build().preflight()).doesNotThrowAnyException();
        assertThatThrownBy(() -> source().setFilterSubjects(stream + ".a.*").build().preflight())
                .isInstanceOf(JetStreamPreflightException.class)
                .hasMessageStartingWith("filterSubjects: ")
                .hasMessageContaining("'" + stream + ".b.*' are not covered");
        assertThatCode(
                        () ->
                                source().setFilterSubjects(stream + ".a.*")
                                        .allowUncoveredSubjects()
                                        .build()
                                        .preflight())
                .doesNotThrowAnyException();
        assertThatThrownBy(
                        () ->
                                source().setFilterSubjects(stream + ".*.*", "elsewhere.*")
                                        .build()
                                        .preflight())
                .hasMessageContaining("'elsewhere.*' can never match");

        assertThatThrownBy(
                        () ->
                                source().setConnection(
                                                NatsSettings.builder()
                                                        .servers("nats://127.0.0.1:1")
                                                        .connectionTimeout(Duration.ofSeconds(1))
                                                        .build())
                                        .build()
                                        .preflight())
                .hasMessageContaining("Cannot connect to NATS at nats://127.0.0.1:1");
    }

    @Test
    void streamsThatConsumeTheirMessagesAreRefused() throws Exception {
        NATS.createStream(stream, RetentionPolicy.WorkQueue, stream + ".*");
        NATS.createStream(stream + "Interest", RetentionPolicy.Interest, stream + "Interest.*");

        assertThatThrownBy(() -> source().allowConsumingRetention().build().preflight())
                .isInstanceOf(JetStreamPreflightException.class)
                .hasMessageContaining("WorkQueue retention");
        assertThatThrownBy(() -> source().setStream(stream + "Interest").build().preflight())
                .isInstanceOf(JetStreamPreflightException.class)
                .hasMessageContaining("Interest retention")
                .hasMessageContaining("allowConsumingRetention()");
        assertThatCode(
                        () ->
                                source().setStream(stream + "Interest")
                                        .allowConsumingRetention()
                                        .build()
                                        .preflight())
                .doesNotThrowAnyException();

        LedgerJob job = LedgerJob.startWithoutRestarts(source().build(), stream, state, null);
        assertThat(rootMessage(job.awaitFailure())).contains("WorkQueue retention");
    }

    private JetStreamSourceBuilder<Long> source() {
        return JetStreamSource.<Long>builder()
                .setConnection(NATS.connection())
                .setStream(stream)
                .setDeserializer(new SequenceDeserializer());
    }

    private static List<Long> read(JetStreamSourceBuilder<Long> source) throws Exception {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        environment.setParallelism(1);
        List<Long> sequences = new ArrayList<>();
        try (CloseableIterator<Long> results =
                environment
                        .fromSource(source.build(), WatermarkStrategy.noWatermarks(), "source")
                        .executeAndCollect()) {
            results.forEachRemaining(sequences::add);
        }
        return sequences;
    }

    private static String rootMessage(Throwable failure) {
        return ExceptionUtils.stringifyException(failure);
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().collect(Collectors.toList());
    }

    /** Everything a message has, as text. */
    private static final class Description implements JetStreamDeserializationSchema<String> {

        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(JetStreamMessage message, Collector<String> out) {
            out.collect(
                    String.join(
                            " ",
                            message.stream(),
                            message.subject(),
                            Long.toString(message.sequence()),
                            message.headers() == null ? "-" : message.headers().getFirst("kind"),
                            new String(message.data(), StandardCharsets.UTF_8)));
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }
    }

    /** Adds the event time to a record. */
    private static final class WithTimestamp extends ProcessFunction<String, String> {

        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(String record, Context context, Collector<String> out) {
            out.collect(record + " at " + context.timestamp());
        }
    }
}
