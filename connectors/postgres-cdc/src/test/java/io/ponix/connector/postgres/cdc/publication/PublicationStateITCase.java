package io.ponix.connector.postgres.cdc.publication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.connector.postgres.cdc.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a publication can leave out, and what a person is told of it. */
@ExtendWith(TestDatabase.Extension.class)
class PublicationStateITCase {

    private static final List<PublishedTable> TABLES =
            List.of(new PublishedTable("readings", "id", "name"));

    private TestDatabase database;

    @BeforeEach
    void create(TestDatabase database) throws SQLException {
        this.database = database;
        database.execute(
                "CREATE TABLE readings (id BIGINT, name TEXT NOT NULL, note TEXT, PRIMARY KEY (id))",
                "ALTER TABLE readings REPLICA IDENTITY FULL",
                "CREATE UNIQUE INDEX readings_name ON readings (name)",
                "CREATE UNIQUE INDEX readings_wide ON readings (name, id)",
                "CREATE PUBLICATION registry FOR TABLE readings");
    }

    @AfterEach
    void drop() throws SQLException {
        database.execute(
                "DROP PUBLICATION IF EXISTS registry",
                "DROP TABLE IF EXISTS readings, renamed, other",
                "DROP SCHEMA IF EXISTS elsewhere CASCADE");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    DROP PUBLICATION registry | there is no publication 'registry'
                    DROP TABLE readings | there is no table readings
                    ALTER TABLE readings RENAME TO renamed | there is no table readings
                    ALTER TABLE readings RENAME COLUMN name TO title | registry publishes readings without name (
                    ALTER PUBLICATION registry DROP TABLE readings | registry does not publish readings (ALTER PUBLICATION registry ADD TABLE readings)
                    ALTER PUBLICATION registry SET (publish = 'insert, update') | registry does not publish delete, truncate (ALTER PUBLICATION registry SET (publish = 'insert, update, delete, truncate'))
                    ALTER PUBLICATION registry SET TABLE readings WHERE (id < 10) | registry publishes only those rows of readings with (id < 10) (
                    ALTER PUBLICATION registry SET TABLE readings (id, note) | registry publishes readings without name (
                    ALTER TABLE readings REPLICA IDENTITY NOTHING | the replica identity of readings does not tell which row was changed or deleted (ALTER TABLE readings REPLICA IDENTITY FULL)
                    ALTER TABLE readings REPLICA IDENTITY USING INDEX readings_name | the replica identity of readings does not tell
                    ALTER TABLE readings REPLICA IDENTITY DEFAULT; ALTER TABLE readings DROP CONSTRAINT readings_pkey | the replica identity of readings does not tell
                    ALTER TABLE readings REPLICA IDENTITY DEFAULT | the replica identity of readings leaves out long texts that an update does not change, of name (ALTER TABLE readings REPLICA IDENTITY FULL)
                    """)
    void whatIsLeftOutIsNamed(String statement, String problem) throws SQLException {
        assertThat(observe().problems()).isEmpty();
        database.execute(statement);
        assertThat(observe().problems())
                .singleElement()
                .satisfies(found -> assertThat(found).startsWith(problem));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP PUBLICATION registry; CREATE PUBLICATION registry FOR ALL TABLES",
                "DROP PUBLICATION registry; CREATE PUBLICATION registry FOR TABLES IN SCHEMA public",
                "ALTER PUBLICATION registry SET TABLE readings (id, name)",
                "ALTER TABLE readings ALTER name TYPE INT USING 0, REPLICA IDENTITY DEFAULT",
                "ALTER TABLE readings REPLICA IDENTITY USING INDEX readings_wide"
            })
    void whatPublishesTheTableWhollyIsNoProblem(String statements) throws SQLException {
        database.execute(statements);
        assertThat(observe().problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ALTER PUBLICATION registry DROP TABLE readings | ALTER PUBLICATION registry ADD TABLE readings
                    DROP PUBLICATION registry | CREATE PUBLICATION registry FOR TABLE readings
                    ALTER PUBLICATION registry RENAME TO other | ALTER PUBLICATION other RENAME TO registry
                    ALTER PUBLICATION registry SET (publish = 'insert') | ALTER PUBLICATION registry SET (publish = 'insert, update, delete, truncate')
                    ALTER PUBLICATION registry SET TABLE readings WHERE (id < 10) | ALTER PUBLICATION registry SET TABLE readings
                    ALTER PUBLICATION registry SET TABLE readings (id) | ALTER PUBLICATION registry SET TABLE readings
                    ALTER TABLE readings RENAME TO renamed | ALTER TABLE renamed RENAME TO readings
                    CREATE SCHEMA IF NOT EXISTS elsewhere; ALTER TABLE readings SET SCHEMA elsewhere | ALTER TABLE elsewhere.readings SET SCHEMA public
                    ALTER TABLE readings RENAME COLUMN name TO title | ALTER TABLE readings RENAME COLUMN title TO name
                    ALTER SCHEMA public RENAME TO private | ALTER SCHEMA private RENAME TO public
                    ALTER TABLE readings REPLICA IDENTITY NOTHING | ALTER TABLE readings REPLICA IDENTITY FULL
                    DROP TABLE readings | CREATE TABLE readings (id BIGINT PRIMARY KEY, name TEXT, note TEXT); ALTER TABLE readings REPLICA IDENTITY FULL; ALTER PUBLICATION registry ADD TABLE readings
                    DROP PUBLICATION registry; CREATE PUBLICATION registry FOR TABLES IN SCHEMA public; ALTER PUBLICATION registry DROP TABLES IN SCHEMA public | ALTER PUBLICATION registry ADD TABLES IN SCHEMA public
                    """)
    void whatWasAsItIsNowHasAnotherFingerprint(String away, String back) throws SQLException {
        Set<String> seen = new HashSet<>();
        seen.add(observe().fingerprint());
        assertThat(observe().fingerprint()).as("when nothing is changed").isIn(seen);
        for (int i = 0; i < 2; i++) {
            database.execute(away, back);
            PublicationState state = observe();
            assertThat(state.isWhole()).isTrue();
            assertThat(seen.add(state.fingerprint())).as("a change is seen").isTrue();
        }
    }

    /**
     * The order of an answer without one is the plan's, which statistics may change at any time.
     */
    @ParameterizedTest
    @ValueSource(strings = {"enable_hashjoin", "enable_mergejoin", "enable_nestloop"})
    void problemsComeInTheOrderOfTheTables(String onlyJoin) throws SQLException {
        database.execute(
                "CREATE TABLE other (id BIGINT PRIMARY KEY)",
                "ALTER PUBLICATION registry DROP TABLE readings");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String join : List.of("enable_hashjoin", "enable_mergejoin", "enable_nestloop")) {
                statement.execute("SET " + join + " = " + join.equals(onlyJoin));
            }
            for (List<String> names :
                    List.of(List.of("readings", "other"), List.of("other", "readings"))) {
                List<PublishedTable> tables =
                        names.stream().map(name -> new PublishedTable(name, "id")).toList();
                assertThat(PublicationState.observe(connection, "registry", tables).problems())
                        .extracting(problem -> problem.replaceFirst(" \\(.*", ""))
                        .containsExactly(
                                "registry does not publish " + names.get(0),
                                "registry does not publish " + names.get(1));
            }
        }
    }

    @Test
    void otherTablesAndPublicationsDoNotMatter() throws SQLException {
        PublicationState before = observe();
        database.execute(
                "CREATE TABLE other (id BIGINT PRIMARY KEY)",
                "ALTER PUBLICATION registry ADD TABLE other",
                "INSERT INTO readings VALUES (1, 'a', 'b')",
                "ANALYZE readings",
                "VACUUM readings",
                "VACUUM FREEZE pg_class");
        assertThat(observe()).isEqualTo(before);
    }

    @Test
    void aTransactionFromBeforeAChangeMayStillBeLeftOut() throws SQLException {
        PublicationState during;
        try (Connection open = database.connect();
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("INSERT INTO readings VALUES (1, 'a', 'b')");
            database.execute("ALTER PUBLICATION registry SET (publish_via_partition_root = true)");
            during = observe();
            assertThat(observe()).isEqualTo(during);
            open.commit();
        }
        assertThat(observe().fingerprint()).isNotEqualTo(during.fingerprint());
    }

    private PublicationState observe() throws SQLException {
        try (Connection connection = database.connect()) {
            return PublicationState.observe(connection, "registry", TABLES);
        }
    }
}
