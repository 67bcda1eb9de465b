package io.ponix.deviceservice.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketsTest {

    // Close to where the time of a JVM may overflow.
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());
    private final TokenBuckets buckets = new TokenBuckets(10, now::get);

    @Test
    void aCallerMayTakeWhatTwoSecondsGive() {
        assertThat(taken("a")).isEqualTo(20);
        assertThat(buckets.take("a")).isEqualTo(Duration.ofMillis(100));
        assertThat(buckets.take("a")).as("a refusal costs nothing").hasMillis(100);

        pass(Duration.ofMillis(60));
        assertThat(buckets.take("a")).isEqualTo(Duration.ofMillis(40));
        pass(Duration.ofMillis(40));
        assertThat(taken("a")).isEqualTo(1);
        pass(Duration.ofSeconds(1));
        assertThat(taken("a")).isEqualTo(10);
        pass(Duration.ofHours(1));
        assertThat(taken("a")).isEqualTo(20);
    }

    @Test
    void callersDoNotTakeFromEachOther() {
        assertThat(taken("a")).isEqualTo(20);
        assertThat(taken("b")).isEqualTo(20);
    }

    @Test
    void whoIsForgottenHadAFullBucket() {
        for (int i = 0; i < 30_000; i++) {
            buckets.take("caller " + i);
        }
        pass(Duration.ofSeconds(5));
        assertThat(taken("a")).isEqualTo(20);
        assertThat(buckets.remembered()).as("the others are forgotten").isEqualTo(1);
        assertThat(taken("caller 0")).isEqualTo(20);
        assertThat(buckets.take("a")).isEqualTo(Duration.ofMillis(100));
    }

    private int taken(String caller) {
        int taken = 0;
        while (buckets.take(caller).isZero()) {
            taken++;
        }
        return taken;
    }

    private void pass(Duration duration) {
        now.addAndGet(duration.toNanos());
    }
}
