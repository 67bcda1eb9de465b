package io.ponix.cli.chaos;

import io.ponix.cli.program.AtInterrupt;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.OptionRange;
import io.ponix.cli.simulation.Way;
import io.ponix.cli.stack.JobCatalog;
import io.ponix.cli.stack.KnownJob;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackLock;
import io.ponix.cli.stack.StackSettings;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.SmallDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ponix chaos}: breaks a running pipeline in every way, and accounts for each envelope. */
@Command(
        name = "chaos",
        description = {
            "Break a running pipeline in every way, and account for every envelope.",
            "A stack of its own is under a steady load; its parts are killed, stopped and frozen,"
                    + " its networks cut, its disks full, the job rescaled, devices changed and"
                    + " deleted, poison sent. Then it waits for quiet and accounts for every envelope:"
                    + " each must be a row or a dead letter, once. And the registry must be what its"
                    + " history adds up to, and every version of a device what it was.",
            "Exit status 1 when one was lost or doubled, ended as something else than it should, or"
                    + " when the job did not come back by itself. A stack of yours is not touched: this"
                    + " one has its own folder and free ports, and is stopped at the end, at Ctrl-C"
                    + " too. Its folder stays where the account does not balance."
        },
        footer = {
            "",
            "Faults:",
            "  {kill,stop,freeze}-PART: kill -9, kill -15 and 20 s of SIGSTOP; PART is"
                    + " taskmanager, jobmanager, flink (both at once), zookeeper, nats, postgres,"
                    + " clickhouse, device-service, bridge (with --via mqtt and http) or mqtt (the"
                    + " MQTT broker, with --via mqtt).",
            "  kill-clickhouse-within-envelope, kill-taskmanager-within-envelope: kill -9 at a moment"
                    + " at which an envelope whose rows are of 36 months is seen stored in part; the"
                    + " report says how often one was.",
            "  kill-postgres-within-changes, kill-device-service-within-changes: kill -9 while devices"
                    + " are updated and restored, and their versions looked at.",
            "  {reset,stall,delay}-network-SERVER: between the job and it connections are reset"
                    + " eight times, no byte passes for 20 s, or each takes 200 ms longer each way"
                    + " for 15 s; SERVER is nats, postgres or clickhouse.",
            "  fill-disk-nats, fill-disk-postgres, fill-disk-clickhouse: the disk full for 20 s;"
                    + " the server's data is moved to a small one for that. Left out where a user may"
                    + " not mount one (user namespaces).",
            "  busy-disk: 20 s in which others keep the disk busy; whoever syncs waits.",
            "  rescale: a savepoint, and on at another parallelism.",
            "  rewind-stream: NATS goes back to a copy of its folder, some seconds old. Only with"
                    + " --via nats.",
            "  second-submission: refused; then a replacement, or two at once from a savepoint.",
            "  bad-savepoint: submissions that cannot start, then kill -9 of the JobManager.",
            "  update-devices, restore-devices, restore-snapshot (of all devices, after updates),"
                    + " delete-devices (others take their place), poison,"
                    + " fill-dead-letters (their stream has no room for 16 s of poison).",
            "  many-months: one device sends a reading of each of 600 months. Not with --via mqtt.",
            "Each has its turn once, in the order that the seed gives, then they come at random;"
                    + " one in four does not wait for the recovery from the last.",
            "",
            "Examples:",
            "  ./ponix chaos --minutes 15",
            "  ./ponix chaos --minutes 2 --seed 7 --fault kill-nats --fault freeze-clickhouse",
            "  ./ponix chaos --minutes 2 --via mqtt --fault kill-bridge --fault kill-mqtt"
        })
public final class ChaosCommand implements Callable<Integer> {

    private static final int TASK_SLOTS = 4;
    private static final int FIRST_PARALLELISM = 2;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "5",
            description =
                    "How long new faults come; the account takes a minute or two more. Default:"
                            + " ${DEFAULT-VALUE}.")
    private double minutes;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description =
                    "The same seed gives the same order of faults. Default: a random one; it is"
                            + " printed.")
    private Long seed;

    @Option(
            names = "--fault",
            paramLabel = "NAME",
            description =
                    "Only this fault; may be given several times, and each comes once at least."
                            + " Default: all that --via has.")
    private List<String> faults = new ArrayList<>();

    @Option(
            names = "--via",
            paramLabel = "nats|mqtt|http",
            defaultValue = "nats",
            description = {
                "nats: the load goes to the stream.",
                "mqtt: it goes to an MQTT broker, mosquitto, from which a bridge takes it, and what"
                        + " that acknowledged counts as published. Mosquitto acknowledges before it has"
                        + " saved a message, and forgets up to two seconds of them when it is killed;"
                        + " so whenever the connection was lost the load publishes again, under the"
                        + " same message-id, what was acknowledged in the 10 s before.",
                "http: it is posted to a bridge. What that answered 202 counts as published, and"
                        + " what it did not answer, or answered 429 or 503, is posted again under the"
                        + " same Idempotency-Key.",
                "Default: ${DEFAULT-VALUE}."
            })
    private Way way;

    @Option(
            names = "--secure",
            description =
                    "The stack is one of ./ponix up --secure: TLS, a user for each program, keys.")
    private boolean secure;

    @Option(
            names = "--job",
            paramLabel = "JOB",
            description =
                    "A job to run beside the pipeline, by its name or by its jar, which is to come"
                            + " back by itself too; may be given several times. Default: none.")
    private List<String> jobs = new ArrayList<>();

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "200",
            description = "Envelopes a second. Default: ${DEFAULT-VALUE}.")
    private double rate;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "40",
            description = "How many devices send. Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "90",
            description =
                    "How long nothing may arrive before what is missing counts as lost. Default:"
                            + " ${DEFAULT-VALUE}.")
    private long patienceSeconds;

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = {
                "The folder of this run's stack, empty or of an earlier run, which is deleted.",
                "Default: .ponix/chaos in the checkout."
            })
    private Path home;

    @Override
    public Integer call() throws Exception {
        OptionRange.check("--minutes", minutes, 0.01, Duration.ofDays(30).toMinutes());
        OptionRange.check("--rate", rate, 0.01, 1_000_000);
        OptionRange.check("--devices", devices, 1, 1_000_000);
        OptionRange.check("--patience", patienceSeconds, 1, Duration.ofDays(1).toSeconds());
        List<Fault> chosen = Fault.named(faults, way);
        List<KnownJob> others =
                jobs.isEmpty() ? List.of() : JobCatalog.ofThisCheckout().findAll(jobs);
        if (others.stream().anyMatch(KnownJob::isEnvelopePipeline)) {
            throw CommandException.calledWrongly(
                    "--job " + JobCatalog.ENVELOPE_PIPELINE + ": it runs in any case");
        }
        Path folder =
                (home == null ? Path.of(System.getProperty("ponix.root"), ".ponix", "chaos") : home)
                        .toAbsolutePath()
                        .normalize();
        return StackLock.holding(folder, () -> run(folder, chosen, others));
    }

    // try: what it does at Ctrl-C needs no reference.
    @SuppressWarnings("try")
    private int run(Path folder, List<Fault> chosen, List<KnownJob> others) {
        ChaosSettings settings =
                new ChaosSettings(
                        folder,
                        way,
                        seed != null ? seed : ThreadLocalRandom.current().nextInt(1, 1_000_000),
                        Duration.ofMillis(Math.round(minutes * 60_000)),
                        !faults.isEmpty(),
                        rate,
                        devices,
                        Duration.ofSeconds(patienceSeconds));
        ChaosHome.prepare(folder);
        Optional<String> noSmallDisks =
                chosen.stream().anyMatch(DiskFault.class::isInstance)
                        ? SmallDisk.unavailable(folder.resolve("small-disk"))
                        : Optional.empty();
        List<Fault> possible =
                chosen.stream()
                        .filter(fault -> noSmallDisks.isEmpty() || !(fault instanceof DiskFault))
                        .toList();
        if (possible.isEmpty()) {
            throw new CommandException("no disk can be full here. " + noSmallDisks.orElseThrow());
        }
        // Servers elsewhere, which the environment may name, cannot be killed from here.
        StackSettings plain =
                StackSettings.resolve(
                        folder, Map.of(), new StackSettings.Ports(0, 0, 0, 0, 0, 0, 0, 0), 1);
        StackSettings stackSettings = secure ? plain.asSecured() : plain;
        try (AtInterrupt atInterrupt =
                        AtInterrupt.say(
                                "its stack ends with it, its data and logs are in " + folder);
                ProgressLine progress = new ProgressLine()) {
            progress.note(
                    "seed %d, %.1f minutes, %,.0f envelopes a second"
                            .formatted(settings.seed(), minutes, rate));
            noSmallDisks.ifPresent(
                    reason ->
                            progress.note(
                                    "no disk will be full: the faults are left out. " + reason));
            LocalStack stack =
                    LocalStack.temporary(
                            stackSettings,
                            way != Way.nats,
                            Map.of(
                                    "taskmanager.numberOfTaskSlots",
                                    Integer.toString(
                                            TASK_SLOTS + others.size() * FIRST_PARALLELISM)),
                            progress::note);
            StackAddresses addresses = stack.startServers();
            boolean good = false;
            try (StackNetwork network = new StackNetwork(addresses)) {
                List<KnownJob> all = new ArrayList<>(stack.jobs());
                all.addAll(others);
                stack.startJobs(all, network.addresses());
                ChaosStack disturbed =
                        new ChaosStack(
                                stack,
                                network,
                                others,
                                FIRST_PARALLELISM,
                                TASK_SLOTS,
                                note -> progress.note("       " + note));
                ChaosReport report =
                        new ChaosRun(
                                        addresses,
                                        disturbed,
                                        new Schedule(possible, settings.seed()),
                                        settings,
                                        progress)
                                .run();
                report.print(System.out);
                good = report.isGood();
            } finally {
                stack.processes().parallelStream().forEach(EmbeddedProcess::kill);
                if (!good) {
                    progress.note("its data and logs are in " + folder);
                }
            }
            if (good) {
                stack.deleteData();
            }
            return good ? 0 : 1;
        }
    }
}
