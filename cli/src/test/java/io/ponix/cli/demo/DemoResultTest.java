package io.ponix.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An account that finds nothing proves nothing: here is what it has to find. */
class DemoResultTest {

    private static final DeadLetterReason MALFORMED =
            DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE;
    private static final Map<DeadLetterReason, Integer> ONE_LETTER = Map.of(MALFORMED, 1);

    @Test
    void whatIsAsPlannedBalances() {
        DemoResult result = result(state(1, 2_000, 2, 0), ONE_LETTER);

        assertThat(result.asItShouldBe()).isTrue();
        assertThat(result.state().rows()).isEqualTo(2_004);
        assertThat(result.rowsExpected()).isEqualTo(2_004);
    }

    @Test
    void anEnvelopeInPartIsLost() {
        DemoResult result = result(state(1, 1_999, 1, 0), ONE_LETTER);

        assertThat(result.state().missing()).isEqualTo(1);
        assertThat(result.asItShouldBe()).isFalse();
    }

    @Test
    void aRowThatIsThereTwiceIsDoubled() {
        assertThat(result(state(1, 2_001, 2, 1), ONE_LETTER).asItShouldBe()).isFalse();
    }

    @Test
    void anEnvelopeOfAnotherNumberOfRowsThanItHasToBecomeIsFound() {
        Balance.State state =
                new Balance.State(6, Map.of(1, stored(3, 3), 1_000, stored(2_000, 2)), 1, 0);

        assertThat(state.balanced()).isTrue();
        assertThat(result(state, ONE_LETTER).asItShouldBe()).isFalse();
    }

    @Test
    void aDeadLetterOfAnotherReasonIsFound() {
        assertThat(
                        result(
                                        state(1, 2_000, 2, 0),
                                        Map.of(
                                                DeadLetterReason
                                                        .DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                                                1))
                                .asItShouldBe())
                .isFalse();
    }

    /** Six were sent: two of a row, one of two rows, two of a thousand, one wrong on purpose. */
    private static Balance.State state(
            long ofTwoRows, long rowsOfBlocks, long blocks, long doubled) {
        return new Balance.State(
                6,
                Map.of(
                        1,
                        stored(2, 2),
                        2,
                        stored(2 * ofTwoRows, ofTwoRows),
                        1_000,
                        stored(rowsOfBlocks, blocks)),
                1,
                doubled);
    }

    private static Balance.Stored stored(long rows, long envelopes) {
        return new Balance.Stored(rows, envelopes);
    }

    private static DemoResult result(
            Balance.State state, Map<DeadLetterReason, Integer> deadLetters) {
        return new DemoResult(
                state,
                4,
                1.5,
                Map.of(1, 2L, 2, 1L, 1_000, 2L),
                deadLetters,
                Map.of(MALFORMED, 1L),
                "true");
    }
}
