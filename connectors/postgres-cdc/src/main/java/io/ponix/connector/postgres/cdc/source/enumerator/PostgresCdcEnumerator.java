package io.ponix.connector.postgres.cdc.source.enumerator;

import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.slot.Backoff;
import io.ponix.connector.postgres.cdc.slot.PostgresErrors;
import io.ponix.connector.postgres.cdc.slot.ReplicationSlot;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorState.Phase;
import io.ponix.connector.postgres.cdc.source.settings.PostgresCdcSettings;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplit;
import io.ponix.connector.postgres.cdc.source.split.ReplicationPosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.util.FlinkRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to the slot, then gives the one split to the reader 0.
 *
 * <p>Fresh start: publication checked, slot created if missing, split begins at the slot's
 * confirmed position. Restored: the slot has to be there; it is not created, unless {@link
 * io.ponix.connector.postgres.cdc.source.PostgresCdcSourceBuilder#setResnapshot} is set. A server
 * that does not answer is waited for; tasks that need the slot have their own timeout.
 */
@Internal
public final class PostgresCdcEnumerator
        implements SplitEnumerator<PostgresCdcSplit, PostgresCdcEnumeratorState> {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresCdcEnumerator.class);

    private static final String DUPLICATE_OBJECT = "42710";
    private static final int READER = 0;

    private final SplitEnumeratorContext<PostgresCdcSplit> context;
    private final PostgresCdcSettings settings;

    // Both are touched by the coordinator's thread only.
    private Phase phase;
    private PostgresCdcSplit split;

    public PostgresCdcEnumerator(
            SplitEnumeratorContext<PostgresCdcSplit> context,
            PostgresCdcSettings settings,
            PostgresCdcEnumeratorState state) {
        this.context = context;
        this.settings = settings;
        this.phase = state.phase();
        this.split = state.split();
    }

    @Override
    public void start() {
        boolean mayCreate = phase == Phase.SLOT_NOT_READY || settings.resnapshot();
        // Not in the coordinator's own thread: Postgres may answer late, and a slot waits for open
        // transactions.
        context.callAsync(() -> awaitSlot(mayCreate), this::onSlotReady);
    }

    @Override
    public void addReader(int subtaskId) {
        assignIfPossible();
    }

    @Override
    public void addSplitsBack(List<PostgresCdcSplit> splits, int subtaskId) {
        if (!splits.isEmpty()) {
            split = splits.get(0);
            phase = Phase.UNASSIGNED;
            assignIfPossible();
        }
    }

    @Override
    public void handleSplitRequest(int subtaskId, String requesterHostname) {
        // Readers do not ask: there is one split, and it is given to reader 0.
    }

    @Override
    public PostgresCdcEnumeratorState snapshotState(long checkpointId) {
        return new PostgresCdcEnumeratorState(phase, split);
    }

    @Override
    public void close() {
        // The context interrupts what runs in its worker thread.
    }

    private void onSlotReady(WalPosition position, Throwable error) {
        if (error != null) {
            if (error instanceof PostgresCdcException condition) {
                throw settings.failure(condition);
            }
            if (error instanceof RuntimeException runtimeException) {
                throw runtimeException;
            }
            throw new FlinkRuntimeException(
                    "Replication slot '" + settings.slotName() + "' could not be prepared", error);
        }
        if (phase == Phase.SLOT_NOT_READY) {
            split =
                    new PostgresCdcSplit(
                            settings.slotName(),
                            settings.publicationName(),
                            ReplicationPosition.between(position));
            phase = Phase.UNASSIGNED;
        }
        assignIfPossible();
    }

    private void assignIfPossible() {
        if (phase == Phase.UNASSIGNED && context.registeredReaders().containsKey(READER)) {
            context.assignSplits(new SplitsAssignment<>(Map.of(READER, List.of(split))));
            split = null;
            phase = Phase.ASSIGNED;
        }
    }

    private WalPosition awaitSlot(boolean mayCreate) throws InterruptedException {
        Backoff backoff = new Backoff();
        while (true) {
            try (Connection connection = settings.connectionConfig().connect()) {
                if (mayCreate) {
                    ReplicationSlot.requirePublication(
                            settings.connectionConfig(), connection, settings.publicationName());
                }
                Optional<ReplicationSlot> slot =
                        ReplicationSlot.find(connection, settings.slotName());
                if (slot.isEmpty() && !mayCreate) {
                    throw ReplicationSlot.missing(
                            settings.connectionConfig(), settings.slotName(), null);
                }
                if (slot.isEmpty()) {
                    create(connection);
                    slot = ReplicationSlot.find(connection, settings.slotName());
                }
                if (slot.isPresent()) {
                    slot.get().requireUsable(settings.connectionConfig());
                    if (slot.get().isReady()) {
                        LOG.info(
                                "Replication slot '{}' on {} is confirmed up to {}",
                                settings.slotName(),
                                settings.connectionConfig().address(),
                                slot.get().confirmedPosition());
                        return slot.get().confirmedPosition();
                    }
                }
                backoff.pause();
            } catch (SQLException e) {
                if (PostgresErrors.classify(e) == PostgresErrors.Kind.PERMANENT) {
                    throw PostgresErrors.permanent(settings.connectionConfig(), e);
                }
                LOG.warn(
                        "Postgres at {} does not answer yet; trying again in {} ms: {}",
                        settings.connectionConfig().address(),
                        backoff.nextPause().toMillis(),
                        e.getMessage());
                backoff.pause();
            }
        }
    }

    private void create(Connection connection) throws SQLException, InterruptedException {
        LOG.info(
                "Creating replication slot '{}' on {}; this waits for the transactions that are open now",
                settings.slotName(),
                settings.connectionConfig().address());
        try {
            ReplicationSlot.create(connection, settings.slotName());
        } catch (SQLException e) {
            if (!DUPLICATE_OBJECT.equals(e.getSQLState())) {
                throw e;
            }
        }
    }
}
