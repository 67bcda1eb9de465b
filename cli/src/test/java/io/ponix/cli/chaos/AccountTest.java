package io.ponix.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An account that finds nothing proves nothing: here is what it has to find. */
class AccountTest {

    private static final DeadLetterReason NOT_FOUND =
            DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND;
    private static final DeadLetterReason MALFORMED =
            DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE;

    private static final Duration LONG = Duration.ofMinutes(10);

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Ledger ledger = new Ledger(() -> now);
    private Account.ForgottenRows forgottenRows = new Account.ForgottenRows(0, 0);
    private Findings.Registry registry = new Findings.Registry(0, 0, 0, 0, List.of());

    @Test
    void rowsAndDeadLettersThatShouldBeThereBalance() {
        reading(1, "steady");
        reading(2, "deleted");
        poison(3, MALFORMED);
        // Its acknowledgement never came: it is in the stream, and so it counts.
        Findings findings =
                compare(4, rows(4, 1), Map.of(2L, List.of(NOT_FOUND), 3L, List.of(MALFORMED)));

        assertThat(findings.balanced()).isTrue();
        assertThat(findings.published()).isEqualTo(3);
        assertThat(findings.unacknowledged()).isEqualTo(1);
        assertThat(findings.uniqueSequences()).isEqualTo(2);
        assertThat(findings.deadLetters()).isEqualTo(Map.of(NOT_FOUND, 1, MALFORMED, 1));
        assertThat(findings.expectedDeadLetters()).isEqualTo(Map.of(MALFORMED, 1));
    }

    @Test
    void whatIsNowhereIsLost() {
        reading(1, "steady");
        reading(2, "steady");
        assertThat(compare(2, rows(1), Map.of()).lost())
                .singleElement()
                .asString()
                .startsWith("2 reading of steady");
        assertThat(compare(2, rows(1), Map.of()).balanced()).isFalse();
        // Acknowledged, and then gone from the stream.
        assertThat(compare(1, rows(1), Map.of()).lost()).hasSize(1);
        assertThat(compare(3, rows(1, 2), Map.of()).lost())
                .containsExactly("3 stored without acknowledgement");
    }

    @Test
    void aSequenceThatWasGivenTwiceIsALoss() {
        reading(1, "steady");
        reading(1, "another");
        assertThat(compare(1, rows(1), Map.of()).lost()).hasSize(1);
    }

    @Test
    void whatAStreamThatWentBackHasForgottenIsNoLossAndItsSequencesAreOthers() {
        reading(1, "steady");
        passes(LONG);
        rewind(
                () -> {
                    reading(2, "steady");
                    reading(3, "steady");
                });
        poison(2, MALFORMED);
        forgottenRows = new Account.ForgottenRows(2, 2);
        Findings findings = compare(2, rows(1), Map.of(2L, List.of(MALFORMED)));

        assertThat(findings.balanced()).isTrue();
        assertThat(findings.published()).isEqualTo(4);
        assertThat(findings.forgotten()).isEqualTo(new Findings.Forgotten(2, 2, 0));
        assertThat(compare(2, rows(1), Map.of()).lost()).as("the new one").hasSize(1);
        forgottenRows = new Account.ForgottenRows(3, 2);
        assertThat(compare(2, rows(1), Map.of(2L, List.of(MALFORMED))).doubled()).hasSize(1);
    }

    @Test
    void whatWasStoredBeforeTheCopyHasToEndAsItShould() {
        reading(1, "steady");
        poison(2, MALFORMED);
        poison(3, MALFORMED);
        reading(4, "deleted");
        passes(LONG);
        rewind(() -> {});

        assertThat(
                        compare(4, rows(2), Map.of(1L, List.of(NOT_FOUND), 4L, List.of(MALFORMED)))
                                .misjudged())
                .hasSize(3);
        // A dead letter is soon stored: these were, and are in the copy.
        assertThat(compare(4, rows(1), Map.of()).lost()).hasSize(3);
        // The stream that went back to 4 messages, and has 2 of them.
        assertThat(compare(2, rows(1), Map.of(2L, List.of(MALFORMED))).lost()).hasSize(2);
    }

    @Test
    void whatWasStoredBeforeTheCopyKeepsItsSequence() {
        reading(1, "steady");
        passes(LONG);
        rewind(() -> reading(2, "steady"));
        reading(1, "another");

        assertThat(compare(1, rows(1), Map.of()).lost())
                .singleElement()
                .asString()
                .endsWith("under the same sequence");
    }

    @Test
    void whatIsPublishedAfterTheReturnHasToEndAsItShould() {
        rewind(() -> reading(1, "steady"));
        reading(1, "another");
        poison(2, MALFORMED);

        Findings findings = compare(2, rows(2), Map.of(1L, List.of(NOT_FOUND)));
        assertThat(findings.misjudged()).hasSize(2);
        assertThat(findings.forgotten().published()).isEqualTo(1);
        assertThat(compare(1, rows(1), Map.of()).lost()).hasSize(1);
    }

    @Test
    void ofEachReturnOnlyWhatItMayHaveForgottenIsForgiven() {
        rewind(() -> reading(1, "steady"));
        reading(1, "steady");
        poison(2, MALFORMED);
        passes(LONG);
        rewind(() -> poison(3, MALFORMED));

        assertThat(compare(2, rows(1, 2), Map.of()).misjudged()).hasSize(1);
        Findings findings = compare(2, rows(1), Map.of(2L, List.of(MALFORMED)));
        assertThat(findings.balanced()).isTrue();
        assertThat(findings.forgotten().published()).isEqualTo(2);
    }

    @Test
    void whatWaitedForItsAcknowledgementAtTheCopyMayBeForgotten() {
        Ledger.Envelope late = new Ledger.Envelope("steady", null, 1, now, null);
        passes(LONG);
        rewind(() -> ledger.published(1, late));

        assertThat(compare(0, rows(), Map.of()).balanced()).isTrue();
    }

    @Test
    void theDeadLetterOfAnEnvelopeALittleOlderThanTheCopyMayBeForgotten() {
        poison(1, MALFORMED);
        reading(2, "steady");
        reading(3, "deleted");
        passes(Duration.ofSeconds(5));
        rewind(() -> {});

        Findings findings = compare(3, rows(2), Map.of());
        assertThat(findings.balanced()).isTrue();
        assertThat(findings.forgotten().deadLetters()).isEqualTo(2);
        assertThat(compare(3, rows(), Map.of()).lost()).as("no letter would be its end").hasSize(1);
        assertThat(compare(3, rows(1, 2, 3), Map.of()).misjudged()).hasSize(1);
    }

    @Test
    void whatIsThereTwiceIsDoubled() {
        reading(1, "deleted");
        assertThat(compare(1, rows(1, 1), Map.of()).doubled()).hasSize(1);
        assertThat(compare(1, rows(1), Map.of(1L, List.of(NOT_FOUND))).doubled())
                .singleElement()
                .asString()
                .contains("1 rows, dead letters [DEVICE_NOT_FOUND]");
        assertThat(compare(1, rows(), Map.of(1L, List.of(NOT_FOUND, NOT_FOUND))).doubled())
                .hasSize(1);
        assertThat(compare(1, rows(1, 1), Map.of()).balanced()).isFalse();
    }

    @Test
    void allRowsOfAnEnvelopeCountAndEachOnce() {
        ledger.published(1, new Ledger.Envelope("steady", null, 3, now, null));

        Findings findings = compare(1, Map.of(1L, new Account.Rows(3, 3, 3)), Map.of());
        assertThat(findings.balanced()).isTrue();
        assertThat(findings.rows()).isEqualTo(3);
        assertThat(findings.uniqueSequences()).isEqualTo(1);
        assertThat(compare(1, Map.of(1L, new Account.Rows(2, 2, 3)), Map.of()).lost())
                .singleElement()
                .asString()
                .contains("3 readings of steady", "2 of 3 rows");
        assertThat(compare(1, Map.of(1L, new Account.Rows(4, 3, 3)), Map.of()).doubled())
                .hasSize(1);
        assertThat(compare(1, Map.of(1L, new Account.Rows(2, 2, 2)), Map.of()).misjudged())
                .as("not as many as it has to become")
                .hasSize(1);
        assertThat(
                        compare(
                                        1,
                                        Map.of(1L, new Account.Rows(3, 3, 3)),
                                        Map.of(1L, List.of(MALFORMED)))
                                .doubled())
                .hasSize(1);
    }

    @Test
    void whatEndsAsSomethingElseIsFoundOut() {
        reading(1, "steady");
        poison(2, MALFORMED);
        poison(3, MALFORMED);
        Findings findings =
                compare(3, rows(2), Map.of(1L, List.of(NOT_FOUND), 3L, List.of(NOT_FOUND)));

        assertThat(findings.misjudged()).hasSize(3);
        assertThat(findings.balanced()).isFalse();
    }

    private void passes(Duration time) {
        now = now.plus(time);
    }

    private void rewind(Runnable whatIsForgotten) {
        ledger.copied();
        passes(Duration.ofSeconds(1));
        whatIsForgotten.run();
        passes(Duration.ofSeconds(1));
        ledger.rewound();
        passes(Duration.ofSeconds(1));
    }

    private void reading(long sequence, String device) {
        ledger.published(sequence, new Ledger.Envelope(device, null, 1, now, null));
    }

    private void poison(long sequence, DeadLetterReason reason) {
        ledger.published(sequence, new Ledger.Envelope("steady", reason, 0, now, null));
    }

    /** A row of each sequence; what is there twice is the same row twice. */
    private static Map<Long, Account.Rows> rows(long... sequences) {
        Map<Long, Account.Rows> rows = new HashMap<>();
        for (long sequence : sequences) {
            rows.merge(
                    sequence,
                    new Account.Rows(1, 1, 1),
                    (before, same) -> new Account.Rows(before.rows() + 1, 1, 1));
        }
        return rows;
    }

    @Test
    void aRegistryThatIsNotWhatItsHistorySaysDoesNotBalance() {
        assertThat(compare(0, Map.of(), Map.of()).balanced()).isTrue();
        registry = new Findings.Registry(1, 2, 3, 4, List.of("a device"));
        assertThat(compare(0, Map.of(), Map.of()).balanced()).isFalse();
    }

    private Findings compare(
            long stored,
            Map<Long, Account.Rows> rows,
            Map<Long, List<DeadLetterReason>> deadLetters) {
        return new Account(ledger, "deleted"::equals)
                .compare(
                        stored,
                        rows,
                        forgottenRows,
                        deadLetters,
                        0,
                        new Account.DeviceStates(List.of(), List.of()),
                        registry);
    }
}
