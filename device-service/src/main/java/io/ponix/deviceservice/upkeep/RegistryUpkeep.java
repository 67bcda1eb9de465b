package io.ponix.deviceservice.upkeep;

import io.micrometer.core.instrument.MeterRegistry;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.snapshot.ScheduledSnapshots;
import io.ponix.registry.Column;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the service does to the registry by itself: snapshots when they are due, the end of old
 * ones, compaction of old history, the end of what is known of old requests, and the count of
 * events. Instances of one database do it in turns: one finds nothing left to do after another.
 */
public final class RegistryUpkeep implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RegistryUpkeep.class);

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private static final Duration BETWEEN_COMPACTIONS = Duration.ofHours(1);

    /** Counting goes through all events: it may take a hundredth of the time. */
    private static final int COUNT_SHARE = 100;

    private static final Duration LONGEST_BETWEEN_COUNTS = Duration.ofMinutes(10);

    /** "ponixkee" in ASCII: held by the instance that is at it. */
    private static final long LOCK = 0x706f6e69786b6565L;

    private static final Column COUNT = column("event_count");
    private static final Column LARGEST = column("largest_count");

    private final Database database;
    private final UpkeepSettings settings;
    private final ScheduledSnapshots snapshots;
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(RegistryUpkeep::thread);

    private final AtomicLong events;
    private final AtomicLong largest;
    private final AtomicReference<Instant> compaction = new AtomicReference<>(Instant.EPOCH);
    private final AtomicReference<Instant> count = new AtomicReference<>(Instant.EPOCH);
    private final AtomicReference<Duration> betweenCounts = new AtomicReference<>(Duration.ZERO);

    private RegistryUpkeep(Database database, UpkeepSettings settings, MeterRegistry metrics) {
        this.database = database;
        this.settings = settings;
        this.snapshots = new ScheduledSnapshots(new XidGenerator());
        this.events = metrics.gauge("ponix.registry.events", new AtomicLong());
        this.largest = metrics.gauge("ponix.registry.resource.events.max", new AtomicLong());
    }

    /** Begins, and goes on until it is closed. */
    public static RegistryUpkeep start(
            Database database, UpkeepSettings settings, MeterRegistry metrics) {
        RegistryUpkeep upkeep = new RegistryUpkeep(database, settings, metrics);
        Duration pause =
                settings.snapshotInterval()
                        .filter(interval -> interval.compareTo(LONGEST_PAUSE) < 0)
                        .orElse(LONGEST_PAUSE);
        upkeep.executor.scheduleWithFixedDelay(
                upkeep::doOnce, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
        return upkeep;
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "registry-upkeep");
        thread.setDaemon(true);
        return thread;
    }

    private static Column column(String name) {
        return new Column(name, name, "?");
    }

    private void doOnce() {
        settings.snapshotInterval()
                .ifPresent(
                        interval ->
                                attempt(
                                        "a snapshot",
                                        () ->
                                                inTurn(
                                                        connection ->
                                                                snapshots.takeIfDue(
                                                                        connection, interval))));
        attempt(
                "the end of old snapshots",
                () ->
                        inTurn(
                                connection ->
                                        ScheduledSnapshots.deleteOld(
                                                connection,
                                                settings.snapshotsKept(),
                                                settings.snapshotAge())));
        attempt(
                "the end of old requests",
                () ->
                        inTurn(
                                connection ->
                                        Sql.update(
                                                connection,
                                                "DELETE FROM registry_requests WHERE requested_at"
                                                        + " < clock_timestamp() - interval '1 day'")));
        settings.historyRetention()
                .ifPresent(
                        retention ->
                                seldom(
                                        "the compaction of history",
                                        compaction,
                                        retention.compareTo(BETWEEN_COMPACTIONS) < 0
                                                ? retention
                                                : BETWEEN_COMPACTIONS,
                                        () -> compact(retention)));
        seldom("the count of events", count, betweenCounts.get(), this::count);
    }

    /** What goes through all events is not done each time. */
    private static void seldom(
            String what, AtomicReference<Instant> last, Duration pause, Runnable step) {
        Instant now = Instant.now();
        if (last.get().plus(pause).isAfter(now)) {
            return;
        }
        last.set(now);
        attempt(what, step);
    }

    /** One that fails keeps none of the others from being done. */
    private static void attempt(String what, Runnable step) {
        try {
            step.run();
        } catch (RequestException e) {
            LOG.warn("The registry's upkeep does {} later: {}", what, e.getMessage(), e.getCause());
        } catch (RuntimeException e) {
            LOG.error("The registry's upkeep failed at {}", what, e);
        }
    }

    private void compact(Duration retention) {
        long all = 0;
        long some;
        do {
            some = inTurn(connection -> HistoryCompaction.compactSome(connection, retention));
            all += some;
        } while (some == HistoryCompaction.MOST_RESOURCES);
        if (all > 0) {
            LOG.info("Compacted the history of {} resources", all);
        }
    }

    /** Does the work, unless another instance is at it: then there is nothing of it, 0. */
    private long inTurn(Database.Work<? extends Number> work) {
        return database.transaction(
                connection -> isMine(connection) ? work.with(connection).longValue() : 0L);
    }

    private void count() {
        long start = System.nanoTime();
        database.call(
                connection ->
                        Sql.query(
                                connection,
                                row -> {
                                    events.set(row.number(COUNT));
                                    largest.set(row.number(LARGEST));
                                    return row;
                                },
                                "SELECT coalesce(sum(events), 0)::bigint AS event_count,"
                                        + " coalesce(max(events), 0) AS largest_count FROM"
                                        + " (SELECT count(*) AS events FROM registry_events"
                                        + " GROUP BY resource_type, resource_id) AS counts"));
        Duration pause = Duration.ofNanos(System.nanoTime() - start).multipliedBy(COUNT_SHARE);
        betweenCounts.set(
                pause.compareTo(LONGEST_BETWEEN_COUNTS) < 0 ? pause : LONGEST_BETWEEN_COUNTS);
    }

    /** Until the transaction ends. */
    private static boolean isMine(Connection connection) throws SQLException {
        Column mine = column("mine");
        return Sql.query(
                        connection,
                        row -> row.text(mine),
                        "SELECT pg_try_advisory_xact_lock(?) AS mine",
                        LOCK)
                .get(0)
                .equals("t");
    }

    /** Waits for what is being done. */
    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("The registry's upkeep did not end within 10 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
