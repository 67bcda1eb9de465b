package io.ponix.connector.nats.sink;

import org.apache.flink.annotation.PublicEvolving;

/**
 * Names of the metrics a {@link JetStreamSink} reports beside Flink's own ({@code numRecordsSend},
 * {@code numBytesSend}, {@code numRecordsSendErrors}: attempts that failed).
 */
@PublicEvolving
public final class JetStreamSinkMetrics {

    /** Group of this sink's metrics below the operator's. */
    public static final String GROUP = "JetStreamSink";

    /** Counter: messages the stream already had, recognised by their id. */
    public static final String DUPLICATES = "duplicates";

    /** Counter: messages published again after a failure. */
    public static final String RETRIES = "retries";

    /** Gauge: messages published and not yet acknowledged by the stream. */
    public static final String IN_FLIGHT = "inFlight";

    /**
     * Gauge: messages among those in flight that no stream has stored although it was tried, and
     * those behind them. They are in every checkpoint. More than 0 for long means that a stream is
     * missing, full, or refuses them: the log says which and why.
     */
    public static final String WAITING = "waiting";

    /** Gauge: 1 while so many messages wait that the task stands still, else 0. */
    public static final String HELD_UP = "heldUp";

    /** Counter: messages that were too large and have been shortened. */
    public static final String SHORTENED = "shortened";

    /** Counter: messages that were too large and have been left out. */
    public static final String LEFT_OUT = "leftOut";

    private JetStreamSinkMetrics() {}
}
