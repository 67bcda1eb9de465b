package io.ponix.connector.nats.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.ponix.connector.nats.FlinkFixture;
import io.ponix.connector.nats.NatsFixture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The sink in jobs, under faults. */
@Timeout(60)
class JetStreamSinkITCase {

    private static final int MESSAGES = 2_000;

    /** For what is never stored. */
    private static final Duration SHORT = Duration.ofSeconds(4);

    @RegisterExtension static final MiniClusterExtension FLINK = FlinkFixture.withSlots(2);

    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    @TempDir Path checkpoints;

    private String stream;
    private Duration deliveryTimeout = Duration.ofSeconds(15);

    @BeforeEach
    void nameStream(TestInfo test) {
        stream = test.getTestMethod().orElseThrow().getName();
        FailOnce.HAS_FAILED.set(false);
    }

    @Test
    void storesEveryRecord() throws Exception {
        String name = stream; // the test itself cannot travel to the cluster
        NATS.createStream(stream, stream + ".*");

        run(2, false, (record, timestamp) -> message(name, record));

        assertThat(NATS.state(stream).getMsgCount()).isEqualTo(MESSAGES);
        assertThat(storedRecords()).hasSize(MESSAGES);
    }

    @Test
    void recordWithoutMessageIsSkipped() throws Exception {
        String name = stream; // the test itself cannot travel to the cluster
        NATS.createStream(stream, stream + ".*");

        run(1, false, (record, timestamp) -> record % 2 == 0 ? message(name, record) : null);

        assertThat(NATS.state(stream).getMsgCount()).isEqualTo(MESSAGES / 2);
    }

    @Test
    void repetitionAfterARestartIsStoredOnceByItsMessageId() throws Exception {
        String name = stream; // the test itself cannot travel to the cluster
        createStreamWithDuplicateWindow();

        run(1, true, (record, timestamp) -> message(name, record).messageId("record:" + record));

        assertThat(FailOnce.HAS_FAILED).isTrue();
        assertThat(NATS.state(stream).getMsgCount()).isEqualTo(MESSAGES);
        assertThat(storedRecords()).hasSize(MESSAGES);
    }

    @Test
    void repetitionWithoutMessageIdIsStoredAgainButNothingIsLost() throws Exception {
        String name = stream; // the test itself cannot travel to the cluster
        NATS.createStream(stream, stream + ".*");

        run(1, true, (record, timestamp) -> message(name, record));

        assertThat(FailOnce.HAS_FAILED).isTrue();
        assertThat(storedRecords()).hasSize(MESSAGES);
        assertThat(NATS.state(stream).getMsgCount()).isGreaterThan(MESSAGES);
    }

    @Test
    void killedServerIsWaitedForWithoutLoss() throws Exception {
        String name = stream; // the test itself cannot travel to the cluster
        createStreamWithDuplicateWindow();
        JobClient job =
                start(
                        1,
                        false,
                        2_000,
                        (record, timestamp) -> message(name, record).messageId("record:" + record));
        await().until(() -> NATS.state(stream).getMsgCount() > 500);

        NATS.server().kill();
        NATS.server().start();
        job.getJobExecutionResult().get(40, TimeUnit.SECONDS);

        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(storedRecords()).hasSize(MESSAGES));
        assertThat(NATS.state(stream).getMsgCount()).isEqualTo(MESSAGES);
    }

    @Test
    void atTheEndOfTheInputASubjectWithoutStreamFailsTheJobWithAnExplanation() {
        deliveryTimeout = SHORT;
        String name = stream; // the test itself cannot travel to the cluster
        assertThatThrownBy(() -> run(1, false, (record, timestamp) -> message(name, record)))
                .satisfies(
                        failure ->
                                assertThat(ExceptionUtils.stringifyException(failure))
                                        .contains("for subject '" + stream + ".")
                                        .contains("no stream that stores its subject"));
    }

    @Test
    void atTheEndOfTheInputAnOversizedMessageFailsTheJobWithAnExplanation() throws Exception {
        deliveryTimeout = SHORT;
        String name = stream; // the test itself cannot travel to the cluster
        NATS.createStream(stream, stream + ".*");

        assertThatThrownBy(
                        () ->
                                run(
                                        1,
                                        false,
                                        (record, timestamp) ->
                                                record > 0
                                                        ? null
                                                        : JetStreamPublication.of(
                                                                name + ".a", new byte[9 << 20])))
                .satisfies(
                        failure ->
                                assertThat(ExceptionUtils.stringifyException(failure))
                                        .contains("has 9437184 bytes")
                                        .contains("max_payload"));
    }

    @Test
    void whatIsTooLargeForTheServerIsShortened() throws Exception {
        NATS.createStream(stream, stream + ".*");

        run(1, false, new Cutting(stream + ".a"));

        assertThat(NATS.state(stream).getMsgCount()).isEqualTo(1);
        assertThat(NATS.management().getMessage(stream, 1).getData().length)
                .as("the largest message the server takes")
                .isGreaterThan((8 << 20) - 100)
                .isLessThanOrEqualTo(8 << 20);
    }

    @Test
    void atTheEndOfTheInputAMessageTheStreamRefusesFailsTheJobWithAnExplanation() throws Exception {
        deliveryTimeout = SHORT;
        String name = stream; // the test itself cannot travel to the cluster
        NATS.admin()
                .ensureStream(
                        StreamConfiguration.builder()
                                .name(stream)
                                .subjects(stream + ".*")
                                .storageType(StorageType.File)
                                .maximumMessageSize(10)
                                .build());

        assertThatThrownBy(
                        () ->
                                run(
                                        1,
                                        false,
                                        (record, timestamp) ->
                                                JetStreamPublication.of(
                                                        name + ".a", new byte[100])))
                .satisfies(
                        failure ->
                                assertThat(ExceptionUtils.stringifyException(failure))
                                        .contains("has 100 bytes")
                                        .contains("max_msg_size"));
    }

    @Test
    void existingStreamIsTakenAsItIs() throws Exception {
        createStreamWithDuplicateWindow();

        StreamInfo taken =
                NATS.admin()
                        .ensureStream(
                                StreamConfiguration.builder()
                                        .name(stream)
                                        .subjects(stream + ".other")
                                        .storageType(StorageType.Memory)
                                        .build());

        assertThat(taken.getConfiguration().getSubjects()).isEqualTo(List.of(stream + ".*"));
        assertThat(taken.getConfiguration().getStorageType()).isEqualTo(StorageType.File);
        assertThat(NATS.admin().findStream(stream + "-missing")).isEmpty();
    }

    private static JetStreamPublication message(String stream, long record) {
        return JetStreamPublication.of(
                stream + "." + record % 10, Long.toString(record).getBytes(StandardCharsets.UTF_8));
    }

    private void createStreamWithDuplicateWindow() throws Exception {
        NATS.admin()
                .ensureStream(
                        StreamConfiguration.builder()
                                .name(stream)
                                .subjects(stream + ".*")
                                .storageType(StorageType.File)
                                .duplicateWindow(Duration.ofMinutes(5))
                                .build());
    }

    private Set<String> storedRecords() throws Exception {
        Set<String> records = new HashSet<>();
        long last = NATS.state(stream).getLastSequence();
        for (long sequence = 1; sequence <= last; sequence++) {
            records.add(
                    new String(
                            NATS.management().getMessage(stream, sequence).getData(),
                            StandardCharsets.UTF_8));
        }
        return records;
    }

    private void run(
            int parallelism, boolean failOnce, JetStreamSerializationSchema<Long> serializer)
            throws Exception {
        start(parallelism, failOnce, failOnce ? 5_000 : 1_000_000, serializer)
                .getJobExecutionResult()
                .get(40, TimeUnit.SECONDS);
    }

    private JobClient start(
            int parallelism,
            boolean failOnce,
            double recordsPerSecond,
            JetStreamSerializationSchema<Long> serializer)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY, failOnce ? "fixed-delay" : "none");
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        environment.setParallelism(parallelism);
        DataGeneratorSource<Long> numbers =
                new DataGeneratorSource<>(
                        number -> number,
                        MESSAGES,
                        RateLimiterStrategy.perSecond(recordsPerSecond),
                        Types.LONG);
        environment
                .fromSource(numbers, WatermarkStrategy.noWatermarks(), "numbers")
                .map(new FailOnce(failOnce))
                .sinkTo(
                        JetStreamSink.<Long>builder()
                                .setConnection(NATS.connection())
                                .setSerializer(serializer)
                                .setMaxInFlightMessages(500)
                                .setDeliveryTimeout(deliveryTimeout)
                                .build());
        return environment.executeAsync(stream);
    }

    /** Fails the job once, some records after a checkpoint, so that these records come again. */
    private static final class FailOnce extends RichMapFunction<Long, Long>
            implements CheckpointListener {

        private static final long serialVersionUID = 1L;

        static final AtomicBoolean HAS_FAILED = new AtomicBoolean();

        private final boolean fail;
        private boolean checkpointed;
        private int sinceCheckpoint;

        FailOnce(boolean fail) {
            this.fail = fail;
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            checkpointed = true;
        }

        @Override
        public Long map(Long record) {
            if (fail
                    && checkpointed
                    && ++sinceCheckpoint == 300
                    && HAS_FAILED.compareAndSet(false, true)) {
                throw new IllegalStateException("The failure this test asks for");
            }
            return record;
        }
    }

    /** Publishes one message, as large as it may be. */
    private static final class Cutting implements JetStreamSerializationSchema<Long> {

        private static final long serialVersionUID = 1L;

        private final String subject;

        Cutting(String subject) {
            this.subject = subject;
        }

        @Override
        public JetStreamPublication serialize(Long record, Long timestamp) {
            return record == 0
                    ? JetStreamPublication.of(subject, new byte[9 << 20]).messageId("only")
                    : null;
        }

        @Override
        public JetStreamPublication shorten(JetStreamPublication publication, long maximumBytes) {
            int headers = JetStreamPublication.of(subject, new byte[0]).messageId("only").size();
            return JetStreamPublication.of(subject, new byte[(int) maximumBytes - headers])
                    .messageId("only");
        }
    }
}
