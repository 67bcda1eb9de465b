package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberTextFunctionsTest {

    @ParameterizedTest
    @CsvSource({
        "ff, 16, 255",
        "FF, 16, 255",
        "-zz, 36, -1295",
        "101, 2, 5",
        "7fffffffffffffff, 16, 9223372036854775807",
        "-8000000000000000, 16, -9223372036854775808"
    })
    void readsANumber(String text, int base, String number) throws Exception {
        assertThat(json("int('" + text + "', " + base + ")", "")).isEqualTo(number);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|16|int: '' has no digit",
                "-|16|int: '-' has no digit",
                "0x1|16|int: no digit of base 16 at offset 1 of the text '0x1'",
                "+1|10|int: no digit of base 10 at offset 0 of the text '+1'",
                "12|2|int: no digit of base 2 at offset 1 of the text '12'",
                "\u0663|10|int: no digit of base 10 at offset 0 of the text '\u0663'",
                "1|1|int: the base 1, not 2 to 36",
                "1|37|int: the base 37, not 2 to 36",
                "8000000000000000|16|int: '8000000000000000' is beyond the 64 bits of an int"
            })
    void refusesWhatIsNone(String text, int base, String message) {
        assertThat(error("int('" + text + "', " + base + ")", "")).isEqualTo(message);
    }
}
