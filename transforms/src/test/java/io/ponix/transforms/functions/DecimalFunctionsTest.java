package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalFunctionsTest {

    @ParameterizedTest
    @CsvSource({
        "bcd, 00, 0",
        "bcd, 12345678, 12345678",
        "bcd, 999999999999999999, 999999999999999999",
        "bcd_le, 78563412, 12345678",
        "bcd_le, 0100, 1"
    })
    void readsDigits(String function, String payload, String number) throws Exception {
        assertThat(json(function + "(input)", payload)).isEqualTo(number);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bcd|12a4|bcd: 0xa4 at offset 1 is not two decimal digits",
                "bcd|1f|bcd: 0x1f at offset 0 is not two decimal digits",
                "bcd_le|f112|bcd_le: 0xf1 at offset 0 is not two decimal digits",
                "bcd|''|bcd: 0 bytes, where a number takes 1 to 9",
                "bcd_le|00000000000000000000|bcd_le: 10 bytes, where a number takes 1 to 9"
            })
    void refusesWhatIsNoNumber(String function, String payload, String message) {
        assertThat(error(function + "(input)", payload)).isEqualTo(message);
    }
}
