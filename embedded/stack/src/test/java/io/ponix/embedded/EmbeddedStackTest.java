package io.ponix.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.embedded.clickhouse.ClickHouseAddress;
import io.ponix.embedded.nats.NatsAddress;
import io.ponix.embedded.postgres.PostgresAddress;
import io.ponix.embedded.process.EmbeddedProcess;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a stack is made of, without its being started. */
class EmbeddedStackTest {

    @TempDir Path home;

    @Test
    void aServerElsewhereIsNamedInPlaceOfOneOfTheStacks() {
        ServerAddresses elsewhere =
                new ServerAddresses(
                        new NatsAddress("nats://nats.example.com:4222"),
                        null,
                        new ClickHouseAddress("http://rows.example.com:8123", "a", "b", "c"));
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
                                new PostgresAddress("127.0.0.1", 5433, "ponix", "ponix", "secret"),
                                elsewhere.clickHouse()));
        assertThat(stack.addresses().environment())
                .containsOnly(
                        Map.entry("PONIX_NATS_URL", "nats://nats.example.com:4222"),
                        Map.entry("PONIX_POSTGRES_HOST", "127.0.0.1"),
                        Map.entry("PONIX_POSTGRES_PORT", "5433"),
                        Map.entry("PONIX_POSTGRES_DATABASE", "ponix"),
                        Map.entry("PONIX_POSTGRES_USERNAME", "ponix"),
                        Map.entry("PONIX_POSTGRES_PASSWORD", "secret"),
                        Map.entry("PONIX_CLICKHOUSE_URL", "http://rows.example.com:8123"),
                        Map.entry("PONIX_CLICKHOUSE_DATABASE", "a"),
                        Map.entry("PONIX_CLICKHOUSE_USERNAME", "b"),
                        Map.entry("PONIX_CLICKHOUSE_PASSWORD", "c"));
    }

    @Test
    void noSecretIsInWhatALogMayShow() {
        assertThat(
                        new ServerAddresses(
                                new NatsAddress("nats://localhost:4222"),
                                new PostgresAddress("localhost", 5432, "ponix", "ponix", "s3cret"),
                                new ClickHouseAddress(
                                        "http://localhost:8123", "ponix", "ponix", "s3cret")))
                .asString()
                .contains("localhost:5432", "localhost:8123")
                .doesNotContain("s3cret");
    }
}
