package io.ponix.bench;

import io.ponix.bench.calls.CallsCommand;
import io.ponix.bench.intake.IntakeCommand;
import io.ponix.bench.micro.MicroCommand;
import io.ponix.bench.stack.BenchStack;
import io.ponix.cli.program.CommandLineProgram;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix bench}: what the pipeline achieves on this machine, beside a bare loop. */
@Command(
        name = "ponix bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Start a stack of its own on free ports, with everything on this machine, fill the"
                    + " stream with a backlog, and measure how fast the job drains it from the moment"
                    + " it is submitted; the same for a bare loop (one process: consume, decode with"
                    + " the same code, insert Native blocks of 50,000), which is the limit; then the"
                    + " freshness of rows under a steady load, and how long it takes to the next row"
                    + " when the TaskManager is killed. What it started is stopped.",
            "",
            "Rates are taken from rows that a query sees, looked at 20 times a second. CPU time is"
                    + " that of the processes, from /proc, while 20 %% to 90 %% of the backlog become"
                    + " rows: classes are loaded and hot code is compiled by then."
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix bench      a million envelopes, then 20,000/s; some minutes",
            "  ./ponix bench --envelopes 100000 --seconds 10      the JVMs are hardly warm",
            "  ./ponix bench --envelopes 20000 --rate 20      is a reading that comes alone held"
                    + " up?",
            "  ./ponix bench intake      by MQTT and HTTP into the stream, beside publishing"
                    + " directly",
            "  ./ponix bench calls      of the device service, with a key and without",
            "  ./ponix bench micro      transforms, parser and encoder, by JMH"
        })
public final class BenchCommand implements Callable<Integer> {

    @Mixin private BenchOptions options;

    @Mixin private BenchStack stack;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    /** Runs the command and ends the JVM with its exit status. */
    public static void main(String[] arguments) {
        CommandLineProgram.run(BenchCommand::commandLine, arguments);
    }

    static CommandLine commandLine() {
        return CommandLineProgram.prepare(
                new CommandLine(new BenchCommand())
                        .addSubcommand(new IntakeCommand())
                        .addSubcommand(new CallsCommand())
                        .addSubcommand(new MicroCommand()));
    }

    @Override
    public Integer call() throws Exception {
        options.check();
        BenchResult result =
                stack.with(
                        false,
                        options.flink,
                        (running, addresses, home, progress) ->
                                new BenchRun(running, addresses, home, options, progress).run());
        BenchReport report = new BenchReport(result);
        if (json) {
            report.printJson(System.out);
        } else {
            report.print(System.out);
        }
        return result.account().balances() ? 0 : 1;
    }
}
