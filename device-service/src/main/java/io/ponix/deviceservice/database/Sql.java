package io.ponix.deviceservice.database;

import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.Paging;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.util.PSQLException;

/**
 * Runs statements with parameters. A parameter may be null, an {@link Instant}, or what JDBC takes
 * as it is.
 */
public final class Sql {

    /** Makes a value of the current row. */
    @FunctionalInterface
    public interface RowReader<T> {
        /** Reads the row. */
        T read(ResultSet row) throws SQLException;
    }

    private Sql() {}

    /** Returns what a query, or a statement that returns rows, gives. */
    public static <T> List<T> query(
            Connection connection, RowReader<T> reader, String sql, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = prepared(connection, sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            List<T> values = new ArrayList<>();
            while (rows.next()) {
                values.add(reader.read(rows));
            }
            return values;
        }
    }

    /**
     * Returns a part of a list, newest first.
     *
     * @param select ends with a condition that has one parameter
     * @param parameter of the condition
     * @param id the column that tells rows of the same {@code created_at} apart
     */
    public static <T> List<T> newestFirst(
            Connection connection,
            RowReader<T> reader,
            String select,
            String parameter,
            String id,
            Paging paging)
            throws SQLException {
        String order = " ORDER BY created_at DESC, " + id + " DESC LIMIT ?";
        if (paging.after().isEmpty()) {
            return query(connection, reader, select + order, parameter, paging.limit());
        }
        PageToken after = paging.after().get();
        return query(
                connection,
                reader,
                select + " AND (created_at, " + id + ") < (?, ?)" + order,
                parameter,
                after.createdAt(),
                after.id(),
                paging.limit());
    }

    /** Changes rows and returns how many. */
    public static int update(Connection connection, String sql, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = prepared(connection, sql, parameters)) {
            return statement.executeUpdate();
        }
    }

    /** Returns the time in a column, or null. */
    public static Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /** Tells whether a statement was refused because of the constraint of this name. */
    public static boolean violates(SQLException exception, String constraint) {
        return exception instanceof PSQLException refusal
                && refusal.getServerErrorMessage() != null
                && constraint.equals(refusal.getServerErrorMessage().getConstraint());
    }

    private static PreparedStatement prepared(
            Connection connection, String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            for (int i = 0; i < parameters.length; i++) {
                Object parameter = parameters[i];
                statement.setObject(
                        i + 1,
                        parameter instanceof Instant time
                                ? time.atOffset(ZoneOffset.UTC)
                                : parameter);
            }
            return statement;
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }
}
