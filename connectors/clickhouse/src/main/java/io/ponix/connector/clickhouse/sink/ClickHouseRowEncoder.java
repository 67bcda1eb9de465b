package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Turns a record into rows, most often into one. All rows of a record are stored, or none: if
 * ClickHouse refuses one of them for good, all go to the {@link RejectedRowHandler}.
 *
 * <p>Called once per record in the writer's task thread. The record may be reused by the operator
 * upstream as soon as a method returns, so everything is copied out at once: {@link RowOutput} and
 * {@link SortKeyOutput} do.
 *
 * @param <IN> the record's type
 */
@PublicEvolving
public interface ClickHouseRowEncoder<IN> extends Serializable {

    /**
     * The columns that {@link #encode} writes, in this order. Columns of the table that are not
     * listed get their defaults.
     *
     * @return the same list at every call
     */
    List<ClickHouseColumn> columns();

    /**
     * How many rows a record is.
     *
     * @param element the record
     * @return 0 or more; 1 where a record is a row
     */
    default int rowCount(IN element) {
        return 1;
    }

    /**
     * Writes a row: one value per column.
     *
     * @param element the record
     * @param index which row of the record, from 0
     * @param row takes the values
     */
    void encode(IN element, int index, RowOutput row);

    /**
     * The table's partition of a row, as a number: for {@code PARTITION BY toYYYYMM(t)} the month.
     * A batch is split by it, so that an insert is one part of one partition. Rows of the same
     * partition of the table must get the same number; a finer split than the table's does no harm.
     *
     * @param element the record
     * @param index which row of the record, from 0
     * @return the partition; 0 for a table without partitions
     */
    default long partition(IN element, int index) {
        return 0;
    }

    /**
     * Writes the row's key in the table's order, by which the rows of a batch are sorted:
     * ClickHouse then has nothing left to sort. Optional: a row without a key keeps its place, and
     * the server sorts.
     *
     * @param element the record
     * @param index which row of the record, from 0
     * @param key takes the parts of the key
     */
    default void encodeSortKey(IN element, int index, SortKeyOutput key) {}
}
