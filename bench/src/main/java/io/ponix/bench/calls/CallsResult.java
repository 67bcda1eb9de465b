package io.ponix.bench.calls;

import io.ponix.bench.measurement.Percentiles;

/**
 * What calls without and with a key achieved.
 *
 * @param processors of the machine, which the service, Postgres and the caller share
 * @param concurrent calls in flight
 * @param withoutKey those that show none
 * @param withKey those that show one, which is looked at
 */
record CallsResult(int processors, int concurrent, Way withoutKey, Way withKey) {

    /**
     * One of them.
     *
     * @param calls how many were answered
     * @param perSecond the same by the time that took
     * @param time until the answer
     */
    record Way(long calls, double perSecond, Percentiles time) {}

    /** Calls per second with a key, by those without. */
    double ratioOfRates() {
        return withKey.perSecond() / withoutKey.perSecond();
    }

    /** The time that 99 of 100 calls do not exceed with a key, by that without. */
    double ratioOfMillisP99() {
        return withKey.time().millisP99() / withoutKey.time().millisP99();
    }
}
