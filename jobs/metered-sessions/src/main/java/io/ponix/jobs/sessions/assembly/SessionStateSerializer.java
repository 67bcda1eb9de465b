package io.ponix.jobs.sessions.assembly;

import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.sessions.SessionHistory;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Writes what is kept of a session.
 *
 * <p>Version 1: its history in its own form, which has a version, too; the envelope of its last
 * message; how many messages came and were left out, when the last one was received and when it is
 * looked at again, in milliseconds (8 bytes each); a byte of flags: 1 ended, 2 idle, 4 pending.
 */
final class SessionStateSerializer extends VersionedSerializer<SessionState> {

    static final SessionStateSerializer INSTANCE = new SessionStateSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;
    private static final int USUAL_SIZE = 1_024;

    private static final int ENDED = 1;
    private static final int IDLE = 1 << 1;
    private static final int PENDING = 1 << 2;

    SessionStateSerializer() {
        super(SessionState.class, VERSION_1);
    }

    @Override
    protected void write(SessionState state, DataOutputView target) throws IOException {
        state.history().writeTo(target);
        RawMessageSerializer.INSTANCE.serialize(state.origin(), target);
        target.writeLong(state.taken());
        target.writeLong(state.leftOut());
        target.writeLong(state.lastHeard());
        target.writeLong(state.timer());
        target.writeByte(
                (state.isEnded() ? ENDED : 0)
                        | (state.isIdle() ? IDLE : 0)
                        | (state.isPending() ? PENDING : 0));
    }

    @Override
    protected SessionState read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        SessionHistory history = SessionHistory.readFrom(source);
        RawMessage origin = RawMessageSerializer.INSTANCE.deserialize(source);
        SessionState state =
                SessionState.restored(
                        history, origin, source.readLong(), source.readLong(), source.readLong());
        state.setTimer(source.readLong());
        int flags = source.readByte();
        state.setEnded((flags & ENDED) != 0);
        state.setIdle((flags & IDLE) != 0);
        state.setPending((flags & PENDING) != 0);
        return state;
    }

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public SessionState copy(SessionState from) {
        try {
            DataOutputSerializer out = new DataOutputSerializer(USUAL_SIZE);
            serialize(from, out);
            return deserialize(new DataInputDeserializer(out.getSharedBuffer(), 0, out.length()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public TypeSerializerSnapshot<SessionState> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints: this class keeps its name for ever. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<SessionState> {
        /** For Flink. */
        public Snapshot() {
            super(SessionStateSerializer::new);
        }
    }
}
