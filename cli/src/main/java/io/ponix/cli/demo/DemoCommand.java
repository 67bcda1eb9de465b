package io.ponix.cli.demo;

import io.ponix.cli.command.StackOptions;
import io.ponix.cli.program.AtInterrupt;
import io.ponix.cli.program.OptionRange;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackLock;
import io.ponix.cli.stack.StackSettings;
import io.ponix.cli.terminal.ProgressLine;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix demo}: the whole pipeline on this machine, with an account of every envelope. */
@Command(
        name = "demo",
        description = {
            "Show the whole pipeline, and account for every envelope.",
            "Brings the stack up, registers devices, sends envelopes that become a row, two or 1,000, some of them wrong on"
                    + " purpose, watches them become rows, and accounts for each. Exit status 1 when one was lost or doubled. The stack stays up until Ctrl-C."
        },
        footer = {"", "Examples:", "  ./ponix demo", "  ./ponix demo --envelopes 20000 --exit"})
public final class DemoCommand implements Callable<Integer> {

    @Mixin private StackOptions options;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "100",
            description =
                    "How many devices, beside a logger of blocks and those that are wrong. Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--envelopes",
            paramLabel = "M",
            defaultValue = "20000",
            description = "How many envelopes in all. Default: ${DEFAULT-VALUE}.")
    private long envelopes;

    @Option(
            names = "--exit",
            description = "End after the report, and stop what this demo started.")
    private boolean exit;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description =
                    "How long nothing may arrive before what is missing counts as lost. Default: ${DEFAULT-VALUE}.")
    private long patienceSeconds;

    @Override
    public Integer call() throws Exception {
        OptionRange.check("--devices", devices, 1, 1_000_000);
        OptionRange.check("--envelopes", envelopes, 0, Integer.MAX_VALUE);
        OptionRange.check("--patience", patienceSeconds, 1, Duration.ofDays(1).toSeconds());
        StackSettings settings = options.settings();
        return StackLock.holding(settings.home(), () -> run(settings));
    }

    // try: what it does at Ctrl-C needs no reference.
    @SuppressWarnings("try")
    private int run(StackSettings settings) throws InterruptedException {
        LocalStack stack = new LocalStack(settings, System.err::println);
        boolean startedHere = !stack.isRunning();
        if (startedHere) {
            // Runs at Ctrl-C too; what is not up yet is stopped as well.
            Runtime.getRuntime().addShutdownHook(new Thread(stack::down, "stop-stack"));
        }
        try (AtInterrupt atInterrupt =
                AtInterrupt.say(
                        startedHere
                                ? "stopping the stack that this demo started"
                                : "the stack stays up; ./ponix down stops it")) {
            return run(stack, startedHere);
        }
    }

    private int run(LocalStack stack, boolean startedHere) throws InterruptedException {
        StackAddresses addresses = stack.up();
        DemoResult result;
        try (ProgressLine progress = new ProgressLine()) {
            result =
                    new DemoRun(addresses, devices, envelopes, Duration.ofSeconds(patienceSeconds))
                            .run(progress);
        }
        result.print(System.out, new ClickHouseQueries(addresses));
        System.out.println();
        addresses.print(System.out);
        System.out.println(
                result.asItShouldBe()
                        ? "\n  every envelope is accounted for: none lost, none doubled"
                        : "\n  the account does not balance; ./ponix status, logs and dead-letters tell more");
        if (!exit) {
            System.out.println(
                    "\n  Ctrl-C "
                            + (startedHere
                                    ? "stops the stack"
                                    : "ends the demo; the stack stays up"));
            new CountDownLatch(1).await();
        }
        return result.asItShouldBe() ? 0 : 1;
    }
}
