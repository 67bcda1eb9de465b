package io.ponix.jobs.lease;

import io.nats.client.Connection;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.source.settings.SourcePermit;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the lease for a job, beside its source's enumerator on the JobManager. A job that cannot
 * have it, or has lost it, ends for good: a restart would find the same, and a job that waited
 * would begin to write when nobody expects it any more.
 */
final class LeasePermit implements SourcePermit.Held {

    private static final Logger LOG = LoggerFactory.getLogger(LeasePermit.class);

    private static final long RETRY_MILLIS = 1_000;

    private final NatsSettings configuration;
    private final LeaseKey key;
    private final LeaseTerms terms;
    private final String jobId;
    private final int replicas;
    private final Optional<Replaceable> mayReplace;

    /** Guarded by this, as the next two: {@link #close} comes from another thread. */
    private Connection connection;

    private LeaseHolder holder;
    private boolean closed;

    LeasePermit(
            NatsSettings configuration,
            LeaseKey key,
            LeaseTerms terms,
            String jobId,
            int replicas,
            Optional<Replaceable> mayReplace) {
        this.configuration = configuration;
        this.key = key;
        this.terms = terms;
        this.jobId = jobId;
        this.replicas = replicas;
        this.mayReplace = mayReplace;
    }

    @Override
    public void await() throws IOException, InterruptedException {
        while (!connect()) {
            Thread.sleep(RETRY_MILLIS);
        }
        try {
            holder().acquire();
        } catch (NoLeaseException e) {
            throw new SuppressRestartsException(e);
        }
    }

    private boolean connect() throws NatsAccessException, InterruptedException {
        try {
            Connection opened = JobLease.connect(configuration, "holder");
            synchronized (this) {
                if (closed) {
                    opened.close();
                    throw new InterruptedException("Closed while connecting");
                }
                connection = opened;
                holder =
                        new LeaseHolder(
                                new LeaseStore(opened), key, terms, jobId, replicas, mayReplace);
            }
            return true;
        } catch (NatsAccessException e) {
            throw e;
        } catch (IOException e) {
            LOG.warn("Cannot ask for the lease yet, trying again: {}", e.getMessage());
            return false;
        }
    }

    private synchronized LeaseHolder holder() {
        return holder;
    }

    @Override
    public void renew() {
        try {
            holder().renew();
        } catch (NoLeaseException e) {
            throw new SuppressRestartsException(e);
        }
    }

    @Override
    public Duration renewalInterval() {
        return terms.renewal();
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (holder == null) {
            return;
        }
        holder.release();
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
