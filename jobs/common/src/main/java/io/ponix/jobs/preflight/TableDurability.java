package io.ponix.jobs.preflight;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Says what a table lacks for its rows to outlive a power loss. An insert is answered when the rows
 * are in the server's hands, and from then on nobody else has them: a checkpoint has moved on.
 */
public final class TableDurability {

    private static final Pattern FSYNC_AFTER_INSERT =
            Pattern.compile("\\bfsync_after_insert\\s*=\\s*(1|true)\\b");
    private static final Pattern FSYNC_PART_DIRECTORY =
            Pattern.compile("\\bfsync_part_directory\\s*=\\s*(1|true)\\b");

    private TableDurability() {}

    /**
     * Asks a server.
     *
     * @return a line for each thing that is missing, with the statement that mends it
     * @throws ClickHouseException if the server cannot be asked
     * @throws InterruptedException if the thread is interrupted
     */
    public static List<String> missing(ClickHouseSettings connection, String table)
            throws ClickHouseException, InterruptedException {
        try (ClickHouseClient client = new ClickHouseClient(connection)) {
            List<List<String>> found =
                    client.query(
                            "SELECT engine_full, (SELECT any(value) FROM system.settings WHERE name"
                                    + " = 'insert_quorum') FROM system.tables WHERE database = "
                                    + Sql.string(connection.database())
                                    + " AND name = "
                                    + Sql.string(table),
                            Map.of());
            return found.isEmpty()
                    ? List.of()
                    : missing(
                            Sql.table(connection.database(), table),
                            connection.username(),
                            found.get(0).get(0),
                            found.get(0).get(1));
        }
    }

    /**
     * @param table quoted
     * @param engine as {@code system.tables.engine_full} has it
     * @param insertQuorum as it is for the user
     */
    public static List<String> missing(
            String table, String username, String engine, String insertQuorum) {
        List<String> missing = new ArrayList<>();
        if (engine.startsWith("Shared")) {
            return missing; // rows are in an object store before the answer
        }
        if (!FSYNC_AFTER_INSERT.matcher(engine).find()
                || !FSYNC_PART_DIRECTORY.matcher(engine).find()) {
            missing.add(
                    table
                            + " does not sync inserts: a power loss of its server takes rows of the"
                            + " last half minute for good. ALTER TABLE "
                            + table
                            + " MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1"
                            + " (the ClickHouse migrations do so)");
        }
        if (engine.startsWith("Replicated") && insertQuorum.equals("0")) {
            missing.add(
                    "insert_quorum is 0 for the user "
                            + username
                            + ": a replica whose disk is lost takes rows that no other has fetched"
                            + " yet. ALTER USER "
                            + Sql.identifier(username)
                            + " SETTINGS insert_quorum = 'auto'");
        }
        return missing;
    }
}
