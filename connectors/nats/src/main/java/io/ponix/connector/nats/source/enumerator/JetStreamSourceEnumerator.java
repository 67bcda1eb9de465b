package io.ponix.connector.nats.source.enumerator;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsConnections;
import io.ponix.connector.nats.source.settings.JetStreamSourceOptions;
import io.ponix.connector.nats.source.settings.SourcePermit;
import io.ponix.connector.nats.source.settings.StoppingPosition;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.stream.JetStreamPreflightException;
import io.ponix.connector.nats.source.stream.StreamInspector;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.util.FlinkRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deals splits out to readers, see {@link SplitPool}.
 *
 * <p>A fresh job's splits begin at the starting position, resolved once. A restored job's readers
 * report the splits of their state when they register (see {@link
 * org.apache.flink.api.connector.source.SupportsSplitReassignmentOnRecovery}); once all have, the
 * reported splits are compared with the configured subjects and dealt out. Until a reported split
 * is assigned it is part of this enumerator's state, afterwards of its reader's: a checkpoint holds
 * it exactly once.
 *
 * <p>Runs in the source coordinator's thread; only {@link #resolveWithRetries()} runs elsewhere.
 */
@Internal
public final class JetStreamSourceEnumerator
        implements SplitEnumerator<JetStreamSplit, JetStreamEnumeratorState> {

    private static final Logger LOG = LoggerFactory.getLogger(JetStreamSourceEnumerator.class);

    private static final long RETRY_MILLIS = 1_000;

    /** Where Flink tells an enumerator which job it belongs to: the scope of its metrics. */
    private static final String JOB_ID_VARIABLE = "<job_id>";

    private final SplitEnumeratorContext<JetStreamSplit> context;
    private final JetStreamSourceOptions options;
    private final SplitPool pool;
    private final boolean restored;
    private PositionResolver.Bounds bounds;
    private boolean reconciled;
    private volatile SourcePermit.Held permit;
    private volatile boolean closed;

    private JetStreamSourceEnumerator(
            SplitEnumeratorContext<JetStreamSplit> context,
            JetStreamSourceOptions options,
            JetStreamEnumeratorState state,
            boolean restored) {
        this.context = context;
        this.options = options;
        this.pool = new SplitPool(options.stream(), options.filterSubjects(), state);
        this.restored = restored;
    }

    /** The enumerator of a job without state. */
    public static JetStreamSourceEnumerator create(
            SplitEnumeratorContext<JetStreamSplit> context, JetStreamSourceOptions options) {
        JetStreamEnumeratorState nothing = new JetStreamEnumeratorState(List.of(), List.of());
        return new JetStreamSourceEnumerator(context, options, nothing, false);
    }

    /** The enumerator of a job that continues from a checkpoint or savepoint. */
    public static JetStreamSourceEnumerator restore(
            SplitEnumeratorContext<JetStreamSplit> context,
            JetStreamSourceOptions options,
            JetStreamEnumeratorState state) {
        return new JetStreamSourceEnumerator(context, options, state, true);
    }

    @Override
    public void start() {
        options.permit().ifPresent(required -> permit = required.request(jobId()));
        context.callAsync(
                this::resolveWhenPermitted,
                (resolved, failure) -> {
                    if (failure != null) {
                        throw new FlinkRuntimeException(
                                "The JetStream source cannot start: " + failure.getMessage(),
                                failure);
                    }
                    bounds = resolved;
                    keepPermit();
                    proceed();
                });
    }

    private PositionResolver.Bounds resolveWhenPermitted() throws Exception {
        if (permit != null) {
            permit.await();
        }
        return resolveWithRetries();
    }

    private void keepPermit() {
        if (permit == null) {
            return;
        }
        long interval = permit.renewalInterval().toMillis();
        context.callAsync(
                () -> {
                    permit.renew();
                    return null;
                },
                (nothing, failure) -> {
                    if (failure != null) {
                        throw new FlinkRuntimeException(
                                "The JetStream source must not read on: " + failure.getMessage(),
                                failure);
                    }
                },
                interval,
                interval);
    }

    private String jobId() {
        String jobId = context.metricGroup().getAllVariables().get(JOB_ID_VARIABLE);
        if (jobId == null) {
            throw new IllegalStateException("Flink's metrics do not tell the job's id");
        }
        return jobId;
    }

    /**
     * Waits for a server that is not there yet, as long as it takes: a job that restarts together
     * with its server must not use up its restart attempts. What cannot get better fails at once.
     */
    private PositionResolver.Bounds resolveWithRetries() throws Exception {
        while (true) {
            try {
                Connection connection =
                        NatsConnections.open(
                                options.connection(),
                                "ponix-jetstream-enumerator",
                                new NatsConnections.Listener() {});
                try {
                    return PositionResolver.resolve(
                            options,
                            new StreamInspector(connection, options.connection().requestTimeout()));
                } finally {
                    connection.close();
                }
            } catch (JetStreamPreflightException | NatsAccessException | JetStreamApiException e) {
                throw e;
            } catch (IOException e) {
                if (closed) {
                    throw e;
                }
                LOG.warn(
                        "Cannot look at stream {} yet, trying again: {}",
                        options.stream(),
                        e.getMessage());
                Thread.sleep(RETRY_MILLIS);
            }
        }
    }

    @Override
    public void addReader(int reader) {
        pool.report(
                context.registeredReaders().get(reader).getReportedSplitsOnRegistration(), reader);
        proceed();
    }

    @Override
    public void addSplitsBack(List<JetStreamSplit> splits, int reader) {
        pool.giveBack(splits);
        // They are assigned when the reader registers again.
    }

    private void proceed() {
        if (bounds == null) {
            return;
        }
        if (!reconciled) {
            // Only when every reader has reported is it known what is missing, and what a new
            // filter may continue.
            if (restored && context.registeredReaders().size() < context.currentParallelism()) {
                return;
            }
            pool.reconcile(bounds);
            reconciled = true;
        }
        Map<Integer, List<JetStreamSplit>> assignment =
                pool.assign(context.currentParallelism(), context.registeredReaders().keySet());
        if (!assignment.isEmpty()) {
            LOG.info("Assigning {}", assignment);
            context.assignSplits(new SplitsAssignment<>(assignment));
        }
        if (options.stoppingPosition().kind() != StoppingPosition.Kind.NEVER) {
            context.registeredReaders().keySet().forEach(context::signalNoMoreSplits);
        }
    }

    @Override
    public void handleSplitRequest(int reader, String requesterHostname) {
        // Readers do not ask: everything is assigned when they register.
    }

    @Override
    public JetStreamEnumeratorState snapshotState(long checkpointId) {
        return pool.toState();
    }

    @Override
    public void close() {
        closed = true;
        if (permit != null) {
            permit.close();
        }
    }
}
