package io.ponix.bridge.metrics;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Times to JetStream's acknowledgement, as histograms: Prometheus makes quantiles of them. */
final class Latencies {

    /** From what a fast disk takes, to what somebody waits for who is answered 503 after 10 s. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30)
    };

    private Latencies() {}

    static Timer.Builder timer(String name, String description) {
        return Timer.builder(name).description(description).serviceLevelObjectives(BUCKETS);
    }
}
