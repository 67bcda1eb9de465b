package io.ponix.proto.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalIdTest {

    @ParameterizedTest
    @CsvSource({
        "A84041FFFF1822C4, a84041ffff1822c4",
        "a84041ffff1822C4, a84041ffff1822c4",
        "FADE, fade",
        "0123456789ABCDEFabcdef, 0123456789abcdefabcdef"
    })
    void hexadecimalDigitsAreInLowerCase(String name, String normal) {
        assertThat(ExternalId.normal(name)).isEqualTo(normal);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a84041ffff1822c4",
                "A8-40-41-FF-FF-18-22-C4",
                "A84041FFFF1822C4 ",
                "Meter 7",
                "ABCDEFG",
                "\u0391\uff21\u0660",
                "A\u0130F",
                "a.b>*"
            })
    void everythingElseIsAsItIs(String name) {
        assertThat(ExternalId.normal(name)).isSameAs(name);
    }

    @Test
    void aNormalFormIsItsOwn() {
        String normal = ExternalId.normal("AB");
        assertThat(ExternalId.normal(normal)).isSameAs(normal);
    }
}
