package io.ponix.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlinkRestTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    org.apache.flink.runtime.jobmaster.JobMasterException: TaskManager with id tm-1 is no longer reachable. | TaskManager with id tm-1 is no longer reachable.
                    java.net.UnknownHostException: nats                | UnknownHostException: nats
                    java.lang.NullPointerException                     | NullPointerException
                    a.b.Outer$Inner: column processed_at is missing: x | column processed_at is missing: x
                    The table is gone: see PONIX_CLICKHOUSE_TABLE      | The table is gone: see PONIX_CLICKHOUSE_TABLE
                    """)
    void aFailureIsToldInAPersonsWords(String rootCause, String told) {
        String stack =
                "java.lang.RuntimeException: outer\n\tat a.b.C.d(C.java:1)\nCaused by: "
                        + rootCause
                        + "\n\tat e.f.G.h(G.java:2)\n\t... 3 more\n";

        assertThat(FlinkRest.rootCause(stack)).isEqualTo(told);
    }
}
