package io.ponix.connector.nats.source;

import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.message.JetStreamMessage;
import io.ponix.connector.nats.source.settings.StoppingPosition;
import io.ponix.connector.testing.TextContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.testframe.environment.MiniClusterTestEnvironment;
import org.apache.flink.connector.testframe.external.ExternalContextFactory;
import org.apache.flink.connector.testframe.external.ExternalSystemSplitDataWriter;
import org.apache.flink.connector.testframe.external.source.DataStreamSourceExternalContext;
import org.apache.flink.connector.testframe.external.source.TestingSourceSettings;
import org.apache.flink.connector.testframe.junit.annotations.TestContext;
import org.apache.flink.connector.testframe.junit.annotations.TestEnv;
import org.apache.flink.connector.testframe.junit.annotations.TestSemantics;
import org.apache.flink.connector.testframe.testsuites.SourceTestSuiteBase;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Flink's own test suite for sources, against a real server: every case applies and is run, on a
 * mini cluster (the suite's other environment needs containers). Exactly once is the only guarantee
 * the source has, so that the cases are not repeated for a weaker one.
 *
 * <p>The suite makes splits one by one while the source is there already; splits of this source are
 * configured filters, so each stream has four partitions from the beginning, and the n-th writer
 * gets the n-th of them.
 */
@SuppressWarnings("try") // javac warns of close() methods that may be interrupted
class JetStreamSourceTestSuiteITCase extends SourceTestSuiteBase<String> {

    private static final int PARTITIONS = 4;

    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    @TestEnv final MiniClusterTestEnvironment environment = new MiniClusterTestEnvironment();

    @TestSemantics
    final CheckpointingMode[] semantics = new CheckpointingMode[] {CheckpointingMode.EXACTLY_ONCE};

    @TestContext final ExternalContextFactory<Partitions> context = testName -> new Partitions();

    /** A stream of its own for each case. */
    static final class Partitions implements DataStreamSourceExternalContext<String>, TextContext {

        private static final AtomicInteger STREAMS = new AtomicInteger();

        private final String stream = "suite" + STREAMS.incrementAndGet();
        private final List<String> filters = new ArrayList<>();
        private int writers;

        Partitions() {
            for (int i = 0; i < PARTITIONS; i++) {
                filters.add(stream + "." + i);
            }
            try {
                NATS.createStream(stream, filters.toArray(new String[0]));
            } catch (Exception e) {
                throw new AssertionError("The stream of the test cannot be created", e);
            }
        }

        @Override
        public Source<String, ?, ?> createSource(TestingSourceSettings settings) {
            return JetStreamSource.<String>builder()
                    .setConnection(NATS.connection())
                    .setStream(stream)
                    .setFilterSubjects(filters)
                    .setStoppingPosition(
                            settings.getBoundedness() == Boundedness.BOUNDED
                                    ? StoppingPosition.latest()
                                    : StoppingPosition.never())
                    .setDeserializer(new Text())
                    .build();
        }

        @Override
        public ExternalSystemSplitDataWriter<String> createSourceSplitDataWriter(
                TestingSourceSettings settings) {
            return new Writer(stream + "." + writers++);
        }

        @Override
        public List<String> generateTestData(
                TestingSourceSettings settings, int splitIndex, long seed) {
            return TextContext.texts(splitIndex, seed);
        }

        @Override
        public void close() throws Exception {
            NATS.management().deleteStream(stream);
        }
    }

    private static final class Writer implements ExternalSystemSplitDataWriter<String> {

        private final String subject;

        Writer(String subject) {
            this.subject = subject;
        }

        @Override
        public void writeRecords(List<String> records) {
            try {
                for (String text : records) {
                    NATS.admin()
                            .connection()
                            .jetStream()
                            .publish(subject, text.getBytes(StandardCharsets.UTF_8));
                }
            } catch (Exception e) {
                throw new AssertionError("The test's data cannot be published", e);
            }
        }

        @Override
        public void close() {
            // The connection belongs to the fixture.
        }
    }

    private static final class Text implements JetStreamDeserializationSchema<String> {

        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(JetStreamMessage message, Collector<String> out) {
            out.collect(new String(message.data(), StandardCharsets.UTF_8));
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }
    }
}
