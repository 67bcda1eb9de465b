package io.ponix.jobs.sessions.assembly;

/** Times at which state is looked at again, few for many keys. */
final class Timers {

    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;

    private Timers() {}

    /** Not before a time; the more exact, the sooner it is. */
    static long notBefore(long time, long now) {
        long grain = time - now > 10 * MINUTE ? MINUTE : SECOND;
        return Math.floorDiv(time + grain - 1, grain) * grain;
    }
}
