package io.ponix.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoPlanTest {

    @Test
    void envelopesAreOfOneOfTwoAndOfAThousandRows() {
        DemoPlan plan = plan(20_000);

        assertThat(plan.envelopesByRows()).isEqualTo(Map.of(1, 15_904L, 2, 3_976L, 1_000, 20L));
        assertThat(sum(plan.poisonedByReason())).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 6, 7, 8, 9, 107, 1_007, 1_008, 20_000, Integer.MAX_VALUE})
    void everyEnvelopeIsPlannedOnce(long envelopes) {
        DemoPlan plan = plan(envelopes);

        assertThat(sum(plan.envelopesByRows()) + sum(plan.poisonedByReason())).isEqualTo(envelopes);
        assertThat(plan.readings()).isNotNegative();
    }

    private static DemoPlan plan(long envelopes) {
        return new DemoPlan("org-001", 100, envelopes);
    }

    private static long sum(Map<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
