package io.ponix.jobs.sessions.store;

import io.ponix.connector.clickhouse.sink.ClickHouseRowEncoder;
import io.ponix.connector.clickhouse.sink.RowOutput;
import io.ponix.connector.clickhouse.sink.SortKeyOutput;
import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import io.ponix.jobs.sessions.assembly.SessionRow;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/** Writes versions of sessions into ClickHouse, of which the greatest counts. */
public final class SessionRowEncoder implements ClickHouseRowEncoder<SessionRow> {

    private static final long serialVersionUID = 1L;

    private static final List<ClickHouseColumn> COLUMNS =
            List.of(
                    ClickHouseColumn.of(SessionTables.ORGANIZATION_ID, "LowCardinality(String)"),
                    ClickHouseColumn.of(SessionTables.STATION_ID, "String"),
                    ClickHouseColumn.of(SessionTables.SESSION_ID, "String"),
                    ClickHouseColumn.of("version", "UInt64"),
                    ClickHouseColumn.of("state", "LowCardinality(String)"),
                    ClickHouseColumn.of("started_at", "Nullable(DateTime64(3, 'UTC'))"),
                    ClickHouseColumn.of("ended_at", "Nullable(DateTime64(3, 'UTC'))"),
                    ClickHouseColumn.of("token", "String"),
                    ClickHouseColumn.of("reason", "LowCardinality(String)"),
                    ClickHouseColumn.of("connector", "LowCardinality(String)"),
                    ClickHouseColumn.of("first_register_wh", "Nullable(Float64)"),
                    ClickHouseColumn.of("last_register_wh", "Nullable(Float64)"),
                    ClickHouseColumn.of("energy_wh", "Nullable(Float64)"),
                    ClickHouseColumn.of("is_complete", "Bool"),
                    ClickHouseColumn.of("missing", "UInt64"),
                    ClickHouseColumn.of("flags", "Array(String)"),
                    ClickHouseColumn.of("events", "UInt32"),
                    ClickHouseColumn.of("duplicates", "UInt32"),
                    ClickHouseColumn.of("left_out", "UInt64"),
                    ClickHouseColumn.of("value_count", "UInt64"),
                    ClickHouseColumn.of(SessionTables.STREAM, "LowCardinality(String)"),
                    ClickHouseColumn.of(SessionTables.STREAM_SEQUENCE, "UInt64"),
                    ClickHouseColumn.of(SessionTables.RECEIVED_AT, "DateTime64(3, 'UTC')"));

    /** Without anything to set. */
    public SessionRowEncoder() {}

    @Override
    public List<ClickHouseColumn> columns() {
        return COLUMNS;
    }

    @Override
    public void encode(SessionRow element, int index, RowOutput row) {
        row.writeString(element.organizationId());
        row.writeString(element.stationId());
        row.writeString(element.sessionId());
        row.writeInt64(element.version());
        row.writeString(element.state());
        writeTime(element.startedAt(), row);
        writeTime(element.endedAt(), row);
        row.writeString(element.token());
        row.writeString(element.reason());
        row.writeString(element.connector());
        writeNumber(element.firstRegister(), row);
        writeNumber(element.lastRegister(), row);
        writeNumber(element.energy(), row);
        row.writeBool(element.isComplete());
        row.writeInt64(element.missing());
        row.writeArraySize(element.flags().size());
        element.flags().forEach(row::writeString);
        row.writeInt32(element.events());
        row.writeInt32(element.duplicates());
        row.writeInt64(element.leftOut());
        row.writeInt64(element.values());
        row.writeString(element.origin().stream());
        row.writeInt64(element.origin().sequence());
        row.writeDateTime64(element.origin().receivedAt());
    }

    private static void writeTime(Instant time, RowOutput row) {
        if (time == null) {
            row.writeNull();
        } else {
            row.writePresent();
            row.writeDateTime64(time.toEpochMilli());
        }
    }

    private static void writeNumber(BigDecimal number, RowOutput row) {
        if (number == null) {
            row.writeNull();
        } else {
            row.writePresent();
            row.writeFloat64(number.doubleValue());
        }
    }

    @Override
    public void encodeSortKey(SessionRow element, int index, SortKeyOutput key) {
        key.addString(element.organizationId());
        key.addString(element.stationId());
        key.addString(element.sessionId());
    }
}
