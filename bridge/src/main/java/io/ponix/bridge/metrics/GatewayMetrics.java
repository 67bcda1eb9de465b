package io.ponix.bridge.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.ponix.bridge.publish.Outcome;
import io.ponix.proto.uplink.v1.RefusalReason;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted of one gateway; the tag {@value #GATEWAY} names it. */
public final class GatewayMetrics implements AutoCloseable {

    /** Messages that the broker delivered. */
    public static final String RECEIVED = "ponix.bridge.received";

    /** Raw envelopes that were stored; a message can be several. */
    public static final String STORED = "ponix.bridge.stored";

    /** Of the envelopes stored, those that the stream had already, by the id of their sender. */
    public static final String DUPLICATES = "ponix.bridge.duplicates";

    /** Messages that are refused uplinks now, by {@value #REASON}. */
    public static final String REFUSED = "ponix.bridge.refused";

    /** Messages that are no reading, as the gateway's intake says. */
    public static final String IGNORED = "ponix.bridge.ignored";

    /** Messages of QoS 0 that were dropped, as too many or too large ones waited. */
    public static final String DROPPED = "ponix.bridge.dropped";

    /** Messages that are not stored yet, so that the broker has no acknowledgement. */
    public static final String UNACKNOWLEDGED = "ponix.bridge.unacknowledged";

    /** Connections to the broker after the first. */
    public static final String RECONNECTS = "ponix.bridge.reconnects";

    /** 1 while the bridge is subscribed, else 0. */
    public static final String CONNECTED = "ponix.bridge.connected";

    /** How long it took from receiving a message to its being stored. */
    public static final String LATENCY = "ponix.bridge.latency";

    /** The tag with the gateway's id. */
    public static final String GATEWAY = "gateway";

    /** The tag with the reason of a refusal, as {@code topic}. */
    public static final String REASON = "reason";

    private static final String REASON_PREFIX = "REFUSAL_REASON_";

    private final MeterRegistry registry;
    private final String gatewayId;
    private final Counter received;
    private final Counter stored;
    private final Counter duplicates;
    private final Counter ignored;
    private final Counter dropped;
    private final Counter reconnects;
    private final Timer latency;
    private final Map<RefusalReason, Counter> refused = new ConcurrentHashMap<>();
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicBoolean connectedBefore = new AtomicBoolean();
    private final List<Meter> gauges;

    /** Registers them; {@link #close} removes them. */
    public GatewayMetrics(MeterRegistry registry, String gatewayId) {
        this.registry = registry;
        this.gatewayId = gatewayId;
        received = counter(RECEIVED, "Messages that the broker delivered");
        stored = counter(STORED, "Raw envelopes that were stored; a message can be several");
        duplicates =
                counter(
                        DUPLICATES,
                        "Of the envelopes stored, those that the stream had already, by the id of their sender");
        ignored = counter(IGNORED, "Messages that are no reading, as the gateway's intake says");
        dropped =
                counter(
                        DROPPED,
                        "Messages of QoS 0 that were dropped, as too many or too large ones waited for NATS");
        reconnects = counter(RECONNECTS, "Connections to the broker after the first");
        latency =
                Latencies.timer(LATENCY, "Time from receiving a message to its being stored")
                        .tag(GATEWAY, gatewayId)
                        .register(registry);
        gauges =
                List.of(
                        Gauge.builder(UNACKNOWLEDGED, unacknowledged, AtomicInteger::get)
                                .description(
                                        "Messages that are not stored yet, so that the broker has"
                                                + " no acknowledgement")
                                .tag(GATEWAY, gatewayId)
                                .register(registry),
                        Gauge.builder(CONNECTED, connected, count -> Math.min(1, count.get()))
                                .description("1 while the bridge is subscribed, else 0")
                                .tag(GATEWAY, gatewayId)
                                .register(registry));
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name)
                .description(description)
                .tag(GATEWAY, gatewayId)
                .register(registry);
    }

    /** A message came in. */
    public void received() {
        received.increment();
        unacknowledged.incrementAndGet();
    }

    /** A message that came in is stored now, or is no reading. */
    public void done(Outcome outcome, Duration after) {
        for (Outcome.Stored envelope : outcome.stored()) {
            stored.increment();
            if (envelope.duplicate()) {
                duplicates.increment();
            }
        }
        if (outcome.refusal().isPresent()) {
            refused(outcome.refusal().get().reason());
        } else if (outcome.isIgnored()) {
            ignored.increment();
        } else {
            latency.record(after);
        }
        unacknowledged.decrementAndGet();
    }

    private void refused(RefusalReason reason) {
        refused.computeIfAbsent(
                        reason,
                        each ->
                                Counter.builder(REFUSED)
                                        .description("Messages that are refused uplinks now")
                                        .tag(GATEWAY, gatewayId)
                                        .tag(REASON, text(each))
                                        .register(registry))
                .increment();
    }

    /** A reason as the tag {@value #REASON} has it. */
    static String text(RefusalReason reason) {
        return reason.name().substring(REASON_PREFIX.length()).toLowerCase(Locale.ROOT);
    }

    /** A message of QoS 0 was dropped. */
    public void dropped() {
        dropped.increment();
    }

    /**
     * A connection is subscribed now, or is not any more. Where one takes the place of another
     * there are two for a moment.
     */
    public void connected(boolean now) {
        connected.addAndGet(now ? 1 : -1);
        if (now && connectedBefore.getAndSet(true)) {
            reconnects.increment();
        }
    }

    @Override
    public void close() {
        List.of(received, stored, duplicates, ignored, dropped, reconnects, latency)
                .forEach(registry::remove);
        gauges.forEach(registry::remove);
        refused.values().forEach(registry::remove);
    }
}
