package io.ponix.connector.clickhouse.sink;

import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.ErrorClass;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** Counts what inserts do; called from several insert threads. */
final class InsertMetrics {

    private static final int LATENCIES_KEPT = 1_000;

    private final Counter rows;
    private final Counter bytes;
    private final Counter batches;
    private final Counter alreadyStored;
    private final Counter rejectedRows;
    private final Counter retriesNetwork;
    private final Counter retriesServer;
    private final Counter retriesUnclassified;
    private final Histogram latency;
    private volatile long lastCommitNanos;
    private volatile boolean committed;

    /** Registers the metrics in a group named {@link ClickHouseSinkMetrics#GROUP}. */
    InsertMetrics(MetricGroup group) {
        rows = counter(group, ClickHouseSinkMetrics.ROWS);
        bytes = counter(group, ClickHouseSinkMetrics.BYTES);
        batches = counter(group, ClickHouseSinkMetrics.BATCHES);
        alreadyStored = counter(group, ClickHouseSinkMetrics.ALREADY_STORED);
        rejectedRows = counter(group, ClickHouseSinkMetrics.REJECTED_ROWS);
        retriesNetwork = counter(group, ClickHouseSinkMetrics.RETRIES_NETWORK);
        retriesServer = counter(group, ClickHouseSinkMetrics.RETRIES_SERVER);
        retriesUnclassified = counter(group, ClickHouseSinkMetrics.RETRIES_UNCLASSIFIED);
        latency =
                group.histogram(
                        ClickHouseSinkMetrics.INSERT_LATENCY_MILLIS,
                        new DescriptiveStatisticsHistogram(LATENCIES_KEPT));
        group.gauge(ClickHouseSinkMetrics.SECONDS_SINCE_LAST_COMMIT, this::secondsSinceLastCommit);
    }

    private static Counter counter(MetricGroup group, String name) {
        return group.counter(name, new ThreadSafeSimpleCounter());
    }

    private long secondsSinceLastCommit() {
        return committed ? TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - lastCommitNanos) : -1;
    }

    void inserted(int rowCount, int byteCount, long startNanos) {
        long now = System.nanoTime();
        rows.inc(rowCount);
        bytes.inc(byteCount);
        batches.inc();
        // The histogram of Flink is made for one thread.
        synchronized (latency) {
            latency.update(TimeUnit.NANOSECONDS.toMillis(now - startNanos));
        }
        lastCommitNanos = now;
        committed = true;
    }

    void foundStored() {
        alreadyStored.inc();
    }

    void rejected(int rowCount) {
        rejectedRows.inc(rowCount);
    }

    void retrying(ClickHouseException cause) {
        if (cause.errorClass() == ErrorClass.UNCLASSIFIED) {
            retriesUnclassified.inc();
        } else if (cause.code() == ClickHouseException.NO_CODE) {
            retriesNetwork.inc();
        } else {
            retriesServer.inc();
        }
    }
}
