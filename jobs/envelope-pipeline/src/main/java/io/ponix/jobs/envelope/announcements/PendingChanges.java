package io.ponix.jobs.envelope.announcements;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Changes of a table that its stream has not stored yet, in the order of the commits. Filled by the
 * task's thread, emptied by the one that publishes.
 *
 * <p>Nothing makes the task wait, so it is bounded otherwise: when many wait, an update that a
 * later change of the same entity has made outdated is left out. What remains are a few changes of
 * each entity, and every entity's last state.
 */
final class PendingChanges {

    /** So many may wait before any are left out. */
    static final int MANY = 10_000;

    private final Deque<AnnouncedChange> changes;
    private int thinOutAt = MANY;

    PendingChanges(Collection<AnnouncedChange> restored) {
        changes = new ArrayDeque<>(restored);
    }

    synchronized void add(AnnouncedChange change) {
        changes.add(change);
        if (changes.size() >= thinOutAt) {
            thinOut();
            thinOutAt = Math.max(MANY, 2 * changes.size());
        }
        notifyAll();
    }

    /** Waits for a change, and returns the first without removing it. */
    synchronized AnnouncedChange awaitFirst() throws InterruptedException {
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

    synchronized List<AnnouncedChange> snapshot() {
        return new ArrayList<>(changes);
    }

    private void thinOut() {
        // The first is being published, and is removed by the one who does.
        AnnouncedChange first = changes.removeFirst();
        Set<String> changedLater = new HashSet<>();
        for (Iterator<AnnouncedChange> backwards = changes.descendingIterator();
                backwards.hasNext(); ) {
            AnnouncedChange change = backwards.next();
            boolean latest = changedLater.add(change.id());
            if (!latest && change.operation() == AnnouncedChange.Operation.UPDATE) {
                backwards.remove();
            }
        }
        changes.addFirst(first);
    }
}
