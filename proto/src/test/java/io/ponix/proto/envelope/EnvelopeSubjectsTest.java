package io.ponix.proto.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeSubjectsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "d0q1f3b2s8c6g4h5j7k0",
                "chosen_ID-1",
                "a84041ffff1822c4",
                "A8:40/$~",
                "replay"
            })
    void whatIsATokenStays(String id) {
        assertThat(EnvelopeSubjects.token(id)).isSameAs(id);
    }

    @ParameterizedTest
    @CsvSource({
        "a.b, a%2Eb",
        "*, %2A",
        ">, %3E",
        "'a b', a%20b",
        "%2E, %252E",
        "Zähler, Z%C3%A4hler",
        "😀, %F0%9F%98%80",
        "replay-17-1500, %72eplay-17-1500",
        "'', %"
    })
    void whatIsNoneIsEscaped(String id, String token) {
        assertThat(EnvelopeSubjects.token(id)).isEqualTo(token);
        assertThat(EnvelopeSubjects.of("raw_envelopes", id)).isEqualTo("raw_envelopes." + token);
    }

    @ParameterizedTest
    @CsvSource({
        "raw_envelopes.7.dev, dev, true",
        "raw_envelopes.dev, dev, true",
        "raw_envelopes.7.a%2Eb, a.b, true",
        "raw_envelopes.7.%72eplay-1-2, replay-1-2, true",
        "raw_envelopes.7.replay-17-1500, dev, true",
        "raw_envelopes.7.replay-refused-1-2-3, dev, true",
        "raw_envelopes.7.other, dev, false",
        "raw_envelopes.7.DEV, dev, false",
        "raw_envelopes.7.a84041ffff1822c4, A84041FFFF1822C4, false",
        "raw_envelopes.7.xdev, dev, false",
        "raw_envelopes.dev.7, dev, false",
        "raw_envelopes.7.a.b, a.b, false",
        "dev, dev, false",
        "raw_envelopes.7.%2A, >, false"
    })
    void aSubjectIsThatOfOneIdOrOfAReplay(String subject, String id, boolean allowed) {
        assertThat(EnvelopeSubjects.allows(subject, id)).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "raw_envelopes.7.a84041ffff1822c4, A84041FFFF1822C4, true",
        "raw_envelopes.7.A84041FFFF1822C4, a84041ffff1822c4, true",
        "raw_envelopes.7.a84041ffff1822c5, A84041FFFF1822C4, false",
        "raw_envelopes.7.Meter, meter, false",
        "raw_envelopes.7.a%2Eb, a.b, true"
    })
    void ofAnExternalIdEverySpellingIsTheSame(String subject, String id, boolean allowed) {
        assertThat(EnvelopeSubjects.allowsExternal(subject, id)).isEqualTo(allowed);
    }

    @Test
    void whateverAnIdIsItsTokenIsOneAndTellsItFromAllOthers() {
        Random random = new Random(20261129);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder id = new StringBuilder();
            for (int length = 1 + random.nextInt(8); length > 0; length--) {
                int codePoint =
                        random.nextBoolean() ? random.nextInt(128) : random.nextInt(0x10ffff);
                id.appendCodePoint(
                        Character.getType(codePoint) == Character.SURROGATE ? '.' : codePoint);
            }
            String token = EnvelopeSubjects.token(id.toString());
            assertThat(token).matches("[!-~&&[^.*>]]+");
            // What tells two apart is that each can be read back; + would be a space there.
            assertThat(URLDecoder.decode(token.replace("+", "%2B"), StandardCharsets.UTF_8))
                    .isEqualTo(id.toString());
        }
    }
}
