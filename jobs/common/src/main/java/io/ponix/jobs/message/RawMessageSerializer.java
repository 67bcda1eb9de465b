package io.ponix.jobs.message;

import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Writes a message as it is.
 *
 * <p>Version 1: stream, sequence (8 bytes), subject, received_at in milliseconds (8 bytes), the
 * bytes.
 */
public final class RawMessageSerializer extends VersionedSerializer<RawMessage> {

    /** The one instance. */
    public static final RawMessageSerializer INSTANCE = new RawMessageSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public RawMessageSerializer() {
        super(RawMessage.class, VERSION_1);
    }

    @Override
    protected void write(RawMessage message, DataOutputView target) throws IOException {
        DataViews.writeString(message.stream(), target);
        target.writeLong(message.sequence());
        DataViews.writeString(message.subject(), target);
        target.writeLong(message.receivedAt());
        DataViews.writeBytes(message.data(), target);
    }

    @Override
    protected RawMessage read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        return new RawMessage(
                DataViews.readString(source),
                source.readLong(),
                DataViews.readString(source),
                source.readLong(),
                DataViews.readBytes(source));
    }

    @Override
    public TypeSerializerSnapshot<RawMessage> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints: this class keeps its name for ever. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<RawMessage> {
        /** For Flink. */
        public Snapshot() {
            super(RawMessageSerializer::new);
        }
    }
}
