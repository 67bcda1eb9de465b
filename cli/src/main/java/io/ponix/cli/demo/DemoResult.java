package io.ponix.cli.demo;

import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.io.PrintStream;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a demo found.
 *
 * @param state the balance at the end
 * @param devices how many took part
 * @param seconds from the first envelope sent to the last accounted for
 * @param envelopesByRows how many should have become a number of rows, by that number
 * @param deadLetters of the demo's envelopes, by reason
 * @param poisoned what was sent wrong on purpose, by the reason it should end with
 * @param rowsCondition selects the demo's rows
 */
record DemoResult(
        Balance.State state,
        int devices,
        double seconds,
        Map<Integer, Long> envelopesByRows,
        Map<DeadLetterReason, Integer> deadLetters,
        Map<DeadLetterReason, Long> poisoned,
        String rowsCondition) {

    /**
     * Whether every envelope ended exactly once: the poisoned ones as the dead letters they should
     * be, the others as as many rows as they should become.
     */
    boolean asItShouldBe() {
        return state.balanced() && differences() == 0 && envelopesFound().equals(envelopesByRows);
    }

    /** How many rows all envelopes together should have become. */
    long rowsExpected() {
        return envelopesByRows.entrySet().stream()
                .mapToLong(ofSome -> ofSome.getKey() * ofSome.getValue())
                .sum();
    }

    private Map<Integer, Long> envelopesFound() {
        Map<Integer, Long> found = new TreeMap<>();
        state.storedByRows().forEach((rows, stored) -> found.put(rows, stored.envelopes()));
        return found;
    }

    private long differences() {
        Map<DeadLetterReason, Long> difference = new TreeMap<>(poisoned);
        deadLetters.forEach((reason, count) -> difference.merge(reason, (long) -count, Long::sum));
        return difference.values().stream().filter(count -> count != 0).count();
    }

    void print(PrintStream out, ClickHouseQueries clickHouse) {
        out.printf("%n  sent           %,10d   envelopes of %,d devices%n", state.sent(), devices);
        out.printf("  rows expected  %,10d%n", rowsExpected());
        out.printf("  rows stored    %,10d%n", state.rows());
        out.printf(
                "  dead letters   %,10d   sent wrong on purpose: %,d%n",
                state.deadLetters(), sum(poisoned));
        out.printf("  lost           %,10d%n", state.missing());
        out.printf("  duplicates     %,10d%n", state.doubled());
        if (state.envelopes() > 0) {
            String[] latency =
                    clickHouse.row(
                            "SELECT round(quantileExact(0.5)(latency)), round(quantileExact(0.99)(latency)) FROM"
                                    + " (SELECT dateDiff('millisecond', received_at, inserted_at) AS latency"
                                    + " FROM "
                                    + clickHouse.table()
                                    + " WHERE "
                                    + rowsCondition
                                    + ")");
            out.printf(
                    "  latency        %,7d ms   p50, from JetStream to ClickHouse%n                 %,7d ms   p99%n",
                    Long.parseLong(latency[0]), Long.parseLong(latency[1]));
        }
        out.printf("  took           %,8.1f s%n%n", seconds);

        TextTable envelopes = new TextTable("ENVELOPES OF", ">FOUND", ">EXPECTED", ">ROWS");
        Map<Integer, Balance.Stored> stored = new TreeMap<>(state.storedByRows());
        envelopesByRows
                .keySet()
                .forEach(rows -> stored.putIfAbsent(rows, new Balance.Stored(0, 0)));
        stored.forEach(
                (rows, found) ->
                        envelopes.row(
                                "%,d row%s".formatted(rows, rows == 1 ? "" : "s"),
                                "%,d".formatted(found.envelopes()),
                                "%,d".formatted(envelopesByRows.getOrDefault(rows, 0L)),
                                "%,d".formatted(found.rows())));
        envelopes.print(out, "  ");
        out.println();
        TextTable reasons = new TextTable("DEAD LETTERS", ">FOUND", ">EXPECTED");
        Map<DeadLetterReason, Long> all = new TreeMap<>(poisoned);
        deadLetters.keySet().forEach(reason -> all.putIfAbsent(reason, 0L));
        all.forEach(
                (reason, expected) ->
                        reasons.row(
                                DeadLetterReasons.name(reason),
                                deadLetters.getOrDefault(reason, 0),
                                expected));
        reasons.print(out, "  ");
        out.println();
        clickHouse.run(
                "SELECT end_device_id, occurred_at, row_index, data FROM "
                        + clickHouse.table()
                        + " WHERE "
                        + rowsCondition
                        + " ORDER BY stream_sequence DESC, row_index LIMIT 2 BY"
                        + " stream_sequence LIMIT 5 FORMAT PrettyCompactNoEscapesMonoBlock"
                        + " SETTINGS output_format_pretty_max_value_width = 110",
                "TabSeparated",
                out);
        out.flush();
    }

    private static long sum(Map<DeadLetterReason, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
