package io.ponix.connector.postgres.cdc.source;

import java.io.Serializable;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.util.Collector;

/**
 * Turns changes into the records of the stream: none, one or several per change. Called by one
 * thread at a time, in the order of the commits and within a transaction in the order of the
 * changes.
 *
 * @param <OUT> type of the records
 */
public interface PostgresChangeDeserializer<OUT> extends Serializable, ResultTypeQueryable<OUT> {

    /**
     * @param change valid only during the call
     * @param out takes the records
     * @throws Exception fails the job: there is no other place for a change that cannot be read.
     *     Pass what is merely unexpected on as a record.
     */
    void deserialize(PostgresChange change, Collector<OUT> out) throws Exception;
}
