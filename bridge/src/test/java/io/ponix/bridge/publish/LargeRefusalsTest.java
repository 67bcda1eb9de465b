package io.ponix.bridge.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LargeRefusalsTest {

    private static final long MIB = 1 << 20;

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final LargeRefusals large = new LargeRefusals(nanos::get);

    @Test
    void oneGatewayUsesUpNothingButItsOwn() {
        for (int i = 0; i < 32; i++) {
            assertThat(large.mayBeWhole("noisy", MIB)).isTrue();
        }
        for (int i = 0; i < 1_000; i++) {
            assertThat(large.mayBeWhole("noisy", MIB)).isFalse();
        }
        assertThat(large.mayBeWhole("noisy", LargeRefusals.SMALL)).isTrue();
        assertThat(large.mayBeWhole("noisy", LargeRefusals.SMALL + 1)).isFalse();
        assertThat(large.mayBeWhole("quiet", MIB)).isTrue();
    }

    @Test
    void thereIsRoomAgainAsMessagesOfBeforeAreForgotten() {
        while (large.mayBeWhole("noisy", MIB)) {
            // Until there is none.
        }
        nanos.addAndGet(TimeUnit.DAYS.toNanos(7));
        int again = 0;
        while (large.mayBeWhole("noisy", MIB)) {
            again++;
        }
        assertThat(again).isEqualTo(16);
        nanos.addAndGet(TimeUnit.DAYS.toNanos(60));
        assertThat(large.mayBeWhole("noisy", 32 * MIB)).isTrue();
        assertThat(large.mayBeWhole("noisy", MIB)).isFalse();
    }

    @Test
    void whatIsKnownIsBounded() {
        assertThat(large.mayBeWhole("first", 32 * MIB)).isTrue();
        for (int i = 0; i < 10_000; i++) {
            assertThat(large.mayBeWhole("gateway-" + i, MIB)).isTrue();
        }
        assertThat(large.mayBeWhole("first", 32 * MIB)).as("it is forgotten").isTrue();
    }
}
