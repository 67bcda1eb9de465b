package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Carries rows where the sink is not chained to the operator.
 *
 * <p>Version 3: organization id, device id, processed_at (8 bytes, milliseconds), stream, sequence
 * (8 bytes), received_at (8 bytes, milliseconds), definition id, contract index (4 bytes), version
 * of the transform (8 bytes), the number of warnings (4 bytes) and each of them, the number of the
 * envelope's rows (4 bytes), the number of rows that follow (4 bytes), and for each of them its
 * index (4 bytes), occurred_at (8 bytes, milliseconds) and JSON.
 *
 * <p>Version 2 knew not what had made the rows: it lacks definition id to warnings.
 *
 * <p>Version 1, of one row: organization id, device id, occurred_at, processed_at (8 bytes each,
 * milliseconds), the JSON, stream, sequence (8 bytes), received_at (8 bytes, milliseconds).
 */
public final class EnvelopeRowsSerializer extends VersionedSerializer<EnvelopeRows> {

    /** The one instance. */
    public static final EnvelopeRowsSerializer INSTANCE = new EnvelopeRowsSerializer();

    static final byte VERSION_1 = 1;
    static final byte VERSION_2 = 2;
    static final byte VERSION_3 = 3;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public EnvelopeRowsSerializer() {
        super(EnvelopeRows.class, VERSION_3);
    }

    @Override
    protected void write(EnvelopeRows rows, DataOutputView target) throws IOException {
        DataViews.writeString(rows.organizationId, target);
        DataViews.writeString(rows.endDeviceId, target);
        target.writeLong(rows.processedAt);
        DataViews.writeString(rows.stream, target);
        target.writeLong(rows.streamSequence);
        target.writeLong(rows.receivedAt);
        DataViews.writeString(rows.definitionId, target);
        target.writeInt(rows.contractIndex);
        target.writeLong(rows.transformVersion);
        target.writeInt(rows.warnings.size());
        for (String warning : rows.warnings) {
            DataViews.writeString(warning, target);
        }
        target.writeInt(rows.rowsOfEnvelope);
        target.writeInt(rows.rowCount());
        for (int row = 0; row < rows.rowCount(); row++) {
            target.writeInt(rows.index(row));
            target.writeLong(rows.occurredAt(row));
            DataViews.writeBytes(rows.json, rows.jsonStart(row), rows.jsonLength(row), target);
        }
    }

    @Override
    protected EnvelopeRows read(byte version, DataInputView source) throws IOException {
        return switch (version) {
            case VERSION_1 -> readOne(source);
            case VERSION_2, VERSION_3 -> readSeveral(version, source);
            default -> throw unknownVersion(version);
        };
    }

    private static EnvelopeRows readOne(DataInputView source) throws IOException {
        EnvelopeRows rows = new EnvelopeRows();
        rows.organizationId = DataViews.readString(source);
        rows.endDeviceId = DataViews.readString(source);
        long occurredAt = source.readLong();
        rows.processedAt = source.readLong();
        rows.json = DataViews.readBytes(source);
        rows.stream = DataViews.readString(source);
        rows.streamSequence = source.readLong();
        rows.receivedAt = source.readLong();
        rows.rowsOfEnvelope = 1;
        rows.clear(1);
        rows.add(0, occurredAt, 0, rows.json.length);
        return rows;
    }

    private static EnvelopeRows readSeveral(byte version, DataInputView source) throws IOException {
        EnvelopeRows rows = new EnvelopeRows();
        rows.organizationId = DataViews.readString(source);
        rows.endDeviceId = DataViews.readString(source);
        rows.processedAt = source.readLong();
        rows.stream = DataViews.readString(source);
        rows.streamSequence = source.readLong();
        rows.receivedAt = source.readLong();
        if (version >= VERSION_3) {
            rows.definitionId = DataViews.readString(source);
            rows.contractIndex = source.readInt();
            rows.transformVersion = source.readLong();
            rows.warnings = readWarnings(source);
        }
        rows.rowsOfEnvelope = source.readInt();
        int count = source.readInt();
        rows.clear(count);
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        for (int row = 0; row < count; row++) {
            int index = source.readInt();
            long occurredAt = source.readLong();
            int start = json.size();
            json.writeBytes(DataViews.readBytes(source));
            rows.add(index, occurredAt, start, json.size());
        }
        rows.json = json.toByteArray();
        return rows;
    }

    private static List<String> readWarnings(DataInputView source) throws IOException {
        int count = source.readInt();
        List<String> warnings = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            warnings.add(DataViews.readString(source));
        }
        return List.copyOf(warnings);
    }

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public EnvelopeRows copy(EnvelopeRows from) {
        return from.copy();
    }

    @Override
    public TypeSerializerSnapshot<EnvelopeRows> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<EnvelopeRows> {
        /** For Flink. */
        public Snapshot() {
            super(EnvelopeRowsSerializer::new);
        }
    }
}
