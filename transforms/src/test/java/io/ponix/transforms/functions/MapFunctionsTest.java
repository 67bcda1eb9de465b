package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MapFunctionsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "merge({'a': 1, 'b': 2}, {'b': 'x', 'c': [1]})|{\"a\":1,\"b\":\"x\",\"c\":[1]}",
                "merge({}, {'a': 1})|{\"a\":1}",
                "merge({'a': {'b': 1}}, {'a': {'c': 2}})|{\"a\":{\"c\":2}}",
                "merge(json_decode(input), {'n': null})|{\"t\":1,\"n\":null}",
                "merge({1: 'a'}, {1: 'b'})[1]|\"b\"",
                // To CEL 1 and 1u are one key.
                "merge({dyn(1): 'a', dyn(2u): 'b'}, {dyn(1u): 'c', dyn(2): 'd'}).map(k, k)|[1,2]",
                "merge({dyn(1): 'a'}, {dyn(1u): 'c'})[1]|\"c\""
            })
    void theSecondWins(String expression, String expected) throws Exception {
        assertThat(json(expression, "7b2274223a317d")).isEqualTo(expected);
    }
}
