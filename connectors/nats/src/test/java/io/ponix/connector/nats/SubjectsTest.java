package io.ponix.connector.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubjectsTest {

    @ParameterizedTest
    @CsvSource({
        "a.b,      a.b,     true",
        "a.*,      a.b,     true",
        "a.*,      a.*,     true",
        "a.b,      a.*,     false",
        "a.*,      a.b.c,   false",
        "a.*.c,    a.b,     false",
        "a.>,      a.b.c,   true",
        "a.>,      a,       false",
        "a.>,      a.>,     true",
        "a.*,      a.>,     false",
        "a.*.>,    a.>,     false",
        "a.>,      a.*.>,   true",
        ">,        a.b.>,   true",
        "*.b,      a.b,     true",
        "*.b,      a.c,     false",
    })
    void covers(String outer, String inner, boolean expected) {
        assertThat(Subjects.covers(outer, inner)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "a.b,      a.b,     true",
        "a.b,      a.c,     false",
        "a.*,      *.b,     true",
        "a.*,      a.*.*,   false",
        "a.>,      a,       false",
        "a.>,      *.b.c,   true",
        "a.0.*,    a.1.*,   false",
        "a.*,      a.0.*,   false",
        ">,        x,       true",
    })
    void overlap(String first, String second, boolean expected) {
        assertThat(Subjects.overlap(first, second)).isEqualTo(expected);
        assertThat(Subjects.overlap(second, first)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a.", ".a", "a..b", "a b", "a.>.b", "a*", "a.b>", "a\tb"})
    void refusesWhatIsNoFilterAndNamesTheSetting(String filter) {
        assertThatThrownBy(() -> Subjects.requireValidFilter(filter, "filterSubjects"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("filterSubjects: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {">", "*", "a", "a.*", "a.*.b.>", "ä.b"})
    void acceptsFilters(String filter) {
        assertThatCode(() -> Subjects.requireValidFilter(filter, "x")).doesNotThrowAnyException();
    }
}
