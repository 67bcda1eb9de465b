package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange.Operation;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/**
 * Metrics of the reader, in the operator's group {@value #GROUP}. Positions are LSNs as numbers of
 * bytes.
 */
@PublicEvolving
public final class PostgresCdcSourceMetrics {

    /** Group of all metrics below. */
    public static final String GROUP = "PostgresCdcSource";

    /**
     * Gauge: WAL written by the server and not confirmed by this job yet, in bytes; -1 while not
     * known.
     */
    public static final String SLOT_LAG_BYTES = "slotLagBytes";

    /** Gauge: WAL the server keeps because of the slot, in bytes; -1 while not known. */
    public static final String SLOT_RETAINED_WAL_BYTES = "slotRetainedWalBytes";

    /**
     * Gauge: in how many ways the publication leaves out changes of the tables that the job counts
     * on; the log says which. 0 if in none; -1 while not known, or if no tables were named.
     */
    public static final String PUBLICATION_PROBLEMS = "publicationProblems";

    /** Gauge: end of the last transaction that was read completely; -1 before the first split. */
    public static final String READ_LSN = "readLsn";

    /** Gauge: the position this reader last asked Postgres to confirm; -1 before the first. */
    public static final String CONFIRMED_LSN = "confirmedLsn";

    /** Counter: how often the connection was made again after it was lost. */
    public static final String RECONNECTS = "reconnects";

    /**
     * Counter: heartbeats written, because confirmations lagged behind the server's WAL, or to come
     * past the moment at which the publication was looked at.
     */
    public static final String HEARTBEATS = "heartbeats";

    /**
     * Counter per table and operation (groups {@value #TABLE_GROUP} and {@value #OPERATION_GROUP}):
     * changes emitted.
     */
    public static final String CHANGES = "changes";

    /** Key of the group of a table; its value is {@code schema.table}. */
    public static final String TABLE_GROUP = "table";

    /** Key of the group of an operation; its value is insert, update, delete or truncate. */
    public static final String OPERATION_GROUP = "operation";

    private static final long UNKNOWN = -1;

    private final MetricGroup group;
    private final Counter recordsIn;
    private final Counter reconnects;
    private final Counter heartbeats;
    private final Map<String, Map<Operation, Counter>> changes = new HashMap<>();

    private volatile long slotLagBytes = UNKNOWN;
    private volatile long slotRetainedWalBytes = UNKNOWN;
    private volatile long publicationProblems = UNKNOWN;
    private volatile long readLsn = UNKNOWN;
    private volatile long confirmedLsn = UNKNOWN;

    PostgresCdcSourceMetrics(SourceReaderMetricGroup readerGroup) {
        recordsIn = readerGroup.getIOMetricGroup().getNumRecordsInCounter();
        group = readerGroup.addGroup(GROUP);
        group.gauge(SLOT_LAG_BYTES, () -> slotLagBytes);
        group.gauge(SLOT_RETAINED_WAL_BYTES, () -> slotRetainedWalBytes);
        group.gauge(PUBLICATION_PROBLEMS, () -> publicationProblems);
        group.gauge(READ_LSN, () -> readLsn);
        group.gauge(CONFIRMED_LSN, () -> confirmedLsn);
        reconnects = group.counter(RECONNECTS);
        heartbeats = group.counter(HEARTBEATS);
    }

    void slot(long lagBytes, long retainedBytes) {
        slotLagBytes = lagBytes;
        slotRetainedWalBytes = retainedBytes;
    }

    void publicationProblems(int count) {
        publicationProblems = count;
    }

    void read(long lsn) {
        readLsn = lsn;
    }

    void confirmed(long lsn) {
        confirmedLsn = lsn;
    }

    void reconnected() {
        reconnects.inc();
    }

    void heartbeat() {
        heartbeats.inc();
    }

    /**
     * Called by the task's thread only, for what moves the position and is no change: Flink has
     * counted it among the records.
     */
    void onlyMoved() {
        recordsIn.dec();
    }

    /** Called by the task's thread only. */
    void changed(PostgresChange change) {
        String table = change.schema() + "." + change.table();
        Map<Operation, Counter> byOperation = changes.get(table);
        if (byOperation == null) {
            byOperation = new EnumMap<>(Operation.class);
            for (Operation operation : Operation.values()) {
                byOperation.put(
                        operation,
                        group.addGroup(TABLE_GROUP, table)
                                .addGroup(
                                        OPERATION_GROUP, operation.name().toLowerCase(Locale.ROOT))
                                .counter(CHANGES));
            }
            changes.put(table, byOperation);
        }
        byOperation.get(change.operation()).inc();
    }
}
