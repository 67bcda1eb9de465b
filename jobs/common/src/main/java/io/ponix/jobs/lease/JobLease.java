package io.ponix.jobs.lease;

import io.nats.client.Connection;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsConnections;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.clickhouse.sink.CommitFence;
import io.ponix.connector.nats.NatsPermissions;
import io.ponix.connector.nats.source.settings.SourcePermit;
import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The lease of a job's pipeline, for each place of the job that depends on it: the submission
 * ({@link #check}), the source's enumerator ({@link #sourcePermit}), the committers ({@link
 * #commitFence}), and operators that look at the world when they start ({@link #openGate}).
 */
public final class JobLease implements Serializable {

    private static final long serialVersionUID = 1L;

    private final NatsSettings connection;
    private final LeaseKey key;
    private final LeaseTerms terms;
    private int replicas = 1;
    private Replaceable mayReplace;

    /** The lease, not looked at yet. */
    public JobLease(NatsSettings connection, LeaseKey key, LeaseTerms terms) {
        this.connection = connection;
        this.key = key;
        this.terms = terms;
    }

    /**
     * Says whether a submission would find the lease free, for a job's main method. Takes nothing:
     * another one may be quicker, which the job itself finds out before it reads.
     *
     * @param nats connected to the servers of the lease
     * @param streamReplicas of the stream that is read: the lease is kept by as many servers
     * @param takeOver whether a holder that is alive is replaced
     * @param jobId of the job that is submitted, where it is known before
     * @param progress told when the answer takes a while
     * @return whether connections of a job before it may still be there: of one that has not given
     *     the lease back, as it is to be replaced, was lost lately, or is an earlier run of this
     *     one
     * @throws NoLeaseException if another job holds it; the message says which, and what to do
     * @throws IOException if NATS cannot be asked
     */
    public boolean check(
            Connection nats,
            int streamReplicas,
            boolean takeOver,
            Optional<String> jobId,
            Consumer<String> progress)
            throws IOException, NoLeaseException, InterruptedException {
        replicas = streamReplicas;
        LeaseStore store = new LeaseStore(nats);
        store.ensureStream(replicas);
        LeaseWatch watch = new LeaseWatch(terms);
        boolean told = false;
        long tellAt = System.nanoTime() + terms.renewal().toNanos() / 2;
        while (true) {
            long now = System.nanoTime();
            Optional<Lease> found = store.find(key);
            if (found.isEmpty() || found.get().released()) {
                return false;
            }
            Lease lease = found.get();
            if (jobId.filter(lease.holder()::equals).isPresent()) {
                return mayBeConnected(store);
            }
            if (takeOver) {
                mayReplace = Replaceable.inAnyCase(lease);
                return mayBeConnected(store);
            }
            switch (watch.look(lease, now)) {
                case ALIVE -> throw NoLeaseException.held(key, lease);
                case DEAD -> {
                    mayReplace = Replaceable.whileSilent(lease);
                    return mayBeConnected(store);
                }
                case UNDECIDED -> {
                    // A job that has just been stopped gives it back in a moment.
                    if (!told && now - tellAt > 0) {
                        told = true;
                        progress.accept(
                                "Not given back: "
                                        + key.description()
                                        + " is run by "
                                        + NoLeaseException.describe(lease)
                                        + "; waiting up to "
                                        + terms.timeToLive().toSeconds()
                                        + " s for a sign of life");
                    }
                    Thread.sleep(terms.poll().toMillis());
                }
            }
        }
    }

    private boolean mayBeConnected(LeaseStore store) throws IOException {
        return store.silence(key).compareTo(terms.afterlife()) <= 0;
    }

    /**
     * Looks for what the lease needs, for a job's main method.
     *
     * @throws IOException if the server cannot be asked
     */
    public void checkPermissions(NatsPermissions permissions) throws IOException {
        permissions
                .toDescribe(LeaseStore.STREAM)
                .toLookUpMessages(LeaseStore.STREAM)
                .toPublish(key.subject());
    }

    /** Lets a job read once it holds the lease, and fails it for good when it has lost it. */
    public SourcePermit sourcePermit() {
        return jobId ->
                new LeasePermit(
                        connection, key, terms, jobId, replicas, Optional.ofNullable(mayReplace));
    }

    /** Lets a job insert while it holds the lease. */
    public CommitFence commitFence() {
        return this::openGate;
    }

    /**
     * The lease as a task sees it.
     *
     * @param jobId of the task's job
     */
    public LeaseGate openGate(String jobId) {
        return new LeaseGate(connection, key, jobId);
    }

    /**
     * Connects, once.
     *
     * @throws NatsAccessException if that would fail again
     */
    static Connection connect(NatsSettings configuration, String purpose) throws IOException {
        return NatsConnections.open(
                configuration, "ponix-lease-" + purpose, new NatsConnections.Listener() {});
    }
}
