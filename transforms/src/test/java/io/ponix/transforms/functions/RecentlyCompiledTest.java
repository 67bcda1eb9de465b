package io.ponix.transforms.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RecentlyCompiledTest {
    private final AtomicInteger compilations = new AtomicInteger();
    private final RecentlyCompiled<String> recent =
            new RecentlyCompiled<>(
                    text -> {
                        compilations.incrementAndGet();
                        if (text.isEmpty()) {
                            throw new IllegalArgumentException("empty");
                        }
                        return "<" + text + ">";
                    });

    @Test
    void whatComesAgainIsNotCompiledAgain() {
        for (int i = 0; i < 100; i++) {
            assertThat(recent.get(new String("yyyy"))).isEqualTo("<yyyy>");
        }
        assertThat(compilations).hasValue(1);
    }

    @Test
    void everyTextHasItsOwnHoweverManyThereAre() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(recent.get("" + i)).isEqualTo("<" + i + ">");
        }
        // Of one hash.
        assertThat(recent.get("Aa")).isEqualTo("<Aa>");
        assertThat(recent.get("BB")).isEqualTo("<BB>");
        assertThat(recent.get("Aa")).isEqualTo("<Aa>");
    }

    @Test
    void aLongTextIsNotKept() {
        String text = "x".repeat(1_001);
        recent.get(text);
        recent.get(text);
        assertThat(compilations).hasValue(2);
    }

    @Test
    void whatDoesNotCompileFailsEachTime() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> recent.get("")).hasMessage("empty");
        }
        assertThat(compilations).hasValue(2);
    }
}
