package io.ponix.bench.measurement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {

    @Test
    void ofAHundredTheNinetyNinthAndTheLongestAreTold() {
        long[] nanos =
                LongStream.rangeClosed(1, 100)
                        .map(each -> 101 - each)
                        .map(each -> each * 1_000_000)
                        .toArray();

        assertThat(Percentiles.ofNanos(nanos)).isEqualTo(new Percentiles(50, 99, 100));
        assertThat(nanos[0]).isEqualTo(100_000_000);
    }

    @Test
    void oneIsAllOfThem() {
        assertThat(Percentiles.ofNanos(new long[] {2_500_000}))
                .isEqualTo(new Percentiles(2.5, 2.5, 2.5));
    }
}
