package io.ponix.connector.postgres.cdc.source.reader;

import io.debezium.connector.common.DebeziumTaskState;
import io.debezium.connector.postgresql.PostgresConnector;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.SourceInfo;
import io.ponix.client.postgres.PostgresServer;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.settings.PostgresCdcSettings;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of Debezium's Postgres connector, from connecting to the first error or {@link #close()}.
 *
 * <p>Its task is driven here as Kafka Connect would drive it, without Debezium's engine in between:
 * the engine commits offsets by its own clock, and this source confirms a position only when Flink
 * says so. For one thread.
 */
final class DebeziumStream implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DebeziumStream.class);

    // Debezium names its JMX beans by the topic prefix and waits for a minute if the name is taken,
    // as by a task being closed.
    private static final AtomicLong RUNS = new AtomicLong();

    private final PostgresConnectorTask task = new PostgresConnectorTask();
    private final Offsets offsets;
    private WalPosition confirmed;
    private boolean receivedAnything;

    private DebeziumStream(WalPosition start) {
        this.offsets = new Offsets(start);
    }

    /**
     * Connects. The slot must exist; Debezium would create it otherwise (it does not while a start
     * position is given: then it refuses, which the check before this call turns into a better
     * message).
     *
     * @param server how to reach the server that is the primary now, one
     * @param start the end of a transaction: Postgres sends every transaction committed after it
     * @throws IOException if Debezium asks for another attempt
     */
    static DebeziumStream open(
            PostgresCdcSettings settings, PostgresSettings server, WalPosition start)
            throws IOException {
        DebeziumStream stream = new DebeziumStream(start);
        try {
            stream.task.initialize(stream.offsets);
            stream.task.start(properties(settings, server));
            if (stream.task.getTaskState() != DebeziumTaskState.RUNNING) {
                throw new IOException(
                        "Debezium could not start reading; its warning above says why");
            }
            // From here on Debezium asks for offsets only to confirm them, also when it stops: show
            // it nothing but what may be.
            stream.offsets.current = null;
            return stream;
        } catch (IOException | RuntimeException e) {
            // Also closes without a confirmation: the start position itself may not have been
            // checkpointed yet.
            stream.offsets.current = null;
            stream.close();
            throw e;
        }
    }

    /** The next records, after some milliseconds at the latest; possibly none. */
    List<SourceRecord> poll() throws InterruptedException {
        List<SourceRecord> records = task.poll();
        if (!records.isEmpty() && !receivedAnything) {
            receivedAnything = true;
            // Debezium drops a confirmation that comes before the first message of a stream.
            confirmAgain();
        }
        return records;
    }

    /** Whether the stream has delivered anything yet. */
    boolean hasReceivedAnything() {
        return receivedAnything;
    }

    /** Has the next poll tell Postgres that everything before the position is no longer needed. */
    void confirm(WalPosition position) throws InterruptedException {
        if (confirmed == null || position.isAfter(confirmed)) {
            confirmed = position;
            confirmAgain();
        }
    }

    private void confirmAgain() throws InterruptedException {
        if (confirmed != null) {
            offsets.current = confirmed;
            task.commit();
        }
    }

    /**
     * Ends the connection, after a last attempt to confirm what {@link #confirm} was called with.
     */
    @Override
    public void close() {
        try {
            task.stop();
        } catch (RuntimeException e) {
            LOG.warn("Debezium did not stop cleanly", e);
        }
    }

    private static Map<String, String> properties(
            PostgresCdcSettings settings, PostgresSettings connection) {
        PostgresServer server = connection.servers().get(0);
        Map<String, String> properties = new HashMap<>();
        // Keeps the queue between the connection and the reader small whatever the size of the
        // rows.
        properties.put("max.queue.size.in.bytes", String.valueOf(32L << 20));
        properties.putAll(settings.debeziumProperties());
        // A server that vanished without a word is noticed by the query Debezium sends every 10 s;
        // without it, after hours.
        properties.put("driver.socketTimeout", "60");

        String name = "flink_" + settings.slotName() + "_" + RUNS.incrementAndGet();
        properties.put("name", name);
        properties.put("connector.class", PostgresConnector.class.getName());
        properties.put("topic.prefix", name);
        properties.put("database.hostname", server.host());
        properties.put("database.port", String.valueOf(server.port()));
        properties.put("database.dbname", connection.database());
        properties.put("database.user", connection.username());
        properties.put("database.password", connection.password());
        connection
                .driverProperties()
                .forEach((key, value) -> properties.put("driver." + key, value));
        // Debezium has settings of its own for these, with a default that asks for less.
        connection
                .tlsProperties()
                .forEach((key, value) -> properties.put("database." + key, value));

        properties.put("plugin.name", "pgoutput");
        properties.put("slot.name", settings.slotName());
        properties.put("slot.drop.on.stop", "false");
        properties.put("publication.name", settings.publicationName());
        properties.put("publication.autocreate.mode", "disabled");
        properties.put("snapshot.mode", "no_data");

        // The position is Flink's: no moving of the slot to the offset or the other way round, no
        // confirmation by the driver.
        properties.put("offset.mismatch.strategy", "no_validation");
        properties.put("lsn.flush.mode", "connector");

        // The end of each transaction as a record of its own: see PositionTracker.
        properties.put("provide.transaction.metadata", "true");
        properties.put("tombstones.on.delete", "false");
        properties.put("skipped.operations", "none");
        // Heartbeats are messages whose only purpose is the transaction that carries them.
        properties.put("message.prefix.exclude.list", ".*");

        // Reconnecting is the reader's business: it looks at the slot first.
        properties.put("errors.max.retries", "0");
        properties.put("slot.max.retries", "0");
        // Bounds both the pause after an empty read and the time a batch waits to fill up, that is,
        // the latency.
        properties.put("poll.interval.ms", "20");
        return properties;
    }

    /**
     * Stands for Kafka Connect's offset storage: holds the one position Debezium may see at the
     * moment.
     */
    private static final class Offsets implements SourceTaskContext, OffsetStorageReader {

        private volatile WalPosition current;

        Offsets(WalPosition start) {
            this.current = start;
        }

        @Override
        public <T> Map<String, Object> offset(Map<String, T> partition) {
            WalPosition position = current;
            if (position == null) {
                return null;
            }
            // Without "lsn_proc" Debezium does not search for the place to go on (it would read up
            // to the next commit, reconnect and filter), but streams from "lsn", which is enough
            // between two transactions.
            return Map.of(
                    SourceInfo.LSN_KEY,
                    position.value(),
                    PostgresOffsetContext.LAST_COMMIT_LSN_KEY,
                    position.value());
        }

        @Override
        public <T> Map<Map<String, T>, Map<String, Object>> offsets(
                Collection<Map<String, T>> partitions) {
            Map<Map<String, T>, Map<String, Object>> result = new HashMap<>();
            for (Map<String, T> partition : partitions) {
                result.put(partition, offset(partition));
            }
            return result;
        }

        @Override
        public OffsetStorageReader offsetStorageReader() {
            return this;
        }

        @Override
        public Map<String, String> configs() {
            return Map.of();
        }

        @Override
        public PluginMetrics pluginMetrics() {
            return null;
        }
    }
}
