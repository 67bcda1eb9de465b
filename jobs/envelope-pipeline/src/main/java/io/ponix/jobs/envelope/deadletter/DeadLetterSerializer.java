package io.ponix.jobs.envelope.deadletter;

import io.ponix.jobs.envelope.envelope.InboundEnvelopeSerializer;
import io.ponix.jobs.envelope.serialization.DataViews;
import io.ponix.jobs.envelope.serialization.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Carries dead letters where the sink is not chained to the operator.
 *
 * <p>Version 1: the envelope, the reason's code (1 byte), the message, failed_at in milliseconds (8
 * bytes).
 */
public final class DeadLetterSerializer extends VersionedSerializer<DeadLetter> {

    /** The one instance. */
    public static final DeadLetterSerializer INSTANCE = new DeadLetterSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public DeadLetterSerializer() {
        super(DeadLetter.class, VERSION_1);
    }

    @Override
    protected void write(DeadLetter letter, DataOutputView target) throws IOException {
        InboundEnvelopeSerializer.INSTANCE.serialize(letter.envelope(), target);
        target.writeByte(letter.reason().code());
        DataViews.writeString(letter.message(), target);
        target.writeLong(letter.failedAt());
    }

    @Override
    protected DeadLetter read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        return new DeadLetter(
                InboundEnvelopeSerializer.INSTANCE.deserialize(source),
                Reason.ofCode(source.readByte()),
                DataViews.readString(source),
                source.readLong());
    }

    @Override
    public TypeSerializerSnapshot<DeadLetter> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<DeadLetter> {
        /** For Flink. */
        public Snapshot() {
            super(DeadLetterSerializer::new);
        }
    }
}
