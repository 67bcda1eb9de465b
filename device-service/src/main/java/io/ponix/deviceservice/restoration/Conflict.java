package io.ponix.deviceservice.restoration;

import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.Column;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.GatewayRow;
import io.ponix.registry.HostRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What keeps a state from being there again: by the constraint that says so, which things they are
 * is looked for in the states that are {@linkplain Restoration#WANTED wanted}.
 */
enum Conflict {
    DEFINITION_OF_DEVICE(
            EndDeviceRow.DEFINITION_CONSTRAINT,
            "Device %s refers to the end device definition %s, which is not there: restore that first",
            missing(
                    RegisteredKind.END_DEVICE,
                    EndDeviceRow.DEFINITION_ID,
                    RegisteredKind.END_DEVICE_DEFINITION,
                    true),
            "definition_id"),
    GATEWAY_OF_DEVICE(
            EndDeviceRow.GATEWAY_CONSTRAINT,
            "Device %s refers to the gateway %s, which is not there: restore that first",
            missing(
                    RegisteredKind.END_DEVICE,
                    EndDeviceRow.GATEWAY_ID,
                    RegisteredKind.GATEWAY,
                    true),
            "gateway_id"),
    DEFINITION_OF_GATEWAY(
            GatewayRow.DEFINITION_CONSTRAINT,
            "Gateway %s refers to the end device definition %s, which is not there: restore that first",
            missing(
                    RegisteredKind.GATEWAY,
                    GatewayRow.ENROLMENT_DEFINITION_ID,
                    RegisteredKind.END_DEVICE_DEFINITION,
                    true),
            "definition_id"),
    GATEWAY_OF_HOST(
            HostRow.GATEWAY_CONSTRAINT,
            "Host %s refers to the gateway %s, which is not there: restore that first",
            missing(RegisteredKind.HOST, HostRow.GATEWAY_ID, RegisteredKind.GATEWAY, false),
            "gateway_id"),
    DEVICE_OF_HOST(
            HostRow.DEVICE_CONSTRAINT,
            "Host %s refers to the device %s, which is not there: restore that first",
            missing(RegisteredKind.HOST, HostRow.DEVICE_ID, RegisteredKind.END_DEVICE, false),
            "device_id"),
    EXTERNAL_ID(
            EndDeviceRow.EXTERNAL_ID_INDEX,
            "Device %s would have the external id of the device %s, '%s': give that another first",
            taken(
                    RegisteredKind.END_DEVICE,
                    "external_id",
                    "state ->> 'external_id'",
                    "''",
                    "''::text"),
            "device_id",
            "external_id"),
    ADDRESS_AND_NAME(
            HostRow.ADDRESS_AND_NAME_INDEX,
            "Host %s would have the address and the name of the host %s, %s and %s: give that others"
                    + " first",
            taken(
                    RegisteredKind.HOST,
                    "host(ip_address)",
                    "host((state ->> 'ip_address')::inet)",
                    "hostname",
                    "state ->> 'hostname'"),
            "host_id",
            "ip_address",
            "hostname");

    private static final Column ID = column("id");
    private static final List<Column> FOUND =
            List.of(column("other"), column("value"), column("value2"));

    private final String constraint;
    private final String message;
    private final String query;
    private final List<String> names;

    /**
     * Of a constraint.
     *
     * @param message of the id, and of what else is found
     * @param query gives the id, and then what the names are of
     * @param names of what is found beside the id, for programs
     */
    Conflict(String constraint, String message, String query, String... names) {
        this.constraint = constraint;
        this.message = message;
        this.query = query;
        this.names = List.of(names);
    }

    private static Column column(String name) {
        return new Column(name, name, "?");
    }

    /** The one that a statement was refused for. */
    static Optional<Conflict> of(SQLException exception) {
        return Arrays.stream(values())
                .filter(each -> Sql.violates(exception, each.constraint))
                .findFirst();
    }

    /**
     * Says which things they are.
     *
     * @param connection on which the refused statements are undone
     */
    RequestException said(Connection connection) throws SQLException {
        return Sql.query(
                        connection,
                        row -> {
                            Map<String, String> metadata = new HashMap<>();
                            metadata.put("constraint", constraint);
                            metadata.put("id", row.text(ID));
                            Object[] found = new Object[names.size() + 1];
                            found[0] = row.text(ID);
                            for (int i = 0; i < names.size(); i++) {
                                found[i + 1] = row.text(FOUND.get(i));
                                metadata.put(names.get(i), row.text(FOUND.get(i)));
                            }
                            return RequestException.failedPrecondition(message.formatted(found))
                                    .because("RESTORE_CONFLICT", metadata);
                        },
                        query)
                .stream()
                .findFirst()
                .orElseGet(
                        () ->
                                RequestException.failedPrecondition(
                                                "What is to be restored does not go with what is"
                                                        + " there by now ("
                                                        + constraint
                                                        + "): call again")
                                        .because(
                                                "RESTORE_CONFLICT",
                                                Map.of("constraint", constraint)));
    }

    /**
     * One that refers to what is not to be there: rather to what is not there now, either, than to
     * what would be deleted.
     */
    private static String missing(
            RegisteredKind kind, Column column, RegisteredKind other, boolean ofItsOrganization) {
        return ("SELECT wanted.resource_id AS id, wanted.state ->> '%2$s' AS other FROM %1$s AS wanted"
                        + " WHERE wanted.resource_type = '%3$s' AND wanted.state ->> '%2$s' <> ''"
                        + " AND NOT EXISTS (SELECT FROM %1$s AS named"
                        + " WHERE named.resource_type = '%4$s' AND named.resource_id = wanted.state ->> '%2$s'%7$s)"
                        + " ORDER BY EXISTS (SELECT FROM %5$s AS named"
                        + " WHERE named.%6$s = wanted.state ->> '%2$s'%7$s), id LIMIT 1")
                .formatted(
                        Restoration.WANTED,
                        column,
                        kind.type(),
                        other.type(),
                        other.table(),
                        other.id(),
                        ofItsOrganization
                                ? " AND named.organization_id = wanted.organization_id"
                                : "");
    }

    /**
     * One that would have what another has: rather one that is wanted, too, than one that is there,
     * which lets go of it where all that is not wanted is deleted.
     *
     * @param value of a row of the table
     * @param wantedValue the same of a state
     */
    private static String taken(
            RegisteredKind kind,
            String value,
            String wantedValue,
            String value2,
            String wantedValue2) {
        String wanted =
                "SELECT resource_id AS id, organization_id, %s AS value, %s AS value2, true AS wanted FROM %s"
                                .formatted(wantedValue, wantedValue2, Restoration.WANTED)
                        + " WHERE resource_type = '%s' AND state ->> 'deleted_at' IS NULL"
                                .formatted(kind.type());
        String there =
                "SELECT %1$s, organization_id, %2$s, %3$s, false FROM %4$s"
                                .formatted(kind.id(), value, value2, kind.table())
                        + " WHERE deleted_at IS NULL AND NOT EXISTS (SELECT FROM %1$s AS states"
                                .formatted(Restoration.WANTED)
                        + " WHERE states.resource_type = '%1$s' AND states.resource_id = %2$s)"
                                .formatted(kind.type(), kind.id());
        return "SELECT one.id, another.id AS other, one.value, one.value2 FROM ("
                + wanted
                + ") AS one JOIN ("
                + wanted
                + " UNION ALL "
                + there
                + ") AS another ON another.organization_id = one.organization_id"
                + " AND another.value = one.value AND another.value2 = one.value2"
                + " AND another.id <> one.id ORDER BY another.wanted DESC, one.id LIMIT 1";
    }
}
