package io.ponix.connector.nats.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.JetStream;
import io.nats.client.PublishOptions;
import io.ponix.connector.nats.FlinkFixture;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.connector.nats.NatsCluster;
import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.message.JetStreamMessage;
import io.ponix.connector.nats.source.reader.JetStreamSourceMetrics;
import io.ponix.embedded.nats.EmbeddedNats;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The source against three servers, whose leaders fail under load. What counts is the messages
 * themselves: after some faults nats-server 2.9.10 holds the same message under different sequences
 * on different servers.
 */
@Timeout(180)
@SuppressWarnings("try") // javac warns of close() methods that may be interrupted
class JetStreamSourceClusterITCase {

    private static final String STREAM = "replicated";
    private static final int PARTITIONS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final JobMetrics METRICS = new JobMetrics();

    @RegisterExtension
    static final MiniClusterExtension FLINK =
            FlinkFixture.withSlots(2, METRICS.clusterConfiguration());

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
                JetStreamSource.<Long>builder()
                        .setConnection(NATS.connection())
                        .setStream(STREAM)
                        .setFilterSubjects(subjects)
                        .setDeserializer(new NumberDeserializer())
                        .build();
        LedgerJob job = LedgerJob.start(source, STREAM, 2, state, null);

        Load load = new Load(subjects);
        try (load) {
            load.awaitMore();
            awaitAllRead(job, load);
            awaitThatAllIsReadFromTheLeader();

            EmbeddedNats killed = NATS.leader(STREAM);
            killed.kill();
            load.awaitMore();
            awaitAllRead(job, load);
            killed.start();
            // Else nats-server 2.9.10 may elect it, and what it lacks is lost whoever reads.
            NATS.awaitAllCurrent(STREAM);

            EmbeddedNats frozen = NATS.leader(STREAM);
            frozen.freeze();
            load.awaitMore();
            awaitAllRead(job, load);
            frozen.resume();
            load.awaitMore();
        }
        long stored = load.stored();
        awaitAllRead(job, load);
        job.awaitCheckpoint();
        assertThat(METRICS.counter(job, JetStreamSourceMetrics.RECONNECTS)).isPositive();
        job.cancel();

        assertThatEachIsReadOnce(job, stored);
        assertThat(job.ledger().processed()).as("the job did not restart").isEqualTo(stored);
    }

    @Test
    void serversWithoutTheNewestMessagesLeadAndEveryNewMessageIsRead() throws Exception {
        String stream = "rewound";
        String[] subjects = {stream + ".0", stream + ".1"};
        NATS.createStream(stream, subjects);
        JetStreamSource<Long> source =
                JetStreamSource.<Long>builder()
                        .setConnection(NATS.connection())
                        .setStream(stream)
                        .setFilterSubjects(subjects)
                        .setDeserializer(new NumberDeserializer())
                        .build();
        LedgerJob job = LedgerJob.start(source, stream, 2, state, null);
        publish(subjects, 0, 300);
        job.awaitSize(300);
        List<EmbeddedNats> majority = NATS.servers().subList(0, 2);
        NATS.servers().forEach(EmbeddedNats::kill);
        List<NatsFixture.Copy> copies = new ArrayList<>();
        for (EmbeddedNats server : majority) {
            copies.add(NatsFixture.Copy.of(server));
        }
        NATS.servers().forEach(EmbeddedNats::start);
        publish(subjects, 300, 500);
        job.awaitSize(500);

        NATS.servers().forEach(EmbeddedNats::kill);
        for (NatsFixture.Copy copy : copies) {
            copy.putBack();
        }
        majority.forEach(EmbeddedNats::start);
        publish(subjects, 500, 900);
        await().atMost(PATIENCE).until(() -> job.ledger().size() >= 900);
        job.awaitCheckpoint();
        assertThat(METRICS.counter(job, JetStreamSourceMetrics.REWINDS)).isEqualTo(2);
        job.cancel();
        NATS.servers().get(2).start();

        assertThatEachIsReadOnce(job, 900);
    }

    /** Only the leader is sure to have every message: see OrderedPullConsumer. */
    private static void awaitThatAllIsReadFromTheLeader() {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(
                        () -> {
                            String leader =
                                    NATS.admin()
                                            .findStream(STREAM)
                                            .orElseThrow()
                                            .getClusterInfo()
                                            .getLeader();
                            assertThat(serversThatDelivered())
                                    .hasSize(PARTITIONS)
                                    .containsOnly(leader);
                        });
    }

    /**
     * The server of each consumer that has delivered anything. One whose creation was answered too
     * late to be used is there as well, for two minutes.
     */
    private static List<String> serversThatDelivered() throws Exception {
        return NATS.admin().connection().jetStreamManagement().getConsumers(STREAM).stream()
                .filter(consumer -> consumer.getDelivered().getConsumerSequence() > 0)
                .map(consumer -> consumer.getClusterInfo().getLeader())
                .toList();
    }

    /** Says which messages are wrong, instead of showing thousands that are right. */
    private static void assertThatEachIsReadOnce(LedgerJob job, long stored) {
        Map<Long, Long> timesRead =
                job.ledger().sequences().stream()
                        .collect(Collectors.groupingBy(number -> number, Collectors.counting()));
        assertThat(LongStream.range(0, stored).filter(number -> !timesRead.containsKey(number)))
                .as("messages of %d that were not read", stored)
                .isEmpty();
        timesRead.values().removeIf(times -> times == 1);
        assertThat(timesRead).as("messages of %d that were read several times", stored).isEmpty();
    }

    /** Publishes numbers, each until it is stored, once. */
    private static void publish(String[] subjects, long from, long to) throws Exception {
        try (JetStreamAdmin admin = JetStreamAdmin.connect(NATS.connection())) {
            JetStream jetStream = admin.connection().jetStream();
            for (long number = from; number < to; number++) {
                long next = number;
                await().pollDelay(Duration.ZERO)
                        .atMost(PATIENCE)
                        .until(() -> publish(jetStream, subjects, next));
            }
        }
    }

    private static boolean publish(JetStream jetStream, String[] subjects, long number) {
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

    /** What was stored by now has been read: a reader has found its way to the living servers. */
    private static void awaitAllRead(LedgerJob job, Load load) {
        long stored = load.stored();
        await().atMost(PATIENCE).until(() -> job.ledger().size() >= stored);
    }

    /** Makes of each message the number in it. */
    private static final class NumberDeserializer implements JetStreamDeserializationSchema<Long> {

        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(JetStreamMessage message, Collector<Long> out) {
            out.collect(Long.valueOf(new String(message.data(), StandardCharsets.US_ASCII)));
        }

        @Override
        public TypeInformation<Long> getProducedType() {
            return Types.LONG;
        }
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
                // What was tried and not answered may be stored: the last one, too, is tried until
                // it is.
                for (boolean published = true; !ended || !published; ) {
                    published = publish(jetStream, subjects, stored.get());
                    if (published) {
                        stored.incrementAndGet();
                    }
                }
            } catch (Exception e) {
                throw new AssertionError("The load has ended", e);
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
