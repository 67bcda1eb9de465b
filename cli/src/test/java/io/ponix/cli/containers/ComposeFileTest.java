package io.ponix.cli.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.cli.stack.StackSettings;
import io.ponix.client.tls.TlsSettings;
import io.ponix.embedded.clickhouse.ClickHouseProgramUsers;
import io.ponix.embedded.nats.NatsProgramUsers;
import io.ponix.environment.UnreadVariables;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of docker/compose.yaml can be wrong without Docker: names that nothing else has. */
class ComposeFileTest {

    private static final Pattern IMAGE =
            Pattern.compile("[a-z-]+:[0-9][0-9a-z._-]*@sha256:[0-9a-f]{64}");

    private static final Path ROOT = Path.of(System.getProperty("ponix.root"));

    private static final int CLICKHOUSE_TLS = 8443;

    private String compose;
    private Map<String, String> services;

    @BeforeEach
    void read() throws IOException {
        compose = Files.readString(ROOT.resolve("docker/compose.yaml"));
        String all =
                compose.substring(compose.indexOf("\nservices:"), compose.indexOf("\nsecrets:"));
        services = new TreeMap<>();
        Matcher service =
                Pattern.compile("(?ms)^  ([a-z-]+):\\n(.*?)(?=^  [a-z-]+:\\n|\\z)").matcher(all);
        while (service.find()) {
            services.put(service.group(1), service.group(2));
        }
        assertThat(services).containsKeys("nats", "emqx", "bridge", "submit");
    }

    @Test
    void thePortsAreThoseOfPonixUp(@TempDir Path home) throws Exception {
        StackSettings.Ports ports =
                StackSettings.resolve(
                                home,
                                Map.of(),
                                new StackSettings.Ports(
                                        null, null, null, null, null, null, null, null),
                                1)
                        .ports();
        assertPublishes(
                compose,
                ports.grpc(),
                ports.http(),
                ports.dashboard(),
                ports.mqtt(),
                ports.bridge());
        // Of the servers only where it is asked for; ClickHouse has one for TLS.
        assertPublishes(
                Files.readString(ROOT.resolve("docker/ports.yaml")),
                ports.nats(),
                ports.postgres(),
                CLICKHOUSE_TLS);
    }

    private static void assertPublishes(String file, Integer... ports) {
        assertThat(found("\"127\\.0\\.0\\.1:(\\d+):\\d+\"", file))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(ports).map(Object::toString).toList());
        assertThat(found("ports: \\[(.*)\\]", file))
                .hasSizeLessThanOrEqualTo(ports.length)
                .allMatch(
                        published ->
                                Stream.of(published.split(", "))
                                        .allMatch(each -> each.startsWith("\"127.0.0.1:")));
    }

    @Test
    void ourProgramsWriteNothingAndWhatRunsOnIsStartedAgain() {
        for (Map.Entry<String, String> service : services.entrySet()) {
            String text = service.getValue();
            boolean isOurs = text.contains("build:");
            assertThat(text.contains("<<: *hardened")).as(service.getKey()).isEqualTo(isOurs);
            boolean endsByItself =
                    text.contains("profiles:")
                            || compose.contains(
                                    "      "
                                            + service.getKey()
                                            + ": {condition: service_completed_successfully}");
            assertThat(text.contains("restart: unless-stopped"))
                    .as(service.getKey())
                    .isEqualTo(!endsByItself);
        }
        assertThat(services.get("device-service")).contains("PONIX_AUTH: required\n");
    }

    /** Run where the test runs: it needs a shell and nothing of the image. */
    @Test
    void theFirstKeysAreMadeOnceAndForTheirReadersOnly(@TempDir Path folder) throws Exception {
        Path service = Files.createDirectory(folder.resolve("service"));
        Path bridge = Files.createDirectory(folder.resolve("bridge"));
        String[] command = {
            "sh", ROOT.resolve("docker/make-keys").toString(), service.toString(), bridge.toString()
        };
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
        String first = Files.readString(service.resolve("first-keys"));
        Files.delete(bridge.resolve("bridge.key"));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();

        assertThat(Files.readString(service.resolve("first-keys"))).isEqualTo(first);
        String operator = Files.readString(service.resolve("operator.key"));
        String intake = Files.readString(bridge.resolve("bridge.key"));
        assertThat(first)
                .isEqualTo("operator " + operator + "intake " + intake)
                .containsPattern("operator ponix_operator_[0-9a-f]{64}\n");
        assertThat(service.toFile().list()).hasSize(2);
        for (Path file : List.of(service.resolve("first-keys"), bridge.resolve("bridge.key"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThat(services.get("make-keys"))
                .contains("\"/var/lib/ponix/keys\", \"/var/lib/ponix/bridge-key\"");
        assertThat(services.get("device-service")).contains("/var/lib/ponix/keys/first-keys");
        assertThat(services.get("bridge"))
                .contains("/var/lib/ponix/bridge-key/bridge.key")
                .doesNotContain("service-keys");
    }

    @Test
    void programsAndTheirServersSpeakTls() throws Exception {
        String addresses =
                compose.substring(compose.indexOf("\nx-addresses:"), compose.indexOf("\nx-flink:"));
        assertThat(compose).doesNotContain("nats://", "http://clickhouse");
        assertThat(addresses)
                .contains(
                        "PONIX_NATS_URL: tls://nats:",
                        "PONIX_POSTGRES_SSLMODE: verify-full\n",
                        "PONIX_CLICKHOUSE_URL: https://clickhouse:" + CLICKHOUSE_TLS + "\n");
        String trusted = ": /var/lib/ponix/authority/ca.pem\n";
        assertThat(addresses)
                .contains(
                        "PONIX_NATS_TLS_TRUSTSTORE" + trusted,
                        "PONIX_POSTGRES_SSLROOTCERT" + trusted,
                        "PONIX_CLICKHOUSE_TLS_TRUSTSTORE" + trusted);
        String flink =
                compose.substring(compose.indexOf("\nx-flink:"), compose.indexOf("\nservices:"));
        String mounted = "authority:/var/lib/ponix/authority:ro";
        assertThat(flink).contains(mounted);
        services.forEach(
                (name, service) -> {
                    if (service.contains("*addresses") || service.contains(trusted)) {
                        assertThat(service.contains(mounted) || service.contains("<<: *flink\n"))
                                .as(name)
                                .isTrue();
                    }
                });
        assertThat(services.get("bridge"))
                .contains("PONIX_NATS_URL: tls://nats:", "PONIX_NATS_TLS_TRUSTSTORE" + trusted);

        // Each has what is made for it, where its configuration says that it is.
        Map<String, String> folders =
                Map.of(
                        "nats", "/etc/nats/certificate",
                        "postgres", "/var/lib/ponix/certificate",
                        "clickhouse", "/etc/clickhouse-server/certificate");
        Map<String, String> configurations =
                Map.of(
                        "nats", services.get("nats"),
                        "postgres", services.get("postgres"),
                        "clickhouse", Files.readString(ROOT.resolve("docker/clickhouse-tls.xml")));
        folders.forEach(
                (server, folder) -> {
                    assertThat(services.get(server))
                            .contains(server + "-certificate:" + folder + ":ro")
                            .contains("make-certificates: {condition:");
                    assertThat(configurations.get(server))
                            .contains(folder + "/certificate.pem", folder + "/key.pem");
                    assertThat(services.get("make-certificates"))
                            .contains("- " + server + "-certificate:/certificates/" + server + "\n")
                            .containsPattern("\"" + server + ":\\d+\"");
                });
    }

    /** Run where the test runs, by its openssl. */
    @Test
    void theServersCertificatesAreMadeOnceAndTrusted(@TempDir Path folder) throws Exception {
        for (String name : List.of("authority", "nats", "postgres")) {
            Files.createDirectory(folder.resolve(name));
        }
        String user = Files.getAttribute(folder, "unix:uid").toString();
        String[] command = {
            "sh",
            ROOT.resolve("docker/make-certificates").toString(),
            folder.toString(),
            "nats:" + user,
            "postgres:" + user
        };
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
        String authority = Files.readString(folder.resolve("authority/ca.pem"));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
        assertThat(folder.resolve("authority/ca.pem")).hasContent(authority);
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(folder.resolve("nats/key.pem"))))
                .isEqualTo("rw-------");

        assertThat(nameShown(folder, "nats", "localhost")).isEqualTo("CN=nats");
        assertThat(nameShown(folder, "postgres", "localhost")).isEqualTo("CN=postgres");
        assertThatThrownBy(() -> nameShown(folder, "nats", "elsewhere.example.com"))
                .isInstanceOf(SSLException.class);

        // What is half there is made anew, all of it.
        Files.delete(folder.resolve("postgres/key.pem"));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
        assertThat(Files.readString(folder.resolve("authority/ca.pem"))).isNotEqualTo(authority);
        assertThat(nameShown(folder, "nats", "localhost")).isEqualTo("CN=nats");
    }

    /** Who answers a program that trusts the authority and calls a server by a name. */
    private static String nameShown(Path folder, String server, String name) throws Exception {
        Path pem = folder.resolve(server + ".pem");
        Files.writeString(
                pem,
                Files.readString(folder.resolve(server + "/certificate.pem"))
                        + Files.readString(folder.resolve(server + "/key.pem")));
        SSLContext shown = TlsSettings.DEFAULT.withKeystore(pem.toString(), "").context();
        SSLContext trusting =
                TlsSettings.DEFAULT
                        .withTruststore(folder.resolve("authority/ca.pem").toString(), "")
                        .context();
        try (ServerSocket listening =
                        shown.getServerSocketFactory()
                                .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket connection =
                        new Socket(InetAddress.getLoopbackAddress(), listening.getLocalPort());
                SSLSocket client =
                        (SSLSocket)
                                trusting.getSocketFactory()
                                        .createSocket(
                                                connection, name, listening.getLocalPort(), true)) {
            SSLParameters parameters = client.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            client.setSSLParameters(parameters);
            CompletableFuture<Void> answered =
                    CompletableFuture.runAsync(
                            () -> {
                                try (SSLSocket socket = (SSLSocket) listening.accept()) {
                                    socket.startHandshake();
                                } catch (IOException e) {
                                    // As of a client that does not trust it.
                                }
                            });
            client.startHandshake();
            answered.join();
            return client.getSession().getPeerPrincipal().getName();
        }
    }

    @Test
    void everySettingIsReadByAProgram() {
        List<String> variables = found("(?m)^ +(PONIX_[A-Z_]+):", compose);
        assertThat(variables).contains("PONIX_BRIDGE_HOST", "PONIX_CLICKHOUSE_URL");
        assertThat(UnreadVariables.known()).containsAll(variables);
    }

    @Test
    void whatAServiceNamesIsThere() {
        Set<String> servers = new TreeSet<>();
        servers.addAll(found("(?:tls|https?|mqtt)://([a-z-]+):\\d+", compose));
        servers.addAll(found("PONIX_DEVICE_SERVICE_ADDRESS: ([a-z-]+):\\d+", compose));
        servers.addAll(found("PONIX_POSTGRES_HOST: ([a-z-]+)", compose));
        servers.addAll(found("(?m)^      ([a-z-]+): \\{condition:", compose));
        servers.addAll(found("depends_on: \\[([a-z-]+)\\]", compose));
        // So a browser on the machine calls the dashboard.
        servers.remove("localhost");
        assertThat(servers).contains("nats", "emqx", "device-service", "zookeeper");
        assertThat(services.keySet()).containsAll(servers);

        // Who waits for a healthy server waits for ever if nobody looks.
        for (String healthy : found("([a-z-]+): \\{condition: service_healthy\\}", compose)) {
            assertThat(services.get(healthy)).contains("healthcheck:");
        }

        String declared = compose.substring(compose.indexOf("\nvolumes:"));
        List<String> volumes = found("(?:- |\\[\")([a-z-]+):/", compose);
        assertThat(volumes).contains("emqx-data", "nats-data", "flink-state");
        assertThat(found("(?m)^  ([a-z-]+):$", declared))
                .containsExactlyInAnyOrderElementsOf(new TreeSet<>(volumes));
    }

    @Test
    void imagesAreBuiltOfWhatTheBuildMakes() throws Exception {
        Set<String> files = new TreeSet<>(found("dockerfile: (docker/[A-Za-z.-]+)", compose));
        try (Stream<Path> folder = Files.list(ROOT.resolve("docker"))) {
            assertThat(files)
                    .containsExactlyInAnyOrderElementsOf(
                            folder.map(file -> "docker/" + file.getFileName())
                                    .filter(file -> file.endsWith("Dockerfile"))
                                    .toList());
        }
        for (String file : files) {
            String text = Files.readString(ROOT.resolve(file));
            Matcher copied =
                    Pattern.compile("COPY ([a-z-]+)/target/([a-z-]+\\.jar) (\\S+)").matcher(text);
            assertThat(copied.find()).as(file).isTrue();
            assertThat(Files.readString(ROOT.resolve(copied.group(1)).resolve("pom.xml")))
                    .contains("${project.build.directory}/" + copied.group(2));
            assertThat(text).contains("\"-jar\", \"" + copied.group(3) + "\"");
            // What an image listens on its service publishes.
            String service =
                    services.values().stream()
                            .filter(each -> each.contains(file) && each.contains("ports:"))
                            .findFirst()
                            .orElseThrow();
            for (String port : found("EXPOSE (.*)", text).get(0).split(" ")) {
                assertThat(service).contains("\"127.0.0.1:" + port + ":" + port + "\"");
            }
        }
    }

    /** A tag names another image tomorrow; a digest names what was looked at. */
    @Test
    void imagesAreNamedByVersionAndDigest() throws Exception {
        List<String> images = new ArrayList<>(found("(?m)^ +image: (.+)$", compose));
        for (String file : found("dockerfile: (docker/[A-Za-z.-]+)", compose)) {
            images.addAll(found("(?m)^FROM (.+)$", Files.readString(ROOT.resolve(file))));
        }

        assertThat(images).hasSizeGreaterThan(8).allMatch(IMAGE.asMatchPredicate());
    }

    @Test
    void eachProgramHasItsOwnUserOfNats() throws Exception {
        NatsProgramUsers users = NatsProgramUsers.ofTheCheckout();
        Map.of("device-service", "ponix-service", "bridge", "ponix-bridge", "submit", "ponix-job")
                .forEach(
                        (service, user) ->
                                assertThat(services.get(service))
                                        .contains(
                                                "PONIX_NATS_USERNAME: " + user + "\n",
                                                "PONIX_NATS_INBOX_PREFIX: "
                                                        + users.of(user).inboxPrefix()
                                                        + "\n"));
        List<String> passwords =
                found(
                        "\\$(NATS_[A-Z]+_PASSWORD)",
                        Files.readString(ROOT.resolve("docker/nats-users.conf")));
        assertThat(passwords).hasSize(4);
        for (String password : passwords) {
            String secret = password.toLowerCase(Locale.ROOT).replace('_', '-');
            assertThat(services.get("nats"))
                    .contains(password + "=\"$$(cat /run/secrets/" + secret + ")\"");
            assertThat(compose)
                    .contains(
                            "\n  "
                                    + secret
                                    + ": {file: \"${"
                                    + password
                                    + "_FILE:-./password}\"}\n");
        }
    }

    @Test
    void eachProgramHasItsOwnUserOfClickHouse() {
        Map.of(
                        "migrate-clickhouse", "ponix-migrations",
                        "device-service", "ponix-service",
                        "submit", "ponix-job")
                .forEach(
                        (service, user) -> {
                            String secret = user.replace("ponix-", "clickhouse-") + "-password";
                            assertThat(services.get(service))
                                    .contains(
                                            "PONIX_CLICKHOUSE_USERNAME: " + user + "\n",
                                            "PONIX_CLICKHOUSE_PASSWORD_FILE: /run/secrets/"
                                                    + secret
                                                    + "\n");
                            assertThat(services.get("make-clickhouse-users"))
                                    .contains(user + " /run/secrets/" + secret + "\n");
                            assertThat(compose)
                                    .contains(
                                            "\n  "
                                                    + secret
                                                    + ": {file: \"${"
                                                    + secret.toUpperCase(Locale.ROOT)
                                                            .replace('-', '_')
                                                    + "_FILE:-./password}\"}\n");
                        });
        assertThat(ClickHouseProgramUsers.ofTheCheckout().names())
                .containsExactlyInAnyOrder("ponix-migrations", "ponix-job", "ponix-service");
        // Whoever makes them is one that the image makes.
        for (String service : List.of("clickhouse", "make-clickhouse-users")) {
            assertThat(services.get(service)).contains("CLICKHOUSE_USER: ponix-operator\n");
        }
    }

    /** Run where the test runs; what clickhouse-client would be given is shown in its place. */
    @Test
    void passwordsOfClickHouseGoThroughNoArgument(@TempDir Path folder) throws Exception {
        Path client = Files.writeString(folder.resolve("clickhouse-client"), "#!/bin/sh\ncat\n");
        Files.setPosixFilePermissions(client, PosixFilePermissions.fromString("rwx------"));
        Path password = Files.writeString(folder.resolve("password"), "it's \\ 100%\n");
        ProcessBuilder script =
                new ProcessBuilder(
                        "sh",
                        ROOT.resolve("docker/make-clickhouse-users").toString(),
                        ROOT.resolve("docker/clickhouse-users.sql").toString(),
                        "ponix-job",
                        password.toString(),
                        "ponix-service",
                        folder.resolve("absent").toString());
        script.environment().merge("PATH", folder + ":", (path, own) -> own + path);
        script.redirectErrorStream(true);
        Process failing = script.start();
        assertThat(new String(failing.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("absent")
                .doesNotContain("CREATE USER");
        assertThat(failing.waitFor()).isNotZero();

        Files.writeString(folder.resolve("absent"), "other");
        Process process = script.start();
        String sent = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(sent)
                .startsWith(Files.readString(ROOT.resolve("docker/clickhouse-users.sql")).strip())
                .endsWith(
                        "\nALTER USER `ponix-job` IDENTIFIED BY 'it\\'s \\\\ 100%';\n"
                                + "ALTER USER `ponix-service` IDENTIFIED BY 'other';\n");
    }

    /** The bridge listens on the loopback address of its container otherwise. */
    @Test
    void theBridgeIsReachedFromOutside() {
        assertThat(services.get("bridge"))
                .contains("PONIX_BRIDGE_HOST: 0.0.0.0", "PONIX_BRIDGE_ID:");
    }

    /** They answer nobody who asks for them by a name that they do not know. */
    @Test
    void theBridgeAndTheServiceAreFoundByNamesThatTheyHave() {
        assertThat(services.get("bridge"))
                .contains("PONIX_DEVICE_SERVICE_ADDRESS: device-service:50051");
        assertThat(services.get("device-service"))
                .contains("PONIX_ALLOWED_HOSTS: device-service\n");
        // As a Prometheus beside them asks for its metrics.
        assertThat(services.get("bridge")).contains("PONIX_ALLOWED_HOSTS: bridge\n");
    }

    @Test
    void passwordsAreInFilesThatTheServicesHave() {
        assertThat(compose).doesNotContainPattern("(?m)PASSWORD:");
        String declared =
                compose.substring(compose.indexOf("\nsecrets:"), compose.indexOf("\nvolumes:"));
        List<String> secrets = found("(?m)^  ([a-z-]+): \\{file:", declared);
        assertThat(found("/run/secrets/([a-z-]+)", compose))
                .isNotEmpty()
                .allMatch(secrets::contains);
        String addresses =
                compose.substring(compose.indexOf("\nx-addresses:"), compose.indexOf("\nx-flink:"));
        String flink =
                compose.substring(compose.indexOf("\nx-flink:"), compose.indexOf("\nservices:"));
        String ofJobs = "postgres-password, clickhouse-job-password, nats-job-password";
        for (Map.Entry<String, String> service : services.entrySet()) {
            Set<String> needed = new TreeSet<>(found("/run/secrets/([a-z-]+)", service.getValue()));
            if (service.getValue().contains("*addresses")) {
                needed.addAll(found("/run/secrets/([a-z-]+)", addresses));
            }
            Set<String> had = new TreeSet<>();
            if (service.getValue().contains("<<: *flink\n")) {
                // Of all of them: a job is submitted by one, and runs in the others.
                assertThat(flink).contains("secrets: [" + ofJobs + "]");
                had.addAll(List.of(ofJobs.split(", ")));
                needed.addAll(had);
            }
            found("secrets: \\[([a-z, -]+)\\]", service.getValue())
                    .forEach(list -> had.addAll(List.of(list.split(", "))));
            assertThat(had).as(service.getKey()).isEqualTo(needed);
        }
        for (String file : found("\\{file: \"\\$\\{[A-Z_]+:-\\./([a-z-]+)}\"}", declared)) {
            assertThat(ROOT.resolve("docker").resolve(file)).hasContent("ponix");
        }
    }

    @Test
    void aWebPageCannotBringAJobToFlinkNorReadWhatItSays() throws IOException {
        assertThat(compose)
                .contains(
                        "      web.submit.enable: false\n",
                        "      web.access-control-allow-origin: http://localhost:8081\n",
                        "      target: /opt/flink/lib/ponix-flink-browser-guard.jar\n");
        Path module = Path.of("embedded/flink-browser-guard");
        assertThat(found("source: \\.\\./(.*)\\.jar\\n", compose))
                .containsExactly(module.resolve("target/ponix-flink-browser-guard").toString());
        assertThat(ROOT.resolve(module).resolve("pom.xml"))
                .content()
                .contains("<finalName>ponix-flink-browser-guard</finalName>");
    }

    /** By another name than those it knows the guard of its REST interface lets nobody in. */
    @Test
    void jobsAreSubmittedByANameThatTheJobManagerHas() throws IOException {
        assertThat(Files.readString(ROOT.resolve("docker/submit")))
                .contains("--jobmanager jobmanager:8081 ");
        assertThat(compose)
                .contains(
                        "      rest.address: jobmanager\n",
                        "      ponix.rest.allowed-hosts: jobmanager\n");
    }

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult each) -> each.group(1))
                .collect(Collectors.toList());
    }
}
