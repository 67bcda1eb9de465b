package io.ponix.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.ponix.bench.measurement.CheckpointLog;
import io.ponix.bench.measurement.Drain;
import io.ponix.cli.terminal.TextTable;
import java.io.PrintStream;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Prints what a run measured. */
final class BenchReport {

    private static final String INDENT = "  ";

    private final BenchResult result;

    BenchReport(BenchResult result) {
        this.result = result;
    }

    /** For a program. */
    void printJson(PrintStream out) {
        try {
            out.println(
                    new ObjectMapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsString(result));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result is numbers and names", e);
        }
    }

    /** For a person. */
    void print(PrintStream out) {
        out.printf(
                "%s%,d envelopes of %,d devices; %d processors, which servers, job and this command share%n%n",
                INDENT, result.job().envelopes(), result.devices(), result.processors());
        throughput(out);
        out.println();
        cpu(out);
        out.println();
        operation(out);
        out.println();
        BenchResult.Account account = result.account();
        out.printf(
                "%spublished %,d, rows %,d, unique %,d: %s%n",
                INDENT,
                account.published(),
                account.rows(),
                account.unique(),
                account.balances() ? "none lost, none doubled" : "this does not balance");
    }

    private void throughput(PrintStream out) {
        Drain job = result.job();
        Drain bare = result.bareLoop();
        TextTable table = new TextTable("BACKLOG", ">JOB", ">BARE LOOP", ">RATIO");
        table.row(
                "envelopes/s while 20 % to 90 % became rows",
                count(job.steadyPerSecond()),
                bare == null ? null : count(bare.steadyPerSecond()),
                bare == null ? null : "%.2f".formatted(result.ratio()));
        table.row(
                "envelopes/s from first row to last",
                count(job.perSecond()),
                bare == null ? null : count(bare.perSecond()),
                bare == null ? null : "%.2f".formatted(job.perSecond() / bare.perSecond()));
        table.row(
                "seconds from start to first row",
                seconds(job.secondsToFirstRow()),
                bare == null ? null : seconds(bare.secondsToFirstRow()),
                null);
        table.row(
                "seconds from first row to last",
                seconds(job.seconds()),
                bare == null ? null : seconds(bare.seconds()),
                null);
        table.print(out, INDENT);
    }

    private void cpu(PrintStream out) {
        BenchResult.Steady steady = result.steady();
        Drain bare = result.bareLoop();
        TextTable table =
                new TextTable(
                        "CPU µs PER ENVELOPE",
                        ">JOB",
                        ">START INCLUDED",
                        ">BARE LOOP",
                        steady == null ? ">STEADY" : atRate(steady));
        Set<String> processes = new LinkedHashSet<>();
        if (bare != null) {
            processes.addAll(bare.cpuMicros().keySet());
        }
        processes.addAll(result.job().cpuMicros().keySet());
        processes.remove("all");
        processes.add("all");
        for (String process : processes) {
            table.row(
                    process,
                    micros(result.job().cpuMicros(), process),
                    micros(result.job().cpuMicrosInAll(), process),
                    bare == null ? null : micros(bare.cpuMicros(), process),
                    steady == null ? null : micros(steady.cpuMicros(), process));
        }
        table.print(out, INDENT);
    }

    private void operation(PrintStream out) {
        BenchResult.Steady steady = result.steady();
        TextTable table =
                new TextTable("OPERATION", ">BACKLOG", steady == null ? ">STEADY" : atRate(steady));
        CheckpointLog.Summary backlog = result.jobCheckpoints();
        CheckpointLog.Summary load = steady == null ? null : steady.checkpoints();
        table.row("checkpoints", backlog.count(), load == null ? null : load.count());
        table.row(
                "  duration p50 / longest, ms",
                pair(backlog.millisP50(), backlog.millisMaximum()),
                load == null ? null : pair(load.millisP50(), load.millisMaximum()));
        table.row(
                "  size p50 / largest, KB",
                pair(backlog.bytesP50() / 1000, backlog.bytesMaximum() / 1000),
                load == null ? null : pair(load.bytesP50() / 1000, load.bytesMaximum() / 1000));
        if (steady != null) {
            table.row("published/s", null, perSecond(steady.publishedPerSecond()));
            table.row(
                    "freshness p50 / p99 / latest, ms (received_at to inserted_at)",
                    null,
                    pair((long) steady.freshnessP50(), (long) steady.freshnessP99())
                            + " / %,d".formatted((long) steady.freshnessMaximum()));
            table.row("  the latest was stored by JetStream at", null, steady.latestAt() + " UTC");
            table.row(
                    "seconds to the first row after kill -9 of the TaskManager",
                    null,
                    steady.secondsToFirstRowAfterKill() == null
                            ? null
                            : seconds(steady.secondsToFirstRowAfterKill()));
        }
        table.print(out, INDENT);
    }

    private static String micros(Map<String, Double> used, String process) {
        Double micros = used.get(process);
        return micros == null ? null : "%.2f".formatted(micros);
    }

    /** Nothing is said of what came at once. */
    private static String count(double perSecond) {
        return perSecond == 0 ? null : "%,.0f".formatted(perSecond);
    }

    private static String atRate(BenchResult.Steady steady) {
        return ">AT " + perSecond(steady.ratePerSecond()) + "/s";
    }

    private static String perSecond(double rate) {
        return rate < 10 ? "%.4f".formatted(rate) : "%,.0f".formatted(rate);
    }

    private static String seconds(double seconds) {
        return "%.2f".formatted(seconds);
    }

    private static String pair(long middle, long most) {
        return "%,d / %,d".formatted(middle, most);
    }
}
