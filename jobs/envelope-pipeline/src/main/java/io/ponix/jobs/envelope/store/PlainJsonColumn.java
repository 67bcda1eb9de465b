package io.ponix.jobs.envelope.store;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.Sql;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Says whether the column for what transforms give takes all of it. Paths with a type refuse other
 * values, or cut them ({@code 1.5} is 1 in an Int64), and paths to SKIP are lost: whoever tries a
 * transform, without a store at hand, would be told that all is well.
 */
public final class PlainJsonColumn {

    /** Limits beyond which paths and types are stored together, and nothing is lost. */
    private static final Pattern PLAIN =
            Pattern.compile("JSON(\\((\\s*max_dynamic_(paths|types)\\s*=\\s*\\d+\\s*,?)*\\))?");

    private PlainJsonColumn() {}

    /**
     * Asks a server.
     *
     * @return what is wrong, with the statement that mends it; empty if all is well, and if there
     *     is no such column
     * @throws ClickHouseException if the server cannot be asked
     * @throws InterruptedException if the thread is interrupted
     */
    public static Optional<String> problem(ClickHouseSettings connection, String table)
            throws ClickHouseException, InterruptedException {
        try (ClickHouseClient client = new ClickHouseClient(connection)) {
            List<List<String>> found =
                    client.query(
                            "SELECT type FROM system.columns WHERE database = "
                                    + Sql.string(connection.database())
                                    + " AND table = "
                                    + Sql.string(table)
                                    + " AND name = "
                                    + Sql.string(ProcessedEnvelopesTable.DATA),
                            Map.of());
            return found.isEmpty()
                    ? Optional.empty()
                    : problem(Sql.table(connection.database(), table), found.get(0).get(0));
        }
    }

    private static Optional<String> problem(String table, String type) {
        return PLAIN.matcher(type).matches()
                ? Optional.empty()
                : Optional.of(
                        "column "
                                + ProcessedEnvelopesTable.DATA
                                + " of "
                                + table
                                + " is "
                                + type
                                + ", which does not take all that a transform may give. ALTER"
                                + " TABLE "
                                + table
                                + " MODIFY COLUMN "
                                + ProcessedEnvelopesTable.DATA
                                + " JSON keeps what is there");
    }
}
