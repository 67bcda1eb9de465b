package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.PostgresCdcException.Problem;
import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.connector.postgres.cdc.slot.Backoff;
import io.ponix.connector.postgres.cdc.slot.PostgresErrors;
import io.ponix.connector.postgres.cdc.slot.ReplicationSlot;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.PostgresCdcSettings;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplit;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

    private volatile boolean wakenUp;
    private volatile Thread fetchingThread;

    /**
     * @param confirmable the position of the last completed checkpoint, set by the task's thread;
     *     null before the first
     */
    PostgresCdcSplitReader(
            PostgresCdcSettings settings,
            PostgresCdcSourceMetrics metrics,
            AtomicReference<WalPosition> confirmable) {
        this.settings = settings;
        this.metrics = metrics;
        this.confirmable = confirmable;
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
        monitor = new SlotMonitor(settings, metrics, split.position().committed());
        LOG.info("Reading replication slot '{}' from {}", split.slotName(), split.position());
    }

    @Override
    public RecordsWithSplitIds<PositionedChange> fetch() throws IOException {
        RecordsBySplits.Builder<PositionedChange> records = new RecordsBySplits.Builder<>();
        fetchingThread = Thread.currentThread();
        try {
            boolean found = false;
            if (announcePosition) {
                announcePosition = false;
                found = true;
                records.add(split.splitId(), new PositionedChange(tracker.position(), null));
            }
            while (!found && !wakenUp) {
                monitor.throwIfFailed();
                found = (stream != null || connect()) && read(records);
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
                    into.add(split.splitId(), change);
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
        try {
            checkSlot(start);
            stream = DebeziumStream.open(settings, start);
        } catch (IOException | SQLException | RuntimeException e) {
            handle(e);
            return false;
        }
        tracker.restarted();
        monitor.streaming(true);
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
        monitor.streaming(false);
        stream.close();
        stream = null;
    }

    private void checkSlot(WalPosition start)
            throws SQLException, IOException, InterruptedException {
        try (Connection connection = settings.connectionConfig().connect()) {
            ReplicationSlot.requirePrimary(connection);
            ReplicationSlot.requirePublication(
                    settings.connectionConfig(), connection, settings.publicationName());
            ReplicationSlot slot =
                    ReplicationSlot.find(connection, split.slotName())
                            .orElseThrow(
                                    () ->
                                            ReplicationSlot.missing(
                                                    settings.connectionConfig(),
                                                    split.slotName(),
                                                    start));
            slot.requireUsable(settings.connectionConfig());
            slot.requireContinues(settings.connectionConfig(), start);
            if (slot.active()) {
                throw new SQLException(
                        "the slot is active for PID " + slot.activePid(),
                        PostgresErrors.OBJECT_IN_USE);
            }
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
            checkSlot(tracker.position().committed());
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
