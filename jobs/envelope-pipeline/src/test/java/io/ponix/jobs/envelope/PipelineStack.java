package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.impl.Headers;
import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.embedded.EmbeddedStack;
import io.ponix.embedded.clickhouse.ClickHouseProgramUsers;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.flink.FlinkCommandResult;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.nats.NatsProgramUser;
import io.ponix.embedded.nats.NatsProgramUsers;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.Folders;
import io.ponix.migrations.ClickHouseMigrations;
import io.ponix.migrations.PostgresMigrations;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.transforms.ContractDocument;
import io.ponix.transforms.PayloadContract;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/**
 * The whole stack as processes, with the job's jar submitted to it through Flink's own command
 * line.
 */
final class PipelineStack implements AutoCloseable {

    static final String ORGANIZATION = "org";

    /** The job has a user that may do no more than docker/nats-users.conf permits. */
    private static final NatsProgramUsers USERS = NatsProgramUsers.ofTheCheckout();

    /** So have job and migrations in ClickHouse, by docker/clickhouse-users.sql. */
    private static final ClickHouseProgramUsers CLICKHOUSE_USERS =
            ClickHouseProgramUsers.ofTheCheckout();

    private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");
    private static final Pattern SAVEPOINT = Pattern.compile("Savepoint completed. Path: (\\S+)");
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int CONNECTION_CHECK_SECONDS = 5;

    private final EmbeddedStack stack;
    private final boolean ownsServers;
    private final ClickHouseClient clickHouse;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private Connection nats;
    private JetStream jetStream;
    private java.sql.Connection connection;
    private String jobId;

    private PipelineStack(EmbeddedStack stack, boolean ownsServers) throws Exception {
        this.stack = stack;
        this.ownsServers = ownsServers;
        clickHouse =
                new ClickHouseClient(
                        ClickHouseSettings.fromEnvironment(
                                stack.clickHouse().address().environment()));
        connectToNats();
    }

    private void connectToNats() throws IOException, InterruptedException {
        nats = Nats.connect(operator(stack));
        jetStream = nats.jetStream();
    }

    /** For who may do everything in NATS. */
    static Options operator(EmbeddedStack stack) {
        NatsProgramUser operator = USERS.of("ponix-operator");
        return Options.builder()
                .server(stack.nats().url())
                .userInfo(operator.name().toCharArray(), operator.password().reveal().toCharArray())
                // Of requests, too: on a busy disk 2 s, the default, may pass.
                .connectionTimeout(PATIENCE)
                .build();
    }

    /** Its servers go on when it is closed. */
    static PipelineStack onServersOfOthers(EmbeddedStack stack) throws Exception {
        return new PipelineStack(stack, false);
    }

    static PipelineStack start(Path home) throws Exception {
        return start(home, flink -> {});
    }

    /**
     * @param settings what is special to the cluster
     */
    static PipelineStack start(Path home, Consumer<EmbeddedFlinkCluster.Builder> settings)
            throws Exception {
        EmbeddedStack stack = startServers(home, settings);
        try {
            return new PipelineStack(stack, true);
        } catch (Exception | Error e) {
            stack.stop();
            throw e;
        }
    }

    static EmbeddedStack startServers(Path home, Consumer<EmbeddedFlinkCluster.Builder> settings) {
        EmbeddedStack.Builder builder =
                EmbeddedStack.builder()
                        .home(home)
                        .migratePostgres(PipelineStack::migrate)
                        .migrateClickHouse(PipelineStack::migrate);
        builder.nats().configuration(USERS.configuration());
        builder.clickHouse().users(CLICKHOUSE_USERS.statements());
        // The REST interface shows metrics of up to 10 s ago by default, longer than anything is
        // parked.
        builder.flink().configuration("metrics.fetcher.update-interval", "200 ms");
        // Compiling for speed takes longer than these tests run.
        builder.flink().configuration("env.java.opts.taskmanager", "-XX:TieredStopAtLevel=1");
        settings.accept(builder.flink());
        EmbeddedStack stack = builder.build();
        try {
            stack.start();
            return stack;
        } catch (RuntimeException | Error e) {
            stack.stop();
            throw e;
        }
    }

    /** Creates what the migrations create, in both databases. */
    static void migrate(EmbeddedStack stack) {
        migrate(stack.postgres().address());
        migrate(stack.clickHouse().address());
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

    EmbeddedPostgres postgres() {
        return stack.postgres();
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

    /**
     * The same for a job that does more than its own users may, with streams or tables of its own.
     */
    Map<String, String> environmentOfOperator() {
        Map<String, String> environment = environment();
        environment.putAll(USERS.of("ponix-operator").environment());
        environment.putAll(stack.clickHouse().address().environment());
        return environment;
    }

    FlinkCommandResult run(Map<String, String> environment, String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", "-d", jar().toString()));
        arguments.addAll(List.of(options));
        return flink().flink(environment, arguments.toArray(String[]::new));
    }

    /** {@code flink run} with options of its own, whatever comes of it. */
    FlinkCommandResult runWith(List<String> flinkOptions) {
        List<String> arguments = new ArrayList<>(List.of("run", "-d"));
        arguments.addAll(flinkOptions);
        arguments.add(jar().toString());
        return flink().flink(environment(), arguments.toArray(String[]::new));
    }

    void submit(String... options) {
        submit(List.of(), options);
    }

    /** Continues from a savepoint, with options of the job. */
    void resume(String savepoint, String... options) {
        submit(List.of("-s", savepoint), options);
    }

    /** Continues from a savepoint with another parallelism. */
    void resumeAt(int parallelism, String savepoint) {
        submit(List.of("-s", savepoint, "-p", String.valueOf(parallelism)));
    }

    private void submit(List<String> flinkOptions, String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", "-d"));
        arguments.addAll(flinkOptions);
        arguments.add(jar().toString());
        arguments.addAll(List.of(options));
        FlinkCommandResult result = flink().flink(environment(), arguments.toArray(String[]::new));
        assertThat(result.exitCode()).as(result.output()).isZero();
        jobId = find(JOB_ID, result.output());
        awaitRunning();
    }

    /** Returns when the job has ended. */
    void cancel() {
        FlinkCommandResult result = flink().flink("cancel", jobId);
        assertThat(result.exitCode()).as(result.output()).isZero();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(job().get("state").asText()).isEqualTo("CANCELED"));
    }

    String takeSavepoint() {
        FlinkCommandResult result = flink().flink("savepoint", jobId);
        assertThat(result.exitCode()).as(result.output()).isZero();
        return find(SAVEPOINT, result.output());
    }

    String stopWithSavepoint() {
        FlinkCommandResult result =
                flink().flink("stop", "-p", flink().savepointFolder().toUri().toString(), jobId);
        assertThat(result.exitCode()).as(result.output()).isZero();
        return find(SAVEPOINT, result.output());
    }

    /** Until every task has read its state and waits for records. */
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

    /** The id of the job submitted last. */
    String jobId() {
        return jobId;
    }

    JsonNode job() throws IOException, InterruptedException {
        return rest("/jobs/" + jobId);
    }

    /**
     * When the job restarted last, in milliseconds since 1970; 0 if it never did. Known at once,
     * where the metric numRestarts is up to ten seconds old.
     */
    long lastRestart() throws IOException, InterruptedException {
        return job().get("timestamps").get("RESTARTING").asLong();
    }

    /** A metric of the operator that enriches and transforms, summed over its instances. */
    long transformMetric(String name) throws IOException, InterruptedException {
        return metric(EnvelopePipeline.ENRICH_AND_TRANSFORM, "enrich_and_transform." + name);
    }

    /** A metric of the source of changes. */
    long changesMetric(String name) throws IOException, InterruptedException {
        return metric("Source: " + EnvelopePipeline.DEVICE_CHANGES, "PostgresCdcSource." + name);
    }

    private long metric(String operator, String name) throws IOException, InterruptedException {
        for (JsonNode vertex : job().get("vertices")) {
            if (vertex.get("name").asText().startsWith(operator)) {
                String metrics =
                        "/jobs/"
                                + jobId
                                + "/vertices/"
                                + vertex.get("id").asText()
                                + "/subtasks/metrics";
                for (JsonNode metric : rest(metrics)) {
                    String id = metric.get("id").asText();
                    if (id.endsWith(name)) {
                        String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8);
                        return rest(metrics + "?agg=sum&get=" + encoded)
                                .path(0)
                                .path("sum")
                                .asLong();
                    }
                }
                return 0;
            }
        }
        throw new AssertionError("The job has no such operator: " + job());
    }

    JsonNode rest(String path) throws IOException, InterruptedException {
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(URI.create(flink().restUrl() + path)).build(),
                        HttpResponse.BodyHandlers.ofString());
        return json.readTree(response.body());
    }

    void sql(String statement, Object... parameters) throws SQLException {
        try (PreparedStatement prepared = connection().prepareStatement(statement)) {
            for (int i = 0; i < parameters.length; i++) {
                prepared.setObject(i + 1, parameters[i]);
            }
            prepared.executeUpdate();
        }
    }

    /** One for all statements; another where Postgres was away meanwhile. */
    private java.sql.Connection connection() throws SQLException {
        if (connection == null || !connection.isValid(CONNECTION_CHECK_SECONDS)) {
            connection =
                    DriverManager.getConnection(
                            stack.postgres().jdbcUrl(),
                            stack.postgres().username(),
                            stack.postgres().password());
        }
        return connection;
    }

    /** The only value that a query gives. */
    String value(String query) throws SQLException {
        try (Statement statement = connection().createStatement();
                ResultSet row = statement.executeQuery(query)) {
            assertThat(row.next()).as(query).isTrue();
            return row.getString(1);
        }
    }

    void organization(String id) throws SQLException {
        sql("INSERT INTO organizations (id, name) VALUES (?, ?)", id, id);
    }

    void device(String id, String organization, String transform) throws SQLException {
        sql(
                "INSERT INTO end_devices (device_id, organization_id, name, payload_conversion)"
                        + " VALUES (?, ?, ?, ?)",
                id,
                organization,
                id,
                transform);
    }

    /** Gives a device a name in normal form, or none. */
    void externalId(String id, String externalId) throws SQLException {
        sql("UPDATE end_devices SET external_id = ? WHERE device_id = ?", externalId, id);
    }

    void definition(String id, String organization, PayloadContract... contracts)
            throws SQLException {
        sql(
                "INSERT INTO end_device_definitions (id, organization_id, name, contracts)"
                        + " VALUES (?, ?, ?, ?::jsonb)",
                id,
                organization,
                id,
                ContractDocument.write(List.of(contracts)));
    }

    void deviceOf(String definition, String id, String organization, String transform)
            throws SQLException {
        sql(
                "INSERT INTO end_devices (device_id, organization_id, name, payload_conversion,"
                        + " definition_id) VALUES (?, ?, ?, ?, ?)",
                id,
                organization,
                id,
                transform,
                definition);
    }

    void gateway(String id, String organization) throws SQLException {
        sql(
                "INSERT INTO gateways (gateway_id, organization_id, gateway_type, gateway_config)"
                        + " VALUES (?, ?, 'emqx', '{\"broker_url\": \"mqtt://broker\"}')",
                id,
                organization);
    }

    /** Publishes as a producer does, and returns the sequence it was stored under. */
    long publish(RawEnvelope envelope) throws IOException, JetStreamApiException {
        return publish(subject(envelope), envelope.toByteArray());
    }

    long publish(String subject, byte[] data) throws IOException, JetStreamApiException {
        return jetStream.publish(subject, data).getSeqno();
    }

    long publish(String subject, Headers headers, byte[] data)
            throws IOException, JetStreamApiException {
        return jetStream.publish(subject, headers, data).getSeqno();
    }

    /** NATS goes on with the files of another in place of its own. */
    void takeStreamsOf(Path jetStreamFolder) throws IOException, InterruptedException {
        nats.close();
        stack.nats().stop();
        Path data = stack.nats().home().resolve("nats/jetstream");
        Folders.delete(data);
        Folders.copy(jetStreamFolder, data);
        stack.nats().start();
        connectToNats();
    }

    /** Creates the stream of raw envelopes, which else the first submission of the job does. */
    void createRawStream() throws Exception {
        List<String> subjects = new ArrayList<>(List.of("raw_envelopes.*"));
        for (int partition = 0; partition < EmbeddedNats.DEFAULT_PARTITIONS; partition++) {
            subjects.add("raw_envelopes." + partition + ".*");
        }
        createStream("raw_envelopes", subjects);
    }

    void createStream(String name, List<String> subjects) throws Exception {
        nats.jetStreamManagement()
                .addStream(
                        StreamConfiguration.builder()
                                .name(name)
                                .storageType(StorageType.File)
                                .subjects(subjects)
                                .build());
    }

    /**
     * Lets a stream store so many more messages, and refuse the next; any number, if it is
     * negative.
     */
    void setRoom(String name, long messages) throws Exception {
        StreamInfo stream = nats.jetStreamManagement().getStreamInfo(name);
        nats.jetStreamManagement()
                .updateStream(
                        StreamConfiguration.builder(stream.getConfiguration())
                                .discardPolicy(DiscardPolicy.New)
                                .maxMessages(
                                        messages < 0
                                                ? -1
                                                : stream.getStreamState().getMsgCount() + messages)
                                .build());
    }

    void deleteStream(String name) throws Exception {
        nats.jetStreamManagement().deleteStream(name);
    }

    CompletableFuture<PublishAck> publishAsync(RawEnvelope envelope) {
        return jetStream.publishAsync(subject(envelope), envelope.toByteArray());
    }

    private static String subject(RawEnvelope envelope) {
        return EnvelopeSubjects.of(
                "raw_envelopes",
                envelope.getEndDeviceId().isEmpty()
                        ? envelope.getExternalId()
                        : envelope.getEndDeviceId());
    }

    /** Lets ClickHouse refuse readings with the key "refused": all others it takes. */
    void refuseMarkedReadings() throws IOException, InterruptedException {
        query(
                "ALTER TABLE processed_envelopes ADD CONSTRAINT IF NOT EXISTS no_marked_reading"
                        + " CHECK isNull(data.refused)");
    }

    List<List<String>> query(String sql) throws IOException, InterruptedException {
        return clickHouse.query(sql, Map.of());
    }

    /** How many rows a device has. */
    long rows(String device) throws IOException, InterruptedException {
        return number(
                "SELECT count() FROM processed_envelopes WHERE end_device_id = '" + device + "'");
    }

    long number(String sql) throws IOException, InterruptedException {
        return Long.parseLong(query(sql).get(0).get(0));
    }

    /** Everything in the stream of dead letters, in its order. */
    List<MessageInfo> deadLetters() throws IOException, JetStreamApiException {
        return messages("dead_letters");
    }

    /** Until exactly this was announced of a gateway, in this order; see {@link #announcements}. */
    void awaitAnnouncements(String gatewayId, String... expected) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(announcements(gatewayId)).containsExactly(expected));
    }

    /** What was announced of a gateway: subject, status, and whether it is deleted. */
    private List<String> announcements(String gatewayId) throws IOException, JetStreamApiException {
        List<String> announcements = new ArrayList<>();
        for (MessageInfo message : messages("gateways")) {
            Gateway gateway = Gateway.parseFrom(message.getData());
            if (gateway.getGatewayId().equals(gatewayId)) {
                announcements.add(
                        message.getSubject()
                                + " "
                                + gateway.getStatus()
                                + (gateway.hasDeletedAt() ? " deleted" : ""));
            }
        }
        return announcements;
    }

    /** Everything in a stream, in its order. */
    List<MessageInfo> messages(String stream) throws IOException, JetStreamApiException {
        List<MessageInfo> messages = new ArrayList<>();
        long last = lastSequence(stream);
        for (long sequence = 1; sequence <= last; sequence++) {
            messages.add(nats.jetStreamManagement().getMessage(stream, sequence));
        }
        return messages;
    }

    /** How many messages a stream was given, if none was deleted. */
    long lastSequence(String stream) throws IOException, JetStreamApiException {
        return nats.jetStreamManagement().getStreamInfo(stream).getStreamState().getLastSequence();
    }

    MessageInfo lastMessage(String stream, String subject)
            throws IOException, JetStreamApiException {
        return nats.jetStreamManagement().getLastMessage(stream, subject);
    }

    @Override
    public void close() {
        try {
            clickHouse.close();
            nats.close();
            if (connection != null) {
                connection.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } finally {
            if (ownsServers) {
                stack.stop();
            }
        }
    }

    /** The job's id as {@code flink run} tells it. */
    static String jobId(FlinkCommandResult submission) {
        return find(JOB_ID, submission.output());
    }

    static Path jar() {
        return Path.of(
                System.getProperty("ponix.root"),
                "jobs/envelope-pipeline/target",
                EnvelopePipeline.DESCRIPTOR.jar());
    }

    private static String find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }
}
