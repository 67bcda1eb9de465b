package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.jobs.preflight.TableDurability;
import io.ponix.migrations.ClickHouseMigrations;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableDurabilityITCase {

    private static final String TABLE = "processed_envelopes";

    @Test
    void theMigratedTableSyncsInsertsAndOneThatDoesNotIsNamed(@TempDir Path home) throws Exception {
        try (EmbeddedClickHouse server = EmbeddedClickHouse.builder().home(home).build()) {
            server.start();
            ClickHouseMigrations.builder()
                    .settings(ClickHouseSettings.fromEnvironment(server.address().environment()))
                    .build()
                    .up();
            ClickHouseSettings connection =
                    ClickHouseSettings.fromEnvironment(server.address().environment());
            assertThat(TableDurability.missing(connection, TABLE)).isEmpty();

            try (ClickHouseClient client = new ClickHouseClient(connection)) {
                client.query(
                        "ALTER TABLE processed_envelopes MODIFY SETTING fsync_part_directory = 0",
                        Map.of());
                assertThat(TableDurability.missing(connection, TABLE))
                        .singleElement()
                        .asString()
                        .contains("does not sync inserts")
                        .contains("fsync_after_insert = 1, fsync_part_directory = 1");
                client.query(
                        "ALTER TABLE processed_envelopes MODIFY SETTING fsync_part_directory = 1",
                        Map.of());
            }
            assertThat(TableDurability.missing(connection, TABLE)).isEmpty();
            assertThat(TableDurability.missing(connection, "elsewhere")).isEmpty();
        }
    }

    @Test
    void aReplicatedTableWithoutAQuorumIsNamed() {
        String synced = " SETTINGS fsync_after_insert = 1, fsync_part_directory = 1";
        assertThat(missing("ReplicatedMergeTree('/t', 'r') ORDER BY a" + synced, "0"))
                .singleElement()
                .asString()
                .contains("insert_quorum is 0 for the user ponix")
                .contains("ALTER USER `ponix` SETTINGS insert_quorum = 'auto'");
        assertThat(missing("ReplicatedMergeTree('/t', 'r') ORDER BY a" + synced, "2")).isEmpty();
        assertThat(missing("ReplicatedMergeTree('/t', 'r') ORDER BY a", "0")).hasSize(2);
        assertThat(missing("SharedMergeTree('/t', 'r') ORDER BY a", "0")).isEmpty();
    }

    private static List<String> missing(String engine, String quorum) {
        return TableDurability.missing("`ponix`.`t`", "ponix", engine, quorum);
    }
}
