package io.ponix.jobs.envelope.store;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.util.List;

/** The table {@code processed_envelopes} of migrations/clickhouse, as the job writes it. */
public final class ProcessedEnvelopesTable {

    static final String ORGANIZATION_ID = "organization_id";
    static final String END_DEVICE_ID = "end_device_id";
    static final String OCCURRED_AT = "occurred_at";
    static final String STREAM = "stream";
    static final String STREAM_SEQUENCE = "stream_sequence";
    static final String RECEIVED_AT = "received_at";

    /** In the order in which the encoder writes them. inserted_at is left to its default. */
    static final List<ClickHouseColumn> COLUMNS =
            List.of(
                    ClickHouseColumn.of(ORGANIZATION_ID, "String"),
                    ClickHouseColumn.of(END_DEVICE_ID, "String"),
                    ClickHouseColumn.of(OCCURRED_AT, "DateTime64(3, 'UTC')"),
                    ClickHouseColumn.of("processed_at", "DateTime64(3, 'UTC')"),
                    ClickHouseColumn.of("data", "JSON"),
                    ClickHouseColumn.of(STREAM, "LowCardinality(String)"),
                    ClickHouseColumn.of(STREAM_SEQUENCE, "UInt64"),
                    ClickHouseColumn.of(RECEIVED_AT, "DateTime64(3, 'UTC')"));

    /**
     * What identifies a row for good, and what makes looking for it a lookup in the table's order.
     * When a message was received tells it from one that was published alike, at the same sequence,
     * to a stream that was deleted and made anew: the batch of the second would be taken for
     * stored.
     */
    public static final List<String> WITNESS_COLUMNS =
            List.of(
                    ORGANIZATION_ID,
                    OCCURRED_AT,
                    END_DEVICE_ID,
                    STREAM,
                    STREAM_SEQUENCE,
                    RECEIVED_AT);

    private ProcessedEnvelopesTable() {}
}
