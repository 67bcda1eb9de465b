package io.ponix.cli.chaos;

import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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

    private final InstantSource clock;
    private final Map<Long, Acknowledged> envelopes = new HashMap<>();
    private final List<String> overwritten = new ArrayList<>();
    private final List<Rewind> rewinds = new ArrayList<>();
    private Instant copiedAt;
    private int forgotten;

    /**
     * @param clock the one that tells when envelopes are published
     */
    Ledger(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * An envelope, stored at some time from its publishing on.
     *
     * @param until the latest time it may have been stored at: when its acknowledgement was told
     */
    private record Acknowledged(Envelope envelope, Instant until) {

        boolean mayBeStoredIn(Rewind rewind) {
            return !until.isBefore(rewind.from()) && !envelope.publishedAt().isAfter(rewind.to());
        }
    }

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
     * @param rows how many it has to become; 0 of poison
     * @param publishedAt by this machine's clock
     * @param during the fault that came last before it, or null
     */
    record Envelope(
            String deviceId, DeadLetterReason poison, int rows, Instant publishedAt, Fault during) {

        @Override
        public String toString() {
            return (poison != null
                            ? "poison for " + DeadLetterReasons.name(poison)
                            : rows == 1 ? "reading" : rows + " readings")
                    + " of "
                    + deviceId
                    + ", published "
                    + LocalTime.ofInstant(publishedAt, ZoneId.systemDefault())
                            .truncatedTo(ChronoUnit.MILLIS)
                    + (during == null ? "" : " after \"" + during.title() + "\"");
        }
    }

    /**
     * An envelope was acknowledged; the order is that of publishing, but it may be told late. One
     * that has the sequence of another, which the server forgot when it went back, is not the
     * server's fault.
     */
    synchronized void published(long sequence, Envelope envelope) {
        Acknowledged before = envelopes.put(sequence, new Acknowledged(envelope, clock.instant()));
        if (before == null) {
            return;
        }
        if (mayBeForgotten(before)) {
            forgotten++;
        } else {
            // Stored for good, said the server, and gave its sequence to another.
            overwritten.add("%,d %s, and then %s".formatted(sequence, before.envelope(), envelope));
        }
    }

    /**
     * Whether the server may have forgotten the envelope with a sequence: it may have stored it
     * between one of its copies and the return to it. What it acknowledged before the copy it knows
     * still; what is published after the return it has to keep.
     */
    synchronized boolean mayBeForgotten(long sequence) {
        Acknowledged acknowledged = envelopes.get(sequence);
        return acknowledged != null && mayBeForgotten(acknowledged);
    }

    private boolean mayBeForgotten(Acknowledged acknowledged) {
        return rewinds.stream().anyMatch(acknowledged::mayBeStoredIn);
    }

    /** What is stored from now on will be forgotten. The server does not run. */
    synchronized void copied() {
        copiedAt = clock.instant();
    }

    /** The server has forgotten what it stored since it was copied. It does not run. */
    synchronized void rewound() {
        rewinds.add(new Rewind(copiedAt, clock.instant()));
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
        Acknowledged acknowledged = envelopes.get(sequence);
        return acknowledged == null ? null : acknowledged.envelope();
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
