package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.Definition;
import io.ponix.jobs.envelope.devices.Device;
import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Carries envelopes to the operator that decodes a device's one after another.
 *
 * <p>Version 1: the message as {@link RawMessageSerializer} writes it, the device's id, its
 * organization's and its name, whether a definition follows (1 byte) and then its id and name, the
 * version of the row that the text is of (8 bytes), the text's key (16 bytes), the text, whether
 * all is stored (1 byte), the number of stored rows (4 bytes) and their indexes (4 bytes each).
 */
public final class KnownEnvelopeSerializer extends VersionedSerializer<KnownEnvelope> {

    /** The one instance. */
    public static final KnownEnvelopeSerializer INSTANCE = new KnownEnvelopeSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public KnownEnvelopeSerializer() {
        super(KnownEnvelope.class, VERSION_1);
    }

    @Override
    protected void write(KnownEnvelope envelope, DataOutputView target) throws IOException {
        RawMessageSerializer.INSTANCE.serialize(envelope.message(), target);
        Device device = envelope.device();
        DataViews.writeString(device.id(), target);
        DataViews.writeString(device.organizationId(), target);
        DataViews.writeString(device.name(), target);
        Definition definition = envelope.definition();
        target.writeBoolean(definition != null);
        if (definition != null) {
            DataViews.writeString(device.definitionId(), target);
            DataViews.writeString(definition.name(), target);
        }
        target.writeLong(definition == null ? device.version() : definition.version());
        target.writeLong(envelope.key().high());
        target.writeLong(envelope.key().low());
        DataViews.writeBytes(envelope.text(), target);
        target.writeBoolean(envelope.isStored());
        target.writeInt(envelope.storedRows().size());
        // In their order, so that what is the same is written as the same.
        for (int row :
                envelope.storedRows().stream().mapToInt(Integer::intValue).sorted().toArray()) {
            target.writeInt(row);
        }
    }

    @Override
    protected KnownEnvelope read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        RawMessage message = RawMessageSerializer.INSTANCE.deserialize(source);
        String id = DataViews.readString(source);
        String organization = DataViews.readString(source);
        String name = DataViews.readString(source);
        boolean hasDefinition = source.readBoolean();
        String definitionId = hasDefinition ? DataViews.readString(source) : null;
        String definitionName = hasDefinition ? DataViews.readString(source) : null;
        long rowVersion = source.readLong();
        TransformKey key = new TransformKey(source.readLong(), source.readLong());
        return new KnownEnvelope(
                message,
                new Device(
                        id,
                        organization,
                        name,
                        hasDefinition ? null : key,
                        definitionId,
                        null,
                        hasDefinition ? 0 : rowVersion,
                        false),
                hasDefinition ? new Definition(definitionName, key, rowVersion) : null,
                DataViews.readBytes(source),
                source.readBoolean(),
                readRows(source));
    }

    private static Set<Integer> readRows(DataInputView source) throws IOException {
        int count = source.readInt();
        if (count == 0) {
            return Set.of();
        }
        Set<Integer> rows = new HashSet<>();
        for (int i = 0; i < count; i++) {
            rows.add(source.readInt());
        }
        return rows;
    }

    @Override
    public TypeSerializerSnapshot<KnownEnvelope> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints: this class keeps its name for ever. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<KnownEnvelope> {
        /** For Flink. */
        public Snapshot() {
            super(KnownEnvelopeSerializer::new);
        }
    }
}
