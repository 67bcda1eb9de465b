package io.ponix.deviceservice.enddevice;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.request.RequestException;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The table {@code end_devices}. Deleted devices stay in it and are not found. */
public final class EndDeviceRepository {

    private static final String COLUMNS =
            "device_id, organization_id, name, payload_conversion, created_at, updated_at";

    private final Database database;

    /** The devices of a database. */
    public EndDeviceRepository(Database database) {
        this.database = database;
    }

    /**
     * Adds the device.
     *
     * @throws RequestException NOT_FOUND when there is no such organization, FAILED_PRECONDITION
     *     when it is deleted
     */
    void add(EndDevice device) {
        database.transaction(
                connection -> {
                    requireActiveOrganization(connection, device.organizationId());
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "INSERT INTO end_devices ("
                                            + COLUMNS
                                            + ") VALUES (?, ?, ?, ?, ?, ?)")) {
                        statement.setString(1, device.id());
                        statement.setString(2, device.organizationId());
                        statement.setString(3, device.name());
                        statement.setString(4, device.payloadConversion());
                        statement.setObject(5, device.createdAt().atOffset(ZoneOffset.UTC));
                        statement.setObject(6, device.updatedAt().atOffset(ZoneOffset.UTC));
                        return statement.executeUpdate();
                    }
                });
    }

    private static void requireActiveOrganization(Connection connection, String id)
            throws SQLException {
        // FOR SHARE: a deletion that runs at the same time waits until the device is there, or we
        // see it done.
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT deleted_at IS NOT NULL FROM organizations WHERE id = ? FOR"
                                + " SHARE")) {
            statement.setString(1, id);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw RequestException.notFound("Organization not found: " + id);
                }
                if (row.getBoolean(1)) {
                    throw RequestException.failedPrecondition(
                            "Cannot create device for deleted organization: " + id);
                }
            }
        }
    }

    /** Returns the device, or empty when there is none. */
    public Optional<EndDevice> find(String id) {
        return database.call(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT "
                                            + COLUMNS
                                            + " FROM end_devices WHERE device_id = ? AND deleted_at"
                                            + " IS NULL")) {
                        statement.setString(1, id);
                        return read(statement).stream().findFirst();
                    }
                });
    }

    /**
     * Returns the devices of an organization, newest first, after the given place, at most {@code
     * limit} of them.
     */
    List<EndDevice> list(String organizationId, Optional<EndDevicePageToken> after, int limit) {
        return database.call(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT "
                                            + COLUMNS
                                            + " FROM end_devices WHERE organization_id = ? AND"
                                            + " deleted_at IS NULL"
                                            + (after.isPresent()
                                                    ? " AND (created_at, device_id) < (?, ?)"
                                                    : "")
                                            + " ORDER BY created_at DESC, device_id DESC LIMIT"
                                            + " ?")) {
                        int parameter = 1;
                        statement.setString(parameter++, organizationId);
                        if (after.isPresent()) {
                            statement.setObject(
                                    parameter++, after.get().createdAt().atOffset(ZoneOffset.UTC));
                            statement.setString(parameter++, after.get().deviceId());
                        }
                        statement.setInt(parameter, limit);
                        return read(statement);
                    }
                });
    }

    /** Changes what is given and returns the device as it is then, or empty when there is none. */
    Optional<EndDevice> update(
            String id, Optional<String> name, Optional<String> payloadConversion, Instant now) {
        return database.call(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "UPDATE end_devices SET name = COALESCE(?, name),"
                                        + " payload_conversion = COALESCE(?, payload_conversion),"
                                        + " updated_at = ? WHERE device_id = ? AND deleted_at IS"
                                        + " NULL RETURNING "
                                            + COLUMNS)) {
                        statement.setString(1, name.orElse(null));
                        statement.setString(2, payloadConversion.orElse(null));
                        statement.setObject(3, now.atOffset(ZoneOffset.UTC));
                        statement.setString(4, id);
                        return read(statement).stream().findFirst();
                    }
                });
    }

    /** Marks the device as deleted and returns true, or returns false when there is none. */
    boolean delete(String id, Instant now) {
        return database.call(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "UPDATE end_devices SET deleted_at = ?, updated_at = ?"
                                            + " WHERE device_id = ? AND deleted_at IS NULL")) {
                        statement.setObject(1, now.atOffset(ZoneOffset.UTC));
                        statement.setObject(2, now.atOffset(ZoneOffset.UTC));
                        statement.setString(3, id);
                        return statement.executeUpdate() == 1;
                    }
                });
    }

    private static List<EndDevice> read(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            List<EndDevice> devices = new ArrayList<>();
            while (rows.next()) {
                devices.add(
                        new EndDevice(
                                rows.getString("device_id"),
                                rows.getString("organization_id"),
                                rows.getString("name"),
                                rows.getString("payload_conversion"),
                                rows.getObject("created_at", OffsetDateTime.class).toInstant(),
                                rows.getObject("updated_at", OffsetDateTime.class).toInstant()));
            }
            return devices;
        }
    }
}
