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
 * @param deadLetters of the demo's envelopes, by reason
 * @param poisoned what was sent wrong on purpose, by the reason it should end with
 * @param rowsCondition selects the demo's rows
 */
record DemoResult(
        Balance.State state,
        int devices,
        double seconds,
        Map<DeadLetterReason, Integer> deadLetters,
        Map<DeadLetterReason, Long> poisoned,
        String rowsCondition) {

    /**
     * Whether every envelope ended exactly once, and the poisoned ones as the dead letters they
     * should be.
     */
    boolean asItShouldBe() {
        return state.balanced() && differences() == 0;
    }

    private long differences() {
        Map<DeadLetterReason, Long> difference = new TreeMap<>(poisoned);
        deadLetters.forEach((reason, count) -> difference.merge(reason, (long) -count, Long::sum));
        return difference.values().stream().filter(count -> count != 0).count();
    }

    void print(PrintStream out, ClickHouseQueries clickHouse) {
        out.printf("%n  sent           %,10d   envelopes of %,d devices%n", state.sent(), devices);
        out.printf("  rows           %,10d%n", state.rows());
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
                "SELECT end_device_id, occurred_at, data FROM "
                        + clickHouse.table()
                        + " WHERE "
                        + rowsCondition
                        + " ORDER BY stream_sequence DESC LIMIT 4 FORMAT PrettyCompactNoEscapesMonoBlock"
                        + " SETTINGS output_format_pretty_max_value_width = 110",
                "TabSeparated",
                out);
        out.flush();
    }

    private static long sum(Map<DeadLetterReason, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
