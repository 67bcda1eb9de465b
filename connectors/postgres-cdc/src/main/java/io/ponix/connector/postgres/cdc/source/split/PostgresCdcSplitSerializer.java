package io.ponix.connector.postgres.cdc.source.split;

import io.ponix.connector.postgres.cdc.slot.WalPosition;
import java.io.IOException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * State format of a split.
 *
 * <p>Version 1: slot name and publication name (modified UTF-8 with a 2-byte length), end of the
 * last completely read transaction (8 bytes, big-endian), id of the partly read transaction (8),
 * position of its last read change (8), ordinal of that change (4).
 *
 * <p>Version 2: the same, and the timeline of the log (4).
 */
@Internal
public final class PostgresCdcSplitSerializer
        implements SimpleVersionedSerializer<PostgresCdcSplit> {

    /** The first format. */
    static final int VERSION_1 = 1;

    /** With the timeline. */
    static final int VERSION_2 = 2;

    private static final int CURRENT_VERSION = VERSION_2;

    @Override
    public int getVersion() {
        return CURRENT_VERSION;
    }

    @Override
    public byte[] serialize(PostgresCdcSplit split) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(128);
        ReplicationPosition position = split.position();
        out.writeUTF(split.slotName());
        out.writeUTF(split.publicationName());
        out.writeLong(position.committed().value());
        out.writeLong(position.transactionId());
        out.writeLong(position.changeLsn());
        out.writeInt(position.changeOrdinal());
        out.writeInt(position.timeline());
        return out.getCopyOfBuffer();
    }

    @Override
    public PostgresCdcSplit deserialize(int version, byte[] serialized) throws IOException {
        switch (version) {
            case VERSION_1:
            case VERSION_2:
                DataInputDeserializer in = new DataInputDeserializer(serialized);
                return new PostgresCdcSplit(
                        in.readUTF(),
                        in.readUTF(),
                        new ReplicationPosition(
                                new WalPosition(in.readLong()),
                                in.readLong(),
                                in.readLong(),
                                in.readInt(),
                                version == VERSION_1 ? 0 : in.readInt()));
            default:
                throw new IOException(
                        "State of the Postgres CDC source has split version "
                                + version
                                + ", but this release reads versions up to "
                                + CURRENT_VERSION
                                + ". Restore it with the release that wrote it, or a newer one.");
        }
    }
}
