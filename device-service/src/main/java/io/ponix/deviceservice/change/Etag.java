package io.ponix.deviceservice.change;

import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.RowColumns;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Of which state a change is to be made: that which its caller has seen, or, where the caller does
 * not say, whichever there is.
 */
public record Etag(Optional<String> expected) {

    /** Whatever there is. */
    public static final Etag ANY = new Etag(Optional.empty());

    /**
     * What a request says.
     *
     * @param given whether it says anything
     */
    public static Etag of(boolean given, String etag) {
        return given ? new Etag(Optional.of(etag)) : ANY;
    }

    /**
     * Makes sure that a row, if it is there, is the expected one, and stays it until the
     * transaction ends.
     *
     * @param what the row is of, for the message
     * @param condition of the one row, with its parameters
     * @throws RequestException ABORTED when it is another
     */
    public void require(
            Connection connection,
            String what,
            String id,
            String table,
            String condition,
            Object... parameters)
            throws SQLException {
        if (expected.isEmpty()) {
            return;
        }
        List<Long> revisions =
                Sql.query(
                        connection,
                        row -> row.number(RowColumns.REVISION),
                        "SELECT "
                                + RowColumns.REVISION
                                + " FROM "
                                + table
                                + condition
                                + " FOR NO KEY UPDATE",
                        parameters);
        for (long revision : revisions) {
            require(what, id, revision);
        }
    }

    /**
     * Makes sure that a revision is the expected one.
     *
     * @param what it is of, for the message
     * @throws RequestException ABORTED when it is another
     */
    public void require(String what, String id, long revision) {
        String actual = Long.toString(revision);
        if (expected.isEmpty() || expected.get().equals(actual)) {
            return;
        }
        throw RequestException.aborted(
                        what
                                + " "
                                + id
                                + " has changed: its etag is "
                                + actual
                                + ", not "
                                + expected.get()
                                + ". Look at it and call again",
                        null)
                .because(
                        "ETAG_MISMATCH",
                        Map.of("id", id, "expected", expected.get(), "actual", actual));
    }
}
