package io.ponix.jobs.envelope.devices;

import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.jobs.envelope.changes.ChangedRow;
import io.ponix.registry.RowColumns;
import java.util.Optional;

/** Makes {@link DeviceChange}s of changes of the {@linkplain RegistryTable tables} they are of. */
public final class DeviceChangeReader {

    private DeviceChangeReader() {}

    /**
     * The change, or nothing for one of another table, or that tells of no row.
     *
     * <p>A new row that lacks a column is such: either it is from before there was the column, and
     * so in what was loaded; or the publication, or the table's replica identity, leaves it out,
     * and everything is read again once they do not. A removed one without its id, which the
     * table's replica identity leaves out, is another such case.
     */
    public static Optional<DeviceChange> read(PostgresChange change) {
        return RegistryTable.named(change.table()).flatMap(table -> read(change, table));
    }

    private static Optional<DeviceChange> read(PostgresChange change, RegistryTable table) {
        return switch (change.operation()) {
            case INSERT, UPDATE ->
                    Optional.of(ChangedRow.inserted(change))
                            .filter(row -> row.hasAll(table.columns()))
                            .map(table::upserted);
            case DELETE -> {
                ChangedRow row = ChangedRow.removed(change);
                String id = row.text(table.id());
                yield id.isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                new DeviceChange.Removed(
                                        table, id, row.removedVersion(RowColumns.VERSION)));
            }
            case TRUNCATE -> Optional.of(new DeviceChange.Truncated(table));
        };
    }
}
