package io.ponix.cli.demo;

import io.ponix.cli.deadletter.DeadLetterReader;
import io.ponix.cli.deadletter.LetterFilter;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Accounts for the envelopes of a demo: which stream sequences it sent, and which of them are all
 * of their rows or dead letters. Envelopes of others in the same stream do not count.
 */
final class Balance {

    private final ClickHouseQueries clickHouse;
    private final DeadLetterReader deadLetterReader;
    private final String stream;
    private final long firstSequence;

    private final BitSet sent = new BitSet();

    // Also of envelopes whose acknowledgement is still on its way, and of others: sorted out when
    // somebody looks.
    private final Map<Long, DeadLetterReason> deadLetters = new HashMap<>();
    private final List<Long> deadLettersAgain = new ArrayList<>();
    private long deadLettersRead;

    /**
     * @param stream the stream of raw envelopes
     * @param firstSequence the first sequence that the demo can have been given
     * @param deadLettersBefore the last sequence of the dead letter stream before the demo
     */
    Balance(
            ClickHouseQueries clickHouse,
            DeadLetterReader deadLetterReader,
            String stream,
            long firstSequence,
            long deadLettersBefore) {
        this.clickHouse = clickHouse;
        this.deadLetterReader = deadLetterReader;
        this.stream = stream;
        this.firstSequence = firstSequence;
        this.deadLettersRead = deadLettersBefore;
    }

    /**
     * Envelopes that say that they are of the same number of rows.
     *
     * @param rows all that are stored, of envelopes in part too
     * @param envelopes those all of whose rows are stored
     */
    record Stored(long rows, long envelopes) {}

    /**
     * A state of the account.
     *
     * @param sent envelopes that JetStream stored
     * @param storedByRows what is in the table, by the number of an envelope's rows
     * @param deadLetters envelopes that ended as dead letters
     * @param doubled rows and dead letters beyond one of a kind
     */
    record State(int sent, Map<Integer, Stored> storedByRows, int deadLetters, long doubled) {

        /** Rows in the table. */
        long rows() {
            return storedByRows.values().stream().mapToLong(Stored::rows).sum();
        }

        /** Envelopes all of whose rows are in the table. */
        long envelopes() {
            return storedByRows.values().stream().mapToLong(Stored::envelopes).sum();
        }

        /** Envelopes that are neither stored with all of their rows nor dead letters (yet). */
        long missing() {
            return Math.max(0, sent - envelopes() - deadLetters);
        }

        boolean balanced() {
            return missing() == 0 && doubled == 0;
        }
    }

    /** Notes that JetStream stored an envelope of the demo. */
    synchronized void sent(long sequence) {
        sent.set(Math.toIntExact(sequence - firstSequence));
    }

    synchronized int sentCount() {
        return sent.cardinality();
    }

    /** Looks again at the table and at the dead letters. */
    State look() {
        deadLettersRead =
                deadLetterReader.read(
                        deadLettersRead, LetterFilter.ALL, false, letter -> note(letter.content()));
        Map<Integer, Stored> storedByRows = new TreeMap<>();
        long repeated = 0;
        for (String line :
                clickHouse.lines(
                        "SELECT wanted, sum(rows), sum(different), countIf(different = wanted) FROM"
                                + " (SELECT count() AS rows, uniqExact(row_index) AS different,"
                                + " max(row_count) AS wanted FROM "
                                + clickHouse.table()
                                + " WHERE "
                                + rowsOfTheDemo()
                                + " GROUP BY stream, stream_sequence, received_at) GROUP BY"
                                + " wanted")) {
            String[] columns = line.split("\t");
            long rows = Long.parseLong(columns[1]);
            storedByRows.put(
                    Integer.valueOf(columns[0]), new Stored(rows, Long.parseLong(columns[3])));
            repeated += rows - Long.parseLong(columns[2]);
        }
        long envelopes = storedByRows.values().stream().mapToLong(Stored::envelopes).sum();
        int sentCount = sentCount();
        int dead = deadLettersByReason().values().stream().mapToInt(Integer::intValue).sum();
        long doubledDead = deadLettersAgain.stream().filter(this::isOfTheDemo).count();
        // What is both a row and a dead letter is there twice too.
        long both = Math.max(0, envelopes + dead - sentCount);
        return new State(sentCount, storedByRows, dead, repeated + doubledDead + both);
    }

    /** The condition on the table of rows that selects the rows of the demo's own envelopes. */
    synchronized String rowsOfTheDemo() {
        int count = sent.cardinality();
        if (count == 0) {
            return "false";
        }
        int first = sent.nextSetBit(0);
        int last = sent.length() - 1;
        StringBuilder condition =
                new StringBuilder("stream = '")
                        .append(stream)
                        .append("' AND stream_sequence BETWEEN ")
                        .append(firstSequence + first)
                        .append(" AND ")
                        .append(firstSequence + last);
        if (count <= last - first) {
            StringBuilder others = new StringBuilder();
            for (int clear = sent.nextClearBit(first);
                    clear < last;
                    clear = sent.nextClearBit(clear + 1)) {
                others.append(others.isEmpty() ? "" : ",").append(firstSequence + clear);
            }
            condition.append(" AND stream_sequence NOT IN (").append(others).append(')');
        }
        return condition.toString();
    }

    /** How many of the demo's envelopes are dead letters, by reason. */
    Map<DeadLetterReason, Integer> deadLettersByReason() {
        Map<DeadLetterReason, Integer> counts = new EnumMap<>(DeadLetterReason.class);
        deadLetters.forEach(
                (sequence, reason) -> {
                    if (isOfTheDemo(sequence)) {
                        counts.merge(reason, 1, Integer::sum);
                    }
                });
        return counts;
    }

    private boolean note(DeadLetter letter) {
        if (letter.getStream().equals(stream) && letter.getStreamSequence() >= firstSequence) {
            DeadLetterReason first =
                    deadLetters.putIfAbsent(letter.getStreamSequence(), letter.getReason());
            if (first != null) {
                deadLettersAgain.add(letter.getStreamSequence());
            }
        }
        return true;
    }

    private synchronized boolean isOfTheDemo(long sequence) {
        return sent.get(Math.toIntExact(sequence - firstSequence));
    }
}
