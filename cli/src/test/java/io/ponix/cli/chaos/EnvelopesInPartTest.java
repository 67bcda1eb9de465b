package io.ponix.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformInput;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopesInPartTest {

    /** Else ClickHouse would have fewer parts to store, and less time to be killed in. */
    @ParameterizedTest
    @ValueSource(strings = {"2026-01-01T00:00:00Z", "2026-03-31T23:59:59Z", "2028-02-29T12:00:00Z"})
    void eachRowIsOfAMonthOfItsOwnThatTheOthersOfTheLoadAreNotOf(String now) throws Exception {
        Instant occurredAt = Instant.parse(now);
        JsonBuffer json = new JsonBuffer();
        TransformCompiler.create()
                .compile(EnvelopesInPart.transform())
                .evaluate(
                        new TransformInput()
                                .setPayload(new byte[0])
                                .setOccurredAt(occurredAt.getEpochSecond(), 0),
                        json);

        assertThat(json.rowCount()).isEqualTo(EnvelopesInPart.ROWS);
        Set<YearMonth> months = new HashSet<>();
        for (int row = 0; row < json.rowCount(); row++) {
            months.add(YearMonth.from(json.rowTime(row).atOffset(ZoneOffset.UTC)));
            assertThat(json.rowTime(row)).isBefore(occurredAt.minus(Duration.ofDays(130)));
        }
        assertThat(months).hasSize(EnvelopesInPart.ROWS);
    }

    @Test
    void triesThatSawNoEnvelopeInPartCountAsTries() {
        EnvelopesInPart envelopes = new EnvelopesInPart(null, null);
        Fault fault = new WithinEnvelopeFault(StackPart.CLICKHOUSE);
        envelopes.tried(fault, false, false);
        envelopes.tried(fault, true, false);
        envelopes.tried(fault, true, true);

        assertThat(envelopes.tries()).isEqualTo(Map.of(fault, new EnvelopesInPart.Tries(3, 2, 1)));
    }
}
