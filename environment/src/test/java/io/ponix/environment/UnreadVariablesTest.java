package io.ponix.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UnreadVariablesTest {

    @ParameterizedTest
    @CsvSource({
        "PONIX_NATS_ULR, PONIX_NATS_URL",
        "PONIX_CLICKHOUSE_DELIVREY, PONIX_CLICKHOUSE_DELIVERY",
        "PONIX_POSTGRES_HOSTS, PONIX_POSTGRES_HOST",
        "PONIX_CHECKPOINT_INTERVALL, PONIX_CHECKPOINT_INTERVAL",
        "PONIX_GRPCPORT, PONIX_GRPC_PORT",
    })
    void aMisspelledVariableIsToldWithTheNearest(String misspelled, String nearest) {
        assertThat(UnreadVariables.warnings(Map.of(misspelled, "secret", nearest, "x")))
                .containsExactly(
                        misspelled
                                + " is set, but nothing reads it; the nearest that is read is "
                                + nearest);
    }

    @ParameterizedTest
    @EnumSource
    void aVariableOfTheSystemBeforeIsToldWhyItHasNoMeaning(FormerVariable former) {
        assertThat(UnreadVariables.warnings(Map.of(former.name(), "30")))
                .containsExactly(former.name() + " has no meaning: " + former.reason());
        assertThat(UnreadVariables.known()).doesNotContain(former.name());
    }

    @Test
    void othersAreNobodysBusiness() {
        assertThat(
                        UnreadVariables.warnings(
                                Map.of(
                                        "PATH", "/bin",
                                        "PONIXX_NATS_URL", "x",
                                        "NATS_URL", "x",
                                        // As compose files leave one that is not set.
                                        "PONIX_NATS_ULR", "")))
                .isEmpty();
    }

    @Test
    void eachIsToldOnceInTheOrderOfTheirNames() {
        assertThat(UnreadVariables.warnings(Map.of("PONIX_B", "1", "PONIX_A", "2")))
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("PONIX_A is set"),
                        second -> assertThat(second).startsWith("PONIX_B is set"));
    }
}
