package io.ponix.jobs.lease;

import java.io.Serializable;

/**
 * A holder that may be replaced without waiting, as it was when the replacement was submitted: not
 * those who come after it.
 */
public final class Replaceable implements Serializable {

    private static final long serialVersionUID = 1L;
    private static final long ANY = -1;

    private final String holder;
    private final long epoch;
    private final long revision;

    private Replaceable(String holder, long epoch, long revision) {
        this.holder = holder;
        this.epoch = epoch;
        this.revision = revision;
    }

    /** The holder, alive or not. */
    static Replaceable inAnyCase(Lease lease) {
        return new Replaceable(lease.holder(), lease.epoch(), ANY);
    }

    /** The holder, unless it shows a sign of life after all. */
    static Replaceable whileSilent(Lease lease) {
        return new Replaceable(lease.holder(), lease.epoch(), lease.revision());
    }

    boolean is(Lease lease) {
        return lease.holder().equals(holder)
                && lease.epoch() == epoch
                && (revision == ANY || lease.revision() == revision);
    }
}
