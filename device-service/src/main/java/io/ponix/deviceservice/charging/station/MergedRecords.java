package io.ponix.deviceservice.charging.station;

import com.google.protobuf.Message;
import io.ponix.deviceservice.database.Sql;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A record of each station, which is merged of parts. It has a row in a table, which whoever merges
 * holds until the transaction ends, and a row for each of its parts in another. A record may have
 * no parts.
 *
 * @param <B> builds the message of a record
 */
abstract class MergedRecords<B extends Message.Builder> {

    private static final Column STATION = Column.of("charge_station_id");
    private static final Column COUNT = new Column("count", "count(*) AS count", "?");
    private static final Column BYTES = Column.of("bytes");
    private static final String KEY = "organization_id, charge_station_id";

    private final String table;
    private final String parts;
    private final List<Column> columns;
    private final String order;

    /**
     * The records of a table.
     *
     * @param parts the table of their parts
     * @param columns of a part, the first of which each part has
     * @param order by which parts are read
     */
    MergedRecords(String table, String parts, List<Column> columns, Column order) {
        this.table = table;
        this.parts = parts;
        this.columns = columns;
        this.order = order.name();
    }

    /** Begins the message of a station's record. */
    abstract B begin(String chargeStationId);

    /** Adds a part to it. */
    abstract void add(B record, Row<SQLException> row) throws SQLException;

    /** Makes sure that the station has a record, which nobody else changes meanwhile. */
    final void hold(Connection connection, String organizationId, String chargeStationId)
            throws SQLException {
        Sql.update(
                connection,
                "INSERT INTO "
                        + table
                        + " ("
                        + KEY
                        + ") VALUES (?, ?) ON CONFLICT ("
                        + KEY
                        + ") DO UPDATE SET updated_at = now()",
                organizationId,
                chargeStationId);
    }

    /**
     * How much a record has.
     *
     * @param bytes of all its texts
     */
    record Size(long parts, long bytes) {}

    /**
     * How much the record has.
     *
     * @param texts the columns whose bytes are counted
     */
    final Size size(
            Connection connection,
            String organizationId,
            String chargeStationId,
            List<Column> texts)
            throws SQLException {
        List<String> lengths = new ArrayList<>();
        texts.forEach(text -> lengths.add("octet_length(" + text + ")"));
        return Sql.query(
                        connection,
                        row -> new Size(row.number(COUNT), row.number(BYTES)),
                        "SELECT "
                                + COUNT.selected()
                                + ", coalesce(sum("
                                + String.join(" + ", lengths)
                                + "), 0) AS bytes FROM "
                                + parts
                                + " WHERE organization_id = ? AND charge_station_id = ?",
                        organizationId,
                        chargeStationId)
                .get(0);
    }

    final void delete(Connection connection, String organizationId, String chargeStationId)
            throws SQLException {
        Sql.update(
                connection,
                "DELETE FROM " + table + " WHERE organization_id = ? AND charge_station_id = ?",
                organizationId,
                chargeStationId);
    }

    final Optional<B> find(Connection connection, String organizationId, String chargeStationId)
            throws SQLException {
        List<B> found = new ArrayList<>();
        each(
                connection,
                "SELECT "
                        + KEY
                        + " FROM "
                        + table
                        + " WHERE organization_id = ? AND charge_station_id = ?",
                found::add,
                organizationId,
                chargeStationId);
        return found.stream().findFirst();
    }

    /** Passes on those of stations after one, by their id, until no more are wanted. */
    final void each(
            Connection connection,
            String organizationId,
            String after,
            int limit,
            Predicate<B> taker)
            throws SQLException {
        each(
                connection,
                "SELECT "
                        + KEY
                        + " FROM "
                        + table
                        + " WHERE organization_id = ? AND charge_station_id > ?"
                        + " ORDER BY charge_station_id LIMIT ?",
                taker,
                organizationId,
                after,
                limit);
    }

    private void each(
            Connection connection, String stations, Predicate<B> taker, Object... parameters)
            throws SQLException {
        Grouping grouping = new Grouping(taker);
        Sql.each(
                connection,
                grouping::take,
                "SELECT charge_station_id, "
                        + Column.select(columns)
                        + " FROM ("
                        + stations
                        + ") AS stations LEFT JOIN "
                        + parts
                        + " USING ("
                        + KEY
                        + ") ORDER BY charge_station_id, "
                        + order,
                parameters);
        grouping.end();
    }

    /** Makes records of rows that are ordered by station. */
    private final class Grouping {

        private final Predicate<B> taker;
        private String station = "";
        private Optional<B> record = Optional.empty();

        Grouping(Predicate<B> taker) {
            this.taker = taker;
        }

        boolean take(Row<SQLException> row) throws SQLException {
            String next = row.text(STATION);
            if (record.isEmpty() || !station.equals(next)) {
                if (record.isPresent() && !taker.test(record.get())) {
                    record = Optional.empty();
                    return false;
                }
                station = next;
                record = Optional.of(begin(station));
            }
            if (row.has(columns.get(0))) {
                add(record.get(), row);
            }
            return true;
        }

        void end() {
            record.ifPresent(taker::test);
        }
    }
}
