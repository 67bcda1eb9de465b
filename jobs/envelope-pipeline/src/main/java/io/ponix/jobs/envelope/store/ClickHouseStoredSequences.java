package io.ponix.jobs.envelope.store;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.ErrorClass;
import io.ponix.client.clickhouse.Sql;
import io.ponix.connector.clickhouse.table.CurrentReads;
import io.ponix.jobs.envelope.transform.StoredSequences;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks {@code processed_envelopes} by ranges of {@value StoredRange#SEQUENCES} sequences, each
 * once, as reading comes to it. Where a range has no rows it looks further ahead, and next to
 * nothing is asked for messages that no earlier run has stored.
 *
 * <p><b>What is read of the table.</b> Every question is about a bounded range of sequences, which
 * the table answers by its projection {@code by_stream_row}, in the order of the stream: it reads a
 * granule or two of each part that has any of them, however large the table is. In parts that have
 * no projection yet an index of the least and greatest sequence of each granule leaves out most
 * where readings come in the order of their time, and nothing where months come mixed. Nothing is
 * asked about the table as a whole, not even for its last sequence.
 *
 * <p>While ClickHouse is away it waits, as the sink does: an outage is no reason to restart the
 * job.
 */
public final class ClickHouseStoredSequences implements StoredSequences {

    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(ClickHouseStoredSequences.class);

    /**
     * Ranges kept, of 512 KiB each. The splits of a task read the same stream at about the same
     * place.
     */
    private static final int RANGES_KEPT = 16;

    /** So many times as many sequences are looked at as were found to have no rows before. */
    private static final int WIDENING = 16;

    /** Sequences looked at once at the most; a multiple of a range. */
    private static final long WIDEST = 1L << 32;

    private static final long FIRST_PAUSE_MILLIS = 200;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private static final String MESSAGE =
            ProcessedEnvelopesTable.STREAM_SEQUENCE
                    + ", toUnixTimestamp64Milli("
                    + ProcessedEnvelopesTable.RECEIVED_AT
                    + ")";

    private static final String IS_PARTIAL =
            "uniqExact("
                    + ProcessedEnvelopesTable.ROW_INDEX
                    + ") < max("
                    + ProcessedEnvelopesTable.ROW_COUNT
                    + ")";

    private static final String GROUP_BY_MESSAGE =
            " GROUP BY "
                    + ProcessedEnvelopesTable.STREAM_SEQUENCE
                    + ", "
                    + ProcessedEnvelopesTable.RECEIVED_AT;

    private final ClickHouseSettings connection;
    private final String table;
    private final String stream;

    private transient ClickHouseClient client;

    /** A replica that is behind would not show what is stored. */
    private transient CurrentReads reads;

    private transient Map<Long, StoredRange> ranges;

    /** The stored rows of messages of which some are not. */
    private transient Map<Message, Set<Integer>> partial;

    /** Sequences without rows: from a key to before its value. */
    private transient TreeMap<Long, Long> unstored;

    /** What of it was asked for last: in the end every envelope is from there. */
    private transient long unstoredStart;

    private transient long unstoredEnd;

    private record Message(long sequence, long receivedAt) {}

    /**
     * @param connection how to reach ClickHouse
     * @param table of the connection's database
     * @param stream the stream whose sequences are asked for
     */
    public ClickHouseStoredSequences(ClickHouseSettings connection, String table, String stream) {
        this.connection = connection;
        this.table = table;
        this.stream = stream;
    }

    @Override
    public void open() {
        client = new ClickHouseClient(connection);
        unstored = new TreeMap<>();
        partial = new HashMap<>();
        ranges =
                new LinkedHashMap<>(RANGES_KEPT, 0.75f, true) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Long, StoredRange> eldest) {
                        return size() > RANGES_KEPT;
                    }
                };
    }

    @Override
    public boolean contains(long sequence, long receivedAt)
            throws IOException, InterruptedException {
        if (isUnstored(sequence)) {
            return false;
        }
        long start = StoredRange.startOf(sequence);
        StoredRange range = ranges.get(start);
        if (range == null) {
            range = load(start);
            if (range.isEmpty()) {
                skipUnstored(start);
                return false;
            }
            ranges.put(start, range);
        }
        return range.contains(sequence, receivedAt);
    }

    @Override
    public Set<Integer> rows(long sequence, long receivedAt) {
        return partial.isEmpty()
                ? Set.of()
                : partial.getOrDefault(new Message(sequence, receivedAt), Set.of());
    }

    private boolean isUnstored(long sequence) {
        if (sequence >= unstoredStart && sequence < unstoredEnd) {
            return true;
        }
        Map.Entry<Long, Long> before = unstored.floorEntry(sequence);
        if (before == null || sequence >= before.getValue()) {
            return false;
        }
        unstoredStart = before.getKey();
        unstoredEnd = before.getValue();
        return true;
    }

    private StoredRange load(long start) throws IOException, InterruptedException {
        List<List<String>> messages =
                query(
                        MESSAGE + ", " + IS_PARTIAL,
                        // Rows of before there were sequences have 0, which no message has.
                        Math.max(1, start),
                        start + StoredRange.SEQUENCES - 1,
                        GROUP_BY_MESSAGE);
        StoredRange range = new StoredRange(start);
        Set<Message> inPart = new HashSet<>();
        for (List<String> each : messages) {
            Message message = message(each);
            if (each.get(2).equals("0")) {
                range.add(message.sequence, message.receivedAt);
            } else {
                inPart.add(message);
            }
        }
        if (!inPart.isEmpty()) {
            loadPartial(range, start, inPart);
        }
        return range;
    }

    private static Message message(List<String> row) {
        return new Message(Long.parseLong(row.get(0)), Long.parseLong(row.get(1)));
    }

    /** One question about all of a range: after an outage there may be thousands. */
    private void loadPartial(StoredRange range, long start, Set<Message> inPart)
            throws IOException, InterruptedException {
        range.addPartial();
        for (List<String> each :
                query(
                        MESSAGE
                                + ", arrayStringConcat(groupUniqArray("
                                + ProcessedEnvelopesTable.ROW_INDEX
                                + "), ' ')",
                        Math.max(1, start),
                        start + StoredRange.SEQUENCES - 1,
                        GROUP_BY_MESSAGE + " HAVING " + IS_PARTIAL)) {
            Message message = message(each);
            if (inPart.remove(message)) {
                partial.put(
                        message,
                        Stream.of(each.get(2).split(" "))
                                .map(Integer::valueOf)
                                .collect(Collectors.toUnmodifiableSet()));
            }
        }
        // Completed since the question before.
        inPart.forEach(message -> range.add(message.sequence, message.receivedAt));
    }

    /**
     * Looks beyond a range without rows, further each time that nothing is found: what is read of
     * rows of other streams with the same sequences stays in proportion to what is read of this
     * stream, and where nothing is stored any more, next to nothing is asked.
     */
    private void skipUnstored(long emptyStart) throws IOException, InterruptedException {
        Map.Entry<Long, Long> before = unstored.lowerEntry(emptyStart);
        long start =
                before != null && before.getValue() == emptyStart ? before.getKey() : emptyStart;
        long from = emptyStart + StoredRange.SEQUENCES;
        long to = from + Math.min(WIDEST, WIDENING * (from - start)) - 1;
        List<String> found =
                query("count(), min(" + ProcessedEnvelopesTable.STREAM_SEQUENCE + ")", from, to, "")
                        .get(0);
        boolean nothing = found.get(0).equals("0");
        unstored.put(start, nothing ? to + 1 : StoredRange.startOf(Long.parseLong(found.get(1))));
    }

    /** What there is of the stream's sequences from one to another, both included. */
    private List<List<String>> query(String columns, long from, long to, String end)
            throws IOException, InterruptedException {
        String sql =
                "SELECT "
                        + columns
                        + " FROM "
                        + Sql.table(connection.database(), table)
                        + " WHERE "
                        + ProcessedEnvelopesTable.STREAM
                        + " = "
                        + Sql.string(stream)
                        + " AND "
                        + ProcessedEnvelopesTable.STREAM_SEQUENCE
                        + " BETWEEN "
                        + from
                        + " AND "
                        + to
                        + end;
        long pause = FIRST_PAUSE_MILLIS;
        while (true) {
            try {
                if (reads == null) {
                    reads = CurrentReads.of(client, connection.database(), table);
                }
                return reads.query(sql);
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

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
    }
}
