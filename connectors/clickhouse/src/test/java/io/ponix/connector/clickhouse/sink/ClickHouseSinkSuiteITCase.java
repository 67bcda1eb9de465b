package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.SharedClickHouse;
import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Flink's own suite for sinks, against a real ClickHouse: all of its five cases (basic, from a
 * savepoint, scaled up, scaled down, metrics) with both guarantees.
 *
 * <p>What cannot apply: the suite knows a second environment, {@code
 * FlinkContainerTestEnvironment}, which runs the same cases on Flink's Docker image. It needs
 * Docker, and would need the connector's jar in the image; the cluster in this JVM takes its place.
 */
@ExtendWith(SharedClickHouse.class)
class ClickHouseSinkSuiteITCase extends SinkTestSuiteBase<Long> {

    private static EmbeddedClickHouse server;

    @TestEnv MiniClusterTestEnvironment flink = new MiniClusterTestEnvironment();

    @TestSemantics
    CheckpointingMode[] semantics = {
        CheckpointingMode.EXACTLY_ONCE, CheckpointingMode.AT_LEAST_ONCE
    };

    @TestContext ExternalContextFactory<NumbersContext> context = test -> new NumbersContext();

    @BeforeAll
    static void share(EmbeddedClickHouse shared) {
        server = shared;
    }

    /** A table of readings, of which the suite knows the sequence numbers. */
    private static final class NumbersContext implements DataStreamSinkV2ExternalContext<Long> {

        private static final int RECORDS = 1_000;

        private final ReadingsTable table;

        private NumbersContext() {
            try {
                table = ReadingsTable.create(server);
            } catch (Exception e) {
                throw new IllegalStateException("The table could not be created", e);
            }
        }

        @Override
        public Sink<Long> createSink(TestingSinkSettings settings) {
            return table.sink(server.url(), new NumberEncoder())
                    .setDeliveryGuarantee(guarantee(settings))
                    .build();
        }

        // The settings have no other way to say it.
        @SuppressWarnings("deprecation")
        private static DeliveryGuarantee guarantee(TestingSinkSettings settings) {
            return switch (settings.getCheckpointingMode()) {
                case EXACTLY_ONCE -> DeliveryGuarantee.EXACTLY_ONCE;
                case AT_LEAST_ONCE -> DeliveryGuarantee.AT_LEAST_ONCE;
            };
        }

        @Override
        public ExternalSystemDataReader<Long> createSinkDataReader(TestingSinkSettings settings) {
            return new NewRows(table);
        }

        @Override
        public List<Long> generateTestData(TestingSinkSettings settings, long seed) {
            List<Long> numbers =
                    LongStream.rangeClosed(1_001, 1_000 + RECORDS)
                            .boxed()
                            .collect(Collectors.toCollection(ArrayList::new));
            Collections.shuffle(numbers, new Random(seed));
            return numbers;
        }

        @Override
        public TypeInformation<Long> getProducedType() {
            return Types.LONG;
        }

        @Override
        public List<URL> getConnectorJarPaths() {
            return List.of();
        }

        @Override
        public void close() throws IOException {
            try {
                table.drop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("Interrupted while dropping the table", e);
            }
        }
    }

    /** Gives each row of a table once, however often it is in the table. */
    private static final class NewRows implements ExternalSystemDataReader<Long> {

        private final ReadingsTable table;
        private final Map<Long, Integer> given = new HashMap<>();

        private NewRows(ReadingsTable table) {
            this.table = table;
        }

        /** Does not wait: the suite asks again. */
        @Override
        public List<Long> poll(Duration timeout) {
            try {
                return unseen();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return List.of();
            }
        }

        private List<Long> unseen() throws IOException, InterruptedException {
            List<Long> rows = new ArrayList<>();
            for (List<String> row :
                    table.sql(
                            "SELECT stream_sequence, count() FROM "
                                    + table.name()
                                    + " GROUP BY stream_sequence")) {
                long number = Long.parseLong(row.get(0));
                int count = Integer.parseInt(row.get(1));
                Integer before = given.put(number, count);
                rows.addAll(Collections.nCopies(count - (before == null ? 0 : before), number));
            }
            return rows;
        }

        @Override
        public void close() {}
    }

    /** Makes a reading of a number. */
    private static final class NumberEncoder implements ClickHouseRowEncoder<Long> {

        private static final long serialVersionUID = 1L;
        private static final long NOVEMBER = 1_795_219_200_000L;

        private final ReadingEncoder encoder = new ReadingEncoder();

        @Override
        public List<ClickHouseColumn> columns() {
            return encoder.columns();
        }

        @Override
        public void encode(Long number, int index, RowOutput row) {
            encoder.encode(reading(number), index, row);
        }

        @Override
        public long partition(Long number, int index) {
            return encoder.partition(reading(number), index);
        }

        @Override
        public void encodeSortKey(Long number, int index, SortKeyOutput key) {
            encoder.encodeSortKey(reading(number), index, key);
        }

        private static Reading reading(long number) {
            return Reading.of(number, NOVEMBER + number % 2 * 30 * 86_400_000L);
        }
    }
}
