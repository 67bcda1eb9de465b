package io.ponix.bridge.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The metrics of every gateway, each from when it is asked for first until it is forgotten. */
public final class BridgeMetrics {

    private final MeterRegistry registry;
    private final Map<String, GatewayMetrics> gateways = new ConcurrentHashMap<>();

    /**
     * @param registry stays the caller's
     */
    public BridgeMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Those of a gateway. */
    public GatewayMetrics of(String gatewayId) {
        return gateways.computeIfAbsent(gatewayId, id -> new GatewayMetrics(registry, id));
    }

    /** The gateway is gone. */
    public void forget(String gatewayId) {
        GatewayMetrics gone = gateways.remove(gatewayId);
        if (gone != null) {
            gone.close();
        }
    }
}
