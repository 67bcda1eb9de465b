package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatFunctionsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'%s is %d'.format(['a', 5])|a is 5",
                "'%d %d'.format([-5, 5u])|-5 5",
                "'%f %.2f %.0f %.1f'.format([1.5, 2.345, 2.5, 3])|1.500000 2.35 2 3.0",
                "'%.0f'.format([1.0e308]).size() == 309 ? 'all' : 'cut'|all",
                "'%e'.format([1052.032911275])|1.052033e+03",
                "'%.2e %.0e %e'.format([9.999, 0.000123, 0])|1.00e+01 1e-04 0.000000e+00",
                "'%e'.format([-1.0e-300])|-1.000000e-300",
                "'%f %e %s'.format([1.0 / 0.0, -1.0 / 0.0, 1.0 / 0.0])|Infinity -Infinity Infinity",
                "'%x %X %x %X'.format([255, 255, 'hi', b'\\xca\\xfe'])|ff FF 6869 CAFE",
                "'%o %b %b'.format([8, 5u, true])|10 101 1",
                "'100%%'.format([])|100%",
                "'%s'.format([['abc', 3.14, null, [9, 8], timestamp('2023-02-03T23:31:20Z')]])|[abc, 3.14, null, [9, 8], 2023-02-03T23:31:20Z]",
                "'%s'.format([{'b': b'xyz', 'a': duration('1.5s'), 'c': true}])|{a: 1.5s, b: xyz, c: true}"
            })
    void replacesClauses(String expression, String text) throws Exception {
        assertThat(json(expression, "")).isEqualTo("\"" + text + "\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'%d'.format(['x'])|'%d' at offset 0 of the text takes an int or uint, which value 1 is not",
                "'a %f'.format(['x'])|'%f' at offset 2 of the text takes a number, which value 1 is not",
                "'%b'.format(['x'])|'%b' at offset 0 of the text takes an int, uint or bool, which value 1 is not",
                "'%x'.format([1.5])|'%x' at offset 0 of the text takes an int, uint, string or bytes, which value 1 is not",
                "'%s'.format([[optional.of(1)]])|'%s' at offset 0 of the text takes what has a text, which value 1 is not",
                "'%d %d'.format([1])|'%d' at offset 3 of the text has no value: there is 1",
                "'%d'.format([1, 2])|2 values, where the text has clauses for 1",
                "'%q'.format([1])|'%q' at offset 0 of the text is none of %s %d %f %e %x %X %o %b %%",
                "'5 %'.format([])|'%' at offset 2 of the text is no clause",
                "'%.f'.format([1.0])|'%.' at offset 0 of the text is no clause",
                "'%.101f'.format([1.0])|'%.101f' at offset 0 of the text asks for more than 100 decimals",
                "'%.99999999999f'.format([1.0])|'%.99999999999f' at offset 0 of the text asks for more than 100 decimals"
            })
    void refusesClausesAndValuesThatDoNotGoTogether(String expression, String message) {
        assertThat(error(expression, "")).isEqualTo("format: " + message);
    }
}
