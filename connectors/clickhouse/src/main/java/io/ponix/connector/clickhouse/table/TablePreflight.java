package io.ponix.connector.clickhouse.table;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.Sql;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;

/**
 * Looks at a table and at the user's settings before rows are written, and refuses what would break
 * the guarantee quietly: inserts that a server does not recognise as repeats, or that it cuts into
 * several blocks.
 */
@Internal
public final class TablePreflight {

    /**
     * What the writer needs of the table.
     *
     * @param columns the columns it writes, in order
     * @param readColumns those that it looks for rows by; none if it never does
     * @param exactlyOnce whether repeated inserts must be recognised
     * @param insertSettings the settings every insert is sent with; they must take effect
     * @param longestTokenLife how long after its first attempt an insert may be repeated under its
     *     token alone
     * @param servers number of addresses the writer may use
     * @param user who writes
     */
    public record Requirements(
            List<ClickHouseColumn> columns,
            List<String> readColumns,
            boolean exactlyOnce,
            Map<String, String> insertSettings,
            Duration longestTokenLife,
            int servers,
            String user) {}

    /** Fewer blocks than one restart may have to repeat are as good as none. */
    private static final int SMALLEST_WINDOW = 100;

    private static final int SYNTAX_ERROR = 62;

    private final ClickHouseClient client;
    private final Requirements requirements;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> visited = new HashSet<>();
    private final List<DeduplicationWindow> windows = new ArrayList<>();
    private Replication replication = Replication.NONE;
    private boolean hasViews;

    private TablePreflight(ClickHouseClient client, Requirements requirements) {
        this.client = client;
        this.requirements = requirements;
    }

    /**
     * Checks a table.
     *
     * @param client reaches the server
     * @param database the table's database
     * @param table the table
     * @param requirements what the writer needs
     * @return what was found out about a table that passed
     * @throws PreflightException if the table or the settings will not do; it lists all reasons
     * @throws ClickHouseException if the server could not be asked
     * @throws InterruptedException if the calling thread was interrupted
     */
    public static TableFacts check(
            ClickHouseClient client, String database, String table, Requirements requirements)
            throws PreflightException, ClickHouseException, InterruptedException {
        TablePreflight preflight = new TablePreflight(client, requirements);
        preflight.checkTable(database, table);
        if (!preflight.problems.isEmpty()) {
            throw new PreflightException(database + "." + table, preflight.problems);
        }
        return new TableFacts(preflight.replication, preflight.hasViews, preflight.windows);
    }

    private void checkTable(String database, String table)
            throws ClickHouseException, InterruptedException {
        List<List<String>> found = describe(database, table);
        if (found.isEmpty()) {
            problems.add(
                    "it does not exist, or the user may not see it. Create it (run the"
                            + " migrations), or GRANT SELECT, INSERT ON "
                            + Sql.table(database, table));
            return;
        }
        if (!checkColumns(database, table)) {
            return;
        }
        checkThatItMayBeReadAndWritten(database, table);
        checkSettings();
        replication = Replication.of(found.get(0).get(0));
        checkThatItCanBeWaitedFor(database, table, replication);
        if (requirements.exactlyOnce()) {
            checkDeduplication(database, table, found.get(0).get(0), found.get(0).get(1));
            checkViews(database, table);
        }
    }

    /** A right to read that is missing would be noticed by the first restart that needs it. */
    private void checkThatItMayBeReadAndWritten(String database, String table)
            throws ClickHouseException, InterruptedException {
        String name = Sql.table(database, table);
        List<String> written = requirements.columns().stream().map(ClickHouseColumn::name).toList();
        require(
                "INSERT" + listed(written) + " ON " + name,
                "the user may not insert what is written");
        if (!requirements.readColumns().isEmpty()) {
            require(
                    "SELECT" + listed(requirements.readColumns()) + " ON " + name,
                    "the user may not look for rows that are there already");
        }
    }

    private static String listed(List<String> columns) {
        return columns.stream().map(Sql::identifier).collect(Collectors.joining(", ", "(", ")"));
    }

    private void checkThatItCanBeWaitedFor(String database, String table, Replication ofTable)
            throws ClickHouseException, InterruptedException {
        if (ofTable == Replication.REPLICATED) {
            require(
                    "SYSTEM SYNC REPLICA ON " + Sql.table(database, table),
                    "the user may not wait for a replica to catch up, without which rows that one"
                            + " has not fetched yet would be taken for missing");
        }
    }

    private void require(String privilege, String otherwise)
            throws ClickHouseException, InterruptedException {
        List<List<String>> granted;
        try {
            granted = client.query("CHECK GRANT " + privilege, Map.of());
        } catch (ClickHouseException e) {
            if (e.code() == SYNTAX_ERROR) {
                // The server is older than the statement.
                return;
            }
            throw e;
        }
        if (granted.get(0).get(0).equals("0")) {
            problems.add(
                    otherwise
                            + ": GRANT "
                            + privilege
                            + " TO "
                            + Sql.identifier(requirements.user()));
        }
    }

    private List<List<String>> describe(String database, String table)
            throws ClickHouseException, InterruptedException {
        return client.query(
                "SELECT engine, engine_full FROM system.tables WHERE database = "
                        + Sql.string(database)
                        + " AND name = "
                        + Sql.string(table),
                Map.of());
    }

    /**
     * @return whether the user may see any
     */
    private boolean checkColumns(String database, String table)
            throws ClickHouseException, InterruptedException {
        Map<String, List<String>> existing = new HashMap<>();
        for (List<String> column :
                client.query(
                        "SELECT name, type, default_kind FROM system.columns WHERE database = "
                                + Sql.string(database)
                                + " AND table = "
                                + Sql.string(table),
                        Map.of())) {
            existing.put(column.get(0), column);
        }
        if (existing.isEmpty()) {
            problems.add(
                    "the user may see none of its columns: GRANT SELECT, INSERT ON "
                            + Sql.table(database, table)
                            + " TO "
                            + Sql.identifier(requirements.user()));
            return false;
        }
        for (ClickHouseColumn column : requirements.columns()) {
            List<String> actual = existing.get(column.name());
            String alter = "ALTER TABLE " + Sql.table(database, table) + " ";
            String definition = Sql.identifier(column.name()) + " " + column.type();
            if (actual == null) {
                problems.add(
                        "column "
                                + column.name()
                                + " is missing: "
                                + alter
                                + "ADD COLUMN "
                                + definition);
            } else if (!isWrittenLike(column.type(), actual.get(1))) {
                problems.add(
                        "column "
                                + column.name()
                                + " is "
                                + actual.get(1)
                                + ", but "
                                + column.type()
                                + " is written: "
                                + alter
                                + "MODIFY COLUMN "
                                + definition);
            } else if (actual.get(2).equals("MATERIALIZED") || actual.get(2).equals("ALIAS")) {
                problems.add(
                        "column "
                                + column.name()
                                + " is computed and cannot be written: "
                                + alter
                                + "MODIFY COLUMN "
                                + Sql.identifier(column.name())
                                + " REMOVE "
                                + actual.get(2));
            }
        }
        return true;
    }

    private static boolean isWrittenLike(ClickHouseType written, String actual) {
        try {
            return written.isWrittenLike(ClickHouseType.parse(actual));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The settings as they are for an insert of this user, constraints of the profile included. */
    private void checkSettings() throws ClickHouseException, InterruptedException {
        Map<String, String> effective = new HashMap<>();
        for (List<String> setting :
                client.query(
                        "SELECT name, value FROM system.settings WHERE name IN ('async_insert',"
                                + " 'insert_deduplicate', 'deduplicate_insert',"
                                + " 'deduplicate_blocks_in_dependent_materialized_views',"
                                + " 'max_insert_block_size_bytes',"
                                + " 'input_format_max_block_size_bytes')",
                        requirements.insertSettings())) {
            effective.put(setting.get(0), setting.get(1));
        }
        requireSetting(effective, "async_insert", "0");
        if (requirements.exactlyOnce()) {
            requireSetting(effective, "insert_deduplicate", "1");
            requireSetting(effective, "deduplicate_blocks_in_dependent_materialized_views", "1");
            requireSetting(effective, "max_insert_block_size_bytes", "0");
            requireSetting(effective, "input_format_max_block_size_bytes", "0");
            if ("disable".equals(effective.get("deduplicate_insert"))) {
                problems.add("the user's setting deduplicate_insert is disable: set it to enable");
            }
        }
    }

    private void requireSetting(Map<String, String> effective, String name, String value) {
        // Absent: the server is older than the setting.
        if (!effective.getOrDefault(name, value).equals(value)) {
            problems.add(
                    "the setting "
                            + name
                            + " is "
                            + effective.get(name)
                            + " for this user: ALTER USER … SETTINGS "
                            + name
                            + " = "
                            + value
                            + ", or change the settings profile");
        }
    }

    private void checkDeduplication(String database, String table, String engine, String definition)
            throws ClickHouseException, InterruptedException {
        String name = Sql.table(database, table);
        if (!engine.endsWith("MergeTree")) {
            problems.add(
                    name
                            + " has the engine "
                            + engine
                            + ", which does not recognise repeated inserts: write to a table of"
                            + " the MergeTree family");
            return;
        }
        Replication ofTable = Replication.of(engine);
        boolean replicated = ofTable != Replication.NONE;
        String setting =
                replicated
                        ? "replicated_deduplication_window"
                        : "non_replicated_deduplication_window";
        long window = tableSetting(definition, setting, replicated);
        windows.add(new DeduplicationWindow(database, table, ofTable, window));
        if (window < SMALLEST_WINDOW) {
            problems.add(
                    name
                            + " has "
                            + setting
                            + " = "
                            + window
                            + ", so that repeated inserts are "
                            + (window == 0 ? "not recognised" : "forgotten too soon")
                            + ": ALTER TABLE "
                            + name
                            + " MODIFY SETTING "
                            + setting
                            + " = 10000");
        }
        if (replicated) {
            String seconds = "replicated_deduplication_window_seconds";
            long life = tableSetting(definition, seconds, true);
            if (life < requirements.longestTokenLife().toSeconds()) {
                problems.add(
                        name
                                + " has "
                                + seconds
                                + " = "
                                + life
                                + ", less than the sink's maxTokenAge of "
                                + requirements.longestTokenLife().toSeconds()
                                + " s: lower maxTokenAge, or ALTER TABLE "
                                + name
                                + " MODIFY SETTING "
                                + seconds
                                + " = 3600");
            }
        } else if (requirements.servers() > 1) {
            problems.add(
                    name
                            + " has the engine "
                            + engine
                            + " and is not replicated, so that only one server knows which inserts"
                            + " are repeats: give one address only, or use a Replicated engine");
        }
    }

    private long tableSetting(String definition, String setting, boolean replicated)
            throws ClickHouseException, InterruptedException {
        Matcher own =
                Pattern.compile("\\b" + setting + "\\s*=\\s*'?(\\d+)'?(?:[,\\s]|$)")
                        .matcher(definition);
        // The last SETTINGS clause is the table's; a name inside a string earlier does not count.
        String value = null;
        while (own.find()) {
            value = own.group(1);
        }
        if (value == null) {
            List<List<String>> defaults =
                    client.query(
                            "SELECT value FROM "
                                    + (replicated
                                            ? "system.replicated_merge_tree_settings"
                                            : "system.merge_tree_settings")
                                    + " WHERE name = "
                                    + Sql.string(setting),
                            Map.of());
            value = defaults.isEmpty() ? "0" : defaults.get(0).get(0);
        }
        return Long.parseLong(value);
    }

    /** What a view stores must be recognised as a repeat, too, and so on for views of views. */
    private void checkViews(String database, String table)
            throws ClickHouseException, InterruptedException {
        if (!visited.add(Sql.table(database, table))) {
            return;
        }
        String dependent =
                "(SELECT arrayJoin(arrayZip(dependencies_database, dependencies_table)) AS dependent"
                        + " FROM system.tables WHERE database = "
                        + Sql.string(database)
                        + " AND name = "
                        + Sql.string(table)
                        + ")";
        // A table names what depends on it to everybody, who may see nothing else of that.
        client.query(
                        "SELECT dependent.1, dependent.2 FROM "
                                + dependent
                                + " WHERE dependent NOT IN (SELECT (database, name) FROM"
                                + " system.tables)",
                        Map.of())
                .forEach(hidden -> mustSee("view", hidden.get(0), hidden.get(1)));
        List<List<String>> views =
                client.query(
                        "SELECT target_database, target_table FROM system.tables"
                                + " WHERE engine = 'MaterializedView' AND (database, name) IN "
                                + dependent,
                        Map.of());
        for (List<String> view : views) {
            hasViews = true;
            List<List<String>> target = describe(view.get(0), view.get(1));
            if (target.isEmpty()) {
                mustSee("table", view.get(0), view.get(1));
            } else if (!target.get(0).get(0).equals("Null")) {
                checkDeduplication(
                        view.get(0), view.get(1), target.get(0).get(0), target.get(0).get(1));
                checkThatItCanBeWaitedFor(
                        view.get(0), view.get(1), Replication.of(target.get(0).get(0)));
            }
            checkViews(view.get(0), view.get(1));
        }
    }

    private void mustSee(String what, String database, String name) {
        String quoted = Sql.table(database, name);
        problems.add(
                "the user may not see the "
                        + what
                        + " "
                        + quoted
                        + ", so that nobody knows whether repeated inserts double its rows: GRANT"
                        + " SHOW TABLES ON "
                        + quoted
                        + " TO "
                        + Sql.identifier(requirements.user()));
    }
}
