package io.ponix.jobs.envelope.devices;

import io.ponix.jobs.envelope.serialization.DataViews;
import io.ponix.jobs.envelope.serialization.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * State format of a definition. Version 1: name, the key of its contracts (16 bytes), row version
 * (8 bytes).
 */
public final class DefinitionSerializer extends VersionedSerializer<Definition> {

    /** The one instance. */
    public static final DefinitionSerializer INSTANCE = new DefinitionSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public DefinitionSerializer() {
        super(Definition.class, VERSION_1);
    }

    @Override
    protected void write(Definition definition, DataOutputView target) throws IOException {
        DataViews.writeString(definition.name(), target);
        target.writeLong(definition.contracts().high());
        target.writeLong(definition.contracts().low());
        target.writeLong(definition.version());
    }

    @Override
    protected Definition read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        String name = DataViews.readString(source);
        TransformKey contracts = new TransformKey(source.readLong(), source.readLong());
        return new Definition(name, contracts, source.readLong());
    }

    @Override
    public TypeSerializerSnapshot<Definition> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Definition> {
        /** For Flink. */
        public Snapshot() {
            super(DefinitionSerializer::new);
        }
    }
}
