package io.ponix.deviceservice;

import static io.ponix.deviceservice.AccessUnderTest.withKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.proto.access.v1.AccessServiceGrpc;
import io.ponix.proto.access.v1.GetCallerRequest;
import io.ponix.proto.access.v1.Role;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.ListOrganizationsRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import io.ponix.proto.organization.v1.UpdateOrganizationRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The runnable jar as a process: what it prints, and how it ends. */
class DeviceServiceMainITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final Path JAR =
            Path.of(
                    System.getProperty("ponix.root"),
                    "device-service",
                    "target",
                    "ponix-device-service.jar");

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private static Path home;

    private static EmbeddedPostgres postgres;

    @TempDir private Path folder;

    @BeforeAll
    static void startPostgres() {
        postgres = EmbeddedPostgres.builder().home(home).build();
        postgres.start();
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @Test
    void itMigratesServesAndEndsGracefullyOnSigterm() throws Exception {
        Map<String, String> environment = ServiceUnderTest.environment(postgres);
        database("not_migrated_yet");
        environment.put("PONIX_POSTGRES_DATABASE", "not_migrated_yet");
        environment.put("PONIX_LOG_LEVEL", "debug");
        Process process = start(environment);
        try {
            await().atMost(PATIENCE)
                    .until(() -> output().contains("Serving gRPC on port") || !process.isAlive());
            assertThat(output())
                    .contains("applied 20261121080000_row_version.sql")
                    .contains("Serving gRPC on port")
                    .doesNotContain("WARN")
                    .doesNotContain("ERROR");
            assertThat(output().lines())
                    .allMatch(line -> line.startsWith("{\"time\":\"") && line.endsWith("}"));

            listOrganizations();
            await().atMost(PATIENCE).until(() -> output().contains("\"message\":\"call\""));
            assertThat(output())
                    .contains(
                            "\"method\":\"/ponix.organization.v1.OrganizationService/ListOrganizations\"")
                    .contains("\"status\":\"0\"");

            process.destroy();

            assertThat(process.waitFor(10, TimeUnit.SECONDS)).as("ended within 10 s").isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(output()).contains("\"message\":\"Shut down\"");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void withoutItsDatabaseItEndsAndNamesTheSettings() throws Exception {
        Map<String, String> environment = ServiceUnderTest.environment(postgres);
        environment.put("PONIX_POSTGRES_PORT", "1");
        environment.put("PONIX_POSTGRES_STARTUP_TIMEOUT_MS", "1500");
        environment.put("PONIX_POSTGRES_PASWORD", "s3cret-of-a-typo");

        assertThat(exitStatus(environment)).isEqualTo(1);
        assertThat(output())
                .containsOnlyOnce(
                        "PONIX_POSTGRES_PASWORD is set, but nothing reads it; the nearest that is read is"
                                + " PONIX_POSTGRES_PASSWORD")
                .doesNotContain("s3cret-of-a-typo")
                .contains("Waiting for Postgres")
                .contains(
                        "Cannot connect to Postgres at 127.0.0.1:1/ponix (see PONIX_POSTGRES_HOST, PONIX_POSTGRES_PORT)");
    }

    @Test
    void aWrongPasswordIsNotWaitedFor() throws Exception {
        Map<String, String> environment = ServiceUnderTest.environment(postgres);
        environment.put("PONIX_POSTGRES_PASSWORD", "not-the-s3cret");

        assertThat(exitStatus(environment)).isEqualTo(1);
        assertThat(output())
                .contains("see PONIX_POSTGRES_USERNAME, PONIX_POSTGRES_PASSWORD")
                .doesNotContain("not-the-s3cret");
    }

    @Test
    void aPortInUseIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Map<String, String> environment = ServiceUnderTest.environment(postgres);
            environment.put("PONIX_GRPC_PORT", String.valueOf(taken.getLocalPort()));

            assertThat(exitStatus(environment)).isEqualTo(1);
            assertThat(output())
                    .contains(
                            "Cannot start: Cannot listen on 127.0.0.1:"
                                    + taken.getLocalPort()
                                    + " (see PONIX_GRPC_HOST and PONIX_GRPC_PORT): the port is in use by another process");
        }
    }

    @Test
    void argumentsAndSettingsAreChecked() throws Exception {
        assertThat(exitStatus(Map.of(), "--help")).isZero();
        assertThat(output()).contains("Usage:").contains("PONIX_POSTGRES_POOL_SIZE");
        assertThat(exitStatus(Map.of(), "--port=1")).isEqualTo(2);
        assertThat(output()).contains("Unknown argument: --port=1");
        assertThat(exitStatus(Map.of("PONIX_GRPC_PORT", "x"))).isEqualTo(1);
        assertThat(output())
                .contains("PONIX_GRPC_PORT must be a whole number from 0 to 65535, not 'x'");
        assertThat(exitStatus(Map.of(), "--postgres-password=s3cret")).isEqualTo(2);
        assertThat(output())
                .contains("Unknown argument: --postgres-password=...")
                .contains("set PONIX_POSTGRES_PASSWORD, or PONIX_POSTGRES_PASSWORD_FILE to a file")
                .doesNotContain("s3cret");
        assertThat(exitStatus(Map.of("PONIX_POSTGRES_PASSWORD_FILE", folder.toString())))
                .isEqualTo(1);
        assertThat(output())
                .contains(
                        "Cannot start: PONIX_POSTGRES_PASSWORD_FILE names "
                                + folder
                                + ", which is a folder");
    }

    @Test
    void theFirstKeyIsMadeOnceByWhoHasTheDatabase() throws Exception {
        Map<String, String> environment = ServiceUnderTest.environment(postgres);
        assertThat(firstKey(environment)).isEqualTo(2);
        assertThat(output()).contains("FirstKeyMain NAME");

        assertThat(firstKey(environment, "mine")).isZero();
        assertThat(output().lines().filter(line -> !line.startsWith("{")).toList())
                .singleElement(STRING)
                .matches("ponix_[0-9a-v]{20}_[0-9A-Za-z_-]{43}");

        assertThat(firstKey(environment, "mine")).isEqualTo(1);
        assertThat(output()).contains("No key was made: There is a key already");
    }

    private int firstKey(Map<String, String> environment, String... arguments) throws Exception {
        return exitStatus(
                start(
                        List.of("-cp", JAR.toString(), "io.ponix.deviceservice.FirstKeyMain"),
                        environment,
                        arguments));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# only a comment",
                "operator ponix_short_secret-of-a-guess",
                "admin ponix_a_0123456789012345678901234567890123456789secret-of-a-guess",
                "ponix_a_0123456789012345678901234567890123456789secret-of-a-guess",
            })
    void aFileOfFirstKeysThatHoldsSomethingElseIsNamedAndNotShown(String text) throws Exception {
        Map<String, String> environment = ServiceUnderTest.environment(postgres);
        Path file = Files.writeString(folder.resolve("keys"), text);
        environment.put("PONIX_FIRST_KEYS_FILE", file.toString());
        assertThat(exitStatus(environment)).isEqualTo(1);
        assertThat(output())
                .contains("Cannot start: PONIX_FIRST_KEYS_FILE names " + file)
                .doesNotContain("secret-of-a-guess");
    }

    @Test
    void withoutAKeyItSaysHowToMakeOne() throws Exception {
        Map<String, String> environment = ServiceUnderTest.environment(postgres);
        environment.put("PONIX_AUTH", "off");
        environment.put("PONIX_GRPC_HOST", "0.0.0.0");
        assertThat(exitStatus(environment)).isEqualTo(1);
        assertThat(output()).contains("PONIX_AUTH=off where others reach the service");
    }

    @Test
    void whoChangedWhatAndWhoWasRefusedAreLinesOfTheLog() throws Exception {
        database("audited");
        Map<String, String> environment = ServiceUnderTest.environment(postgres);
        environment.put("PONIX_POSTGRES_DATABASE", "audited");
        environment.putAll(AccessUnderTest.required(folder));
        Process process = start(environment);
        ManagedChannel channel = null;
        try {
            await().atMost(PATIENCE)
                    .until(() -> output().contains("Serving gRPC on port") || !process.isAlive());
            channel = channel();
            Channel operator = withKey(channel, AccessUnderTest.OPERATOR);
            AtomicReference<Metadata> headers = new AtomicReference<>();
            String organization =
                    OrganizationServiceGrpc.newBlockingStub(operator)
                            .withInterceptors(
                                    MetadataUtils.newCaptureMetadataInterceptor(
                                            headers, new AtomicReference<>()))
                            .createOrganization(
                                    CreateOrganizationRequest.newBuilder().setName("Acme").build())
                            .getOrganizationId();
            String viewer =
                    AccessUnderTest.key(operator, organization, Role.ROLE_VIEWER).getSecret();
            String viewersId = viewer.split("_")[1];
            AccessServiceGrpc.newBlockingStub(operator)
                    .getCaller(GetCallerRequest.getDefaultInstance());
            // Change nothing.
            OrganizationServiceGrpc.newBlockingStub(operator)
                    .createOrganization(
                            CreateOrganizationRequest.newBuilder()
                                    .setName("Tried")
                                    .setValidateOnly(true)
                                    .build());
            OrganizationServiceGrpc.newBlockingStub(operator)
                    .updateOrganization(
                            UpdateOrganizationRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setName("Other")
                                    .setValidateOnly(true)
                                    .build());
            CreateEndDeviceRequest device =
                    CreateEndDeviceRequest.newBuilder()
                            .setOrganizationId(organization)
                            .setName("Hall")
                            .build();
            for (Channel caller :
                    List.of(withKey(channel, viewer), withKey(channel, viewer + "x"), channel)) {
                AccessUnderTest.status(
                        caller, EndDeviceServiceGrpc.getCreateEndDeviceMethod(), device);
            }
            for (int call = 0; call < 1_000; call++) {
                AccessUnderTest.status(
                        channel, EndDeviceServiceGrpc.getCreateEndDeviceMethod(), device);
            }

            process.destroy();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).as("ended within 10 s").isTrue();
            List<Map<String, String>> lines = new ArrayList<>();
            for (String line : output().lines().toList()) {
                JsonNode parsed = JSON.readTree(line);
                Map<String, String> context = new HashMap<>();
                parsed.path("context")
                        .properties()
                        .forEach(field -> context.put(field.getKey(), field.getValue().asText()));
                context.put("message", parsed.path("message").asText());
                lines.add(context);
            }
            assertThat(lines)
                    .filteredOn(line -> line.get("message").equals("changed"))
                    .satisfiesExactly(
                            line ->
                                    assertThat(line)
                                            .containsEntry("key", "op1")
                                            .containsEntry("role", "ROLE_OPERATOR")
                                            .containsEntry("peer", "127.0.0.1")
                                            .containsEntry("organization_id", organization)
                                            .containsEntry(
                                                    "method",
                                                    "ponix.organization.v1.OrganizationService/CreateOrganization")
                                            .containsEntry(
                                                    "request",
                                                    headers.get()
                                                            .get(
                                                                    Metadata.Key.of(
                                                                            "x-request-id",
                                                                            Metadata
                                                                                    .ASCII_STRING_MARSHALLER))),
                            line ->
                                    assertThat(line)
                                            .containsEntry("key", "op1")
                                            .containsEntry("key_id", viewersId));
            assertThat(lines)
                    .filteredOn(line -> line.get("message").equals("refused"))
                    .hasSizeBetween(20, 1_000)
                    .extracting(line -> line.get("reason") + " " + line.get("key"))
                    .startsWith(
                            "role " + viewersId, "bad_credential " + viewersId, "no_credential ");
            assertThat(output()).doesNotContain(viewer.split("_", 3)[2]);
        } finally {
            process.destroyForcibly();
            if (channel != null) {
                channel.shutdownNow();
            }
        }
    }

    private static void database(String name) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                postgres.jdbcUrl(), postgres.username(), postgres.password());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
    }

    private ManagedChannel channel() throws IOException {
        Matcher port = Pattern.compile("Serving gRPC on port (\\d+)").matcher(output());
        assertThat(port.find()).isTrue();
        return ManagedChannelBuilder.forAddress("127.0.0.1", Integer.parseInt(port.group(1)))
                .usePlaintext()
                .build();
    }

    private void listOrganizations() throws IOException {
        ManagedChannel channel = channel();
        try {
            assertThat(
                            OrganizationServiceGrpc.newBlockingStub(channel)
                                    .listOrganizations(
                                            ListOrganizationsRequest.getDefaultInstance())
                                    .getOrganizationsList())
                    .isEmpty();
        } finally {
            channel.shutdownNow();
        }
    }

    private int exitStatus(Map<String, String> environment, String... arguments) throws Exception {
        return exitStatus(start(environment, arguments));
    }

    private static int exitStatus(Process process) throws Exception {
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("ended")
                    .isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    private Process start(Map<String, String> environment, String... arguments) throws IOException {
        return start(List.of("-jar", JAR.toString()), environment, arguments);
    }

    private Process start(
            List<String> program, Map<String, String> environment, String... arguments)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1")
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("output").toFile());
        builder.command().addAll(program);
        builder.command().addAll(List.of(arguments));
        builder.environment().keySet().removeIf(name -> name.startsWith("PONIX_"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output"));
    }
}
