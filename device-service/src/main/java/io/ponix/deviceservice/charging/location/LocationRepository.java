package io.ponix.deviceservice.charging.location;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.ponix.deviceservice.database.Sql;
import io.ponix.proto.charging.v1.Location;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** The table {@code charging_locations}. */
public final class LocationRepository {

    private static final Column ID = Column.of("location_id");
    private static final Column LOCATION = Column.of("location");
    private static final Column LAST_UPDATED = Column.of("last_updated");

    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

    private static final String SET =
            "INSERT INTO charging_locations (organization_id, location_id, location)"
                    + " VALUES (?, ?, ?::jsonb) ON CONFLICT (organization_id, location_id) DO UPDATE"
                    + " SET location = excluded.location, last_updated = excluded.last_updated";

    private static final String SELECT =
            "SELECT "
                    + Column.select(List.of(ID, LOCATION, LAST_UPDATED))
                    + " FROM charging_locations WHERE organization_id = ?";

    private LocationRepository() {}

    static void set(Connection connection, String organizationId, Location location)
            throws SQLException {
        Sql.update(connection, SET, organizationId, location.getId(), json(location));
    }

    /** The location of an id. */
    public static Optional<Location> find(Connection connection, String organizationId, String id)
            throws SQLException {
        return Sql.query(
                        connection,
                        LocationRepository::read,
                        SELECT + " AND location_id = ?",
                        organizationId,
                        id)
                .stream()
                .findFirst();
    }

    /** Takes those after an id, by id, until it wants no more. */
    static void each(
            Connection connection,
            String organizationId,
            String after,
            int skip,
            int limit,
            Taker taker)
            throws SQLException {
        Sql.each(
                connection,
                row -> taker.take(read(row)),
                SELECT + " AND location_id > ? ORDER BY location_id OFFSET ? LIMIT ?",
                organizationId,
                after,
                skip,
                limit);
    }

    /** Takes locations one after another. */
    @FunctionalInterface
    interface Taker {
        /** Takes one and returns whether it wants another. */
        boolean take(Location location);
    }

    private static Location read(Row<SQLException> row) throws SQLException {
        Location.Builder location = Location.newBuilder();
        try {
            PARSER.merge(row.text(LOCATION), location);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("Not a location: " + row.text(ID), e);
        }
        return location.setId(row.text(ID))
                .setLastUpdated(row.time(LAST_UPDATED).truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
    }

    private static String json(Location location) {
        try {
            return PRINTER.print(location.toBuilder().clearLastUpdated());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("It cannot be written as JSON", e);
        }
    }
}
