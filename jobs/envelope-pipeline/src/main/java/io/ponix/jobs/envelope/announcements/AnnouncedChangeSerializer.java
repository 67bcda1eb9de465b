package io.ponix.jobs.envelope.announcements;

import com.google.protobuf.ByteString;
import io.ponix.jobs.serialization.DataViews;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.proto.gateway.v1.Gateway;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Keeps changes that are not announced yet in checkpoints.
 *
 * <p>Version 2: the table's code (1 byte), the operation's (1 byte), the id, the version (8 bytes),
 * the entity as protobuf. Version 1 is of gateways only: the operation's code, version, the gateway
 * as protobuf, which has the id.
 */
public final class AnnouncedChangeSerializer extends VersionedSerializer<AnnouncedChange> {

    /** The one instance. */
    public static final AnnouncedChangeSerializer INSTANCE = new AnnouncedChangeSerializer();

    static final byte VERSION_1 = 1;
    static final byte VERSION_2 = 2;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public AnnouncedChangeSerializer() {
        super(AnnouncedChange.class, VERSION_2);
    }

    @Override
    protected void write(AnnouncedChange change, DataOutputView target) throws IOException {
        target.writeByte(change.table().code());
        target.writeByte(change.operation().code());
        DataViews.writeString(change.id(), target);
        target.writeLong(change.version());
        DataViews.writeBytes(change.entity().toByteArray(), target);
    }

    @Override
    protected AnnouncedChange read(byte version, DataInputView source) throws IOException {
        return switch (version) {
            case VERSION_1 -> {
                AnnouncedChange.Operation operation =
                        AnnouncedChange.Operation.ofCode(source.readByte());
                long row = source.readLong();
                byte[] gateway = DataViews.readBytes(source);
                yield new AnnouncedChange(
                        AnnouncedTable.GATEWAYS,
                        operation,
                        Gateway.parseFrom(gateway).getGatewayId(),
                        row,
                        ByteString.copyFrom(gateway));
            }
            case VERSION_2 ->
                    new AnnouncedChange(
                            AnnouncedTable.ofCode(source.readByte()),
                            AnnouncedChange.Operation.ofCode(source.readByte()),
                            DataViews.readString(source),
                            source.readLong(),
                            ByteString.copyFrom(DataViews.readBytes(source)));
            default -> throw unknownVersion(version);
        };
    }

    @Override
    public TypeSerializerSnapshot<AnnouncedChange> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<AnnouncedChange> {
        /** For Flink. */
        public Snapshot() {
            super(AnnouncedChangeSerializer::new);
        }
    }
}
