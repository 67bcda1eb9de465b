package io.ponix.cli.command;

import io.ponix.cli.CommandException;
import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.PipelineJob;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.embedded.EmbeddedFlinkCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ponix flink}: Flink's own command line against the stack's cluster. */
@Command(
        name = "flink",
        description = {
            "Flink's own command line, against the stack's cluster and with the stack's PONIX_* environment.",
            "Left out, the job's id (savepoint, stop, cancel) is the running pipeline's and the jar (run) is the pipeline's.",
            "--home goes before Flink's own arguments."
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix flink list",
            "  ./ponix flink savepoint",
            "  ./ponix flink cancel",
            "  ./ponix flink run -d -s SAVEPOINT"
        })
public final class FlinkCommand implements Callable<Integer> {

    @Mixin private HomeOption home;

    @Parameters(
            paramLabel = "ARGUMENT",
            arity = "0..*",
            description = "As Flink's bin/flink takes them.")
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() {
        StackAddresses addresses = home.addresses();
        return EmbeddedFlinkCluster.builder()
                .home(home.directory())
                .build()
                .flinkOnTerminal(addresses.environment(), completed(addresses));
    }

    /** The arguments with what a person may leave out where there is one pipeline. */
    private List<String> completed(StackAddresses addresses) {
        List<String> completed = new ArrayList<>(arguments);
        if (arguments.isEmpty() || arguments.contains("-h") || arguments.contains("--help")) {
            return completed;
        }
        switch (arguments.get(0)) {
            case "run" -> {
                if (arguments.stream().noneMatch(argument -> argument.endsWith(".jar"))) {
                    completed.add(PipelineJob.jar().toString());
                }
            }
            case "savepoint", "stop", "cancel" -> {
                if (arguments.stream().noneMatch(argument -> argument.matches("[0-9a-f]{32}"))
                        && !arguments.contains("-d")
                        && !arguments.contains("--dispose")) {
                    FlinkRest.Job job =
                            new FlinkRest(addresses.dashboardUrl())
                                    .activeJob(PipelineJob.NAME)
                                    .orElseThrow(
                                            () ->
                                                    new CommandException(
                                                            "the pipeline is not running; ./ponix flink list shows the jobs"));
                    // Flink reads savepoint's arguments by position: job id, then folder.
                    completed.add(
                            arguments.get(0).equals("savepoint") ? 1 : completed.size(), job.id());
                }
            }
            default -> {
                // As it stands.
            }
        }
        return completed;
    }
}
