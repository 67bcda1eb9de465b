package io.ponix.jobs.lease;

import java.io.Serializable;
import java.time.Duration;

/**
 * The times that holders of a lease and those who want it agree on.
 *
 * @param renewal time between two signs of life of a holder
 * @param timeToLive how long a holder may show none before the lease is anybody's; several renewals
 * @param poll time between two looks of one who waits; shorter than a renewal
 * @param afterlife how long connections of a holder may outlive its last sign of life: until its
 *     tasks miss it, and until servers miss a machine that was lost
 */
public record LeaseTerms(Duration renewal, Duration timeToLive, Duration poll, Duration afterlife)
        implements Serializable {

    /**
     * Long enough for a JobManager's pauses on a busy machine, short enough to be waited for: 2 s,
     * 10 s and 250 ms. Flink's heartbeats and Postgres' wal_sender_timeout, one after the other,
     * are less than the 5 min.
     */
    public static final LeaseTerms STANDARD =
            new LeaseTerms(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(10),
                    Duration.ofMillis(250),
                    Duration.ofMinutes(5));
}
