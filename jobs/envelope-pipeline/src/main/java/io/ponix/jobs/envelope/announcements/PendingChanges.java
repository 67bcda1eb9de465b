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
 * <p>Nothing makes the task wait, so it is bounded otherwise: when many wait, or a few that are
 * large, an update that a later change of the same entity has made outdated is left out. What
 * remains are a few changes of each entity, and every entity's last state.
 */
final class PendingChanges {

    /** So many may wait before any are left out. */
    static final int MANY = 10_000;

    /** So many bytes of entities may. */
    static final long LARGE = 16 << 20;

    private final Deque<AnnouncedChange> changes;
    private long bytes;
    private int thinOutAt = MANY;
    private long thinOutAtBytes = LARGE;

    PendingChanges(Collection<AnnouncedChange> restored) {
        changes = new ArrayDeque<>(restored);
        restored.forEach(change -> bytes += change.entity().size());
    }

    synchronized void add(AnnouncedChange change) {
        changes.add(change);
        bytes += change.entity().size();
        if (changes.size() >= thinOutAt || bytes >= thinOutAtBytes) {
            thinOut();
            thinOutAt = Math.max(MANY, 2 * changes.size());
            thinOutAtBytes = Math.max(LARGE, 2 * bytes);
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
        bytes -= changes.removeFirst().entity().size();
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
                bytes -= change.entity().size();
            }
        }
        changes.addFirst(first);
    }
}
