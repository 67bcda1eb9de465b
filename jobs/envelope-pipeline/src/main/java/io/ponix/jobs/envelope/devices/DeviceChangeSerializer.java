package io.ponix.jobs.envelope.devices;

import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Carries changes to every instance of the transform operator, and inside unaligned checkpoints.
 *
 * <p>Version 1: kind (1 byte), id, organization id, name, payload conversion, version (8 bytes),
 * deleted (1 byte).
 *
 * <p>Version 2: as version 1, then definition id, contracts.
 */
public final class DeviceChangeSerializer extends VersionedSerializer<DeviceChange> {

    /** The one instance. */
    public static final DeviceChangeSerializer INSTANCE = new DeviceChangeSerializer();

    static final byte VERSION_1 = 1;
    static final byte VERSION_2 = 2;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public DeviceChangeSerializer() {
        super(DeviceChange.class, VERSION_2);
    }

    @Override
    protected void write(DeviceChange change, DataOutputView target) throws IOException {
        target.writeByte(change.kind().code());
        DataViews.writeString(change.id(), target);
        DataViews.writeString(change.organizationId(), target);
        DataViews.writeString(change.name(), target);
        DataViews.writeString(change.payloadConversion(), target);
        target.writeLong(change.version());
        target.writeBoolean(change.deleted());
        DataViews.writeString(change.definitionId(), target);
        DataViews.writeString(change.contracts(), target);
    }

    @Override
    protected DeviceChange read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1 && version != VERSION_2) {
            throw unknownVersion(version);
        }
        DeviceChange.Kind kind = DeviceChange.Kind.ofCode(source.readByte());
        String id = DataViews.readString(source);
        String organizationId = DataViews.readString(source);
        String name = DataViews.readString(source);
        String payloadConversion = DataViews.readString(source);
        long rowVersion = source.readLong();
        boolean deleted = source.readBoolean();
        boolean hasDefinition = version != VERSION_1;
        return new DeviceChange(
                kind,
                id,
                organizationId,
                name,
                payloadConversion,
                hasDefinition ? DataViews.readString(source) : "",
                hasDefinition ? DataViews.readString(source) : "",
                rowVersion,
                deleted);
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
