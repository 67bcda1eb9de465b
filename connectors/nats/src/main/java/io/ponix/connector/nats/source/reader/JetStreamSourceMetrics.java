package io.ponix.connector.nats.source.reader;

import org.apache.flink.annotation.PublicEvolving;

/**
 * Names of the metrics a JetStream source reports beside Flink's own ({@code numRecordsIn}, {@code
 * pendingRecords}, {@code currentEmitEventTimeLag}, …).
 *
 * <p>{@code pendingRecords} is how many messages the stream holds that its splits have yet to
 * fetch, as the server said with the last message of each.
 */
@PublicEvolving
public final class JetStreamSourceMetrics {

    /** Group of this source's metrics below the operator's. */
    public static final String GROUP = "JetStreamSource";

    /** Key of the group per stream; its value is the stream's name. */
    public static final String STREAM_GROUP = "stream";

    /** Key of the group per split; its value is the filter subject. */
    public static final String FILTER_GROUP = "filter";

    /**
     * Gauge per split: every message of the split up to this sequence has been emitted; 0 before
     * the first. What a checkpoint taken now would hold.
     */
    public static final String CURRENT_SEQUENCE = "currentSequence";

    /** Gauge per split: messages the split has yet to fetch. */
    public static final String PENDING_MESSAGES = "pendingMessages";

    /** Counter: messages dropped because the state says they were emitted before. */
    public static final String REDELIVERIES_DROPPED = "redeliveriesDropped";

    /**
     * Counter: sequences that were gone before they could be read, the most there may have been.
     */
    public static final String MISSING_SEQUENCES = "missingSequences";

    /** Counter: gaps found, of any length. */
    public static final String GAPS = "gaps";

    /**
     * Counter: consumers made anew after a fault, of the connection, the server or the consumer.
     */
    public static final String RECONNECTS = "reconnects";

    /**
     * Counter: how often a split's stream went back, so that messages which were read are not in it
     * any more, or came to be led by a server that numbers them differently. A stream of several
     * splits counts once for each that had read what was lost.
     */
    public static final String REWINDS = "rewinds";

    /**
     * Gauge: subjects of the stream that no filter of the source matches, added since the job was
     * submitted; 0 where that is allowed. Every reader says the same.
     */
    public static final String UNREAD_SUBJECTS = "unreadSubjects";

    private JetStreamSourceMetrics() {}
}
