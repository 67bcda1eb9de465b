package io.ponix.connector.clickhouse.table;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.Sql;
import java.time.Duration;
import org.apache.flink.annotation.Internal;

/**
 * How many inserts a table remembers, by their tokens. In time that is as long as it takes to
 * insert as many others: hours, or seconds at full load.
 *
 * @param database the table's database
 * @param table the table
 * @param replication how its servers share rows
 * @param blocks the last so many inserted blocks are remembered; each partition of an insert is one
 */
@Internal
public record DeduplicationWindow(
        String database, String table, Replication replication, long blocks) {

    /** The machine that dated the insert and the one that asks may differ in their clocks. */
    private static final Duration MARGIN = Duration.ofSeconds(30);

    /**
     * Whether every insert of the last while is certainly remembered. Counted by the numbers that
     * the table gives to blocks: those since the newest part that is older. Where parts have been
     * merged since, blocks are counted that are older, so that the answer may be no too early.
     *
     * <p>Blocks of a partition that was dropped meanwhile are not counted. Of a Shared engine it is
     * never certain: a server need not know of parts that others have inserted.
     *
     * @param client reaches the servers; of a Replicated table one that has caught up is asked
     * @param age the time since before the insert was first tried
     * @return whether it is certain
     * @throws ClickHouseException if the server could not be asked
     * @throws InterruptedException if the calling thread was interrupted
     */
    public boolean reachesBack(ClickHouseClient client, Duration age)
            throws ClickHouseException, InterruptedException {
        if (replication == Replication.SHARED) {
            return false;
        }
        String old = "modification_time < now() - " + age.plus(MARGIN).toSeconds();
        // Replicated tables number the blocks of each partition, others those of the whole table.
        String numbered = replication == Replication.NONE ? "" : " GROUP BY partition_id";
        String inserted =
                new CurrentReads(client, database, table, replication)
                        .query(
                                "SELECT sum(since) FROM (SELECT max(max_block_number) - ifNull("
                                        + "maxOrNullIf(max_block_number, "
                                        + old
                                        + "), min(min_block_number) - 1) AS since"
                                        + " FROM system.parts WHERE database = "
                                        + Sql.string(database)
                                        + " AND table = "
                                        + Sql.string(table)
                                        + numbered
                                        + ")")
                        .get(0)
                        .get(0);
        return Long.parseLong(inserted) < blocks;
    }
}
