package io.ponix.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.api.StreamConfiguration;
import io.ponix.cli.NatsAndClickHouse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskUseITCase {

    private static final int MESSAGES = 200;
    private static final byte[] PAYLOAD = new byte[1_000];

    @Test
    void streamsAndRowsAreMeasuredWithWhatTheLastHourAdded(@TempDir Path home) throws Exception {
        try (NatsAndClickHouse servers =
                NatsAndClickHouse.start(home, table -> table.rowRetention("90 d"))) {
            StackAddresses addresses = servers.addresses();
            publish(addresses);
            // Half of the rows are of the messages, the others of ones that were sent long ago.
            new ClickHouseQueries(addresses)
                    .lines(
                            "INSERT INTO processed_envelopes (organization_id, end_device_id,"
                                    + " occurred_at, processed_at, data, stream, stream_sequence,"
                                    + " received_at) SELECT 'o', 'd', now64(3), now64(3), '{}',"
                                    + " if(number < 200, 'raw_envelopes', 'earlier'), number + 1,"
                                    + " now64(3) FROM numbers(400)");

            DiskUse use = new DiskUse(addresses, home);
            List<DiskUse.Store> stores = use.stores();

            assertThat(stores)
                    .extracting(DiskUse.Store::name)
                    .containsExactlyInAnyOrder(
                            "raw_envelopes", "empty", "changes", "last", "processed_envelopes");
            DiskUse.Store raw = store(stores, "raw_envelopes");
            assertThat(raw.bytes()).isBetween(200_000L, 300_000L);
            assertThat(raw.lastHour()).isBetween(raw.bytes() - MESSAGES, raw.bytes());
            assertThat(raw.kept()).isEqualTo("for 30 days");
            assertThat(store(stores, "empty"))
                    .isEqualTo(new DiskUse.Store("empty", 0, 0, "for ever"));
            assertThat(store(stores, "changes").kept())
                    .isEqualTo("for 7 days, the newest 100,000 of each subject");
            assertThat(store(stores, "last").kept())
                    .isEqualTo("the newest of each subject, the newest 500, the newest 1.0 MB");
            DiskUse.Store rows = store(stores, "processed_envelopes");
            assertThat(rows.bytes()).isPositive();
            assertThat(rows.lastHour()).isBetween(rows.bytes() / 2 - 400, rows.bytes() / 2);
            assertThat(rows.kept()).isEqualTo("for 90 days");

            DiskForecast forecast = use.forecast(stores);
            assertThat(forecast.free()).isBetween(1L, forecast.total());
            assertThat(forecast.lastHour()).isEqualTo(raw.lastHour() + rows.lastHour());
        }
    }

    @SuppressWarnings("try") // Closing a connection may be interrupted, like all of this.
    private static void publish(StackAddresses addresses) throws Exception {
        try (Connection connection = NatsConnection.open(addresses.nats(), "test")) {
            connection
                    .jetStreamManagement()
                    .addStream(
                            StreamConfiguration.builder()
                                    .name("raw_envelopes")
                                    .subjects("raw_envelopes.>")
                                    .maxAge(Duration.ofDays(30))
                                    .build());
            connection
                    .jetStreamManagement()
                    .addStream(
                            StreamConfiguration.builder()
                                    .name("empty")
                                    .subjects("empty.>")
                                    .build());
            connection
                    .jetStreamManagement()
                    .addStream(
                            StreamConfiguration.builder()
                                    .name("changes")
                                    .subjects("changes.*")
                                    .maxAge(Duration.ofDays(7))
                                    .maxMessagesPerSubject(100_000)
                                    .build());
            connection
                    .jetStreamManagement()
                    .addStream(
                            StreamConfiguration.builder()
                                    .name("last")
                                    .subjects("last.*")
                                    .maxMessagesPerSubject(1)
                                    .maxMessages(500)
                                    .maxBytes(1_000_000)
                                    .build());
            for (int count = 0; count < MESSAGES; count++) {
                connection.jetStream().publish("raw_envelopes.0.device", PAYLOAD);
            }
        }
    }

    private static DiskUse.Store store(List<DiskUse.Store> stores, String name) {
        return stores.stream().filter(store -> store.name().equals(name)).findFirst().orElseThrow();
    }
}
