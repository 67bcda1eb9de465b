package io.ponix.bridge.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.ponix.bridge.publish.Outcome;
import io.ponix.proto.uplink.v1.RefusalReason;
import java.time.Duration;
import java.util.function.Predicate;

/** What is counted of requests by HTTP. */
public final class HttpMetrics {

    /**
     * Requests, by {@value GatewayMetrics#GATEWAY} and by {@value #STATUS} of the answer. The
     * gateway is empty where the request had no key of it.
     */
    public static final String REQUESTS = "ponix.bridge.http.requests";

    /** Raw envelopes that were stored; a request can be several. */
    public static final String STORED = "ponix.bridge.http.stored";

    /** Of the envelopes stored, those that the stream had already, by their ids. */
    public static final String DUPLICATES = "ponix.bridge.http.duplicates";

    /** Requests whose content is refused, by {@value GatewayMetrics#REASON}. */
    public static final String REFUSED = "ponix.bridge.http.refused";

    /** Requests that are no reading, as the gateway's intake says. */
    public static final String IGNORED = "ponix.bridge.http.ignored";

    /** How long it took from a request's headers to its answer, where something was stored. */
    public static final String LATENCY = "ponix.bridge.http.latency";

    /** The tag with the status code of the answer. */
    public static final String STATUS = "status";

    private static final String PREFIX = "ponix.bridge.http.";

    private final MeterRegistry registry;

    public HttpMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * A request was answered.
     *
     * @param gatewayId empty where it had no key of one
     */
    public void answered(String gatewayId, int status) {
        Counter.builder(REQUESTS)
                .description("Requests, by the status of the answer")
                .tag(GatewayMetrics.GATEWAY, gatewayId)
                .tag(STATUS, "" + status)
                .register(registry)
                .increment();
    }

    /** What a request of a gateway holds is refused; its sender is told. */
    public void refused(String gatewayId, RefusalReason reason) {
        Counter.builder(REFUSED)
                .description("Requests whose content is refused")
                .tag(GatewayMetrics.GATEWAY, gatewayId)
                .tag(GatewayMetrics.REASON, GatewayMetrics.text(reason))
                .register(registry)
                .increment();
    }

    private Counter counter(String name, String description, String gatewayId) {
        return Counter.builder(name)
                .description(description)
                .tag(GatewayMetrics.GATEWAY, gatewayId)
                .register(registry);
    }

    /**
     * Removes what was counted of gateways that are gone.
     *
     * @param isThere whether there is a gateway of this id
     */
    public void retain(Predicate<String> isThere) {
        for (Meter meter : registry.getMeters()) {
            String gatewayId = meter.getId().getTag(GatewayMetrics.GATEWAY);
            if (meter.getId().getName().startsWith(PREFIX)
                    && !gatewayId.isEmpty()
                    && !isThere.test(gatewayId)) {
                registry.remove(meter);
            }
        }
    }

    /** A request is stored, or is no reading. */
    public void done(String gatewayId, Outcome outcome, Duration after) {
        if (outcome.isIgnored()) {
            counter(
                            IGNORED,
                            "Requests that are no reading, as the gateway's intake says",
                            gatewayId)
                    .increment();
            return;
        }
        long duplicates = outcome.stored().stream().filter(Outcome.Stored::duplicate).count();
        counter(STORED, "Raw envelopes that were stored; a request can be several", gatewayId)
                .increment(outcome.stored().size());
        counter(DUPLICATES, "Of the envelopes stored, those that the stream had already", gatewayId)
                .increment(duplicates);
        Latencies.timer(
                        LATENCY,
                        "Time from a request's headers to its answer, where something was stored")
                .tag(GatewayMetrics.GATEWAY, gatewayId)
                .register(registry)
                .record(after);
    }
}
