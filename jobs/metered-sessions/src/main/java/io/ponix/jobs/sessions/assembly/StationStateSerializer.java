package io.ponix.jobs.sessions.assembly;

import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.sessions.station.Station;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Writes what is kept of a station.
 *
 * <p>Version 1: the station in its own form, which has a version, too; the envelope that it was
 * heard of last in; when it is looked at again, in milliseconds (8 bytes); the days on which
 * sessions were begun: their number (4 bytes), and for each the day (8 bytes) and how many (4
 * bytes).
 */
final class StationStateSerializer extends VersionedSerializer<StationState> {

    static final StationStateSerializer INSTANCE = new StationStateSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;
    private static final int USUAL_SIZE = 256;

    StationStateSerializer() {
        super(StationState.class, VERSION_1);
    }

    @Override
    protected void write(StationState state, DataOutputView target) throws IOException {
        state.station().writeTo(target);
        RawMessageSerializer.INSTANCE.serialize(state.origin(), target);
        target.writeLong(state.timer());
        target.writeInt(state.begun().size());
        for (Map.Entry<Long, Integer> day : state.begun().entrySet()) {
            target.writeLong(day.getKey());
            target.writeInt(day.getValue());
        }
    }

    @Override
    protected StationState read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        StationState state =
                new StationState(
                        Station.readFrom(source),
                        RawMessageSerializer.INSTANCE.deserialize(source));
        state.setTimer(source.readLong());
        for (int left = source.readInt(); left > 0; left--) {
            state.begun().put(source.readLong(), source.readInt());
        }
        return state;
    }

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public StationState copy(StationState from) {
        try {
            DataOutputSerializer out = new DataOutputSerializer(USUAL_SIZE);
            serialize(from, out);
            return deserialize(new DataInputDeserializer(out.getSharedBuffer(), 0, out.length()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public TypeSerializerSnapshot<StationState> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints: this class keeps its name for ever. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<StationState> {
        /** For Flink. */
        public Snapshot() {
            super(StationStateSerializer::new);
        }
    }
}
