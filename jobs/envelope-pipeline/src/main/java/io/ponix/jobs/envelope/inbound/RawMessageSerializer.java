package io.ponix.jobs.envelope.inbound;

import io.ponix.jobs.message.RawMessage;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;

/**
 * Savepoints of 0.1.0-alpha.2 name the serializer of parked envelopes by the class {@code
 * RawMessageSerializer.Snapshot} of this package. It reads what {@link
 * io.ponix.jobs.message.RawMessageSerializer} reads; nothing writes its name any more.
 */
public final class RawMessageSerializer {

    private RawMessageSerializer() {}

    /** The name in old savepoints, of what moved to where all jobs have it. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<RawMessage> {
        /** For Flink. */
        public Snapshot() {
            super(io.ponix.jobs.message.RawMessageSerializer::new);
        }
    }
}
