package io.ponix.jobs.envelope.devices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.migrations.PostgresMigrations;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices are looked up in a real Postgres, by whatever envelopes name them. */
class PostgresDeviceLoaderITCase {

    private static final int DEVICES = 50_000;

    private static final int NAMES = 200;

    @TempDir private static Path home;

    private static EmbeddedPostgres postgres;
    private static PostgresDeviceLoader loader;

    @BeforeAll
    static void start() throws SQLException {
        postgres = EmbeddedPostgres.builder().home(home).build();
        postgres.start();
        PostgresSettings settings =
                PostgresSettings.fromEnvironment(
                        Map.of(
                                "PONIX_POSTGRES_HOST",
                                postgres.host(),
                                "PONIX_POSTGRES_PORT",
                                String.valueOf(postgres.port())));
        PostgresMigrations.builder().settings(settings).build().up();
        loader =
                new PostgresDeviceLoader(
                        settings,
                        "slot",
                        "ponix_cdc_publication",
                        RegistryTable.published(),
                        Duration.ofSeconds(10));
        execute(
                "INSERT INTO organizations (id, name) VALUES ('o', ''), ('p', ''), ('q', '')",
                "INSERT INTO end_devices (device_id, organization_id, name, external_id)"
                        + " SELECT 'd' || i, 'o', '', 'e' || i || 'x' FROM generate_series(1, "
                        + DEVICES
                        + ") i",
                "INSERT INTO end_devices (device_id, organization_id, name)"
                        + " SELECT 'n' || i, 'o', '' FROM generate_series(1, "
                        + DEVICES
                        + ") i",
                "INSERT INTO end_devices (device_id, organization_id, name, external_id, deleted_at)"
                        + " VALUES ('eui', 'o', '', 'a84041ffff1822c4', NULL),"
                        + " ('eui-of-p', 'p', '', 'a84041ffff1822c4', NULL),"
                        + " ('deleted', 'o', '', 'gone', now())",
                "ANALYZE");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    void aDeviceIsFoundByItsIdAndByItsExternalIdWithinItsOrganization() throws Exception {
        assertThat(devices(Set.of(DeviceName.ofExternalId("o", "A84041FFFF1822C4"))))
                .containsExactly("eui");
        assertThat(devices(Set.of(DeviceName.ofExternalId("p", "a84041ffff1822c4"))))
                .containsExactly("eui-of-p");
        assertThat(
                        devices(
                                Set.of(
                                        DeviceName.ofId("d1"),
                                        DeviceName.ofId("eui"),
                                        DeviceName.ofExternalId("o", "e2x"),
                                        DeviceName.ofExternalId("o", "a84041ffff1822c4"))))
                .containsExactlyInAnyOrder("d1", "d2", "eui");
        assertThat(devices(Set.of(DeviceName.ofId("deleted")))).containsExactly("deleted");
    }

    @Test
    void whatNoDeviceHasIsNotFound() throws Exception {
        assertThat(
                        devices(
                                Set.of(
                                        DeviceName.ofExternalId("o", "gone"),
                                        DeviceName.ofExternalId("q", "a84041ffff1822c4"),
                                        DeviceName.ofExternalId("o", "eui"),
                                        DeviceName.ofExternalId("o", "a\0b"),
                                        DeviceName.ofExternalId("o\0", "e1x"),
                                        DeviceName.ofExternalId("o", ""),
                                        DeviceName.ofExternalId("o", "{\"',NULL}"),
                                        DeviceName.ofId("a84041ffff1822c4"))))
                .isEmpty();
        assertThat(devices(Set.of())).isEmpty();
    }

    @Test
    void theirOrganizationsComeWithThem() throws Exception {
        assertThat(loader.lookUp(Set.of(DeviceName.ofExternalId("p", "a84041ffff1822c4"))))
                .first()
                .isInstanceOfSatisfying(
                        DeviceChange.OrganizationUpserted.class,
                        organization -> assertThat(organization.id()).isEqualTo("p"));
    }

    /** A look at every device of a million for some that are unknown would be felt by all. */
    @Test
    void manyNamesAreFoundByIndexesWithoutALookAtEveryDevice() throws Exception {
        Set<DeviceName> names = new HashSet<>();
        for (int i = 1; i <= NAMES; i++) {
            names.add(
                    i % 2 == 0
                            ? DeviceName.ofId("n" + i)
                            : DeviceName.ofExternalId("o", "e" + i + "x"));
        }
        long read = rowsReadBySequentialScans();
        assertThat(devices(names)).hasSize(NAMES);
        // The counters follow when the loader's session has ended.
        await().until(
                        () ->
                                number(
                                                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
                                        == 1);
        assertThat(rowsReadBySequentialScans()).isEqualTo(read);
    }

    private static long rowsReadBySequentialScans() throws SQLException {
        return number("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'end_devices'");
    }

    private static List<String> devices(Set<DeviceName> names) throws Exception {
        return loader.lookUp(names).stream()
                .filter(DeviceChange.DeviceUpserted.class::isInstance)
                .map(change -> ((DeviceChange.DeviceUpserted) change).row().deviceId())
                .toList();
    }

    private static void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static long number(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    private static Connection connect() throws SQLException {
        return DriverManager.getConnection(
                postgres.jdbcUrl(), postgres.username(), postgres.password());
    }
}
