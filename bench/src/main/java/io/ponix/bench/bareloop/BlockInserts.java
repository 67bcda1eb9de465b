package io.ponix.bench.bareloop;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Inserts blocks beside the loop, a few at a time, each under a token. */
final class BlockInserts implements AutoCloseable {

    private static final int PARALLEL = 2;

    private final ClickHouseClient client;
    private final String sql;
    private final ExecutorService threads = Executors.newFixedThreadPool(PARALLEL);
    private final Queue<Future<?>> running = new ArrayDeque<>();

    BlockInserts(ClickHouseSettings connection, String table) {
        client = new ClickHouseClient(connection);
        sql =
                "INSERT INTO "
                        + table
                        + " (organization_id, end_device_id, occurred_at, processed_at, data, stream,"
                        + " stream_sequence, received_at) FORMAT Native";
    }

    /** Inserts a block; waits only where two blocks are waiting already. */
    void add(byte[] block, int rows, String token) throws Exception {
        while (running.size() > PARALLEL) {
            running.remove().get();
        }
        Map<String, String> settings =
                Map.of(
                        "async_insert",
                        "0",
                        "insert_deduplication_token",
                        token,
                        "max_insert_block_size",
                        Integer.toString(rows),
                        "min_insert_block_size_rows",
                        Integer.toString(rows),
                        "min_insert_block_size_bytes",
                        "0");
        running.add(
                threads.submit(
                        () -> {
                            client.insert(sql, settings, block, "");
                            return null;
                        }));
    }

    /** Waits until all blocks are stored. */
    void flush() throws Exception {
        while (!running.isEmpty()) {
            running.remove().get();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        client.close();
    }
}
