package io.ponix.jobs.envelope.envelope;

import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.message.RawMessageSerializer;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;

/**
 * Savepoints of before the first release name the serializer of parked envelopes by the class
 * {@code InboundEnvelopeSerializer.Snapshot} of this package. It reads what {@link
 * RawMessageSerializer} reads; nothing writes its name any more.
 */
public final class InboundEnvelopeSerializer {

    private InboundEnvelopeSerializer() {}

    /** The name in old savepoints, of what is {@link RawMessageSerializer.Snapshot} today. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<RawMessage> {
        /** For Flink. */
        public Snapshot() {
            super(RawMessageSerializer::new);
        }
    }
}
