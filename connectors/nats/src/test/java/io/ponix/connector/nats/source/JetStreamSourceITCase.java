package io.ponix.connector.nats.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.connector.nats.FlinkFixture;
import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.nats.source.reader.JetStreamSourceMetrics;
import io.ponix.connector.nats.source.settings.SourcePermit;
import io.ponix.connector.nats.source.settings.StoppingPosition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The source in jobs, under faults: whatever happens, a job's state holds every message once. */
@Timeout(60)
class JetStreamSourceITCase {

    private static final JobMetrics METRICS = new JobMetrics();

    @RegisterExtension
    static final MiniClusterExtension FLINK =
            FlinkFixture.withSlots(4, METRICS.clusterConfiguration());

    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    @TempDir Path state;

    private String stream;

    @BeforeEach
    void nameStream(TestInfo test) {
        stream = test.getTestMethod().orElseThrow().getName();
    }

    @Test
    void readsEveryMessageOnceOverFourSplits() throws Exception {
        createPartitions(4);
        NATS.publish(20_000, partitions(4));

        LedgerJob job =
                start(source(4).setStoppingPosition(StoppingPosition.latest()).build(), 2, null);
        job.awaitFinished();

        assertThat(job.ledger().sequences()).isEqualTo(upTo(20_000));
        assertThat(job.ledger().bySubtask().values())
                .as("two of four splits for each of two readers")
                .allSatisfy(part -> assertThat(part).hasSize(10_000));
    }

    @Test
    void nothingIsReadBeforeItIsPermittedAndTheJobFailsWhenItIsNoMore() throws Exception {
        createPartitions(2);
        NATS.publish(1_000, partitions(2));
        Permission.begin();
        LedgerJob job = start(source(2).setPermit(Permission::request).build(), 2, null);
        await().until(() -> Permission.asked.getCount() == 0);
        job.awaitCheckpoint();
        assertThat(job.ledger().sequences()).isEmpty();

        Permission.given.release();
        job.awaitSize(1_000);
        assertThat(Permission.jobId).isEqualTo(job.client().getJobID().toHexString());

        Permission.withdrawn = true;
        assertThat(job.awaitFailure()).hasStackTraceContaining("the permission is withdrawn");
        assertThat(Permission.closed.await(30, TimeUnit.SECONDS)).isTrue();
    }

    /** A permit under the test's control, which shares the JVM with the job. */
    private static final class Permission implements SourcePermit.Held {

        private static volatile Semaphore given;
        private static volatile CountDownLatch asked;
        private static volatile CountDownLatch closed;
        private static volatile boolean withdrawn;
        private static volatile String jobId;

        static void begin() {
            given = new Semaphore(0);
            asked = new CountDownLatch(1);
            closed = new CountDownLatch(1);
            withdrawn = false;
        }

        static Permission request(String job) {
            jobId = job;
            return new Permission();
        }

        @Override
        public void await() throws InterruptedException {
            asked.countDown();
            given.acquire();
        }

        @Override
        public void renew() {
            if (withdrawn) {
                throw new SuppressRestartsException(
                        new IllegalStateException("the permission is withdrawn"));
            }
        }

        @Override
        public Duration renewalInterval() {
            return Duration.ofMillis(50);
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    @Test
    void failureAfterCheckpointLosesAndRepeatsNothing() throws Exception {
        createPartitions(4);
        NATS.publish(10_000, partitions(4));
        Ledger.named(stream).failOnceAfter(12_000);

        LedgerJob job = start(source(4).build(), 2, null);
        job.awaitSize(10_000);
        job.awaitCheckpoint();
        NATS.publish(10_000, partitions(4));
        await().until(() -> job.ledger().hasFailed());
        job.awaitSize(20_000);
        job.awaitCheckpoint();
        job.cancel();

        assertThat(job.ledger().sequences()).isEqualTo(upTo(20_000));
    }

    @Test
    void savepointsResumeAtOtherParallelisms() throws Exception {
        createPartitions(4);
        NATS.publish(3_000, partitions(4));
        LedgerJob two = start(source(4).build(), 2, null);
        two.awaitSize(3_000);
        String first = two.stopWithSavepoint(state);
        NATS.publish(3_000, partitions(4));

        two.ledger().clear();
        LedgerJob four = start(source(4).build(), 4, first);
        four.awaitSize(6_000);
        assertThat(four.ledger().sequences()).isEqualTo(upTo(6_000));
        String second = four.stopWithSavepoint(state);
        NATS.publish(3_000, partitions(4));

        four.ledger().clear();
        LedgerJob again = start(source(4).build(), 2, second);
        again.awaitSize(9_000);
        again.awaitCheckpoint();
        again.cancel();
        assertThat(again.ledger().sequences()).isEqualTo(upTo(9_000));
    }

    @Test
    void restoredSavepointReadsAgainWhatCameAfterIt() throws Exception {
        createPartitions(2);
        NATS.publish(1_000, partitions(2));
        LedgerJob job = start(source(2).build(), 2, null);
        job.awaitSize(1_000);
        String savepoint = job.savepoint(state);
        NATS.publish(10_000, partitions(2));
        job.awaitSize(11_000);
        job.awaitCheckpoint();
        job.cancel();

        job.ledger().clear();
        LedgerJob restored = start(source(2).build(), 2, savepoint);
        restored.awaitSize(11_000);
        restored.awaitCheckpoint();
        restored.cancel();

        assertThat(restored.ledger().sequences()).isEqualTo(upTo(11_000));
        assertThat(restored.ledger().processed()).as("10,000 of them twice").isEqualTo(21_000);
    }

    @Test
    void killedServerIsWaitedForWithoutRestartingTheJob() throws Exception {
        createPartitions(4);
        NATS.publish(10_000, partitions(4));
        Semaphore permits = Ledger.named(stream).hold();
        permits.release(5_000);
        LedgerJob job = start(source(4).build(), 2, null);
        job.awaitSize(5_000);

        NATS.server().kill();
        NATS.server().start();
        permits.release(5_000);
        job.awaitSize(10_000);
        permits.release(1_000_000);
        await().ignoreExceptions().until(() -> NATS.state(stream).getMsgCount() == 10_000);
        NATS.publish(1_000, partitions(4));
        job.awaitSize(11_000);
        job.awaitCheckpoint();
        job.cancel();

        assertThat(job.ledger().sequences()).isEqualTo(upTo(11_000));
        assertThat(job.ledger().processed()).as("nothing was replayed").isEqualTo(11_000);
    }

    @Test
    void frozenServerIsWaitedForWithoutRestartingTheJob() throws Exception {
        createPartitions(2);
        NATS.publish(1_000, partitions(2));
        LedgerJob job = start(source(2).build(), 2, null);
        job.awaitSize(1_000);

        NATS.server().freeze();
        try {
            await().atMost(Duration.ofSeconds(30)).until(() -> reconnects(job) > 0);
        } finally {
            NATS.server().resume();
        }
        NATS.publish(1_000, partitions(2));
        job.awaitSize(2_000);
        job.awaitCheckpoint();
        job.cancel();

        assertThat(job.ledger().sequences()).isEqualTo(upTo(2_000));
        assertThat(job.ledger().processed()).as("nothing was replayed").isEqualTo(2_000);
    }

    @Test
    void deletedConsumersAreMadeAnew() throws Exception {
        createPartitions(2);
        LedgerJob job = start(source(2).build(), 2, null);
        NATS.publish(1_000, partitions(2));
        job.awaitSize(1_000);

        for (String consumer : NATS.management().getConsumerNames(stream)) {
            NATS.management().deleteConsumer(stream, consumer);
        }
        NATS.publish(1_000, partitions(2));
        job.awaitSize(2_000);
        assertThat(reconnects(job)).isEqualTo(2);
        job.awaitCheckpoint();
        job.cancel();

        assertThat(job.ledger().sequences()).isEqualTo(upTo(2_000));
        assertThat(job.ledger().processed()).isEqualTo(2_000);
    }

    @Test
    void backpressureBoundsWhatIsFetched() throws Exception {
        createPartitions(1);
        NATS.publish(30_000, partitions(1));
        Semaphore permits = Ledger.named(stream).hold();
        LedgerJob job = start(source(1).build(), 1, null);
        await().until(() -> delivered() >= 5_000);

        await().during(Duration.ofSeconds(5))
                .until(
                        () ->
                                delivered()
                                        // Waiting in the client, between the threads, and in the
                                        // task.
                                        <= 5_000 + 4 * 1_000);
        permits.release(30_000);
        job.awaitSize(30_000);

        assertThat(reconnects(job)).as("being slow is not a fault").isZero();
        assertThat(METRICS.gauge(job, "pendingRecords")).isZero();
        job.awaitCheckpoint();
        job.cancel();
        assertThat(job.ledger().sequences()).isEqualTo(upTo(30_000));
    }

    @Test
    void splitThatIsAheadInEventTimeWaitsForTheOther() throws Exception {
        createPartitions(2);
        NATS.publish(20_000, partitions(2));
        // Odd sequences are in one split, even ones in the other, whose clock runs a thousand times
        // as fast.
        WatermarkStrategy<Long> aligned =
                WatermarkStrategy.<Long>forMonotonousTimestamps()
                        .withTimestampAssigner(
                                (sequence, stored) ->
                                        sequence % 2 == 1 ? sequence : sequence * 1_000)
                        .withWatermarkAlignment(
                                stream, Duration.ofSeconds(1), Duration.ofMillis(50))
                        .withIdleness(Duration.ofSeconds(8));
        // 3,000 a second: slow enough for the alignment to be told long before everything is
        // through, also on a machine that has other things to do.
        Semaphore permits = Ledger.named(stream).hold();
        LedgerJob job = LedgerJob.start(source(2).build(), aligned, stream, state);
        await().atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> {
                            permits.release(Math.max(0, 60 - permits.availablePermits()));
                            return odd(job) == 10_000;
                        });
        long ahead = job.ledger().size() - odd(job);

        assertThat(ahead).as("read of the split that was ahead").isLessThan(8_000);
        permits.release(1_000_000);
        job.awaitSize(20_000); // the slow split is idle now and holds nobody up any more
        job.cancel();
        assertThat(job.ledger().sequences()).isEqualTo(upTo(20_000));
    }

    private static long odd(LedgerJob job) {
        return job.ledger().sequences().stream().filter(sequence -> sequence % 2 == 1).count();
    }

    @Test
    void quietSplitDoesNotFallBehindTheStream() throws Exception {
        createPartitions(2);
        LedgerJob job = start(source(2).build(), 2, null);
        NATS.publish(100, stream + ".0.device");
        job.awaitSize(100);
        // The fetcher of the other split looks for messages every 10 s.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> METRICS.gauge(job, stream + ".1.*.currentSequence") == 100);
        String savepoint = job.stopWithSavepoint(state);
        NATS.management().purgeStream(stream);
        NATS.publish(100, stream + ".1.device");

        job.ledger().clear();
        LedgerJob restored = start(source(2).build(), 2, savepoint);
        restored.awaitSize(200);
        restored.cancel();

        assertThat(restored.ledger().sequences()).isEqualTo(upTo(200));
    }

    /** How many messages the server has delivered to the job's consumers. */
    private long delivered() throws Exception {
        return NATS.management().getConsumers(stream).stream()
                .mapToLong(consumer -> consumer.getDelivered().getConsumerSequence())
                .sum();
    }

    private static long reconnects(LedgerJob job) {
        return METRICS.counter(job, JetStreamSourceMetrics.RECONNECTS);
    }

    private LedgerJob start(JetStreamSource<Long> source, int parallelism, String savepoint)
            throws Exception {
        return LedgerJob.start(source, stream, parallelism, state, savepoint);
    }

    private JetStreamSourceBuilder<Long> source(int partitions) {
        List<String> filters = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            filters.add(stream + "." + i + ".*");
        }
        return JetStreamSource.<Long>builder()
                .setConnection(NATS.connection())
                .setStream(stream)
                .setFilterSubjects(filters)
                .setDeserializer(new SequenceDeserializer());
    }

    private void createPartitions(int partitions) throws Exception {
        String[] subjects = new String[partitions];
        for (int i = 0; i < partitions; i++) {
            subjects[i] = stream + "." + i + ".*";
        }
        NATS.createStream(stream, subjects);
    }

    private String[] partitions(int count) {
        String[] subjects = new String[count];
        for (int i = 0; i < count; i++) {
            subjects[i] = stream + "." + i + ".device";
        }
        return subjects;
    }

    private static List<Long> upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().collect(Collectors.toList());
    }
}
