package io.ponix.deviceservice.restoration;

import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceDefinitionRow;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.HostRow;
import io.ponix.registry.RowColumns;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes what was deleted what it was before that, under its id, as one event of the type {@code
 * restored}: also what the deletion let go of, such as a device's definition.
 */
public final class Undeletion {

    private static final String UNIQUE_VIOLATION = "23505";

    private static final Column DELETION = column("deletion");
    private static final Column FIRST = column("first");
    private static final Column LAST = column("last");
    private static final Column REFERRED = column("referred");

    private final RegisteredKind kind;
    private final String name;
    private final String id;
    private final RequestException notFound;

    /**
     * Of one thing.
     *
     * @param name what it is, for a person
     * @param notFound what is thrown where there is no such thing, nor was there
     */
    public Undeletion(RegisteredKind kind, String name, String id, RequestException notFound) {
        this.kind = kind;
        this.name = name;
        this.id = id;
        this.notFound = notFound;
    }

    private static Column column(String name) {
        return new Column(name, name, "?");
    }

    /**
     * Brings it back.
     *
     * @param organizationId whose it has to be; empty: anybody's
     * @throws RequestException NOT_FOUND when there is none; ALREADY_EXISTS when it is not deleted,
     *     or another device has its external id by now, or another host its address and name;
     *     ABORTED when it is not as expected, or somebody had it for a moment meanwhile;
     *     OUT_OF_RANGE when what it was is no longer kept; FAILED_PRECONDITION when its
     *     organization, or a definition that it refers to, is not there
     */
    public void make(Connection connection, String organizationId, Etag etag) throws SQLException {
        Past past = past(connection, organizationId);
        etag.require(name, id, past.revision);
        if (past.deletion == 0 || past.first >= past.deletion) {
            throw RequestException.outOfRange(
                            name
                                    + " "
                                    + id
                                    + " was deleted before the history that is kept begins: what"
                                    + " it was is not known any more")
                    .because("HISTORY_NOT_KEPT", Map.of("id", id));
        }
        Restoration.begin(connection);
        Restoration.want(connection, kind, id, past.deletion - 1);
        Restoration.holdOrganizations(connection);
        requireDefinition(connection);
        requireNothingOfItIsTaken(connection);
        // A refused statement ends the transaction, but for what it is said of.
        Savepoint before = connection.setSavepoint();
        try {
            Restoration.put(connection, ProtoTimestamps.now());
        } catch (SQLException e) {
            if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                throw Restoration.inTheWay(connection, before, e);
            }
            // Somebody took it, or brought it back, after it was looked for, and is seen now, but
            // who has let go of it again.
            connection.rollback(before);
            past(connection, organizationId);
            requireNothingOfItIsTaken(connection);
            throw e;
        }
    }

    /**
     * What is known of it.
     *
     * @param deletion the version of its deletion; 0 where it was deleted before
     * @param first the version of its first event that is kept
     * @param revision its last version
     */
    private record Past(long deletion, long first, long revision) {}

    private Past past(Connection connection, String organizationId) throws SQLException {
        List<Boolean> rows =
                Sql.query(
                        connection,
                        row -> kind.marksDeleted() && row.has(RowColumns.DELETED_AT),
                        "SELECT "
                                + (kind.marksDeleted() ? RowColumns.DELETED_AT : kind.id())
                                + " FROM "
                                + kind.table()
                                + " WHERE "
                                + kind.id()
                                + " = ? AND ? IN ('', "
                                + kind.organization()
                                + ") FOR NO KEY UPDATE",
                        id,
                        organizationId);
        if (rows.contains(false)) {
            throw RequestException.alreadyExists(name + " is not deleted: " + id)
                    .because("NOT_DELETED", Map.of("id", id));
        }
        if (rows.isEmpty() && kind.marksDeleted()) {
            throw notFound;
        }
        return Sql.query(
                        connection,
                        row -> new Past(row.number(DELETION), row.number(FIRST), row.number(LAST)),
                        "SELECT coalesce(max(resource_version) FILTER (WHERE event_type ="
                                + " 'deleted'), 0) AS deletion, min(resource_version) AS first,"
                                + " max(resource_version) AS last FROM registry_events"
                                + " WHERE resource_type = ? AND resource_id = ?"
                                + " AND ? IN ('', organization_id) GROUP BY resource_id",
                        kind.type(),
                        id,
                        organizationId)
                .stream()
                .findFirst()
                .orElseThrow(() -> notFound);
    }

    private void requireDefinition(Connection connection) throws SQLException {
        if (kind.definition().isEmpty()) {
            return;
        }
        Optional<String> missing =
                Sql.query(
                                connection,
                                row -> row.text(REFERRED),
                                "SELECT state ->> ? AS referred FROM "
                                        + Restoration.WANTED
                                        + " AS wanted WHERE state ->> ? IS NOT NULL"
                                        + " AND NOT EXISTS (SELECT FROM "
                                        + EndDeviceDefinitionRow.TABLE
                                        + " AS definition WHERE definition.id = state ->> ?"
                                        + " AND definition.organization_id ="
                                        + " wanted.organization_id)",
                                kind.definition().get().name(),
                                kind.definition().get().name(),
                                kind.definition().get().name())
                        .stream()
                        .findFirst();
        if (missing.isPresent()) {
            throw RequestException.failedPrecondition(
                            name
                                    + " "
                                    + id
                                    + " refers to the end device definition "
                                    + missing.get()
                                    + ", which is deleted: undelete that first")
                    .because("RESTORE_CONFLICT", Map.of("id", id, "definition_id", missing.get()));
        }
    }

    private void requireNothingOfItIsTaken(Connection connection) throws SQLException {
        requireExternalId(connection);
        requireAddress(connection);
    }

    private void requireExternalId(Connection connection) throws SQLException {
        if (kind != RegisteredKind.END_DEVICE) {
            return;
        }
        Optional<RequestException> taken =
                Sql.query(
                                connection,
                                row ->
                                        taken(
                                                row.text(EndDeviceRow.EXTERNAL_ID),
                                                row.text(EndDeviceRow.DEVICE_ID)),
                                "SELECT external_id, device_id FROM "
                                        + EndDeviceRow.TABLE
                                        + " AS other JOIN "
                                        + Restoration.WANTED
                                        + " AS wanted ON other.organization_id ="
                                        + " wanted.organization_id AND other.external_id = state"
                                        + " ->> 'external_id' WHERE other.deleted_at IS NULL")
                        .stream()
                        .findFirst();
        if (taken.isPresent()) {
            throw taken.get();
        }
    }

    private void requireAddress(Connection connection) throws SQLException {
        if (kind != RegisteredKind.HOST) {
            return;
        }
        Optional<RequestException> taken =
                Sql.query(
                                connection,
                                row ->
                                        addressTaken(
                                                row.text(HostRow.IP_ADDRESS),
                                                row.text(HostRow.HOSTNAME),
                                                row.text(HostRow.HOST_ID)),
                                "SELECT host(other.ip_address) AS ip_address, hostname, host_id FROM "
                                        + HostRow.TABLE
                                        + " AS other JOIN "
                                        + Restoration.WANTED
                                        + " AS wanted ON other.organization_id ="
                                        + " wanted.organization_id AND other.ip_address ="
                                        + " (state ->> 'ip_address')::inet AND hostname ="
                                        + " state ->> 'hostname' WHERE other.deleted_at IS NULL")
                        .stream()
                        .findFirst();
        if (taken.isPresent()) {
            throw taken.get();
        }
    }

    private static RequestException addressTaken(String address, String name, String host) {
        return RequestException.alreadyExists(
                        "The address "
                                + address
                                + " and the name "
                                + name
                                + " are those of the host "
                                + host
                                + ": give it others first")
                .because(
                        "HOST_EXISTS",
                        Map.of("ip_address", address, "hostname", name, "host_id", host));
    }

    private static RequestException taken(String externalId, String device) {
        return RequestException.alreadyExists(
                        "External ID '"
                                + externalId
                                + "' is already that of the device "
                                + device
                                + ": give that another first")
                .because(
                        "EXTERNAL_ID_TAKEN",
                        Map.of("external_id", externalId, "device_id", device));
    }
}
