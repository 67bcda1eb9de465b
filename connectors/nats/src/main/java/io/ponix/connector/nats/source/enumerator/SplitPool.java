package io.ponix.connector.nats.source.enumerator;

import io.ponix.connector.nats.Subjects;
import io.ponix.connector.nats.source.split.AlreadyRead;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.MessageStamp;
import io.ponix.connector.nats.source.split.ReadHistory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which splits there are, who holds them, and who is to hold them.
 *
 * <p>A split is either unassigned, then its position is here, or held by a reader, then its
 * position is there.
 */
final class SplitPool {

    private static final Logger LOG = LoggerFactory.getLogger(SplitPool.class);

    private final String stream;
    private final List<String> filters;

    /**
     * Splits whose starting position has been resolved, by id, whoever holds them, finished or not.
     */
    private final Set<String> known = new LinkedHashSet<>();

    private final Map<String, JetStreamSplit> unassigned = new LinkedHashMap<>();
    private final Map<String, Integer> owners = new HashMap<>();
    private final boolean startedBefore;
    private boolean reconciled;
    private long streamCreatedNanos;

    /**
     * @param filters the configured filter subjects; their order decides who reads what
     * @param state what a checkpoint holds, or an empty state
     */
    SplitPool(String stream, List<String> filters, JetStreamEnumeratorState state) {
        this.stream = stream;
        this.filters = filters;
        known.addAll(state.knownSplitIds());
        state.unassignedSplits().forEach(split -> unassigned.put(split.splitId(), split));
        startedBefore = !known.isEmpty();
    }

    JetStreamEnumeratorState toState() {
        return new JetStreamEnumeratorState(known, unassigned.values());
    }

    /** A reader registers and says what it held at the checkpoint it was restored from. */
    void report(Collection<JetStreamSplit> splits, int reader) {
        for (JetStreamSplit split : splits) {
            Integer owner = owners.get(split.splitId());
            if (owner != null && owner != reader) {
                // A reader that fails alone before the first checkpoint after a rescale gets the
                // state of that rescale again, in which it held splits that have been dealt to
                // others since; those go on reading them.
                LOG.info("{} is read by reader {}, not giving it to {}", split, owner, reader);
            } else if (reconciled && !known.contains(split.splitId())) {
                LOG.info("{} is not configured any more", split);
            } else {
                unassigned.putIfAbsent(split.splitId(), split);
            }
        }
    }

    /**
     * A reader has failed; these splits were assigned to it since the checkpoint it is restored
     * from.
     */
    void giveBack(Collection<JetStreamSplit> splits) {
        for (JetStreamSplit split : splits) {
            owners.remove(split.splitId());
            unassigned.put(split.splitId(), split);
        }
    }

    /**
     * Fits the splits there are to the filters that are configured, once all readers have reported.
     */
    void reconcile(PositionResolver.Bounds bounds) {
        streamCreatedNanos = bounds.streamCreatedNanos;
        Map<String, String> configured = new LinkedHashMap<>();
        filters.forEach(filter -> configured.put(JetStreamSplit.splitId(stream, filter), filter));

        List<JetStreamSplit> removed = new ArrayList<>();
        for (JetStreamSplit split : List.copyOf(unassigned.values())) {
            if (!configured.containsKey(split.splitId())) {
                removed.add(ofKnownStream(unassigned.remove(split.splitId())));
            }
        }
        known.retainAll(configured.keySet());
        configured.forEach(
                (id, filter) -> {
                    if (known.add(id)) {
                        unassigned.put(id, newSplit(filter, removed, bounds));
                    }
                });
        if (!removed.isEmpty()) {
            LOG.warn("The configured subjects have changed; removed: {}", removed);
        }
        reconciled = true;
    }

    private JetStreamSplit newSplit(
            String filter, List<JetStreamSplit> removed, PositionResolver.Bounds bounds) {
        JetStreamSplit fresh =
                new JetStreamSplit(
                        stream,
                        filter,
                        bounds.nextSequence,
                        bounds.stoppingSequence,
                        bounds.streamCreatedNanos,
                        List.of(),
                        List.of());
        List<JetStreamSplit> continued =
                removed.stream()
                        .filter(split -> split.stream().equals(stream))
                        .filter(split -> Subjects.overlap(split.filterSubject(), filter))
                        .collect(Collectors.toList());
        if (!continued.isEmpty()) {
            JetStreamSplit split = continuing(continued, fresh, bounds);
            LOG.warn(
                    "The configured subjects have changed; {} goes on where removed ones were: {}",
                    split,
                    continued);
            return split;
        }
        if (startedBefore) {
            LOG.warn("The configured subjects have changed; new: {}", fresh);
        } else {
            LOG.info("Starting with {}", fresh);
        }
        return fresh;
    }

    /**
     * A new split that reads on where others were, each of which may have come to another position:
     * from the lowest of them, without what the others have read beyond it.
     */
    private static JetStreamSplit continuing(
            List<JetStreamSplit> others, JetStreamSplit fresh, PositionResolver.Bounds bounds) {
        List<AlreadyRead> alreadyRead = new ArrayList<>();
        List<MessageStamp> history = new ArrayList<>();
        long next = Long.MAX_VALUE;
        for (JetStreamSplit other : others) {
            // What the other one was told not to read comes first: its own position is behind that.
            alreadyRead.addAll(other.alreadyRead());
            if (other.nextSequence() != JetStreamSplit.EARLIEST) {
                alreadyRead.add(new AlreadyRead(other.filterSubject(), other.nextSequence()));
            }
            next = Math.min(next, other.nextSequence());
            history.addAll(other.history());
        }
        if (!covered(fresh.filterSubject(), others, bounds.streamSubjects)) {
            // What none of them read begins at the starting position.
            if (fresh.nextSequence() > next) {
                alreadyRead.add(new AlreadyRead(fresh.filterSubject(), fresh.nextSequence()));
            }
            next = Math.min(next, fresh.nextSequence());
        }
        return new JetStreamSplit(
                        fresh.stream(),
                        fresh.filterSubject(),
                        next,
                        fresh.stoppingSequence(),
                        others.get(0).streamCreatedNanos(),
                        alreadyRead,
                        // Also what lies ahead: it tells whether what was read there is the same.
                        new ReadHistory(history).stamps())
                .at(next);
    }

    /** Whether every message of a filter was one of the other splits'. */
    private static boolean covered(
            String filter, List<JetStreamSplit> others, List<String> streamSubjects) {
        return isReadBy(others, filter)
                || !streamSubjects.isEmpty()
                        && streamSubjects.stream()
                                .filter(subject -> Subjects.overlap(subject, filter))
                                .allMatch(subject -> isReadBy(others, subject));
    }

    private static boolean isReadBy(List<JetStreamSplit> splits, String subjects) {
        return splits.stream().anyMatch(split -> Subjects.covers(split.filterSubject(), subjects));
    }

    /**
     * Deals out what nobody holds: the n-th filter to reader n modulo parallelism, if it is there.
     *
     * @param readers the registered readers
     * @return new splits of each reader; readers without any are left out
     */
    Map<Integer, List<JetStreamSplit>> assign(int parallelism, Set<Integer> readers) {
        Map<Integer, List<JetStreamSplit>> assignment = new HashMap<>();
        for (int i = 0; i < filters.size(); i++) {
            int owner = i % parallelism;
            String id = JetStreamSplit.splitId(stream, filters.get(i));
            if (!unassigned.containsKey(id) || !readers.contains(owner)) {
                continue;
            }
            JetStreamSplit split = ofKnownStream(unassigned.remove(id));
            if (split.isFinished()) {
                LOG.info("Nothing to read: {}", split);
                continue;
            }
            owners.put(id, owner);
            assignment.computeIfAbsent(owner, reader -> new ArrayList<>()).add(split);
        }
        return assignment;
    }

    /** Older state does not say which stream it belongs to; then it is the one that is there. */
    private JetStreamSplit ofKnownStream(JetStreamSplit split) {
        return split.streamCreatedNanos() == JetStreamSplit.CREATION_UNKNOWN
                ? split.ofStreamCreatedAt(streamCreatedNanos)
                : split;
    }
}
