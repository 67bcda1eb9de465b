package io.ponix.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.clickhouse.ClickHouseProgramUsers;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The users that docker/ gives to ClickHouse, and the tenant of docs/security.md, with the tables
 * that the migrations make. That job and service may do what they must their own tests show.
 */
class ClickHouseProgramUsersITCase {

    private static final Path ROOT = Path.of(System.getProperty("ponix.root"));

    private static final int READONLY = 164;
    private static final int SETTING_CONSTRAINT_VIOLATION = 452;
    private static final int ACCESS_STORAGE_READONLY = 495;
    private static final int ACCESS_DENIED = 497;
    private static final int ACCESS_STORAGE_FOR_INSERTION_NOT_FOUND = 514;
    private static final int AUTHENTICATION_FAILED = 516;

    /** Has the role of tenants, and nobody thought of the policy. */
    private static final String TENANT_WITHOUT_POLICY =
            "CREATE USER `forgotten` IDENTIFIED BY 'forgotten';\nGRANT `ponix-tenant` TO `forgotten`;\n";

    private static final ClickHouseProgramUsers USERS = ClickHouseProgramUsers.ofTheCheckout();

    @TempDir private static Path home;

    private static EmbeddedClickHouse clickHouse;
    private static String tenant;
    private static String tenantPassword;

    @BeforeAll
    static void startClickHouse() throws IOException {
        Matcher example =
                Pattern.compile(
                                "(?s)```sql\n(CREATE USER `([a-z-]+)` IDENTIFIED BY '([^']+)'.*?)```")
                        .matcher(Files.readString(ROOT.resolve("docs/security.md")));
        assertThat(example.find()).isTrue();
        tenant = example.group(2);
        tenantPassword = example.group(3);
        // Here the engine wants every column of a policy in the tables of the first migrations,
        // too.
        start(USERS.statements());
        upDownAndUp();
        clickHouse.stop();
        start(USERS.statements() + example.group(1) + TENANT_WITHOUT_POLICY);
    }

    private static void start(String users) {
        clickHouse = EmbeddedClickHouse.builder().home(home).users(users).build();
        clickHouse.start();
    }

    /** All that the migrations do, their user does. */
    private static void upDownAndUp() {
        Migrations migrations =
                ClickHouseMigrations.builder()
                        .settings(USERS.at(clickHouse.address(), "ponix-migrations"))
                        .rowRetention("90 d")
                        .build();
        int done = migrations.up().size();
        int undone = 0;
        while (migrations.down().isPresent()) {
            undone++;
        }
        assertThat(undone).isEqualTo(done).isEqualTo(migrations.up().size()).isGreaterThan(3);
    }

    @AfterAll
    static void stopClickHouse() {
        clickHouse.close();
    }

    @Test
    void migrationsChangeNothingBesideTheirDatabase() {
        try (ClickHouseClient client = program("ponix-migrations")) {
            assertRefused(
                    client,
                    ACCESS_DENIED,
                    "CREATE DATABASE other",
                    "CREATE TABLE default.other (id UInt8) ENGINE = MergeTree ORDER BY id",
                    "DROP DATABASE ponix",
                    "CREATE USER other IDENTIFIED BY 'other'",
                    "GRANT SELECT ON ponix.* TO `ponix-job`");
        }
    }

    @Test
    void theJobInsertsRowsAndReadsNoReading() throws Exception {
        insert("job", "{\"celsius\": 20}");
        try (ClickHouseClient client = program("ponix-job")) {
            assertThat(
                            client.query(
                                    "SELECT count(), min(stream_sequence) FROM processed_envelopes"
                                            + " WHERE stream = 'raw_job'",
                                    Map.of()))
                    .containsExactly(List.of("1", "1"));
            assertRefused(
                    client,
                    ACCESS_DENIED,
                    "SELECT data FROM processed_envelopes",
                    "SELECT processed_at FROM processed_envelopes",
                    "SELECT * FROM schema_migrations",
                    "INSERT INTO schema_migrations (id) VALUES (1)",
                    "ALTER TABLE processed_envelopes DELETE WHERE 1",
                    "ALTER TABLE processed_envelopes DROP PARTITION 202601",
                    "TRUNCATE TABLE processed_envelopes",
                    "DROP TABLE processed_envelopes",
                    "CREATE TABLE other (id UInt8) ENGINE = MergeTree ORDER BY id");
        }
    }

    @Test
    void theServiceReadsRowsAndChangesNothing() throws Exception {
        insert("service", "{\"celsius\": 21}");
        try (ClickHouseClient client = program("ponix-service")) {
            assertThat(
                            client.query(
                                    "SELECT data.celsius::Int64 FROM processed_envelopes WHERE"
                                            + " organization_id = 'service'",
                                    Map.of("max_execution_time", "10")))
                    .containsExactly(List.of("21"));
            assertRefused(
                    client,
                    ACCESS_DENIED,
                    "SELECT * FROM schema_migrations",
                    "INSERT INTO processed_envelopes (organization_id) VALUES ('service')",
                    "ALTER TABLE processed_envelopes DELETE WHERE 1");
            assertRefused(client, READONLY, "SELECT 1 SETTINGS readonly = 0");
        }
    }

    @Test
    void aTenantSeesTheRowsOfItsOrganizationHoweverItAsks() throws Exception {
        insert("acme", "{\"celsius\": 22}");
        insert("other", "{\"celsius\": 23}");
        try (ClickHouseClient client = client(tenant, tenantPassword)) {
            for (String question :
                    List.of(
                            "SELECT DISTINCT organization_id FROM processed_envelopes",
                            "SELECT organization_id FROM processed_envelopes PREWHERE data.celsius > 0",
                            "SELECT DISTINCT organization_id FROM processed_envelopes WHERE 1 OR"
                                    + " organization_id = 'other'",
                            "SELECT organization_id FROM (SELECT * FROM processed_envelopes) AS p JOIN"
                                    + " (SELECT stream FROM processed_envelopes) AS q USING stream")) {
                assertThat(client.query(question, Map.of()))
                        .as(question)
                        .containsExactly(List.of("acme"));
            }
            // The projection has no organization, and the count of parts knows none.
            assertThat(
                            client.query(
                                    "SELECT DISTINCT stream FROM processed_envelopes WHERE"
                                            + " stream_sequence BETWEEN 1 AND 10",
                                    Map.of()))
                    .containsExactly(List.of("raw_acme"));
            assertThat(client.query("SELECT count() FROM processed_envelopes", Map.of()))
                    .containsExactly(List.of("1"));
            assertThat(
                            client.query(
                                    "SELECT data FROM processed_envelopes WHERE organization_id = 'other'",
                                    Map.of()))
                    .isEmpty();
            assertRefused(
                    client,
                    ACCESS_DENIED,
                    "SELECT * FROM schema_migrations",
                    "INSERT INTO processed_envelopes (organization_id) VALUES ('acme')",
                    "ALTER TABLE processed_envelopes DELETE WHERE organization_id = 'acme'",
                    "SELECT * FROM remote('127.0.0.1', ponix.processed_envelopes)",
                    "CREATE ROW POLICY mine ON processed_envelopes USING 1 TO `acme-dashboard`");
        }
        try (ClickHouseClient client = client("forgotten", "forgotten")) {
            assertThat(client.query("SELECT * FROM processed_envelopes", Map.of())).isEmpty();
        }
        try (ClickHouseClient client = program("ponix-service")) {
            assertThat(
                            client.query(
                                    "SELECT DISTINCT organization_id FROM processed_envelopes",
                                    Map.of()))
                    .contains(List.of("acme"), List.of("other"));
        }
    }

    @Test
    void aTenantMaySetLessForItselfAndNotMore() throws Exception {
        try (ClickHouseClient client = client(tenant, tenantPassword)) {
            assertThat(
                            client.query(
                                    "SELECT getSetting('max_execution_time'),"
                                            + " getSetting('max_rows_to_read')",
                                    Map.of("max_execution_time", "5")))
                    .containsExactly(List.of("5", "100000000"));
            for (String limit :
                    List.of(
                            "max_execution_time",
                            "max_memory_usage",
                            "max_rows_to_read",
                            "max_result_rows",
                            "max_concurrent_queries_for_user")) {
                assertRefused(
                        client,
                        SETTING_CONSTRAINT_VIOLATION,
                        "SELECT 1 SETTINGS " + limit + " = 0",
                        "SELECT 1 SETTINGS " + limit + " = 2000000000");
            }
            assertRefused(
                    client,
                    SETTING_CONSTRAINT_VIOLATION,
                    // Of this one 0 stands for as many as there are processors.
                    "SELECT 1 SETTINGS max_threads = 2000000000",
                    "SELECT 1 SETTINGS timeout_overflow_mode = 'break'");
            assertRefused(client, READONLY, "SELECT 1 SETTINGS readonly = 0");
            assertThatThrownBy(
                            () ->
                                    client.query(
                                            "SELECT sleepEachRow(0.01) FROM numbers(1000) SETTINGS"
                                                    + " max_execution_time = 1, max_block_size = 10",
                                            Map.of()))
                    .isInstanceOf(ClickHouseException.class)
                    .hasMessageContaining("TIMEOUT_EXCEEDED");
        }
    }

    /** The engine has nowhere to store them: it refuses each only where it would. */
    @Test
    void everyStatementIsOneOfClickHouse() throws Exception {
        String file = Files.readString(ROOT.resolve("docker/clickhouse-users.sql"));
        int tried = 0;
        try (ClickHouseClient client = new ClickHouseClient(clickHouse.address())) {
            for (String statement : file.split(";\n")) {
                String sql = statement.replaceAll("(?m)^(--.*)?\n", "").strip();
                assertThatCode(() -> client.query("EXPLAIN AST " + sql, Map.of()))
                        .as(sql)
                        .doesNotThrowAnyException();
                if (sql.startsWith("CREATE ")) {
                    assertThatThrownBy(() -> client.query(sql, Map.of()))
                            .as(sql)
                            .isInstanceOfSatisfying(
                                    ClickHouseException.class,
                                    refusal ->
                                            assertThat(refusal.code())
                                                    .isIn(
                                                            ACCESS_STORAGE_READONLY,
                                                            ACCESS_STORAGE_FOR_INSERTION_NOT_FOUND));
                }
                tried++;
            }
        }
        assertThat(tried).isGreaterThan(10);
    }

    @Test
    void nobodyLogsInWithoutAPassword() {
        for (String user : List.of("ponix-job", tenant, "ponix-tenant")) {
            try (ClickHouseClient client = client(user, "wrong")) {
                assertRefused(client, AUTHENTICATION_FAILED, "SELECT 1");
            }
        }
    }

    /** A row as the job inserts it, the first of a stream. */
    private static void insert(String organization, String data) throws Exception {
        try (ClickHouseClient client = program("ponix-job")) {
            client.insert(
                    "INSERT INTO processed_envelopes (organization_id, end_device_id, occurred_at,"
                            + " processed_at, data, stream, stream_sequence, received_at) FORMAT"
                            + " Values",
                    Map.of(),
                    ("('%s', 'd', now64(3), now64(3), '%s', 'raw_%s', 1, now64(3))"
                                    .formatted(organization, data, organization))
                            .getBytes(StandardCharsets.UTF_8),
                    "");
        }
    }

    private static ClickHouseClient program(String user) {
        return new ClickHouseClient(USERS.at(clickHouse.address(), user));
    }

    private static ClickHouseClient client(String user, String password) {
        return new ClickHouseClient(
                ClickHouseSettings.of(clickHouse.url(), "ponix", user, password));
    }

    private static void assertRefused(ClickHouseClient client, int code, String... statements) {
        for (String statement : statements) {
            assertThatThrownBy(() -> client.query(statement, Map.of()))
                    .as(statement)
                    .isInstanceOfSatisfying(
                            ClickHouseException.class,
                            refusal ->
                                    assertThat(refusal.code())
                                            .as(refusal.getMessage())
                                            .isEqualTo(code));
        }
    }
}
