package io.ponix.cli.chaos;

import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.util.ArrayList;
import java.util.EnumMap;
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
     * @param unique different ones
     */
    record ForgottenRows(long rows, long unique) {}

    /**
     * The rows of an envelope.
     *
     * @param rows all of them
     * @param unique different ones
     * @param wanted as many as they say that there are
     */
    record Rows(long rows, long unique, long wanted) {

        private static final Rows NONE = new Rows(0, 0, 0);
    }

    /**
     * Devices with a state that is not theirs, described.
     *
     * @param stale of an old revision of the registry
     * @param miscounted whose rows were not made after the ones before them
     */
    record DeviceStates(List<String> stale, List<String> miscounted) {}

    /**
     * The account.
     *
     * @param stored the last sequence of the stream
     * @param rowsOf the rows by the sequences that they name
     * @param forgotten rows of messages that the stream does not have any more, because it went
     *     back
     * @param deadLetters the reasons of the dead letters of each sequence that has any
     * @param parked as the job says, -1 where it does not
     * @param devices those with a wrong state
     * @param registry what is to be said of the registry
     */
    Findings compare(
            long stored,
            Map<Long, Rows> rowsOf,
            ForgottenRows forgotten,
            Map<Long, List<DeadLetterReason>> deadLetters,
            long parked,
            DeviceStates devices,
            Findings.Registry registry) {
        long last = Math.max(stored, ledger.lastSequence());
        long allRows = 0;
        for (Map.Entry<Long, Rows> ofOne : rowsOf.entrySet()) {
            allRows += ofOne.getValue().rows();
            last = Math.max(last, ofOne.getKey());
        }
        List<String> lost = new ArrayList<>();
        List<String> doubled = new ArrayList<>();
        List<String> misjudged = new ArrayList<>();
        if (forgotten.rows() != forgotten.unique()) {
            doubled.add(
                    "%,d rows, %,d of them different, of envelopes that the stream has forgotten"
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
            Rows rowsHere = rowsOf.getOrDefault(sequence, Rows.NONE);
            List<DeadLetterReason> deadHere = deadLetters.getOrDefault(sequence, List.of());
            int ends = (rowsHere.rows() > 0 ? 1 : 0) + deadHere.size();
            if (ends == 0 && envelope != null && endsAsLetterThatIsForgotten(envelope)) {
                lettersForgotten++;
            } else if (ends == 0) {
                lost.add(describe(sequence, envelope));
            } else if (rowsHere.unique() < rowsHere.wanted()) {
                lost.add(
                        "%s: %d of %d rows"
                                .formatted(
                                        describe(sequence, envelope),
                                        rowsHere.unique(),
                                        rowsHere.wanted()));
            } else if (ends > 1 || rowsHere.rows() > rowsHere.unique()) {
                doubled.add(
                        "%s: %d rows, dead letters %s"
                                .formatted(
                                        describe(sequence, envelope),
                                        rowsHere.rows(),
                                        deadHere.stream().map(DeadLetterReasons::name).toList()));
            } else if (envelope != null
                    // Else it may be another envelope's sequence by now.
                    && !mayBeForgotten
                    && !isRight(envelope, rowsHere, deadHere)) {
                misjudged.add(
                        describe(sequence, envelope)
                                + (deadHere.isEmpty()
                                        ? ": is %d rows".formatted(rowsHere.rows())
                                        : ": is a dead letter "
                                                + DeadLetterReasons.name(deadHere.get(0))));
            }
        }
        return new Findings(
                ledger.size(),
                unacknowledged,
                allRows,
                rowsOf.size(),
                byReason(deadLetters),
                expected,
                parked,
                new Findings.Forgotten(
                        ledger.forgotten() + forgottenWithout, forgotten.rows(), lettersForgotten),
                lost,
                doubled,
                misjudged,
                devices.stale(),
                devices.miscounted(),
                registry);
    }

    private boolean endsAsLetterThatIsForgotten(Ledger.Envelope envelope) {
        return (envelope.poison() != null || deletedDevice.test(envelope.deviceId()))
                && ledger.isLetterForgotten(envelope);
    }

    private boolean isRight(
            Ledger.Envelope envelope, Rows rows, List<DeadLetterReason> deadLetter) {
        if (envelope.poison() != null) {
            return deadLetter.equals(List.of(envelope.poison()));
        }
        if (deadLetter.isEmpty()) {
            return rows.unique() == envelope.rows();
        }
        return deadLetter.get(0) == DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND
                && deletedDevice.test(envelope.deviceId());
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
