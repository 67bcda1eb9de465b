package io.ponix.cli;

import io.ponix.cli.chaos.ChaosCommand;
import io.ponix.cli.command.CelCommand;
import io.ponix.cli.command.DeadLettersCommand;
import io.ponix.cli.command.DownCommand;
import io.ponix.cli.command.FlinkCommand;
import io.ponix.cli.command.IntakeCommand;
import io.ponix.cli.command.KeyCommand;
import io.ponix.cli.command.LogsCommand;
import io.ponix.cli.command.MigrateCommand;
import io.ponix.cli.command.QueryCommand;
import io.ponix.cli.command.RefusedUplinksCommand;
import io.ponix.cli.command.RegistryCommand;
import io.ponix.cli.command.SimulateCommand;
import io.ponix.cli.command.StatusCommand;
import io.ponix.cli.command.UpCommand;
import io.ponix.cli.demo.DemoCommand;
import io.ponix.cli.program.CommandLineProgram;
import io.ponix.cli.resource.DefinitionsCommand;
import io.ponix.cli.resource.DevicesCommand;
import io.ponix.cli.resource.GatewaysCommand;
import io.ponix.cli.resource.HostsCommand;
import io.ponix.cli.resource.OrganizationsCommand;
import io.ponix.cli.resource.SnapshotsCommand;
import io.ponix.cli.resource.Verbs;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The command line {@code ./ponix}. Exit status: 0 done, 1 failed (the message says what to do), 2
 * called wrongly, 130 interrupted.
 */
@Command(
        name = "ponix",
        mixinStandardHelpOptions = true,
        version = "Ponix 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Devices send raw bytes; Ponix makes rows of them that you can query.",
        footer = {
            "",
            "Begin with:  ./ponix demo           the whole pipeline on this machine",
            "Tests:       ./ponix test           every test, against the same stack",
            "Benchmarks:  ./ponix bench          what the pipeline achieves on this machine",
            "Help:        ./ponix COMMAND --help"
        })
public final class PonixCommand implements Callable<Integer> {

    /** By name, in the order of the help. */
    private static final Map<String, Supplier<Object>> SUBCOMMANDS = new LinkedHashMap<>();

    static {
        SUBCOMMANDS.put("up", UpCommand::new);
        SUBCOMMANDS.put("down", DownCommand::new);
        SUBCOMMANDS.put("status", StatusCommand::new);
        SUBCOMMANDS.put("demo", DemoCommand::new);
        SUBCOMMANDS.put("chaos", ChaosCommand::new);
        SUBCOMMANDS.put("simulate", SimulateCommand::new);
        SUBCOMMANDS.put("query", QueryCommand::new);
        SUBCOMMANDS.put("dead-letters", DeadLettersCommand::new);
        SUBCOMMANDS.put("refused-uplinks", RefusedUplinksCommand::new);
        SUBCOMMANDS.put("cel", CelCommand::new);
        SUBCOMMANDS.put("intake", IntakeCommand::new);
        SUBCOMMANDS.put("logs", LogsCommand::new);
        // Flink's arguments reach it as they were written, options too.
        SUBCOMMANDS.put(
                "flink", () -> new CommandLine(new FlinkCommand()).setStopAtPositional(true));
        SUBCOMMANDS.put("organizations", () -> Verbs.inOrder(new OrganizationsCommand()));
        SUBCOMMANDS.put("devices", () -> Verbs.inOrder(new DevicesCommand()));
        SUBCOMMANDS.put("definitions", () -> Verbs.inOrder(new DefinitionsCommand()));
        SUBCOMMANDS.put("gateways", () -> Verbs.inOrder(new GatewaysCommand()));
        SUBCOMMANDS.put("hosts", () -> Verbs.inOrder(new HostsCommand()));
        SUBCOMMANDS.put("snapshots", () -> Verbs.inOrder(new SnapshotsCommand()));
        SUBCOMMANDS.put("key", KeyCommand::new);
        SUBCOMMANDS.put("registry", RegistryCommand::new);
        SUBCOMMANDS.put("migrate", MigrateCommand::new);
        SUBCOMMANDS.put("help", HelpCommand::new);
    }

    @Spec private CommandSpec spec;

    /** Runs a command and ends the JVM with its exit status. */
    public static void main(String[] arguments) {
        CommandLineProgram.run(() -> commandLineFor(arguments), arguments);
    }

    /** The command line with all of its subcommands. */
    static CommandLine commandLine() {
        return commandLine(SUBCOMMANDS.keySet());
    }

    /**
     * The command line for these arguments. To read the declarations of all subcommands takes most
     * of the time of one that is short: the one that is called comes alone.
     */
    static CommandLine commandLineFor(String... arguments) {
        boolean isOne =
                arguments.length > 0
                        && !arguments[0].equals("help")
                        && SUBCOMMANDS.containsKey(arguments[0]);
        return isOne ? commandLine(Set.of(arguments[0])) : commandLine();
    }

    private static CommandLine commandLine(Set<String> subcommands) {
        CommandLine commandLine = new CommandLine(new PonixCommand());
        for (String name : subcommands) {
            commandLine.addSubcommand(name, SUBCOMMANDS.get(name).get());
        }
        return CommandLineProgram.prepare(commandLine);
    }

    @Override
    public Integer call() {
        PrintWriter errors = spec.commandLine().getErr();
        errors.println("ponix: a command is missing");
        spec.commandLine().usage(errors);
        return spec.exitCodeOnInvalidInput();
    }
}
