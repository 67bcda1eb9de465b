package io.ponix.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.embedded.process.EmbeddedProcess;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a stack is made of, without its being started. */
class EmbeddedStackTest {

    @TempDir Path home;

    @Test
    void aServerElsewhereIsNamedInPlaceOfOneOfTheStacks() {
        ServerAddresses elsewhere =
                new ServerAddresses(
                        NatsSettings.forServers("nats://nats.example.com:4222"),
                        null,
                        ClickHouseSettings.of("http://rows.example.com:8123", "a", "b", "c"));
        EmbeddedStack.Builder builder = EmbeddedStack.builder().home(home).elsewhere(elsewhere);
        builder.postgres().port(5433).password("secret");
        builder.withDeviceService(Map.of());
        EmbeddedStack stack = builder.build();

        assertThat(stack.processes())
                .extracting(EmbeddedProcess::name)
                .containsExactly(
                        "postgres", "zookeeper", "jobmanager", "taskmanager-1", "device-service");
        assertThatThrownBy(stack::nats)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("NATS");
        assertThat(stack.addresses())
                .isEqualTo(
                        new ServerAddresses(
                                elsewhere.nats(),
                                postgres("127.0.0.1", 5433, "secret"),
                                elsewhere.clickHouse()));
        Map<String, String> environment = stack.addresses().environment();
        Map<String, String> said = new TreeMap<>(environment);
        said.values().removeIf(String::isEmpty);
        assertThat(said)
                .containsOnly(
                        Map.entry("PONIX_NATS_URL", "nats://nats.example.com:4222"),
                        Map.entry("PONIX_POSTGRES_HOST", "127.0.0.1"),
                        Map.entry("PONIX_POSTGRES_PORT", "5433"),
                        Map.entry("PONIX_POSTGRES_DATABASE", "ponix"),
                        Map.entry("PONIX_POSTGRES_USERNAME", "ponix"),
                        Map.entry("PONIX_POSTGRES_PASSWORD", "secret"),
                        Map.entry("PONIX_POSTGRES_SSLMODE", "prefer"),
                        Map.entry("PONIX_CLICKHOUSE_URL", "http://rows.example.com:8123"),
                        Map.entry("PONIX_CLICKHOUSE_DATABASE", "a"),
                        Map.entry("PONIX_CLICKHOUSE_USERNAME", "b"),
                        Map.entry("PONIX_CLICKHOUSE_PASSWORD", "c"));
        // A program inherits the environment of whoever starts the stack: a secret in a file
        // would be beside the one given here.
        assertThat(environment)
                .containsEntry("PONIX_POSTGRES_PASSWORD_FILE", "")
                .containsEntry("PONIX_CLICKHOUSE_PASSWORD_FILE", "");
        // And a certificate that is for another server would be shown to this one.
        assertThat(environment)
                .containsEntry("PONIX_NATS_TLS_KEYSTORE", "")
                .containsEntry("PONIX_NATS_TLS_TRUSTSTORE", "")
                .containsEntry("PONIX_POSTGRES_SSLROOTCERT", "")
                .containsEntry("PONIX_POSTGRES_SSLCERT", "")
                .containsEntry("PONIX_POSTGRES_SSLKEY", "")
                .containsEntry("PONIX_CLICKHOUSE_TLS_KEYSTORE", "")
                .containsEntry("PONIX_CLICKHOUSE_TLS_TRUSTSTORE", "");
    }

    @Test
    void noSecretIsInWhatALogMayShow() {
        assertThat(
                        new ServerAddresses(
                                NatsSettings.forServers("nats://localhost:4222"),
                                postgres("localhost", 5432, "s3cret"),
                                ClickHouseSettings.of(
                                        "http://localhost:8123", "ponix", "ponix", "s3cret")))
                .asString()
                .contains("localhost:5432", "localhost:8123")
                .doesNotContain("s3cret");
    }

    private static PostgresSettings postgres(String host, int port, String password) {
        return PostgresSettings.builder()
                .host(host)
                .port(port)
                .database("ponix")
                .username("ponix")
                .password(password)
                .build();
    }
}
