package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonDifferenceTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|{}",
                "{\"a\":1,\"b\":[true,null,\"x\"]}|{\"b\":[true,null,\"x\"],\"a\":1}",
                "{\"a\":25}|{\"a\":25.0}",
                "{\"a\":25.0}|{\"a\":25}",
                "{\"a\":0.3}|{\"a\":0.30000000000000004}",
                "{\"a\":1.0}|{\"a\":1.001}",
                "{\"a\":1.0}|{\"a\":0.999}",
                "{\"a\":18446744073709551615}|{\"a\":18446744073709551615}",
                "{\"a\":1e999}|{\"a\":1e999}",
            })
    void documentsThatAreTheSame(String expected, String actual) {
        assertThat(JsonDifference.between(expected, actual, 0.00101)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":1}|{\"a\":2}|$.a: expected 1, is 2",
                "{\"a\":1.0}|{\"a\":1.002}|$.a: expected 1.0, is 1.002",
                "{\"a\":1}|{}|$.a: expected 1, is missing",
                "{}|{\"a\":null}|$.a: not expected, is null",
                "{\"a\":null}|{}|$.a: expected null, is missing",
                "{\"a\":\"1\"}|{\"a\":1}|$.a: expected \"1\", is 1",
                "{\"a\":true}|{\"a\":1}|$.a: expected true, is 1",
                "{\"a\":[1,{\"b c\":2}]}|{\"a\":[1,{\"b c\":3}]}|$.a[1][\"b c\"]: expected 2, is 3",
                "{\"a\":[1]}|{\"a\":[1,[2]]}|$.a[1]: not expected, is [2]",
                "{\"a\":[1,{}]}|{\"a\":[1]}|$.a[1]: expected {}, is missing",
                "{\"a\":{}}|{\"a\":[]}|$.a: expected {}, is []",
                "{\"a\":9007199254740993}|{\"a\":9007199254740992}|$.a: expected 9007199254740993, is 9007199254740992",
                "{\"a\":1e999}|{\"a\":1}|$.a: expected Infinity, is 1",
                "{\"a\":1,\"b\":2,\"c\":3}|{\"d\":4,\"c\":3,\"b\":5}|$.a: expected 1, is missing; $.b: expected 2, is 5; $.d: not expected, is 4",
            })
    void everyDifferenceSaysWhereAndWhat(String expected, String actual, String differences) {
        assertThat(JsonDifference.between(expected, actual, 0.00101))
                .extracting(JsonDifference::toString)
                .containsExactly(differences.split("; "));
    }

    @Test
    void aToleranceIsANumberOfZeroOrMore() {
        assertThatThrownBy(() -> JsonDifference.between("{}", "{}", Double.NaN))
                .hasMessage("the tolerance is NaN, not 0 or more");
    }
}
