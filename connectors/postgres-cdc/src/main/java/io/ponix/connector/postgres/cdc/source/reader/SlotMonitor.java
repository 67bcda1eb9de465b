package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.connector.postgres.cdc.slot.ReplicationSlot;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.settings.PostgresCdcSettings;
import io.ponix.connector.postgres.cdc.source.split.ReplicationPosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the slot from outside while it is streamed from, by a connection and thread of its own
 * (the streaming thread may be held up by backpressure just when the lag matters): measures the
 * lag, writes heartbeats, and notices what the stream itself cannot see.
 */
final class SlotMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SlotMonitor.class);

    /** Prefix of the logical decoding messages that serve as heartbeats. */
    static final String HEARTBEAT_PREFIX = "io.ponix.connector.postgres.cdc";

    private static final Duration PAUSE_WITHOUT_SERVER = Duration.ofSeconds(1);
    private static final Duration LOST_WHEN_INACTIVE_FOR = Duration.ofSeconds(15);

    private final PostgresCdcSettings settings;
    private final PostgresCdcSourceMetrics metrics;
    private final PublicationWatch publication;
    private final AtomicBoolean awaitedByStandby;
    private final Thread thread;

    // Nobody but this job confirms the slot, and never beyond this.
    private volatile WalPosition highestConfirmable;
    private volatile boolean streaming;
    private volatile int timeline;
    private volatile PostgresCdcException failure;
    private volatile String connectionLost;
    private volatile boolean closed;
    private volatile Connection connection;
    private Long inactiveSince;

    /**
     * @param awaitedByStandby set here to whether a standby needs more of the slot to be confirmed
     */
    SlotMonitor(
            PostgresCdcSettings settings,
            PostgresCdcSourceMetrics metrics,
            ReplicationPosition start,
            AtomicBoolean awaitedByStandby) {
        this.settings = settings;
        this.metrics = metrics;
        this.highestConfirmable = start.committed();
        this.timeline = start.timeline();
        this.publication = new PublicationWatch(settings, metrics);
        this.awaitedByStandby = awaitedByStandby;
        thread = new Thread(this::run, "postgres-cdc-slot-monitor-" + settings.slotName());
        thread.setDaemon(true);
        thread.start();
    }

    /** Tells that streaming has begun, from the log of that timeline. */
    void streaming(int timeline) {
        this.timeline = timeline;
        streaming = true;
        connectionLost = null;
    }

    /** Tells that streaming has ended. */
    void notStreaming() {
        streaming = false;
        connectionLost = null;
    }

    /** Must be called before the position is confirmed. */
    void confirming(WalPosition position) {
        if (position.isAfter(highestConfirmable)) {
            highestConfirmable = position;
        }
    }

    /** Throws what the monitor has found to be beyond repair. */
    void throwIfFailed() {
        PostgresCdcException found = failure;
        if (found != null) {
            throw new PostgresCdcException(found.problem(), found.getMessage(), found);
        }
    }

    /**
     * Throws if the stream should be given up although it reports no error itself.
     *
     * @throws SQLException with a SQLSTATE that passes
     */
    void throwIfConnectionLost() throws SQLException {
        String reason = connectionLost;
        if (reason != null) {
            throw new SQLException(reason, PSQLState.CONNECTION_FAILURE.getState());
        }
    }

    /**
     * The publication, if it was found whole since it was asked for last, and the changes from
     * before were read; otherwise null.
     *
     * @param read up to where the stream was read
     */
    PublicationState published(WalPosition read) {
        return publication.due(read);
    }

    /** Must be called before changes are read from a server. */
    void findTables(Connection server) throws SQLException {
        publication.findTables(server);
    }

    /** Whether a change is of one of the tables that the job has named, if it has named any. */
    boolean concerns(PostgresChange change) {
        return publication.concerns(change);
    }

    private void run() {
        while (!closed) {
            try (Connection current = settings.connectionConfig().connect()) {
                connection = current;
                PGConnection notifications = current.unwrap(PGConnection.class);
                while (!closed) {
                    observe(current);
                    // Nothing listens to a channel: this waits for the interval, or for the
                    // server's farewell.
                    notifications.getNotifications((int) settings.monitorInterval().toMillis());
                }
            } catch (SQLException e) {
                if (!closed) {
                    onConnectionError(e);
                }
            }
        }
    }

    /**
     * A server that shuts down ends ordinary connections at once, but keeps a replication
     * connection until its client has confirmed everything sent, which this one does not do before
     * the next checkpoint. So the stream has to be given up, or the server would wait for {@code
     * wal_sender_timeout}.
     */
    private void onConnectionError(SQLException error) {
        // The stream itself notices and reports when the server is away.
        LOG.debug("Slot '{}' cannot be looked at", settings.slotName(), error);
        String state = error.getSQLState();
        if (streaming && state != null && state.startsWith("57P")) {
            connectionLost = error.getMessage();
        }
        LockSupport.parkNanos(PAUSE_WITHOUT_SERVER.toNanos());
    }

    private void observe(Connection current) throws SQLException {
        // Taken before looking at the slot, so that a stream that ends meanwhile does not count as
        // inactive.
        boolean streamingBefore = streaming;
        try {
            Optional<ReplicationSlot> found = ReplicationSlot.find(current, settings.slotName());
            // Taken after looking at the slot, so that what is confirmed meanwhile does not look
            // like a stranger's doing.
            WalPosition confirmable = highestConfirmable;
            if (found.isEmpty()) {
                throw ReplicationSlot.missing(
                        settings.connectionConfig(), settings.slotName(), confirmable);
            }
            ReplicationSlot slot = found.get();
            slot.requireUsable(settings.connectionConfig());
            if (timeline != 0 && slot.serverTimeline() != timeline) {
                // Another server has the address by now: the reader compares its history with what
                // was read before it streams, and nothing follows from its positions until then.
                if (streamingBefore) {
                    connectionLost =
                            String.format(
                                    "the server at this address is on timeline %d, no longer on %d",
                                    slot.serverTimeline(), timeline);
                }
                return;
            }
            slot.requireContinues(settings.connectionConfig(), confirmable);
            metrics.slot(slot.unconfirmedBytes(), slot.retainedBytes());
            observeActivity(streamingBefore && !slot.active());
            observeStandby(slot);
            boolean isConfirmationDue =
                    settings.heartbeatWalBytes() > 0
                            && (slot.awaitedByStandby()
                                    || slot.unconfirmedBytes()
                                            >= settings.restorableWalBytes()
                                                    + settings.heartbeatWalBytes());
            if (publication.observe(current) || isConfirmationDue) {
                writeHeartbeat(current);
            }
        } catch (PostgresCdcException e) {
            failure = e;
        }
    }

    private void observeStandby(ReplicationSlot slot) {
        if (slot.awaitedByStandby() && !awaitedByStandby.getAndSet(true)) {
            LOG.info(
                    "A standby cannot copy replication slot '{}' before more of it is confirmed: keeping nothing behind the latest"
                            + " checkpoint until it can",
                    slot.name());
        } else if (!slot.awaitedByStandby() && awaitedByStandby.getAndSet(false)) {
            LOG.info("No standby waits for replication slot '{}' any more", slot.name());
        }
    }

    /**
     * A connection cut without a word (a lost route, a frozen server that gave us up) looks idle
     * from here for a very long time, but the server frees the slot. Not at once, because a stream
     * that is just beginning is not active yet.
     */
    private void observeActivity(boolean inactive) {
        long now = System.nanoTime();
        if (!inactive) {
            inactiveSince = null;
        } else if (inactiveSince == null) {
            inactiveSince = now;
        } else if (now - inactiveSince > LOST_WHEN_INACTIVE_FOR.toNanos()) {
            inactiveSince = null;
            connectionLost = "the server no longer counts the connection as active";
        }
    }

    private void writeHeartbeat(Connection current) throws SQLException {
        // Transactional: only then does a commit follow, whose end is a position to confirm.
        try (PreparedStatement statement =
                current.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)")) {
            statement.setString(1, HEARTBEAT_PREFIX);
            statement.setString(2, settings.slotName());
            statement.execute();
        }
        metrics.heartbeat();
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        Connection current = connection;
        if (current != null) {
            try {
                // Wakes the thread up, which no interruption does while it waits for the server.
                current.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("The monitor's connection was not closed cleanly", e);
            }
        }
    }
}
