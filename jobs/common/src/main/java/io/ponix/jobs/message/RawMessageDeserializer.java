package io.ponix.jobs.message;

import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.message.JetStreamMessage;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;

/** Makes a {@link RawMessage} of every message, whatever its bytes are. */
public final class RawMessageDeserializer implements JetStreamDeserializationSchema<RawMessage> {

    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(JetStreamMessage message, Collector<RawMessage> out) {
        out.collect(
                new RawMessage(
                        message.stream(),
                        message.sequence(),
                        message.subject(),
                        message.timestampMillis(),
                        message.data()));
    }

    @Override
    public TypeInformation<RawMessage> getProducedType() {
        return RawMessage.TYPE;
    }
}
