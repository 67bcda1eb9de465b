package io.ponix.cli.chaos;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.stack.ClickHouseQueries;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for envelopes that are stored in part: of a device whose envelopes have a row in each of
 * many months. ClickHouse stores them month by month, which takes it some milliseconds, for which
 * alone an envelope is there in part.
 */
final class EnvelopesInPart {

    static final String DEVICE_NAME = "Archive of many months";

    /** As many months as an envelope may have. */
    static final int ROWS = 36;

    private static final Duration LONGEST_MONTH = Duration.ofDays(31);

    /**
     * The youngest row is so many months old: what is looked at are partitions that have few other
     * rows.
     */
    private static final int MONTHS_AGO = 5;

    private static final Duration BETWEEN_READINGS = Duration.ofMillis(200);
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(20);
    private static final Duration PAUSE_WHILE_AWAY = Duration.ofMillis(50);

    private final ClickHouseQueries clickHouse;
    private final RegisteredDevice device;
    private final Map<Fault, Tries> tries = new HashMap<>();

    /**
     * @param device with {@link #transform()}
     */
    EnvelopesInPart(ClickHouseQueries clickHouse, RegisteredDevice device) {
        this.clickHouse = clickHouse;
        this.device = device;
    }

    /**
     * An envelope in the table.
     *
     * @param sequence its place in the stream
     * @param rows of it in the table
     */
    record Seen(long sequence, int rows) {

        boolean isInPart() {
            return rows < ROWS;
        }

        @Override
        public String toString() {
            return "%d of the %d rows of envelope %,d".formatted(rows, ROWS, sequence);
        }
    }

    /**
     * How often a fault was to kill within an envelope.
     *
     * @param all how often in all
     * @param seen how often an envelope was in the table in part right before the kill
     * @param left how often that envelope still was right after it; for ClickHouse when it was up
     *     again, and before anybody could have stored the rest
     */
    record Tries(int all, int seen, int left) {

        private Tries and(boolean seenBefore, boolean seenAfter) {
            return new Tries(all + 1, seen + (seenBefore ? 1 : 0), left + (seenAfter ? 1 : 0));
        }
    }

    /** Makes a row for each of as many months as an envelope may have. */
    static String transform() {
        return ("lists.range(%d).map(month, {\"month\": month, \"occurred_at\":"
                        + " timestamp(int(occurred_at) - (month + %d) * %d)})")
                .formatted(ROWS, MONTHS_AGO, LONGEST_MONTH.toSeconds());
    }

    RegisteredDevice device() {
        return device;
    }

    /**
     * Looks without a pause until it sees an envelope in part.
     *
     * @param send sends an envelope of the device; called every now and then
     * @return empty when it has not seen one within the limit; while ClickHouse does not answer it
     *     sees none
     */
    Optional<Seen> await(Runnable send, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        long nextReading = System.nanoTime();
        while (System.nanoTime() - deadline < 0) {
            if (System.nanoTime() - nextReading >= 0) {
                send.run();
                nextReading = System.nanoTime() + BETWEEN_READINGS.toNanos();
            }
            try {
                Optional<Seen> seen = look("HAVING uniqExact(row_index) < " + ROWS);
                if (seen.isPresent()) {
                    return seen;
                }
            } catch (CommandException doesNotAnswer) {
                ChaosStack.pause(PAUSE_WHILE_AWAY);
            }
        }
        return Optional.empty();
    }

    /**
     * The same envelope now.
     *
     * @throws CommandException when ClickHouse does not answer for long
     */
    Seen again(Seen before) {
        long deadline = System.nanoTime() + ANSWERS_WITHIN.toNanos();
        while (true) {
            try {
                return look("HAVING stream_sequence = " + before.sequence())
                        .orElseGet(() -> new Seen(before.sequence(), 0));
            } catch (CommandException doesNotAnswer) {
                if (System.nanoTime() - deadline > 0) {
                    throw doesNotAnswer;
                }
                ChaosStack.pause(PAUSE_WHILE_AWAY);
            }
        }
    }

    private Optional<Seen> look(String condition) {
        String[] lines =
                clickHouse.lines(
                        ("SELECT stream_sequence, uniqExact(row_index) FROM %s WHERE end_device_id ="
                                        + " '%s' AND occurred_at < now() - INTERVAL %d DAY GROUP BY"
                                        + " stream_sequence, received_at %s ORDER BY received_at DESC"
                                        + " LIMIT 1")
                                .formatted(
                                        clickHouse.table(),
                                        device.id(),
                                        (MONTHS_AGO - 1) * LONGEST_MONTH.toDays(),
                                        condition));
        if (lines.length == 0) {
            return Optional.empty();
        }
        String[] columns = lines[0].split("\t");
        return Optional.of(new Seen(Long.parseLong(columns[0]), Integer.parseInt(columns[1])));
    }

    /** Notes what came of a fault. */
    void tried(Fault fault, boolean seenBefore, boolean seenAfter) {
        tries.merge(
                fault,
                new Tries(0, 0, 0).and(seenBefore, seenAfter),
                (before, one) -> before.and(seenBefore, seenAfter));
    }

    /** By fault; none of one that was not tried. */
    Map<Fault, Tries> tries() {
        return tries;
    }
}
