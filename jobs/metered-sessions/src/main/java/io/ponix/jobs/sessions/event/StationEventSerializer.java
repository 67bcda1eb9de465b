package io.ponix.jobs.sessions.event;

import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.sessions.EventType;
import io.ponix.sessions.MeterValue;
import io.ponix.sessions.SessionEvent;
import io.ponix.sessions.SessionEventReader;
import io.ponix.sessions.SessionEventWriter;
import io.ponix.sessions.message.StationMessage;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Carries messages to the task of their station.
 *
 * <p>Version 1: organization, station, the envelope and its size (4 bytes), which kind of message
 * it is (1 byte), and what that has, as {@link SessionEventWriter} writes it.
 */
public final class StationEventSerializer extends VersionedSerializer<StationEvent> {

    /** The one instance. */
    public static final StationEventSerializer INSTANCE = new StationEventSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    private static final int OF_SESSION = 1;
    private static final int START_REQUEST = 2;
    private static final int START_ANSWER = 3;
    private static final int RELEASE = 4;
    private static final int READING = 5;

    /** For Flink; use {@link #INSTANCE}. */
    public StationEventSerializer() {
        super(StationEvent.class, VERSION_1);
    }

    @Override
    protected void write(StationEvent event, DataOutputView target) throws IOException {
        DataViews.writeString(event.organizationId(), target);
        DataViews.writeString(event.stationId(), target);
        RawMessageSerializer.INSTANCE.serialize(event.origin(), target);
        target.writeInt(event.originSize());
        SessionEventWriter writer = new SessionEventWriter(target);
        if (event.message() instanceof StationMessage.OfSession of) {
            target.writeByte(OF_SESSION);
            writer.text(of.sessionId());
            writer.event(of.event());
        } else if (event.message() instanceof StationMessage.StartRequest request) {
            target.writeByte(START_REQUEST);
            writer.text(request.messageId());
            writer.event(request.event());
        } else if (event.message() instanceof StationMessage.StartAnswer answer) {
            target.writeByte(START_ANSWER);
            writer.text(answer.messageId());
            writer.text(answer.sessionId());
        } else if (event.message() instanceof StationMessage.Release release) {
            target.writeByte(RELEASE);
            writer.time(release.time());
            writer.text(release.connector());
        } else if (event.message() instanceof StationMessage.Reading reading) {
            target.writeByte(READING);
            writer.event(ofNoSession(reading.connector(), reading.meterValues()));
        }
    }

    /** What was measured, in the form that values are written in. */
    static SessionEvent ofNoSession(String connector, List<MeterValue> values) {
        return new SessionEvent(
                EventType.UPDATED,
                Instant.EPOCH,
                OptionalLong.empty(),
                false,
                "",
                "",
                connector,
                values);
    }

    @Override
    protected StationEvent read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        String organization = DataViews.readString(source);
        String station = DataViews.readString(source);
        RawMessage origin = RawMessageSerializer.INSTANCE.deserialize(source);
        int originSize = source.readInt();
        int kind = source.readByte();
        SessionEventReader reader = new SessionEventReader(source);
        StationMessage message =
                switch (kind) {
                    case OF_SESSION -> new StationMessage.OfSession(reader.text(), reader.event());
                    case START_REQUEST ->
                            new StationMessage.StartRequest(reader.text(), reader.event());
                    case START_ANSWER ->
                            new StationMessage.StartAnswer(reader.text(), reader.text());
                    case RELEASE -> new StationMessage.Release(reader.time(), reader.text());
                    case READING -> {
                        SessionEvent event = reader.event();
                        yield new StationMessage.Reading(event.connector(), event.meterValues());
                    }
                    default -> throw new IOException("Damaged state: a message of kind " + kind);
                };
        return new StationEvent(organization, station, origin, originSize, message);
    }

    @Override
    public TypeSerializerSnapshot<StationEvent> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints: this class keeps its name for ever. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<StationEvent> {
        /** For Flink. */
        public Snapshot() {
            super(StationEventSerializer::new);
        }
    }
}
