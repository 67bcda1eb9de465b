package io.ponix.cli.chaos;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.ClickHouseQueries;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the rows of the table over and over, and notes for how long there were no new ones. A
 * ClickHouse that does not answer shows none.
 */
final class RowWatch implements AutoCloseable {

    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    private final ClickHouseQueries clickHouse;
    private final Thread thread = new Thread(this::watch, "chaos-rows");
    private final Map<Fault, Duration> longestGaps = new HashMap<>();
    private volatile boolean ended;

    /**
     * The faults since there were new rows last, and the one before them, with their beginnings.
     */
    private final Map<Fault, Long> pending = new HashMap<>();

    private Fault during;
    private long duringSince;
    private long rows;
    private long newestRows = System.nanoTime();

    RowWatch(ClickHouseQueries clickHouse) {
        this.clickHouse = clickHouse;
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * A fault begins: the time without new rows from now on is its own, and still that of the
     * faults before it that have not seen new rows yet. Null ends them all.
     */
    synchronized void during(Fault fault) {
        if (fault == null) {
            note();
            pending.clear();
        } else {
            duringSince = System.nanoTime();
            pending.putIfAbsent(fault, duringSince);
        }
        during = fault;
    }

    /** How many rows there were when it was looked last. */
    synchronized long rows() {
        return rows;
    }

    /** How long there have been no new rows. */
    synchronized Duration sinceNewRows() {
        return Duration.ofNanos(System.nanoTime() - newestRows);
    }

    /** The longest time without new rows that a fault was followed by. */
    synchronized Duration longestGap(Fault fault) {
        return longestGaps.getOrDefault(fault, Duration.ZERO);
    }

    @Override
    public void close() {
        ended = true;
        thread.interrupt();
    }

    private void watch() {
        while (!ended) {
            try {
                long counted =
                        Long.parseLong(
                                clickHouse.row("SELECT count() FROM " + clickHouse.table())[0]);
                seen(counted);
            } catch (CommandException doesNotAnswer) {
                // No new rows, then.
            }
            try {
                Thread.sleep(LOOK_EVERY.toMillis());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private synchronized void seen(long counted) {
        if (counted > rows) {
            note();
            pending.clear();
            if (during != null) {
                pending.put(during, duringSince);
            }
            rows = counted;
            newestRows = System.nanoTime();
        }
    }

    private void note() {
        long now = System.nanoTime();
        pending.forEach(
                (fault, since) ->
                        longestGaps.merge(
                                fault,
                                Duration.ofNanos(now - Math.max(since, newestRows)),
                                RowWatch::longer));
    }

    private static Duration longer(Duration left, Duration right) {
        return left.compareTo(right) < 0 ? right : left;
    }
}
