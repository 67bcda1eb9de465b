package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CEL's regex extension, whose functions are those of this module's runtime. */
class RegularExpressionsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "regex.extract('SN-0042', 'SN-([0-9]+)').value()~\"0042\"",
                "regex.extract('SN-0042', '[0-9]').value()~\"0\"",
                "regex.extract('x', '[0-9]').hasValue()~false",
                "regex.extract('b', 'a|(b)').value()~\"b\"",
                "regex.extract('a', 'a|(b)').hasValue()~false",
                "regex.extractAll('t=21;h=50', '[a-z]=([0-9]+)')~[\"21\",\"50\"]",
                "regex.extractAll('abab', 'a(?:b)')~[\"ab\",\"ab\"]",
                "regex.extractAll('aa', 'x*')~[\"\",\"\",\"\"]",
                "regex.extractAll('\ud83d\ude00a', '.')~[\"\ud83d\ude00\",\"a\"]",
                "regex.replace('a1b2', '[0-9]', '<\\\\0>')~\"a<1>b<2>\"",
                "regex.replace('a1b2', '([a-z])([0-9])', '\\\\2\\\\1')~\"1a2b\"",
                "regex.replace('a1b2', '[0-9]', '-', 1)~\"a-b2\"",
                "regex.replace('a1b2', '[0-9]', '-', 0)~\"a1b2\"",
                "regex.replace('a1b2', '[0-9]', '-', -1)~\"a-b-\"",
                "regex.replace('ab', '', '$1')~\"$1a$1b$1\""
            })
    void capturesAndReplaces(String expression, String expected) throws Exception {
        assertThat(json(expression, "")).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "regex.extract('ab', '(a)(b)')!regex.extract: the expression has 2 groups that capture, and one may: write (?:…) for the others",
                "regex.extractAll('ab', '(')!regex.extractAll: error parsing regexp: missing closing ): `(`",
                "'a'.matches('(')!matches: error parsing regexp: missing closing ): `(`",
                "regex.replace('a', 'a', '\\\\1')!regex.replace: the backslash at offset 0 of the replacement stands before none of the groups 0 to 0, nor before a backslash",
                "regex.replace('a', 'a', 'b\\\\')!regex.replace: the backslash at offset 1 of the replacement stands before none of the groups 0 to 0, nor before a backslash"
            })
    void refusesExpressionsAndReplacements(String expression, String message) {
        assertThat(error(expression, "")).isEqualTo(message);
    }
}
