package io.ponix.jobs.envelope.store;

import io.ponix.connector.clickhouse.client.ClickHouseConnection;
import io.ponix.connector.clickhouse.client.ClickHouseHttpClient;
import io.ponix.connector.clickhouse.client.Sql;
import io.ponix.jobs.envelope.transform.StoredSequences;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks {@code processed_envelopes} by ranges of {@value #RANGE} sequences, each once, as reading
 * comes to it. The table has an index of the least and greatest sequence in each of its granules
 * for that.
 */
public final class ClickHouseStoredSequences implements StoredSequences {

    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(ClickHouseStoredSequences.class);

    /** Sequences asked for at once. A power of two. */
    private static final int RANGE = 1 << 16;

    /**
     * Ranges kept, of 512 KiB each. The splits of a task read the same stream at about the same
     * place.
     */
    private static final int RANGES_KEPT = 16;

    private static final long ABSENT = Long.MIN_VALUE;

    private final ClickHouseConnection connection;
    private final String table;
    private final String stream;

    private transient ClickHouseHttpClient client;
    private transient Map<Long, long[]> ranges;
    private transient long lastStored;

    /**
     * @param connection how to reach ClickHouse
     * @param table of the connection's database
     * @param stream the stream whose sequences are asked for
     */
    public ClickHouseStoredSequences(ClickHouseConnection connection, String table, String stream) {
        this.connection = connection;
        this.table = table;
        this.stream = stream;
    }

    @Override
    public void open() throws IOException, InterruptedException {
        client = new ClickHouseHttpClient(connection);
        ranges =
                new LinkedHashMap<>(RANGES_KEPT, 0.75f, true) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Long, long[]> eldest) {
                        return size() > RANGES_KEPT;
                    }
                };
        lastStored =
                Long.parseUnsignedLong(
                        client.query(
                                        "SELECT max("
                                                + ProcessedEnvelopesTable.STREAM_SEQUENCE
                                                + ") FROM "
                                                + Sql.table(connection.database(), table)
                                                + " WHERE "
                                                + ofTheStream(),
                                        Map.of())
                                .get(0)
                                .get(0));
        LOG.info(
                "Envelopes of stream {} up to sequence {} are looked for in {} before they are"
                        + " stored",
                stream,
                lastStored,
                table);
    }

    @Override
    public boolean contains(long sequence, long receivedAt)
            throws IOException, InterruptedException {
        if (sequence > lastStored) {
            return false;
        }
        Long start = sequence & -RANGE;
        long[] range = ranges.get(start);
        if (range == null) {
            range = load(start);
            ranges.put(start, range);
        }
        return range[(int) (sequence - start)] == receivedAt;
    }

    private long[] load(long start) throws IOException, InterruptedException {
        long[] receivedAt = new long[RANGE];
        Arrays.fill(receivedAt, ABSENT);
        List<List<String>> rows =
                client.query(
                        "SELECT "
                                + ProcessedEnvelopesTable.STREAM_SEQUENCE
                                + " - "
                                + start
                                + ", toUnixTimestamp64Milli("
                                + ProcessedEnvelopesTable.RECEIVED_AT
                                + ") FROM "
                                + Sql.table(connection.database(), table)
                                + " WHERE "
                                + ofTheStream()
                                + " AND "
                                + ProcessedEnvelopesTable.STREAM_SEQUENCE
                                + " BETWEEN "
                                + start
                                + " AND "
                                + (start + RANGE - 1),
                        Map.of());
        for (List<String> row : rows) {
            receivedAt[Integer.parseInt(row.get(0))] = Long.parseLong(row.get(1));
        }
        return receivedAt;
    }

    private String ofTheStream() {
        return ProcessedEnvelopesTable.STREAM + " = " + Sql.string(stream);
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
    }
}
