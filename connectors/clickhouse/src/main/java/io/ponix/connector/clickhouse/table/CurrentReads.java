package io.ponix.connector.clickhouse.table;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.Sql;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Reads a table so that what was inserted before the read began is seen, on whichever server it was
 * inserted: for the question whether rows are missing. A replica may know of an insert, and call a
 * repeat of it a duplicate, minutes before it has the rows.
 *
 * <p>A replica is made to catch up first ({@code SYSTEM SYNC REPLICA … LIGHTWEIGHT}), which needs
 * the privilege SYSTEM SYNC REPLICA on the table. {@code select_sequential_consistency} would not
 * do: without {@code insert_quorum} a replica does not know by it that it is behind. It is what
 * ClickHouse Cloud's Shared engines need, which have no queue to wait for. Thread-safe.
 */
@PublicEvolving
public final class CurrentReads {

    /** The server gives up waiting, and says so, before the client does. */
    private static final int PART_OF_THE_REQUEST_TIMEOUT = 2;

    private final ClickHouseClient client;
    private final String table;
    private final Replication replication;

    /**
     * Reads of a table.
     *
     * @param client reaches the servers
     * @param database the table's database
     * @param table the table
     * @param replication how its servers share rows
     */
    public CurrentReads(
            ClickHouseClient client, String database, String table, Replication replication) {
        this.client = client;
        this.table = Sql.table(database, table);
        this.replication = replication;
    }

    /**
     * Reads of a table whose engine is asked for.
     *
     * @param client reaches the servers
     * @param database the table's database
     * @param table the table; one that does not exist is taken for one that is not replicated
     * @return the reads
     * @throws ClickHouseException if the server could not be asked
     * @throws InterruptedException if the calling thread was interrupted
     */
    public static CurrentReads of(ClickHouseClient client, String database, String table)
            throws ClickHouseException, InterruptedException {
        List<List<String>> engine =
                client.query(
                        "SELECT engine FROM system.tables WHERE database = "
                                + Sql.string(database)
                                + " AND name = "
                                + Sql.string(table),
                        Map.of());
        return new CurrentReads(
                client,
                database,
                table,
                engine.isEmpty() ? Replication.NONE : Replication.of(engine.get(0).get(0)));
    }

    /**
     * Runs a query on a server that has all rows.
     *
     * @param sql the query, without {@code FORMAT}
     * @return the rows, each a list of values
     * @throws ClickHouseException if it failed; transient if a replica does not catch up in time
     * @throws InterruptedException if the calling thread was interrupted
     */
    public List<List<String>> query(String sql) throws ClickHouseException, InterruptedException {
        return switch (replication) {
            case NONE -> client.query(sql, Map.of());
            case SHARED -> client.query(sql, Map.of("select_sequential_consistency", "1"));
            case REPLICATED ->
                    client.queryAfter(
                            "SYSTEM SYNC REPLICA " + table + " LIGHTWEIGHT",
                            sql,
                            Map.of("receive_timeout", Long.toString(patienceSeconds())));
        };
    }

    private long patienceSeconds() {
        return Math.max(1, client.requestTimeout().toSeconds() / PART_OF_THE_REQUEST_TIMEOUT);
    }
}
