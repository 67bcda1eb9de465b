package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTextTest {
    private final JsonBuffer out = new JsonBuffer();

    @ParameterizedTest
    @CsvSource({
        "0.0, 0.0",
        "-0.0, -0.0",
        "25.0, 25.0",
        "27.2, 27.2",
        "-87.9094, -87.9094",
        "0.001, 0.001",
        "0.000001, 0.000001",
        "1e-7, 1.0e-7",
        "1.5e-7, 1.5e-7",
        "123456789.125, 123456789.125",
        "999999999999.9999, 999999999999.9999",
        "1e20, 100000000000000000000.0",
        "1e21, 1.0e21",
        "1.2345e300, 1.2345e300",
        "2.2E-322, 2.2e-322",
        "4.9E-324, 5.0e-324",
        "2E23, 2.0e23",
        "9007199254740993, 9007199254740992.0",
        "1.7976931348623157E308, 1.7976931348623157e308",
        "2.2250738585072014E-308, 2.2250738585072014e-308",
        "0.30000000000000004, 0.30000000000000004",
        "3.141592653589793, 3.141592653589793"
    })
    void writesTheShortestDecimalWithAPoint(double value, String expected) {
        assertThat(text(value)).isEqualTo(expected);
    }

    @Test
    void everyDoubleReadsBackAndNoShorterDecimalWould() {
        SplittableRandom random = new SplittableRandom(20261121);
        for (int i = 0; i < 200_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                assertShortest(value);
            }
        }
    }

    @Test
    void powersOfTwoWhoseRoundingIntervalIsLopsidedAreRightToo() {
        for (int exponent = -1074; exponent <= 1023; exponent++) {
            double power = Math.scalb(1.0, exponent);
            assertShortest(power);
            assertShortest(Math.nextUp(power));
            assertShortest(Math.nextDown(power));
        }
    }

    @Test
    void everyReadingComesOutAsTheDecimalItIs() {
        for (int scale = 0; scale <= 4; scale++) {
            double divisor = Math.pow(10, scale);
            for (int raw = -70_000; raw <= 70_000; raw += 7) {
                String expected =
                        BigDecimal.valueOf(raw, scale).stripTrailingZeros().toPlainString();
                assertThat(text(raw / divisor))
                        .isEqualTo(expected.contains(".") ? expected : expected + ".0");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 9, 10, -1, 1234567890123456789L, Long.MAX_VALUE, Long.MIN_VALUE})
    void writesIntegers(long value) {
        out.reset();
        DecimalText.writeLong(value, out);
        assertThat(out.toString()).isEqualTo(Long.toString(value));
    }

    private void assertShortest(double value) {
        String text = text(value);
        assertThat(Double.parseDouble(text)).isEqualTo(value);
        assertThat(text).contains(".");
        BigDecimal exact = new BigDecimal(value);
        BigDecimal written = new BigDecimal(text).stripTrailingZeros();
        if (written.precision() > 2) {
            // The two decimals with one digit less that enclose the value read back as others.
            java.math.MathContext down =
                    new java.math.MathContext(written.precision() - 1, java.math.RoundingMode.DOWN);
            java.math.MathContext up =
                    new java.math.MathContext(written.precision() - 1, java.math.RoundingMode.UP);
            assertThat(exact.round(down).doubleValue()).isNotEqualTo(value);
            assertThat(exact.round(up).doubleValue()).isNotEqualTo(value);
        }
    }

    private String text(double value) {
        out.reset();
        DecimalText.writeDouble(value, out);
        return out.toString();
    }
}
