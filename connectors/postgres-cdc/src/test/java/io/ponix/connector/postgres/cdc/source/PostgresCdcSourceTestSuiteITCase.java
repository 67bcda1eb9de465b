package io.ponix.connector.postgres.cdc.source;

import io.ponix.connector.postgres.cdc.TestDatabase;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.change.PostgresChangeDeserializer;
import io.ponix.connector.testing.TextContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.testframe.environment.MiniClusterTestEnvironment;
import org.apache.flink.connector.testframe.environment.TestEnvironment;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Flink's own test suite for sources, against a real server, on a mini cluster (the suite's other
 * environment needs containers). Exactly once is the only guarantee the source has, so that the
 * cases are not repeated for a weaker one.
 *
 * <p>What the suite calls a split is here a writer of its own to the one table: a slot is one split
 * however many write, and tells of their transactions one after the other. With a parallelism of 4
 * the case for scaling therefore also shows that readers without a split do no harm.
 *
 * <p>Three cases cannot apply, because they want a bounded source, and a replication slot has no
 * end: a single split, several splits, and an idle reader that has to finish. Each is overridden
 * below without its annotation, so that it is not reported as skipped. What they show of order and
 * completeness {@link PostgresCdcSourceITCase} shows without an end.
 */
@ExtendWith(TestDatabase.Extension.class)
@SuppressWarnings("try") // javac warns of close() methods that may be interrupted
class PostgresCdcSourceTestSuiteITCase extends SourceTestSuiteBase<String> {

    private static TestDatabase database;

    @TestEnv final MiniClusterTestEnvironment environment = new MiniClusterTestEnvironment();

    @TestSemantics
    final CheckpointingMode[] semantics = new CheckpointingMode[] {CheckpointingMode.EXACTLY_ONCE};

    @TestContext final ExternalContextFactory<Readings> context = testName -> new Readings();

    @BeforeAll
    static void database(TestDatabase running) {
        database = running;
    }

    @Override
    public void testSourceSingleSplit(
            TestEnvironment testEnvironment,
            DataStreamSourceExternalContext<String> externalContext,
            CheckpointingMode semantic) {
        throw new UnsupportedOperationException("A replication slot has no end");
    }

    @Override
    public void testMultipleSplits(
            TestEnvironment testEnvironment,
            DataStreamSourceExternalContext<String> externalContext,
            CheckpointingMode semantic) {
        throw new UnsupportedOperationException("A replication slot has no end");
    }

    @Override
    public void testIdleReader(
            TestEnvironment testEnvironment,
            DataStreamSourceExternalContext<String> externalContext,
            CheckpointingMode semantic) {
        throw new UnsupportedOperationException("A replication slot has no end");
    }

    /** A table, its publication and a slot of its own for each case. */
    static final class Readings implements DataStreamSourceExternalContext<String>, TextContext {

        private final String table = database.uniqueName("suite");
        private final String publication = database.uniqueName("publication");
        private final String slot = database.uniqueName("slot");

        Readings() {
            execute(
                    "CREATE TABLE " + table + " (id BIGSERIAL PRIMARY KEY, text TEXT)",
                    "CREATE PUBLICATION " + publication + " FOR TABLE " + table,
                    // The suite writes before the source starts, and there is no snapshot.
                    "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
        }

        @Override
        public Source<String, ?, ?> createSource(TestingSourceSettings settings) {
            if (settings.getBoundedness() == Boundedness.BOUNDED) {
                throw new UnsupportedOperationException("A replication slot has no end");
            }
            return PostgresCdcSource.<String>builder()
                    .setConnection(database.config())
                    .setSlotName(slot)
                    .setPublicationName(publication)
                    .setDeserializer(new InsertedText())
                    .build();
        }

        @Override
        public ExternalSystemSplitDataWriter<String> createSourceSplitDataWriter(
                TestingSourceSettings settings) {
            return new Writer(table);
        }

        @Override
        public List<String> generateTestData(
                TestingSourceSettings settings, int splitIndex, long seed) {
            return TextContext.texts(splitIndex, seed);
        }

        @Override
        public void close() {
            execute(
                    "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE"
                            + " slot_name = '"
                            + slot
                            + "' AND active; SELECT pg_drop_replication_slot('"
                            + slot
                            + "')",
                    "DROP PUBLICATION " + publication,
                    "DROP TABLE " + table);
        }

        private static void execute(String... statements) {
            try {
                database.execute(statements);
            } catch (SQLException e) {
                throw new AssertionError("Postgres refuses what the test needs", e);
            }
        }
    }

    /**
     * Writes in one transaction.
     *
     * @param table to write to
     */
    private record Writer(String table) implements ExternalSystemSplitDataWriter<String> {

        @Override
        public void writeRecords(List<String> records) {
            try (Connection connection = database.connect();
                    PreparedStatement insert =
                            connection.prepareStatement(
                                    "INSERT INTO " + table + " (text) VALUES (?)")) {
                connection.setAutoCommit(false);
                for (String text : records) {
                    insert.setString(1, text);
                    insert.addBatch();
                }
                insert.executeBatch();
                connection.commit();
            } catch (SQLException e) {
                throw new AssertionError("The test's rows cannot be written", e);
            }
        }

        @Override
        public void close() {
            // A connection for each call.
        }
    }

    /** The text of each row. */
    private static final class InsertedText implements PostgresChangeDeserializer<String> {
        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(PostgresChange change, Collector<String> out) {
            out.collect(change.after().getString("text"));
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }
    }
}
