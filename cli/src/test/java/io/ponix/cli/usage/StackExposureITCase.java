package io.ponix.cli.usage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.cli.RegularFiles;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackSettings;
import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.postgres.PostgresServer;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.environment.SecretValue;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What others on the network, on the machine, and in the browser have of a stack: nothing. */
@ExtendWith(RunningStack.Shared.class)
class StackExposureITCase {

    private static final List<String> SERVERS_SECRETS =
            List.of(
                    "nats/users/ponix-operator",
                    "nats/users/ponix-job",
                    "nats/users/ponix-bridge",
                    "nats/users/ponix-service",
                    "postgres/password",
                    "clickhouse/password",
                    "clickhouse/users/ponix-migrations",
                    "clickhouse/users/ponix-job",
                    "clickhouse/users/ponix-service",
                    "tls/ponix-key.pem");

    private final RunningStack stack;

    StackExposureITCase(RunningStack stack) {
        this.stack = stack;
    }

    @Test
    void everythingListensOnLoopbackOnly() throws Exception {
        StackAddresses addresses = StackAddresses.read(stack.home());
        List<ListeningSocket> sockets = ListeningSocket.of(processes());

        assertThat(sockets)
                .extracting(ListeningSocket::port)
                .contains(
                        URI.create(addresses.grpcAddress()).getPort(),
                        URI.create(addresses.httpUrl()).getPort(),
                        URI.create(addresses.dashboardUrl()).getPort(),
                        URI.create(addresses.mqttUrl()).getPort());
        assertThat(sockets).filteredOn(socket -> !socket.address().isLoopbackAddress()).isEmpty();
        assertThat(reporterPorts())
                .hasSize(2)
                .allSatisfy(
                        port ->
                                assertThat(get("http://127.0.0.1:" + port + "/metrics").body())
                                        .containsPattern("flink_(job|task)manager_Status_JVM_"));
    }

    /** Flink's reporters of metrics take the first free ports of a range. */
    private List<Integer> reporterPorts() throws Exception {
        return ListeningSocket.of(processes()).stream()
                .map(ListeningSocket::port)
                .filter(port -> port >= 9249 && port <= 9299)
                .toList();
    }

    @Test
    void whatIsInTheFolderIsItsOwnersAlone() throws Exception {
        assertThat(mode(stack.home())).isEqualTo("rwx------");
        List<String> secrets = new ArrayList<>(SERVERS_SECRETS);
        secrets.addAll(
                List.of(
                        "stack.properties",
                        "gateway-key",
                        "flink/conf/config.yaml",
                        "clickhouse/users.sql",
                        "nats/nats-server.conf"));
        for (String secret : secrets) {
            assertThat(mode(stack.home().resolve(secret))).as(secret).isEqualTo("rw-------");
        }
    }

    @Test
    void theServersLetInWhoHasTheSecretsOfTheFolder() throws Exception {
        StackAddresses addresses = StackAddresses.read(stack.home());
        String certificate = addresses.security().orElseThrow().certificate();

        NatsSettings.Builder nats =
                NatsSettings.builder()
                        .servers(addresses.nats().redactedServers())
                        .truststore(certificate, "");
        assertThatThrownBy(() -> NatsConnection.open(nats.build(), "test"))
                .hasMessageContaining("refused to let us in")
                .hasMessageContaining("PONIX_NATS_USERNAME");
        PostgresServer postgres = addresses.postgres().servers().get(0);
        String plain = "jdbc:postgresql://" + postgres.host() + ":" + postgres.port() + "/ponix";
        String jdbcUrl = plain + "?sslmode=require";
        assertThatThrownBy(() -> DriverManager.getConnection(jdbcUrl, "ponix", "ponix"))
                .hasMessageContaining("password authentication failed");
        HttpClient trusting = stack.httpClient();
        URI clickHouse = URI.create(addresses.clickHouse().urls().get(0) + "/?query=SELECT%201");
        assertThat(ask(trusting, clickHouse, "ponix").statusCode()).isEqualTo(403);

        NatsConnection.open(
                        nats.userAndPassword("ponix-operator", secret("nats/users/ponix-operator"))
                                .build(),
                        "test")
                .close();
        DriverManager.getConnection(jdbcUrl, "ponix", secret("postgres/password")).close();
        assertThatThrownBy(
                        () ->
                                DriverManager.getConnection(
                                        plain + "?sslmode=disable",
                                        "ponix",
                                        secret("postgres/password")))
                .hasMessageContaining("no encryption");
        assertThat(ask(trusting, clickHouse, secret("clickhouse/password")).body())
                .isEqualTo("1\n");
    }

    /** What each program of the stack is in NATS is what the others are not. */
    @Test
    void everyProgramIsAUserOfItsOwnInNats() throws Exception {
        Map<String, String> users =
                Map.of(
                        "ponix-service", "device-service",
                        "ponix-bridge", "bridge");
        for (Map.Entry<String, String> user : users.entrySet()) {
            Path environment =
                    Path.of(
                            "/proc",
                            stack.process(user.getValue()).pid().orElseThrow() + "",
                            "environ");
            assertThat(Files.readString(environment).split("\0"))
                    .contains(
                            "PONIX_NATS_USERNAME=" + user.getKey(),
                            "PONIX_NATS_PASSWORD_FILE="
                                    + stack.home().resolve("nats/users/" + user.getKey()));
        }
        assertThat(stack.addresses().environment())
                .containsEntry("PONIX_NATS_USERNAME", "ponix-job");
        assertThat(stack.addresses().nats().environment())
                .containsEntry("PONIX_NATS_USERNAME", "ponix-operator");
    }

    @Test
    void everyProgramIsAUserOfItsOwnInClickHouse() throws Exception {
        assertThat(
                        Files.readString(
                                        Path.of(
                                                "/proc",
                                                stack.process("device-service").pid().orElseThrow()
                                                        + "",
                                                "environ"))
                                .split("\0"))
                .contains(
                        "PONIX_CLICKHOUSE_USERNAME=ponix-service",
                        "PONIX_CLICKHOUSE_PASSWORD_FILE="
                                + stack.home().resolve("clickhouse/users/ponix-service"));
        assertThat(stack.addresses().environment())
                .containsEntry("PONIX_CLICKHOUSE_USERNAME", "ponix-job")
                .containsEntry(
                        "PONIX_CLICKHOUSE_PASSWORD_FILE",
                        stack.home().resolve("clickhouse/users/ponix-job").toString());

        // Who calls a command is none of them.
        stack.run("migrate", "status", "clickhouse");

        ClickHouseSettings anybody = stack.addresses().clickHouse();
        for (String user : List.of("ponix-job", "ponix-service")) {
            try (ClickHouseClient client =
                    new ClickHouseClient(
                            anybody.as(user, SecretValue.of(secret("clickhouse/users/" + user))))) {
                assertThat(client.query("SELECT count() >= 0 FROM processed_envelopes", Map.of()))
                        .containsExactly(List.of("1"));
                assertThatThrownBy(() -> client.query("DROP TABLE processed_envelopes", Map.of()))
                        .hasMessageContaining("ACCESS_DENIED");
            }
        }
    }

    @Test
    void theSecretsOfTheServersAreInNoArgumentAndNoLog() throws Exception {
        for (String name : SERVERS_SECRETS) {
            String secret = secret(name);
            for (EmbeddedProcess process : processes()) {
                Path arguments = Path.of("/proc", process.pid().orElseThrow() + "", "cmdline");
                assertThat(Files.readString(arguments))
                        .as("%s of %s", name, process)
                        .isNotEmpty()
                        .doesNotContain(secret);
            }
            RegularFiles.below(stack.home().resolve("logs"), log -> true)
                    .forEach(
                            (log, text) ->
                                    assertThat(text.contains(secret))
                                            .as("%s in %s", name, log)
                                            .isFalse());
        }
    }

    @Test
    void aWebPageCannotBringAJobToFlinkNorReadWhatItSays() throws Exception {
        String dashboard = StackAddresses.read(stack.home()).dashboardUrl();

        HttpResponse<String> overview = get(dashboard + "/overview");
        assertThat(overview.statusCode()).isEqualTo(200);
        assertThat(overview.headers().allValues("access-control-allow-origin"))
                .containsExactly(dashboard);
        // `flink run` goes on: the other tests submit by it.
        assertThat(get(dashboard + "/jars").statusCode()).isEqualTo(404);
        HttpResponse<String> jar = upload(request(dashboard + "/jars/upload"), "jarfile");
        assertThat(jar.statusCode()).isEqualTo(400);
        assertThat(jar.body()).contains("POST request not allowed");

        for (String origin : List.of("https://evil.example", "http://localhost:1", "null")) {
            HttpResponse<String> job =
                    upload(request(dashboard + "/jobs").header("Origin", origin), "file_0");
            assertThat(job.statusCode()).as(origin).isEqualTo(403);
            assertThat(job.body()).contains("another origin", "ponix.rest.allowed-hosts");
        }
        // It has looked at the form, which has no job in it.
        assertThat(
                        upload(request(dashboard + "/jobs").header("Origin", dashboard), "file_0")
                                .statusCode())
                .isEqualTo(400);
        try (Stream<Path> uploads = Files.walk(stack.home().resolve("flink/upload"))) {
            assertThat(uploads.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void aPageThatHasMadeItsNameLeadHereGetsNothingOfFlink() throws Exception {
        int port = URI.create(StackAddresses.read(stack.home()).dashboardUrl()).getPort();

        for (String path : List.of("/", "/jobs/overview", "/jobmanager/config")) {
            assertThat(getAsEvilExample(port, path))
                    .startsWith("HTTP/1.1 403 ")
                    .contains("not known by the name in Host", "ponix.rest.allowed-hosts");
        }
        for (int metrics : reporterPorts()) {
            assertThat(getAsEvilExample(metrics, "/metrics"))
                    .startsWith("HTTP/1.1 403 ")
                    .contains(
                            "not known by the name in Host",
                            "metrics.reporter.prometheus.allowed-hosts");
        }
    }

    /** Java's client lets nobody choose Host. */
    private static String getAsEvilExample(int port, String path) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(
                            ("GET "
                                            + path
                                            + " HTTP/1.1\r\nHost: evil.example\r\n"
                                            + "Connection: close\r\n\r\n")
                                    .getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static HttpRequest.Builder request(String url) {
        return HttpRequest.newBuilder(URI.create(url));
    }

    private static HttpResponse<String> upload(HttpRequest.Builder request, String name)
            throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        request.header("Content-Type", "multipart/form-data; boundary=b")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "--b\r\nContent-Disposition: form-data; name=\""
                                                        + name
                                                        + "\"; filename=\"evil.jar\"\r\n"
                                                        + "Content-Type: application/x-java-archive\r\n"
                                                        + "\r\nevil\r\n--b--\r\n"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private List<EmbeddedProcess> processes() {
        return new LocalStack(StackSettings.asStarted(stack.home()), line -> {}).processes();
    }

    private String secret(String name) throws Exception {
        return Files.readString(stack.home().resolve(name)).strip();
    }

    private static HttpResponse<String> ask(HttpClient client, URI clickHouse, String password)
            throws Exception {
        return client.send(
                HttpRequest.newBuilder(clickHouse)
                        .header("X-ClickHouse-User", "ponix")
                        .header("X-ClickHouse-Key", password)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String mode(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static HttpResponse<String> get(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(request(url).build(), HttpResponse.BodyHandlers.ofString());
    }
}
