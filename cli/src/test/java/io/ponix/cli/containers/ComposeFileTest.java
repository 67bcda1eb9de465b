package io.ponix.cli.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.cli.stack.StackSettings;
import io.ponix.embedded.nats.NatsProgramUsers;
import io.ponix.environment.UnreadVariables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of docker/compose.yaml can be wrong without Docker: names that nothing else has. */
class ComposeFileTest {

    private static final Path ROOT = Path.of(System.getProperty("ponix.root"));

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
        // Of the servers only where it is asked for.
        assertPublishes(
                Files.readString(ROOT.resolve("docker/ports.yaml")),
                ports.nats(),
                ports.postgres(),
                ports.clickHouse());
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
    void everySettingIsReadByAProgram() {
        List<String> variables = found("(?m)^ +(PONIX_[A-Z_]+):", compose);
        assertThat(variables).contains("PONIX_BRIDGE_HOST", "PONIX_CLICKHOUSE_URL");
        assertThat(UnreadVariables.known()).containsAll(variables);
    }

    @Test
    void whatAServiceNamesIsThere() {
        Set<String> servers = new TreeSet<>();
        servers.addAll(found("(?:nats|http|mqtt)://([a-z-]+):\\d+", compose));
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
        String ofJobs = "postgres-password, clickhouse-password, nats-job-password";
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
    void aWebPageCannotBringAJobToFlinkNorReadWhatItSays() {
        assertThat(compose)
                .contains(
                        "      web.submit.enable: false\n",
                        "      web.access-control-allow-origin: http://localhost:8081\n");
    }

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult each) -> each.group(1))
                .collect(Collectors.toList());
    }
}
