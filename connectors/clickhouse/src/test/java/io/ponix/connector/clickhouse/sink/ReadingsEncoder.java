package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.util.List;

/** Writes records of several {@link Reading}s. */
final class ReadingsEncoder implements ClickHouseRowEncoder<List<Reading>> {

    private final ReadingEncoder encoder = new ReadingEncoder();

    @Override
    public List<ClickHouseColumn> columns() {
        return encoder.columns();
    }

    @Override
    public int rowCount(List<Reading> readings) {
        return readings.size();
    }

    @Override
    public void encode(List<Reading> readings, int index, RowOutput row) {
        encoder.encode(readings.get(index), 0, row);
    }

    @Override
    public long partition(List<Reading> readings, int index) {
        return encoder.partition(readings.get(index), 0);
    }

    @Override
    public void encodeSortKey(List<Reading> readings, int index, SortKeyOutput key) {
        encoder.encodeSortKey(readings.get(index), 0, key);
    }
}
