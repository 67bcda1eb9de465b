package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.slot.Backoff;
import io.ponix.connector.postgres.cdc.slot.PostgresErrors;
import io.ponix.connector.postgres.cdc.slot.ReplicationSlot;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.settings.PostgresCdcSettings;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplit;
import io.ponix.connector.postgres.cdc.source.split.ReplicationPosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.apache.flink.util.FlinkRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What to read when a person has asked for a resnapshot. */
final class ResumableSplit {

    private static final Logger LOG = LoggerFactory.getLogger(ResumableSplit.class);

    private ResumableSplit() {}

    /**
     * The restored split if the slot can continue it, else one that begins where the slot does.
     * Waits for a slot that the enumerator is about to create, and for a server that does not
     * answer.
     */
    static PostgresCdcSplit of(PostgresCdcSettings settings, PostgresCdcSplit restored) {
        Backoff backoff = new Backoff();
        while (true) {
            try {
                try (Connection connection = settings.connectionConfig().connect()) {
                    Optional<ReplicationSlot> slot =
                            ReplicationSlot.find(connection, restored.slotName());
                    if (slot.isPresent() && slot.get().isReady()) {
                        return resume(settings.connectionConfig(), slot.get(), restored);
                    }
                } catch (SQLException e) {
                    if (PostgresErrors.classify(e) == PostgresErrors.Kind.PERMANENT) {
                        throw PostgresErrors.permanent(settings.connectionConfig(), e);
                    }
                    LOG.warn(
                            "Postgres at {} does not answer yet; trying again in {} ms: {}",
                            settings.connectionConfig().address(),
                            backoff.nextPause().toMillis(),
                            e.getMessage());
                }
                backoff.pause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FlinkRuntimeException(
                        "Interrupted while waiting for replication slot '"
                                + restored.slotName()
                                + "'",
                        e);
            }
        }
    }

    private static PostgresCdcSplit resume(
            PostgresSettings connectionConfig, ReplicationSlot slot, PostgresCdcSplit restored)
            throws SQLException {
        ReplicationPosition position = restored.position();
        if (isContinuedBy(connectionConfig, slot, position)) {
            return restored;
        }
        WalPosition confirmed = slot.confirmedPosition();
        LOG.warn(
                "The restored state at {} cannot be continued by replication slot '{}': a resnapshot was asked for, so changes are"
                        + " read from {} and those in between are left out",
                position,
                slot.name(),
                confirmed);
        return new PostgresCdcSplit(
                restored.slotName(),
                restored.publicationName(),
                ReplicationPosition.between(confirmed));
    }

    private static boolean isContinuedBy(
            PostgresSettings connectionConfig, ReplicationSlot slot, ReplicationPosition position)
            throws SQLException {
        if (position.isWithinTransaction()
                && position.timeline() != 0
                && position.timeline() != slot.serverTimeline()) {
            // Whether the other server has the rest of it would show only when it is sent.
            return false;
        }
        try {
            slot.requireSameHistory(connectionConfig, position.furthest(), position.timeline());
            slot.requireContinues(connectionConfig, position.committed());
            return true;
        } catch (PostgresCdcException e) {
            LOG.warn("{}", e.getMessage());
            return false;
        }
    }
}
