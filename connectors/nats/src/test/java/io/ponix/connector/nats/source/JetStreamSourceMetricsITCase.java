package io.ponix.connector.nats.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.PurgeOptions;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StreamConfiguration;
import io.ponix.connector.nats.FlinkFixture;
import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.nats.source.reader.JetStreamSourceMetrics;
import io.ponix.connector.nats.source.settings.GapPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of a source, in Flink's metrics and on the server. */
@Timeout(60)
class JetStreamSourceMetricsITCase {

    private static final JobMetrics METRICS = new JobMetrics();

    /** Records of odd sequences have a time of their own, 20 minutes ago. */
    private static final long RECORDS_AGE_MILLIS = 20 * 60 * 1_000;

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
    void backlogPositionsAndLagsAreReported() throws Exception {
        NATS.createStream(stream, stream + ".*");
        NATS.publish(30_000, stream + ".a", stream + ".b");
        // The record's own time where it has one, else the time JetStream stored it at.
        WatermarkStrategy<Long> eventTime =
                WatermarkStrategy.<Long>forMonotonousTimestamps()
                        .withTimestampAssigner(
                                (sequence, storedAt) ->
                                        sequence % 2 == 1
                                                ? storedAt - RECORDS_AGE_MILLIS
                                                : storedAt);
        Semaphore permits = Ledger.named(stream).hold();
        permits.release(1);
        LedgerJob job =
                LedgerJob.start(
                        source().setFilterSubjects(stream + ".a").allowUncoveredSubjects().build(),
                        eventTime,
                        stream,
                        state);
        job.awaitSize(1);

        await().untilAsserted(
                        () ->
                                assertThat(METRICS.gauge(job, "pendingRecords"))
                                        .as("15,000 of the filter, without what has been fetched")
                                        .isBetween(5_000L, 15_000L));
        assertThat(METRICS.gauge(job, "currentEmitEventTimeLag"))
                .as("the records' own time")
                .isGreaterThanOrEqualTo(RECORDS_AGE_MILLIS);
        permits.release(1_000_000);
        job.awaitSize(15_000);
        await().untilAsserted(
                        () -> {
                            assertThat(METRICS.gauge(job, "pendingRecords")).isZero();
                            assertThat(METRICS.gauge(job, stream + ".a.pendingMessages")).isZero();
                            assertThat(METRICS.gauge(job, stream + ".a.currentSequence"))
                                    .isGreaterThanOrEqualTo(29_999);
                            assertThat(METRICS.gauge(job, "watermarkLag"))
                                    .isGreaterThanOrEqualTo(RECORDS_AGE_MILLIS);
                        });

        // The other half has no time of its own.
        NATS.publish(2, stream + ".x", stream + ".a");
        job.awaitSize(15_001);
        await().untilAsserted(
                        () ->
                                assertThat(METRICS.gauge(job, "currentEmitEventTimeLag"))
                                        .isBetween(0L, RECORDS_AGE_MILLIS - 1));
        job.cancel();
    }

    @Test
    void subjectsThatTheStreamTakesOnWhileTheJobRunsAreSeenToBeUnread() throws Exception {
        NATS.createStream(stream, stream + ".0.*", stream + ".1.*");
        LedgerJob job = start(source().setFilterSubjects(stream + ".0.*", stream + ".1.*"), null);
        NATS.publish(10, stream + ".0.a");
        job.awaitSize(10);
        assertThat(METRICS.gauge(job, JetStreamSourceMetrics.UNREAD_SUBJECTS)).isZero();

        try (CapturedLog log = CapturedLog.open()) {
            setSubjects(stream + ".>");
            NATS.publish(10, stream + ".2.a", stream + ".1.a");
            job.awaitSize(15);
            await().untilAsserted(
                            () ->
                                    assertThat(
                                                    METRICS.gauge(
                                                            job,
                                                            JetStreamSourceMetrics.UNREAD_SUBJECTS))
                                            .isPositive());
            assertThat(log.lines())
                    .anySatisfy(
                            line ->
                                    assertThat(line)
                                            .contains(
                                                    "Nobody reads the subjects ["
                                                            + stream
                                                            + ".>]"));
        }
        setSubjects(stream + ".0.*", stream + ".1.*");
        await().untilAsserted(
                        () ->
                                assertThat(
                                                METRICS.gauge(
                                                        job,
                                                        JetStreamSourceMetrics.UNREAD_SUBJECTS))
                                        .isZero());
        job.cancel();
    }

    private void setSubjects(String... subjects) throws Exception {
        NATS.management()
                .updateStream(
                        StreamConfiguration.builder(
                                        NATS.management().getStreamInfo(stream).getConfiguration())
                                .subjects(subjects)
                                .build());
    }

    @Test
    void overlapsGapsAndNewConsumersAreCounted() throws Exception {
        NATS.createStream(stream, stream + ".*");
        NATS.publish(100, stream + ".a");
        NATS.publish(100, stream + ".b");
        LedgerJob partitions =
                start(
                        source().setFilterSubjects(stream + ".a", stream + ".b")
                                .allowUncoveredSubjects(),
                        null);
        partitions.awaitSize(200);
        String first = partitions.stopWithSavepoint(state);

        // The wildcard begins at the beginning, for what neither of the two was to read.
        partitions.ledger().clear();
        LedgerJob wildcard = start(source(), first);
        NATS.publish(1, stream + ".a");
        wildcard.awaitSize(201);
        assertThat(METRICS.counter(wildcard, JetStreamSourceMetrics.REDELIVERIES_DROPPED))
                .isEqualTo(200);
        assertThat(METRICS.counter(wildcard, JetStreamSourceMetrics.GAPS)).isZero();
        for (String consumer : NATS.management().getConsumerNames(stream)) {
            NATS.management().deleteConsumer(stream, consumer);
        }
        NATS.publish(9, stream + ".a");
        wildcard.awaitSize(210);
        assertThat(METRICS.counter(wildcard, JetStreamSourceMetrics.RECONNECTS)).isEqualTo(1);
        String second = wildcard.stopWithSavepoint(state);

        NATS.publish(50, stream + ".a");
        NATS.management().purgeStream(stream, PurgeOptions.builder().sequence(231).build());
        wildcard.ledger().clear();
        LedgerJob gap = start(source().setGapPolicy(GapPolicy.CONTINUE), second);
        gap.awaitSize(240);
        assertThat(METRICS.counter(gap, JetStreamSourceMetrics.GAPS)).isEqualTo(1);
        assertThat(METRICS.counter(gap, JetStreamSourceMetrics.MISSING_SEQUENCES)).isEqualTo(20);
        gap.cancel();
        List<Long> expected = LongStream.rangeClosed(1, 210).boxed().collect(Collectors.toList());
        LongStream.rangeClosed(231, 260).forEach(expected::add);
        assertThat(gap.ledger().sequences()).isEqualTo(expected);
    }

    @Test
    void nothingIsAcknowledgedSoThatNoAcknowledgementCanBeLostOrLate() throws Exception {
        NATS.createStream(stream, stream + ".*");
        NATS.publish(1_000, stream + ".a");
        LedgerJob job = start(source(), null);
        job.awaitSize(1_000);

        assertThat(NATS.management().getConsumers(stream))
                .singleElement()
                .satisfies(
                        consumer -> {
                            assertThat(consumer.getConsumerConfiguration().getAckPolicy())
                                    .isEqualTo(AckPolicy.None);
                            assertThat(consumer.getConsumerConfiguration().getMaxDeliver())
                                    .isEqualTo(1);
                            assertThat(consumer.getNumAckPending()).isZero();
                            assertThat(consumer.getRedelivered()).isZero();
                        });
        job.cancel();
        await().until(
                        () ->
                                NATS.management().getConsumers(stream).stream()
                                        .map(ConsumerInfo::getName)
                                        .findAny()
                                        .isEmpty());
    }

    private LedgerJob start(JetStreamSourceBuilder<Long> source, String savepoint)
            throws Exception {
        return LedgerJob.start(source.build(), stream, 2, state, savepoint);
    }

    private JetStreamSourceBuilder<Long> source() {
        return JetStreamSource.<Long>builder()
                .setConnection(NATS.connection())
                .setStream(stream)
                .setDeserializer(new SequenceDeserializer());
    }
}
