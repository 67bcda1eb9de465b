package io.ponix.connector.postgres.cdc.slot;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.PostgresCdcException.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.annotation.PublicEvolving;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets an operator read a table completely and then keep up with it by change events, without a gap
 * in between: call {@link #await} in {@code initializeState} of a fresh start and read the table by
 * SQL only after it has returned.
 *
 * <p>Why this is enough: the source's enumerator creates the slot (in the JobManager, without
 * waiting for any task). From then on Postgres keeps every change for the source. What was
 * committed before is in the table when it is read; what is committed after is in the slot; what
 * falls between the two is in both. The operator therefore has to apply change events as upserts
 * that an older version of a row does not overwrite. With restored state none of this is needed:
 * the state and the slot continue where the checkpoint left them.
 *
 * <p>One gap remains that Postgres itself has: with synchronous replication a transaction can be in
 * the log, before the slot, and not yet visible to a query, while its standby has not answered.
 * Such a server should be given a moment between the two.
 */
@PublicEvolving
public final class ReplicationSlotAwaiter {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicationSlotAwaiter.class);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);
    private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(5);

    private ReplicationSlotAwaiter() {}

    /**
     * Waits until the slot exists and is ready to be streamed from. A server that cannot be
     * reached, or is starting up, is waited for like a missing slot; one that refuses the user is
     * not.
     *
     * @param timeout for the whole wait; allow for a database that starts at the same time (a
     *     minute or more)
     * @return the position from which the slot delivers changes
     * @throws PostgresCdcException {@link Problem#SLOT_NOT_CREATED_IN_TIME} after the timeout, with
     *     what was last seen; {@link Problem#ACCESS_REFUSED}, {@link Problem#SLOT_INVALIDATED} or
     *     {@link Problem#SLOT_NOT_USABLE} at once
     * @throws InterruptedException when the task is cancelled
     */
    public static WalPosition await(
            PostgresSettings connectionConfig, String slotName, Duration timeout)
            throws InterruptedException {
        Objects.requireNonNull(slotName, "slotName");
        long start = System.nanoTime();
        long deadline = start + timeout.toNanos();
        long nextProgress = start + PROGRESS_INTERVAL.toNanos();
        String lastSeen;
        while (true) {
            try (Connection connection = connectionConfig.connect()) {
                while (true) {
                    Optional<ReplicationSlot> slot = ReplicationSlot.find(connection, slotName);
                    if (slot.isPresent()) {
                        slot.get().requireUsable(connectionConfig);
                        if (slot.get().isReady()) {
                            LOG.info(
                                    "Replication slot '{}' on {} is ready at {} after {} ms",
                                    slotName,
                                    connectionConfig.address(),
                                    slot.get().confirmedPosition(),
                                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
                            return slot.get().confirmedPosition();
                        }
                        lastSeen =
                                "the slot is being created (Postgres waits for the transactions that were open at that moment)";
                    } else {
                        lastSeen = "the slot does not exist yet";
                    }
                    nextProgress =
                            pause(
                                    connectionConfig,
                                    slotName,
                                    timeout,
                                    start,
                                    deadline,
                                    nextProgress,
                                    lastSeen,
                                    null);
                }
            } catch (SQLException e) {
                if (PostgresErrors.classify(e) == PostgresErrors.Kind.PERMANENT) {
                    throw PostgresErrors.permanent(connectionConfig, e);
                }
                lastSeen = "Postgres does not answer: " + e.getMessage();
                nextProgress =
                        pause(
                                connectionConfig,
                                slotName,
                                timeout,
                                start,
                                deadline,
                                nextProgress,
                                lastSeen,
                                e);
            }
        }
    }

    private static long pause(
            PostgresSettings connectionConfig,
            String slotName,
            Duration timeout,
            long start,
            long deadline,
            long nextProgress,
            String lastSeen,
            SQLException cause)
            throws InterruptedException {
        long now = System.nanoTime();
        if (now - deadline >= 0) {
            throw new PostgresCdcException(
                    Problem.SLOT_NOT_CREATED_IN_TIME,
                    String.format(
                            "Replication slot '%s' on %s was not ready within %s: %s. The CDC source of the same job creates it;"
                                    + " look for its error in the JobManager's log, and check that both use the same slot name and database.",
                            slotName, connectionConfig.address(), timeout, lastSeen),
                    cause);
        }
        if (now - nextProgress >= 0) {
            LOG.info(
                    "Waiting for replication slot '{}' on {} since {} s: {}",
                    slotName,
                    connectionConfig.address(),
                    TimeUnit.NANOSECONDS.toSeconds(now - start),
                    lastSeen);
            nextProgress = now + PROGRESS_INTERVAL.toNanos();
        }
        TimeUnit.NANOSECONDS.sleep(Math.min(POLL_INTERVAL.toNanos(), Math.max(1, deadline - now)));
        return nextProgress;
    }
}
