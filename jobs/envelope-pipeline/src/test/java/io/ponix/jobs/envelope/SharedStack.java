package io.ponix.jobs.envelope;

import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.EmbeddedStack;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The stack of all classes of this JVM that want nothing special of it. Each finds it as if it had
 * just been started: without jobs, streams, slots, devices and rows. It ends with the JVM, and
 * leaves its logs in {@code target}.
 */
final class SharedStack {

    /** Enough for two jobs. */
    private static final int TASK_SLOTS = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static EmbeddedStack started;

    private SharedStack() {}

    /** Started, and as new. */
    static synchronized EmbeddedStack emptied() throws Exception {
        if (started != null) {
            try {
                empty(started);
                return started;
            } catch (Exception | AssertionError e) {
                // The test that left it like this has failed, too.
                System.err.println(
                        "The shared stack cannot be emptied, another takes its place: " + e);
                started.stop();
                started = null;
            }
        }
        Path target = Files.createDirectories(Path.of("target").toAbsolutePath());
        Path home = Files.createTempDirectory(target, "shared-stack-");
        EmbeddedStack stack =
                PipelineStack.startServers(home, flink -> flink.taskSlots(TASK_SLOTS));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(stack, home)));
        started = stack;
        return stack;
    }

    private static void empty(EmbeddedStack stack) throws Exception {
        stack.nats().start();
        stack.postgres().start();
        stack.clickHouse().start();
        stack.flink().start();
        ClusterJobs.cancelAll(stack.flink());
        deleteStreams(stack);
        createDatabaseAnew(stack.postgres());
        dropTables(stack);
        PipelineStack.migrate(stack);
    }

    @SuppressWarnings("try") // Closing a connection may be interrupted, like all of this.
    private static void deleteStreams(EmbeddedStack stack) throws Exception {
        try (Connection nats = Nats.connect(stack.nats().url())) {
            JetStreamManagement streams = nats.jetStreamManagement();
            for (String stream : streams.getStreamNames()) {
                streams.deleteStream(stream);
            }
        }
    }

    private static void createDatabaseAnew(EmbeddedPostgres postgres) throws SQLException {
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

    private static void dropTables(EmbeddedStack stack) throws Exception {
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

    private static void end(EmbeddedStack stack, Path home) {
        stack.stop();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file :
                    files.filter(file -> !file.startsWith(home.resolve("logs")))
                            .filter(file -> !file.equals(home))
                            .sorted(Comparator.reverseOrder())
                            .toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
