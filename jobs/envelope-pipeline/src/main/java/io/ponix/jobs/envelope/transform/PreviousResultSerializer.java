package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.transforms.PreviousResult;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Keeps what the last envelope of a device became.
 *
 * <p>Version 1: the JSON, occurred_at (seconds since 1970 in 8 bytes, nanoseconds in 4), the port
 * (8 bytes).
 */
public final class PreviousResultSerializer extends VersionedSerializer<PreviousResult> {

    /** The one instance. */
    public static final PreviousResultSerializer INSTANCE = new PreviousResultSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public PreviousResultSerializer() {
        super(PreviousResult.class, VERSION_1);
    }

    @Override
    protected void write(PreviousResult result, DataOutputView target) throws IOException {
        DataViews.writeBytes(result.json(), target);
        target.writeLong(result.occurredAtSeconds());
        target.writeInt(result.occurredAtNanos());
        target.writeLong(result.fPort());
    }

    @Override
    protected PreviousResult read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        return new PreviousResult(
                DataViews.readBytes(source),
                source.readLong(),
                source.readInt(),
                source.readLong());
    }

    @Override
    public TypeSerializerSnapshot<PreviousResult> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints: this class keeps its name for ever. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<PreviousResult> {
        /** For Flink. */
        public Snapshot() {
            super(PreviousResultSerializer::new);
        }
    }
}
