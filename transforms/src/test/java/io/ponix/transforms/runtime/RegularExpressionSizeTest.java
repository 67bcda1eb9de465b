package io.ponix.transforms.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegularExpressionSizeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "abc 3",
                "^a+|b*$ 2",
                "[a-z]x 2",
                "[]a-z]{3} 3",
                "[^]]{3} 3",
                "[\\]]{3} 3",
                "a{7} 7",
                "(ab){2,5} 10",
                "((a{2}){3}b){4,} 28",
                "a{ 2",
                "a{x} 4",
                "\\pL{3} 4",
                "\\p{Greek}{3} 3",
                "\\d{3} 3",
                "\\{3 2",
                "(?:ab){3} 6",
                "(?P<name>ab){3} 6",
                "(?i)ab 2",
                "((((a{0,30}){0,30}){0,30}){0,30}){0,30} 24300000",
            })
    void countsAtoms(String expression, long atoms) {
        assertThat(RegularExpressionSize.of(expression).atoms()).isEqualTo(atoms);
    }

    /** Else an expression that is allowed would be refused. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "^SN[0-9]{4}$",
                "((a?){1,20}){1,20}b",
                "(?i)[\\pL\\pN]*[^a]{5}$",
                "(\\d{1,3}\\.){3}\\d{1,3}",
                "(ab|ac|ad|ae){100}",
                "[a-z]{1000}"
            })
    void isAboutTheNumberOfInstructions(String expression) {
        int instructions = Pattern.compile(expression).programSize();
        assertThat(RegularExpressionSize.of(expression).atoms())
                .isBetween(instructions / 6L, instructions * 2L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(", ")", "(((", ")))(", "[", "[^", "[\\", "\\", "a{", "{3}", "(?", "\\p{", "\\Qa"
            })
    void whatIsNoExpressionHasASize(String text) {
        assertThat(RegularExpressionSize.of(text).atoms()).isBetween(0L, 3L);
    }
}
