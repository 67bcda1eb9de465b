package io.ponix.connector.nats.sink;

import java.io.Serializable;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.serialization.SerializationSchema;

/**
 * Makes messages of records.
 *
 * @param <IN> type of the records
 */
@PublicEvolving
public interface JetStreamSerializationSchema<IN> extends Serializable {

    /** Called once per writer before anything else. */
    default void open(SerializationSchema.InitializationContext context) throws Exception {}

    /**
     * The message of a record, or null to publish nothing. Its size does not matter here: see
     * {@link #shorten}.
     *
     * @param timestamp event time of the record in milliseconds, or null
     */
    JetStreamPublication serialize(IN record, Long timestamp);

    /**
     * Makes the messages of a record. By default that is the one of {@link #serialize(Object,
     * Long)}, if any; to be overridden where a record is several.
     *
     * @param timestamp event time of the record in milliseconds, or null
     * @param out takes each message
     * @throws InterruptedException if {@code out} does
     */
    default void serialize(IN record, Long timestamp, Output out) throws InterruptedException {
        JetStreamPublication publication = serialize(record, timestamp);
        if (publication != null) {
            out.publish(publication);
        }
    }

    /** Takes the messages of a record. */
    @FunctionalInterface
    interface Output {

        /**
         * Takes a message.
         *
         * @throws InterruptedException if the thread is interrupted while the sink waits for room
         */
        void publish(JetStreamPublication publication) throws InterruptedException;
    }

    /**
     * What to publish in place of a message that is too large, for the server or for the stream
     * that stores its subject. Both limits may change while the job runs, so this is asked when a
     * message was found too large.
     *
     * @param publication the message, made by {@link #serialize} here or in an earlier run
     * @param maximumBytes the most that payload and headers may have together now
     * @return a message of no more bytes; null to leave the message out; or the message itself,
     *     which is the default: then it waits until the limit is raised
     */
    default JetStreamPublication shorten(JetStreamPublication publication, long maximumBytes) {
        return publication;
    }

    /**
     * What to publish in place of a message that a checkpoint held because no stream had stored it:
     * the message itself, which is the default, or null where it is known by now that it was stored
     * after the checkpoint.
     */
    default JetStreamPublication restored(JetStreamPublication publication) {
        return publication;
    }
}
