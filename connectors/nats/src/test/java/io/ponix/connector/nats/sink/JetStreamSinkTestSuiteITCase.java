package io.ponix.connector.nats.sink;

import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.testing.TextContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.testframe.environment.MiniClusterTestEnvironment;
import org.apache.flink.connector.testframe.external.ExternalContextFactory;
import org.apache.flink.connector.testframe.external.ExternalSystemDataReader;
import org.apache.flink.connector.testframe.external.sink.DataStreamSinkV2ExternalContext;
import org.apache.flink.connector.testframe.external.sink.TestingSinkSettings;
import org.apache.flink.connector.testframe.junit.annotations.TestContext;
import org.apache.flink.connector.testframe.junit.annotations.TestEnv;
import org.apache.flink.connector.testframe.junit.annotations.TestSemantics;
import org.apache.flink.connector.testframe.testsuites.SinkTestSuiteBase;
import org.apache.flink.core.execution.CheckpointingMode;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Flink's own test suite for sinks, against a real server: every case applies and is run, on a mini
 * cluster (the suite's other environment needs containers), and under the stronger of the sink's
 * guarantees, messages with ids that a stream stores once. The weaker one, without ids, is the same
 * writer.
 */
@SuppressWarnings("try") // javac warns of close() methods that may be interrupted
class JetStreamSinkTestSuiteITCase extends SinkTestSuiteBase<String> {

    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    @TestEnv final MiniClusterTestEnvironment environment = new MiniClusterTestEnvironment();

    @TestSemantics
    final CheckpointingMode[] semantics = new CheckpointingMode[] {CheckpointingMode.EXACTLY_ONCE};

    @TestContext final ExternalContextFactory<Stream> context = testName -> new Stream();

    /** A stream of its own for each case. */
    static final class Stream implements DataStreamSinkV2ExternalContext<String>, TextContext {

        private static final AtomicInteger STREAMS = new AtomicInteger();

        private final String stream = "suite" + STREAMS.incrementAndGet();

        Stream() {
            try {
                NATS.createStream(stream, stream);
            } catch (Exception e) {
                throw new AssertionError("The stream of the test cannot be created", e);
            }
        }

        @Override
        public Sink<String> createSink(TestingSinkSettings settings) {
            String subject = stream; // the context itself cannot travel to the cluster
            return JetStreamSink.<String>builder()
                    .setConnection(NATS.connection())
                    .setSerializer(
                            (record, timestamp) ->
                                    JetStreamPublication.of(
                                                    subject,
                                                    record.getBytes(StandardCharsets.UTF_8))
                                            .messageId(record))
                    .build();
        }

        @Override
        public ExternalSystemDataReader<String> createSinkDataReader(TestingSinkSettings settings) {
            return new Reader(stream);
        }

        @Override
        public List<String> generateTestData(TestingSinkSettings settings, long seed) {
            return TextContext.texts(0, seed);
        }

        @Override
        public void close() throws Exception {
            NATS.management().deleteStream(stream);
        }
    }

    /** Reads a stream from its beginning, what is there. */
    private static final class Reader implements ExternalSystemDataReader<String> {

        private final String stream;
        private long read;

        Reader(String stream) {
            this.stream = stream;
        }

        @Override
        public List<String> poll(Duration timeout) {
            List<String> records = new ArrayList<>();
            try {
                long last = NATS.state(stream).getLastSequence();
                while (read < last) {
                    records.add(
                            new String(
                                    NATS.management().getMessage(stream, ++read).getData(),
                                    StandardCharsets.UTF_8));
                }
            } catch (Exception e) {
                throw new AssertionError("The stream of the test cannot be read", e);
            }
            return records;
        }

        @Override
        public void close() {
            // The connection belongs to the fixture.
        }
    }
}
