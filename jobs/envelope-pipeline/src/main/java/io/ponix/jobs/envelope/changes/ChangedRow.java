package io.ponix.jobs.envelope.changes;

import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;

/**
 * A row as the change stream has it, with what such rows may lack: a column that was added later is
 * not in earlier changes, nor one that the publication leaves out.
 */
public final class ChangedRow implements Row<RuntimeException> {

    private final Struct row;
    private final Struct old;

    /**
     * @param old or null
     */
    private ChangedRow(Struct row, Struct old) {
        this.row = row;
        this.old = old;
    }

    /**
     * The new row of an insertion or update. A long text that the update did not touch is stored
     * out of line and may be missing from the new row: then it is the old row's, which is there if
     * the table's replica identity is FULL.
     */
    public static ChangedRow inserted(PostgresChange change) {
        return new ChangedRow(change.after(), change.before());
    }

    /** The row that a deletion has removed; only its key where the replica identity is not FULL. */
    public static ChangedRow removed(PostgresChange change) {
        return new ChangedRow(change.before(), null);
    }

    /** Whether it is known what is in these columns, whatever that is. */
    public boolean hasAll(List<Column> columns) {
        return columns.stream()
                .allMatch(
                        column -> row.schema().field(column.name()) != null && !leavesOut(column));
    }

    /**
     * Whether the column was there when the row was written, and what is in it is still not known:
     * a long text that the update did not touch, without the old row.
     */
    public boolean leavesOut(Column column) {
        Field field = row.schema().field(column.name());
        return field != null
                && old == null
                && PostgresChange.UNAVAILABLE_VALUE.equals(row.get(field));
    }

    @Override
    public String text(Column column) {
        String value = text(row, column);
        return PostgresChange.UNAVAILABLE_VALUE.equals(value) && old != null
                ? text(old, column)
                : value;
    }

    private static String text(Struct row, Column column) {
        Field field = row.schema().field(column.name());
        String value = field == null ? null : row.getString(field.name());
        return value == null ? "" : value;
    }

    @Override
    public long number(Column column) {
        return row.getInt64(column.name());
    }

    /** Also {@code null} for a time that is beyond the calendar, as infinity is. */
    @Override
    public Instant time(Column column) {
        String text = text(column);
        try {
            return text.isEmpty() ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    @Override
    public boolean has(Column column) {
        Field field = row.schema().field(column.name());
        return field != null && row.get(field) != null;
    }

    /**
     * The version of a removed row. Where only its key is logged, the removal has to win over
     * whatever is known.
     */
    public long removedVersion(Column column) {
        Field field = row.schema().field(column.name());
        Long version = field == null ? null : row.getInt64(field.name());
        return version == null ? Long.MAX_VALUE : version;
    }
}
