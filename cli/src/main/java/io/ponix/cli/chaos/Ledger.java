package io.ponix.cli.chaos;

import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What was published, by the sequence with which JetStream acknowledged it. */
final class Ledger {

    private final Map<Long, Envelope> envelopes = new HashMap<>();
    private final List<String> overwritten = new ArrayList<>();

    /**
     * An envelope.
     *
     * @param deviceId whose subject it was published to
     * @param poison why it must become a dead letter, or null where it is a reading like others
     * @param publishedAt by this machine's clock
     * @param during the fault that came last before it, or null
     */
    record Envelope(String deviceId, DeadLetterReason poison, LocalTime publishedAt, Fault during) {

        @Override
        public String toString() {
            return (poison == null ? "reading" : "poison for " + shortName(poison))
                    + " of "
                    + deviceId
                    + ", published "
                    + publishedAt.truncatedTo(ChronoUnit.MILLIS)
                    + (during == null ? "" : " after \"" + during.title() + "\"");
        }
    }

    /** A reason as the subject of its dead letters has it. */
    static String shortName(DeadLetterReason reason) {
        return reason.name().replace("DEAD_LETTER_REASON_", "");
    }

    synchronized void published(long sequence, Envelope envelope) {
        Envelope before = envelopes.putIfAbsent(sequence, envelope);
        if (before != null) {
            // Stored for good, said the server, and gave its sequence to another.
            overwritten.add("%,d %s, and then %s".formatted(sequence, before, envelope));
        }
    }

    synchronized int size() {
        return envelopes.size() + overwritten.size();
    }

    /** The envelope with a sequence; null where it was stored without being acknowledged. */
    synchronized Envelope get(long sequence) {
        return envelopes.get(sequence);
    }

    /** The last sequence that was acknowledged; 0 before the first. */
    synchronized long lastSequence() {
        return envelopes.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** Acknowledged sequences that were acknowledged again for another envelope, described. */
    synchronized List<String> overwritten() {
        return List.copyOf(overwritten);
    }
}
