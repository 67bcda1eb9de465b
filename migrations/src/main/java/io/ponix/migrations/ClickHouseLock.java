package io.ponix.migrations;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one run at a time migrate a ClickHouse database, which has no locks of its own. Built on one
 * thing only: of several {@code CREATE TABLE} of the same name exactly one succeeds.
 *
 * <p>The lock is a series of empty tables {@code schema_migrations_lock_<generation>}. The owner of
 * the highest generation holds the lock until its table's comment says that it is released, or
 * until the time in the comment has passed. To take the lock is to create the next generation; the
 * new owner then removes the lower ones.
 *
 * <ul>
 *   <li>Two that see the same free generation try to create the same table: one of them fails and
 *       waits.
 *   <li>The highest generation is never removed, only outdone. So a slow one that succeeds in
 *       creating a generation which others have long left behind sees a higher one right
 *       afterwards, and withdraws: it never held the lock.
 *   <li>An owner extends its time from a thread of its own, every sixth of it, by changing the
 *       comment of its own table and no other, so it cannot disturb a successor. A killed owner's
 *       time runs out.
 *   <li>An owner that was stopped (suspended machine, lost network) for longer than its time finds
 *       out at {@link #ensureHeld()}, before its next statement. A statement that it had under way
 *       then can overlap with the successor's first: ClickHouse has nothing to prevent that. The
 *       time is long against such pauses.
 * </ul>
 *
 * <p>Times are the server's clock only.
 */
final class ClickHouseLock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClickHouseLock.class);

    private static final String PREFIX = "schema_migrations_lock_";
    private static final Pattern HELD = Pattern.compile("held until (\\d+) by (.*)");
    private static final String RELEASED = "released";
    private static final int TABLE_ALREADY_EXISTS = 57;

    private record Generation(long number, String comment, long serverTimeMillis) {

        boolean isFree() {
            Matcher held = HELD.matcher(comment);
            return !held.matches() || Long.parseLong(held.group(1)) <= serverTimeMillis;
        }

        String owner() {
            Matcher held = HELD.matcher(comment);
            return held.matches() ? held.group(2) : "nobody";
        }
    }

    private final ClickHouseServer server;
    private final Duration time;
    private final String owner = owner();
    private final ScheduledExecutorService extender =
            Executors.newSingleThreadScheduledExecutor(
                    runnable -> {
                        Thread thread = new Thread(runnable, "clickhouse-migrations-lock");
                        thread.setDaemon(true);
                        return thread;
                    });
    private long generation;

    private ClickHouseLock(ClickHouseServer server, Duration time) {
        this.server = server;
        this.time = time;
    }

    /**
     * Takes the lock, waiting for its owner if there is one.
     *
     * @param time how long the lock outlives an owner that was killed
     * @param patience how long to wait; longer than {@code time}, so that a killed owner is
     *     outlived
     * @throws MigrationException when another run holds the lock for longer than {@code patience}
     */
    static ClickHouseLock acquire(ClickHouseServer server, Duration time, Duration patience) {
        ClickHouseLock lock = new ClickHouseLock(server, time);
        try {
            lock.acquire(patience);
            return lock;
        } catch (RuntimeException exception) {
            lock.extender.shutdownNow();
            throw exception;
        }
    }

    private void acquire(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        String waitingFor = "";
        while (true) {
            Optional<Generation> highest = highest();
            if (highest.isEmpty() || highest.get().isFree()) {
                if (create(highest.map(Generation::number).orElse(0L) + 1)) {
                    break;
                }
            } else if (!highest.get().owner().equals(waitingFor)) {
                waitingFor = highest.get().owner();
                LOG.info(
                        "Another run ({}) migrates {}: waiting for it, up to {} s",
                        waitingFor,
                        server.database(),
                        patience.toSeconds());
            }
            if (System.nanoTime() > deadline) {
                throw new MigrationException(
                        "Another run ("
                                + waitingFor
                                + ") has been migrating the ClickHouse database "
                                + server.database()
                                + " for more than "
                                + patience.toSeconds()
                                + " s: let it end, or end it, and try again");
            }
            pause();
        }
        long period = time.toMillis() / 6;
        extender.scheduleAtFixedRate(this::extend, period, period, TimeUnit.MILLISECONDS);
        for (Generation lower : generations()) {
            if (lower.number() < generation) {
                server.execute("DROP TABLE IF EXISTS " + PREFIX + lower.number());
            }
        }
    }

    /** Creates the generation and returns true if that gave us the lock. */
    private boolean create(long number) {
        generation = number;
        try {
            server.execute(
                    "CREATE TABLE "
                            + PREFIX
                            + number
                            + " (nothing UInt8) ENGINE = MergeTree ORDER BY tuple() COMMENT "
                            + ClickHouseServer.quoted(held()));
        } catch (StatementRefused exception) {
            if (exception.code() == TABLE_ALREADY_EXISTS) {
                return false;
            }
            throw exception;
        }
        if (isHighest()) {
            return true;
        }
        server.execute("DROP TABLE IF EXISTS " + PREFIX + number);
        return false;
    }

    /**
     * Fails when the lock was lost, which takes a pause of this process longer than the lock's
     * time.
     *
     * @throws MigrationException when another run has, or may have, taken over
     */
    void ensureHeld() {
        Optional<Generation> highest = highest();
        if (highest.isEmpty() || highest.get().number() != generation || highest.get().isFree()) {
            throw new MigrationException(
                    "This run was stopped for so long that another one may have taken over: it ends here. Run it again");
        }
    }

    private boolean isHighest() {
        return highest().filter(highest -> highest.number() == generation).isPresent();
    }

    private void extend() {
        try {
            comment(held());
        } catch (RuntimeException exception) {
            // Tried again at the next turn; when all turns fail, ensureHeld() tells.
            LOG.warn("Could not extend the lock of the migrations", exception);
        }
    }

    @Override
    public void close() {
        extender.shutdown();
        try {
            // A late extension would undo the release.
            extender.awaitTermination(time.toMillis(), TimeUnit.MILLISECONDS);
            comment(RELEASED);
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException exception) {
            LOG.warn(
                    "Could not release the lock of the migrations; it ends by itself after {} s",
                    time.toSeconds(),
                    exception);
        }
    }

    private void comment(String comment) {
        server.execute(
                "ALTER TABLE "
                        + PREFIX
                        + generation
                        + " MODIFY COMMENT "
                        + ClickHouseServer.quoted(comment));
    }

    private String held() {
        long now =
                Long.parseLong(
                        server.query("SELECT toUnixTimestamp64Milli(now64(3))").get(0).get(0));
        return "held until " + (now + time.toMillis()) + " by " + owner;
    }

    private Optional<Generation> highest() {
        return generations().stream()
                .reduce((one, other) -> one.number() > other.number() ? one : other);
    }

    private List<Generation> generations() {
        List<List<String>> tables =
                server.query(
                        "SELECT name, comment, toUnixTimestamp64Milli(now64(3)) AS now FROM system.tables"
                                + " WHERE database = currentDatabase() AND match(name, '^"
                                + PREFIX
                                + "[0-9]+$')");
        return tables.stream()
                .map(
                        table ->
                                new Generation(
                                        Long.parseLong(table.get(0).substring(PREFIX.length())),
                                        table.get(1),
                                        Long.parseLong(table.get(2))))
                .toList();
    }

    private void pause() {
        try {
            Thread.sleep(Math.min(500, time.toMillis() / 4));
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
            throw new MigrationException("Interrupted while waiting for another run", exception);
        }
    }

    private static String owner() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException exception) {
            host = "an unknown host";
        }
        return "process " + ProcessHandle.current().pid() + " on " + host;
    }
}
