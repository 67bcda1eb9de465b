package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Carries rows where the sink is not chained to the operator.
 *
 * <p>Version 1: organization id, device id, occurred_at, processed_at (8 bytes each, milliseconds),
 * the JSON, stream, sequence (8 bytes), received_at (8 bytes, milliseconds).
 */
public final class ProcessedRowSerializer extends VersionedSerializer<ProcessedRow> {

    /** The one instance. */
    public static final ProcessedRowSerializer INSTANCE = new ProcessedRowSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public ProcessedRowSerializer() {
        super(ProcessedRow.class, VERSION_1);
    }

    @Override
    protected void write(ProcessedRow row, DataOutputView target) throws IOException {
        DataViews.writeString(row.organizationId, target);
        DataViews.writeString(row.endDeviceId, target);
        target.writeLong(row.occurredAt);
        target.writeLong(row.processedAt);
        DataViews.writeBytes(row.json, 0, row.jsonLength, target);
        DataViews.writeString(row.stream, target);
        target.writeLong(row.streamSequence);
        target.writeLong(row.receivedAt);
    }

    @Override
    protected ProcessedRow read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        ProcessedRow row = new ProcessedRow();
        row.organizationId = DataViews.readString(source);
        row.endDeviceId = DataViews.readString(source);
        row.occurredAt = source.readLong();
        row.processedAt = source.readLong();
        row.json = DataViews.readBytes(source);
        row.jsonLength = row.json.length;
        row.stream = DataViews.readString(source);
        row.streamSequence = source.readLong();
        row.receivedAt = source.readLong();
        return row;
    }

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public ProcessedRow copy(ProcessedRow from) {
        ProcessedRow copy = new ProcessedRow();
        copy.organizationId = from.organizationId;
        copy.endDeviceId = from.endDeviceId;
        copy.occurredAt = from.occurredAt;
        copy.processedAt = from.processedAt;
        copy.json = Arrays.copyOf(from.json, from.jsonLength);
        copy.jsonLength = from.jsonLength;
        copy.stream = from.stream;
        copy.streamSequence = from.streamSequence;
        copy.receivedAt = from.receivedAt;
        return copy;
    }

    @Override
    public TypeSerializerSnapshot<ProcessedRow> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<ProcessedRow> {
        /** For Flink. */
        public Snapshot() {
            super(ProcessedRowSerializer::new);
        }
    }
}
