package io.ponix.jobs.lease;

import java.time.Duration;

/**
 * Watches whether the holder of a lease gives signs of life. Only what this process has seen, and
 * its own monotonic clock, count: a time in which it could not look, or did not run, proves nothing
 * about the holder.
 */
final class LeaseWatch {

    /**
     * A holder that is about to end may renew once more, one that goes on renews again: a job that
     * is being stopped is not taken for a running one.
     */
    private static final int RENEWALS_OF_THE_LIVING = 2;

    /** Longest time between two looks for which the first still counts. */
    private static final Duration LONGEST_GAP = Duration.ofSeconds(2);

    /** What is known of the holder. */
    enum Verdict {
        UNDECIDED,
        ALIVE,
        DEAD
    }

    private final LeaseTerms terms;
    private Lease last;
    private int renewals;
    private long unchangedSince;
    private long lastLook;

    LeaseWatch(LeaseTerms terms) {
        this.terms = terms;
    }

    /**
     * Takes in what was just read.
     *
     * @param now {@code System.nanoTime()} from before the read
     */
    Verdict look(Lease lease, long now) {
        if (last == null
                || last.epoch() != lease.epoch()
                || !last.holder().equals(lease.holder())) {
            renewals = 0;
            unchangedSince = now;
        } else if (last.revision() != lease.revision()) {
            renewals++;
            unchangedSince = now;
        } else if (now - lastLook > LONGEST_GAP.toNanos()) {
            unchangedSince = now;
        }
        last = lease;
        lastLook = now;
        if (renewals >= RENEWALS_OF_THE_LIVING) {
            return Verdict.ALIVE;
        }
        return now - unchangedSince >= terms.timeToLive().toNanos()
                ? Verdict.DEAD
                : Verdict.UNDECIDED;
    }

    /** The store could not be read: the holder could not write either. */
    void couldNotLook() {
        last = null;
    }
}
