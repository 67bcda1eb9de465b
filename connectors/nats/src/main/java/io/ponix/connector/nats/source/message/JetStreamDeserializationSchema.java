package io.ponix.connector.nats.source.message;

import java.io.Serializable;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.util.Collector;

/**
 * Makes records of a stream's messages.
 *
 * <p>It runs in the task's thread, between the network and the first operator, once per message:
 * keep it cheap. An exception fails the job, and does so again after the restart, because the same
 * message is read again: what a producer can cause must become a record, not an exception.
 *
 * <p>Records carry JetStream's timestamp as event time; a {@code TimestampAssigner} of the job's
 * watermark strategy may replace it with the record's own.
 *
 * @param <OUT> type of the records
 */
@PublicEvolving
public interface JetStreamDeserializationSchema<OUT>
        extends Serializable, ResultTypeQueryable<OUT> {

    /** Called once per reader before the first message. */
    default void open(DeserializationSchema.InitializationContext context) throws Exception {}

    /**
     * Turns one message into any number of records.
     *
     * <p>All records of a message are emitted before its position becomes part of a checkpoint.
     *
     * @param message valid only until this method returns
     * @param out takes the records, in order
     */
    void deserialize(JetStreamMessage message, Collector<OUT> out) throws Exception;
}
