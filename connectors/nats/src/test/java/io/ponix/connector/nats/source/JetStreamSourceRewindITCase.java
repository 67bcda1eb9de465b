package io.ponix.connector.nats.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.ponix.connector.nats.FlinkFixture;
import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.nats.source.reader.JetStreamSourceMetrics;
import io.ponix.connector.nats.source.settings.GapPolicy;
import io.ponix.connector.nats.source.settings.RewoundStreamPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stream loses its tail, as after a loss of power or when an older copy of the server's folder is
 * put back, and gives the sequences that were read to new messages: each of them is read.
 */
@Timeout(60)
class JetStreamSourceRewindITCase {

    private static final int PARTITIONS = 8;

    private static final JobMetrics METRICS = new JobMetrics();

    @RegisterExtension
    static final MiniClusterExtension FLINK =
            FlinkFixture.withSlots(2, METRICS.clusterConfiguration());

    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    @TempDir Path state;

    private String stream;

    /** What the server's store held when the job had read just that. */
    private NatsFixture.Copy copy;

    @BeforeEach
    void nameStream(TestInfo test) {
        stream = test.getTestMethod().orElseThrow().getName();
    }

    @Test
    void whatIsPublishedAtOnceIsReadThoughTheStreamIsLongerThanBeforeByThen() throws Exception {
        LedgerJob job = startAndCopy(source(), 1_100, partitions());
        publishAndRead(job, 200, partitions());

        try (CapturedLog log = CapturedLog.open()) {
            NATS.putBack(copy);
            publishAndRead(job, 300, partitions());
            assertThat(log.lines())
                    .anySatisfy(
                            line ->
                                    assertThat(line)
                                            .contains("Stream '" + stream + "' went back")
                                            .contains("from sequence 1101 on"));
        }
        job.awaitCheckpoint();
        List<Long> expected = twice(1_101, 1_300, 1_400);
        assertThat(job.ledger().sequences()).isEqualTo(expected);
        assertThat(METRICS.counter(job, JetStreamSourceMetrics.REWINDS)).isEqualTo(PARTITIONS);
        assertThat(job.ledger().processed()).as("without a restart").isEqualTo(1_600);

        // The state belongs to the new history now.
        String savepoint = job.stopWithSavepoint(state);
        publish(100, partitions());
        job.ledger().clear();
        LedgerJob restored = start(source(), savepoint);
        restored.awaitSize(1_700);
        restored.awaitCheckpoint();
        assertThat(METRICS.counter(restored, JetStreamSourceMetrics.REWINDS)).isZero();
        restored.cancel();
        expected.addAll(range(1_401, 1_500));
        expected.sort(null);
        assertThat(restored.ledger().sequences()).isEqualTo(expected);
    }

    @Test
    void savepointThatIsAheadOfTheStreamReadsWhatIsNew() throws Exception {
        LedgerJob job = startAndCopy(source(), 5_000, partitions());
        publishAndRead(job, 10_000, partitions());
        String savepoint = job.stopWithSavepoint(state);
        NATS.putBack(copy);
        publish(300, partitions());

        job.ledger().clear();
        LedgerJob shorter = start(source(), savepoint);
        shorter.awaitSize(15_300);
        shorter.awaitCheckpoint();
        shorter.cancel();
        assertThat(shorter.ledger().sequences()).isEqualTo(twice(5_001, 5_300, 15_000));

        // And when the stream has grown past the state.
        publish(12_000, partitions());
        shorter.ledger().clear();
        LedgerJob longer = start(source(), savepoint);
        longer.awaitSize(27_300);
        longer.awaitCheckpoint();
        longer.cancel();
        assertThat(longer.ledger().sequences()).isEqualTo(twice(5_001, 15_000, 17_300));
    }

    @Test
    void splitThatHasReadNothingOfItsOwnMissesNothing() throws Exception {
        LedgerJob job = startAndCopy(source(), 100, partitions());
        publishAndRead(job, 500, stream + ".0.device");
        // It knows that there is nothing of its own up to there.
        awaitPosition(job, 7, 600);

        NATS.putBack(copy);
        publishAndRead(job, 600, stream + ".7.device");
        job.awaitCheckpoint();
        job.cancel();
        assertThat(job.ledger().sequences()).isEqualTo(twice(101, 600, 700));
    }

    @Test
    void splitWithoutMessagesFollowsTheNewHistoryToo() throws Exception {
        LedgerJob job = startAndCopy(source(), 100, stream + ".0.device");
        publishAndRead(job, 500, stream + ".0.device");
        awaitPositionsWithoutMessages(job, 600);

        NATS.putBack(copy);
        publishAndRead(job, 600, stream + ".0.device");
        awaitPositionsWithoutMessages(job, 700);
        job.awaitCheckpoint();
        String savepoint = job.stopWithSavepoint(state);

        // What is gone was passed by every split, and what it knows is of the new history.
        NATS.management().purgeStream(stream);
        job.ledger().clear();
        LedgerJob restored =
                LedgerJob.startWithoutRestarts(
                        source().setRewoundStreamPolicy(RewoundStreamPolicy.FAIL).build(),
                        stream,
                        state,
                        savepoint);
        publish(100, partitions());
        restored.awaitSize(1_300);
        restored.cancel();
        assertThat(restored.ledger().sequences()).isEqualTo(twice(101, 600, 800));
    }

    @Test
    void policyMayFailTheJobForGood() throws Exception {
        LedgerJob job =
                startAndCopy(
                        source().setRewoundStreamPolicy(
                                        RewoundStreamPolicy.FAIL, "--rewound-stream"),
                        100,
                        partitions());
        publishAndRead(job, 100, partitions());
        job.awaitCheckpoint();
        NATS.putBack(copy);
        publish(300, partitions());

        assertThat(ExceptionUtils.stringifyException(job.awaitFailure()))
                .contains("Stream '" + stream + "' went back")
                .contains("from sequence 101 on")
                .contains("set --rewound-stream to 'reread'")
                .contains("The failure is not recoverable");
        assertThat(job.ledger().sequences()).as("nothing was read after it").hasSize(200);
    }

    @Test
    void whatExpiredOrWasPurgedIsNoRewind() throws Exception {
        createPartitions();
        NATS.publish(1_000, partitions());
        LedgerJob job = start(source().setGapPolicy(GapPolicy.CONTINUE), null);
        job.awaitSize(1_000);
        job.awaitCheckpoint();

        NATS.management().purgeStream(stream);
        NATS.server().kill();
        NATS.server().start();
        publish(100, partitions());
        job.awaitSize(1_100);
        StreamInfo info = NATS.management().getStreamInfo(stream);
        NATS.management()
                .updateStream(
                        StreamConfiguration.builder(info.getConfiguration())
                                .maxMessages(50)
                                .build());
        // It says that it was created just now after this, and is the same all the same.
        NATS.server().kill();
        NATS.server().start();
        // So few that it still has messages of before, by which it is known.
        publish(20, stream + ".3.device");
        job.awaitSize(1_120);
        String savepoint = job.stopWithSavepoint(state);
        job.ledger().clear();
        LedgerJob restored = start(source().setGapPolicy(GapPolicy.CONTINUE), savepoint);
        publish(10, partitions());
        restored.awaitSize(1_130);

        assertThat(METRICS.counter(restored, JetStreamSourceMetrics.REWINDS)).isZero();
        restored.cancel();
    }

    /** Each split sees for itself that the stream went back. */
    private void awaitPositionsWithoutMessages(LedgerJob job, long sequence) {
        for (int partition = 1; partition < PARTITIONS; partition++) {
            awaitPosition(job, partition, sequence);
        }
    }

    /** Waits until a partition that reads nothing of its own has come so far. */
    private void awaitPosition(LedgerJob job, int partition, long sequence) {
        String gauge = stream + "." + partition + ".*.currentSequence";
        await(gauge)
                .atMost(Duration.ofSeconds(20))
                .until(() -> METRICS.gauge(job, gauge) == sequence);
    }

    /** A job that has read the first messages of the stream, which are copied. */
    private LedgerJob startAndCopy(
            JetStreamSourceBuilder<Long> source, int messages, String... subjects)
            throws Exception {
        createPartitions();
        NATS.publish(messages, subjects);
        LedgerJob job = start(source, null);
        job.awaitSize(messages);
        copy = NATS.copyStore();
        return job;
    }

    private void publishAndRead(LedgerJob job, int count, String... subjects) throws Exception {
        int size = job.ledger().size() + count;
        publish(count, subjects);
        job.awaitSize(size);
    }

    /** Publishes without the connection that has to come back first. */
    private void publish(int count, String... subjects) throws Exception {
        NATS.publishAtOnce(count, subjects);
    }

    private LedgerJob start(JetStreamSourceBuilder<Long> source, String savepoint)
            throws Exception {
        return LedgerJob.start(source.build(), stream, 2, state, savepoint);
    }

    private JetStreamSourceBuilder<Long> source() {
        return JetStreamSource.<Long>builder()
                .setConnection(NATS.connection())
                .setStream(stream)
                .setFilterSubjects(filters())
                .setDeserializer(new SequenceDeserializer());
    }

    private void createPartitions() throws Exception {
        NATS.createStream(stream, filters());
    }

    private String[] filters() {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> stream + "." + partition + ".*")
                .toArray(String[]::new);
    }

    private String[] partitions() {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> stream + "." + partition + ".device")
                .toArray(String[]::new);
    }

    /** Sequences from 1 on, some of them two times. */
    private static List<Long> twice(long first, long lastTwice, long last) {
        List<Long> sequences = range(1, last);
        sequences.addAll(range(first, lastTwice));
        sequences.sort(null);
        return sequences;
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last)
                .boxed()
                .collect(Collectors.toCollection(ArrayList::new));
    }
}
