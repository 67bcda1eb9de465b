package io.ponix.jobs.envelope.devices;

import io.ponix.connector.postgres.cdc.source.PostgresChange;
import io.ponix.connector.postgres.cdc.source.PostgresChangeDeserializer;
import io.ponix.jobs.envelope.changes.ChangedColumns;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;

/**
 * Reads the changes of the tables {@code end_devices}, {@code end_device_definitions} and {@code
 * organizations}; those of all other published tables are passed over.
 */
public final class DeviceChangeDeserializer implements PostgresChangeDeserializer<DeviceChange> {

    private static final long serialVersionUID = 1L;

    /** For Flink's type system only; the class has no state. */
    public DeviceChangeDeserializer() {}

    @Override
    public void deserialize(PostgresChange change, Collector<DeviceChange> out) {
        switch (change.table()) {
            case DeviceTables.DEVICES -> out.collect(deviceChange(change));
            case DeviceTables.DEFINITIONS -> out.collect(definitionChange(change));
            case DeviceTables.ORGANIZATIONS -> out.collect(organizationChange(change));
            default -> {
                // Published for others.
            }
        }
    }

    private static DeviceChange deviceChange(PostgresChange change) {
        return switch (change.operation()) {
            case INSERT, UPDATE -> {
                Struct row = change.after();
                yield DeviceChange.deviceUpserted(
                        row.getString(DeviceTables.DEVICE_ID),
                        row.getString(DeviceTables.ORGANIZATION_ID),
                        row.getString(DeviceTables.NAME),
                        ChangedColumns.newText(change, DeviceTables.PAYLOAD_CONVERSION),
                        ChangedColumns.newText(change, DeviceTables.DEFINITION_ID),
                        row.getInt64(DeviceTables.VERSION),
                        isDeleted(row));
            }
            case DELETE -> {
                Struct row = change.before();
                yield DeviceChange.deviceRemoved(
                        row.getString(DeviceTables.DEVICE_ID), version(row));
            }
            case TRUNCATE -> DeviceChange.devicesTruncated();
        };
    }

    private static DeviceChange organizationChange(PostgresChange change) {
        return switch (change.operation()) {
            case INSERT, UPDATE -> {
                Struct row = change.after();
                yield DeviceChange.organizationUpserted(
                        row.getString(DeviceTables.ID),
                        row.getInt64(DeviceTables.VERSION),
                        isDeleted(row));
            }
            case DELETE -> {
                Struct row = change.before();
                yield DeviceChange.organizationRemoved(
                        row.getString(DeviceTables.ID), version(row));
            }
            case TRUNCATE -> DeviceChange.organizationsTruncated();
        };
    }

    private static DeviceChange definitionChange(PostgresChange change) {
        return switch (change.operation()) {
            case INSERT, UPDATE -> {
                Struct row = change.after();
                yield DeviceChange.definitionUpserted(
                        row.getString(DeviceTables.ID),
                        row.getString(DeviceTables.NAME),
                        ChangedColumns.newText(change, DeviceTables.CONTRACTS),
                        row.getInt64(DeviceTables.VERSION));
            }
            case DELETE -> {
                Struct row = change.before();
                yield DeviceChange.definitionRemoved(row.getString(DeviceTables.ID), version(row));
            }
            case TRUNCATE -> DeviceChange.definitionsTruncated();
        };
    }

    private static boolean isDeleted(Struct row) {
        Field field = row.schema().field(DeviceTables.DELETED_AT);
        return field != null && row.get(field) != null;
    }

    private static long version(Struct removed) {
        return ChangedColumns.removedVersion(removed, DeviceTables.VERSION);
    }

    @Override
    public TypeInformation<DeviceChange> getProducedType() {
        return DeviceChange.TYPE;
    }
}
