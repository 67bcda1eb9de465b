package io.ponix.jobs.envelope.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.network.SelfSignedCertificate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningInsertsITCase {

    /** On a server whose certificate only who is told of it trusts. */
    @Test
    void anInsertThatIsUnderWayIsWaitedForAndLaterOnesAreNot(@TempDir Path home) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        SelfSignedCertificate certificate =
                SelfSignedCertificate.create(home, "server", "dns:localhost");
        try (EmbeddedClickHouse server =
                EmbeddedClickHouse.builder()
                        .home(home)
                        .tls(Path.of(certificate.certificateAndKeyPem()))
                        .build()) {
            server.start();
            Map<String, String> environment = new HashMap<>(server.address().environment());
            environment.put("PONIX_CLICKHOUSE_URL", "https://localhost:" + server.port());
            environment.put("PONIX_CLICKHOUSE_TLS_TRUSTSTORE", certificate.certificatePem());
            ClickHouseSettings connection = ClickHouseSettings.fromEnvironment(environment);
            try (ClickHouseClient client = new ClickHouseClient(connection)) {
                client.query(
                        "CREATE TABLE slow (n UInt64) ENGINE = MergeTree ORDER BY n", Map.of());
                RunningInserts inserts = new RunningInserts(connection, "slow");
                inserts.awaitEnd();

                Future<?> first = threads.submit(() -> client.query(slowInsert(3), Map.of()));
                awaitRunning(client, 1);
                Future<Long> waited =
                        threads.submit(
                                () -> {
                                    inserts.awaitEnd();
                                    return rows(client);
                                });
                first.get();
                // Begun while it is waited: not its business.
                threads.submit(() -> client.query(slowInsert(3), Map.of()));
                assertThat(waited.get()).isEqualTo(3);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Takes as many seconds as it inserts rows, which are there at its end. */
    private static String slowInsert(int rows) {
        return "INSERT INTO slow SELECT number + sleepEachRow(1) FROM numbers("
                + rows
                + ") SETTINGS max_block_size = 1, min_insert_block_size_rows = 1000";
    }

    private static void awaitRunning(ClickHouseClient client, int inserts) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () ->
                                assertThat(
                                                client.query(
                                                        "SELECT count() FROM system.processes WHERE"
                                                                + " query ILIKE 'INSERT%'",
                                                        Map.of()))
                                        .isEqualTo(List.of(List.of(Integer.toString(inserts)))));
    }

    private static long rows(ClickHouseClient client) throws Exception {
        return Long.parseLong(client.query("SELECT count() FROM slow", Map.of()).get(0).get(0));
    }
}
