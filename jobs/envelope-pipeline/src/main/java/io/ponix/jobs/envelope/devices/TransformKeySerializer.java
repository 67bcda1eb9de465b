package io.ponix.jobs.envelope.devices;

import io.ponix.jobs.envelope.serialization.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** State format of a transform's key. Version 1: its 16 bytes. */
public final class TransformKeySerializer extends VersionedSerializer<TransformKey> {

    /** The one instance. */
    public static final TransformKeySerializer INSTANCE = new TransformKeySerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public TransformKeySerializer() {
        super(TransformKey.class, VERSION_1);
    }

    @Override
    protected void write(TransformKey key, DataOutputView target) throws IOException {
        target.writeLong(key.high());
        target.writeLong(key.low());
    }

    @Override
    protected TransformKey read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        return new TransformKey(source.readLong(), source.readLong());
    }

    @Override
    public TypeSerializerSnapshot<TransformKey> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<TransformKey> {
        /** For Flink. */
        public Snapshot() {
            super(TransformKeySerializer::new);
        }
    }
}
