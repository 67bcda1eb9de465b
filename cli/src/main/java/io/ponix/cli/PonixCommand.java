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
import java.util.concurrent.Callable;
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

    @Spec private CommandSpec spec;

    /** Runs a command and ends the JVM with its exit status. */
    public static void main(String[] arguments) {
        CommandLineProgram.run(PonixCommand::commandLine, arguments);
    }

    /** The command line with its subcommands. */
    static CommandLine commandLine() {
        // Flink's arguments reach it as they were written, options too.
        CommandLine flink = new CommandLine(new FlinkCommand()).setStopAtPositional(true);
        return CommandLineProgram.prepare(
                new CommandLine(new PonixCommand())
                        .addSubcommand(new UpCommand())
                        .addSubcommand(new DownCommand())
                        .addSubcommand(new StatusCommand())
                        .addSubcommand(new DemoCommand())
                        .addSubcommand(new ChaosCommand())
                        .addSubcommand(new SimulateCommand())
                        .addSubcommand(new QueryCommand())
                        .addSubcommand(new DeadLettersCommand())
                        .addSubcommand(new RefusedUplinksCommand())
                        .addSubcommand(new CelCommand())
                        .addSubcommand(new IntakeCommand())
                        .addSubcommand(new LogsCommand())
                        .addSubcommand(flink)
                        .addSubcommand(Verbs.inOrder(new OrganizationsCommand()))
                        .addSubcommand(Verbs.inOrder(new DevicesCommand()))
                        .addSubcommand(Verbs.inOrder(new DefinitionsCommand()))
                        .addSubcommand(Verbs.inOrder(new GatewaysCommand()))
                        .addSubcommand(Verbs.inOrder(new HostsCommand()))
                        .addSubcommand(Verbs.inOrder(new SnapshotsCommand()))
                        .addSubcommand(new KeyCommand())
                        .addSubcommand(new RegistryCommand())
                        .addSubcommand(new MigrateCommand())
                        .addSubcommand(new HelpCommand()));
    }

    @Override
    public Integer call() {
        PrintWriter errors = spec.commandLine().getErr();
        errors.println("ponix: a command is missing");
        spec.commandLine().usage(errors);
        return spec.exitCodeOnInvalidInput();
    }
}
