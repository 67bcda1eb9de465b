package io.ponix.jobs.envelope.gateways;

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
 * <p>Version 1: the operation's code (1 byte), version (8 bytes), the gateway as protobuf.
 */
public final class GatewayChangeSerializer extends VersionedSerializer<GatewayChange> {

    /** The one instance. */
    public static final GatewayChangeSerializer INSTANCE = new GatewayChangeSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public GatewayChangeSerializer() {
        super(GatewayChange.class, VERSION_1);
    }

    @Override
    protected void write(GatewayChange change, DataOutputView target) throws IOException {
        target.writeByte(change.operation().code());
        target.writeLong(change.version());
        DataViews.writeBytes(change.gateway().toByteArray(), target);
    }

    @Override
    protected GatewayChange read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        return new GatewayChange(
                GatewayChange.Operation.ofCode(source.readByte()),
                source.readLong(),
                Gateway.parseFrom(DataViews.readBytes(source)));
    }

    @Override
    public TypeSerializerSnapshot<GatewayChange> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<GatewayChange> {
        /** For Flink. */
        public Snapshot() {
            super(GatewayChangeSerializer::new);
        }
    }
}
