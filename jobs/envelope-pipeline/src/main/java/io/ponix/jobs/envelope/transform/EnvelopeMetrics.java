package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.DeviceDirectory;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * The operator's metrics. Since the task started,
 *
 * <pre>
 * {@link #CONSUMED} = {@link #CONVERTED} + the sum of {@link #DEAD_LETTERS} + {@link #UNMATCHED} + {@link #EMPTY}
 *                     + {@link #PARKED} + {@link #ALREADY_STORED}
 * </pre>
 *
 * An envelope that was parked in restored state counts as consumed when the task starts. A row that
 * ClickHouse refuses later is counted here as a row, and by the sink as rejected.
 */
public final class EnvelopeMetrics {

    /** Counter: envelopes taken from the source, and parked ones taken from restored state. */
    public static final String CONSUMED = "envelopesConsumed";

    /** Counter: envelopes of which rows were handed to the sink. */
    public static final String CONVERTED = "converted";

    /** Counter: rows handed to the sink; as many as {@link #CONVERTED}, or more. */
    public static final String ROWS = "rows";

    /**
     * Group with a counter for each {@link DeadLetterReason}, by its {@linkplain
     * DeadLetterReasons#name name}: envelopes handed to the dead letters.
     */
    public static final String DEAD_LETTERS = "deadLetters";

    /**
     * Counter: envelopes to which no contract of their device's definition applies. They are meant
     * to be left out: neither rows nor dead letters.
     */
    public static final String UNMATCHED = "unmatched";

    /**
     * Counter: envelopes whose transform gave an empty list. They are meant to be left out, too.
     */
    public static final String EMPTY = "empty";

    /**
     * Counter: envelopes that an earlier run has stored as rows, read again after a start from an
     * older savepoint or from nothing.
     */
    public static final String ALREADY_STORED = "alreadyStored";

    /** Gauge: envelopes that wait for their device, or its definition, to become known. */
    public static final String PARKED = "parked";

    /** Gauge: the bytes that these take. */
    public static final String PARKED_BYTES = "parkedBytes";

    /** Counter: times that Postgres was asked for devices that stayed unknown. */
    public static final String DEVICE_LOOKUPS = "deviceLookups";

    /** Gauge: devices known, deleted ones included. */
    public static final String DEVICES = "devices";

    /** Gauge: organizations known, deleted ones included. */
    public static final String ORGANIZATIONS = "organizations";

    /** Gauge: definitions known. */
    public static final String DEFINITIONS = "definitions";

    /** Gauge: distinct transforms that the devices, and contracts that the definitions, use. */
    public static final String TRANSFORMS = "transforms";

    private final Counter consumed;
    private final Counter rows;
    private final Counter converted;
    private final Counter unmatched;
    private final Counter empty;
    private final Counter alreadyStored;
    private final Counter lookups;
    private final Map<DeadLetterReason, Counter> deadLetters =
            new EnumMap<>(DeadLetterReason.class);

    EnvelopeMetrics(MetricGroup group, ParkedEnvelopes parked, DeviceDirectory directory) {
        consumed = group.counter(CONSUMED);
        converted = group.counter(CONVERTED);
        rows = group.counter(ROWS);
        alreadyStored = group.counter(ALREADY_STORED);
        unmatched = group.counter(UNMATCHED);
        empty = group.counter(EMPTY);
        lookups = group.counter(DEVICE_LOOKUPS);
        MetricGroup byReason = group.addGroup(DEAD_LETTERS);
        for (DeadLetterReason reason : DeadLetterReasons.all()) {
            // The store's refusals come after this operator; the sink counts them.
            if (reason != DeadLetterReason.DEAD_LETTER_REASON_REJECTED_BY_STORE) {
                deadLetters.put(reason, byReason.counter(DeadLetterReasons.name(reason)));
            }
        }
        group.gauge(PARKED, parked::count);
        group.gauge(PARKED_BYTES, parked::bytes);
        group.gauge(DEVICES, directory::deviceCount);
        group.gauge(DEFINITIONS, directory::definitionCount);
        group.gauge(ORGANIZATIONS, directory::organizationCount);
        group.gauge(TRANSFORMS, directory::transformCount);
    }

    void countConsumed() {
        consumed.inc();
    }

    void countConverted(int rowCount) {
        converted.inc();
        rows.inc(rowCount);
    }

    void countEmpty() {
        empty.inc();
    }

    void countUnmatched() {
        unmatched.inc();
    }

    void countAlreadyStored() {
        alreadyStored.inc();
    }

    void countLookup() {
        lookups.inc();
    }

    void countDeadLetter(DeadLetterReason reason) {
        deadLetters.get(reason).inc();
    }
}
