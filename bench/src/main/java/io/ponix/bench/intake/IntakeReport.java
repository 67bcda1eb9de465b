package io.ponix.bench.intake;

import io.ponix.bench.measurement.Percentiles;
import io.ponix.cli.terminal.TextTable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Prints what a run measured, for a person. */
final class IntakeReport {

    private static final String INDENT = "  ";
    private static final double MEBIBYTE = 1 << 20;

    private final IntakeResult result;

    IntakeReport(IntakeResult result) {
        this.result = result;
    }

    void print(PrintStream out) {
        out.printf(
                "%s%,d messages by each way; %d processors, which servers and this command"
                        + " share%n%n",
                INDENT, result.messages(), result.processors());
        throughput(out);
        if (!result.steady().isEmpty()) {
            out.println();
            steady(out);
            out.println();
            gateways(out);
        }
        out.println();
        IntakeResult.Account account = result.account();
        out.printf(
                "%ssent %,d, stored %,d, unique %,d: %s%n",
                INDENT,
                account.sent(),
                account.stored(),
                account.unique(),
                account.balances() ? "none lost, none doubled" : "this does not balance");
    }

    private void throughput(PrintStream out) {
        Table<IntakeResult.Throughput> table =
                new Table<>(
                        "AS FAST AS IT GOES", result.throughput(), IntakeResult.Throughput::way);
        table.row("messages/s", each -> "%,.0f".formatted(each.perSecond()));
        table.row("  part of what goes directly", each -> "%.2f".formatted(each.ratio()));
        table.title("CPU µs per message");
        for (String process : result.throughput().get(0).cpuMicros().keySet()) {
            table.row(INDENT + process, each -> "%.1f".formatted(each.cpuMicros().get(process)));
        }
        table.print(out);
    }

    private void steady(PrintStream out) {
        Table<IntakeResult.Steady> table =
                new Table<>(
                        "AT %,.0f/s".formatted(result.ratePerSecond()),
                        result.steady(),
                        IntakeResult.Steady::way);
        table.row("messages/s", each -> "%,.0f".formatted(each.perSecond()));
        table.row("stored after, p50 / p99 / longest, ms", each -> percentiles(each.untilStored()));
        table.row(
                "acknowledged after, p50 / p99 / longest, ms",
                each -> percentiles(each.untilAcknowledged()));
        table.title("CPU µs per message");
        for (String process : result.steady().get(0).cpuMicros().keySet()) {
            table.row(INDENT + process, each -> "%.1f".formatted(each.cpuMicros().get(process)));
        }
        table.print(out);
    }

    private void gateways(PrintStream out) {
        Table<IntakeResult.Gateways> table =
                new Table<>(
                        "GATEWAYS BESIDES THE ONE",
                        result.gateways(),
                        each ->
                                each.failing() == 0
                                        ? "%,d idle".formatted(each.connected())
                                        : "and %,d that fail".formatted(each.failing()));
        table.row(
                "seconds until each has its status",
                each -> "%.1f".formatted(each.secondsToStatus()));
        table.row(
                "  statuses written after that", each -> "%,d".formatted(each.statusesRewritten()));
        table.row(
                "the bridge's memory, resident, MiB",
                each -> "%,.0f".formatted(each.bridge().residentBytes() / MEBIBYTE));
        table.row(
                "  of it objects in use",
                each -> "%,.1f".formatted(each.bridge().liveHeapBytes() / MEBIBYTE));
        table.row("  threads", each -> "%,d".formatted(each.bridge().threads()));
        table.title("CPU ms per second, without messages");
        for (String process : result.gateways().get(0).cpuMillisPerSecond().keySet()) {
            table.row(
                    INDENT + process,
                    each -> "%.1f".formatted(each.cpuMillisPerSecond().get(process)));
        }
        table.row(
                "stored after, p50 / p99 / longest, ms, by MQTT at %,.0f/s"
                        .formatted(result.ratePerSecond()),
                each -> percentiles(each.untilStored()));
        table.print(out);
    }

    private static String percentiles(Percentiles time) {
        return "%.1f / %.1f / %.0f"
                .formatted(time.millisP50(), time.millisP99(), time.millisMaximum());
    }

    /** One column for each of what was measured. */
    private static final class Table<T> {

        private final List<T> columns;
        private final TextTable table;

        Table(String title, List<T> columns, Function<T, String> heading) {
            this.columns = columns;
            List<String> headings = new ArrayList<>(List.of(title));
            columns.forEach(each -> headings.add(">" + heading.apply(each)));
            table = new TextTable(headings.toArray(new String[0]));
        }

        void row(String name, Function<T, String> value) {
            List<Object> cells = new ArrayList<>(List.of(name));
            columns.forEach(each -> cells.add(value.apply(each)));
            table.row(cells.toArray());
        }

        /** Of the rows that follow. */
        void title(String name) {
            row(name, each -> "");
        }

        void print(PrintStream out) {
            table.print(out, INDENT);
        }
    }
}
