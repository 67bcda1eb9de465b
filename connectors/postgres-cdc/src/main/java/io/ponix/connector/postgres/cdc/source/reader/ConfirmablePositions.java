package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.connector.postgres.cdc.slot.WalPosition;
import java.util.ArrayDeque;

/**
 * Decides which position may be confirmed after a checkpoint: that of the newest completed
 * checkpoint which lies at least the kept amount of WAL behind the latest one, so that everything
 * younger can still be restored. With nothing to keep, the latest itself.
 */
final class ConfirmablePositions {

    /**
     * Positions closer together than this fraction of the kept amount are not told apart, which
     * bounds their number.
     */
    private static final int GRANULARITY = 16;

    private final long keptBytes;
    private final ArrayDeque<WalPosition> completed = new ArrayDeque<>();

    ConfirmablePositions(long keptBytes) {
        this.keptBytes = keptBytes;
    }

    /**
     * @param position of a checkpoint that has completed; never before an earlier one
     * @return up to where may be confirmed now, or null if nowhere yet
     */
    WalPosition complete(WalPosition position) {
        WalPosition last = completed.pollLast();
        WalPosition beforeLast = completed.peekLast();
        if (last != null
                && (beforeLast == null
                        || distance(beforeLast, position) >= keptBytes / GRANULARITY)) {
            completed.addLast(last);
        }
        completed.addLast(position);
        WalPosition confirmable = null;
        while (!completed.isEmpty() && distance(completed.peekFirst(), position) >= keptBytes) {
            confirmable = completed.removeFirst();
        }
        return confirmable;
    }

    /** As {@link #complete}, but keeps nothing of what is older than this checkpoint. */
    WalPosition completeAndKeepNothing(WalPosition position) {
        completed.clear();
        completed.addLast(position);
        return position;
    }

    private static long distance(WalPosition from, WalPosition to) {
        return to.value() - from.value();
    }
}
