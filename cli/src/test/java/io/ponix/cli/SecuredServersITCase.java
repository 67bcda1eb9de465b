package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.GatewayKeyFile;
import io.ponix.cli.stack.JobCatalog;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackSettings;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.deviceservice.EmbeddedDeviceService;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.flink.FlinkCommandResult;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.network.SelfSignedCertificate;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.Concurrently;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole pipeline on servers that let nobody in without TLS and a password, and whose
 * certificates are for one host name; and what every program says of a server that it is not to
 * trust.
 */
class SecuredServersITCase {

    private static final Duration SOON = Duration.ofSeconds(90);

    private static final Path JOB =
            Path.of(
                    System.getProperty("ponix.root"),
                    "jobs/envelope-pipeline/target/ponix-envelope-pipeline.jar");

    /** Part of every password, and of nothing else. */
    private static final String SECRET = "s3cret";

    /** What is in the stack's home to hold secrets, for its owner alone. */
    private static final Set<String> FILES_WITH_SECRETS =
            Set.of(
                    "stack.properties",
                    "gateway-key",
                    "keys/operator",
                    "keys/bridge",
                    "keys/first-keys");

    private static final String NATS_TRUST = "PONIX_NATS_TLS_TRUSTSTORE";
    private static final String POSTGRES_TRUST = "PONIX_POSTGRES_SSLROOTCERT";
    private static final String CLICKHOUSE_TRUST = "PONIX_CLICKHOUSE_TLS_TRUSTSTORE";

    @TempDir private static Path folder;

    private static EmbeddedNats nats;
    private static EmbeddedPostgres postgres;
    private static EmbeddedClickHouse clickHouse;
    private static SelfSignedCertificate stranger;
    private static Map<String, String> environment;
    private static Path home;

    @BeforeAll
    static void upOnTheServers() throws Exception {
        SelfSignedCertificate server =
                SelfSignedCertificate.create(folder, "server", "dns:localhost");
        stranger = SelfSignedCertificate.create(folder, "stranger", "dns:localhost");
        Path servers = folder.resolve("servers");
        nats =
                EmbeddedNats.builder()
                        .home(servers)
                        .configuration(
                                """
                                authorization { user: "me", password: "nats-s3cret" }
                                tls { cert_file: "%s", key_file: "%s", timeout: 10 }
                                """
                                        .formatted(server.certificatePem(), server.keyPem()))
                        .build();
        postgres =
                EmbeddedPostgres.builder()
                        .home(servers)
                        .password("postgres-s3cret")
                        .tls(Path.of(server.certificatePem()), Path.of(server.keyPem()))
                        .build();
        clickHouse =
                EmbeddedClickHouse.builder()
                        .home(servers)
                        .password("clickhouse-s3cret")
                        .tls(Path.of(server.certificateAndKeyPem()))
                        .build();
        Concurrently.run(List.of(nats::start, postgres::start, clickHouse::start));
        environment =
                Map.ofEntries(
                        Map.entry("PONIX_NATS_URL", "tls://localhost:" + nats.port()),
                        Map.entry("PONIX_NATS_USERNAME", "me"),
                        Map.entry("PONIX_NATS_PASSWORD_FILE", inFile("nats-s3cret")),
                        Map.entry(NATS_TRUST, server.certificatePem()),
                        Map.entry(
                                "PONIX_POSTGRES_URL",
                                "postgres://ponix@localhost:%d/ponix?sslmode=verify-full"
                                        .formatted(postgres.port())),
                        Map.entry("PONIX_POSTGRES_PASSWORD_FILE", inFile("postgres-s3cret")),
                        Map.entry(POSTGRES_TRUST, server.certificatePem()),
                        Map.entry("PONIX_CLICKHOUSE_URL", "https://localhost:" + clickHouse.port()),
                        Map.entry("PONIX_CLICKHOUSE_PASSWORD_FILE", inFile("clickhouse-s3cret")),
                        Map.entry(CLICKHOUSE_TRUST, server.pkcs12()),
                        Map.entry(
                                "PONIX_CLICKHOUSE_TLS_TRUSTSTORE_PASSWORD",
                                SelfSignedCertificate.PASSWORD));
        home = folder.resolve("home");
        run(environment, PonixProcess.upOnFreePorts());
    }

    private static String inFile(String secret) throws IOException {
        // Not named by it: the name travels.
        return Files.writeString(Files.createTempFile(folder, "password", ""), secret + "\n")
                .toString();
    }

    @AfterAll
    static void down() throws Exception {
        try {
            run(environment, "down");
        } finally {
            clickHouse.close();
            postgres.close();
            nats.close();
        }
    }

    @Test
    void envelopesBecomeRows() throws Exception {
        run(environment, "simulate", "--devices", "10", "--envelopes", "500");
        await().atMost(SOON)
                .untilAsserted(
                        () ->
                                assertThat(
                                                run(
                                                                environment,
                                                                "query",
                                                                "SELECT count() FROM processed_envelopes",
                                                                "--format",
                                                                "TSV")
                                                        .output())
                                        .isEqualTo("500\n"));
        assertThat(run(environment, "dead-letters").output()).contains("0 of 0 dead letters");
        assertThat(run(environment, "migrate", "status", "postgres").output()).contains("applied");
        assertThat(run(environment, "migrate", "status", "clickhouse").output())
                .contains("applied");
        assertThat(run(environment, "status").output())
                .contains("500 stored in JetStream", "replication slot ponix_cdc_slot, read")
                .containsPattern("rows +500, of 500 envelopes")
                .doesNotContain("unknown");
    }

    /** What the stack was started with is known to the commands that follow. */
    @Test
    void commandsFindTheServersOfARunningStack() throws Exception {
        assertThat(run(Map.of(), "query", "SELECT 6 * 7", "--format", "TSV").output())
                .isEqualTo("42\n");
        assertThat(run(Map.of(), "status").output()).doesNotContain("unknown");
    }

    /** What was planted: the servers' passwords, and the keys that the stack made. */
    private static Set<String> secrets() throws IOException {
        Set<String> secrets =
                new TreeSet<>(Set.of("nats-s3cret", "postgres-s3cret", "clickhouse-s3cret"));
        secrets.add(Files.readString(home.resolve("keys/operator")).strip());
        secrets.add(Files.readString(home.resolve("keys/bridge")).strip());
        secrets.add(new GatewayKeyFile(home).require());
        return secrets;
    }

    /** Those of the secrets that are in it in clear. */
    private static List<String> found(String text) throws IOException {
        return secrets().stream().filter(text::contains).toList();
    }

    @Test
    void noSecretIsInAFileOfTheHomeBesideThoseThatAreForIt() throws Exception {
        Map<String, List<String>> found = new TreeMap<>();
        Map<String, String> files =
                RegularFiles.below(
                        home, name -> !name.endsWith(".jar") && !FILES_WITH_SECRETS.contains(name));
        for (Map.Entry<String, String> file : files.entrySet()) {
            List<String> secrets = found(file.getValue());
            if (!secrets.isEmpty()) {
                found.put(file.getKey(), secrets);
            }
        }
        assertThat(found).isEmpty();
        assertThat(Files.getPosixFilePermissions(home))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        for (String file : FILES_WITH_SECRETS) {
            assertThat(Files.getPosixFilePermissions(home.resolve(file)))
                    .as(file)
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void noSecretIsInWhatFlinkTheServiceAndTheBridgeSayOverHttp() throws Exception {
        StackAddresses addresses = StackAddresses.read(home);
        String flink = addresses.dashboardUrl();
        List<String> pages = new ArrayList<>();
        for (String path :
                List.of(
                        "/config",
                        "/overview",
                        "/jobs/overview",
                        "/jobmanager/config",
                        "/jobmanager/environment",
                        "/jobmanager/logs",
                        "/jobmanager/log",
                        "/jobmanager/stdout",
                        "/taskmanagers")) {
            pages.add(flink + path);
        }
        String job =
                new FlinkRest(flink)
                        .activeJob(JobCatalog.ofThisCheckout().envelopePipeline().name())
                        .orElseThrow()
                        .id();
        for (String path :
                List.of(
                        "",
                        "/config",
                        "/plan",
                        "/exceptions",
                        "/checkpoints",
                        "/checkpoints/config")) {
            pages.add(flink + "/jobs/" + job + path);
        }
        for (JsonNode vertex : json(flink + "/jobs/" + job).get("vertices")) {
            pages.add(flink + "/jobs/" + job + "/vertices/" + vertex.get("id").asText());
        }
        for (JsonNode manager : json(flink + "/taskmanagers").get("taskmanagers")) {
            String url = flink + "/taskmanagers/" + manager.get("id").asText();
            pages.addAll(List.of(url, url + "/log", url + "/stdout", url + "/logs"));
        }
        pages.add(addresses.httpUrl() + "/metrics");
        pages.add(URI.create(addresses.uplinksUrl()).resolve("/metrics").toString());
        for (String page : pages) {
            byte[] content = get(page);
            // Nothing needs to have been written to standard output.
            assertThat(content.length > 0 || page.endsWith("/stdout")).as(page).isTrue();
            assertThat(found(new String(content, StandardCharsets.ISO_8859_1))).as(page).isEmpty();
        }
    }

    private static JsonNode json(String url) throws Exception {
        return new ObjectMapper().readTree(get(url));
    }

    private static byte[] get(String url) throws Exception {
        HttpResponse<byte[]> response =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(url)).build(),
                                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).as(url).isEqualTo(200);
        return response.body();
    }

    /** They read the files by themselves. */
    @Test
    void noSecretOfAFileIsInTheEnvironmentOfAProcess() throws Exception {
        List<EmbeddedProcess> processes =
                new LocalStack(StackSettings.asStarted(home), line -> {})
                        .processes().stream().filter(EmbeddedProcess::isRunning).toList();
        assertThat(processes)
                .extracting(EmbeddedProcess::name)
                .contains("bridge", "device-service", "jobmanager");
        for (EmbeddedProcess process : processes) {
            Path variables =
                    Path.of("/proc", Long.toString(process.pid().orElseThrow()), "environ");
            assertThat(new String(Files.readAllBytes(variables), StandardCharsets.ISO_8859_1))
                    .as("%s", process)
                    .contains("PONIX_NATS_PASSWORD_FILE=")
                    .doesNotContain("nats-s3cret\0", "clickhouse-s3cret\0");
        }
    }

    @Test
    void noSecretAmongArgumentsIsRepeated() throws Exception {
        PonixProcess.Outcome outcome =
                ponix(Map.of())
                        .run("status", "--postgres-password=s3cret", "--nats-token", "s3cret");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors())
                .contains(
                        "ponix: --postgres-password is given as an argument",
                        "set PONIX_NATS_TOKEN, or PONIX_NATS_TOKEN_FILE",
                        "Unknown argument: --postgres-password=... --nats-token ...")
                .doesNotContain(SECRET);
    }

    @Test
    void noSecretIsInTheArgumentsOfAProcess() throws Exception {
        assertThat(
                        ProcessHandle.allProcesses()
                                .flatMap(process -> process.info().commandLine().stream()))
                .noneMatch(arguments -> arguments.contains(SECRET));
    }

    @ParameterizedTest
    @CsvSource({
        NATS_TRUST + ", envelopes, not trusted",
        POSTGRES_TRUST + ", database log, certification path",
        CLICKHOUSE_TRUST + ", rows, not trusted"
    })
    void statusSaysWhichServerIsNotTrusted(String variable, String section, String reason)
            throws Exception {
        PonixProcess.Outcome outcome = ponix(strangers(variable)).run("status");

        assertThat(outcome.status()).as("%s", outcome).isEqualTo(1);
        assertThat(outcome.output().lines().filter(line -> line.startsWith(section)))
                .singleElement()
                .asString()
                .contains("unknown: ", reason, variable)
                .doesNotContain(SECRET);
    }

    @ParameterizedTest
    @CsvSource({
        POSTGRES_TRUST + ", postgres, certification path",
        CLICKHOUSE_TRUST + ", clickhouse, not trusted"
    })
    void migrationsRefuseAServerThatIsNotTrusted(String variable, String database, String reason)
            throws Exception {
        PonixProcess.Outcome outcome = ponix(strangers(variable)).run("migrate", "up", database);

        assertThat(outcome.status()).as("%s", outcome).isEqualTo(1);
        assertThat(outcome.errors().strip().lines())
                .singleElement()
                .asString()
                .contains(reason, variable)
                .doesNotContain(SECRET);
    }

    @ParameterizedTest
    @CsvSource({
        NATS_TRUST + ", not trusted",
        POSTGRES_TRUST + ", certification path",
        CLICKHOUSE_TRUST + ", not trusted"
    })
    void theSubmissionOfAJobIsRefused(String variable, String reason) throws Exception {
        FlinkCommandResult result =
                EmbeddedFlinkCluster.builder()
                        .home(home)
                        .build()
                        .flink(strangers(variable), "run", "-d", JOB.toString(), "--take-over");

        assertThat(result.exitCode()).as("%s", result).isEqualTo(1);
        assertThat(result.output().lines().filter(line -> line.contains(reason)))
                .as("%s", result)
                .hasSize(1);
        assertThat(result.output()).contains(variable).doesNotContain(SECRET);
    }

    @Test
    void theServiceDoesNotStartOnADatabaseThatIsNotTrusted() {
        Path otherHome = folder.resolve("service");
        try (EmbeddedDeviceService service =
                EmbeddedDeviceService.builder()
                        .home(otherHome)
                        .environment(() -> strangers(POSTGRES_TRUST))
                        .build()) {
            assertThatThrownBy(service::start)
                    .isInstanceOf(EmbeddedProcessException.class)
                    .hasMessageContaining("certification path")
                    .hasMessageContaining(POSTGRES_TRUST)
                    .hasMessageNotContaining(SECRET);
        }
    }

    /** The certificate is genuine, but for another host. */
    @ParameterizedTest
    @CsvSource({
        "PONIX_NATS_URL, envelopes, for none of [127.0.0.1]",
        "PONIX_POSTGRES_URL, database log, 127.0.0.1",
        "PONIX_CLICKHOUSE_URL, rows, 127.0.0.1"
    })
    void hostNamesAreChecked(String variable, String section, String reason) throws Exception {
        Map<String, String> otherHost = new HashMap<>(environment);
        otherHost.computeIfPresent(variable, (name, url) -> url.replace("localhost", "127.0.0.1"));

        PonixProcess.Outcome outcome = ponix(otherHost).run("status");

        assertThat(outcome.output().lines().filter(line -> line.startsWith(section)))
                .as("%s", outcome)
                .singleElement()
                .asString()
                .contains("unknown: ", reason);
    }

    /** The settings, with an authority that vouches for none of the servers in place of one. */
    private static Map<String, String> strangers(String variable) {
        Map<String, String> others = new HashMap<>(environment);
        others.put(variable, stranger.certificatePem());
        return others;
    }

    private static PonixProcess ponix(Map<String, String> environment) {
        PonixProcess ponix = new PonixProcess(home);
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            ponix = ponix.with(variable.getKey(), variable.getValue());
        }
        return ponix;
    }

    private static PonixProcess.Outcome run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        PonixProcess.Outcome outcome = ponix(environment).run(arguments);
        assertThat(outcome.status()).as("%s", outcome).isZero();
        return outcome;
    }
}
