package io.ponix.jobs.lease;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One who takes a lease, renews it and gives it back. {@link #release} may be called from any
 * thread; the others from one.
 */
public final class LeaseHolder {

    private static final Logger LOG = LoggerFactory.getLogger(LeaseHolder.class);

    private final LeaseStore store;
    private final LeaseKey key;
    private final LeaseTerms terms;
    private final String name;
    private final int replicas;
    private final Optional<Replaceable> mayReplace;
    private final LongSupplier nanoClock;
    private final String instance = UUID.randomUUID().toString();

    private Lease mine;
    private boolean released;
    private boolean silent;
    private boolean streamIsThere;

    /**
     * @param name who takes it; one that has the same name as the holder takes it at once
     * @param replicas of the stream of leases, should it be missing
     * @param mayReplace a holder from whom it is taken without waiting
     */
    public LeaseHolder(
            LeaseStore store,
            LeaseKey key,
            LeaseTerms terms,
            String name,
            int replicas,
            Optional<Replaceable> mayReplace) {
        this(store, key, terms, name, replicas, mayReplace, System::nanoTime);
    }

    /**
     * @param nanoClock by which the time is measured that the holder gives no sign of life, as
     *     {@code System.nanoTime()}
     */
    LeaseHolder(
            LeaseStore store,
            LeaseKey key,
            LeaseTerms terms,
            String name,
            int replicas,
            Optional<Replaceable> mayReplace,
            LongSupplier nanoClock) {
        this.store = store;
        this.key = key;
        this.terms = terms;
        this.name = name;
        this.replicas = replicas;
        this.mayReplace = mayReplace;
        this.nanoClock = nanoClock;
    }

    /**
     * Takes the lease. Waits for a server that is away, and for a holder that shows no sign of life
     * until its time to live is over.
     *
     * @throws NoLeaseException if the holder is alive
     * @throws InterruptedException if the thread was interrupted, or {@link #release} called
     */
    public void acquire() throws NoLeaseException, InterruptedException {
        LeaseWatch watch = new LeaseWatch(terms);
        boolean told = false;
        while (!tryAcquire(watch)) {
            if (!told) {
                told = true;
                LOG.info("Waiting for the lease of {}", key.description());
            }
            Thread.sleep(terms.poll().toMillis());
        }
        LOG.info("{} holds the lease of {} in epoch {}", name, key.description(), mine.epoch());
    }

    private synchronized boolean tryAcquire(LeaseWatch watch)
            throws NoLeaseException, InterruptedException {
        if (released) {
            throw new InterruptedException("Closed while waiting for the lease");
        }
        try {
            if (!streamIsThere) {
                store.ensureStream(replicas);
                streamIsThere = true;
            }
            long now = nanoClock.getAsLong();
            Optional<Lease> found = store.find(key);
            if (found.isEmpty()) {
                streamIsThere = false; // it may have been deleted since
                return take(1, "", 0);
            }
            Lease lease = found.get();
            if (isMine(lease)) {
                // Written by an attempt whose answer was lost.
                mine = lease;
                return true;
            }
            String replaced = lease.isHeld() ? lease.holder() : "";
            if (lease.released() || mayReplace.filter(other -> other.is(lease)).isPresent()) {
                return take(lease.epoch() + 1, replaced, lease.revision());
            }
            if (lease.holder().equals(name)) {
                return take(lease.epoch() + 1, lease.replaced(), lease.revision());
            }
            return switch (watch.look(lease, now)) {
                case UNDECIDED -> false;
                case ALIVE -> throw NoLeaseException.held(key, lease);
                case DEAD -> take(lease.epoch() + 1, replaced, lease.revision());
            };
        } catch (IOException e) {
            watch.couldNotLook();
            noteSilence(e);
            return false;
        }
    }

    private boolean take(long epoch, String replaced, long revision) throws IOException {
        Lease lease =
                new Lease(
                        name,
                        instance,
                        epoch,
                        Instant.now().truncatedTo(ChronoUnit.SECONDS),
                        host(),
                        false,
                        replaced,
                        0);
        if (store.write(key, lease, revision).isEmpty()) {
            return false;
        }
        mine = lease;
        silent = false;
        if (!replaced.isEmpty()) {
            LOG.warn(
                    "{} takes {} over from {}, which did not give it back",
                    name,
                    key.description(),
                    replaced);
        }
        return true;
    }

    /**
     * Shows a sign of life. A server that is away is no reason to end: nobody else can take the
     * lease from it then. A store that went back to an older state (its tail was lost) is brought
     * up to date.
     *
     * @throws NoLeaseException if somebody else has it
     */
    public synchronized void renew() throws NoLeaseException {
        if (released) {
            return;
        }
        try {
            Optional<Lease> found = store.find(key);
            if (found.isEmpty()) {
                store.ensureStream(replicas);
            }
            long revision = found.map(Lease::revision).orElse(0L);
            if (found.isPresent() && isMine(found.get())) {
                store.write(key, mine, revision);
            } else if (found.isPresent() && !found.get().isReadable()) {
                LOG.warn(
                        "{} takes {} again: it is held by {}",
                        name,
                        key.description(),
                        found.get().holder());
                take(found.get().epoch() + 1, mine.replaced(), revision);
            } else if (found.isEmpty() || found.get().epoch() < mine.epoch()) {
                LOG.warn(
                        "The store of leases went back behind epoch {}: {} takes {} again",
                        mine.epoch(),
                        name,
                        key.description());
                take(mine.epoch() + 1, mine.replaced(), revision);
            } else if (found.get().holder().equals(name)) {
                // The same job, on another JobManager or begun anew on this one.
                released = true;
            } else {
                throw NoLeaseException.lost(key, found.get());
            }
            silent = false;
        } catch (IOException e) {
            noteSilence(e);
        }
    }

    /** Gives the lease back, if it can be reached and is ours, so that nobody has to wait. */
    public synchronized void release() {
        if (released) {
            return;
        }
        released = true;
        if (mine == null) {
            return;
        }
        try {
            Optional<Lease> found = store.find(key);
            if (found.isPresent() && isMine(found.get())) {
                OptionalLong written = store.write(key, mine.asReleased(), found.get().revision());
                LOG.info(
                        "{} {} the lease of {}",
                        name,
                        written.isPresent() ? "gave back" : "had lost",
                        key.description());
            }
        } catch (IOException e) {
            LOG.warn(
                    "The lease of {} could not be given back, and is free in {} s: {}",
                    key.description(),
                    terms.timeToLive().toSeconds(),
                    e.getMessage());
        }
    }

    private boolean isMine(Lease lease) {
        return lease.instance().equals(instance);
    }

    private void noteSilence(IOException e) {
        if (!silent) {
            silent = true;
            LOG.warn("The lease of {} cannot be reached: {}", key.description(), e.getMessage());
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
