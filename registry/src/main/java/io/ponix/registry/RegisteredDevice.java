package io.ponix.registry;

import io.ponix.proto.end_device.v1.EndDevice;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A row of the table {@code end_devices} with what transforms need not know of it. The service
 * answers with rows and the pipeline announces them, as with {@link GatewayRow}s.
 *
 * @param row what is known of the device itself
 * @param enrolledBy the gateway that enrolled it, empty if it was created
 * @param gatewayId the gateway by which it is heard, as its owner says; empty if nothing is said
 * @param description what is said of it
 * @param deletedAt when the device was deleted, if it was
 * @param revision the version of its last event; 0 in a row that is not written yet
 */
public record RegisteredDevice(
        EndDeviceRow row,
        String enrolledBy,
        String gatewayId,
        Description description,
        Instant createdAt,
        Instant updatedAt,
        Optional<Instant> deletedAt,
        long revision) {

    /** The columns that a row is read of. */
    public static final List<Column> COLUMNS = columns();

    /**
     * Reads a row. One from before there was the column of a name, of a gateway or of what is said
     * of it has none; one without times is from 1970.
     */
    public static <E extends Exception> RegisteredDevice read(Row<E> row) throws E {
        return new RegisteredDevice(
                EndDeviceRow.read(row),
                row.text(EndDeviceRow.ENROLLED_BY),
                row.text(EndDeviceRow.GATEWAY_ID),
                Description.read(row),
                RowTimes.orEpoch(row, RowColumns.CREATED_AT),
                RowTimes.orEpoch(row, RowColumns.UPDATED_AT),
                Optional.ofNullable(row.time(RowColumns.DELETED_AT)),
                Revisions.of(row));
    }

    /** What is written to make such a row of a device that is not deleted. */
    public Map<Column, Object> values() {
        Map<Column, Object> values = row.values();
        values.put(EndDeviceRow.ENROLLED_BY, enrolledBy);
        values.put(EndDeviceRow.GATEWAY_ID, gatewayId);
        description.addTo(values);
        values.put(RowColumns.CREATED_AT, createdAt);
        values.put(RowColumns.UPDATED_AT, updatedAt);
        return values;
    }

    /** The row as a message. */
    public EndDevice toMessage() {
        EndDevice.Builder device =
                EndDevice.newBuilder()
                        .setDeviceId(row.deviceId())
                        .setOrganizationId(row.organizationId())
                        .setName(row.name())
                        .setPayloadConversion(row.payloadConversion())
                        .setDefinitionId(row.definitionId())
                        .setExternalId(row.externalId())
                        .setEnrolledByGatewayId(enrolledBy)
                        .setGatewayId(gatewayId)
                        .setDescription(description.text())
                        .putAllLabels(description.labels())
                        .setCreatedAt(RowTimes.timestamp(createdAt))
                        .setUpdatedAt(RowTimes.timestamp(updatedAt))
                        .setEtag(Revisions.etag(revision));
        deletedAt.map(RowTimes::timestamp).ifPresent(device::setDeletedAt);
        return device.build();
    }

    private static List<Column> columns() {
        List<Column> columns = new ArrayList<>(EndDeviceRow.COLUMNS);
        columns.add(EndDeviceRow.ENROLLED_BY);
        columns.add(EndDeviceRow.GATEWAY_ID);
        columns.addAll(Description.COLUMNS);
        columns.add(RowColumns.CREATED_AT);
        columns.add(RowColumns.UPDATED_AT);
        columns.add(RowColumns.DELETED_AT);
        columns.add(RowColumns.REVISION);
        return List.copyOf(columns);
    }
}
