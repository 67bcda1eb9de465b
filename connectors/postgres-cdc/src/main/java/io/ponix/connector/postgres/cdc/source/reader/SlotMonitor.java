package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.slot.ReplicationSlot;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.PostgresCdcSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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

    private final PostgresCdcSettings settings;
    private final PostgresCdcSourceMetrics metrics;
    private final ScheduledExecutorService executor;

    // Nobody but this job confirms the slot, and never beyond this.
    private volatile WalPosition highestConfirmable;
    private volatile boolean streaming;
    private volatile PostgresCdcException failure;
    private volatile boolean connectionLost;
    private int inactiveObservations;

    SlotMonitor(PostgresCdcSettings settings, PostgresCdcSourceMetrics metrics, WalPosition start) {
        this.settings = settings;
        this.metrics = metrics;
        this.highestConfirmable = start;
        ClassLoader classLoader = Thread.currentThread().getContextClassLoader();
        this.executor =
                Executors.newSingleThreadScheduledExecutor(
                        runnable -> {
                            Thread thread =
                                    new Thread(
                                            runnable,
                                            "postgres-cdc-slot-monitor-" + settings.slotName());
                            thread.setDaemon(true);
                            thread.setContextClassLoader(classLoader);
                            return thread;
                        });
        long interval = settings.monitorInterval().toMillis();
        executor.scheduleWithFixedDelay(this::observe, interval, interval, TimeUnit.MILLISECONDS);
    }

    /** Tells that streaming has begun at the position, or ended (null). */
    void streaming(boolean streaming) {
        this.streaming = streaming;
        connectionLost = false;
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

    /** Whether the server no longer counts the stream as connected although the reader does. */
    boolean isConnectionLost() {
        return connectionLost;
    }

    private void observe() {
        boolean streamingBefore = streaming;
        // Taken before looking at the slot: what is confirmed meanwhile must not look like a
        // stranger's doing.
        try (Connection connection = settings.connectionConfig().connect()) {
            Optional<ReplicationSlot> found = ReplicationSlot.find(connection, settings.slotName());
            WalPosition confirmable = highestConfirmable;
            if (found.isEmpty()) {
                throw ReplicationSlot.missing(
                        settings.connectionConfig(), settings.slotName(), confirmable);
            }
            ReplicationSlot slot = found.get();
            slot.requireUsable(settings.connectionConfig());
            slot.requireContinues(settings.connectionConfig(), confirmable);
            metrics.slot(slot.unconfirmedBytes(), slot.retainedBytes());
            observeConnection(streamingBefore && !slot.active());
            if (settings.heartbeatWalBytes() > 0
                    && slot.unconfirmedBytes() >= settings.heartbeatWalBytes()) {
                writeHeartbeat(connection);
            }
        } catch (PostgresCdcException e) {
            failure = e;
        } catch (SQLException e) {
            // The stream itself notices when the server is away, and reports it.
            LOG.debug("Slot '{}' could not be looked at", settings.slotName(), e);
        } catch (RuntimeException e) {
            LOG.warn("Slot '{}' could not be looked at", settings.slotName(), e);
        }
    }

    /**
     * A connection cut without a word (a lost route, a frozen server that gave us up) looks idle
     * from here for a very long time, but the server frees the slot. Twice in a row, because a
     * stream that is just beginning is not active yet.
     */
    private void observeConnection(boolean inactive) {
        inactiveObservations = inactive ? inactiveObservations + 1 : 0;
        if (inactiveObservations >= 2) {
            inactiveObservations = 0;
            connectionLost = true;
        }
    }

    private void writeHeartbeat(Connection connection) throws SQLException {
        // Transactional: only then does a commit follow, whose end is a position to confirm.
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)")) {
            statement.setString(1, HEARTBEAT_PREFIX);
            statement.setString(2, settings.slotName());
            statement.execute();
        }
        metrics.heartbeat();
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
