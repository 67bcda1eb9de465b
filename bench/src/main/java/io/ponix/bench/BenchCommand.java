package io.ponix.bench;

import io.ponix.bench.micro.MicroCommand;
import io.ponix.cli.program.AtInterrupt;
import io.ponix.cli.program.CommandLineProgram;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.PipelineNames;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackLock;
import io.ponix.cli.stack.StackSettings;
import io.ponix.cli.terminal.ProgressLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
            "Start a stack of its own on free ports, with everything on this machine, fill the stream with a backlog, and measure"
                    + " how fast the job drains it from the moment it is submitted; the same for a bare loop (one process:"
                    + " consume, decode with the same code, insert Native blocks of 50,000), which is the limit; then the"
                    + " freshness of rows under a steady load, and how long it takes to the next row when the TaskManager is"
                    + " killed. What it started is stopped.",
            "",
            "Rates are taken from rows that a query sees, looked at 20 times a second. CPU time is that of the processes, from"
                    + " /proc, while 20 %% to 90 %% of the backlog become rows: classes are loaded and hot code is compiled by"
                    + " then."
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix bench      a million envelopes, then 20,000/s; some minutes",
            "  ./ponix bench --envelopes 100000 --seconds 10      the JVMs are hardly warm",
            "  ./ponix bench --envelopes 20000 --rate 20      is a reading that comes alone held up?",
            "  ./ponix bench micro      transforms, parser and encoder, by JMH"
        })
public final class BenchCommand implements Callable<Integer> {

    @Mixin private BenchOptions options;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    /** Runs the command and ends the JVM with its exit status. */
    public static void main(String[] arguments) {
        CommandLineProgram.run(BenchCommand::commandLine, arguments);
    }

    static CommandLine commandLine() {
        return CommandLineProgram.prepare(
                new CommandLine(new BenchCommand()).addSubcommand(new MicroCommand()));
    }

    @Override
    public Integer call() throws Exception {
        options.check();
        return StackLock.holding(options.home(), this::run);
    }

    // try: what it does at Ctrl-C needs no reference.
    @SuppressWarnings("try")
    private int run() {
        // Beside the lock, which must not go with the data.
        Path home = options.home().resolve("stack");
        int free = 0;
        StackSettings settings =
                new StackSettings(
                        home,
                        new StackSettings.Ports(free, free, free, free, free, free, free, free),
                        1,
                        Map.of(),
                        PipelineNames.DEFAULT);
        BenchResult result;
        try (ProgressLine progress = new ProgressLine()) {
            LocalStack stack = LocalStack.temporary(settings, false, options.flink, progress::note);
            // What an earlier run that failed has left for its reader.
            if (Files.exists(home)) {
                stack.deleteData();
            }
            try (AtInterrupt atInterrupt =
                    AtInterrupt.say("its stack ends with it, its data and logs are in " + home)) {
                StackAddresses addresses = stack.startServers();
                result = new BenchRun(stack, addresses, home, options, progress).run();
            }
            stack.down();
            stack.deleteData();
        }
        BenchReport report = new BenchReport(result);
        if (json) {
            report.printJson(System.out);
        } else {
            report.print(System.out);
        }
        return result.account().balances() ? 0 : 1;
    }
}
