package io.ponix.connector.nats.source.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReadHistoryTest {

    private static final long MESSAGES = 3_000_000;

    @Test
    void howeverFarAStreamGoesBackAMessageThatItStillHasIsNotMuchFurther() {
        ReadHistory history = new ReadHistory(List.of());
        for (long sequence = 1; sequence <= MESSAGES; sequence++) {
            history.record(sequence, sequence * 10);
        }

        List<MessageStamp> stamps = history.stamps();
        assertThat(stamps).hasSizeLessThanOrEqualTo(ReadHistory.MOST + 1);
        assertThat(stamps).allMatch(stamp -> stamp.timestampNanos() == stamp.sequence() * 10);
        assertThat(sequences(history)).isSorted().contains(MESSAGES);
        for (long lost = 1_000; lost < MESSAGES; lost *= 2) {
            long end = MESSAGES - lost;
            long shared =
                    sequences(history).stream()
                            .filter(sequence -> sequence <= end)
                            .reduce(0L, Math::max);
            assertThat(MESSAGES - shared)
                    .as("the way back to a message that is left when %d are lost", lost)
                    .isLessThan(4 * lost);
        }
    }

    @Test
    void survivesARestoreAndGoesOn() {
        ReadHistory history = new ReadHistory(List.of());
        for (long sequence = 1; sequence <= 10_000; sequence += 3) {
            history.record(sequence, sequence);
        }

        ReadHistory restored = new ReadHistory(history.stamps());
        assertThat(restored.stamps()).isEqualTo(history.stamps());
        restored.record(20_000, 20_000);
        assertThat(restored.newest()).isEqualTo(new MessageStamp(20_000, 20_000));
        assertThat(restored.stamps()).startsWith(history.stamps().get(0));
    }

    @Test
    void olderMessagesAreNoNews() {
        ReadHistory history =
                new ReadHistory(List.of(new MessageStamp(50, 5), new MessageStamp(20, 2)));
        history.record(30, 3);
        history.record(50, 6);

        assertThat(history.stamps())
                .containsExactly(new MessageStamp(20, 2), new MessageStamp(50, 5));
    }

    @Test
    void forgetsWhatTheStreamHasLost() {
        ReadHistory history =
                new ReadHistory(
                        List.of(
                                new MessageStamp(20, 2),
                                new MessageStamp(50, 5),
                                new MessageStamp(70, 7)));
        history.forgetFrom(71);
        assertThat(sequences(history)).containsExactly(20L, 50L, 70L);
        history.forgetFrom(50);
        assertThat(sequences(history)).containsExactly(20L);
        history.record(50, 8);
        assertThat(history.newest()).isEqualTo(new MessageStamp(50, 8));
        history.clear();
        assertThat(history.stamps()).isEmpty();
        assertThat(history.newest()).isNull();
        history.record(1, 9);
        assertThat(history.stamps()).containsExactly(new MessageStamp(1, 9));
    }

    private static List<Long> sequences(ReadHistory history) {
        return history.stamps().stream().map(MessageStamp::sequence).collect(Collectors.toList());
    }
}
