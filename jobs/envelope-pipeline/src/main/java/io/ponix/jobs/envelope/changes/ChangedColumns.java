package io.ponix.jobs.envelope.changes;

import io.ponix.connector.postgres.cdc.source.PostgresChange;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;

/** Reads columns of rows in the change stream, with what such rows may lack. */
public final class ChangedColumns {

    private ChangedColumns() {}

    /**
     * A text of the new row; empty where there is none. A long text that the update did not touch
     * is stored out of line and may be missing from the new row: then it is the old row's.
     */
    public static String newText(PostgresChange change, String column) {
        String value = text(change.after(), column);
        return PostgresChange.UNAVAILABLE_VALUE.equals(value) && change.before() != null
                ? text(change.before(), column)
                : value;
    }

    /** Empty where there is none; a column that was added later is not in earlier changes. */
    public static String text(Struct row, String column) {
        Field field = row.schema().field(column);
        String value = field == null ? null : row.getString(field.name());
        return value == null ? "" : value;
    }

    /** Whether the row has these columns, whatever is in them. */
    public static boolean hasAll(Struct row, List<String> columns) {
        for (String column : columns) {
            if (row.schema().field(column) == null) {
                return false;
            }
        }
        return true;
    }

    /**
     * The version of a removed row. A table whose replica identity is not FULL logs only the key:
     * then the removal has to win over whatever is known.
     */
    public static long removedVersion(Struct removed, String column) {
        Field field = removed.schema().field(column);
        Long version = field == null ? null : removed.getInt64(field.name());
        return version == null ? Long.MAX_VALUE : version;
    }
}
