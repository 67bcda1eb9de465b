package io.ponix.jobs.envelope.devices;

import io.ponix.jobs.envelope.serialization.DataViews;
import io.ponix.jobs.envelope.serialization.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * State format of a device.
 *
 * <p>Version 1: organization id, name, row version (8 bytes), flags (1 byte: bit 0 deleted, bit 1
 * has a transform), the transform's key (16 bytes, if it has one).
 *
 * <p>Version 2: as version 1, then the definition's id, which may be absent.
 */
public final class DeviceSerializer extends VersionedSerializer<Device> {

    /** The one instance. */
    public static final DeviceSerializer INSTANCE = new DeviceSerializer();

    static final byte VERSION_1 = 1;
    static final byte VERSION_2 = 2;

    private static final long serialVersionUID = 1L;

    private static final int DELETED = 1;
    private static final int HAS_TRANSFORM = 1 << 1;

    /** For Flink; use {@link #INSTANCE}. */
    public DeviceSerializer() {
        super(Device.class, VERSION_2);
    }

    @Override
    protected void write(Device device, DataOutputView target) throws IOException {
        DataViews.writeString(device.organizationId(), target);
        DataViews.writeString(device.name(), target);
        target.writeLong(device.version());
        TransformKey transform = device.transform();
        target.writeByte(
                (device.deleted() ? DELETED : 0) | (transform != null ? HAS_TRANSFORM : 0));
        if (transform != null) {
            target.writeLong(transform.high());
            target.writeLong(transform.low());
        }
        DataViews.writeString(device.definitionId(), target);
    }

    @Override
    protected Device read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1 && version != VERSION_2) {
            throw unknownVersion(version);
        }
        String organizationId = DataViews.readString(source);
        String name = DataViews.readString(source);
        long rowVersion = source.readLong();
        byte flags = source.readByte();
        TransformKey transform =
                (flags & HAS_TRANSFORM) != 0
                        ? new TransformKey(source.readLong(), source.readLong())
                        : null;
        String definitionId = version == VERSION_1 ? null : DataViews.readString(source);
        return new Device(
                organizationId, name, transform, definitionId, rowVersion, (flags & DELETED) != 0);
    }

    @Override
    public TypeSerializerSnapshot<Device> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Device> {
        /** For Flink. */
        public Snapshot() {
            super(DeviceSerializer::new);
        }
    }
}
