package io.ponix.jobs.sessions.assembly;

import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Carries rows where a sink is not chained to the operator.
 *
 * <p>Version 1: the components in their order; a time as seconds (8 bytes) and nanoseconds (4
 * bytes) behind a byte that says whether it is there, a number of any length as text.
 */
final class SessionRowSerializer extends VersionedSerializer<SessionRow> {

    static final SessionRowSerializer INSTANCE = new SessionRowSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    SessionRowSerializer() {
        super(SessionRow.class, VERSION_1);
    }

    @Override
    protected void write(SessionRow row, DataOutputView target) throws IOException {
        DataViews.writeString(row.organizationId(), target);
        DataViews.writeString(row.stationId(), target);
        DataViews.writeString(row.sessionId(), target);
        target.writeLong(row.version());
        target.writeBoolean(row.isEnded());
        writeTime(row.startedAt(), target);
        writeTime(row.endedAt(), target);
        DataViews.writeString(row.token(), target);
        DataViews.writeString(row.reason(), target);
        DataViews.writeString(row.connector(), target);
        writeNumber(row.firstRegister(), target);
        writeNumber(row.lastRegister(), target);
        writeNumber(row.energy(), target);
        target.writeBoolean(row.isComplete());
        target.writeLong(row.missing());
        target.writeInt(row.flags().size());
        for (String flag : row.flags()) {
            DataViews.writeString(flag, target);
        }
        target.writeInt(row.events());
        target.writeInt(row.duplicates());
        target.writeLong(row.leftOut());
        target.writeLong(row.values());
        RawMessageSerializer.INSTANCE.serialize(row.origin(), target);
    }

    private static void writeTime(Instant time, DataOutputView target) throws IOException {
        target.writeBoolean(time != null);
        if (time != null) {
            target.writeLong(time.getEpochSecond());
            target.writeInt(time.getNano());
        }
    }

    private static void writeNumber(BigDecimal number, DataOutputView target) throws IOException {
        DataViews.writeString(number == null ? null : number.toString(), target);
    }

    @Override
    protected SessionRow read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        return new SessionRow(
                DataViews.readString(source),
                DataViews.readString(source),
                DataViews.readString(source),
                source.readLong(),
                source.readBoolean(),
                readTime(source),
                readTime(source),
                DataViews.readString(source),
                DataViews.readString(source),
                DataViews.readString(source),
                readNumber(source),
                readNumber(source),
                readNumber(source),
                source.readBoolean(),
                source.readLong(),
                readFlags(source),
                source.readInt(),
                source.readInt(),
                source.readLong(),
                source.readLong(),
                RawMessageSerializer.INSTANCE.deserialize(source));
    }

    private static Instant readTime(DataInputView source) throws IOException {
        return source.readBoolean()
                ? Instant.ofEpochSecond(source.readLong(), source.readInt())
                : null;
    }

    private static BigDecimal readNumber(DataInputView source) throws IOException {
        String number = DataViews.readString(source);
        return number == null ? null : new BigDecimal(number);
    }

    private static List<String> readFlags(DataInputView source) throws IOException {
        int count = source.readInt();
        List<String> flags = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            flags.add(DataViews.readString(source));
        }
        return flags;
    }

    @Override
    public TypeSerializerSnapshot<SessionRow> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints: this class keeps its name for ever. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<SessionRow> {
        /** For Flink. */
        public Snapshot() {
            super(SessionRowSerializer::new);
        }
    }
}
