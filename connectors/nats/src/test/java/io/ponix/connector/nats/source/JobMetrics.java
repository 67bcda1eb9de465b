package io.ponix.connector.nats.source;

import io.ponix.connector.nats.source.reader.JetStreamSourceMetrics;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.testutils.InMemoryReporter;

/** The metrics that a job reports through Flink. */
final class JobMetrics {

    private final InMemoryReporter reporter = InMemoryReporter.create();

    /** What a cluster must be started with to report here. */
    Configuration clusterConfiguration() {
        return reporter.addToConfiguration(new Configuration());
    }

    /** Sum of a counter of the source over the job's readers. */
    long counter(LedgerJob job, String name) {
        return sum(
                job,
                JetStreamSourceMetrics.GROUP + "." + name,
                metric -> ((Counter) metric).getCount());
    }

    /** Sum of the gauges whose identifiers end so. */
    long gauge(LedgerJob job, String ending) {
        return sum(
                job, "." + ending, metric -> ((Number) ((Gauge<?>) metric).getValue()).longValue());
    }

    private long sum(LedgerJob job, String ending, ToLongFunction<Metric> value) {
        return metrics(job, ending).mapToLong(value).sum();
    }

    private Stream<Metric> metrics(LedgerJob job, String ending) {
        return reporter.getMetricsByIdentifiers(job.client().getJobID()).entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(ending))
                .map(Map.Entry::getValue);
    }
}
