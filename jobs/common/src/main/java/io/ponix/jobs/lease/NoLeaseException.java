package io.ponix.jobs.lease;

/** Somebody else has the lease; the message says who, since when and where. */
public final class NoLeaseException extends Exception {

    private static final long serialVersionUID = 1L;

    private NoLeaseException(String message) {
        super(message);
    }

    /** It was asked for, and its holder is alive. */
    static NoLeaseException held(LeaseKey key, Lease lease) {
        return new NoLeaseException(key.description() + " is run by " + describe(lease));
    }

    /** It was held, and is no longer. */
    static NoLeaseException lost(LeaseKey key, Lease lease) {
        return new NoLeaseException(
                "This one was replaced, and stores nothing more: "
                        + key.description()
                        + " is run by "
                        + describe(lease));
    }

    /** Holder, place and time, for a message. */
    static String describe(Lease lease) {
        return lease.holder() + " on host " + lease.host() + " since " + lease.since();
    }
}
