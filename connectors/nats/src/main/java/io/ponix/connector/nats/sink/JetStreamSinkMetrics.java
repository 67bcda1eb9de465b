package io.ponix.connector.nats.sink;

/**
 * Names of the metrics a {@link JetStreamSink} reports beside Flink's own ({@code numRecordsSend},
 * {@code numBytesSend}, {@code numRecordsSendErrors}: attempts that failed).
 */
public final class JetStreamSinkMetrics {

    /** Group of this sink's metrics below the operator's. */
    public static final String GROUP = "JetStreamSink";

    /** Counter: messages the stream already had, recognised by their id. */
    public static final String DUPLICATES = "duplicates";

    /** Counter: messages published again after a failure. */
    public static final String RETRIES = "retries";

    /** Gauge: messages published and not yet acknowledged by the stream. */
    public static final String IN_FLIGHT = "inFlight";

    private JetStreamSinkMetrics() {}
}
