package io.ponix.deviceservice.database;

import io.ponix.registry.Column;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of a table, some hundred at a time, in the order of their ids: what changes all of them
 * is many statements of a transaction, none of which takes too long, and ends soon after nobody
 * waits for it any more.
 */
public final class Portions {

    /** With an event each they take a tenth of a second or two. */
    private static final int ROWS = 500;

    private static final Column LAST = new Column("last", "last", "?");

    private Portions() {}

    /** What is done with a portion. */
    @FunctionalInterface
    public interface Work {
        /** Does it with those whose id is greater than one, up to another and that included. */
        void with(String after, String last) throws SQLException;
    }

    /**
     * Does the work with each portion.
     *
     * @param rows what has the ids: a table, or a query with a name
     * @param parameters of the query
     * @throws io.ponix.deviceservice.request.RequestException DEADLINE_EXCEEDED when nobody waits
     *     for it any more
     */
    public static void each(
            Connection connection, String rows, Column id, Work work, Object... parameters)
            throws SQLException {
        Object[] all = Arrays.copyOf(parameters, parameters.length + 2);
        all[parameters.length + 1] = ROWS;
        String after = "";
        while (true) {
            Database.requireThatSomebodyWaits();
            all[parameters.length] = after;
            List<String> last =
                    Sql.query(
                            connection,
                            row -> row.text(LAST),
                            "SELECT max(%1$s) AS last FROM (SELECT %1$s FROM %2$s WHERE %1$s > ? ORDER BY %1$s LIMIT ?) AS portion HAVING count(*) > 0"
                                    .formatted(id, rows),
                            all);
            if (last.isEmpty()) {
                return;
            }
            work.with(after, last.get(0));
            after = last.get(0);
        }
    }
}
