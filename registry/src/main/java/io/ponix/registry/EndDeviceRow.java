package io.ponix.registry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a row of the table {@code end_devices} says of a device, beside the {@link RowColumns} that
 * every table has.
 *
 * @param payloadConversion its CEL transform, empty if it has none of its own
 * @param definitionId its definition, empty if it has none
 * @param externalId what its senders call it, in {@linkplain
 *     io.ponix.proto.envelope.ExternalId#normal normal form}; empty if it has no such name
 */
public record EndDeviceRow(
        String deviceId,
        String organizationId,
        String name,
        String payloadConversion,
        String definitionId,
        String externalId) {

    /** The table. */
    public static final String TABLE = "end_devices";

    public static final Column DEVICE_ID = Column.of("device_id");
    public static final Column ORGANIZATION_ID = Column.of("organization_id");
    public static final Column NAME = Column.of("name");
    public static final Column PAYLOAD_CONVERSION = Column.of("payload_conversion");
    public static final Column DEFINITION_ID = Column.nullable("definition_id");
    public static final Column EXTERNAL_ID = Column.nullable("external_id");

    /** The gateway that enrolled the device, which is nothing to transforms. */
    public static final Column ENROLLED_BY = Column.nullable("enrolled_by_gateway_id");

    /** The gateway by which the device is heard, likewise. */
    public static final Column GATEWAY_ID = Column.nullable("gateway_id");

    /** The constraint that this gateway is there, deleted or not, and is of the organization. */
    public static final String GATEWAY_CONSTRAINT = "end_devices_gateway";

    /** The constraint that a device's definition exists, and is of the device's organization. */
    public static final String DEFINITION_CONSTRAINT = "end_devices_definition";

    /** The unique index of external ids among an organization's devices that are not deleted. */
    public static final String EXTERNAL_ID_INDEX = "end_devices_by_external_id";

    /** The columns of a device itself. */
    public static final List<Column> COLUMNS =
            List.of(
                    DEVICE_ID,
                    ORGANIZATION_ID,
                    NAME,
                    PAYLOAD_CONVERSION,
                    DEFINITION_ID,
                    EXTERNAL_ID);

    /** Reads a row that has these columns. */
    public static <E extends Exception> EndDeviceRow read(Row<E> row) throws E {
        return new EndDeviceRow(
                row.text(DEVICE_ID),
                row.text(ORGANIZATION_ID),
                row.text(NAME),
                row.text(PAYLOAD_CONVERSION),
                row.text(DEFINITION_ID),
                row.text(EXTERNAL_ID));
    }

    /** What is written to make such a row. */
    public Map<Column, Object> values() {
        Map<Column, Object> values = new LinkedHashMap<>();
        values.put(DEVICE_ID, deviceId);
        values.put(ORGANIZATION_ID, organizationId);
        values.put(NAME, name);
        values.put(PAYLOAD_CONVERSION, payloadConversion);
        values.put(DEFINITION_ID, definitionId);
        values.put(EXTERNAL_ID, externalId);
        return values;
    }
}
