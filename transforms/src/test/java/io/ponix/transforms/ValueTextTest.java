package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ValueTextTest {

    @Test
    void oneNumberHasOneText() {
        assertThat(ValueText.of(5L)).contains("5");
        assertThat(ValueText.of(5.0)).contains("5");
        assertThat(ValueText.of(UnsignedLong.valueOf(5))).contains("5");
        assertThat(ValueText.of(-0.0)).contains("0");
        assertThat(ValueText.of(-9.50)).contains("-9.5");
        assertThat(ValueText.of(0.1 + 0.2)).contains("0.30000000000000004");
        assertThat(ValueText.of(868_100_000.0)).contains("868100000");
        assertThat(ValueText.of(1e20)).contains("100000000000000000000");
        assertThat(ValueText.of(UnsignedLong.MAX_VALUE)).contains("18446744073709551615");
        for (double large : new double[] {1e21, 1.5e300, 1e-7, Double.MIN_VALUE}) {
            assertThat(Double.parseDouble(ValueText.of(large).orElseThrow())).isEqualTo(large);
        }
    }

    @Test
    void textsAndBoolsAreThemselves() {
        assertThat(ValueText.of("5.0")).contains("5.0");
        assertThat(ValueText.of("")).contains("");
        assertThat(ValueText.of(true)).contains("true");
    }

    @Test
    void nothingElseHasAText() {
        assertThat(
                        List.of(
                                Double.NaN,
                                Double.POSITIVE_INFINITY,
                                NullValue.NULL_VALUE,
                                List.of(),
                                Map.of(),
                                Instant.EPOCH,
                                CelByteString.of(new byte[0])))
                .allMatch(value -> ValueText.of(value).isEmpty());
    }
}
