package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.PostgresCdcException.Problem;
import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.connector.postgres.cdc.slot.Backoff;
import io.ponix.connector.postgres.cdc.slot.PostgresErrors;
import io.ponix.connector.postgres.cdc.slot.ReplicationSlot;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.settings.PostgresCdcSettings;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplit;
import io.ponix.connector.postgres.cdc.source.split.ReplicationPosition;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.connector.base.source.reader.RecordsBySplits;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams the split in the fetching thread, connects again after errors that pass, and passes
 * confirmations on.
 *
 * <p>Before each connection the slot is looked at: only if streaming continues exactly at the
 * position does it begin.
 */
final class PostgresCdcSplitReader implements SplitReader<PositionedChange, PostgresCdcSplit> {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresCdcSplitReader.class);

    /** Attempts in a row after an error that is not known to pass. */
    private static final int ATTEMPTS_AFTER_UNKNOWN_ERROR = 5;

    /**
     * A stream that lasted this long, or delivered anything, was a success: the next error begins a
     * new series of attempts.
     */
    private static final Duration STABLE_AFTER = Duration.ofSeconds(30);

    /**
     * After an empty poll, how long to wait for the next: Debezium spins for about a millisecond at
     * the end of a poll in vain, which without this pause would keep an idle source busy with 5 %
     * of a core.
     */
    private static final Duration PAUSE_WHEN_IDLE = Duration.ofMillis(30);

    private final PostgresCdcSettings settings;
    private final PostgresCdcSourceMetrics metrics;
    private final AtomicReference<WalPosition> confirmable;
    private final AtomicBoolean awaitedByStandby;

    private final Backoff backoff = new Backoff();
    private PostgresCdcSplit split;
    private PositionTracker tracker;
    private SlotMonitor monitor;
    private DebeziumStream stream;
    private long streamOpenedAt;
    private boolean connectedBefore;
    private long slotActiveSince;
    private boolean slotActive;
    private boolean announcePosition;
    private int unknownErrors;
    private boolean failoverRefused;

    private volatile boolean wakenUp;
    private volatile Thread fetchingThread;

    /**
     * @param confirmable the position of the last completed checkpoint, set by the task's thread;
     *     null before the first
     * @param awaitedByStandby set here when a standby needs more of the slot to be confirmed
     */
    PostgresCdcSplitReader(
            PostgresCdcSettings settings,
            PostgresCdcSourceMetrics metrics,
            AtomicReference<WalPosition> confirmable,
            AtomicBoolean awaitedByStandby) {
        this.settings = settings;
        this.metrics = metrics;
        this.confirmable = confirmable;
        this.awaitedByStandby = awaitedByStandby;
    }

    @Override
    public void handleSplitsChanges(SplitsChange<PostgresCdcSplit> change) {
        if (!(change instanceof SplitsAddition)) {
            throw new UnsupportedOperationException(
                    "Not a change of splits this source knows: " + change);
        }
        if (split != null || change.splits().size() != 1) {
            throw new IllegalStateException(
                    "A replication slot is one split, but got " + change.splits());
        }
        split = change.splits().get(0);
        if (!split.slotName().equals(settings.slotName())) {
            throw settings.failure(
                    new PostgresCdcException(
                            Problem.STATE_FOR_OTHER_SLOT,
                            String.format(
                                    "The restored state belongs to replication slot '%s', but slotName is '%s'. Positions of one slot mean"
                                            + " nothing to another: set slotName back, or start the job without state.",
                                    split.slotName(), settings.slotName())));
        }
        if (!split.publicationName().equals(settings.publicationName())) {
            LOG.warn(
                    "The restored state was read through publication '{}'; continuing through '{}'. Rows that only the new one"
                            + " publishes and that did not change since are not known to the job.",
                    split.publicationName(),
                    settings.publicationName());
        }
        if (settings.resnapshot()) {
            split = ResumableSplit.of(settings, split);
            // So that the next checkpoint has the position, even if nothing changes before it.
            announcePosition = true;
        }
        tracker = new PositionTracker(split.position());
        metrics.read(split.position().committed().value());
        monitor = new SlotMonitor(settings, metrics, split.position(), awaitedByStandby);
        LOG.info("Reading replication slot '{}' from {}", split.slotName(), split.position());
    }

    @Override
    public RecordsWithSplitIds<PositionedChange> fetch() throws IOException {
        RecordsBySplits.Builder<PositionedChange> records = new RecordsBySplits.Builder<>();
        fetchingThread = Thread.currentThread();
        try {
            boolean found = false;
            while (!found && !wakenUp) {
                monitor.throwIfFailed();
                found =
                        announcePosition
                                ? announcePosition(records)
                                : (stream != null || connect()) && read(records);
            }
        } catch (PostgresCdcException e) {
            throw settings.failure(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(
                    "Interrupted while reading replication slot '" + split.slotName() + "'", e);
        } finally {
            fetchingThread = null;
            wakenUp = false;
        }
        return records.build();
    }

    @Override
    public void wakeUp() {
        wakenUp = true;
        LockSupport.unpark(fetchingThread);
    }

    @Override
    public void pauseOrResumeSplits(
            Collection<PostgresCdcSplit> splitsToPause,
            Collection<PostgresCdcSplit> splitsToResume) {
        // One split: the framework stops taking records, and the bounded queues in between stop the
        // stream.
    }

    @Override
    public void close() {
        if (monitor != null) {
            monitor.close();
        }
        if (stream != null) {
            try {
                // A savepoint that stops the job completes just before this.
                passConfirmationOn();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            stream.close();
            stream = null;
        }
    }

    /** Has the next checkpoint hold the position although nothing was read. */
    private boolean announcePosition(RecordsBySplits.Builder<PositionedChange> into) {
        announcePosition = false;
        into.add(split.splitId(), new PositionedChange(tracker.position(), null));
        return true;
    }

    private boolean read(RecordsBySplits.Builder<PositionedChange> into)
            throws InterruptedException {
        try {
            monitor.throwIfConnectionLost();
            passConfirmationOn();
            List<SourceRecord> records = stream.poll();
            boolean found = addPublication(into);
            if (records.isEmpty()) {
                if (!found) {
                    sleep(PAUSE_WHEN_IDLE);
                }
                return found;
            }
            for (SourceRecord record : records) {
                PositionedChange change = tracker.track(record);
                if (change != null) {
                    into.add(split.splitId(), withoutOthers(change));
                    found = true;
                }
            }
            if (found) {
                metrics.read(tracker.position().committed().value());
            }
            return found;
        } catch (SQLException | RuntimeException e) {
            disconnect();
            handle(e);
            return false;
        }
    }

    /** A change of a table that the job has not named only moves the position. */
    private PositionedChange withoutOthers(PositionedChange change) {
        return change.change() == null || monitor.concerns(change.change())
                ? change
                : new PositionedChange(change.position(), null);
    }

    private boolean addPublication(RecordsBySplits.Builder<PositionedChange> into) {
        PublicationState published = monitor.published(tracker.position().committed());
        if (published != null) {
            into.add(split.splitId(), new PositionedChange(tracker.position(), null, published));
        }
        return published != null;
    }

    private void passConfirmationOn() throws InterruptedException {
        WalPosition position = confirmable.get();
        // A checkpoint may still hold the position that a resnapshot has given up.
        if (position != null && !position.isAfter(tracker.position().committed())) {
            monitor.confirming(position);
            stream.confirm(position);
            metrics.confirmed(position.value());
        }
    }

    /**
     * Returns whether the stream is open; otherwise the pause before the next attempt has passed.
     */
    private boolean connect() throws InterruptedException {
        WalPosition start = tracker.position().committed();
        int timeline;
        try {
            PostgresSettings server = settings.connectionConfig().primary();
            ReplicationSlot slot = checkSlot(server);
            keepOnStandbys(server, slot);
            timeline = slot.serverTimeline();
            stream = DebeziumStream.open(settings, server, start);
        } catch (IOException | SQLException | RuntimeException e) {
            handle(e);
            return false;
        }
        announcePosition = timeline != tracker.position().timeline();
        tracker.restarted(timeline);
        monitor.streaming(timeline);
        streamOpenedAt = System.nanoTime();
        if (connectedBefore) {
            metrics.reconnected();
            LOG.info(
                    "Reading replication slot '{}' again, from {}",
                    split.slotName(),
                    tracker.position());
        }
        connectedBefore = true;
        return true;
    }

    private void disconnect() {
        if (stream.hasReceivedAnything()
                || System.nanoTime() - streamOpenedAt > STABLE_AFTER.toNanos()) {
            backoff.reset();
            slotActive = false;
            unknownErrors = 0;
        }
        monitor.notStreaming();
        stream.close();
        stream = null;
    }

    private ReplicationSlot checkSlot(PostgresSettings server)
            throws SQLException, IOException, InterruptedException {
        ReplicationPosition position = tracker.position();
        WalPosition start = position.committed();
        try (Connection connection = server.connect()) {
            if (!ReplicationSlot.publicationExists(connection, settings.publicationName())) {
                // There was one when the slot was made, and whoever dropped it may make it again:
                // what is left out meanwhile is made up for then.
                throw new SQLException(
                        "there is no publication '" + settings.publicationName() + "'",
                        PostgresErrors.CANNOT_CONNECT_NOW);
            }
            ReplicationSlot slot =
                    ReplicationSlot.find(connection, split.slotName())
                            .orElseThrow(
                                    () -> ReplicationSlot.missing(server, split.slotName(), start));
            slot.requireUsable(server);
            slot.requireSameHistory(server, position.furthest(), position.timeline());
            slot.requireContinues(server, start);
            if (slot.active()) {
                throw new SQLException(
                        "the slot is active for PID " + slot.activePid(),
                        PostgresErrors.OBJECT_IN_USE);
            }
            monitor.findTables(connection);
            return slot;
        }
    }

    /**
     * A slot that was made by hand, or by a release that did not ask for it, would be gone after a
     * failover. It is not in use now.
     */
    private void keepOnStandbys(PostgresSettings server, ReplicationSlot slot) {
        if (!Boolean.FALSE.equals(slot.failover()) || failoverRefused) {
            return;
        }
        try {
            ReplicationSlot.enableFailover(server, slot.name());
            LOG.info(
                    "Replication slot '{}' on {} was created without failover; it has it now, so that standbys may keep a copy",
                    slot.name(),
                    server.address());
        } catch (SQLException e) {
            failoverRefused = true;
            LOG.warn(
                    "Replication slot '{}' on {} is without failover: promoting a standby would lose it. Stop the job, and send {} on a"
                            + " replication connection (psql \"dbname={} replication=database\" -c '...'): {}",
                    slot.name(),
                    server.address(),
                    ReplicationSlot.failoverCommand(slot.name()),
                    settings.connectionConfig().database(),
                    e.getMessage());
        }
    }

    /** Pauses before the next attempt, or throws what makes the job fail. */
    private void handle(Exception error) throws InterruptedException {
        if (error instanceof PostgresCdcException known) {
            throw known;
        }
        switch (PostgresErrors.classify(error)) {
            case PERMANENT -> {
                findBetterReason();
                throw PostgresErrors.permanent(settings.connectionConfig(), error);
            }
            case SLOT_ACTIVE -> {
                long now = System.nanoTime();
                if (!slotActive) {
                    slotActive = true;
                    slotActiveSince = now;
                }
                Duration waited = Duration.ofNanos(now - slotActiveSince);
                if (waited.compareTo(settings.slotActiveTimeout()) > 0) {
                    throw ReplicationSlot.activeElsewhere(
                            settings.connectionConfig(),
                            split.slotName(),
                            waited.toSeconds() + " s",
                            error);
                }
            }
            case UNKNOWN -> {
                if (++unknownErrors >= ATTEMPTS_AFTER_UNKNOWN_ERROR) {
                    throw PostgresErrors.permanent(settings.connectionConfig(), error);
                }
            }
            case TRANSIENT -> {}
        }
        Duration pause = backoff.advance();
        LOG.warn(
                "Reading replication slot '{}' on {} was interrupted; trying again from {} in {} ms: {}",
                split.slotName(),
                settings.connectionConfig().address(),
                tracker.position(),
                pause.toMillis(),
                PostgresErrors.messageOf(error));
        LOG.debug("The interruption in full", error);
        sleep(pause);
    }

    /**
     * The server's words for an invalidated or dropped slot differ by version; its catalog tells
     * plainly.
     */
    private void findBetterReason() throws InterruptedException {
        try {
            checkSlot(settings.connectionConfig().primary());
        } catch (SQLException | IOException e) {
            LOG.debug("The slot gives no better reason", e);
        }
    }

    private void sleep(Duration pause) throws InterruptedException {
        long deadline = System.nanoTime() + pause.toNanos();
        long left = pause.toNanos();
        while (left > 0 && !wakenUp) {
            LockSupport.parkNanos(this, Math.min(left, TimeUnit.SECONDS.toNanos(1)));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            left = deadline - System.nanoTime();
        }
    }
}
