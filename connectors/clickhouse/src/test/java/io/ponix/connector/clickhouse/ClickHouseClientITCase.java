package io.ponix.connector.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.ErrorClass;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.network.NetworkProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The network to ClickHouse stalls, or is reset, while both ends are well. */
@Timeout(60)
@ExtendWith(SharedClickHouse.class)
class ClickHouseClientITCase {

    private static final String MEGABYTE = "SELECT repeat('x', 1000000)";

    private static EmbeddedClickHouse server;
    private static NetworkProxy network;
    private static ClickHouseClient client;

    @BeforeAll
    static void start(EmbeddedClickHouse shared) {
        server = shared;
        network = NetworkProxy.to("127.0.0.1", server.port());
        client =
                new ClickHouseClient(
                        new ClickHouseSettings(
                                List.of("http://127.0.0.1:" + network.port()),
                                server.database(),
                                server.username(),
                                server.password(),
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(3)));
    }

    @AfterAll
    static void stop() {
        client.close();
        network.close();
    }

    @Test
    void anAnswerThatStallsInItsMiddleIsNotWaitedForForEver() throws Exception {
        assertThat(client.query(MEGABYTE, Map.of()).get(0).get(0)).hasSize(1_000_000);

        network.stallAfter(100_000);
        try {
            assertThatThrownBy(() -> client.query(MEGABYTE, Map.of()))
                    .isInstanceOf(ClickHouseException.class)
                    .hasMessageContaining("no whole answer within 3000 ms")
                    .extracting(failure -> ((ClickHouseException) failure).errorClass())
                    .isEqualTo(ErrorClass.TRANSIENT);
        } finally {
            network.pass();
        }

        assertThat(client.query("SELECT 1", Map.of())).containsExactly(List.of("1"));
    }

    @Test
    void aConnectionThatWasResetWhileNobodyUsedItIsReplaced() throws Exception {
        assertThat(client.query("SELECT 1", Map.of())).containsExactly(List.of("1"));

        network.reset();

        try {
            assertThat(client.query("SELECT 2", Map.of())).containsExactly(List.of("2"));
        } catch (ClickHouseException sentBeforeTheResetWasSeen) {
            // Whether an insert has arrived could not be told: the client does not repeat by
            // itself, but whoever does has a new connection.
            assertThat(sentBeforeTheResetWasSeen.errorClass()).isEqualTo(ErrorClass.TRANSIENT);
            assertThat(client.query("SELECT 3", Map.of())).containsExactly(List.of("3"));
        }
    }
}
