package io.ponix.deviceservice.database;

import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.Paging;
import io.ponix.registry.Column;
import io.ponix.registry.ResultSetRow;
import io.ponix.registry.Row;
import io.ponix.registry.RowColumns;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        T read(Row<SQLException> row) throws SQLException;
    }

    /** Takes the rows of a result, one after another. */
    @FunctionalInterface
    public interface RowTaker {
        /** Takes the row and returns whether it wants another. */
        boolean take(Row<SQLException> row) throws SQLException;
    }

    /** How many rows of a long result are in memory. */
    private static final int ROWS_AT_ONCE = 25;

    private Sql() {}

    /** Returns what a query, or a statement that returns rows, gives. */
    public static <T> List<T> query(
            Connection connection, RowReader<T> reader, String sql, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = prepared(connection, sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            List<T> values = new ArrayList<>();
            Row<SQLException> row = new ResultSetRow(rows);
            while (rows.next()) {
                values.add(reader.read(row));
            }
            return values;
        }
    }

    /**
     * Passes on the rows that a query gives until no more are wanted. In a transaction only few of
     * them are in memory.
     */
    public static void each(Connection connection, RowTaker taker, String sql, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = prepared(connection, sql, parameters)) {
            statement.setFetchSize(ROWS_AT_ONCE);
            try (ResultSet rows = statement.executeQuery()) {
                Row<SQLException> row = new ResultSetRow(rows);
                while (rows.next() && taker.take(row)) {}
            }
        }
    }

    /**
     * Returns a part of a list, newest first.
     *
     * @param select ends with a condition
     * @param parameters of the condition
     * @param id the column that tells rows created at the same time apart
     */
    public static <T> List<T> newestFirst(
            Connection connection,
            RowReader<T> reader,
            String select,
            List<?> parameters,
            Column id,
            Paging paging)
            throws SQLException {
        String order = " ORDER BY " + RowColumns.CREATED_AT + " DESC, " + id + " DESC LIMIT ?";
        if (paging.after().isEmpty()) {
            return query(connection, reader, select + order, joined(parameters, paging.limit()));
        }
        PageToken after = paging.after().get();
        return query(
                connection,
                reader,
                select + " AND (" + RowColumns.CREATED_AT + ", " + id + ") < (?, ?)" + order,
                joined(parameters, after.createdAt(), after.id(), paging.limit()));
    }

    /**
     * Adds a row and returns how many were added.
     *
     * @param values of its columns
     * @param unless a clause that may keep it from being added, or empty
     */
    public static int insert(
            Connection connection, String table, Map<Column, Object> values, String unless)
            throws SQLException {
        return update(
                connection,
                "INSERT INTO "
                        + table
                        + " ("
                        + join(values, Column::name)
                        + ") VALUES ("
                        + join(values, Column::placeholder)
                        + ") "
                        + unless,
                values.values().toArray());
    }

    /**
     * Adds a row and returns it as it is there, or nothing if it was not added.
     *
     * @param values of its columns
     * @param unless a clause that may keep it from being added, or empty
     * @param columns of what is read
     */
    public static <T> Optional<T> insert(
            Connection connection,
            RowReader<T> reader,
            String table,
            Map<Column, Object> values,
            String unless,
            String columns)
            throws SQLException {
        return query(
                        connection,
                        reader,
                        "INSERT INTO "
                                + table
                                + " ("
                                + join(values, Column::name)
                                + ") VALUES ("
                                + join(values, Column::placeholder)
                                + ") "
                                + unless
                                + " RETURNING "
                                + columns,
                        values.values().toArray())
                .stream()
                .findFirst();
    }

    /** What an UPDATE sets, with a parameter for each of the values in their order. */
    public static String assignments(Map<Column, Object> values) {
        return join(values, column -> column + " = " + column.placeholder());
    }

    /** The parameters of a statement that begins with these {@linkplain #assignments values}. */
    public static Object[] parameters(Map<Column, Object> values, Object... others) {
        return joined(values.values(), others);
    }

    private static Object[] joined(Collection<?> first, Object... others) {
        return Stream.concat(first.stream(), Stream.of(others)).toArray();
    }

    private static String join(Map<Column, Object> values, Function<Column, String> text) {
        return values.keySet().stream().map(text).collect(Collectors.joining(", "));
    }

    /** Changes rows and returns how many. */
    public static int update(Connection connection, String sql, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = prepared(connection, sql, parameters)) {
            return statement.executeUpdate();
        }
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
