package io.ponix.connector.postgres.cdc.source.change;

import io.ponix.connector.postgres.cdc.publication.PublicationState;
import java.io.Serializable;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.util.Collector;

/**
 * Turns changes into the records of the stream: none, one or several per change. Called by one
 * thread at a time, in the order of the commits and within a transaction in the order of the
 * changes.
 *
 * @param <OUT> type of the records
 */
@PublicEvolving
public interface PostgresChangeDeserializer<OUT> extends Serializable, ResultTypeQueryable<OUT> {

    /**
     * @param change valid only during the call
     * @param out takes the records
     * @throws Exception fails the job: there is no other place for a change that cannot be read.
     *     Pass what is merely unexpected on as a record.
     */
    void deserialize(PostgresChange change, Collector<OUT> out) throws Exception;

    /**
     * Every change of the tables that the source was given as published is published now, and those
     * that were published before this was seen have been emitted. Called after every start, and
     * after each change of the publication. Who has read the tables by SQL while the state was
     * another than this may lack changes: those of the time in between that were not published. It
     * should read the tables again.
     *
     * @param state has no problems; compare its {@linkplain PublicationState#fingerprint()
     *     fingerprint} with one that was observed before the tables were read
     * @param out takes the records; none unless overridden
     */
    default void published(PublicationState state, Collector<OUT> out) {}
}
