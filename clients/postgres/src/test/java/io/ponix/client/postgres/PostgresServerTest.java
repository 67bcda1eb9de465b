package io.ponix.client.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresServerTest {

    @Test
    void hostsAreSeparatedByCommasAndMayHavePorts() {
        assertThat(PostgresServer.parse("a", 5432)).containsExactly(new PostgresServer("a", 5432));
        assertThat(PostgresServer.parse("a, b:5433,[::1]:5434,[::1],::1,10.0.0.1:1", 5432))
                .containsExactly(
                        new PostgresServer("a", 5432),
                        new PostgresServer("b", 5433),
                        new PostgresServer("[::1]", 5434),
                        new PostgresServer("[::1]", 5432),
                        new PostgresServer("::1", 5432),
                        new PostgresServer("10.0.0.1", 1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a,,b | must be hosts separated by commas, but is 'a,,b'",
                "a, | must be hosts separated by commas, but is 'a,'",
                ":5432 | must be hosts separated by commas, but is ':5432'",
                "a:0 | must have ports between 1 and 65535, but is 'a:0'",
                "a,b:65536 | must have ports between 1 and 65535, but is 'a,b:65536'",
                "a:x | must have ports between 1 and 65535, but is 'a:x'"
            })
    void whatIsNoHostIsNamed(String hosts, String message) {
        assertThatThrownBy(() -> PostgresServer.parse(hosts, 5432))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
