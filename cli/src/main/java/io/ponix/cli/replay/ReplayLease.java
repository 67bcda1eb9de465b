package io.ponix.cli.replay;

import io.nats.client.Connection;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.jobs.lease.LeaseHolder;
import io.ponix.jobs.lease.LeaseKey;
import io.ponix.jobs.lease.LeaseStore;
import io.ponix.jobs.lease.LeaseTerms;
import io.ponix.jobs.lease.NoLeaseException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Lets one replay of a stream at a time work, on whatever machine: two would take each other's
 * letters away, and both would count wrongly. One that was killed is waited for until its lease has
 * run out.
 */
public final class ReplayLease implements AutoCloseable {

    private final Connection connection;
    private final LeaseHolder holder;
    private final ScheduledExecutorService renewals;
    private volatile String lost;

    private ReplayLease(Connection connection, LeaseHolder holder) {
        this.connection = connection;
        this.holder = holder;
        this.renewals =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread thread = new Thread(task, "replay-lease");
                            thread.setDaemon(true);
                            return thread;
                        });
        long interval = LeaseTerms.STANDARD.renewal().toMillis();
        renewals.scheduleWithFixedDelay(this::renew, interval, interval, TimeUnit.MILLISECONDS);
    }

    /**
     * Takes the lease.
     *
     * @param stream of what is replayed
     * @throws CommandException if another replay has it; the message says which
     */
    public static ReplayLease take(StackAddresses addresses, String stream) {
        Connection connection = NatsConnection.open(addresses.nats(), "replay lease");
        try {
            LeaseHolder holder =
                    new LeaseHolder(
                            new LeaseStore(connection),
                            LeaseKey.replay(stream),
                            LeaseTerms.STANDARD,
                            name(),
                            1,
                            Optional.empty());
            holder.acquire();
            return new ReplayLease(connection, holder);
        } catch (NoLeaseException e) {
            close(connection);
            throw new CommandException(e.getMessage() + "; wait for its end, or end it", e);
        } catch (IOException e) {
            close(connection);
            throw new CommandException("NATS offers no JetStream: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            close(connection);
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    /** The process, and what tells it from one of the same number on another machine. */
    private static String name() {
        return "process %d-%04x"
                .formatted(
                        ProcessHandle.current().pid(),
                        ThreadLocalRandom.current().nextInt(0x10000));
    }

    private void renew() {
        try {
            holder.renew();
        } catch (NoLeaseException e) {
            lost = e.getMessage();
        }
    }

    /**
     * For every batch.
     *
     * @throws CommandException if another replay has taken over, as from a process that was stopped
     *     for a while
     */
    public void check() {
        if (lost != null) {
            throw new CommandException(lost);
        }
    }

    @Override
    public void close() {
        renewals.shutdownNow();
        holder.release();
        close(connection);
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
