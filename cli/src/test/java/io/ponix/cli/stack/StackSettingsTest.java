package io.ponix.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.cli.program.CommandException;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.embedded.ServerAddresses;
import io.ponix.embedded.network.HomeCertificate;
import io.ponix.embedded.process.Folders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackSettingsTest {

    private static final StackSettings.Ports NO_OPTIONS =
            new StackSettings.Ports(null, null, null, null, null, null, null, null);

    @TempDir private Path home;

    @Test
    void theDefaultPortsAreTheDocumentedOnes() {
        assertThat(StackSettings.resolve(home, Map.of(), NO_OPTIONS, 1).ports())
                .isEqualTo(
                        new StackSettings.Ports(50051, 8080, 8081, 4222, 5432, 8123, 1883, 8090));
    }

    @Test
    void anOptionComesBeforeTheEnvironmentAndTheEnvironmentBeforeTheLastStart() throws Exception {
        addresses().write(home);

        StackSettings.Ports ports =
                StackSettings.resolve(
                                home,
                                Map.of("PONIX_GRPC_PORT", "1001", "PONIX_NATS_PORT", "1002"),
                                new StackSettings.Ports(
                                        2001, null, null, null, null, null, null, null),
                                1)
                        .ports();

        assertThat(ports.grpc()).isEqualTo(2001);
        assertThat(ports.nats()).isEqualTo(1002);
        assertThat(ports.clickHouse()).isEqualTo(3006);
    }

    @Test
    void aPortThatIsNoneNamesItsSetting() {
        assertThatThrownBy(
                        () ->
                                StackSettings.resolve(
                                        home, Map.of("PONIX_GRPC_PORT", "fifty"), NO_OPTIONS, 1))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("PONIX_GRPC_PORT")
                .hasMessageContaining("fifty");
        assertThatThrownBy(
                        () ->
                                StackSettings.resolve(
                                        home,
                                        Map.of(),
                                        new StackSettings.Ports(
                                                null, 70_000, null, null, null, null, null, null),
                                        1))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("--http-port")
                .hasMessageContaining("70000");
    }

    @Test
    void twoPartsOnOnePortAreRefused() {
        assertThatThrownBy(() -> requireDifferentPorts(Map.of("PONIX_GRPC_PORT", "8080")))
                .isInstanceOf(CommandException.class)
                .hasMessage(
                        "grpc and http are both to have port 8080; --http-port or PONIX_HTTP_PORT"
                                + " chooses another");
        // Free ones, and the port of a server that is not to be started.
        requireDifferentPorts(Map.of("PONIX_GRPC_PORT", "0", "PONIX_HTTP_PORT", "0"));
        requireDifferentPorts(
                Map.of("PONIX_GRPC_PORT", "4222", "PONIX_NATS_URL", "nats://nats:4222"));
    }

    private void requireDifferentPorts(Map<String, String> environment) {
        StackSettings.resolve(home, environment, NO_OPTIONS, 1).requireDifferentPorts();
    }

    @Test
    void aStackIsSecuredFromItsFirstStartOrNever() throws Exception {
        assertThat(StackSettings.resolve(home, Map.of(), NO_OPTIONS, 1).asSecured().secured())
                .isTrue();
        for (String name :
                List.of(
                        "PONIX_NATS_RAW_STREAM",
                        "PONIX_DEAD_LETTERS_STREAM",
                        "PONIX_CLICKHOUSE_TABLE")) {
            StackSettings renamed =
                    StackSettings.resolve(home, Map.of(name, "uplinks"), NO_OPTIONS, 1);
            assertThatThrownBy(renamed::asSecured)
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining(name);
        }

        new StackKeys(home).ensure();
        assertThatThrownBy(() -> StackSettings.resolve(home, Map.of(), NO_OPTIONS, 1).asSecured())
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("--secure")
                .hasMessageContaining("--home " + home);

        new HomeCertificate(home).ensure();
        assertThat(StackSettings.resolve(home, Map.of(), NO_OPTIONS, 1).secured()).isTrue();
        // Also without it.
        addresses().write(home);
        Folders.delete(home.resolve("tls"));
        assertThat(StackSettings.resolve(home, Map.of(), NO_OPTIONS, 1).secured()).isTrue();
    }

    @Test
    void aJobIsAUserOfItsOwnInTheNatsOfASecuredStackOnly() {
        assertThat(addresses().environment()).containsEntry("PONIX_NATS_USERNAME", "a");
        assertThat(addresses().orOf(Map.of("PONIX_NATS_URL", "nats://a.example.com")).environment())
                .doesNotContainKey("PONIX_NATS_USERNAME");
    }

    @Test
    void addressesSurviveTheirFile() throws Exception {
        addresses().write(home);

        assertThat(StackAddresses.read(home)).isEqualTo(addresses());
    }

    @Test
    void aServerElsewhereHasNoPortOfTheStacks() {
        StackAddresses addresses =
                addresses()
                        .orOf(
                                Map.of(
                                        "PONIX_NATS_URL",
                                        "nats://a.example.com,nats://b.example.com",
                                        "PONIX_CLICKHOUSE_URL",
                                        "https://clickhouse.example.com"));

        assertThat(addresses.ports())
                .isEqualTo(new StackSettings.Ports(3001, 3002, 3003, 4222, 5432, 8123, 3007, 3008));
    }

    @Test
    void whatTheEnvironmentNamesComesBeforeTheStacks() {
        StackAddresses addresses =
                addresses()
                        .orOf(
                                Map.of(
                                        "PONIX_CLICKHOUSE_URL",
                                        "http://elsewhere:8123",
                                        "PONIX_CLICKHOUSE_USERNAME",
                                        "reader",
                                        "PONIX_POSTGRES_PASSWORD",
                                        "of no host, and so of none"));

        assertThat(addresses.environment())
                .containsEntry("PONIX_CLICKHOUSE_URL", "http://elsewhere:8123")
                .containsEntry("PONIX_CLICKHOUSE_USERNAME", "reader")
                .containsEntry("PONIX_CLICKHOUSE_PASSWORD", "ponix")
                .containsEntry("PONIX_POSTGRES_PASSWORD", "s3cret")
                .containsEntry("PONIX_NATS_URL", "nats://127.0.0.1:3004");
        assertThat(addresses.elsewhere())
                .containsExactlyInAnyOrder(StackServer.CLICKHOUSE, StackServer.POSTGRES);
    }

    @Test
    void thePipelineIsNamedAsTheEnvironmentSaysElseAsAtTheLastStart() throws Exception {
        assertThat(StackSettings.asStarted(home).names()).isEqualTo(PipelineNames.DEFAULT);

        addresses().write(home);
        PipelineNames names = StackSettings.asStarted(home).names();
        StackAddresses addresses =
                StackAddresses.read(home).orOf(Map.of("PONIX_NATS_RAW_STREAM", "others"));

        assertThat(names).isEqualTo(new PipelineNames("uplinks", "rejects", "readings"));
        assertThat(addresses.names()).isEqualTo(new PipelineNames("others", "rejects", "readings"));
        // So does the job that a command submits.
        assertThat(addresses.environment())
                .containsEntry("PONIX_NATS_RAW_STREAM", "others")
                .containsEntry("PONIX_DEAD_LETTERS_STREAM", "rejects")
                .containsEntry("PONIX_CLICKHOUSE_TABLE", "readings");
        assertThat(new PipelineNames("s", "s", "a`b\\").quotedTable()).isEqualTo("`a\\`b\\\\`");
    }

    @Test
    void aNameThatNoStreamCanHaveIsRefused() {
        assertThatThrownBy(
                        () -> addresses().orOf(Map.of("PONIX_DEAD_LETTERS_STREAM", "dead.letters")))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("PONIX_DEAD_LETTERS_STREAM is \"dead.letters\"");
    }

    @Test
    void aHomeWithoutAStackSaysHowToStartOne() {
        assertThatThrownBy(() -> StackAddresses.read(home))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining(home.toString())
                .hasMessageContaining("./ponix up");
    }

    @Test
    void oneCommandAtATimeChangesAStack() throws Exception {
        String outcome =
                StackLock.holding(
                        home,
                        () -> {
                            assertThatThrownBy(() -> StackLock.holding(home, () -> "both"))
                                    .isInstanceOf(CommandException.class)
                                    .hasMessageContaining(home.toString())
                                    .hasMessageContaining("--home");
                            return "first";
                        });

        assertThat(outcome).isEqualTo("first");
        assertThat(StackLock.holding(home, () -> "second")).isEqualTo("second");
    }

    @Test
    void aFolderWithSomethingElseIsNoHome() throws Exception {
        Path file = Files.writeString(home.resolve("thesis.txt"), "data");

        assertThatThrownBy(() -> StackLock.holding(home, () -> "up"))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining(home + " holds something that is not of a stack")
                .hasMessageContaining("--home");
        assertThat(file.getParent()).isDirectoryNotContaining("glob:**" + StackLock.FILE_NAME);
    }

    @Test
    void severalHostsOfPostgresAreNamedWithTheirPorts() {
        assertThat(postgresAt("a,b:5433")).isEqualTo("a:5432,b:5433");
        assertThatThrownBy(() -> postgresAt("a,,b"))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("PONIX_POSTGRES_HOST")
                .hasMessageContaining("'a,,b'");
    }

    private static String postgresAt(String hosts) {
        return StackAddresses.ofEnvironment(Map.of("PONIX_POSTGRES_HOST", hosts))
                .address(StackServer.POSTGRES);
    }

    private static StackAddresses addresses() {
        return new StackAddresses(
                new ServerAddresses(
                        NatsSettings.forServers("nats://127.0.0.1:3004"),
                        PostgresSettings.builder()
                                .host("127.0.0.1")
                                .port(3005)
                                .database("ponix")
                                .username("ponix")
                                .password("s3cret")
                                .build(),
                        ClickHouseSettings.of("http://127.0.0.1:3006", "ponix", "ponix", "s3cret")),
                "127.0.0.1:3001",
                "http://127.0.0.1:3002",
                "http://localhost:3003",
                "mqtt://127.0.0.1:3007",
                "http://127.0.0.1:3008/v1/gateways/g/uplinks",
                "/checkout",
                "/home/keys/operator",
                Optional.of(
                        new StackSecurity(
                                "/home/tls/certificate.pem", Map.of("PONIX_NATS_USERNAME", "a"))),
                Set.of(StackServer.POSTGRES),
                new PipelineNames("uplinks", "rejects", "readings"));
    }
}
