package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.DeviceDirectory;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * The metrics of the operator that enriches and transforms. Since the task started,
 *
 * <pre>
 * {@link #CONSUMED} = {@link #CONVERTED} + the sum of {@link #DEAD_LETTERS} + {@link #UNMATCHED} + {@link #EMPTY}
 *                     + {@link #PARKED} + {@link #ALREADY_STORED} + {@link #AFTER_PREVIOUS}
 * </pre>
 *
 * and of the operator that decodes {@link #AFTER_PREVIOUS}, that number is {@link #CONVERTED} + the
 * sum of {@link #DEAD_LETTERS} + {@link #UNMATCHED} + {@link #EMPTY} of its own.
 *
 * <p>An envelope that was parked in restored state counts as consumed when the task starts. A row
 * that ClickHouse refuses later is counted here as a row, and by the sink as rejected.
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

    /**
     * Counter: envelopes handed to the operator that decodes a device's one after another, as their
     * contracts name {@code previous}.
     */
    public static final String AFTER_PREVIOUS = "afterPrevious";

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

    private final DecodingMetrics decoding;
    private final Counter consumed;
    private final Counter alreadyStored;
    private final Counter afterPrevious;
    private final Counter lookups;

    EnvelopeMetrics(MetricGroup group, ParkedEnvelopes parked, DeviceDirectory directory) {
        decoding = new DecodingMetrics(group);
        consumed = group.counter(CONSUMED);
        alreadyStored = group.counter(ALREADY_STORED);
        afterPrevious = group.counter(AFTER_PREVIOUS);
        lookups = group.counter(DEVICE_LOOKUPS);
        group.gauge(PARKED, parked::count);
        group.gauge(PARKED_BYTES, parked::bytes);
        group.gauge(DEVICES, directory::deviceCount);
        group.gauge(DEFINITIONS, directory::definitionCount);
        group.gauge(ORGANIZATIONS, directory::organizationCount);
        group.gauge(TRANSFORMS, directory::transformCount);
    }

    /** What of them is decoded here. */
    DecodingMetrics decoding() {
        return decoding;
    }

    void countConsumed() {
        consumed.inc();
    }

    void countAlreadyStored() {
        alreadyStored.inc();
    }

    void countAfterPrevious() {
        afterPrevious.inc();
    }

    void countLookup() {
        lookups.inc();
    }
}
