package io.ponix.jobs.envelope.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MonthTest {

    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:00Z,197001",
        "2024-02-29T23:59:59.999Z,202402",
        "2024-03-01T00:00:00Z,202403",
        "2026-12-31T23:59:59.999Z,202612",
        "2106-02-07T06:28:15.999Z,210602",
    })
    void isNumberedLikeClickHouseDoes(Instant time, int number) {
        Month month = Month.of(time.toEpochMilli());
        assertThat(month.number()).isEqualTo(number);
        assertThat(month.contains(time.toEpochMilli())).isTrue();
        assertThat(month.contains(month.start() - 1)).isFalse();
        assertThat(month.contains(month.end())).isFalse();
        assertThat(Month.of(month.end()).number()).isNotEqualTo(number);
        assertThat(Month.of(month.end() - 1)).isEqualTo(month);
    }
}
