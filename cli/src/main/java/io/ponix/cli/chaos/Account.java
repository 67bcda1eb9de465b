package io.ponix.cli.chaos;

import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Compares, sequence by sequence, what a stream stored with the rows and the dead letters. The
 * stream is the run's own: whatever is in it counts, acknowledged or not.
 */
final class Account {

    private final Ledger ledger;
    private final Predicate<String> deletedDevice;

    /**
     * @param deletedDevice whether a device was deleted meanwhile, and its readings may rightly
     *     have met a job that did not know it
     */
    Account(Ledger ledger, Predicate<String> deletedDevice) {
        this.ledger = ledger;
        this.deletedDevice = deletedDevice;
    }

    /**
     * Rows of messages that the stream does not have any more.
     *
     * @param rows all of them
     * @param unique of how many messages
     */
    record ForgottenRows(long rows, long unique) {}

    /**
     * The account.
     *
     * @param stored the last sequence of the stream
     * @param rows the sequences that the rows name, in any order
     * @param forgotten rows of messages that the stream does not have any more, because it went
     *     back
     * @param deadLetters the reasons of the dead letters of each sequence that has any
     * @param parked as the job says, -1 where it does not
     * @param stale devices with an old state, described
     */
    Findings compare(
            long stored,
            long[] rows,
            ForgottenRows forgotten,
            Map<Long, List<DeadLetterReason>> deadLetters,
            long parked,
            List<String> stale) {
        Map<Long, Integer> rowsOf = new HashMap<>();
        long last = Math.max(stored, ledger.lastSequence());
        for (long sequence : rows) {
            rowsOf.merge(sequence, 1, Integer::sum);
            last = Math.max(last, sequence);
        }
        List<String> lost = new ArrayList<>();
        List<String> doubled = new ArrayList<>();
        List<String> misjudged = new ArrayList<>();
        if (forgotten.rows() != forgotten.unique()) {
            doubled.add(
                    "%,d rows of %,d envelopes that the stream has forgotten"
                            .formatted(forgotten.rows(), forgotten.unique()));
        }
        long lettersForgotten = 0;
        int forgottenWithout = 0;
        ledger.overwritten().forEach(both -> lost.add(both + " under the same sequence"));
        long unacknowledged = 0;
        Map<DeadLetterReason, Integer> expected = new EnumMap<>(DeadLetterReason.class);
        for (long sequence = 1; sequence <= last; sequence++) {
            Ledger.Envelope envelope = ledger.get(sequence);
            boolean mayBeForgotten = ledger.mayBeForgotten(sequence);
            if (mayBeForgotten && !rowsOf.containsKey(sequence) && sequence > stored) {
                forgottenWithout++;
                continue; // forgotten, and its sequence is not given to another yet
            }
            if (envelope == null) {
                unacknowledged++;
            } else if (envelope.poison() != null) {
                expected.merge(envelope.poison(), 1, Integer::sum);
            }
            int rowsHere = rowsOf.getOrDefault(sequence, 0);
            List<DeadLetterReason> deadHere = deadLetters.getOrDefault(sequence, List.of());
            int ends = rowsHere + deadHere.size();
            if (ends == 0 && envelope != null && endsAsLetterThatIsForgotten(envelope)) {
                lettersForgotten++;
            } else if (ends == 0) {
                lost.add(describe(sequence, envelope));
            } else if (ends > 1) {
                doubled.add(
                        "%s: %d rows, dead letters %s"
                                .formatted(
                                        describe(sequence, envelope),
                                        rowsHere,
                                        deadHere.stream().map(DeadLetterReasons::name).toList()));
            } else if (envelope != null
                    // Else it may be another envelope's sequence by now.
                    && !mayBeForgotten
                    && !isRight(envelope, deadHere)) {
                misjudged.add(
                        describe(sequence, envelope)
                                + (deadHere.isEmpty()
                                        ? ": is a row"
                                        : ": is a dead letter "
                                                + DeadLetterReasons.name(deadHere.get(0))));
            }
        }
        return new Findings(
                ledger.size(),
                unacknowledged,
                rows.length,
                rowsOf.size(),
                byReason(deadLetters),
                expected,
                parked,
                new Findings.Forgotten(
                        ledger.forgotten() + forgottenWithout, forgotten.rows(), lettersForgotten),
                lost,
                doubled,
                misjudged,
                stale);
    }

    private boolean endsAsLetterThatIsForgotten(Ledger.Envelope envelope) {
        return (envelope.poison() != null || deletedDevice.test(envelope.deviceId()))
                && ledger.isLetterForgotten(envelope);
    }

    private boolean isRight(Ledger.Envelope envelope, List<DeadLetterReason> deadLetter) {
        if (envelope.poison() != null) {
            return deadLetter.equals(List.of(envelope.poison()));
        }
        return deadLetter.isEmpty()
                || (deadLetter.get(0) == DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND
                        && deletedDevice.test(envelope.deviceId()));
    }

    private static String describe(long sequence, Ledger.Envelope envelope) {
        return "%,d %s"
                .formatted(
                        sequence, envelope == null ? "stored without acknowledgement" : envelope);
    }

    private static Map<DeadLetterReason, Integer> byReason(
            Map<Long, List<DeadLetterReason>> deadLetters) {
        Map<DeadLetterReason, Integer> counts = new EnumMap<>(DeadLetterReason.class);
        deadLetters
                .values()
                .forEach(
                        reasons ->
                                reasons.forEach(reason -> counts.merge(reason, 1, Integer::sum)));
        return counts;
    }
}
