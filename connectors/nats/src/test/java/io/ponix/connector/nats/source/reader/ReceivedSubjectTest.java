package io.ponix.connector.nats.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceivedSubjectTest {

    private final ReceivedSubject received = new ReceivedSubject();

    @ParameterizedTest
    @ValueSource(strings = {"raw.dev", "größe.温度.😀", "\uff80\uff9f", ""})
    void isWhatWasPublished(String subject) {
        assertThat(received.decode(asTheLibraryReads(subject))).isEqualTo(subject);
    }

    @Test
    void oneCharacterAnywhereIsSeenInSubjectsOfAnyLength() {
        for (int length = 1; length < 300; length++) {
            for (int at = 0; at < length; at++) {
                String subject = "a".repeat(at) + "é" + "b".repeat(length - at - 1);
                assertThat(received.decode(asTheLibraryReads(subject))).isEqualTo(subject);
            }
        }
    }

    @Test
    void whatIsOfAsciiIsHandedOnAsItIs() {
        String ascii = "raw_envelopes.5.device";
        received.decode(asTheLibraryReads("größe"));
        assertThat(received.decode(ascii)).isSameAs(ascii);
    }

    /** Every byte a character, and its sign extended. */
    private static String asTheLibraryReads(String subject) {
        StringBuilder read = new StringBuilder();
        for (byte each : subject.getBytes(StandardCharsets.UTF_8)) {
            read.append((char) each);
        }
        return read.toString();
    }
}
