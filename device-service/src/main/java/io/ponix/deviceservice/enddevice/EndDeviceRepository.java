package io.ponix.deviceservice.enddevice;

import static io.ponix.registry.EndDeviceRow.DEFINITION_CONSTRAINT;
import static io.ponix.registry.EndDeviceRow.DEFINITION_ID;
import static io.ponix.registry.EndDeviceRow.DEVICE_ID;
import static io.ponix.registry.EndDeviceRow.ORGANIZATION_ID;
import static io.ponix.registry.EndDeviceRow.TABLE;
import static io.ponix.registry.RowColumns.DELETED_AT;
import static io.ponix.registry.RowColumns.UPDATED_AT;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.Column;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The table {@code end_devices}. Deleted devices stay in it and are not found. */
public final class EndDeviceRepository {

    private static final String COLUMNS = Column.select(EndDevice.COLUMNS);

    private static final String SELECT = "SELECT " + COLUMNS + " FROM " + TABLE;

    private static final String BY_ID =
            " WHERE " + DEVICE_ID + " = ? AND " + DELETED_AT + " IS NULL";

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
                    ActiveOrganization.require(connection, device.row().organizationId(), "device");
                    try {
                        return Sql.insert(connection, TABLE, device.values(), "");
                    } catch (SQLException e) {
                        throw definitionNotFound(e, device.row().definitionId());
                    }
                });
    }

    /** Returns the device, or empty when there is none. */
    public Optional<EndDevice> find(String id) {
        return database.call(
                connection ->
                        Sql.query(connection, EndDevice::read, SELECT + BY_ID, id).stream()
                                .findFirst());
    }

    /** Returns the devices of an organization, newest first, as far as they are asked for. */
    List<EndDevice> list(String organizationId, Paging paging) {
        return database.call(
                connection ->
                        Sql.newestFirst(
                                connection,
                                EndDevice::read,
                                SELECT
                                        + " WHERE "
                                        + ORGANIZATION_ID
                                        + " = ? AND "
                                        + DELETED_AT
                                        + " IS NULL",
                                organizationId,
                                DEVICE_ID,
                                paging));
    }

    /**
     * Changes these columns and returns the device as it is then, or empty when there is none.
     *
     * @param changes the new values
     * @throws RequestException NOT_FOUND when the device's organization has no such definition
     */
    Optional<EndDevice> update(String id, Map<Column, Object> changes, Instant now) {
        Map<Column, Object> values = new LinkedHashMap<>(changes);
        values.put(UPDATED_AT, now);
        return database.call(
                connection -> {
                    try {
                        return Sql.query(
                                        connection,
                                        EndDevice::read,
                                        "UPDATE "
                                                + TABLE
                                                + " SET "
                                                + Sql.assignments(values)
                                                + BY_ID
                                                + " RETURNING "
                                                + COLUMNS,
                                        Sql.parameters(values, id))
                                .stream()
                                .findFirst();
                    } catch (SQLException e) {
                        throw definitionNotFound(e, String.valueOf(changes.get(DEFINITION_ID)));
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
                                        "UPDATE "
                                                + TABLE
                                                + " SET "
                                                + DELETED_AT
                                                + " = ?, "
                                                + UPDATED_AT
                                                + " = ?, "
                                                + DEFINITION_ID
                                                + " = NULL"
                                                + BY_ID,
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
}
