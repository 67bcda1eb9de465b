package io.ponix.jobs.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.MessageInfo;
import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.embedded.EmbeddedStack;
import io.ponix.embedded.clickhouse.ClickHouseProgramUsers;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.flink.FlinkCommandResult;
import io.ponix.embedded.nats.NatsProgramUser;
import io.ponix.embedded.nats.NatsProgramUsers;
import io.ponix.migrations.ClickHouseMigrations;
import io.ponix.migrations.PostgresMigrations;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.proto.envelope.v1.ProcessedEnvelope;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/**
 * The whole stack as processes, with the job's jar submitted to it through Flink's own command
 * line, as users that may do no more than docker/ permits.
 */
final class SessionsStack implements AutoCloseable {

    private static final NatsProgramUsers USERS = NatsProgramUsers.ofTheCheckout();
    private static final ClickHouseProgramUsers CLICKHOUSE_USERS =
            ClickHouseProgramUsers.ofTheCheckout();

    private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");
    private static final Pattern SAVEPOINT = Pattern.compile("Savepoint completed. Path: (\\S+)");
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int CONNECTION_CHECK_SECONDS = 5;

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final EmbeddedStack stack;
    private final ClickHouseClient clickHouse;
    private final Connection nats;
    private java.sql.Connection postgres;
    private String jobId;

    private SessionsStack(EmbeddedStack stack) throws Exception {
        this.stack = stack;
        clickHouse =
                new ClickHouseClient(
                        ClickHouseSettings.fromEnvironment(
                                stack.clickHouse().address().environment()));
        NatsProgramUser operator = USERS.of("ponix-operator");
        nats =
                Nats.connect(
                        Options.builder()
                                .server(stack.nats().url())
                                .userInfo(
                                        operator.name().toCharArray(),
                                        operator.password().reveal().toCharArray())
                                .connectionTimeout(PATIENCE)
                                .build());
    }

    /** One for all statements; another where Postgres was away meanwhile. */
    private java.sql.Connection postgres() throws SQLException {
        if (postgres == null || !postgres.isValid(CONNECTION_CHECK_SECONDS)) {
            postgres =
                    DriverManager.getConnection(
                            stack.postgres().jdbcUrl(),
                            stack.postgres().username(),
                            stack.postgres().password());
        }
        return postgres;
    }

    static SessionsStack start(Path home) throws Exception {
        EmbeddedStack.Builder builder =
                EmbeddedStack.builder()
                        .home(home)
                        .migratePostgres(SessionsStack::migrate)
                        .migrateClickHouse(SessionsStack::migrate);
        builder.nats().configuration(USERS.configuration());
        builder.clickHouse().users(CLICKHOUSE_USERS.statements());
        // Compiling for speed takes longer than these tests run.
        builder.flink().configuration("env.java.opts.taskmanager", "-XX:TieredStopAtLevel=1");
        EmbeddedStack stack = builder.build();
        try {
            stack.start();
            return new SessionsStack(stack);
        } catch (Exception | Error e) {
            stack.stop();
            throw e;
        }
    }

    private static void migrate(PostgresSettings address) {
        PostgresMigrations.builder()
                .settings(PostgresSettings.fromEnvironment(address.environment()))
                .build()
                .up();
    }

    private static void migrate(ClickHouseSettings address) {
        ClickHouseMigrations.builder()
                .settings(CLICKHOUSE_USERS.at(address, "ponix-migrations"))
                .build()
                .up();
    }

    EmbeddedFlinkCluster flink() {
        return stack.flink();
    }

    /** Where everything is, as a person would set it in the environment. */
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(stack.addresses().environment());
        environment.putAll(USERS.of("ponix-job").environment());
        environment.putAll(CLICKHOUSE_USERS.environment("ponix-job"));
        return environment;
    }

    /** {@code flink run}, whatever comes of it. */
    FlinkCommandResult run(List<String> flinkOptions, String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", "-d"));
        arguments.addAll(flinkOptions);
        arguments.add(jar().toString());
        arguments.addAll(List.of(options));
        return flink().flink(environment(), arguments.toArray(String[]::new));
    }

    private static Path jar() {
        return Path.of(
                System.getProperty("ponix.root"),
                "jobs/metered-sessions/target",
                MeteredSessions.DESCRIPTOR.jar());
    }

    void submit(String... flinkOptions) {
        FlinkCommandResult result = run(List.of(flinkOptions));
        assertThat(result.exitCode()).as(result.output()).isZero();
        jobId = find(JOB_ID, result.output());
        awaitRunning();
    }

    void awaitRunning() {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            for (JsonNode vertex : job().get("vertices")) {
                                assertThat(vertex.get("status").asText())
                                        .as(vertex.get("name").asText())
                                        .isEqualTo("RUNNING");
                            }
                        });
    }

    String takeSavepoint() {
        FlinkCommandResult result = flink().flink("savepoint", jobId);
        assertThat(result.exitCode()).as(result.output()).isZero();
        return find(SAVEPOINT, result.output());
    }

    void cancel() {
        FlinkCommandResult result = flink().flink("cancel", jobId);
        assertThat(result.exitCode()).as(result.output()).isZero();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(job().get("state").asText()).isEqualTo("CANCELED"));
    }

    private JsonNode job() throws IOException, InterruptedException {
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(URI.create(flink().restUrl() + "/jobs/" + jobId))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        return json.readTree(response.body());
    }

    void killDatabases() {
        stack.postgres().kill();
        stack.clickHouse().kill();
    }

    void startDatabases() {
        stack.postgres().start();
        stack.clickHouse().start();
    }

    /** As the pipeline does it. */
    void publish(ProcessedEnvelope envelope) throws IOException, JetStreamApiException {
        nats.jetStream()
                .publish(
                        EnvelopeSubjects.of("processed_envelopes", envelope.getEndDeviceId()),
                        envelope.toByteArray());
    }

    /** Everything in a stream that nothing was deleted of, in its order. */
    List<MessageInfo> messages(String stream) throws IOException, JetStreamApiException {
        List<MessageInfo> messages = new ArrayList<>();
        long last =
                nats.jetStreamManagement().getStreamInfo(stream).getStreamState().getLastSequence();
        for (long sequence = 1; sequence <= last; sequence++) {
            messages.add(nats.jetStreamManagement().getMessage(stream, sequence));
        }
        return messages;
    }

    List<List<String>> clickHouse(String query) throws IOException, InterruptedException {
        return clickHouse.query(query, Map.of());
    }

    /** Values as texts; null is an empty one. */
    List<List<String>> postgres(String query) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (Statement statement = postgres().createStatement();
                ResultSet result = statement.executeQuery(query)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    String value = result.getString(i);
                    row.add(value == null ? "" : value);
                }
                rows.add(row);
            }
        }
        return rows;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = postgres().createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        try {
            clickHouse.close();
            nats.close();
            if (postgres != null) {
                postgres.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } finally {
            stack.stop();
        }
    }

    private static String find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }
}
