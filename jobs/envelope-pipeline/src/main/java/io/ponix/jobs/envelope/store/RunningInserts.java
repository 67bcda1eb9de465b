package io.ponix.jobs.envelope.store;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.ErrorClass;
import io.ponix.client.clickhouse.Sql;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inserts into a table that ClickHouse is working on: their rows will be there although they
 * cannot be seen yet, and although the job that sent them may be gone.
 */
final class RunningInserts {

    private static final Logger LOG = LoggerFactory.getLogger(RunningInserts.class);

    private static final long POLL_MILLIS = 200;

    private final ClickHouseSettings connection;
    private final String table;

    /**
     * @param connection its user needs the right SELECT(query_id, query) ON system.processes, and
     *     sees the inserts of all users there
     */
    RunningInserts(ClickHouseSettings connection, String table) {
        this.connection = connection;
        this.table = table;
    }

    /**
     * Returns when none of the inserts that are running now is running any more, on any of the
     * servers. A server that is away is waited for.
     *
     * @throws ClickHouseException if the servers refuse to be asked
     */
    void awaitEnd() throws ClickHouseException, InterruptedException {
        for (String url : connection.urls()) {
            try (ClickHouseClient client = new ClickHouseClient(connection.at(url))) {
                Set<String> running = look(client);
                while (!running.isEmpty()) {
                    LOG.info("Waiting for {} inserts into {} to end", running.size(), table);
                    Thread.sleep(POLL_MILLIS);
                    running.retainAll(look(client));
                }
            }
        }
    }

    private Set<String> look(ClickHouseClient client)
            throws ClickHouseException, InterruptedException {
        while (true) {
            try {
                Set<String> queries = new HashSet<>();
                client.query(
                                "SELECT query_id FROM system.processes WHERE query ILIKE"
                                        + " 'INSERT%' AND position(query, "
                                        + Sql.string(table)
                                        + ") > 0",
                                Map.of())
                        .forEach(row -> queries.add(row.get(0)));
                return queries;
            } catch (ClickHouseException e) {
                if (e.errorClass() != ErrorClass.TRANSIENT) {
                    throw e;
                }
                LOG.warn("Cannot look for running inserts yet: {}", e.getMessage());
                Thread.sleep(POLL_MILLIS);
            }
        }
    }
}
