package io.ponix.embedded.flink.reporter;

import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.apache.flink.util.PortRange;

/**
 * Makes what {@code metrics.reporter.<name>.factory.class} names in {@code flink-conf/config.yaml}.
 * Its one setting is Flink's own: {@code port}, a port or a range, by default 9249.
 */
public final class LoopbackPrometheusReporterFactory implements MetricReporterFactory {

    @Override
    public MetricReporter createMetricReporter(Properties settings) {
        return new LoopbackPrometheusReporter(new PortRange(settings.getProperty("port", "9249")));
    }
}
