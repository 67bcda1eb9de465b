package io.ponix.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DiskForecastTest {

    private static final long GIGABYTE = 1_000_000_000L;

    @Test
    void aDiskThatIsFilledSoonIsUrgentAndSaysWhen() {
        DiskForecast soon = new DiskForecast(20 * GIGABYTE, 100 * GIGABYTE, GIGABYTE);
        assertThat(soon.untilFull()).contains(Duration.ofHours(20));
        assertThat(soon.isUrgent()).isTrue();
        assertThat(soon)
                .hasToString(
                        "20 GB free of 100 GB; 24 GB a day as in the last hour, full in 20 hours");
    }

    @Test
    void oneThatLastsIsNotUnlessItIsNearlyFull() {
        DiskForecast lasting = new DiskForecast(80 * GIGABYTE, 100 * GIGABYTE, GIGABYTE / 10);
        assertThat(lasting.untilFull()).contains(Duration.ofHours(800));
        assertThat(lasting.isUrgent()).isFalse();
        assertThat(lasting.toString())
                .endsWith("2.4 GB a day as in the last hour, full in 33 days");

        assertThat(new DiskForecast(4 * GIGABYTE, 100 * GIGABYTE, 0).isUrgent()).isTrue();
    }

    @Test
    void nothingIsSaidOfADayInTheNextCentury() {
        DiskForecast idle = new DiskForecast(80 * GIGABYTE, 100 * GIGABYTE, 0);
        assertThat(idle.untilFull()).isEmpty();
        assertThat(idle.isUrgent()).isFalse();
        assertThat(idle).hasToString("80 GB free of 100 GB; 0 B a day as in the last hour");
        assertThat(new DiskForecast(80 * GIGABYTE, 100 * GIGABYTE, 100).untilFull()).isEmpty();
    }

    @Test
    void sizesAsAPersonReadsThem() {
        assertThat(DiskForecast.size(999)).isEqualTo("999 B");
        assertThat(DiskForecast.size(1_500)).isEqualTo("1.5 kB");
        assertThat(DiskForecast.size(999_999)).isEqualTo("1.0 MB");
        assertThat(DiskForecast.size(74 * GIGABYTE)).isEqualTo("74 GB");
    }
}
