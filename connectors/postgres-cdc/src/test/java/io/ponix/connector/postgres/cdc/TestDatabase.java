package io.ponix.connector.postgres.cdc;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.slot.ReplicationSlot;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A Postgres: one for all tests of a JVM, or one of a {@link PostgresPair}. Each test takes names
 * of its own for tables, publications and slots.
 */
public final class TestDatabase implements AutoCloseable {

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final EmbeddedPostgres postgres;
    private final IntSupplier port;

    TestDatabase(EmbeddedPostgres postgres, IntSupplier port) {
        this.postgres = postgres;
        this.port = port;
    }

    private static TestDatabase ofAllTests() {
        try {
            EmbeddedPostgres postgres =
                    EmbeddedPostgres.builder()
                            .home(Files.createTempDirectory("postgres-cdc-test"))
                            .password("a-secret-word")
                            .build();
            postgres.start();
            return new TestDatabase(postgres, postgres::port);
        } catch (IOException e) {
            throw new IllegalStateException("No temporary folder", e);
        }
    }

    /** The process, to restart, kill or freeze it. */
    public EmbeddedPostgres process() {
        return postgres;
    }

    /** A name nobody else has. */
    public String uniqueName(String prefix) {
        return prefix + "_" + NAMES.incrementAndGet();
    }

    public PostgresSettings config() {
        return PostgresSettings.builder()
                .host(postgres.host())
                .port(port.getAsInt())
                .database(postgres.database())
                .username(postgres.username())
                .password(postgres.password())
                .build();
    }

    /** A connection to this very server, also if it is a standby. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://"
                        + postgres.host()
                        + ":"
                        + port.getAsInt()
                        + "/"
                        + postgres.database(),
                postgres.username(),
                postgres.password());
    }

    /** Executes each statement in a transaction of its own. */
    public void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Executes all statements in one transaction. */
    public void executeTogether(List<String> statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
        }
    }

    public String query(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : null;
        }
    }

    public Optional<ReplicationSlot> slot(String name) throws SQLException {
        try (Connection connection = connect()) {
            return ReplicationSlot.find(connection, name);
        }
    }

    public WalPosition confirmed(String slotName) throws SQLException {
        return slot(slotName).orElseThrow().confirmedPosition();
    }

    /** End of the server's write-ahead log. */
    public WalPosition endOfWal() throws SQLException {
        return WalPosition.parse(query("SELECT pg_current_wal_lsn()"));
    }

    @Override
    public void close() {
        postgres.close();
        try (Stream<Path> files = Files.walk(postgres.home())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new IllegalStateException("Cannot remove " + postgres.home(), e);
        }
    }

    /**
     * Starts the database before the first test that needs it, and stops it after the last one of
     * the JVM.
     */
    public static final class Extension implements BeforeAllCallback, ParameterResolver {

        private static final Namespace NAMESPACE = Namespace.create(TestDatabase.class);

        @Override
        public void beforeAll(ExtensionContext context) {
            database(context);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == TestDatabase.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return database(context);
        }

        private static TestDatabase database(ExtensionContext context) {
            return context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
                    .getOrComputeIfAbsent(
                            TestDatabase.class, key -> ofAllTests(), TestDatabase.class);
        }
    }
}
