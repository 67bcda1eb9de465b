package io.ponix.connector.nats.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.JetStream;
import io.nats.client.PublishOptions;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.connector.nats.NatsCluster;
import io.ponix.embedded.EmbeddedNats;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The source against three servers that fail one after the other, under load. */
@Timeout(120)
@SuppressWarnings("try") // javac warns of close() methods that may be interrupted
class JetStreamSourceClusterITCase {

    private static final String STREAM = "replicated";
    private static final int PARTITIONS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final InMemoryReporter METRICS = InMemoryReporter.create();

    @RegisterExtension
    static final MiniClusterExtension FLINK =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setConfiguration(METRICS.addToConfiguration(new Configuration()))
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    @RegisterExtension static final NatsCluster NATS = new NatsCluster();

    @TempDir Path state;

    @Test
    void leadersThatAreKilledOrFrozenCostNeitherMessagesNorARestart() throws Exception {
        String[] subjects = new String[PARTITIONS];
        for (int i = 0; i < PARTITIONS; i++) {
            subjects[i] = STREAM + "." + i;
        }
        NATS.createStream(STREAM, subjects);
        JetStreamSource<Long> source =
                JetStreamSource.<Long>builder().connection(NATS.connection()).stream(STREAM)
                        .filterSubjects(subjects)
                        .deserializer(new SequenceDeserializer())
                        .build();
        LedgerJob job = LedgerJob.start(source, STREAM, 2, state, null);

        try (Load load = new Load(subjects)) {
            load.awaitMore();
            job.awaitSize(100);

            EmbeddedNats killed = NATS.leader(STREAM);
            killed.kill();
            load.awaitMore();
            awaitAllRead(job, load);
            killed.start();

            EmbeddedNats frozen = NATS.leader(STREAM);
            frozen.freeze();
            load.awaitMore();
            awaitAllRead(job, load);
            frozen.resume();
            load.awaitMore();

            NATS.servers().forEach(EmbeddedNats::kill);
            NATS.servers().parallelStream().forEach(EmbeddedNats::start);
            load.awaitMore();
        }
        long last = lastSequence();
        await().atMost(PATIENCE).until(() -> job.ledger().size() >= last);
        job.awaitCheckpoint();
        job.cancel();

        assertThat(job.ledger().sequences())
                .isEqualTo(LongStream.rangeClosed(1, last).boxed().collect(Collectors.toList()));
        assertThat(job.ledger().processed()).as("the job did not restart").isEqualTo(last);
        assertThat(reconnects(job)).isPositive();
    }

    /** What was stored by now has been read: a reader has found its way to the living servers. */
    private static void awaitAllRead(LedgerJob job, Load load) {
        long stored = load.stored();
        await().atMost(PATIENCE).until(() -> job.ledger().size() >= stored);
    }

    private static long lastSequence() {
        return await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(
                        () ->
                                NATS.admin()
                                        .findStream(STREAM)
                                        .orElseThrow()
                                        .getStreamState()
                                        .getLastSequence(),
                        last -> last > 0);
    }

    private static long reconnects(LedgerJob job) {
        String name = JetStreamSourceMetrics.GROUP + "." + JetStreamSourceMetrics.RECONNECTS;
        return METRICS.getMetricsByIdentifiers(job.client().getJobID()).entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(name))
                .map(Map.Entry::getValue)
                .mapToLong(metric -> ((Counter) metric).getCount())
                .sum();
    }

    /** Publishes all the time, each message until it is stored, once. */
    private static final class Load implements AutoCloseable {

        private static final int ENOUGH = 200;

        private final String[] subjects;
        private final AtomicLong stored = new AtomicLong();
        private final Thread thread = new Thread(this::run, "load");
        private volatile boolean ended;

        Load(String[] subjects) {
            this.subjects = subjects;
            thread.start();
        }

        private void run() {
            try (JetStreamAdmin admin = JetStreamAdmin.connect(NATS.connection())) {
                JetStream jetStream = admin.connection().jetStream();
                while (!ended) {
                    if (publish(jetStream, stored.get())) {
                        stored.incrementAndGet();
                    }
                }
            } catch (Exception e) {
                throw new AssertionError("The load has ended", e);
            }
        }

        private boolean publish(JetStream jetStream, long number) {
            try {
                jetStream.publish(
                        subjects[(int) (number % subjects.length)],
                        Long.toString(number).getBytes(StandardCharsets.US_ASCII),
                        PublishOptions.builder().messageId(Long.toString(number)).build());
                return true;
            } catch (Exception e) {
                return false; // nobody leads the stream at the moment: again, with the same id
            }
        }

        long stored() {
            return stored.get();
        }

        void awaitMore() {
            long before = stored.get();
            await().atMost(PATIENCE).until(() -> stored.get() >= before + ENOUGH);
        }

        @Override
        public void close() throws InterruptedException {
            ended = true;
            thread.join();
        }
    }
}
