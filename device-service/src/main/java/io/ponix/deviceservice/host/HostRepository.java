package io.ponix.deviceservice.host;

import static io.ponix.registry.HostRow.TABLE;
import static io.ponix.registry.RowColumns.DELETED_AT;
import static io.ponix.registry.RowColumns.UPDATED_AT;
import static io.ponix.registry.RowColumns.UPDATED_BY;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.gateway.ActiveGateway;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.restoration.RegisteredKind;
import io.ponix.deviceservice.restoration.Undeletion;
import io.ponix.registry.Column;
import io.ponix.registry.HostRow;
import io.ponix.registry.Labels;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The table {@code hosts}. Deleted hosts stay in it and are not found. Where an organization is
 * given to look for, hosts of others are not found either; an empty one stands for any.
 */
final class HostRepository {

    private static final String COLUMNS = Column.select(HostRow.COLUMNS);

    private static final String SELECT = "SELECT " + COLUMNS + " FROM " + TABLE;

    private static final String BY_ID =
            " WHERE host_id = ? AND ? IN ('', organization_id) AND deleted_at IS NULL";

    /** As numbers, and then by bytes: the collation of the column. */
    private static final String ORDER = " ORDER BY hosts.ip_address, hostname, host_id";

    private HostRepository() {}

    /**
     * What is asked for: all of it has to hold.
     *
     * @param ipFragment in the address; empty: any
     * @param nameFragment in the name or an alias, in lower case; empty: any
     * @param tags of which it has one; empty: any, and none
     * @param labels of which it has all; empty: any, and none
     */
    record Filter(
            String organizationId,
            String ipFragment,
            String nameFragment,
            List<String> tags,
            Map<String, String> labels) {

        static Filter allOf(String organizationId) {
            return new Filter(organizationId, "", "", List.of(), Map.of());
        }
    }

    /** Where a page ends. */
    record Place(String ipAddress, String hostname, String hostId) {}

    /**
     * Adds the host and returns it as it is there.
     *
     * @throws RequestException NOT_FOUND when there is no such organization or it has no such
     *     gateway or device, FAILED_PRECONDITION when it is deleted, ALREADY_EXISTS when another of
     *     its hosts has the address and the name
     */
    static HostRow add(Connection connection, HostRow host) throws SQLException {
        ActiveOrganization.require(connection, host.organizationId(), "host");
        return insert(connection, host)
                .orElseThrow(() -> taken(host.organizationId(), host.ipAddress(), host.hostname()));
    }

    /**
     * The same, of an organization that is known to be there. Empty where another host has the
     * address and the name.
     *
     * @throws RequestException NOT_FOUND when the organization has no such gateway or device
     */
    static Optional<HostRow> insert(Connection connection, HostRow host) throws SQLException {
        requireOfOrganization(connection, host.organizationId(), host.gatewayId(), host.deviceId());
        Map<Column, Object> values = new LinkedHashMap<>(host.values());
        values.put(UPDATED_BY, Caller.current().keyId());
        return Sql.insert(
                connection, HostRow::read, TABLE, values, "ON CONFLICT DO NOTHING", COLUMNS);
    }

    /** Returns the host, or empty when there is none. */
    static Optional<HostRow> find(Connection connection, String id, String organizationId)
            throws SQLException {
        return Sql.query(connection, HostRow::read, SELECT + BY_ID, id, organizationId).stream()
                .findFirst();
    }

    /**
     * Returns the hosts of an organization with these addresses and names, and keeps others from
     * changing them until the transaction ends.
     */
    static List<HostRow> lock(
            Connection connection, String organizationId, Collection<HostEntry> entries)
            throws SQLException {
        ArrayNode wanted = JsonNodeFactory.instance.arrayNode();
        for (HostEntry entry : entries) {
            wanted.addObject().put("address", entry.ipAddress()).put("name", entry.hostname());
        }
        // In one order, so that two who want the same ones do not wait for each other.
        return Sql.query(
                connection,
                HostRow::read,
                SELECT
                        + " WHERE organization_id = ? AND deleted_at IS NULL AND host_id IN ("
                        + "SELECT host_id FROM hosts JOIN jsonb_to_recordset(?::jsonb)"
                        + " AS wanted(address inet, name text)"
                        + " ON hosts.ip_address = address AND hostname = name"
                        + " WHERE organization_id = ? AND deleted_at IS NULL)"
                        + " ORDER BY host_id FOR NO KEY UPDATE",
                organizationId,
                wanted.toString(),
                organizationId);
    }

    /** Passes on the hosts that are asked for, in the order of lists, until no more are wanted. */
    static void each(
            Connection connection,
            Filter filter,
            Optional<Place> after,
            int limit,
            Predicate<HostRow> taker)
            throws SQLException {
        StringBuilder sql =
                new StringBuilder(SELECT)
                        .append(" WHERE organization_id = ? AND deleted_at IS NULL");
        List<Object> parameters = new ArrayList<>(List.of(filter.organizationId()));
        if (!filter.ipFragment().isEmpty()) {
            sql.append(" AND position(? IN host(hosts.ip_address)) > 0");
            parameters.add(filter.ipFragment());
        }
        if (!filter.nameFragment().isEmpty()) {
            sql.append(
                    " AND (position(? IN hostname) > 0 OR EXISTS (SELECT FROM"
                            + " jsonb_array_elements_text(aliases) AS alias"
                            + " WHERE position(? IN alias) > 0))");
            parameters.add(filter.nameFragment());
            parameters.add(filter.nameFragment());
        }
        if (!filter.tags().isEmpty()) {
            sql.append(
                    " AND EXISTS (SELECT FROM jsonb_array_elements_text(?::jsonb) AS tag"
                            + " WHERE jsonb_exists(tags, tag))");
            parameters.add(HostRow.text(filter.tags()));
        }
        if (!filter.labels().isEmpty()) {
            sql.append(" AND labels @> ?::jsonb");
            parameters.add(Labels.document(filter.labels()));
        }
        if (after.isPresent()) {
            sql.append(" AND (hosts.ip_address, hostname, host_id) > (?::inet, ?, ?)");
            parameters.add(after.get().ipAddress());
            parameters.add(after.get().hostname());
            parameters.add(after.get().hostId());
        }
        parameters.add(limit);
        Sql.each(
                connection,
                row -> taker.test(HostRow.read(row)),
                sql.append(ORDER).append(" LIMIT ?").toString(),
                parameters.toArray());
    }

    /**
     * Changes these columns and returns the host as it is then.
     *
     * @param host as it was read, in this transaction
     * @param changes the new values
     * @throws RequestException ABORTED when it is not as expected, NOT_FOUND when its organization
     *     has no such gateway or device, ALREADY_EXISTS when another of its hosts has the address
     *     and the name
     */
    static HostRow update(
            Connection connection, HostRow host, Map<Column, Object> changes, Instant now)
            throws SQLException {
        // What it was already may have been deleted since.
        requireOfOrganization(
                connection,
                host.organizationId(),
                changed(changes, HostRow.GATEWAY_ID, host.gatewayId()),
                changed(changes, HostRow.DEVICE_ID, host.deviceId()));
        Map<Column, Object> values = new LinkedHashMap<>(changes);
        values.put(UPDATED_AT, now);
        values.put(UPDATED_BY, Caller.current().keyId());
        try {
            return Sql.query(
                            connection,
                            HostRow::read,
                            "UPDATE "
                                    + TABLE
                                    + " SET "
                                    + Sql.assignments(values)
                                    + BY_ID
                                    + " RETURNING "
                                    + COLUMNS,
                            Sql.parameters(values, host.hostId(), ""))
                    .stream()
                    .findFirst()
                    .orElseThrow(() -> notFound(host.hostId()));
        } catch (SQLException e) {
            if (Sql.violates(e, HostRow.ADDRESS_AND_NAME_INDEX)) {
                throw taken(
                        host.organizationId(),
                        (String) changes.getOrDefault(HostRow.IP_ADDRESS, host.ipAddress()),
                        (String) changes.getOrDefault(HostRow.HOSTNAME, host.hostname()));
            }
            throw e;
        }
    }

    /** The new value, or an empty one where it is the old one. */
    private static String changed(Map<Column, Object> changes, Column column, String was) {
        Object is = changes.getOrDefault(column, "");
        return is.equals(was) ? "" : (String) is;
    }

    /** Finds the host, locks it, and makes sure that it is as expected. */
    static HostRow expect(Connection connection, String id, String organizationId, Etag etag)
            throws SQLException {
        etag.require(connection, "Host", id, TABLE, BY_ID, id, organizationId);
        return Sql.query(
                        connection,
                        HostRow::read,
                        SELECT + BY_ID + " FOR NO KEY UPDATE",
                        id,
                        organizationId)
                .stream()
                .findFirst()
                .orElseThrow(() -> notFound(id));
    }

    /** Marks the host as deleted. */
    static void delete(Connection connection, HostRow host, Instant now) throws SQLException {
        update(connection, host, Map.of(DELETED_AT, now), now);
    }

    /**
     * Brings a deleted host back, as it was before, and returns it.
     *
     * @throws RequestException see {@link Undeletion#make}
     */
    static HostRow undelete(Connection connection, String id, String organizationId, Etag etag)
            throws SQLException {
        new Undeletion(RegisteredKind.HOST, "Host", id, notFound(id))
                .make(connection, organizationId, etag);
        return find(connection, id, organizationId).orElseThrow(() -> notFound(id));
    }

    /** What a host is has to be its organization's, and not deleted. */
    private static void requireOfOrganization(
            Connection connection, String organizationId, String gatewayId, String deviceId)
            throws SQLException {
        if (!gatewayId.isEmpty()) {
            ActiveGateway.require(connection, gatewayId, organizationId);
        }
        if (!deviceId.isEmpty() && isAbsent(connection, deviceId, organizationId)) {
            throw RequestException.notFound("Device not found: " + deviceId)
                    .because("DEVICE_NOT_FOUND", Map.of("device_id", deviceId));
        }
    }

    private static boolean isAbsent(Connection connection, String deviceId, String organizationId)
            throws SQLException {
        return Sql.query(
                        connection,
                        row -> true,
                        "SELECT FROM end_devices WHERE device_id = ? AND organization_id = ?"
                                + " AND deleted_at IS NULL FOR SHARE",
                        deviceId,
                        organizationId)
                .isEmpty();
    }

    private static RequestException taken(
            String organizationId, String ipAddress, String hostname) {
        return RequestException.alreadyExists(
                        "Another host of the organization "
                                + organizationId
                                + " has the address "
                                + ipAddress
                                + " and the name "
                                + hostname)
                .because("HOST_EXISTS", Map.of("ip_address", ipAddress, "hostname", hostname));
    }

    /** No host has this id. */
    static RequestException notFound(String id) {
        return RequestException.notFound("Host not found: " + id)
                .because("HOST_NOT_FOUND", Map.of("host_id", id));
    }
}
