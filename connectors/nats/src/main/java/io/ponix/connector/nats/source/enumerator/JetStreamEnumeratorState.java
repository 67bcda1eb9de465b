package io.ponix.connector.nats.source.enumerator;

import io.ponix.connector.nats.source.split.JetStreamSplit;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.annotation.Internal;

/**
 * What the enumerator knows at a checkpoint. The positions of assigned splits are not here but in
 * their readers' state.
 */
@Internal
public final class JetStreamEnumeratorState {

    private final Set<String> knownSplitIds;
    private final List<JetStreamSplit> unassignedSplits;

    /**
     * @param knownSplitIds ids of the splits whose starting position has been resolved, assigned,
     *     finished or not
     * @param unassignedSplits those of them that no reader holds, with their positions
     */
    public JetStreamEnumeratorState(
            Collection<String> knownSplitIds, Collection<JetStreamSplit> unassignedSplits) {
        this.knownSplitIds = Set.copyOf(knownSplitIds);
        this.unassignedSplits = List.copyOf(unassignedSplits);
    }

    /** Ids of the splits whose starting position has been resolved. */
    public Set<String> knownSplitIds() {
        return knownSplitIds;
    }

    /** Splits that no reader holds. */
    public List<JetStreamSplit> unassignedSplits() {
        return unassignedSplits;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JetStreamEnumeratorState
                && knownSplitIds.equals(((JetStreamEnumeratorState) other).knownSplitIds)
                && unassignedSplits.equals(((JetStreamEnumeratorState) other).unassignedSplits);
    }

    @Override
    public int hashCode() {
        return Objects.hash(knownSplitIds, unassignedSplits);
    }

    @Override
    public String toString() {
        return "known " + knownSplitIds + ", unassigned " + unassignedSplits;
    }
}
