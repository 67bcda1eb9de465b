package io.ponix.connector.clickhouse.sink;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A fresh table for readings on a real ClickHouse, and what a test asks of it. */
final class ReadingsTable {

    private static final String REMEMBERS = "SETTINGS non_replicated_deduplication_window = 1000";
    private static final AtomicInteger TABLES = new AtomicInteger();

    private final EmbeddedClickHouse server;
    private final String name;
    private final ClickHouseClient client;

    ReadingsTable(EmbeddedClickHouse server, String settings) throws Exception {
        this(server, "readings_" + TABLES.incrementAndGet(), settings);
    }

    private ReadingsTable(EmbeddedClickHouse server, String name, String settings)
            throws Exception {
        this.server = server;
        this.name = name;
        this.client = new ClickHouseClient(connection(server));
        sql(
                "CREATE TABLE "
                        + name
                        + " (organization_id String, end_device_id String,"
                        + " occurred_at DateTime64(3, 'UTC'), data JSON,"
                        + " stream LowCardinality(String), stream_sequence UInt64,"
                        + " CONSTRAINT not_666 CHECK stream_sequence != 666)"
                        + " ENGINE = MergeTree PARTITION BY toYYYYMM(occurred_at)"
                        + " ORDER BY (organization_id, occurred_at, end_device_id) "
                        + settings);
    }

    static ReadingsTable create(EmbeddedClickHouse server) throws Exception {
        return new ReadingsTable(server, REMEMBERS);
    }

    /** An empty table of the same name on another server. */
    static ReadingsTable copy(ReadingsTable table, EmbeddedClickHouse server) throws Exception {
        return new ReadingsTable(server, table.name, REMEMBERS);
    }

    static ClickHouseSettings connection(EmbeddedClickHouse server) {
        return connection(server, server.url());
    }

    /** A connection that gives up early, so that tests of failures are quick. */
    static ClickHouseSettings connection(EmbeddedClickHouse server, String url) {
        return new ClickHouseSettings(
                List.of(url),
                server.database(),
                server.username(),
                server.password(),
                Duration.ofSeconds(2),
                Duration.ofSeconds(20));
    }

    ClickHouseSinkBuilder<Reading> sink() {
        return sink(server.url(), new ReadingEncoder());
    }

    /** A sink that reaches the server under another address, or takes other records. */
    <IN> ClickHouseSinkBuilder<IN> sink(String url, ClickHouseRowEncoder<IN> encoder) {
        return ClickHouseSink.<IN>builder()
                .setConnection(connection(server, url))
                .setTable(name)
                .setRowEncoder(encoder)
                .setWitnessColumns(
                        List.of("organization_id", "occurred_at", "stream", "stream_sequence"))
                .setBackoff(Duration.ofMillis(20), Duration.ofMillis(200));
    }

    InsertConfig insertConfig(RejectedRowHandler handler, Duration maxTokenAge) {
        return new InsertConfig(
                connection(server),
                true,
                2,
                maxTokenAge,
                Duration.ofMillis(20),
                Duration.ofMillis(200),
                handler,
                CommitFence.NONE);
    }

    BatchBuffer<Reading> buffer() {
        return buffer(new ReadingEncoder());
    }

    /** An open batch of records of another kind. */
    <IN> BatchBuffer<IN> buffer(ClickHouseRowEncoder<IN> encoder) {
        return new BatchBuffer<>(
                encoder,
                new TargetTable(
                        server.database(),
                        name,
                        encoder.columns(),
                        List.of("organization_id", "occurred_at", "stream", "stream_sequence")),
                ClickHouseCommittable.NOT_RESTORED,
                System::currentTimeMillis);
    }

    String name() {
        return name;
    }

    List<List<String>> sql(String sql) throws IOException, InterruptedException {
        return client.query(sql, Map.of());
    }

    long number(String expression) throws IOException, InterruptedException {
        return Long.parseLong(sql("SELECT " + expression + " FROM " + name).get(0).get(0));
    }

    long rows() throws IOException, InterruptedException {
        return number("count()");
    }

    long distinctRows() throws IOException, InterruptedException {
        return number("uniqExact(stream_sequence)");
    }

    /** A materialized view that counts the rows of each organization. */
    void createView() throws IOException, InterruptedException {
        createView("true");
    }

    /** The same, of the rows for which a condition holds. */
    void createView(String condition) throws IOException, InterruptedException {
        sql(
                "CREATE TABLE "
                        + name
                        + "_counts (organization_id String, rows UInt64) ENGINE ="
                        + " SummingMergeTree ORDER BY organization_id SETTINGS"
                        + " non_replicated_deduplication_window = 1000");
        sql(
                "CREATE MATERIALIZED VIEW "
                        + name
                        + "_view TO "
                        + name
                        + "_counts AS SELECT organization_id, count() AS rows FROM "
                        + name
                        + " WHERE "
                        + condition
                        + " GROUP BY organization_id");
    }

    /** Rows that the view has counted. */
    long viewedRows() throws IOException, InterruptedException {
        return Long.parseLong(sql("SELECT sum(rows) FROM " + name + "_counts").get(0).get(0));
    }

    void drop() throws IOException, InterruptedException {
        sql("DROP VIEW IF EXISTS " + name + "_view");
        sql("DROP TABLE IF EXISTS " + name + "_counts");
        sql("DROP TABLE " + name);
        client.close();
    }
}
