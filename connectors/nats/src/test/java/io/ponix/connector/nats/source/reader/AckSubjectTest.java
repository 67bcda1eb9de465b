package io.ponix.connector.nats.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AckSubjectTest {

    private final AckSubject subject = new AckSubject();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$JS.ACK.raw.c-1.1.42.7.1763715600123456789.99",
                "$JS.ACK.hub.AbC123.raw.c-1.1.42.7.1763715600123456789.99",
                "$JS.ACK._.AbC123.raw.c-1.1.42.7.1763715600123456789.99.r4nd0m",
            })
    void readsEveryForm(String replyTo) {
        assertThat(subject.parse(replyTo)).isTrue();
        assertThat(subject.streamSequence()).isEqualTo(42);
        assertThat(subject.consumerSequence()).isEqualTo(7);
        assertThat(subject.timestampNanos()).isEqualTo(1763715600123456789L);
        assertThat(subject.pending()).isEqualTo(99);
    }

    @Test
    void nothingPendingIsZero() {
        assertThat(subject.parse("$JS.ACK.raw.c.1.1.1.0.0")).isTrue();
        assertThat(subject.pending()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "_INBOX.abc",
                "$JS.ACK.raw.c.1.42.7.1763715600123456789",
                "$JS.ACK.raw.c.1.x.7.1763715600123456789.99",
                "$JS.ACK.raw.c.1..7.1763715600123456789.99",
                "$JS.ACK.raw.c.1.-4.7.1763715600123456789.99",
                "$JS.ACK.raw.c.1.42.7.1763715600123456789.",
            })
    void refusesEverythingElse(String replyTo) {
        assertThat(subject.parse(replyTo)).isFalse();
    }

    @Test
    void aMessageWithoutReplySubjectIsNotFromAStream() {
        assertThat(subject.parse(null)).isFalse();
    }
}
