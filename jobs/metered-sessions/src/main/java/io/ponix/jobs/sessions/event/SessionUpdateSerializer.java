package io.ponix.jobs.sessions.event;

import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.sessions.SessionEventReader;
import io.ponix.sessions.SessionEventWriter;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Carries what is said of a session to its task.
 *
 * <p>Version 1: organization, station, session, the envelope, its size (4 bytes), and the event as
 * {@link SessionEventWriter} writes it.
 */
public final class SessionUpdateSerializer extends VersionedSerializer<SessionUpdate> {

    /** The one instance. */
    public static final SessionUpdateSerializer INSTANCE = new SessionUpdateSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public SessionUpdateSerializer() {
        super(SessionUpdate.class, VERSION_1);
    }

    @Override
    protected void write(SessionUpdate update, DataOutputView target) throws IOException {
        DataViews.writeString(update.organizationId(), target);
        DataViews.writeString(update.stationId(), target);
        DataViews.writeString(update.sessionId(), target);
        RawMessageSerializer.INSTANCE.serialize(update.origin(), target);
        target.writeInt(update.originSize());
        new SessionEventWriter(target).event(update.event());
    }

    @Override
    protected SessionUpdate read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        return new SessionUpdate(
                DataViews.readString(source),
                DataViews.readString(source),
                DataViews.readString(source),
                RawMessageSerializer.INSTANCE.deserialize(source),
                source.readInt(),
                new SessionEventReader(source).event());
    }

    @Override
    public TypeSerializerSnapshot<SessionUpdate> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints: this class keeps its name for ever. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<SessionUpdate> {
        /** For Flink. */
        public Snapshot() {
            super(SessionUpdateSerializer::new);
        }
    }
}
