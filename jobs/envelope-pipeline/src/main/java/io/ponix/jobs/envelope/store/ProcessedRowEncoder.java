package io.ponix.jobs.envelope.store;

import io.ponix.connector.clickhouse.sink.ClickHouseRowEncoder;
import io.ponix.connector.clickhouse.sink.RowOutput;
import io.ponix.connector.clickhouse.sink.SortKeyOutput;
import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import io.ponix.jobs.envelope.transform.ProcessedRow;
import java.util.List;

/** Writes rows of {@code processed_envelopes}, by month and in the table's order. */
public final class ProcessedRowEncoder implements ClickHouseRowEncoder<ProcessedRow> {

    private static final long serialVersionUID = 1L;

    /** In the order in which {@link #encode} writes them. inserted_at is left to its default. */
    private static final List<ClickHouseColumn> COLUMNS =
            List.of(
                    ClickHouseColumn.of(ProcessedEnvelopesTable.ORGANIZATION_ID, "String"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.END_DEVICE_ID, "String"),
                    ClickHouseColumn.of(
                            ProcessedEnvelopesTable.OCCURRED_AT, "DateTime64(3, 'UTC')"),
                    ClickHouseColumn.of("processed_at", "DateTime64(3, 'UTC')"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.DATA, "JSON"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.STREAM, "LowCardinality(String)"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.STREAM_SEQUENCE, "UInt64"),
                    ClickHouseColumn.of(
                            ProcessedEnvelopesTable.RECEIVED_AT, "DateTime64(3, 'UTC')"));

    // The months are found anew only when a row leaves the last one: readings come nearly in the
    // order of time.
    private transient Month month;

    /** An encoder without state worth keeping. */
    public ProcessedRowEncoder() {}

    @Override
    public List<ClickHouseColumn> columns() {
        return COLUMNS;
    }

    @Override
    public void encode(ProcessedRow element, RowOutput row) {
        row.writeString(element.organizationId());
        row.writeString(element.endDeviceId());
        row.writeDateTime64(element.occurredAt());
        row.writeDateTime64(element.processedAt());
        row.writeJson(element.json(), 0, element.jsonLength());
        row.writeString(element.stream());
        row.writeInt64(element.streamSequence());
        row.writeDateTime64(element.receivedAt());
    }

    @Override
    public long partition(ProcessedRow element) {
        long occurredAt = element.occurredAt();
        if (month == null || !month.contains(occurredAt)) {
            month = Month.of(occurredAt);
        }
        return month.number();
    }

    @Override
    public void encodeSortKey(ProcessedRow element, SortKeyOutput key) {
        key.addString(element.organizationId());
        key.addLong(element.occurredAt());
        key.addString(element.endDeviceId());
    }
}
