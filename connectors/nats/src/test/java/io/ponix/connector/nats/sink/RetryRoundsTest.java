package io.ponix.connector.nats.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RetryRoundsTest {

    private static final int LARGEST = 100;
    private static final int PLENTY = 1_000;

    private final RetryRounds rounds = new RetryRounds(LARGEST);
    private long nowMillis;

    @Test
    void theFirstRoundIsSmallAndComesAfterAPause() {
        List<UnstoredMessage> messages = add(40);
        assertThat(begin(PLENTY)).isEmpty();
        nowMillis += rounds.millisToNext(nanos());
        assertThat(nowMillis).isEqualTo(RetryRounds.FIRST_DELAY_MILLIS);

        assertThat(begin(PLENTY)).isEqualTo(messages.subList(0, RetryRounds.SMALL_ROUND));
        assertThat(rounds.messages()).isEqualTo(40);
        assertThat(rounds.noneWaits()).isFalse();
    }

    @Test
    void noRoundBeginsBeforeEveryMessageOfTheLastHasItsAnswer() {
        add(40);
        nowMillis += RetryRounds.FIRST_DELAY_MILLIS;
        int size = begin(PLENTY).size();
        for (int answers = 0; answers < size; answers++) {
            nowMillis += RetryRounds.LONGEST_DELAY_MILLIS;
            assertThat(begin(PLENTY)).isEmpty();
            rounds.answered(true, nanos());
        }
        nowMillis += RetryRounds.FIRST_DELAY_MILLIS;
        assertThat(begin(PLENTY)).isNotEmpty();
    }

    @Test
    void roundsGrowWhileAStreamStoresAnyOfThem() {
        add(PLENTY);
        assertThat(roundOfWhichIsStored(1)).isEqualTo(RetryRounds.SMALL_ROUND);
        assertThat(roundOfWhichIsStored(1)).isEqualTo(4 * RetryRounds.SMALL_ROUND);
        assertThat(roundOfWhichIsStored(1)).isEqualTo(LARGEST);
        assertThat(roundOfWhichIsStored(0)).isEqualTo(LARGEST);
        assertThat(roundOfWhichIsStored(1)).isEqualTo(RetryRounds.SMALL_ROUND);
    }

    @Test
    void roundsOfWhichNoneIsStoredComeLaterAndLater() {
        add(PLENTY);
        List<Long> delays = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
            delays.add(rounds.millisToNext(nanos()));
            roundOfWhichIsStored(0);
        }
        assertThat(delays)
                .containsExactly(
                        50L, 100L, 200L, 400L, 800L, 1_600L, 3_200L, 5_000L, 5_000L, 5_000L);

        roundOfWhichIsStored(1);
        assertThat(rounds.millisToNext(nanos())).isEqualTo(RetryRounds.FIRST_DELAY_MILLIS);
    }

    @Test
    void aMessageThatWasRefusedIsBehindTheOthers() {
        List<UnstoredMessage> messages = add(RetryRounds.SMALL_ROUND + 1);
        nowMillis += RetryRounds.FIRST_DELAY_MILLIS;
        for (UnstoredMessage refused : begin(PLENTY)) {
            rounds.add(refused, nanos());
            rounds.answered(false, nanos());
        }
        nowMillis += rounds.millisToNext(nanos());
        assertThat(begin(2))
                .containsExactly(messages.get(RetryRounds.SMALL_ROUND), messages.get(0));
    }

    @Test
    void withoutRoomForAMessageNoRoundBegins() {
        add(1);
        nowMillis += RetryRounds.FIRST_DELAY_MILLIS;
        assertThat(begin(0)).isEmpty();
        assertThat(begin(1)).hasSize(1);
        rounds.answered(true, nanos());
        assertThat(rounds.messages()).isZero();
    }

    @Test
    void whenNoneWaitsAnyMoreTheNextIsTriedSoon() {
        add(1);
        for (int round = 0; round < 5; round++) {
            nowMillis += rounds.millisToNext(nanos());
            rounds.add(begin(1).get(0), nanos());
            rounds.answered(false, nanos());
        }
        assertThat(roundOfWhichIsStored(1)).isEqualTo(1);
        add(1);
        assertThat(rounds.millisToNext(nanos())).isEqualTo(RetryRounds.FIRST_DELAY_MILLIS);
    }

    /** Waits for the next round; what of it is not stored is gone for this test. */
    private int roundOfWhichIsStored(int stored) {
        nowMillis += rounds.millisToNext(nanos());
        int size = begin(PLENTY).size();
        for (int answer = 0; answer < size; answer++) {
            rounds.answered(answer < stored, nanos());
        }
        return size;
    }

    private List<UnstoredMessage> begin(int room) {
        return rounds.begin(room, nanos());
    }

    private long nanos() {
        return TimeUnit.MILLISECONDS.toNanos(nowMillis);
    }

    private List<UnstoredMessage> add(int count) {
        List<UnstoredMessage> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            UnstoredMessage message =
                    new UnstoredMessage(JetStreamPublication.of("subject", new byte[0]));
            messages.add(message);
            rounds.add(message, nanos());
        }
        return messages;
    }
}
