package io.ponix.connector.clickhouse.sink;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.connector.clickhouse.table.PreflightException;
import io.ponix.connector.clickhouse.table.TableFacts;
import io.ponix.connector.clickhouse.table.TablePreflight;

/** What this sink requires of a table. */
final class TablePreflights {

    private TablePreflights() {}

    static TableFacts check(ClickHouseClient client, TargetTable target, InsertConfig config)
            throws PreflightException, ClickHouseException, InterruptedException {
        return TablePreflight.check(
                client,
                target.database(),
                target.table(),
                new TablePreflight.Requirements(
                        target.columns(),
                        target.witnessColumns(),
                        config.exactlyOnce(),
                        InsertSettings.common(BlockFormat.ROW_BINARY),
                        config.maxTokenAge(),
                        config.connection().urls().size(),
                        config.connection().username()));
    }
}
