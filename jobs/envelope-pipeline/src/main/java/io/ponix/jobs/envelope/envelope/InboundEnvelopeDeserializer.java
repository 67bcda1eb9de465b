package io.ponix.jobs.envelope.envelope;

import io.ponix.connector.nats.source.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.JetStreamMessage;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;

/** Makes an {@link InboundEnvelope} of every message, whatever its bytes are. */
public final class InboundEnvelopeDeserializer
        implements JetStreamDeserializationSchema<InboundEnvelope> {

    private static final long serialVersionUID = 1L;

    private transient RawEnvelopeParser parser;

    /** A deserializer that is opened in its task. */
    public InboundEnvelopeDeserializer() {}

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        parser = new RawEnvelopeParser();
    }

    @Override
    public void deserialize(JetStreamMessage message, Collector<InboundEnvelope> out) {
        out.collect(
                InboundEnvelope.parse(
                        parser,
                        message.stream(),
                        message.sequence(),
                        message.subject(),
                        message.timestampMillis(),
                        message.data()));
    }

    @Override
    public TypeInformation<InboundEnvelope> getProducedType() {
        return InboundEnvelope.TYPE;
    }
}
