package io.ponix.jobs.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.jobs.lease.LeaseWatch.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LeaseWatchTest {

    private final LeaseWatch watch = new LeaseWatch(LeaseTerms.STANDARD);

    @Test
    void aHolderThatRenewsTwiceIsAlive() {
        assertThat(look(1, 0)).isEqualTo(Verdict.UNDECIDED);
        assertThat(look(2, 1_500)).isEqualTo(Verdict.UNDECIDED);
        assertThat(look(3, 3_000)).isEqualTo(Verdict.ALIVE);
    }

    @Test
    void oneThatShowsNoSignForItsTimeToLiveIsDead() {
        for (long millis = 0; millis < 10_000; millis += 500) {
            assertThat(look(1, millis)).as("at %s ms", millis).isEqualTo(Verdict.UNDECIDED);
        }
        assertThat(look(1, 10_000)).isEqualTo(Verdict.DEAD);
    }

    @Test
    void aSignOfLifeBeginsTheTimeToLiveAnew() {
        for (long millis = 0; millis < 9_000; millis += 500) {
            look(1, millis);
        }
        for (long millis = 9_000; millis < 19_000; millis += 500) {
            assertThat(look(2, millis)).as("at %s ms", millis).isEqualTo(Verdict.UNDECIDED);
        }
    }

    @Test
    void timeInWhichTheWatcherWasFrozenDoesNotCount() {
        look(1, 0);
        assertThat(look(1, 60_000)).isEqualTo(Verdict.UNDECIDED);
    }

    @Test
    void timeInWhichTheStoreWasAwayDoesNotCount() {
        for (long millis = 0; millis < 9_500; millis += 500) {
            look(1, millis);
        }
        watch.couldNotLook();
        for (long millis = 9_500; millis < 19_500; millis += 500) {
            assertThat(look(1, millis)).as("at %s ms", millis).isEqualTo(Verdict.UNDECIDED);
        }
        assertThat(look(1, 19_500)).isEqualTo(Verdict.DEAD);
    }

    private Verdict look(long revision, long millis) {
        Lease lease = new Lease("job", "instance", 1, Instant.EPOCH, "host", false, "", revision);
        return watch.look(lease, Duration.ofMillis(millis).toNanos());
    }
}
