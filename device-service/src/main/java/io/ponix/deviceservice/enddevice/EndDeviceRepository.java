package io.ponix.deviceservice.enddevice;

import static io.ponix.registry.EndDeviceRow.DEFINITION_CONSTRAINT;
import static io.ponix.registry.EndDeviceRow.DEFINITION_ID;
import static io.ponix.registry.EndDeviceRow.DEVICE_ID;
import static io.ponix.registry.EndDeviceRow.ENROLLED_BY;
import static io.ponix.registry.EndDeviceRow.EXTERNAL_ID;
import static io.ponix.registry.EndDeviceRow.EXTERNAL_ID_INDEX;
import static io.ponix.registry.EndDeviceRow.GATEWAY_ID;
import static io.ponix.registry.EndDeviceRow.NAME;
import static io.ponix.registry.EndDeviceRow.ORGANIZATION_ID;
import static io.ponix.registry.EndDeviceRow.TABLE;
import static io.ponix.registry.RowColumns.CREATED_AT;
import static io.ponix.registry.RowColumns.DELETED_AT;
import static io.ponix.registry.RowColumns.DESCRIPTION;
import static io.ponix.registry.RowColumns.LABELS;
import static io.ponix.registry.RowColumns.UPDATED_AT;
import static io.ponix.registry.RowColumns.UPDATED_BY;

import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.database.Conditions;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.definition.EndDeviceDefinitionRepository;
import io.ponix.deviceservice.gateway.ActiveGateway;
import io.ponix.deviceservice.listing.ListField;
import io.ponix.deviceservice.listing.ListFields;
import io.ponix.deviceservice.listing.ListQuery;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.restoration.RegisteredKind;
import io.ponix.deviceservice.restoration.Undeletion;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.envelope.ExternalId;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.RegisteredDevice;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The table {@code end_devices}. Deleted devices stay in it and are not found. Where an
 * organization is given to look for, devices of others are not found either; an empty one stands
 * for any.
 */
public final class EndDeviceRepository {

    private static final String COLUMNS = Column.select(RegisteredDevice.COLUMNS);

    private static final String SELECT = "SELECT " + COLUMNS + " FROM " + TABLE;

    private static final String BY_ID =
            " WHERE "
                    + DEVICE_ID
                    + " = ? AND ? IN ('', "
                    + ORGANIZATION_ID
                    + ") AND "
                    + DELETED_AT
                    + " IS NULL";

    private static final String OF_ORGANIZATION =
            " WHERE " + ORGANIZATION_ID + " = ? AND " + DELETED_AT + " IS NULL";

    private static final ListFields LISTED =
            new ListFields(
                    DEVICE_ID,
                    ListField.time("created_at", CREATED_AT),
                    ListField.time("updated_at", UPDATED_AT),
                    ListField.optionalTime("deleted_at", DELETED_AT),
                    ListField.id("device_id", DEVICE_ID),
                    ListField.text("name", NAME),
                    ListField.optionalId("external_id", EXTERNAL_ID),
                    ListField.optionalId("definition_id", DEFINITION_ID),
                    ListField.optionalId("enrolled_by_gateway_id", ENROLLED_BY),
                    ListField.optionalId("gateway_id", GATEWAY_ID),
                    ListField.optionalText("description", DESCRIPTION),
                    ListField.labels("labels", LABELS));

    private static final String OF_EXTERNAL_ID = " AND " + EXTERNAL_ID + " = ?";

    private final Database database;

    /** The devices of a database. */
    public EndDeviceRepository(Database database) {
        this.database = database;
    }

    /**
     * Adds the device and returns it as it is there.
     *
     * @throws RequestException NOT_FOUND when there is no such organization or it has no such
     *     definition or gateway, FAILED_PRECONDITION when it is deleted, ALREADY_EXISTS when its id
     *     is that of another device, deleted or not, or its external id that of another of the
     *     organization
     */
    static RegisteredDevice add(Connection connection, RegisteredDevice device)
            throws SQLException {
        EndDeviceRow row = device.row();
        ActiveOrganization.require(connection, row.organizationId(), "device");
        if (!device.gatewayId().isEmpty()) {
            ActiveGateway.require(connection, device.gatewayId(), row.organizationId());
        }
        Optional<RegisteredDevice> added;
        try {
            added = addUnlessThere(connection, device);
        } catch (SQLException e) {
            throw definitionNotFound(e, row.definitionId());
        }
        if (added.isPresent()) {
            return added.get();
        }
        throw isThere(connection, row.deviceId())
                ? RequestException.alreadyExists("Device already exists: " + row.deviceId())
                        .because("DEVICE_EXISTS", Map.of("device_id", row.deviceId()))
                : externalIdTaken(connection, row.organizationId(), row.externalId());
    }

    /** Adds the device, or returns nothing where another has its id or its external id. */
    static Optional<RegisteredDevice> addUnlessThere(Connection connection, RegisteredDevice device)
            throws SQLException {
        Map<Column, Object> values = new LinkedHashMap<>(device.values());
        values.put(UPDATED_BY, Caller.current().keyId());
        return Sql.insert(
                connection,
                RegisteredDevice::read,
                TABLE,
                values,
                "ON CONFLICT DO NOTHING",
                COLUMNS);
    }

    /** Deleted or not. */
    private static boolean isThere(Connection connection, String id) throws SQLException {
        return !Sql.query(
                        connection,
                        row -> row.text(DEVICE_ID),
                        "SELECT " + DEVICE_ID + " FROM " + TABLE + " WHERE " + DEVICE_ID + " = ?",
                        id)
                .isEmpty();
    }

    /** Names the device that has it, unless that has let it go meanwhile. */
    private static RequestException externalIdTaken(
            Connection connection, String organizationId, String externalId) throws SQLException {
        String other =
                Sql.query(
                                connection,
                                row -> row.text(DEVICE_ID),
                                "SELECT "
                                        + DEVICE_ID
                                        + " FROM "
                                        + TABLE
                                        + OF_ORGANIZATION
                                        + OF_EXTERNAL_ID,
                                organizationId,
                                externalId)
                        .stream()
                        .findFirst()
                        .map(id -> "the device " + id)
                        .orElse("another device");
        return RequestException.alreadyExists(
                        "External ID '" + externalId + "' is already that of " + other)
                .because("EXTERNAL_ID_TAKEN", Map.of("external_id", externalId));
    }

    /** Returns the device, or empty when there is none. */
    public Optional<RegisteredDevice> find(String id, String organizationId) {
        return database.call(connection -> byId(connection, id, organizationId));
    }

    private static Optional<RegisteredDevice> byId(
            Connection connection, String id, String organizationId) throws SQLException {
        return Sql.query(connection, RegisteredDevice::read, SELECT + BY_ID, id, organizationId)
                .stream()
                .findFirst();
    }

    /** Returns the device of an organization that has the external id, or empty. */
    static Optional<RegisteredDevice> find(
            Connection connection, String organizationId, String externalId) throws SQLException {
        return Sql.query(
                        connection,
                        RegisteredDevice::read,
                        SELECT + OF_ORGANIZATION + OF_EXTERNAL_ID,
                        organizationId,
                        externalId)
                .stream()
                .findFirst();
    }

    /**
     * Returns the devices of an organization, newest first, as far as they are asked for.
     *
     * @throws RequestException INVALID_ARGUMENT when the request asks for what is no list
     */
    ListQuery.Result<EndDevice> list(ListEndDevicesRequest request) {
        Conditions conditions =
                new Conditions(ORGANIZATION_ID + " = ?", request.getOrganizationId());
        if (!request.getShowDeleted()) {
            conditions.and(DELETED_AT + " IS NULL");
        }
        if (!request.getExternalId().isEmpty()) {
            conditions.and(EXTERNAL_ID + " = ?", ExternalId.normal(request.getExternalId()));
        }
        if (request.getOnlyEnrolled()) {
            conditions.and(ENROLLED_BY + " IS NOT NULL");
        }
        return ListQuery.of(LISTED, request)
                .read(
                        database,
                        COLUMNS,
                        TABLE,
                        conditions,
                        RegisteredDevice::read,
                        RegisteredDevice::toMessage);
    }

    /**
     * Changes these columns and returns the device as it is then, or empty when there is none.
     *
     * @param changes the new values
     * @throws RequestException NOT_FOUND when the device's organization has no such definition or
     *     gateway, ALREADY_EXISTS when another of its devices has the external id, ABORTED when the
     *     device is not as expected
     */
    static Optional<RegisteredDevice> update(
            Connection connection,
            String id,
            String organizationId,
            Etag etag,
            Map<Column, Object> changes,
            Instant now)
            throws SQLException {
        etag.require(connection, "Device", id, TABLE, BY_ID, id, organizationId);
        if (changes.containsKey(GATEWAY_ID)) {
            requireGateway(connection, id, organizationId, (String) changes.get(GATEWAY_ID));
        }
        Map<Column, Object> values = new LinkedHashMap<>(changes);
        values.put(UPDATED_AT, now);
        values.put(UPDATED_BY, Caller.current().keyId());
        // A refused statement ends the transaction, but for what it is said of.
        Savepoint before = changes.containsKey(EXTERNAL_ID) ? connection.setSavepoint() : null;
        try {
            return Sql.query(
                            connection,
                            RegisteredDevice::read,
                            "UPDATE "
                                    + TABLE
                                    + " SET "
                                    + Sql.assignments(values)
                                    + BY_ID
                                    + " RETURNING "
                                    + COLUMNS,
                            Sql.parameters(values, id, organizationId))
                    .stream()
                    .findFirst();
        } catch (SQLException e) {
            if (Sql.violates(e, EXTERNAL_ID_INDEX)) {
                connection.rollback(before);
                Optional<RegisteredDevice> device = byId(connection, id, organizationId);
                if (device.isEmpty()) {
                    return device; // deleted meanwhile
                }
                throw externalIdTaken(
                        connection,
                        device.get().row().organizationId(),
                        String.valueOf(changes.get(EXTERNAL_ID)));
            }
            throw definitionNotFound(e, String.valueOf(changes.get(DEFINITION_ID)));
        }
    }

    /** What it has already may have been deleted since. */
    private static void requireGateway(
            Connection connection, String id, String organizationId, String gatewayId)
            throws SQLException {
        Optional<RegisteredDevice> device =
                Sql.query(
                                connection,
                                RegisteredDevice::read,
                                SELECT + BY_ID + " FOR NO KEY UPDATE",
                                id,
                                organizationId)
                        .stream()
                        .findFirst();
        if (device.isPresent()
                && !gatewayId.isEmpty()
                && !gatewayId.equals(device.get().gatewayId())) {
            ActiveGateway.require(connection, gatewayId, device.get().row().organizationId());
        }
    }

    /**
     * Marks the device as deleted and returns true, or returns false when there is none. It lets go
     * of its definition, which may then be deleted too, and of its external id, which stays in its
     * row and may be another's then.
     *
     * @throws RequestException ABORTED when the device is not as expected
     */
    static boolean delete(
            Connection connection, String id, String organizationId, Etag etag, Instant now)
            throws SQLException {
        etag.require(connection, "Device", id, TABLE, BY_ID, id, organizationId);
        return Sql.update(
                        connection,
                        "UPDATE "
                                + TABLE
                                + " SET "
                                + DELETED_AT
                                + " = ?, "
                                + UPDATED_AT
                                + " = ?, "
                                + UPDATED_BY
                                + " = "
                                + UPDATED_BY.placeholder()
                                + ", "
                                + DEFINITION_ID
                                + " = NULL"
                                + BY_ID,
                        now,
                        now,
                        Caller.current().keyId(),
                        id,
                        organizationId)
                == 1;
    }

    /**
     * Brings a deleted device back, as it was before, and returns it.
     *
     * @throws RequestException see {@link Undeletion#make}
     */
    static RegisteredDevice undelete(
            Connection connection,
            String id,
            String organizationId,
            Etag etag,
            RequestException notFound)
            throws SQLException {
        new Undeletion(RegisteredKind.END_DEVICE, "Device", id, notFound)
                .make(connection, organizationId, etag);
        return byId(connection, id, organizationId).orElseThrow(() -> notFound);
    }

    /** There is no such device, or it is deleted, or not the caller's. */
    public static RequestException notFound(String id) {
        return RequestException.notFound("Device not found: " + id)
                .because("DEVICE_NOT_FOUND", Map.of("device_id", id));
    }

    private static SQLException definitionNotFound(SQLException exception, String definitionId) {
        if (Sql.violates(exception, DEFINITION_CONSTRAINT)) {
            throw EndDeviceDefinitionRepository.notFound(definitionId);
        }
        return exception;
    }
}
