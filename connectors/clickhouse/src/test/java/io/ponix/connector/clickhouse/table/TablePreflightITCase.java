package io.ponix.connector.clickhouse.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.ErrorClass;
import io.ponix.connector.clickhouse.SharedClickHouse;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every refusal of a table, and that the statement it gives mends it. */
@ExtendWith(SharedClickHouse.class)
class TablePreflightITCase {

    private static final List<ClickHouseColumn> COLUMNS =
            List.of(
                    ClickHouseColumn.of("id", "String"),
                    ClickHouseColumn.of("at", "DateTime64(3)"),
                    ClickHouseColumn.of("data", "JSON"));

    private static EmbeddedClickHouse server;
    private static ClickHouseClient client;

    @BeforeAll
    static void share(EmbeddedClickHouse shared) {
        server = shared;
        client = new ClickHouseClient(connection("ponix"));
    }

    @AfterAll
    static void stopServer() {
        client.close();
    }

    private static ClickHouseSettings connection(String password) {
        return ClickHouseSettings.of(server.url(), "ponix", "ponix", password);
    }

    private static void sql(String sql) throws Exception {
        client.query(sql, Map.of());
    }

    private static TableFacts check(String table) throws Exception {
        return check(table, true, 1);
    }

    private static TableFacts check(String table, boolean exactlyOnce, int servers)
            throws Exception {
        return check(client, table, exactlyOnce, servers);
    }

    private static TableFacts check(
            ClickHouseClient client, String table, boolean exactlyOnce, int servers)
            throws Exception {
        return TablePreflight.check(
                client,
                "ponix",
                table,
                new TablePreflight.Requirements(
                        COLUMNS,
                        List.of("id", "at"),
                        exactlyOnce,
                        Map.of("async_insert", "0"),
                        Duration.ofMinutes(10),
                        servers,
                        "ponix"));
    }

    /** Runs the statement at the end of the message, as a person would. */
    private static void mend(ThrowingCallable check) throws Exception {
        try {
            check.call();
        } catch (PreflightException refusal) {
            for (String problem : refusal.problems()) {
                sql(problem.substring(problem.indexOf("ALTER TABLE")));
            }
        } catch (Throwable other) {
            throw new AssertionError(other);
        }
    }

    @Test
    void aTableAsItShouldBePasses() throws Exception {
        sql(
                "CREATE TABLE fine (id LowCardinality(String), at DateTime64(3, 'UTC'), data"
                        + " JSON(a Int64), more UInt8 DEFAULT 1) ENGINE = MergeTree ORDER BY id"
                        + " SETTINGS non_replicated_deduplication_window = 10000");
        assertThat(check("fine").hasViews()).isFalse();
    }

    @Test
    void aTableThatForgetsInsertsIsRefused() throws Exception {
        sql(
                "CREATE TABLE forgetful (id String, at DateTime64(3), data JSON) ENGINE = MergeTree"
                        + " ORDER BY id");
        assertThatThrownBy(() -> check("forgetful"))
                .isInstanceOf(PreflightException.class)
                .hasMessageContaining("ponix.forgetful")
                .hasMessageContaining(
                        "ALTER TABLE `ponix`.`forgetful` MODIFY SETTING"
                                + " non_replicated_deduplication_window = 10000");
        assertThatCode(() -> check("forgetful", false, 1))
                .as("at least once needs no window")
                .doesNotThrowAnyException();
        mend(() -> check("forgetful"));
        check("forgetful");
    }

    @Test
    void columnsThatAreMissingMistypedOrComputedAreListedTogether() throws Exception {
        sql(
                "CREATE TABLE columns (id String MATERIALIZED 'x', at DateTime, other UInt8)"
                        + " ENGINE = MergeTree ORDER BY tuple() SETTINGS"
                        + " non_replicated_deduplication_window = 100");
        assertThatThrownBy(() -> check("columns"))
                .isInstanceOfSatisfying(
                        PreflightException.class,
                        refusal ->
                                assertThat(refusal.problems())
                                        .hasSize(3)
                                        .anyMatch(problem -> problem.contains("MATERIALIZED"))
                                        .anyMatch(
                                                problem ->
                                                        problem.contains(
                                                                "at is DateTime, but"
                                                                        + " DateTime64(3)"))
                                        .anyMatch(problem -> problem.contains("data is missing")));
        mend(() -> check("columns"));
        check("columns");
    }

    @Test
    void aViewWhoseTableForgetsInsertsIsRefused() throws Exception {
        String ordinary = " ENGINE = MergeTree ORDER BY id SETTINGS";
        String window = " non_replicated_deduplication_window = 1000";
        sql("CREATE TABLE source (id String, at DateTime64(3), data JSON)" + ordinary + window);
        sql("CREATE TABLE middle (id String)" + ordinary + window);
        sql("CREATE TABLE target (id String) ENGINE = MergeTree ORDER BY id");
        sql("CREATE MATERIALIZED VIEW to_middle TO middle AS SELECT id FROM source");
        sql("CREATE MATERIALIZED VIEW to_target TO target AS SELECT id FROM middle");
        assertThatThrownBy(() -> check("source"))
                .hasMessageContaining("`ponix`.`target`")
                .hasMessageContaining("non_replicated_deduplication_window");
        mend(() -> check("source"));
        assertThat(check("source").hasViews()).isTrue();
    }

    /**
     * Nobody else would say that the view doubles rows, nor, before a restart needs it, the rest.
     */
    @Test
    void whatTheUserMayNotSeeReadOrInsertIsRefused(@TempDir Path home) throws Exception {
        try (EmbeddedClickHouse restricted =
                EmbeddedClickHouse.builder()
                        .home(home)
                        .users(
                                """
                                CREATE USER `blind` IDENTIFIED BY 'blind';
                                GRANT SELECT, INSERT ON ponix.readings TO `blind`;
                                CREATE USER `columnless` IDENTIFIED BY 'columnless';
                                GRANT SHOW TABLES ON *.* TO `columnless`;
                                CREATE USER `forgetful` IDENTIFIED BY 'forgetful';
                                GRANT INSERT, SELECT(id, data), SHOW COLUMNS ON ponix.readings TO `forgetful`;
                                CREATE USER `reader` IDENTIFIED BY 'reader';
                                GRANT SELECT, INSERT(id, at) ON ponix.readings TO `reader`;
                                CREATE USER `half-blind` IDENTIFIED BY 'half-blind';
                                GRANT SELECT, INSERT ON ponix.readings TO `half-blind`;
                                GRANT SHOW TABLES ON ponix.per_id TO `half-blind`;
                                CREATE USER `seeing` IDENTIFIED BY 'seeing';
                                GRANT SELECT, INSERT ON ponix.readings TO `seeing`;
                                GRANT SHOW TABLES ON ponix.per_id, SHOW TABLES ON ponix.counts TO `seeing`;
                                """)
                        .build()) {
            restricted.start();
            try (ClickHouseClient admin = client(restricted, "ponix")) {
                for (String statement :
                        List.of(
                                "CREATE TABLE readings (id String, at DateTime64(3), data JSON) ENGINE ="
                                        + " MergeTree ORDER BY id SETTINGS"
                                        + " non_replicated_deduplication_window = 10000",
                                "CREATE TABLE counts (id String, c UInt64) ENGINE = MergeTree ORDER BY"
                                        + " id",
                                "CREATE MATERIALIZED VIEW per_id TO counts AS SELECT id, 1 AS c FROM"
                                        + " readings")) {
                    admin.query(statement, Map.of());
                }
            }
            assertRefused(
                    restricted,
                    "blind",
                    "view `ponix`.`per_id`",
                    "SHOW TABLES ON `ponix`.`per_id`");
            assertRefused(
                    restricted,
                    "columnless",
                    "none of its columns: GRANT SELECT, INSERT ON `ponix`.`readings`");
            assertRefused(
                    restricted,
                    "forgetful",
                    "look for rows that are there",
                    "GRANT SELECT(`id`, `at`) ON `ponix`.`readings` TO");
            assertRefused(
                    restricted,
                    "reader",
                    "may not insert",
                    "GRANT INSERT(`id`, `at`, `data`) ON `ponix`.`readings` TO");
            assertRefused(
                    restricted,
                    "half-blind",
                    "table `ponix`.`counts`",
                    "SHOW TABLES ON `ponix`.`counts`");
            assertRefused(
                    restricted,
                    "seeing",
                    "ALTER TABLE `ponix`.`counts` MODIFY SETTING",
                    "non_replicated_deduplication_window = 10000");
        }
    }

    private static ClickHouseClient client(EmbeddedClickHouse server, String user) {
        return new ClickHouseClient(ClickHouseSettings.of(server.url(), "ponix", user, user));
    }

    private static void assertRefused(EmbeddedClickHouse server, String user, String... words) {
        try (ClickHouseClient client = client(server, user)) {
            assertThatThrownBy(() -> check(client, "readings", true, 1))
                    .as(user)
                    .isInstanceOf(PreflightException.class)
                    .hasMessageContainingAll(words);
        }
    }

    @Test
    void aTableThatDoesNotExistOrIsNoMergeTreeIsRefused() throws Exception {
        assertThatThrownBy(() -> check("nowhere"))
                .isInstanceOf(PreflightException.class)
                .hasMessageContaining("ponix.nowhere")
                .hasMessageContaining("does not exist")
                .hasMessageContaining("migrations");
        sql("CREATE TABLE in_memory (id String, at DateTime64(3), data JSON) ENGINE = Memory");
        assertThatThrownBy(() -> check("in_memory")).hasMessageContaining("engine Memory");
    }

    @Test
    void severalServersNeedAReplicatedTable() throws Exception {
        sql(
                "CREATE TABLE single (id String, at DateTime64(3), data JSON) ENGINE = MergeTree"
                        + " ORDER BY id SETTINGS non_replicated_deduplication_window = 1000");
        assertThatThrownBy(() -> check("single", true, 2)).hasMessageContaining("one address only");
    }

    /**
     * A replicated table needs Keeper, which the embedded engine has not; attached instead of
     * created it is there all the same, read-only, and its description is the real one. That a
     * repeat on another replica is recognised has not been tried.
     */
    @Test
    void aReplicatedTableIsCheckedByItsOwnSettings() throws Exception {
        attachReplicated("replicated", "");
        assertThat(check("replicated", true, 2).hasViews())
                .as("the server's defaults remember enough, on every replica")
                .isFalse();

        attachReplicated("replicated_forgetful", " SETTINGS replicated_deduplication_window = 0");
        assertThatThrownBy(() -> check("replicated_forgetful"))
                .isInstanceOf(PreflightException.class)
                .hasMessageContaining(
                        "ALTER TABLE `ponix`.`replicated_forgetful` MODIFY SETTING"
                                + " replicated_deduplication_window = 10000")
                .hasMessageNotContaining("non_replicated");
        assertThatCode(() -> check("replicated_forgetful", false, 2)).doesNotThrowAnyException();

        attachReplicated(
                "replicated_hasty",
                " SETTINGS non_replicated_deduplication_window = 0,"
                        + " replicated_deduplication_window_seconds = 599");
        assertThatThrownBy(() -> check("replicated_hasty"))
                .isInstanceOfSatisfying(
                        PreflightException.class,
                        refusal ->
                                assertThat(refusal.problems())
                                        .singleElement()
                                        .asString()
                                        .contains("replicated_deduplication_window_seconds = 599")
                                        .contains("less than the sink's maxTokenAge of 600 s"));
    }

    @Test
    void aReplicaWithoutKeeperIsWaitedFor() throws Exception {
        attachReplicated("keeperless", "");
        assertThatThrownBy(() -> sql("INSERT INTO keeperless (id) VALUES ('a')"))
                .isInstanceOfSatisfying(
                        ClickHouseException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.TRANSIENT));
    }

    private static void attachReplicated(String table, String settings) throws Exception {
        sql(
                "ATTACH TABLE "
                        + table
                        + " UUID '"
                        + UUID.randomUUID()
                        + "' (id String, at DateTime64(3), data JSON) ENGINE ="
                        + " ReplicatedMergeTree('/clickhouse/tables/1/"
                        + table
                        + "', 'r1') PARTITION BY toYYYYMM(at) ORDER BY id"
                        + settings);
    }

    @Test
    void aSettingThatDoesNotTakeEffectIsRefused() throws Exception {
        sql(
                "CREATE TABLE settings (id String, at DateTime64(3), data JSON) ENGINE = MergeTree"
                        + " ORDER BY id SETTINGS non_replicated_deduplication_window = 1000");
        assertThatThrownBy(
                        () ->
                                TablePreflight.check(
                                        client,
                                        "ponix",
                                        "settings",
                                        new TablePreflight.Requirements(
                                                COLUMNS,
                                                List.of(),
                                                true,
                                                Map.of(
                                                        "async_insert",
                                                        "1",
                                                        "deduplicate_blocks_in_dependent_materialized_views",
                                                        "0"),
                                                Duration.ofMinutes(10),
                                                1,
                                                "ponix")))
                .hasMessageContaining("async_insert is 1")
                .hasMessageContaining("deduplicate_blocks_in_dependent_materialized_views is 0")
                .hasMessageContaining("ALTER USER");
    }

    @Test
    void aServerThatCannotBeAskedIsToldApart() throws Exception {
        try (ClickHouseClient stranger = new ClickHouseClient(connection("wrong"))) {
            assertThatThrownBy(() -> stranger.query("SELECT 1", Map.of()))
                    .isInstanceOfSatisfying(
                            ClickHouseException.class,
                            e -> {
                                assertThat(e.errorClass()).isEqualTo(ErrorClass.CONFIGURATION);
                                assertThat(e.code()).isEqualTo(516);
                            });
        }
        ClickHouseSettings nobody =
                ClickHouseSettings.of("http://127.0.0.1:1", "ponix", "ponix", "ponix");
        try (ClickHouseClient lost = new ClickHouseClient(nobody)) {
            assertThatThrownBy(() -> lost.query("SELECT 1", Map.of()))
                    .hasMessageContaining("http://127.0.0.1:1")
                    .isInstanceOfSatisfying(
                            ClickHouseException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.TRANSIENT));
        }
        ClickHouseSettings second =
                new ClickHouseSettings(
                        List.of("http://127.0.0.1:1", server.url()),
                        "ponix",
                        "ponix",
                        "ponix",
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(20));
        try (ClickHouseClient either = new ClickHouseClient(second)) {
            assertThatThrownBy(() -> either.query("SELECT 1", Map.of()))
                    .isInstanceOf(ClickHouseException.class);
            assertThat(either.query("SELECT 1", Map.of())).containsExactly(List.of("1"));
        }
    }
}
