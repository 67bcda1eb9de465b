package io.ponix.deviceservice.enddevice;

import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.gateway.ActiveGateway;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.Description;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.GatewayRow;
import io.ponix.registry.RegisteredDevice;
import io.ponix.registry.Row;
import io.ponix.registry.RowColumns;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Makes devices of external ids that a gateway heard and nobody has registered.
 *
 * <p><b>Guarantee.</b> However many callers ask for an external id at once, one device of the
 * organization has it, and all of them are told which. A gateway enrols within any hour no more
 * devices than it may: those who would count at the same time wait for one another.
 */
final class Enrolment {

    private static final Duration COUNTED = Duration.ofHours(1);

    private static final String GATEWAY =
            "SELECT "
                    + GatewayRow.ORGANIZATION_ID
                    + ", "
                    + GatewayRow.ENROLMENT_DEFINITION_ID
                    + ", "
                    + GatewayRow.ENROLMENTS_PER_HOUR
                    + " FROM "
                    + GatewayRow.TABLE
                    + " WHERE "
                    + GatewayRow.GATEWAY_ID
                    + " = ? AND ? IN ('', "
                    + GatewayRow.ORGANIZATION_ID
                    + ") AND "
                    + RowColumns.DELETED_AT
                    + " IS NULL";

    private static final String COUNT =
            "SELECT "
                    + EndDeviceRow.DEVICE_ID
                    + " FROM "
                    + EndDeviceRow.TABLE
                    + " WHERE "
                    + EndDeviceRow.ENROLLED_BY
                    + " = ? AND "
                    + EndDeviceRow.ORGANIZATION_ID
                    + " = ? AND "
                    + RowColumns.CREATED_AT
                    + " > ? LIMIT ?";

    private Enrolment() {}

    /**
     * The device that has the external id.
     *
     * @param created whether it was made now
     */
    record Enrolled(RegisteredDevice device, boolean created) {}

    /** What a gateway asks for. */
    private record Request(String organizationId, String definitionId, long perHour) {

        static Request read(Row<SQLException> row) throws SQLException {
            return new Request(
                    row.text(GatewayRow.ORGANIZATION_ID),
                    row.text(GatewayRow.ENROLMENT_DEFINITION_ID),
                    row.number(GatewayRow.ENROLMENTS_PER_HOUR));
        }
    }

    /**
     * Returns the device of the gateway's organization that has the external id, and makes one if
     * there is none.
     *
     * @param organizationId of which the gateway has to be; empty: of any
     * @param externalId in normal form
     * @param deviceId of the device, if it is made
     * @throws RequestException NOT_FOUND when there is no such gateway, FAILED_PRECONDITION when it
     *     does not ask for it or its organization is deleted, RESOURCE_EXHAUSTED when it has
     *     enrolled as many as it may
     */
    static Enrolled enrol(
            Connection connection,
            String gatewayId,
            String organizationId,
            String externalId,
            String deviceId,
            Instant now)
            throws SQLException {
        // Most that are asked for are known: nobody waits for them.
        Request request = request(connection, gatewayId, organizationId, "");
        Optional<RegisteredDevice> known =
                EndDeviceRepository.find(connection, request.organizationId(), externalId);
        if (known.isPresent()) {
            return new Enrolled(known.get(), false);
        }
        return make(connection, gatewayId, organizationId, externalId, deviceId, now);
    }

    private static Enrolled make(
            Connection connection,
            String gatewayId,
            String organizationId,
            String externalId,
            String deviceId,
            Instant now)
            throws SQLException {
        // Who deletes a definition looks at the gateways that name it, and does not wait for this.
        Request request = request(connection, gatewayId, organizationId, " FOR NO KEY UPDATE");
        ActiveOrganization.require(connection, request.organizationId(), "device");
        RegisteredDevice device =
                new RegisteredDevice(
                        new EndDeviceRow(
                                deviceId,
                                request.organizationId(),
                                externalId,
                                "",
                                request.definitionId(),
                                externalId),
                        gatewayId,
                        "",
                        Description.NONE,
                        now,
                        now,
                        Optional.empty(),
                        0);
        Optional<RegisteredDevice> known =
                EndDeviceRepository.find(connection, request.organizationId(), externalId);
        if (known.isPresent()) {
            return new Enrolled(known.get(), false);
        }
        long enrolled =
                Sql.query(
                                connection,
                                row -> row.text(EndDeviceRow.DEVICE_ID),
                                COUNT,
                                gatewayId,
                                request.organizationId(),
                                now.minus(COUNTED),
                                request.perHour())
                        .size();
        if (enrolled >= request.perHour()) {
            throw RequestException.resourceExhausted(
                            "Gateway "
                                    + gatewayId
                                    + " has enrolled "
                                    + enrolled
                                    + " devices within the last hour, as many as it may"
                                    + " (enrolment.devices_per_hour)",
                            null)
                    .because("TOO_MANY_ENROLMENTS", Map.of("gateway_id", gatewayId));
        }
        // Somebody may create it at the same time, by CreateEndDevice.
        Optional<RegisteredDevice> added = EndDeviceRepository.addUnlessThere(connection, device);
        if (added.isPresent()) {
            return new Enrolled(added.get(), true);
        }
        return EndDeviceRepository.find(connection, request.organizationId(), externalId)
                .map(other -> new Enrolled(other, false))
                .orElseThrow(
                        () ->
                                RequestException.aborted(
                                        "The device was deleted at the same time: call again",
                                        null));
    }

    private static Request request(
            Connection connection, String gatewayId, String organizationId, String locked)
            throws SQLException {
        Request request =
                Sql.query(connection, Request::read, GATEWAY + locked, gatewayId, organizationId)
                        .stream()
                        .findFirst()
                        .orElseThrow(() -> ActiveGateway.notFound(gatewayId));
        if (request.definitionId().isEmpty()) {
            throw RequestException.failedPrecondition(
                            "Gateway "
                                    + gatewayId
                                    + " enrols no devices: give it an enrolment with a definition by"
                                    + " UpdateGateway")
                    .because("NO_ENROLMENT", Map.of("gateway_id", gatewayId));
        }
        return request;
    }
}
