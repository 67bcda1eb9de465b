package io.ponix.deviceservice.organization;

import io.ponix.registry.Column;
import io.ponix.registry.OrganizationTable;
import io.ponix.registry.Row;
import io.ponix.registry.RowColumns;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An organization, the owner of devices.
 *
 * @param deletedAt when it was deleted, if it was
 */
record Organization(
        String id, String name, Instant createdAt, Instant updatedAt, Optional<Instant> deletedAt) {

    /** The columns that it is read of. */
    static final List<Column> COLUMNS =
            List.of(
                    OrganizationTable.ID,
                    OrganizationTable.NAME,
                    RowColumns.CREATED_AT,
                    RowColumns.UPDATED_AT,
                    RowColumns.DELETED_AT);

    static <E extends Exception> Organization read(Row<E> row) throws E {
        return new Organization(
                row.text(OrganizationTable.ID),
                row.text(OrganizationTable.NAME),
                row.time(RowColumns.CREATED_AT),
                row.time(RowColumns.UPDATED_AT),
                Optional.ofNullable(row.time(RowColumns.DELETED_AT)));
    }

    /** What is written to make a row of one that is not deleted. */
    Map<Column, Object> values() {
        Map<Column, Object> values = new LinkedHashMap<>();
        values.put(OrganizationTable.ID, id);
        values.put(OrganizationTable.NAME, name);
        values.put(RowColumns.CREATED_AT, createdAt);
        values.put(RowColumns.UPDATED_AT, updatedAt);
        return values;
    }
}
