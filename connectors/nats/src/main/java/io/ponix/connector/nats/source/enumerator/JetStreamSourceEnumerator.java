package io.ponix.connector.nats.source.enumerator;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.ponix.connector.nats.NatsAccessException;
import io.ponix.connector.nats.NatsConnections;
import io.ponix.connector.nats.Subjects;
import io.ponix.connector.nats.source.JetStreamPreflightException;
import io.ponix.connector.nats.source.JetStreamSourceOptions;
import io.ponix.connector.nats.source.StoppingPosition;
import io.ponix.connector.nats.source.StreamInspector;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.util.FlinkRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deals splits out to readers, evenly and always the same way: the n-th filter subject goes to
 * reader n modulo parallelism.
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
public final class JetStreamSourceEnumerator
        implements SplitEnumerator<JetStreamSplit, JetStreamEnumeratorState> {

    private static final Logger LOG = LoggerFactory.getLogger(JetStreamSourceEnumerator.class);

    private static final long RETRY_MILLIS = 1_000;

    private final SplitEnumeratorContext<JetStreamSplit> context;
    private final JetStreamSourceOptions options;

    /** Splits whose starting position has been resolved, by id, whoever holds them. */
    private final Set<String> known = new LinkedHashSet<>();

    /** Splits that no reader holds. */
    private final Map<String, JetStreamSplit> unassigned = new LinkedHashMap<>();

    /** The reader of each assigned split. */
    private final Map<String, Integer> owners = new HashMap<>();

    private final boolean restored;
    private final boolean startedBefore;
    private boolean checked;
    private PositionResolver.Bounds bounds;
    private boolean ready;
    private volatile boolean closed;

    private JetStreamSourceEnumerator(
            SplitEnumeratorContext<JetStreamSplit> context,
            JetStreamSourceOptions options,
            Collection<String> known,
            Collection<JetStreamSplit> unassigned,
            boolean restored) {
        this.context = context;
        this.options = options;
        this.known.addAll(known);
        unassigned.forEach(split -> this.unassigned.put(split.splitId(), split));
        this.restored = restored;
        this.startedBefore = !known.isEmpty();
    }

    /** The enumerator of a job without state. */
    public static JetStreamSourceEnumerator create(
            SplitEnumeratorContext<JetStreamSplit> context, JetStreamSourceOptions options) {
        return new JetStreamSourceEnumerator(context, options, List.of(), List.of(), false);
    }

    /** The enumerator of a job that continues from a checkpoint or savepoint. */
    public static JetStreamSourceEnumerator restore(
            SplitEnumeratorContext<JetStreamSplit> context,
            JetStreamSourceOptions options,
            JetStreamEnumeratorState state) {
        return new JetStreamSourceEnumerator(
                context, options, state.knownSplitIds(), state.unassignedSplits(), true);
    }

    @Override
    public void start() {
        context.callAsync(
                this::resolveWithRetries,
                (resolved, failure) -> {
                    if (failure != null) {
                        throw new FlinkRuntimeException(
                                "The JetStream source cannot start: " + failure.getMessage(),
                                failure);
                    }
                    bounds = resolved;
                    checked = true;
                    proceed();
                });
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
    public void addReader(int subtask) {
        ReaderInfo reader = context.registeredReaders().get(subtask);
        List<JetStreamSplit> reported = reader.getReportedSplitsOnRegistration();
        for (JetStreamSplit split : reported) {
            Integer owner = owners.get(split.splitId());
            if (owner != null && owner != subtask) {
                // A reader that fails alone before the first checkpoint after a rescale gets the
                // state of that rescale
                // again, in which it held splits that have been dealt to others since; those others
                // go on reading them.
                LOG.info("{} is read by reader {}, not giving it to {}", split, owner, subtask);
            } else if (ready && !known.contains(split.splitId())) {
                LOG.info("{} is not configured any more", split);
            } else {
                unassigned.putIfAbsent(split.splitId(), split);
            }
        }
        proceed();
    }

    @Override
    public void addSplitsBack(List<JetStreamSplit> splits, int subtask) {
        for (JetStreamSplit split : splits) {
            owners.remove(split.splitId());
            unassigned.put(split.splitId(), split);
        }
        // They are assigned when the reader registers again.
    }

    private void proceed() {
        if (!checked) {
            return;
        }
        if (!ready) {
            // Only when every reader has reported is it known what is missing, and what a new
            // filter may continue.
            if (restored && context.registeredReaders().size() < context.currentParallelism()) {
                return;
            }
            reconcile();
            ready = true;
        }
        assign();
    }

    /** Fits the splits there are to the subjects that are configured. */
    private void reconcile() {
        Map<String, String> filters = new LinkedHashMap<>();
        options.filterSubjects()
                .forEach(
                        filter ->
                                filters.put(
                                        JetStreamSplit.splitId(options.stream(), filter), filter));

        List<JetStreamSplit> removed = new ArrayList<>();
        for (JetStreamSplit split : List.copyOf(unassigned.values())) {
            if (!filters.containsKey(split.splitId())) {
                removed.add(unassigned.remove(split.splitId()));
            }
        }
        known.retainAll(filters.keySet());

        filters.forEach(
                (id, filter) -> {
                    if (known.add(id)) {
                        unassigned.put(id, newSplit(filter, removed));
                    }
                });
        if (!removed.isEmpty()) {
            LOG.warn("The configured subjects have changed; not read any more: {}", removed);
        }
    }

    private JetStreamSplit newSplit(String filter, List<JetStreamSplit> removed) {
        OptionalLong continued =
                removed.stream()
                        .filter(split -> split.stream().equals(options.stream()))
                        .filter(split -> Subjects.overlap(split.filterSubject(), filter))
                        .mapToLong(JetStreamSplit::nextSequence)
                        .min();
        JetStreamSplit split =
                new JetStreamSplit(
                        options.stream(),
                        filter,
                        continued.orElse(bounds.nextSequence),
                        bounds.stoppingSequence);
        if (continued.isPresent()) {
            LOG.warn(
                    "The configured subjects have changed; continuing where removed ones were: {}",
                    split);
        } else if (startedBefore) {
            LOG.warn("The configured subjects have changed; new: {}", split);
        } else {
            LOG.info("Starting at {}: {}", options.startingPosition(), split);
        }
        return split;
    }

    private void assign() {
        Map<Integer, List<JetStreamSplit>> assignment = new HashMap<>();
        int parallelism = context.currentParallelism();
        int index = 0;
        for (String filter : options.filterSubjects()) {
            int owner = index++ % parallelism;
            String id = JetStreamSplit.splitId(options.stream(), filter);
            if (!unassigned.containsKey(id) || !context.registeredReaders().containsKey(owner)) {
                continue;
            }
            JetStreamSplit split = unassigned.remove(id);
            if (split.isFinished()) {
                LOG.info("Nothing to read: {}", split);
                continue;
            }
            owners.put(id, owner);
            assignment.computeIfAbsent(owner, reader -> new ArrayList<>()).add(split);
        }
        if (!assignment.isEmpty()) {
            LOG.info("Assigning {}", assignment);
            context.assignSplits(new SplitsAssignment<>(assignment));
        }
        if (options.stoppingPosition().kind() != StoppingPosition.Kind.NEVER) {
            context.registeredReaders().keySet().forEach(context::signalNoMoreSplits);
        }
    }

    @Override
    public void handleSplitRequest(int subtask, String requesterHostname) {
        // Readers do not ask: everything is assigned when they register.
    }

    @Override
    public JetStreamEnumeratorState snapshotState(long checkpointId) {
        return new JetStreamEnumeratorState(known, unassigned.values());
    }

    @Override
    public void close() {
        closed = true;
    }
}
