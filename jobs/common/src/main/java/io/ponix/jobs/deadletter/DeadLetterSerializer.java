package io.ponix.jobs.deadletter;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Carries dead letters where the sink is not chained to the operator.
 *
 * <p>Version 4: the message it was made of, its size (4 bytes), organization id, device id,
 * external id, the reason's number in the contract (1 byte), what went wrong, failed_at in
 * milliseconds (8 bytes). Version 3 left the size out: the message had all of its bytes. Version 2
 * left the external id out, too: there was none. Version 1 left all of them out: they are read from
 * the message's bytes.
 */
public final class DeadLetterSerializer extends VersionedSerializer<DeadLetter> {

    /** The one instance. */
    public static final DeadLetterSerializer INSTANCE = new DeadLetterSerializer();

    static final byte VERSION_1 = 1;
    static final byte VERSION_2 = 2;
    static final byte VERSION_3 = 3;
    static final byte VERSION_4 = 4;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public DeadLetterSerializer() {
        super(DeadLetter.class, VERSION_4);
    }

    @Override
    protected void write(DeadLetter letter, DataOutputView target) throws IOException {
        RawMessageSerializer.INSTANCE.serialize(letter.origin(), target);
        target.writeInt(letter.originSize());
        DataViews.writeString(letter.organizationId(), target);
        DataViews.writeString(letter.endDeviceId(), target);
        DataViews.writeString(letter.externalId(), target);
        target.writeByte(letter.reason().getNumber());
        DataViews.writeString(letter.message(), target);
        target.writeLong(letter.failedAt());
    }

    @Override
    protected DeadLetter read(byte version, DataInputView source) throws IOException {
        RawMessage origin;
        int originSize;
        String organizationId;
        String endDeviceId;
        String externalId;
        switch (version) {
            case VERSION_1 -> {
                origin = RawMessageSerializer.INSTANCE.deserialize(source);
                originSize = origin.data().length;
                RawEnvelope envelope = envelope(origin);
                organizationId = envelope.getOrganizationId();
                endDeviceId = envelope.getEndDeviceId();
                externalId = envelope.getExternalId();
            }
            case VERSION_2, VERSION_3, VERSION_4 -> {
                origin = RawMessageSerializer.INSTANCE.deserialize(source);
                originSize = version == VERSION_4 ? source.readInt() : origin.data().length;
                organizationId = DataViews.readString(source);
                endDeviceId = DataViews.readString(source);
                externalId = version == VERSION_2 ? "" : DataViews.readString(source);
            }
            default -> throw unknownVersion(version);
        }
        return new DeadLetter(
                origin,
                originSize,
                organizationId,
                endDeviceId,
                externalId,
                reason(source.readByte()),
                DataViews.readString(source),
                source.readLong());
    }

    /** Empty where the bytes are none. */
    private static RawEnvelope envelope(RawMessage origin) {
        try {
            return RawEnvelope.parseFrom(origin.data());
        } catch (InvalidProtocolBufferException e) {
            return RawEnvelope.getDefaultInstance();
        }
    }

    private static DeadLetterReason reason(byte number) throws IOException {
        DeadLetterReason reason = DeadLetterReason.forNumber(number);
        if (reason == null) {
            throw new IOException(
                    "The state holds a dead letter of the reason "
                            + number
                            + ", which this build does not know. Was the savepoint taken by a newer"
                            + " Ponix?");
        }
        return reason;
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
