package io.ponix.deviceservice.restoration;

import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Portions;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.GatewayRow;
import io.ponix.registry.HostRow;
import io.ponix.registry.OrganizationRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Makes rows of the registry what they were, in the transaction of its caller: ids are kept, and
 * what changes is an event each, of the type {@code restored} or {@code deleted}.
 *
 * <p>Between {@link #begin} and {@link #apply} the states that are wanted are put into the table
 * {@value #WANTED}, which is there for the transaction only.
 */
public final class Restoration {

    /** The states that are wanted: resource_type, resource_id, organization_id, state. */
    public static final String WANTED = "pg_temp.wanted_states";

    private static final Column RESOURCE_ID = new Column("resource_id", "resource_id", "?");

    private Restoration() {}

    /**
     * Keeps others from changing what is registered until the transaction ends, so that what is
     * kept before, what is compared and what is changed are of one moment. They may not hold rows
     * either: who held one, and waited for this to end, would be waited for when that row is
     * restored, and it is the one who has done all the work that the database would then give up.
     */
    public static void holdOff(Connection connection) throws SQLException {
        Sql.query(connection, row -> row, "SELECT set_config('lock_timeout', '5s', true)");
        Sql.update(
                connection,
                "LOCK TABLE organizations, end_device_definitions, gateways, end_devices, hosts"
                        + " IN EXCLUSIVE MODE");
    }

    /** Makes the table of what is wanted, with nothing in it. */
    public static void begin(Connection connection) throws SQLException {
        Sql.update(
                connection,
                "CREATE TEMPORARY TABLE wanted_states (resource_type TEXT, resource_id TEXT,"
                        + " organization_id TEXT, state JSONB,"
                        + " PRIMARY KEY (resource_type, resource_id)) ON COMMIT DROP");
        Sql.query(connection, row -> row, "SELECT set_config('ponix.restoring', 'on', true)");
    }

    /**
     * Has it known how much is wanted, when all of it is there: the database takes a table that it
     * knows nothing of for a small one.
     */
    public static void count(Connection connection) throws SQLException {
        Sql.update(connection, "ANALYZE " + WANTED);
    }

    /**
     * Wants a resource as it was after the change of a version.
     *
     * @return false when nothing is known of it
     */
    public static boolean want(Connection connection, RegisteredKind kind, String id, long version)
            throws SQLException {
        return Sql.update(
                        connection,
                        "INSERT INTO "
                                + WANTED
                                + " SELECT resource_type, resource_id, min(organization_id),"
                                + " registry_state(step ORDER BY resource_version)"
                                + " FROM registry_steps WHERE resource_type = ? AND resource_id = ?"
                                + " AND resource_version <= ? GROUP BY resource_type, resource_id",
                        kind.type(),
                        id,
                        version)
                == 1;
    }

    /**
     * Makes those that are wanted what they are wanted to be, and leaves all others alone.
     *
     * @throws RequestException FAILED_PRECONDITION when something is in the way: also where a
     *     device would be of a gateway again that is deleted
     */
    public static void apply(Connection connection, Instant now) throws SQLException {
        holdOrganizations(connection);
        Savepoint before = connection.setSavepoint();
        try {
            put(connection, now);
        } catch (SQLException e) {
            throw inTheWay(connection, before, e);
        }
    }

    /** The same, but what the database refuses is as it says it. */
    static void put(Connection connection, Instant now) throws SQLException {
        requireThatGatewaysAreThere(connection);
        for (RegisteredKind kind : RegisteredKind.values()) {
            restore(connection, kind, now);
        }
        requireThatHostsAreOfTheirOrganizations(connection);
    }

    /**
     * Makes all that is registered what is wanted: what is there and is not wanted is deleted, but
     * for the one organization of which it is.
     *
     * @param organizationId of what is registered; empty: of all organizations
     * @throws RequestException FAILED_PRECONDITION when something is in the way
     */
    public static void applyToAll(Connection connection, String organizationId, Instant now)
            throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            // Before others take the external ids, addresses and names that they have.
            delete(connection, RegisteredKind.HOST, organizationId, now);
            letGoOfAddresses(connection, now);
            delete(connection, RegisteredKind.END_DEVICE, organizationId, now);
            delete(connection, RegisteredKind.GATEWAY, organizationId, now);
            letGoOfExternalIds(connection, now);
            for (RegisteredKind kind : RegisteredKind.values()) {
                Database.longer(
                        connection,
                        all -> {
                            letGoOfWhatIsNowhere(all, kind);
                            return kind;
                        });
                restore(connection, kind, now);
            }
            Database.longer(
                    connection,
                    all -> {
                        requireThatHostsAreOfTheirOrganizations(all);
                        return all;
                    });
            // After nobody refers to them any more.
            delete(connection, RegisteredKind.END_DEVICE_DEFINITION, organizationId, now);
            if (organizationId.isEmpty()) {
                delete(connection, RegisteredKind.ORGANIZATION, organizationId, now);
            }
        } catch (SQLException e) {
            throw inTheWay(connection, before, e);
        }
    }

    /**
     * A device keeps the gateway that it names when that is deleted, and a host its gateway and its
     * device; a snapshot has none of those that are deleted. Where it is restored to another
     * database, which never had them, they are named no more.
     */
    private static void letGoOfWhatIsNowhere(Connection connection, RegisteredKind kind)
            throws SQLException {
        if (kind == RegisteredKind.END_DEVICE || kind == RegisteredKind.HOST) {
            letGoOf(connection, kind, RegisteredKind.GATEWAY);
        }
        if (kind == RegisteredKind.HOST) {
            letGoOf(connection, kind, RegisteredKind.END_DEVICE);
        }
    }

    private static void letGoOf(
            Connection connection, RegisteredKind kind, RegisteredKind whatItNames)
            throws SQLException {
        Sql.update(
                connection,
                "UPDATE "
                        + WANTED
                        + " SET state = state - '%2$s'::text WHERE resource_type = '%1$s' AND state ->> '%2$s' <> ''"
                                .formatted(kind.type(), whatItNames.id())
                        + " AND NOT EXISTS (SELECT FROM %1$s AS named WHERE named.%2$s = state ->> '%2$s')"
                                .formatted(whatItNames.table(), whatItNames.id()));
    }

    private static void restore(Connection connection, RegisteredKind kind, Instant now)
            throws SQLException {
        Database.longer(
                connection,
                all -> {
                    requireThatIdsAreOfTheirOrganizations(all, kind);
                    if (kind != RegisteredKind.ORGANIZATION) {
                        requireThatOrganizationsAreThere(all, kind);
                    }
                    return kind;
                });
        List<RegisteredKind.Restored> columns = kind.columns(connection);
        String names =
                columns.stream()
                        .map(RegisteredKind.Restored::name)
                        .collect(Collectors.joining(", "));
        String wanted =
                columns.stream()
                        .map(
                                column ->
                                        "CASE WHEN jsonb_exists(state, '%1$s') THEN (typed).%1$s ELSE %2$s END AS %1$s"
                                                .formatted(column.name(), column.byDefault()))
                        .collect(Collectors.joining(", "));
        String states =
                "(SELECT resource_id AS wanted_id, organization_id AS wanted_organization,"
                        + " CASE WHEN (typed).created_at BETWEEN '1970-01-01Z' AND ? THEN (typed).created_at"
                        + " ELSE clock_timestamp() END AS wanted_created_at, "
                        + wanted
                        + " FROM (SELECT *, jsonb_populate_record(NULL::"
                        + kind.table()
                        + ", state) AS typed FROM "
                        + WANTED
                        + " WHERE resource_type = '"
                        + kind.type()
                        + "' AND resource_id > ? AND resource_id <= ?) AS typed_states) AS wanted";
        String update =
                "UPDATE "
                        + kind.table()
                        + " AS registered SET "
                        + columns.stream()
                                .map(column -> column.name() + " = wanted." + column.name())
                                .collect(Collectors.joining(", "))
                        + ", updated_at = ?, updated_by = NULLIF(?, '') FROM "
                        + states
                        + " WHERE registered."
                        + kind.id()
                        + " = wanted_id AND ROW("
                        + columns.stream()
                                .map(column -> "registered." + column.name())
                                .collect(Collectors.joining(", "))
                        + ") IS DISTINCT FROM ROW("
                        + columns.stream()
                                .map(column -> "wanted." + column.name())
                                .collect(Collectors.joining(", "))
                        + ")";
        boolean ofItself = kind.id().equals(kind.organization());
        String insert =
                "INSERT INTO "
                        + kind.table()
                        + " ("
                        + kind.id()
                        + (ofItself ? "" : ", " + kind.organization())
                        + ", created_at, updated_at, updated_by, "
                        + names
                        + ") SELECT wanted_id"
                        + (ofItself ? "" : ", wanted_organization")
                        + ", wanted_created_at, ?, NULLIF(?, ''), "
                        + names
                        + " FROM "
                        + states
                        + " WHERE NOT EXISTS (SELECT FROM "
                        + kind.table()
                        + " AS registered WHERE registered."
                        + kind.id()
                        + " = wanted_id)";
        String caller = Caller.current().keyId();
        wantedInPortions(
                connection,
                kind,
                (after, last) -> {
                    Sql.update(connection, update, now, caller, now, after, last);
                    Sql.update(connection, insert, now, caller, now, after, last);
                });
    }

    /** Who deletes one of them at the same time waits, or is seen as done. */
    static void holdOrganizations(Connection connection) throws SQLException {
        // Not that which is restored itself: two who hold one would wait for each other.
        Sql.query(
                connection,
                row -> row,
                "SELECT id FROM "
                        + OrganizationRow.TABLE
                        + " WHERE id IN (SELECT organization_id FROM "
                        + WANTED
                        + " WHERE resource_type <> '"
                        + RegisteredKind.ORGANIZATION.type()
                        + "') ORDER BY id FOR SHARE");
    }

    /** Who deletes one at the same time waits, or is seen as done. */
    private static void requireThatGatewaysAreThere(Connection connection) throws SQLException {
        Sql.query(
                connection,
                row -> row,
                "SELECT FROM "
                        + GatewayRow.TABLE
                        + " WHERE gateway_id IN (SELECT state ->> 'gateway_id' FROM "
                        + WANTED
                        + " WHERE resource_type = 'end_device') ORDER BY gateway_id FOR SHARE");
        Sql.query(
                connection,
                row -> row,
                "SELECT FROM "
                        + EndDeviceRow.TABLE
                        + " WHERE device_id IN (SELECT resource_id FROM "
                        + WANTED
                        + " WHERE resource_type = 'end_device') FOR NO KEY UPDATE");
        // A device that is there, and has it, keeps it.
        Optional<RequestException> deleted =
                Sql.query(
                                connection,
                                row ->
                                        gatewayIsDeleted(
                                                row.text(EndDeviceRow.DEVICE_ID),
                                                row.text(GatewayRow.GATEWAY_ID)),
                                "SELECT resource_id AS device_id, gateways.gateway_id FROM "
                                        + WANTED
                                        + " AS wanted JOIN gateways ON gateways.gateway_id = state"
                                        + " ->> 'gateway_id' LEFT JOIN end_devices AS registered"
                                        + " ON registered.device_id = resource_id"
                                        + " WHERE resource_type = 'end_device'"
                                        + " AND gateways.deleted_at IS NOT NULL"
                                        + " AND state ->> 'deleted_at' IS NULL"
                                        + " AND (registered.deleted_at IS NOT NULL OR"
                                        + " registered.gateway_id IS DISTINCT FROM"
                                        + " gateways.gateway_id) LIMIT 1")
                        .stream()
                        .findFirst();
        if (deleted.isPresent()) {
            throw deleted.get();
        }
    }

    private static RequestException gatewayIsDeleted(String device, String gateway) {
        return RequestException.failedPrecondition(
                        "Device "
                                + device
                                + " refers to the gateway "
                                + gateway
                                + ", which is deleted: undelete that first")
                .because("RESTORE_CONFLICT", Map.of("id", device, "gateway_id", gateway));
    }

    /** After they are as they are wanted. */
    private static void requireThatOrganizationsAreThere(Connection connection, RegisteredKind kind)
            throws SQLException {
        Optional<RequestException> missing =
                Sql.query(
                                connection,
                                row ->
                                        organizationIsMissing(
                                                row.text(RESOURCE_ID),
                                                row.text(EndDeviceRow.ORGANIZATION_ID)),
                                "SELECT resource_id, wanted.organization_id FROM "
                                        + WANTED
                                        + " AS wanted LEFT JOIN "
                                        + OrganizationRow.TABLE
                                        + " AS owner ON owner.id = wanted.organization_id"
                                        + " AND owner.deleted_at IS NULL"
                                        + " WHERE resource_type = ? AND owner.id IS NULL LIMIT 1",
                                kind.type())
                        .stream()
                        .findFirst();
        if (missing.isPresent()) {
            throw missing.get();
        }
    }

    private static RequestException organizationIsMissing(String id, String organization) {
        return RequestException.failedPrecondition(
                        "The organization "
                                + organization
                                + " is not there, or deleted: restore that first, and then "
                                + id)
                .because("RESTORE_CONFLICT", Map.of("id", id, "organization_id", organization));
    }

    /** What was imported may say that a host is a gateway or a device of somebody else. */
    private static void requireThatHostsAreOfTheirOrganizations(Connection connection)
            throws SQLException {
        Optional<RequestException> others =
                Sql.query(
                                connection,
                                row ->
                                        ofAnother(
                                                row.text(HostRow.HOST_ID),
                                                row.text(HostRow.GATEWAY_ID),
                                                row.text(HostRow.DEVICE_ID)),
                                "SELECT host_id, coalesce(hosts.gateway_id, '') AS gateway_id,"
                                        + " coalesce(hosts.device_id, '') AS device_id FROM hosts JOIN "
                                        + WANTED
                                        + " AS wanted ON resource_type = 'host' AND resource_id = host_id"
                                        + " LEFT JOIN gateways USING (gateway_id) LEFT JOIN end_devices USING (device_id)"
                                        + " WHERE hosts.organization_id IS DISTINCT FROM"
                                        + " coalesce(gateways.organization_id, end_devices.organization_id, hosts.organization_id)"
                                        + " LIMIT 1")
                        .stream()
                        .findFirst();
        if (others.isPresent()) {
            throw others.get();
        }
    }

    private static RequestException ofAnother(String host, String gateway, String device) {
        boolean isGateway = device.isEmpty();
        String other = isGateway ? gateway : device;
        return RequestException.failedPrecondition(
                        "The host "
                                + host
                                + " refers to the "
                                + (isGateway ? "gateway " : "device ")
                                + other
                                + ", which is not there: restore that first")
                .because(
                        "RESTORE_CONFLICT",
                        Map.of("id", host, isGateway ? "gateway_id" : "device_id", other));
    }

    /** What was imported may name what is of somebody else. */
    private static void requireThatIdsAreOfTheirOrganizations(
            Connection connection, RegisteredKind kind) throws SQLException {
        List<String> others =
                Sql.query(
                        connection,
                        row -> row.text(kind.id()),
                        "SELECT registered."
                                + kind.id()
                                + " FROM "
                                + kind.table()
                                + " AS registered JOIN "
                                + WANTED
                                + " AS wanted ON resource_type = ? AND resource_id = registered."
                                + kind.id()
                                + " AND wanted.organization_id <> registered."
                                + kind.organization()
                                + " LIMIT 1",
                        kind.type());
        if (!others.isEmpty()) {
            throw RequestException.failedPrecondition(
                            "The id "
                                    + others.get(0)
                                    + " is taken: what is to be restored is of another organization")
                    .because("RESTORE_CONFLICT", Map.of("id", others.get(0)));
        }
    }

    private static void delete(
            Connection connection, RegisteredKind kind, String organizationId, Instant now)
            throws SQLException {
        String unwanted =
                " WHERE registered."
                        + kind.id()
                        + " > ? AND registered."
                        + kind.id()
                        + " <= ? AND ? IN ('', registered."
                        + kind.organization()
                        + ") AND NOT EXISTS (SELECT FROM "
                        + WANTED
                        + " WHERE resource_type = '"
                        + kind.type()
                        + "' AND resource_id = registered."
                        + kind.id()
                        + ")";
        String caller = Caller.current().keyId();
        if (!kind.marksDeleted()) {
            Sql.query(
                    connection,
                    row -> row,
                    "SELECT set_config('ponix.changed_by', ?, true)",
                    caller);
            String delete = "DELETE FROM " + kind.table() + " AS registered" + unwanted;
            inPortions(
                    connection,
                    kind,
                    organizationId,
                    (after, last) -> Sql.update(connection, delete, after, last, organizationId));
            return;
        }
        String delete =
                "UPDATE "
                        + kind.table()
                        + " AS registered SET deleted_at = ?, updated_at = ?, updated_by = NULLIF(?, '')"
                        + kind.definition().map(column -> ", " + column + " = NULL").orElse("")
                        + unwanted
                        + " AND deleted_at IS NULL";
        inPortions(
                connection,
                kind,
                organizationId,
                (after, last) ->
                        Sql.update(
                                connection, delete, now, now, caller, after, last, organizationId));
    }

    private static void inPortions(
            Connection connection, RegisteredKind kind, String organizationId, Portions.Work work)
            throws SQLException {
        if (organizationId.isEmpty()) {
            Portions.each(connection, kind.table(), kind.id(), work);
        } else {
            Portions.each(
                    connection,
                    "(SELECT %s FROM %s WHERE %s = ?) AS registered"
                            .formatted(kind.id(), kind.table(), kind.organization()),
                    kind.id(),
                    work,
                    organizationId);
        }
    }

    private static void wantedInPortions(
            Connection connection, RegisteredKind kind, Portions.Work work) throws SQLException {
        Portions.each(
                connection,
                "(SELECT resource_id FROM %s WHERE resource_type = '%s') AS wanted"
                        .formatted(WANTED, kind.type()),
                RESOURCE_ID,
                work);
    }

    /** A device whose external id another is to have: the index is of each row as it changes. */
    private static void letGoOfExternalIds(Connection connection, Instant now) throws SQLException {
        String caller = Caller.current().keyId();
        String update =
                "UPDATE "
                        + EndDeviceRow.TABLE
                        + " AS registered SET external_id = NULL, updated_at = ?,"
                        + " updated_by = NULLIF(?, '') FROM "
                        + WANTED
                        + " AS wanted WHERE resource_type = 'end_device'"
                        + " AND resource_id > ? AND resource_id <= ?"
                        + " AND registered.deleted_at IS NULL"
                        + " AND registered.organization_id = wanted.organization_id"
                        + " AND registered.external_id = state ->> 'external_id'"
                        + " AND registered.device_id <> resource_id";
        wantedInPortions(
                connection,
                RegisteredKind.END_DEVICE,
                (after, last) -> Sql.update(connection, update, now, caller, after, last));
    }

    /** A host whose address and name another is to have: likewise. It is there again after that. */
    private static void letGoOfAddresses(Connection connection, Instant now) throws SQLException {
        String caller = Caller.current().keyId();
        String update =
                "UPDATE "
                        + HostRow.TABLE
                        + " AS registered SET deleted_at = ?, updated_at = ?, updated_by = NULLIF(?, '') FROM "
                        + WANTED
                        + " AS wanted WHERE resource_type = 'host'"
                        + " AND resource_id > ? AND resource_id <= ?"
                        + " AND registered.deleted_at IS NULL"
                        + " AND registered.organization_id = wanted.organization_id"
                        + " AND registered.ip_address = (state ->> 'ip_address')::inet"
                        + " AND registered.hostname = state ->> 'hostname'"
                        + " AND registered.host_id <> resource_id";
        wantedInPortions(
                connection,
                RegisteredKind.HOST,
                (after, last) -> Sql.update(connection, update, now, now, caller, after, last));
    }

    /**
     * What keeps a state from being there again.
     *
     * @param before the refused statements, which are undone where it is to be looked for
     */
    static SQLException inTheWay(Connection connection, Savepoint before, SQLException exception)
            throws SQLException {
        Optional<Conflict> conflict = Conflict.of(exception);
        if (conflict.isPresent()) {
            connection.rollback(before);
            throw conflict.get().said(connection);
        }
        if (exception.getSQLState() != null && exception.getSQLState().startsWith("22")
                || "23502".equals(exception.getSQLState())
                || "23514".equals(exception.getSQLState())) {
            throw RequestException.failedPrecondition(
                            "A state is not one that the registry takes: " + exception.getMessage())
                    .because("RESTORE_INVALID", Map.of());
        }
        return exception;
    }
}
