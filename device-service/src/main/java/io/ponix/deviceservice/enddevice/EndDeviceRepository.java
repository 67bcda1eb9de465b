package io.ponix.deviceservice.enddevice;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The table {@code end_devices}. Deleted devices stay in it and are not found. */
public final class EndDeviceRepository {

    private static final String COLUMNS =
            "device_id, organization_id, name, payload_conversion, definition_id, created_at,"
                    + " updated_at";

    /** A device's definition exists, and is of the device's organization. */
    private static final String DEFINITION_CONSTRAINT = "end_devices_definition";

    private final Database database;

    /** The devices of a database. */
    public EndDeviceRepository(Database database) {
        this.database = database;
    }

    /**
     * Adds the device.
     *
     * @throws RequestException NOT_FOUND when there is no such organization or it has no such
     *     definition, FAILED_PRECONDITION when it is deleted
     */
    void add(EndDevice device) {
        database.transaction(
                connection -> {
                    ActiveOrganization.require(connection, device.organizationId(), "device");
                    try {
                        return Sql.update(
                                connection,
                                "INSERT INTO end_devices ("
                                        + COLUMNS
                                        + ") VALUES (?, ?, ?, ?, ?, ?, ?)",
                                device.id(),
                                device.organizationId(),
                                device.name(),
                                device.payloadConversion(),
                                nullIfEmpty(device.definitionId()),
                                device.createdAt(),
                                device.updatedAt());
                    } catch (SQLException e) {
                        throw definitionNotFound(e, device.definitionId());
                    }
                });
    }

    /** Returns the device, or empty when there is none. */
    public Optional<EndDevice> find(String id) {
        return database.call(
                connection ->
                        Sql.query(
                                        connection,
                                        EndDeviceRepository::read,
                                        "SELECT "
                                                + COLUMNS
                                                + " FROM end_devices WHERE device_id = ?"
                                                + " AND deleted_at IS NULL",
                                        id)
                                .stream()
                                .findFirst());
    }

    /** Returns the devices of an organization, newest first, as far as they are asked for. */
    List<EndDevice> list(String organizationId, Paging paging) {
        return database.call(
                connection ->
                        Sql.newestFirst(
                                connection,
                                EndDeviceRepository::read,
                                "SELECT "
                                        + COLUMNS
                                        + " FROM end_devices WHERE organization_id = ?"
                                        + " AND deleted_at IS NULL",
                                organizationId,
                                "device_id",
                                paging));
    }

    /**
     * Changes what is given and returns the device as it is then, or empty when there is none.
     *
     * @throws RequestException NOT_FOUND when the device's organization has no such definition
     */
    Optional<EndDevice> update(
            String id,
            Optional<String> name,
            Optional<String> payloadConversion,
            Optional<String> definitionId,
            Instant now) {
        return database.call(
                connection -> {
                    try {
                        return Sql.query(
                                        connection,
                                        EndDeviceRepository::read,
                                        "UPDATE end_devices SET name = COALESCE(?, name),"
                                                + " payload_conversion = COALESCE(?,"
                                                + " payload_conversion), definition_id = CASE WHEN"
                                                + " ? THEN ? ELSE definition_id END, updated_at = ?"
                                                + " WHERE device_id = ? AND deleted_at IS NULL"
                                                + " RETURNING "
                                                + COLUMNS,
                                        name.orElse(null),
                                        payloadConversion.orElse(null),
                                        definitionId.isPresent(),
                                        nullIfEmpty(definitionId.orElse("")),
                                        now,
                                        id)
                                .stream()
                                .findFirst();
                    } catch (SQLException e) {
                        throw definitionNotFound(e, definitionId.orElse(""));
                    }
                });
    }

    /**
     * Marks the device as deleted and returns true, or returns false when there is none. It lets go
     * of its definition, which may then be deleted too.
     */
    boolean delete(String id, Instant now) {
        return database.call(
                connection ->
                        Sql.update(
                                        connection,
                                        "UPDATE end_devices SET deleted_at = ?, updated_at = ?,"
                                                + " definition_id = NULL"
                                                + " WHERE device_id = ? AND deleted_at IS NULL",
                                        now,
                                        now,
                                        id)
                                == 1);
    }

    private static SQLException definitionNotFound(SQLException exception, String definitionId) {
        if (Sql.violates(exception, DEFINITION_CONSTRAINT)) {
            throw RequestException.notFound("End device definition not found: " + definitionId);
        }
        return exception;
    }

    private static String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }

    private static EndDevice read(ResultSet row) throws SQLException {
        String definitionId = row.getString("definition_id");
        return new EndDevice(
                row.getString("device_id"),
                row.getString("organization_id"),
                row.getString("name"),
                row.getString("payload_conversion"),
                definitionId == null ? "" : definitionId,
                Sql.instant(row, "created_at"),
                Sql.instant(row, "updated_at"));
    }
}
