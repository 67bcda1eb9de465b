package io.ponix.cli.command;

import io.ponix.cli.program.AtInterrupt;
import io.ponix.cli.program.CommandEnvironment;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.JobCatalog;
import io.ponix.cli.stack.KnownJob;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackJobs;
import io.ponix.cli.stack.StackServer;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.environment.UnreadVariables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix flink}: Flink's own command line against the stack's cluster. */
@Command(
        name = "flink",
        description = {
            "Run Flink's own command line against the stack's cluster.",
            "It has the stack's PONIX_* environment. Left out, the job's id (savepoint, stop, cancel) is that of the running"
                    + " job that --job names, and the jar (run) is its jar. --home and --job go before Flink's own arguments."
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix flink list",
            "  ./ponix flink savepoint",
            "  ./ponix flink cancel",
            "  ./ponix flink run -d -s SAVEPOINT",
            "  ./ponix flink run -d --take-over",
            "  ./ponix flink run -d --allowed-age 7d",
            "  ./ponix flink --job my-job.jar run -d"
        })
public final class FlinkCommand implements Callable<Integer> {

    @Mixin private HomeOption home;

    @Option(
            names = "--job",
            paramLabel = "JOB",
            description =
                    "Which job, by its name or by its jar, for run, savepoint, stop and cancel. Default: "
                            + JobCatalog.ENVELOPE_PIPELINE
                            + ".")
    private String jobReference;

    @Parameters(
            paramLabel = "ARGUMENT",
            arity = "0..*",
            description = "As Flink's bin/flink takes them.")
    private List<String> arguments = new ArrayList<>();

    // try: what it does at Ctrl-C needs no reference.
    @SuppressWarnings("try")
    @Override
    public Integer call() {
        if (jobReference != null) {
            requireUseOfJob();
        }
        StackAddresses addresses = home.addresses(needed());
        List<String> completed = completed(addresses);
        StackJobs jobs = new StackJobs(home.runningDirectory(), JobCatalog.ofThisCheckout());
        try (AtInterrupt atInterrupt =
                AtInterrupt.say(
                        "what reached the cluster by then goes on: ./ponix flink list shows the"
                                + " jobs")) {
            int status =
                    EmbeddedFlinkCluster.builder()
                            .home(home.runningDirectory())
                            .build()
                            .flinkOnTerminal(environment(addresses, jobs), completed);
            if (status == 0 && isRunWithoutJar()) {
                jobs.add(job());
            }
            return status;
        }
    }

    private static Map<String, String> environment(StackAddresses addresses, StackJobs jobs) {
        Map<String, String> environment = new HashMap<>(addresses.environment());
        environment.putAll(jobs.environment(CommandEnvironment.variables()));
        // Told by this command already; an empty one counts as not set.
        UnreadVariables.unread(System.getenv()).forEach(name -> environment.put(name, ""));
        return environment;
    }

    private void requireUseOfJob() {
        boolean used =
                asksForHelp()
                        || isRunWithoutJar()
                        || Set.of("savepoint", "stop", "cancel").contains(arguments.get(0));
        if (!used) {
            throw CommandException.calledWrongly(
                    arguments.get(0).equals("run")
                            ? "--job and a jar: which of them is meant?"
                            : "--job goes with run, savepoint, stop and cancel, not with "
                                    + arguments.get(0));
        }
    }

    private KnownJob job() {
        return JobCatalog.ofThisCheckout()
                .find(jobReference == null ? JobCatalog.ENVELOPE_PIPELINE : jobReference);
    }

    /** What has to answer, so that Flink's client does not wait for it and end in a stack trace. */
    private StackServer[] needed() {
        if (asksForHelp()) {
            return new StackServer[0];
        }
        List<StackServer> needed =
                new ArrayList<>(List.of(StackServer.ZOOKEEPER, StackServer.JOB_MANAGER));
        if (isRunWithoutJar()) {
            needed.addAll(List.of(StackServer.NATS, StackServer.POSTGRES, StackServer.CLICKHOUSE));
        } else if (asksForSavepoint()) {
            // A batch that cannot be inserted holds a checkpoint up, and a savepoint is one.
            needed.add(StackServer.CLICKHOUSE);
        }
        return needed.toArray(StackServer[]::new);
    }

    private boolean asksForHelp() {
        return arguments.isEmpty() || arguments.contains("-h") || arguments.contains("--help");
    }

    private boolean asksForSavepoint() {
        return (arguments.get(0).equals("savepoint") || arguments.get(0).equals("stop"))
                && !asksForDisposal();
    }

    private boolean asksForDisposal() {
        // For "stop" the short option drains.
        return arguments.get(0).equals("savepoint")
                && (arguments.contains("-d") || arguments.contains("--dispose"));
    }

    private boolean isRunWithoutJar() {
        return arguments.get(0).equals("run")
                && arguments.stream().noneMatch(argument -> argument.endsWith(".jar"));
    }

    /** The arguments with what a person may leave out. */
    private List<String> completed(StackAddresses addresses) {
        List<String> completed = new ArrayList<>(arguments);
        if (asksForHelp()) {
            return completed;
        }
        switch (arguments.get(0)) {
            case "run" -> {
                SavepointArgument.complete(completed, home.runningDirectory());
                tellOfMissingSlots(addresses);
                if (isRunWithoutJar()) {
                    List<String> own = OwnArguments.takeFrom(completed);
                    completed.addAll(job().asProgram());
                    completed.addAll(own);
                }
            }
            case "savepoint", "stop", "cancel" -> {
                if (!asksForDisposal()) {
                    JobArguments.complete(completed, () -> runningJob(addresses));
                }
            }
            default -> {
                // As it stands.
            }
        }
        return completed;
    }

    private void tellOfMissingSlots(StackAddresses addresses) {
        ParallelismArgument.of(arguments)
                .ifPresent(
                        parallelism ->
                                ParallelismArgument.problem(
                                                parallelism,
                                                new FlinkRest(addresses.dashboardUrl()).slots())
                                        .ifPresent(
                                                problem ->
                                                        System.err.println("ponix: " + problem)));
    }

    private String runningJob(StackAddresses addresses) {
        KnownJob job = job();
        FlinkRest.Job running =
                new FlinkRest(addresses.dashboardUrl())
                        .activeJob(job.name())
                        .orElseThrow(
                                () ->
                                        new CommandException(
                                                job.id()
                                                        + " is not running; ./ponix flink list shows the jobs"));
        if (asksForSavepoint()) {
            requireAllTasks(running);
        }
        return running.id();
    }

    private static void requireAllTasks(FlinkRest.Job job) {
        if (!job.isFullyRunning()) {
            throw new CommandException(
                    "the job is "
                            + job.state()
                            + " with "
                            + job.runningTasks()
                            + " of "
                            + job.totalTasks()
                            + " tasks running; a savepoint needs all of them: ./ponix status tells what is stopped");
        }
    }
}
