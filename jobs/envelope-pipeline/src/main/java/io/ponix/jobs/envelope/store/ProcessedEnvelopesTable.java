package io.ponix.jobs.envelope.store;

import java.util.List;

/**
 * The columns of {@code processed_envelopes} (migrations/clickhouse) that are named more than once;
 * {@link EnvelopeRowsEncoder} has all that the job writes.
 */
public final class ProcessedEnvelopesTable {

    static final String ORGANIZATION_ID = "organization_id";
    static final String END_DEVICE_ID = "end_device_id";
    static final String OCCURRED_AT = "occurred_at";
    static final String DATA = "data";
    static final String STREAM = "stream";
    static final String STREAM_SEQUENCE = "stream_sequence";
    static final String RECEIVED_AT = "received_at";
    static final String ROW_INDEX = "row_index";
    static final String ROW_COUNT = "row_count";

    /**
     * What identifies a row for good, and what makes looking for it a lookup in the table's order.
     * When a message was received tells it from one that was published alike, at the same sequence,
     * to a stream that was deleted and made anew: the batch of the second would be taken for
     * stored. The number of rows identifies none; it is read where {@link
     * ClickHouseStoredSequences} asks, and so that the user may read it has to be found out before
     * the job runs, too.
     */
    public static final List<String> WITNESS_COLUMNS =
            List.of(
                    ORGANIZATION_ID,
                    OCCURRED_AT,
                    END_DEVICE_ID,
                    STREAM,
                    STREAM_SEQUENCE,
                    RECEIVED_AT,
                    ROW_INDEX,
                    ROW_COUNT);

    private ProcessedEnvelopesTable() {}
}
