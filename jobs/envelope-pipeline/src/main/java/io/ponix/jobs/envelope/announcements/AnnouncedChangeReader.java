package io.ponix.jobs.envelope.announcements;

import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.jobs.envelope.changes.ChangedRow;
import io.ponix.registry.RowColumns;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Makes {@link AnnouncedChange}s of changes of some {@linkplain AnnouncedTable tables}. A row may
 * have been written by other means than the service: no row fails the job.
 */
public final class AnnouncedChangeReader implements Serializable {

    private static final long serialVersionUID = 1L;

    private final EnumSet<AnnouncedTable> tables;

    /**
     * @param tables those whose changes are announced
     */
    public AnnouncedChangeReader(Set<AnnouncedTable> tables) {
        this.tables = EnumSet.noneOf(AnnouncedTable.class);
        this.tables.addAll(tables);
    }

    /**
     * The change, or nothing for one of another table, for a truncation, which tells of no entity,
     * and for a row of which the publication or the replica identity leaves out what who is told
     * needs.
     */
    public Optional<AnnouncedChange> read(PostgresChange change) {
        return AnnouncedTable.named(change.table())
                .filter(tables::contains)
                .flatMap(table -> read(change, table));
    }

    private static Optional<AnnouncedChange> read(PostgresChange change, AnnouncedTable table) {
        return switch (change.operation()) {
            case INSERT -> newRow(change, table, AnnouncedChange.Operation.CREATE);
            case UPDATE -> newRow(change, table, AnnouncedChange.Operation.UPDATE);
            case DELETE -> removedRow(ChangedRow.removed(change), table);
            case TRUNCATE -> Optional.empty();
        };
    }

    private static Optional<AnnouncedChange> newRow(
            PostgresChange change, AnnouncedTable table, AnnouncedChange.Operation operation) {
        return Optional.of(ChangedRow.inserted(change))
                .filter(row -> row.hasAll(table.needed()))
                .filter(row -> table.columns().stream().noneMatch(row::leavesOut))
                .map(row -> announced(row, table, operation, row.number(RowColumns.VERSION)));
    }

    private static Optional<AnnouncedChange> removedRow(ChangedRow removed, AnnouncedTable table) {
        return Optional.of(removed)
                .filter(row -> !row.text(table.id()).isEmpty())
                .map(
                        row ->
                                announced(
                                        row,
                                        table,
                                        AnnouncedChange.Operation.DELETE,
                                        row.removedVersion(RowColumns.VERSION)));
    }

    private static AnnouncedChange announced(
            ChangedRow row,
            AnnouncedTable table,
            AnnouncedChange.Operation operation,
            long version) {
        return new AnnouncedChange(
                table, operation, row.text(table.id()), version, table.message(row).toByteString());
    }
}
