package io.ponix.bench.measurement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ponix.bench.measurement.RowWatch.Sample;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DrainTest {

    @Test
    void theMiddleIsMeasuredWithoutTheStartAndTheEnd() {
        Drain drain =
                Drain.of(
                        List.of(
                                sample(0, 100, 1_000),
                                sample(5, 200, 9_000),
                                sample(6, 400, 10_000),
                                sample(8, 1_000, 12_100),
                                sample(10, 1_100, 13_000)));

        assertThat(drain.envelopes()).isEqualTo(1_000);
        assertThat(drain.secondsToFirstRow()).isEqualTo(5);
        assertThat(drain.seconds()).isEqualTo(5);
        assertThat(drain.perSecond()).isEqualTo(900 / 5.0);
        assertThat(drain.steadyPerSecond()).isEqualTo(600 / 2.0);
        assertThat(drain.cpuMicros().get("server")).isCloseTo(3.5, within(1e-9));
        assertThat(drain.cpuMicrosInAll().get("server")).isCloseTo(12.0, within(1e-9));
        assertThat(drain.cpuMicrosInAll().get("all")).isCloseTo(12.0, within(1e-9));
    }

    @Test
    void whatComesAtOnceHasNoRate() {
        Drain drain = Drain.of(List.of(sample(0, 0, 0), sample(2, 10, 50)));

        assertThat(drain.perSecond()).isZero();
        assertThat(drain.secondsToFirstRow()).isEqualTo(2);
        assertThat(drain.cpuMicros().get("server")).isEqualTo(5);
    }

    private static Sample sample(long second, long rows, long cpuMicros) {
        return new Sample(second * 1_000_000_000, rows, Map.of("server", cpuMicros));
    }
}
