package io.ponix.jobs.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackoffTest {

    @Test
    void pausesDoubleUpToTenSecondsAndBeginAgain() {
        Backoff backoff = new Backoff();
        List<Long> pauses = new ArrayList<>();
        for (int attempt = 0; attempt < 9; attempt++) {
            pauses.add(backoff.nextPause().toMillis());
            // Of an interrupted thread no pause takes any time.
            Thread.currentThread().interrupt();
            assertThatThrownBy(backoff::pause).isInstanceOf(InterruptedException.class);
        }

        assertThat(pauses)
                .containsExactly(100L, 200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 10_000L, 10_000L);
        backoff.reset();
        assertThat(backoff.nextPause()).isEqualTo(Duration.ofMillis(100));
    }
}
