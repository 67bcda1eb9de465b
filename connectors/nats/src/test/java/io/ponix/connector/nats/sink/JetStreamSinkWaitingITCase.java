package io.ponix.connector.nats.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.JetStreamManagement;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.FlinkFixture;
import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.nats.source.CapturedLog;
import io.ponix.embedded.nats.EmbeddedNats;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
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
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams that do not store what is published: nothing but the messages waits for them. */
@Timeout(90)
class JetStreamSinkWaitingITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int RECORDS_PER_SECOND = 200;
    private static final AtomicInteger STREAMS = new AtomicInteger();

    @RegisterExtension static final MiniClusterExtension FLINK = FlinkFixture.withSlots(1);

    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    @TempDir Path folder;

    private String stream;
    private JobClient job;

    @BeforeEach
    void nameStream() {
        stream = "waiting" + STREAMS.incrementAndGet();
        Progress.reset();
    }

    /** A job that still ended would write a checkpoint into the folder that is being removed. */
    @AfterEach
    void cancel() throws Exception {
        if (job != null && !job.getJobStatus().get().isGloballyTerminalState()) {
            job.cancel().get();
            await().atMost(PATIENCE)
                    .until(() -> job.getJobStatus().get().isGloballyTerminalState());
        }
    }

    /** What may be wrong with a stream, how that comes about and how it is mended. */
    enum Trouble {
        MISSING("no stream that stores its subject", null) {
            @Override
            void begin(StreamConfiguration configuration, JetStreamManagement management)
                    throws Exception {
                management.deleteStream(configuration.getName());
            }

            @Override
            void end(StreamConfiguration configuration, JetStreamManagement management)
                    throws Exception {
                management.addStream(configuration);
            }
        },
        OTHER_SUBJECTS(
                "no stream that stores its subject",
                (changed, stream) ->
                        changed.subjects(stream.getConfiguration().getName() + "-other.*")),
        // A limit below what a stream holds would remove some of it.
        NO_MORE_MESSAGES(
                "make room in it",
                (changed, stream) ->
                        changed.discardPolicy(DiscardPolicy.New)
                                .maxMessages(stream.getStreamState().getMsgCount() + 10)),
        NO_MORE_BYTES(
                "make room in it",
                (changed, stream) ->
                        changed.discardPolicy(DiscardPolicy.New)
                                .maxBytes(stream.getStreamState().getByteCount() + 1_000)),
        NO_MORE_OF_A_SUBJECT(
                "make room in it",
                (changed, stream) ->
                        changed.discardPolicy(DiscardPolicy.New)
                                .discardNewPerSubject(true)
                                .maxMessagesPerSubject(1)),
        SEALED("is refused by the stream", (changed, stream) -> changed.seal()) {
            @Override
            void end(StreamConfiguration configuration, JetStreamManagement management)
                    throws Exception {
                management.deleteStream(configuration.getName());
                management.addStream(configuration);
            }
        },
        TOO_SMALL("max_msg_size", (changed, stream) -> changed.maximumMessageSize(4));

        private final String explanation;
        private final BiConsumer<StreamConfiguration.Builder, StreamInfo> change;

        Trouble(String explanation, BiConsumer<StreamConfiguration.Builder, StreamInfo> change) {
            this.explanation = explanation;
            this.change = change;
        }

        void begin(StreamConfiguration configuration, JetStreamManagement management)
                throws Exception {
            StreamConfiguration.Builder changed = StreamConfiguration.builder(configuration);
            change.accept(changed, management.getStreamInfo(configuration.getName()));
            management.updateStream(changed.build());
        }

        void end(StreamConfiguration configuration, JetStreamManagement management)
                throws Exception {
            management.updateStream(configuration);
        }
    }

    @ParameterizedTest
    @EnumSource(Trouble.class)
    void neitherRecordsNorCheckpointsWaitAndNothingIsLost(Trouble trouble) throws Exception {
        StreamConfiguration configuration = configuration(stream);
        NATS.management().addStream(configuration);
        try (CapturedLog log = CapturedLog.open()) {
            start(NATS.connection(), numbered(stream), sink -> sink);
            await().atMost(PATIENCE).until(() -> NATS.state(stream).getMsgCount() > 10);
            trouble.begin(configuration, NATS.management());
            int checkpoints = Progress.CHECKPOINTS.get();
            long records = Progress.RECORDS.get();
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    Progress.CHECKPOINTS.get() > checkpoints + 5
                                            && Progress.RECORDS.get()
                                                    > records + RECORDS_PER_SECOND);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(log.lines())
                                            .anySatisfy(
                                                    line ->
                                                            assertThat(line)
                                                                    .contains(
                                                                            "for subject '"
                                                                                    + stream,
                                                                            trouble.explanation)));
            // The time from a checkpoint that holds what waits.
            Progress.FAIL.set(true);
            await().atMost(PATIENCE).until(() -> Progress.STARTS.get() == 2);
            int beforeRestart = Progress.CHECKPOINTS.get();
            await().atMost(PATIENCE).until(() -> Progress.CHECKPOINTS.get() > beforeRestart + 1);

            trouble.end(configuration, NATS.management());
            long last = Progress.RECORDS.get();
            awaitStoredAfterTrouble(trouble, last);
            assertThat(Progress.STARTS).hasValue(2);
        }
    }

    @Test
    void whenNoMoreMayWaitTheTaskStandsStillUntilThereIsRoom() throws Exception {
        StreamConfiguration configuration = configuration(stream);
        NATS.management().addStream(configuration);
        Trouble.NO_MORE_MESSAGES.begin(configuration, NATS.management());
        try (CapturedLog log = CapturedLog.open()) {
            start(NATS.connection(), numbered(stream), sink -> sink.setMaxWaitingMessages(100));
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(log.lines())
                                            .anySatisfy(
                                                    line ->
                                                            assertThat(line)
                                                                    .contains(
                                                                            "100 messages wait",
                                                                            "task stands still")));
        }
        // Ten are stored, a hundred wait, and one has no place.
        assertThat(Progress.RECORDS).hasValue(111);

        Trouble.NO_MORE_MESSAGES.end(configuration, NATS.management());
        await().atMost(PATIENCE)
                .until(() -> Progress.RECORDS.get() > 1_000 && Progress.CHECKPOINTS.get() > 3);
        awaitStored(1_000);
        assertThat(Progress.STARTS).hasValue(1);
    }

    @Test
    void whatIsTooLargeForTheStreamIsCutToTheLimitAsItIsThen() throws Exception {
        StreamConfiguration configuration = configuration(stream);
        NATS.management().addStream(configuration);
        String subject = stream + ".large";
        start(NATS.connection(), new Cutting(subject, 1_000), sink -> sink);
        await().atMost(PATIENCE).until(() -> lastSize(subject) == 1_000);
        for (int limit : new int[] {300, 100, 500}) {
            NATS.management()
                    .updateStream(
                            StreamConfiguration.builder(configuration)
                                    .maximumMessageSize(limit)
                                    .build());
            await().atMost(PATIENCE).until(() -> lastSize(subject) == limit);
        }
        NATS.management().updateStream(configuration);
        await().atMost(PATIENCE).until(() -> lastSize(subject) == 1_000);
        assertThat(Progress.STARTS).hasValue(1);
    }

    @Test
    void aPublicationThatIsNotPermittedWaitsAndThePermissionIsNamed() throws Exception {
        EmbeddedNats guarded =
                EmbeddedNats.builder()
                        .home(folder.resolve("guarded"))
                        .configuration(
                                "authorization { users: [{user: \"reader\", password: \"r\","
                                        + " permissions: {publish: {deny: \"closed.>\"}}}] }")
                        .build();
        try (CapturedLog log = CapturedLog.open()) {
            guarded.start();
            NatsSettings connection =
                    NatsSettings.builder()
                            .servers(guarded.url())
                            .userAndPassword("reader", "r")
                            .build();
            start(connection, numbered("closed"), sink -> sink);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(log.lines())
                                            .anySatisfy(
                                                    line ->
                                                            assertThat(line)
                                                                    .contains(
                                                                            "messages wait",
                                                                            "Permissions Violation",
                                                                            "\"closed.")));
            int checkpoints = Progress.CHECKPOINTS.get();
            await().atMost(PATIENCE).until(() -> Progress.CHECKPOINTS.get() > checkpoints + 5);
            assertThat(Progress.STARTS).hasValue(1);
            cancel();
        } finally {
            guarded.close();
        }
    }

    private void awaitStored(long records) {
        await().atMost(PATIENCE).untilAsserted(() -> assertMissing(records).isEmpty());
    }

    /** A stream that was made anew has lost what it held: not what was waiting for it. */
    private void awaitStoredAfterTrouble(Trouble trouble, long records) {
        if (trouble != Trouble.MISSING && trouble != Trouble.SEALED) {
            awaitStored(records);
            return;
        }
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            List<Long> stored = storedRecords();
                            assertThat(stored).contains(records);
                            long first = stored.stream().mapToLong(each -> each).min().getAsLong();
                            assertThat(first).isLessThan(records - RECORDS_PER_SECOND);
                            assertThat(stored)
                                    .containsAll(
                                            IntStream.rangeClosed((int) first, (int) records)
                                                    .mapToObj(each -> (long) each)
                                                    .toList());
                        });
    }

    private ListAssert<Long> assertMissing(long records) throws Exception {
        List<Long> stored = storedRecords();
        List<Long> missing = new ArrayList<>();
        for (long record = 1; record <= records; record++) {
            missing.add(record);
        }
        missing.removeAll(new HashSet<>(stored));
        assertThat(stored).doesNotHaveDuplicates();
        return assertThat(missing);
    }

    private List<Long> storedRecords() throws Exception {
        List<Long> records = new ArrayList<>();
        long last = NATS.state(stream).getLastSequence();
        for (long sequence = 1; sequence <= last; sequence++) {
            records.add(
                    Long.parseLong(
                            new String(
                                    NATS.management().getMessage(stream, sequence).getData(),
                                    StandardCharsets.UTF_8)));
        }
        return records;
    }

    /** Zero while nothing is stored under the subject. */
    private int lastSize(String subject) throws Exception {
        if (NATS.state(stream).getMsgCount() == 0) {
            return 0;
        }
        var message = NATS.management().getLastMessage(stream, subject);
        return message.getData().length + message.getHeaders().serializedLength();
    }

    private static StreamConfiguration configuration(String stream) {
        return StreamConfiguration.builder()
                .name(stream)
                .subjects(stream + ".*")
                .storageType(StorageType.File)
                .duplicateWindow(Duration.ofMinutes(5))
                .build();
    }

    private static JetStreamSerializationSchema<Long> numbered(String stream) {
        return (record, timestamp) ->
                JetStreamPublication.of(
                                stream + "." + record % 10,
                                Long.toString(record).getBytes(StandardCharsets.UTF_8))
                        .messageId("record:" + record);
    }

    private interface Settings {
        JetStreamSinkBuilder<Long> on(JetStreamSinkBuilder<Long> sink);
    }

    private void start(
            NatsSettings connection,
            JetStreamSerializationSchema<Long> serializer,
            Settings settings)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        environment.setParallelism(1);
        environment
                .fromSource(
                        new DataGeneratorSource<>(
                                number -> number + 1,
                                Long.MAX_VALUE,
                                RateLimiterStrategy.perSecond(RECORDS_PER_SECOND),
                                Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .map(new Progress())
                .sinkTo(
                        settings.on(
                                        JetStreamSink.<Long>builder()
                                                .setConnection(connection)
                                                .setSerializer(serializer))
                                .build());
        job = environment.executeAsync(stream);
        await().atMost(PATIENCE).until(() -> job.getJobStatus().get() == JobStatus.RUNNING);
    }

    /** Tells the test how far the job is, and fails when the test asks for it. */
    private static final class Progress extends RichMapFunction<Long, Long>
            implements CheckpointListener {

        private static final long serialVersionUID = 1L;

        static final AtomicLong RECORDS = new AtomicLong();
        static final AtomicInteger CHECKPOINTS = new AtomicInteger();
        static final AtomicInteger STARTS = new AtomicInteger();
        static final AtomicBoolean FAIL = new AtomicBoolean();

        static void reset() {
            RECORDS.set(0);
            CHECKPOINTS.set(0);
            STARTS.set(0);
            FAIL.set(false);
        }

        @Override
        public void open(OpenContext context) {
            STARTS.incrementAndGet();
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            CHECKPOINTS.incrementAndGet();
        }

        @Override
        public Long map(Long record) {
            if (FAIL.compareAndSet(true, false)) {
                throw new IllegalStateException("The failure this test asks for");
            }
            RECORDS.set(record);
            return record;
        }
    }

    /** Messages of one size, and those that are too large as large as they may be. */
    private static final class Cutting implements JetStreamSerializationSchema<Long> {

        private static final long serialVersionUID = 1L;

        private final String subject;
        private final int size;

        Cutting(String subject, int size) {
            this.subject = subject;
            this.size = size;
        }

        @Override
        public JetStreamPublication serialize(Long record, Long timestamp) {
            return sized(record.toString(), size);
        }

        @Override
        public JetStreamPublication shorten(JetStreamPublication publication, long maximumBytes) {
            return sized(publication.id(), (int) maximumBytes);
        }

        private JetStreamPublication sized(String id, int bytes) {
            JetStreamPublication empty =
                    JetStreamPublication.of(subject, new byte[0]).messageId(id);
            byte[] data = new byte[bytes - empty.size()];
            Arrays.fill(data, (byte) 'x');
            return JetStreamPublication.of(subject, data).messageId(id);
        }
    }
}
