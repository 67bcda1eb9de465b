package io.ponix.connector.nats.source;

import io.ponix.connector.nats.source.message.JetStreamDeserializationSchema;
import io.ponix.connector.nats.source.message.JetStreamMessage;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.util.Collector;

/** Makes of each message its sequence. */
final class SequenceDeserializer implements JetStreamDeserializationSchema<Long> {

    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(JetStreamMessage message, Collector<Long> out) {
        out.collect(message.sequence());
    }

    @Override
    public TypeInformation<Long> getProducedType() {
        return Types.LONG;
    }
}
