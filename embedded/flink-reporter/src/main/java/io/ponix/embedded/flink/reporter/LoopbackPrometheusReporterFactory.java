package io.ponix.embedded.flink.reporter;

import io.ponix.environment.AllowedHosts;
import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.apache.flink.util.PortRange;

/**
 * Makes what {@code metrics.reporter.<name>.factory.class} names in {@code flink-conf/config.yaml}.
 * Its settings are Flink's own {@code port}, a port or a range, by default 9249, and {@code
 * allowed-hosts}: names by which it is asked for, separated by commas, beside localhost and
 * addresses in numbers.
 */
public final class LoopbackPrometheusReporterFactory implements MetricReporterFactory {

    private static final String ALLOWED_HOSTS = "allowed-hosts";

    @Override
    public MetricReporter createMetricReporter(Properties settings) {
        return new LoopbackPrometheusReporter(
                new PortRange(settings.getProperty("port", "9249")),
                AllowedHosts.parse(ALLOWED_HOSTS, settings.getProperty(ALLOWED_HOSTS, "")));
    }
}
