package io.ponix.jobs.envelope.envelope;

import io.ponix.jobs.envelope.serialization.DataViews;
import io.ponix.jobs.envelope.serialization.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Writes an envelope as its provenance and its raw bytes; reading parses the bytes again, so that a
 * parked envelope is understood by the parser of the build that restores it.
 *
 * <p>Version 1: stream, sequence (8 bytes), subject, received_at in milliseconds (8 bytes), the
 * bytes.
 */
public final class InboundEnvelopeSerializer extends VersionedSerializer<InboundEnvelope> {

    /** The one instance. */
    public static final InboundEnvelopeSerializer INSTANCE = new InboundEnvelopeSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public InboundEnvelopeSerializer() {
        super(InboundEnvelope.class, VERSION_1);
    }

    @Override
    protected void write(InboundEnvelope envelope, DataOutputView target) throws IOException {
        DataViews.writeString(envelope.stream(), target);
        target.writeLong(envelope.streamSequence());
        DataViews.writeString(envelope.subject(), target);
        target.writeLong(envelope.receivedAt());
        DataViews.writeBytes(envelope.data(), target);
    }

    @Override
    protected InboundEnvelope read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        return InboundEnvelope.parse(
                DataViews.readString(source),
                source.readLong(),
                DataViews.readString(source),
                source.readLong(),
                DataViews.readBytes(source));
    }

    @Override
    public TypeSerializerSnapshot<InboundEnvelope> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<InboundEnvelope> {
        /** For Flink. */
        public Snapshot() {
            super(InboundEnvelopeSerializer::new);
        }
    }
}
