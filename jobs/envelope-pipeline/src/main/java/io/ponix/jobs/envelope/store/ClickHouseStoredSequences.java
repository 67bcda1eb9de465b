package io.ponix.jobs.envelope.store;

import io.ponix.connector.clickhouse.client.ClickHouseConnection;
import io.ponix.connector.clickhouse.client.ClickHouseException;
import io.ponix.connector.clickhouse.client.ClickHouseHttpClient;
import io.ponix.connector.clickhouse.client.ErrorClass;
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
 *
 * <p>While ClickHouse is away it waits, as the sink does: an outage is no reason to restart the
 * job.
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

    private static final long FIRST_PAUSE_MILLIS = 200;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

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
                        query(
                                        "SELECT max("
                                                + ProcessedEnvelopesTable.STREAM_SEQUENCE
                                                + ") FROM "
                                                + Sql.table(connection.database(), table)
                                                + " WHERE "
                                                + ofTheStream())
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
                query(
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
                                + (start + RANGE - 1));
        for (List<String> row : rows) {
            // A stream that was made anew gives the same sequences again. Only messages of the
            // newest one can be read, so only its rows matter.
            int index = Integer.parseInt(row.get(0));
            receivedAt[index] = Math.max(receivedAt[index], Long.parseLong(row.get(1)));
        }
        return receivedAt;
    }

    private List<List<String>> query(String sql) throws IOException, InterruptedException {
        long pause = FIRST_PAUSE_MILLIS;
        while (true) {
            try {
                return client.query(sql, Map.of());
            } catch (ClickHouseException e) {
                if (e.errorClass() != ErrorClass.TRANSIENT) {
                    throw e;
                }
                LOG.warn("Cannot look in {} yet, trying again: {}", table, e.getMessage());
                Thread.sleep(pause);
                pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
            }
        }
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
