package io.ponix.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * The current row of a query's result, which has to have {@linkplain Column#select selected} what
 * is read.
 *
 * @param result its cursor is moved by whoever made this
 */
public record ResultSetRow(ResultSet result) implements Row<SQLException> {

    @Override
    public String text(Column column) throws SQLException {
        String text = result.getString(column.name());
        return text == null ? "" : text;
    }

    @Override
    public long number(Column column) throws SQLException {
        return result.getLong(column.name());
    }

    @Override
    public Instant time(Column column) throws SQLException {
        OffsetDateTime time = result.getObject(column.name(), OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    @Override
    public boolean has(Column column) throws SQLException {
        return result.getString(column.name()) != null;
    }
}
