package io.ponix.connector.nats.sink;

import java.io.Serializable;
import org.apache.flink.api.common.serialization.SerializationSchema;

/**
 * Makes messages of records.
 *
 * @param <IN> type of the records
 */
public interface JetStreamSerializationSchema<IN> extends Serializable {

    /**
     * Called once per writer before the first record.
     *
     * @param maximumMessageBytes most bytes payload and headers of a message may have together, as
     *     the server says now
     */
    default void open(SerializationSchema.InitializationContext context, long maximumMessageBytes)
            throws Exception {}

    /**
     * The message of a record, or null to publish nothing.
     *
     * <p>A message beyond the limit told to {@link #open} fails the job, again and again after each
     * restart: where inputs decide about sizes, cut here.
     *
     * @param timestamp event time of the record in milliseconds, or null
     */
    JetStreamPublication serialize(IN record, Long timestamp);
}
