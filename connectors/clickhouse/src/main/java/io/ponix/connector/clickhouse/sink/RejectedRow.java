package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.util.List;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A record with a row that ClickHouse refuses for good, with the reason.
 *
 * @param table the table, as {@code database.table}
 * @param columns the columns of {@code row}
 * @param row the row in RowBinary, as it was sent (JSON as text); of a record of several rows, of
 *     which one is refused, the first
 * @param rowsOfRecord how many rows the record has; none of them is stored
 * @param errorCode ClickHouse's numeric code
 * @param errorMessage ClickHouse's message
 */
@PublicEvolving
public record RejectedRow(
        String table,
        List<ClickHouseColumn> columns,
        byte[] row,
        int rowsOfRecord,
        int errorCode,
        String errorMessage) {

    /**
     * The value of a column.
     *
     * @param column the column's name
     * @return String for {@code String} and {@code JSON}; Boolean; Long for Int8 to Int64 and UInt8
     *     to UInt32; the unsigned value as {@link java.math.BigInteger} for UInt64; Float; Double;
     *     {@link java.time.LocalDate}; {@link java.time.Instant} for {@code DateTime} and {@code
     *     DateTime64}; {@link java.util.UUID}; null; a list of those for an array
     * @throws IllegalArgumentException if there is no such column, or if the row's bytes do not fit
     *     its columns (the encoder wrote something else than it declared)
     */
    public Object value(String column) {
        return RowBinaryValues.read(columns, row, 0, row.length, column);
    }

    /** Without the row's content, which may be private. */
    @Override
    public String toString() {
        return "RejectedRow{table="
                + table
                + ", bytes="
                + row.length
                + ", errorCode="
                + errorCode
                + "}";
    }
}
