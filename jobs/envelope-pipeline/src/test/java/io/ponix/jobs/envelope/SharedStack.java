package io.ponix.jobs.envelope;

import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.EmbeddedStack;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One stack for all classes of a JVM that want nothing special of theirs. Each, or each test, that
 * takes it as a parameter finds it as if it had just been started: without jobs, streams, slots,
 * devices and rows. It ends after the last class, and leaves its logs in {@code target}.
 */
final class SharedStack implements ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(SharedStack.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == PipelineStack.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // A JVM that takes class after class executes a request for each, but in one session.
        OfJvm ofJvm =
                context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
                        .getOrComputeIfAbsent(OfJvm.class, key -> new OfJvm(), OfJvm.class);
        try {
            PipelineStack stack = PipelineStack.onServersOfOthers(ofJvm.emptied());
            AutoCloseable atTheEndOfTheClass =
                    () -> {
                        stack.close();
                        ofJvm.cancelJobs();
                    };
            context.getStore(NAMESPACE).put(PipelineStack.class, atTheEndOfTheClass);
            return stack;
        } catch (Exception e) {
            throw new IllegalStateException("There is no stack that classes could share", e);
        }
    }

    /** Closed with the store, after the last class. */
    private static final class OfJvm implements AutoCloseable {

        /** Enough for two jobs. */
        private static final int TASK_SLOTS = 4;

        private static final Duration PATIENCE = Duration.ofSeconds(90);

        private EmbeddedStack stack;
        private Path home;

        /** Started, and as new. */
        private EmbeddedStack emptied() throws Exception {
            if (stack != null) {
                try {
                    empty();
                    return stack;
                } catch (Exception | AssertionError e) {
                    // The test that left it like this has failed, too.
                    System.err.println(
                            "The shared stack cannot be emptied, another takes its place: " + e);
                    close();
                }
            }
            Path target = Files.createDirectories(Path.of("target").toAbsolutePath());
            home = Files.createTempDirectory(target, "shared-stack-");
            stack = PipelineStack.startServers(home, flink -> flink.taskSlots(TASK_SLOTS));
            return stack;
        }

        /** Jobs take CPU time from classes that have a stack of their own. */
        private void cancelJobs() {
            try {
                ClusterJobs.cancelAll(stack.flink());
            } catch (Exception | AssertionError e) {
                // Tried again before the next class, with every process running.
                System.err.println("Jobs on the shared stack cannot be cancelled: " + e);
            }
        }

        private void empty() throws Exception {
            stack.nats().start();
            stack.postgres().start();
            stack.clickHouse().start();
            stack.flink().start();
            ClusterJobs.cancelAll(stack.flink());
            deleteStreams();
            createDatabaseAnew();
            dropTables();
            PipelineStack.migrate(stack);
        }

        @SuppressWarnings("try") // Closing a connection may be interrupted, like all of this.
        private void deleteStreams() throws Exception {
            try (Connection nats = Nats.connect(PipelineStack.operator(stack))) {
                JetStreamManagement streams = nats.jetStreamManagement();
                for (String stream : streams.getStreamNames()) {
                    streams.deleteStream(stream);
                }
            }
        }

        private void createDatabaseAnew() throws SQLException {
            EmbeddedPostgres postgres = stack.postgres();
            String database = postgres.database();
            try (java.sql.Connection connection =
                            DriverManager.getConnection(
                                    postgres.jdbcUrl().replace("/" + database, "/postgres"),
                                    postgres.username(),
                                    postgres.password());
                    Statement statement = connection.createStatement()) {
                // The walsender of a job that was cancelled ends a moment later.
                await().atMost(PATIENCE)
                        .ignoreExceptionsInstanceOf(SQLException.class)
                        .until(
                                () ->
                                        statement.execute(
                                                "SELECT pg_drop_replication_slot(slot_name)"
                                                        + " FROM pg_replication_slots"));
                statement.execute("DROP DATABASE " + database + " WITH (FORCE)");
                statement.execute("CREATE DATABASE " + database);
            }
        }

        private void dropTables() throws Exception {
            try (ClickHouseClient clickHouse =
                    new ClickHouseClient(
                            ClickHouseSettings.fromEnvironment(
                                    stack.clickHouse().address().environment()))) {
                for (List<String> table :
                        clickHouse.query(
                                "SELECT name FROM system.tables WHERE database = currentDatabase()",
                                Map.of())) {
                    clickHouse.query("DROP TABLE `" + table.get(0) + "` SYNC", Map.of());
                }
            }
        }

        @Override
        public void close() throws IOException {
            if (stack == null) {
                return;
            }
            stack.stop();
            stack = null;
            try (Stream<Path> entries = Files.list(home)) {
                for (Path entry : entries.toList()) {
                    if (!entry.endsWith("logs")) {
                        Folders.delete(entry);
                    }
                }
            }
        }
    }
}
