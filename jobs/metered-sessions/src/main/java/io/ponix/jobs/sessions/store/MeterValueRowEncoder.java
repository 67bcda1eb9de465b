package io.ponix.jobs.sessions.store;

import io.ponix.connector.clickhouse.sink.ClickHouseRowEncoder;
import io.ponix.connector.clickhouse.sink.RowOutput;
import io.ponix.connector.clickhouse.sink.SortKeyOutput;
import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import io.ponix.jobs.sessions.assembly.MeterValueRow;
import java.util.List;

/** Writes meter values into ClickHouse, where equal ones become one. */
public final class MeterValueRowEncoder implements ClickHouseRowEncoder<MeterValueRow> {

    private static final long serialVersionUID = 1L;

    private static final List<ClickHouseColumn> COLUMNS =
            List.of(
                    ClickHouseColumn.of(SessionTables.ORGANIZATION_ID, "LowCardinality(String)"),
                    ClickHouseColumn.of(SessionTables.STATION_ID, "String"),
                    ClickHouseColumn.of(SessionTables.SESSION_ID, "String"),
                    ClickHouseColumn.of("value_id", "UUID"),
                    ClickHouseColumn.of("measured_at", "DateTime64(3, 'UTC')"),
                    ClickHouseColumn.of("measurand", "LowCardinality(String)"),
                    ClickHouseColumn.of("context", "LowCardinality(String)"),
                    ClickHouseColumn.of("location", "LowCardinality(String)"),
                    ClickHouseColumn.of("phase", "LowCardinality(String)"),
                    ClickHouseColumn.of("value", "Float64"),
                    ClickHouseColumn.of("unit", "LowCardinality(String)"),
                    ClickHouseColumn.of("multiplier", "Int32"),
                    ClickHouseColumn.of("connector", "LowCardinality(String)"),
                    ClickHouseColumn.of("arrival", "UInt64"),
                    ClickHouseColumn.of(SessionTables.STREAM, "LowCardinality(String)"),
                    ClickHouseColumn.of(SessionTables.STREAM_SEQUENCE, "UInt64"),
                    ClickHouseColumn.of(SessionTables.RECEIVED_AT, "DateTime64(3, 'UTC')"));

    /** Without anything to set. */
    public MeterValueRowEncoder() {}

    @Override
    public List<ClickHouseColumn> columns() {
        return COLUMNS;
    }

    @Override
    public void encode(MeterValueRow element, int index, RowOutput row) {
        row.writeString(element.organizationId());
        row.writeString(element.stationId());
        row.writeString(element.sessionId());
        row.writeUuid(element.id());
        row.writeDateTime64(element.value().time().toEpochMilli());
        row.writeString(element.value().measurand());
        row.writeString(element.value().context());
        row.writeString(element.value().location());
        row.writeString(element.value().phase());
        row.writeFloat64(element.value().value().doubleValue());
        row.writeString(element.value().unit());
        row.writeInt32(element.value().multiplier());
        row.writeString(element.connector());
        row.writeInt64(element.arrival());
        row.writeString(element.origin().stream());
        row.writeInt64(element.origin().sequence());
        row.writeDateTime64(element.origin().receivedAt());
    }

    @Override
    public void encodeSortKey(MeterValueRow element, int index, SortKeyOutput key) {
        key.addString(element.organizationId());
        key.addString(element.stationId());
        key.addString(element.sessionId());
        key.addLong(element.value().time().toEpochMilli());
    }
}
