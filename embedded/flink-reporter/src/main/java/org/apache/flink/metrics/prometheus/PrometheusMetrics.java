package org.apache.flink.metrics.prometheus;

import io.prometheus.client.CollectorRegistry;

/**
 * Flink's metrics as Prometheus knows them, without a server. In Flink's package, as what has them
 * is not visible elsewhere; in the cluster both come from one plugin folder, and so from one class
 * loader.
 */
public abstract class PrometheusMetrics extends AbstractPrometheusReporter {

    /** What a server has to answer with. */
    protected final CollectorRegistry metrics() {
        return registry;
    }
}
