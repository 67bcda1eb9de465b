package io.ponix.cli.chaos;

import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What was published, by the sequence with which JetStream acknowledged it. */
final class Ledger {

    /** A device's grace period, and what a recovery takes. */
    private static final Duration LETTER_LATENCY = Duration.ofMinutes(2);

    private final Map<Long, Envelope> envelopes = new HashMap<>();
    private final List<String> overwritten = new ArrayList<>();
    private final List<Rewind> rewinds = new ArrayList<>();
    private Instant copiedAt;
    private int forgotten;

    /**
     * The server went back: what it stored from one time on and before another it does not know any
     * more.
     */
    record Rewind(Instant from, Instant to) {}

    /**
     * An envelope.
     *
     * @param deviceId whose subject it was published to
     * @param poison why it must become a dead letter, or null where it is a reading like others
     * @param publishedAt by this machine's clock
     * @param during the fault that came last before it, or null
     */
    record Envelope(String deviceId, DeadLetterReason poison, Instant publishedAt, Fault during) {

        @Override
        public String toString() {
            return (poison == null ? "reading" : "poison for " + shortName(poison))
                    + " of "
                    + deviceId
                    + ", published "
                    + LocalTime.ofInstant(publishedAt, ZoneId.systemDefault())
                            .truncatedTo(ChronoUnit.MILLIS)
                    + (during == null ? "" : " after \"" + during.title() + "\"");
        }
    }

    /** A reason as the subject of its dead letters has it. */
    static String shortName(DeadLetterReason reason) {
        return reason.name().replace("DEAD_LETTER_REASON_", "");
    }

    /**
     * An envelope was acknowledged; the order is that of publishing, but it may be told late. One
     * that has the sequence of another, published before the server went back, is not the server's
     * fault.
     */
    synchronized void published(long sequence, Envelope envelope) {
        Envelope before = envelopes.put(sequence, envelope);
        if (before == null) {
            return;
        }
        if (isFromBeforeARewind(before)) {
            forgotten++;
        } else {
            // Stored for good, said the server, and gave its sequence to another.
            overwritten.add("%,d %s, and then %s".formatted(sequence, before, envelope));
        }
    }

    /** Whether the server went back after an envelope was published, and may have forgotten it. */
    synchronized boolean isFromBeforeARewind(Envelope envelope) {
        return rewinds.stream().anyMatch(rewind -> !envelope.publishedAt().isAfter(rewind.to()));
    }

    /** What is stored from now on will be forgotten. The server does not run. */
    synchronized void copied() {
        copiedAt = Instant.now();
    }

    /** The server has forgotten what it stored since it was copied. It does not run. */
    synchronized void rewound() {
        rewinds.add(new Rewind(copiedAt, Instant.now()));
    }

    /** When the server went back. */
    synchronized List<Rewind> rewinds() {
        return List.copyOf(rewinds);
    }

    /** How many envelopes were acknowledged and forgotten when the server went back. */
    synchronized int forgotten() {
        return forgotten;
    }

    /**
     * Whether the dead letter of an envelope may have been stored, and been forgotten when the
     * server went back, although the envelope itself was not: it is a little older than the copy.
     */
    synchronized boolean isLetterForgotten(Envelope envelope) {
        return rewinds.stream()
                .map(rewind -> Duration.between(envelope.publishedAt(), rewind.from()))
                .anyMatch(age -> !age.isNegative() && age.compareTo(LETTER_LATENCY) < 0);
    }

    synchronized int size() {
        return envelopes.size() + overwritten.size() + forgotten;
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
