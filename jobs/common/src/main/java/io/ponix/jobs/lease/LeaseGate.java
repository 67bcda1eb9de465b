package io.ponix.jobs.lease;

import io.nats.client.Connection;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.clickhouse.sink.CommitFence;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens while a job holds its lease. Every {@link #await} asks the store; nothing is remembered, so
 * that a job that was frozen does not go by what it knew before. Used by several threads.
 *
 * <p>It waits, and never fails the job: whether that has lost its lease for good is for the one who
 * holds it to say ({@link LeaseHolder#renew}).
 */
public final class LeaseGate implements CommitFence.Gate {

    private static final Logger LOG = LoggerFactory.getLogger(LeaseGate.class);

    private static final long POLL_MILLIS = 100;
    private static final long NANOS_BETWEEN_WARNINGS = TimeUnit.SECONDS.toNanos(10);

    private final NatsSettings configuration;
    private final LeaseKey key;
    private final String jobId;
    private Connection connection;
    private LeaseStore store;
    private boolean closed;

    LeaseGate(NatsSettings configuration, LeaseKey key, String jobId) {
        this.configuration = configuration;
        this.key = key;
        this.jobId = jobId;
    }

    @Override
    public void await() throws IOException, InterruptedException {
        awaitLease();
    }

    /**
     * Returns once the job holds the lease.
     *
     * @return the lease
     * @throws IOException if NATS refuses to be asked
     */
    public Lease awaitLease() throws IOException, InterruptedException {
        long lastWarning = System.nanoTime() - NANOS_BETWEEN_WARNINGS / 2;
        while (true) {
            String obstacle;
            try {
                Optional<Lease> found = store().find(key);
                if (found.isPresent() && found.get().isHeldBy(jobId)) {
                    return found.get();
                }
                obstacle =
                        found.isPresent() && found.get().isHeld()
                                ? "it is held by " + NoLeaseException.describe(found.get())
                                : "nobody holds it";
            } catch (NatsAccessException e) {
                throw e;
            } catch (IOException e) {
                obstacle = e.getMessage();
            }
            long now = System.nanoTime();
            if (now - lastWarning > NANOS_BETWEEN_WARNINGS) {
                lastWarning = now;
                LOG.warn("Waiting for the lease of {}: {}", key.description(), obstacle);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private synchronized LeaseStore store() throws IOException {
        if (closed) {
            throw new IOException("The task has ended");
        }
        if (store == null) {
            connection = JobLease.connect(configuration, "gate");
            store = new LeaseStore(connection);
        }
        return store;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (connection != null) {
            try {
                connection.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            connection = null;
            store = null;
        }
    }
}
