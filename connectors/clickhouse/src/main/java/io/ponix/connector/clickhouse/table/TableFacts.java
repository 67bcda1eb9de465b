package io.ponix.connector.clickhouse.table;

import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * What {@link TablePreflight} found out about a table.
 *
 * @param replication how its servers share rows
 * @param hasViews whether materialized views store something for every insert
 * @param windows what the table, and each table that a view stores into, remembers of inserts
 */
@Internal
public record TableFacts(
        Replication replication, boolean hasViews, List<DeduplicationWindow> windows) {

    /** Copies the list. */
    public TableFacts {
        windows = List.copyOf(windows);
    }
}
