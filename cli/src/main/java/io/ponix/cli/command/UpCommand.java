package io.ponix.cli.command;

import io.ponix.cli.program.AtInterrupt;
import io.ponix.cli.stack.JobCatalog;
import io.ponix.cli.stack.KnownJob;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackJobs;
import io.ponix.cli.stack.StackLock;
import io.ponix.cli.stack.StackSettings;
import io.ponix.embedded.process.EmbeddedProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix up}: starts the stack and submits the job. */
@Command(
        name = "up",
        description = {
            "Start the whole stack on this machine, and the job.",
            "That is NATS, Postgres, ClickHouse, a Flink cluster, the device service, an MQTT broker (mosquitto) and the bridge;"
                    + " both databases are migrated. What runs already stays as it is, what was killed is started again: a job that was running then comes back by"
                    + " itself, one that was stopped goes on from its latest savepoint or checkpoint."
        },
        footer = {
            "",
            "PONIX_NATS_URL, PONIX_POSTGRES_HOST (with _PORT, _DATABASE, _USERNAME, _PASSWORD) and PONIX_CLICKHOUSE_URL (with"
                    + " _DATABASE, _USERNAME, _PASSWORD) name servers to use in place of the ones started here. FLINK_PROPERTIES"
                    + " has entries of Flink's configuration in place of those of flink-conf/config.yaml, one \"key: value\" a line."
        })
public final class UpCommand implements Callable<Integer> {

    @Mixin private StackOptions options;

    @Option(
            names = "--job",
            paramLabel = "JOB",
            description = {
                "A job to submit, by its name or by its jar; may be given several times.",
                "Default: those of the last start, at first envelope-pipeline."
            })
    private List<String> jobs = new ArrayList<>();

    @Option(
            names = "--sessions",
            description = {
                "The job metered-sessions, too, which assembles what charging stations and the like say of sessions.",
                "The pipeline publishes decoded envelopes for it."
            })
    private boolean sessions;

    @Option(
            names = "--secure",
            description = {
                "As on a network: everything but Flink, its ZooKeeper and the MQTT broker speaks TLS only, with a"
                        + " certificate in the stack's folder, NATS and ClickHouse know each program as a"
                        + " user of its own, and the device service asks for keys. For a new folder, which stays so."
            })
    private boolean secure;

    @Override
    public Integer call() throws Exception {
        JobCatalog catalog = JobCatalog.ofThisCheckout();
        List<KnownJob> chosen = chosen(catalog);
        StackSettings chosenSettings = options.settings(chosen.size());
        StackSettings settings = secure ? chosenSettings.asSecured() : chosenSettings;
        LocalStack stack = new LocalStack(settings, System.err::println);
        StackAddresses addresses =
                StackLock.holding(settings.home(), () -> start(stack, settings, chosen));
        System.out.println();
        addresses.print(System.out);
        System.out.println(
                "\n  ./ponix status · ./ponix simulate · ./ponix query \"SELECT …\" · ./ponix down");
        return 0;
    }

    private List<KnownJob> chosen(JobCatalog catalog) {
        List<KnownJob> chosen =
                new ArrayList<>(
                        jobs.isEmpty()
                                ? new StackJobs(options.settings().home(), catalog).all()
                                : catalog.findAll(jobs));
        if (sessions
                && chosen.stream().noneMatch(job -> job.id().equals(JobCatalog.METERED_SESSIONS))) {
            chosen.add(catalog.find(JobCatalog.METERED_SESSIONS));
        }
        return chosen;
    }

    private static StackAddresses start(
            LocalStack stack, StackSettings settings, List<KnownJob> jobs) {
        // At Ctrl-C and at an error alike: what was started outlives this command.
        AtInterrupt atInterrupt = new AtInterrupt(() -> tellWhatRuns(stack, settings));
        StackAddresses addresses = stack.up(jobs);
        atInterrupt.close();
        return addresses;
    }

    private static void tellWhatRuns(LocalStack stack, StackSettings settings) {
        String running =
                stack.processes().stream()
                        .filter(EmbeddedProcess::isRunning)
                        .map(EmbeddedProcess::name)
                        .collect(Collectors.joining(", "));
        if (!running.isEmpty()) {
            System.err.println(
                    "ponix: the stack is not complete; left running: "
                            + running
                            + "\n  ./ponix up --home "
                            + settings.home()
                            + " goes on, ./ponix down --home "
                            + settings.home()
                            + " stops them");
        }
    }
}
