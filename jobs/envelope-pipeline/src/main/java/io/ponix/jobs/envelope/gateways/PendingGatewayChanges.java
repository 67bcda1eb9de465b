package io.ponix.jobs.envelope.gateways;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Changes that the stream has not stored yet, in the order of the commits. Filled by the task's
 * thread, emptied by the one that publishes.
 *
 * <p>Nothing makes the task wait, so it is bounded otherwise: when many wait, an update that a
 * later change of the same gateway has made outdated is left out. What remains are a few changes of
 * each gateway, and every gateway's last state.
 */
final class PendingGatewayChanges {

    /** So many may wait before any are left out. */
    static final int MANY = 10_000;

    private final Deque<GatewayChange> changes;
    private int thinOutAt = MANY;

    PendingGatewayChanges(Collection<GatewayChange> restored) {
        changes = new ArrayDeque<>(restored);
    }

    synchronized void add(GatewayChange change) {
        changes.add(change);
        if (changes.size() >= thinOutAt) {
            thinOut();
            thinOutAt = Math.max(MANY, 2 * changes.size());
        }
        notifyAll();
    }

    /** Waits for a change, and returns the first without removing it. */
    synchronized GatewayChange awaitFirst() throws InterruptedException {
        while (changes.isEmpty()) {
            wait();
        }
        return changes.getFirst();
    }

    /** Removes the one that {@link #awaitFirst} returned. */
    synchronized void removeFirst() {
        changes.removeFirst();
    }

    synchronized int count() {
        return changes.size();
    }

    synchronized List<GatewayChange> snapshot() {
        return new ArrayList<>(changes);
    }

    private void thinOut() {
        // The first is being published, and is removed by the one who does.
        GatewayChange first = changes.removeFirst();
        Set<String> changedLater = new HashSet<>();
        for (Iterator<GatewayChange> backwards = changes.descendingIterator();
                backwards.hasNext(); ) {
            GatewayChange change = backwards.next();
            boolean latest = changedLater.add(change.gateway().getGatewayId());
            if (!latest && change.operation() == GatewayChange.Operation.UPDATE) {
                backwards.remove();
            }
        }
        changes.addFirst(first);
    }
}
