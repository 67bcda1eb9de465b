package io.ponix.connector.nats.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.JetStream;
import io.nats.client.api.PublishAck;
import io.ponix.connector.nats.FlinkFixture;
import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.message.JetStreamMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * However few messages there are, each is read soon: nothing waits for the next one, or for a
 * request that the server has forgotten. {@code -Dponix.freshness.seconds=600} makes a long run of
 * it.
 *
 * <p>A server whose disk others keep busy does nothing for seconds now and then, neither store nor
 * deliver: what it took at worst to store a message, of any stream, is not the source's delay.
 */
@Execution(ExecutionMode.CONCURRENT)
class JetStreamSourceFreshnessITCase {

    private static final int PARTITIONS = 8;
    private static final Duration RUN =
            Duration.ofSeconds(Long.getLong("ponix.freshness.seconds", 20));
    private static final Duration LATEST = Duration.ofMillis(1_500);

    private static final LongAccumulator LONGEST_PUBLICATION_NANOS =
            new LongAccumulator(Math::max, 0);

    @RegisterExtension static final MiniClusterExtension FLINK = FlinkFixture.withSlots(3);

    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    @TempDir Path state;

    /** Times between two messages. */
    static Stream<Duration> pauses() {
        Duration quietest = RUN.dividedBy(4);
        Duration minute = Duration.ofMinutes(1);
        return Stream.of(
                Duration.ofMillis(1),
                Duration.ofMillis(50),
                quietest.compareTo(minute) < 0 ? quietest : minute);
    }

    @ParameterizedTest
    @MethodSource("pauses")
    void everyMessageIsReadSoon(Duration pause) throws Exception {
        String stream = "every-" + pause.toMillis() + "-ms";
        List<String> filters =
                IntStream.range(0, PARTITIONS)
                        .mapToObj(partition -> stream + "." + partition + ".*")
                        .collect(Collectors.toList());
        NATS.createStream(stream, filters.toArray(new String[0]));
        LedgerJob job =
                LedgerJob.start(
                        JetStreamSource.<Long>builder()
                                .setConnection(NATS.connection())
                                .setStream(stream)
                                .setFilterSubjects(filters)
                                .setDeserializer(new AgeDeserializer(stream))
                                .build(),
                        stream,
                        1,
                        state,
                        null);
        // What the start takes is not the source's.
        NATS.publish(PARTITIONS, subjects(stream));
        job.awaitSize(PARTITIONS);
        LongAccumulator oldestMillis = AgeDeserializer.oldestMillis(stream);
        oldestMillis.reset();

        int published = publishSteadily(pause, subjects(stream));
        job.awaitSize(PARTITIONS + published);
        job.cancel();

        assertThat(job.ledger().sequences())
                .isEqualTo(
                        LongStream.rangeClosed(1, PARTITIONS + published)
                                .boxed()
                                .collect(Collectors.toList()));
        Duration server = Duration.ofNanos(LONGEST_PUBLICATION_NANOS.get());
        assertThat(Duration.ofMillis(oldestMillis.get()))
                .as(
                        "the oldest of %d messages when it was read; publishing one took up to %s",
                        published, server)
                .isLessThan(LATEST.plus(server));
    }

    private static int publishSteadily(Duration pause, String... subjects) throws Exception {
        JetStream jetStream = NATS.admin().connection().jetStream();
        List<CompletableFuture<PublishAck>> acknowledgements = new ArrayList<>();
        long start = System.nanoTime();
        int count = 0;
        for (long due = start; due - start < RUN.toNanos(); due = start + count * pause.toNanos()) {
            for (long early; (early = due - System.nanoTime()) > 0; ) {
                LockSupport.parkNanos(early);
            }
            long published = System.nanoTime();
            acknowledgements.add(
                    jetStream
                            .publishAsync(subjects[count % subjects.length], new byte[0])
                            .whenComplete(
                                    (stored, failure) ->
                                            LONGEST_PUBLICATION_NANOS.accumulate(
                                                    System.nanoTime() - published)));
            count++;
        }
        acknowledgements.forEach(CompletableFuture::join);
        return count;
    }

    private static String[] subjects(String stream) {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> stream + "." + partition + ".device")
                .toArray(String[]::new);
    }

    /** Notes how long messages have been stored when they become records. */
    private static final class AgeDeserializer implements JetStreamDeserializationSchema<Long> {

        private static final long serialVersionUID = 1L;

        private static final Map<String, LongAccumulator> OLDEST_MILLIS = new ConcurrentHashMap<>();

        private final String stream;

        AgeDeserializer(String stream) {
            this.stream = stream;
        }

        static LongAccumulator oldestMillis(String stream) {
            return OLDEST_MILLIS.computeIfAbsent(stream, name -> new LongAccumulator(Math::max, 0));
        }

        @Override
        public void deserialize(JetStreamMessage message, Collector<Long> out) {
            oldestMillis(stream).accumulate(System.currentTimeMillis() - message.timestampMillis());
            out.collect(message.sequence());
        }

        @Override
        public TypeInformation<Long> getProducedType() {
            return Types.LONG;
        }
    }
}
