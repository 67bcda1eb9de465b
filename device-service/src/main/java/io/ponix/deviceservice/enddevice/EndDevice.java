package io.ponix.deviceservice.enddevice;

import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.Row;
import io.ponix.registry.RowColumns;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A device.
 *
 * @param row what is known of the device itself
 * @param enrolledBy the gateway that enrolled it, empty if it was created
 */
public record EndDevice(EndDeviceRow row, String enrolledBy, Instant createdAt, Instant updatedAt) {

    /** The columns that it is read of. */
    static final List<Column> COLUMNS = columns();

    static <E extends Exception> EndDevice read(Row<E> row) throws E {
        return new EndDevice(
                EndDeviceRow.read(row),
                row.text(EndDeviceRow.ENROLLED_BY),
                row.time(RowColumns.CREATED_AT),
                row.time(RowColumns.UPDATED_AT));
    }

    Map<Column, Object> values() {
        Map<Column, Object> values = row.values();
        values.put(EndDeviceRow.ENROLLED_BY, enrolledBy);
        values.put(RowColumns.CREATED_AT, createdAt);
        values.put(RowColumns.UPDATED_AT, updatedAt);
        return values;
    }

    private static List<Column> columns() {
        List<Column> columns = new ArrayList<>(EndDeviceRow.COLUMNS);
        columns.add(EndDeviceRow.ENROLLED_BY);
        columns.add(RowColumns.CREATED_AT);
        columns.add(RowColumns.UPDATED_AT);
        return List.copyOf(columns);
    }
}
