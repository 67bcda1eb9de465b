package io.ponix.jobs.envelope.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.connector.clickhouse.client.ClickHouseConnection;
import io.ponix.connector.clickhouse.client.ClickHouseHttpClient;
import io.ponix.embedded.EmbeddedClickHouse;
import io.ponix.migrations.ClickHouseMigrations;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClickHouseStoredSequencesITCase {

    private static final String TABLE = "processed_envelopes";
    private static final long RECEIVED_AT = 1_760_000_000_000L;

    private EmbeddedClickHouse server;
    private ClickHouseConnection connection;
    private ClickHouseStoredSequences stored;

    @BeforeEach
    void start(@TempDir Path home) throws Exception {
        server = EmbeddedClickHouse.builder().home(home).build();
        server.start();
        ClickHouseMigrations.builder()
                .url(server.url())
                .database(server.database())
                .username(server.username())
                .password(server.password())
                .build()
                .up();
        connection =
                ClickHouseConnection.of(
                        server.url(), server.database(), server.username(), server.password());
        stored = new ClickHouseStoredSequences(connection, TABLE, "raw");
    }

    @AfterEach
    void stop() {
        stored.close();
        server.stop();
    }

    @Test
    void messagesOfTheNewestStreamAreFoundBesideRowsOfOneThatWasDeleted() throws Exception {
        // In either order of insertion, whatever the order they are read in.
        insert("raw", 1, RECEIVED_AT - 1000);
        insert("raw", 1, RECEIVED_AT);
        insert("raw", 2, RECEIVED_AT);
        insert("raw", 2, RECEIVED_AT - 1000);
        insert("raw", 3, RECEIVED_AT - 1000);
        insert("other", 4, RECEIVED_AT);
        stored.open();

        assertThat(stored.contains(1, RECEIVED_AT)).isTrue();
        assertThat(stored.contains(2, RECEIVED_AT)).isTrue();
        assertThat(stored.contains(3, RECEIVED_AT)).as("only the old stream's").isFalse();
        assertThat(stored.contains(4, RECEIVED_AT)).as("only another stream's").isFalse();
    }

    @Test
    void aServerThatIsAwayIsWaitedFor() throws Exception {
        insert("raw", 1, RECEIVED_AT);
        stored.open();
        server.stop();
        FutureTask<Boolean> answer = new FutureTask<>(() -> stored.contains(1, RECEIVED_AT));
        Thread task = new Thread(answer);
        task.start();
        try {
            server.start();
            assertThat(answer.get(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            task.interrupt();
        }
    }

    private void insert(String stream, long sequence, long receivedAt) throws Exception {
        try (ClickHouseHttpClient client = new ClickHouseHttpClient(connection)) {
            client.query(
                    "INSERT INTO "
                            + TABLE
                            + " (organization_id, end_device_id, occurred_at, processed_at, data,"
                            + " stream, stream_sequence, received_at) SELECT 'org', 'device',"
                            + " now64(3), now64(3), '{}', '"
                            + stream
                            + "', "
                            + sequence
                            + ", fromUnixTimestamp64Milli(toInt64("
                            + receivedAt
                            + "))",
                    Map.of());
        }
    }
}
