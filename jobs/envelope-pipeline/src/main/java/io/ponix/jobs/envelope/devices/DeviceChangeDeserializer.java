package io.ponix.jobs.envelope.devices;

import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import io.ponix.connector.postgres.cdc.source.PostgresChange;
import io.ponix.connector.postgres.cdc.source.PostgresChangeDeserializer;
import io.ponix.jobs.envelope.changes.ChangedColumns;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;
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
            case DeviceTables.DEVICES -> deviceChange(change).ifPresent(out::collect);
            case DeviceTables.DEFINITIONS -> definitionChange(change).ifPresent(out::collect);
            case DeviceTables.ORGANIZATIONS -> organizationChange(change).ifPresent(out::collect);
            default -> {
                // Published for others.
            }
        }
    }

    private static Optional<DeviceChange> deviceChange(PostgresChange change) {
        return switch (change.operation()) {
            case INSERT, UPDATE ->
                    newRow(change, DeviceTables.PUBLISHED_DEVICES)
                            .map(
                                    row ->
                                            DeviceChange.deviceUpserted(
                                                    row.getString(DeviceTables.DEVICE_ID),
                                                    row.getString(DeviceTables.ORGANIZATION_ID),
                                                    row.getString(DeviceTables.NAME),
                                                    ChangedColumns.newText(
                                                            change,
                                                            DeviceTables.PAYLOAD_CONVERSION),
                                                    ChangedColumns.newText(
                                                            change, DeviceTables.DEFINITION_ID),
                                                    row.getInt64(DeviceTables.VERSION),
                                                    isDeleted(row)));
            case DELETE -> removed(change, DeviceTables.DEVICE_ID, DeviceChange::deviceRemoved);
            case TRUNCATE -> Optional.of(DeviceChange.devicesTruncated());
        };
    }

    private static Optional<DeviceChange> organizationChange(PostgresChange change) {
        return switch (change.operation()) {
            case INSERT, UPDATE ->
                    newRow(change, DeviceTables.PUBLISHED_ORGANIZATIONS)
                            .map(
                                    row ->
                                            DeviceChange.organizationUpserted(
                                                    row.getString(DeviceTables.ID),
                                                    row.getInt64(DeviceTables.VERSION),
                                                    isDeleted(row)));
            case DELETE -> removed(change, DeviceTables.ID, DeviceChange::organizationRemoved);
            case TRUNCATE -> Optional.of(DeviceChange.organizationsTruncated());
        };
    }

    private static Optional<DeviceChange> definitionChange(PostgresChange change) {
        return switch (change.operation()) {
            case INSERT, UPDATE ->
                    newRow(change, DeviceTables.PUBLISHED_DEFINITIONS)
                            .map(
                                    row ->
                                            DeviceChange.definitionUpserted(
                                                    row.getString(DeviceTables.ID),
                                                    row.getString(DeviceTables.NAME),
                                                    ChangedColumns.newText(
                                                            change, DeviceTables.CONTRACTS),
                                                    row.getInt64(DeviceTables.VERSION)));
            case DELETE -> removed(change, DeviceTables.ID, DeviceChange::definitionRemoved);
            case TRUNCATE -> Optional.of(DeviceChange.definitionsTruncated());
        };
    }

    /**
     * The new row; empty if it lacks a column. Either it is from before there was the column, and
     * so in what was loaded; or the publication leaves the column out, and everything is read again
     * once it does not.
     */
    private static Optional<Struct> newRow(PostgresChange change, PublishedTable table) {
        return Optional.of(change.after())
                .filter(row -> ChangedColumns.hasAll(row, table.columns()));
    }

    /** Empty where the table's replica identity leaves out the id, which is another such case. */
    private static Optional<DeviceChange> removed(
            PostgresChange change,
            String idColumn,
            BiFunction<String, Long, DeviceChange> removal) {
        Struct row = change.before();
        String id = ChangedColumns.text(row, idColumn);
        return id.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        removal.apply(
                                id, ChangedColumns.removedVersion(row, DeviceTables.VERSION)));
    }

    private static boolean isDeleted(Struct row) {
        return row.get(DeviceTables.DELETED_AT) != null;
    }

    @Override
    public void published(PublicationState state, Collector<DeviceChange> out) {
        out.collect(DeviceChange.published(state.fingerprint()));
    }

    @Override
    public TypeInformation<DeviceChange> getProducedType() {
        return DeviceChange.TYPE;
    }
}
