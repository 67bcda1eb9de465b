package io.ponix.jobs.envelope.store;

import io.ponix.connector.clickhouse.sink.ClickHouseRowEncoder;
import io.ponix.connector.clickhouse.sink.RowOutput;
import io.ponix.connector.clickhouse.sink.SortKeyOutput;
import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import io.ponix.jobs.envelope.transform.EnvelopeRows;
import java.util.List;

/** Writes rows of {@code processed_envelopes}, by month and in the table's order. */
public final class EnvelopeRowsEncoder implements ClickHouseRowEncoder<EnvelopeRows> {

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
                            ProcessedEnvelopesTable.RECEIVED_AT, "DateTime64(3, 'UTC')"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.ROW_INDEX, "UInt32"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.ROW_COUNT, "UInt32"),
                    ClickHouseColumn.of("definition_id", "LowCardinality(String)"),
                    ClickHouseColumn.of("contract_index", "UInt8"),
                    ClickHouseColumn.of("transform_version", "UInt64"),
                    ClickHouseColumn.of("warnings", "Array(String)"));

    // The months are found anew only when a row leaves the last one: readings come nearly in the
    // order of time.
    private transient Month month;

    /** An encoder without state worth keeping. */
    public EnvelopeRowsEncoder() {}

    @Override
    public List<ClickHouseColumn> columns() {
        return COLUMNS;
    }

    @Override
    public int rowCount(EnvelopeRows element) {
        return element.rowCount();
    }

    @Override
    public void encode(EnvelopeRows element, int index, RowOutput row) {
        row.writeString(element.organizationId());
        row.writeString(element.endDeviceId());
        row.writeDateTime64(element.occurredAt(index));
        row.writeDateTime64(element.processedAt());
        row.writeJson(element.json(), element.jsonStart(index), element.jsonLength(index));
        row.writeString(element.stream());
        row.writeInt64(element.streamSequence());
        row.writeDateTime64(element.receivedAt());
        row.writeInt32(element.index(index));
        row.writeInt32(element.rowsOfEnvelope());
        row.writeString(element.definitionId());
        row.writeInt8(element.contractIndex());
        row.writeInt64(element.transformVersion());
        List<String> warnings = element.warnings();
        row.writeArraySize(warnings.size());
        for (int i = 0; i < warnings.size(); i++) {
            row.writeString(warnings.get(i));
        }
    }

    @Override
    public long partition(EnvelopeRows element, int index) {
        long occurredAt = element.occurredAt(index);
        if (month == null || !month.contains(occurredAt)) {
            month = Month.of(occurredAt);
        }
        return month.number();
    }

    @Override
    public void encodeSortKey(EnvelopeRows element, int index, SortKeyOutput key) {
        key.addString(element.organizationId());
        key.addLong(element.occurredAt(index));
        key.addString(element.endDeviceId());
    }
}
