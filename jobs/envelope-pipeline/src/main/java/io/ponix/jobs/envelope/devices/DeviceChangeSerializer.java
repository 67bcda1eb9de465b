package io.ponix.jobs.envelope.devices;

import io.ponix.jobs.envelope.devices.DeviceChange.DefinitionUpserted;
import io.ponix.jobs.envelope.devices.DeviceChange.DeviceUpserted;
import io.ponix.jobs.envelope.devices.DeviceChange.OrganizationUpserted;
import io.ponix.jobs.envelope.devices.DeviceChange.Published;
import io.ponix.jobs.envelope.devices.DeviceChange.Removed;
import io.ponix.jobs.envelope.devices.DeviceChange.Truncated;
import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.registry.EndDeviceRow;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Carries changes to every instance of the transform operator, and inside unaligned checkpoints.
 *
 * <p>Version 1: kind (1 byte), id, organization id, name, payload conversion, version (8 bytes),
 * deleted (1 byte). What a kind does not have is empty, 0, or false where nothing is removed.
 *
 * <p>Version 2: as version 1, then definition id, contracts.
 *
 * <p>Version 3: as version 2, then external id.
 *
 * <p>Version 4: as version 3, then the definition's file descriptor set.
 */
public final class DeviceChangeSerializer extends VersionedSerializer<DeviceChange> {

    /** The one instance. */
    public static final DeviceChangeSerializer INSTANCE = new DeviceChangeSerializer();

    static final byte VERSION_1 = 1;
    static final byte VERSION_2 = 2;
    static final byte VERSION_3 = 3;
    static final byte VERSION_4 = 4;

    // The numbers that stand for kinds; never reused.
    private static final byte DEVICE_UPSERTED = 1;
    private static final byte DEVICE_REMOVED = 2;
    private static final byte DEVICES_TRUNCATED = 3;
    private static final byte ORGANIZATION_UPSERTED = 4;
    private static final byte ORGANIZATION_REMOVED = 5;
    private static final byte ORGANIZATIONS_TRUNCATED = 6;
    private static final byte DEFINITION_UPSERTED = 7;
    private static final byte DEFINITION_REMOVED = 8;
    private static final byte DEFINITIONS_TRUNCATED = 9;
    private static final byte PUBLISHED = 10;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public DeviceChangeSerializer() {
        super(DeviceChange.class, VERSION_4);
    }

    /** What the versions so far hold of any change. */
    private record Fields(
            byte kind,
            String id,
            String organizationId,
            String name,
            String payloadConversion,
            long version,
            boolean deleted,
            String definitionId,
            String contracts,
            String externalId,
            String fileDescriptorSet) {

        static Fields ofRemoval(byte kind, String id, long version) {
            return new Fields(kind, id, "", "", "", version, true, "", "", "", "");
        }
    }

    @Override
    protected void write(DeviceChange change, DataOutputView target) throws IOException {
        change.tell(new Writer(target));
    }

    private record Writer(DataOutputView target) implements DeviceChange.Listener<IOException> {

        @Override
        public void on(DeviceUpserted change) throws IOException {
            EndDeviceRow row = change.row();
            write(
                    new Fields(
                            DEVICE_UPSERTED,
                            row.deviceId(),
                            row.organizationId(),
                            row.name(),
                            row.payloadConversion(),
                            change.version(),
                            change.deleted(),
                            row.definitionId(),
                            "",
                            row.externalId(),
                            ""));
        }

        @Override
        public void on(DefinitionUpserted change) throws IOException {
            write(
                    new Fields(
                            DEFINITION_UPSERTED,
                            change.id(),
                            "",
                            change.name(),
                            "",
                            change.version(),
                            false,
                            "",
                            change.contracts(),
                            "",
                            change.fileDescriptorSet()));
        }

        @Override
        public void on(OrganizationUpserted change) throws IOException {
            write(
                    new Fields(
                            ORGANIZATION_UPSERTED,
                            change.id(),
                            "",
                            "",
                            "",
                            change.version(),
                            change.deleted(),
                            "",
                            "",
                            "",
                            ""));
        }

        @Override
        public void on(Removed change) throws IOException {
            byte kind =
                    switch (change.table()) {
                        case DEVICES -> DEVICE_REMOVED;
                        case DEFINITIONS -> DEFINITION_REMOVED;
                        case ORGANIZATIONS -> ORGANIZATION_REMOVED;
                    };
            write(Fields.ofRemoval(kind, change.id(), change.version()));
        }

        @Override
        public void on(Truncated change) throws IOException {
            byte kind =
                    switch (change.table()) {
                        case DEVICES -> DEVICES_TRUNCATED;
                        case DEFINITIONS -> DEFINITIONS_TRUNCATED;
                        case ORGANIZATIONS -> ORGANIZATIONS_TRUNCATED;
                    };
            write(Fields.ofRemoval(kind, "", 0));
        }

        @Override
        public void on(Published change) throws IOException {
            write(
                    new Fields(
                            PUBLISHED, change.publication(), "", "", "", 0, false, "", "", "", ""));
        }

        private void write(Fields fields) throws IOException {
            target.writeByte(fields.kind);
            DataViews.writeString(fields.id, target);
            DataViews.writeString(fields.organizationId, target);
            DataViews.writeString(fields.name, target);
            DataViews.writeString(fields.payloadConversion, target);
            target.writeLong(fields.version);
            target.writeBoolean(fields.deleted);
            DataViews.writeString(fields.definitionId, target);
            DataViews.writeString(fields.contracts, target);
            DataViews.writeString(fields.externalId, target);
            DataViews.writeString(fields.fileDescriptorSet, target);
        }
    }

    @Override
    protected DeviceChange read(byte version, DataInputView source) throws IOException {
        if (version < VERSION_1 || version > VERSION_4) {
            throw unknownVersion(version);
        }
        boolean hasDefinition = version >= VERSION_2;
        boolean hasExternalId = version >= VERSION_3;
        boolean hasMessages = version >= VERSION_4;
        return change(
                new Fields(
                        source.readByte(),
                        DataViews.readString(source),
                        DataViews.readString(source),
                        DataViews.readString(source),
                        DataViews.readString(source),
                        source.readLong(),
                        source.readBoolean(),
                        hasDefinition ? DataViews.readString(source) : "",
                        hasDefinition ? DataViews.readString(source) : "",
                        hasExternalId ? DataViews.readString(source) : "",
                        hasMessages ? DataViews.readString(source) : ""));
    }

    private static DeviceChange change(Fields fields) throws IOException {
        return switch (fields.kind) {
            case DEVICE_UPSERTED ->
                    new DeviceUpserted(
                            new EndDeviceRow(
                                    fields.id,
                                    fields.organizationId,
                                    fields.name,
                                    fields.payloadConversion,
                                    fields.definitionId,
                                    fields.externalId),
                            fields.version,
                            fields.deleted);
            case DEFINITION_UPSERTED ->
                    new DefinitionUpserted(
                            fields.id,
                            fields.name,
                            fields.contracts,
                            fields.fileDescriptorSet,
                            fields.version);
            case ORGANIZATION_UPSERTED ->
                    new OrganizationUpserted(fields.id, fields.version, fields.deleted);
            case DEVICE_REMOVED -> removed(RegistryTable.DEVICES, fields);
            case DEFINITION_REMOVED -> removed(RegistryTable.DEFINITIONS, fields);
            case ORGANIZATION_REMOVED -> removed(RegistryTable.ORGANIZATIONS, fields);
            case DEVICES_TRUNCATED -> new Truncated(RegistryTable.DEVICES);
            case DEFINITIONS_TRUNCATED -> new Truncated(RegistryTable.DEFINITIONS);
            case ORGANIZATIONS_TRUNCATED -> new Truncated(RegistryTable.ORGANIZATIONS);
            case PUBLISHED -> new Published(fields.id);
            default -> throw new IOException("No kind of change has the code " + fields.kind);
        };
    }

    private static Removed removed(RegistryTable table, Fields fields) {
        return new Removed(table, fields.id, fields.version);
    }

    @Override
    public TypeSerializerSnapshot<DeviceChange> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<DeviceChange> {
        /** For Flink. */
        public Snapshot() {
            super(DeviceChangeSerializer::new);
        }
    }
}
