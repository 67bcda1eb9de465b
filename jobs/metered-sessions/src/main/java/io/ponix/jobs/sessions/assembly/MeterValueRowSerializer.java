package io.ponix.jobs.sessions.assembly;

import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.sessions.EventType;
import io.ponix.sessions.SessionEvent;
import io.ponix.sessions.SessionEventReader;
import io.ponix.sessions.SessionEventWriter;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Carries meter values where a sink is not chained to the operator.
 *
 * <p>Version 1: organization, station, session, id (16 bytes), the value in an event that has its
 * connector and nothing else, the arrival (8 bytes), the envelope.
 */
final class MeterValueRowSerializer extends VersionedSerializer<MeterValueRow> {

    static final MeterValueRowSerializer INSTANCE = new MeterValueRowSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    MeterValueRowSerializer() {
        super(MeterValueRow.class, VERSION_1);
    }

    @Override
    protected void write(MeterValueRow row, DataOutputView target) throws IOException {
        DataViews.writeString(row.organizationId(), target);
        DataViews.writeString(row.stationId(), target);
        DataViews.writeString(row.sessionId(), target);
        target.writeLong(row.id().getMostSignificantBits());
        target.writeLong(row.id().getLeastSignificantBits());
        new SessionEventWriter(target)
                .event(
                        new SessionEvent(
                                EventType.UPDATED,
                                Instant.EPOCH,
                                OptionalLong.empty(),
                                false,
                                "",
                                "",
                                row.connector(),
                                List.of(row.value())));
        target.writeLong(row.arrival());
        RawMessageSerializer.INSTANCE.serialize(row.origin(), target);
    }

    @Override
    protected MeterValueRow read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        String organization = DataViews.readString(source);
        String station = DataViews.readString(source);
        String session = DataViews.readString(source);
        UUID id = new UUID(source.readLong(), source.readLong());
        SessionEvent event = new SessionEventReader(source).event();
        return new MeterValueRow(
                organization,
                station,
                session,
                id,
                event.connector(),
                event.meterValues().get(0),
                source.readLong(),
                RawMessageSerializer.INSTANCE.deserialize(source));
    }

    @Override
    public TypeSerializerSnapshot<MeterValueRow> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints: this class keeps its name for ever. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<MeterValueRow> {
        /** For Flink. */
        public Snapshot() {
            super(MeterValueRowSerializer::new);
        }
    }
}
