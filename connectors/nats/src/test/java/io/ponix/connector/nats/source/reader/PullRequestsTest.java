package io.ponix.connector.nats.source.reader;

import static io.ponix.connector.nats.source.reader.PullRequests.FIRST_SILENCE_NANOS;
import static io.ponix.connector.nats.source.reader.PullRequests.INTERVAL_NANOS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PullRequestsTest {

    private static final int MOST = 10;
    private static final long NOW = 7 * INTERVAL_NANOS + 1;
    private static final long NEXT_TICK = 8 * INTERVAL_NANOS;

    private final PullRequests requests = new PullRequests(MOST, NOW);

    @Test
    void asksAtOnceForMoreWhileThereIsMore() {
        assertThat(requests.due(NOW)).isEqualTo(MOST);
        requests.asked(MOST, NOW);
        assertThat(requests.due(NOW)).isZero();

        receive(4);
        assertThat(requests.due(NOW)).as("more than half is on its way").isZero();
        receive(1);
        assertThat(requests.due(NOW)).isEqualTo(5);
        requests.asked(5, NOW);
        receive(10);
        assertThat(requests.due(NOW)).as("a full batch").isEqualTo(MOST);
    }

    @Test
    void asksAgainAtTheNextTickWhenEverythingHasBeenRead() {
        long request = requests.asked(MOST, NOW);
        receive(3);
        requests.exhausted(request, 7);

        assertThat(requests.due(NOW)).isZero();
        assertThat(requests.due(NEXT_TICK - 1)).isZero();
        assertThat(requests.nanosToListen(NOW, NOW + 5 * INTERVAL_NANOS))
                .isEqualTo(NEXT_TICK - NOW);
        assertThat(requests.due(NEXT_TICK)).isEqualTo(MOST);
    }

    @Test
    void requestThatIsRefusedBecauseAnotherIsOpenIsNotRepeatedAtOnce() {
        long first = requests.asked(MOST, NOW);
        receive(5);
        long second = requests.asked(5, NOW);
        requests.exhausted(second, -1); // the server does not say how many it did not bring
        receive(2);

        assertThat(requests.due(NOW)).isZero();
        requests.exhausted(first, 3);
        assertThat(requests.due(NEXT_TICK)).isEqualTo(MOST);
    }

    @Test
    void whoNeverHadAMessageAsksLessAndLessOftenUntilThereIsOne() {
        long now = NOW;
        for (int ticks : new int[] {1, 2, 4, 8, 8}) {
            requests.exhausted(requests.asked(MOST, now), MOST);
            long next = (Math.floorDiv(now, ticks * INTERVAL_NANOS) + 1) * ticks * INTERVAL_NANOS;
            assertThat(requests.due(next - 1)).isZero();
            assertThat(requests.due(next)).isEqualTo(MOST);
            now = next;
        }
        long request = requests.asked(MOST, now);
        receive(1);
        requests.exhausted(request, MOST - 1);
        assertThat(requests.due(now + INTERVAL_NANOS)).isEqualTo(MOST);
        requests.exhausted(requests.asked(MOST, now + INTERVAL_NANOS), MOST);
        assertThat(requests.due(now + 2 * INTERVAL_NANOS)).isEqualTo(MOST);
    }

    @Test
    void whatArrivesAfterItWasBelievedLostIsNotAskedForOnTop() {
        requests.asked(MOST, NOW);
        long silent = NOW + FIRST_SILENCE_NANOS;
        assertThat(requests.isLost(silent)).isFalse();
        requests.asked(requests.due(silent), silent);
        // The server was slow: both requests are answered.
        requests.heard(silent);
        receive(MOST);
        requests.waiting(MOST);

        assertThat(requests.due(silent)).isZero();
        receive(5);
        requests.waiting(MOST - 5);
        assertThat(requests.due(silent)).isEqualTo(5);
    }

    @Test
    void messageThatIsTooLargeIsAskedForAlone() {
        long request = requests.asked(MOST, NOW);
        requests.tooLarge(request, MOST);
        assertThat(requests.isUnlimited()).isTrue();
        assertThat(requests.due(NOW)).isEqualTo(1);
        requests.asked(1, NOW);
        receive(1);
        assertThat(requests.isUnlimited()).isFalse();
        assertThat(requests.due(NOW)).isEqualTo(MOST);

        long other = requests.asked(MOST, NOW);
        receive(1);
        requests.tooLarge(other, MOST - 1);
        assertThat(requests.isUnlimited()).as("it brought something: there is room").isFalse();
    }

    @Test
    void forgottenRequestIsMadeAgainAndAnAnswerEndsTheDoubt() {
        requests.asked(MOST, NOW);
        assertThat(requests.isLost(NOW + FIRST_SILENCE_NANOS - 1)).isFalse();
        assertThat(requests.due(NOW + FIRST_SILENCE_NANOS - 1)).isZero();

        long later = NOW + FIRST_SILENCE_NANOS;
        assertThat(requests.isLost(later)).isFalse();
        assertThat(requests.due(later)).isEqualTo(MOST);
        long again = requests.asked(MOST, later);
        requests.heard(later);
        requests.exhausted(again, -1);
        assertThat(requests.isLost(later + 100 * FIRST_SILENCE_NANOS))
                .as("nothing is open")
                .isFalse();
    }

    @Test
    void requestThatIsForgottenWhileAnotherWasAnsweredIsMadeAgain() {
        requests.asked(MOST, NOW);
        receive(5);
        requests.asked(5, NOW);
        receive(3);

        assertThat(requests.due(NOW)).isZero();
        long later = NOW + FIRST_SILENCE_NANOS;
        assertThat(requests.nanosToListen(NOW, later + 1)).isEqualTo(FIRST_SILENCE_NANOS);
        assertThat(requests.isLost(later)).isFalse();
        assertThat(requests.due(later)).isEqualTo(MOST);
    }

    @Test
    void consumerThatNeverAnswersIsLost() {
        long now = NOW;
        int asked = 0;
        boolean lost = false;
        while (!lost) {
            requests.asked(requests.due(now), now);
            asked++;
            now += requests.nanosToListen(now, Long.MAX_VALUE);
            lost = requests.isLost(now);
        }

        assertThat(asked).isEqualTo(4);
        assertThat(now - NOW).isEqualTo(15 * FIRST_SILENCE_NANOS);
    }

    private void receive(int messages) {
        requests.heard(NOW);
        for (int i = 0; i < messages; i++) {
            requests.received();
        }
    }
}
