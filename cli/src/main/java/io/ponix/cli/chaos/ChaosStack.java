package io.ponix.cli.chaos;

import io.ponix.cli.deadletter.DeadLetterReader;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.KnownJob;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackJob;
import io.ponix.cli.stack.StackServer;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.flink.FlinkCommandResult;
import io.ponix.embedded.network.NetworkProxy;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * The stack that a run disturbs: its processes by name, the job, and the supervisor that starts
 * again what does not run.
 */
final class ChaosStack {

    private static final String METADATA = "_metadata";
    private static final int START_ATTEMPTS = 3;
    private static final long ROOM_FOR_LETTERS = 3;
    private static final int LEAST_FORGOTTEN_MILLIS = 2_000;
    private static final int MOST_FORGOTTEN_MILLIS = 8_000;
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final List<String> ONE_INSTANCE = List.of("-p", "1");
    private static final Duration JOB_PATIENCE = Duration.ofSeconds(120);

    private final LocalStack stack;
    private final List<EmbeddedProcess> processes;
    private final StackNetwork network;
    private final FlinkRest flink;
    private final StackJob job;
    private final List<StackJob> others;
    private final Map<String, String> idsOfOthers = new LinkedHashMap<>();
    private final int slots;
    private final Consumer<String> notes;

    private String jobId;
    private int parallelism;
    private final List<String> irregularities = new ArrayList<>();

    /**
     * @param stack all of it up
     * @param network by which the jobs were submitted
     * @param others jobs that run beside the pipeline, and are only to be there always
     * @param parallelism the job's
     * @param slots the highest parallelism there is room for
     * @param notes told what happens that no fault has asked for
     */
    ChaosStack(
            LocalStack stack,
            StackNetwork network,
            List<KnownJob> others,
            int parallelism,
            int slots,
            Consumer<String> notes) {
        this.stack = stack;
        this.processes = stack.processes();
        this.network = network;
        this.flink = new FlinkRest(network.addresses().dashboardUrl());
        this.job = stack.envelopePipeline(network.addresses());
        this.others = others.stream().map(other -> stack.job(other, network.addresses())).toList();
        this.parallelism = parallelism;
        this.slots = slots;
        this.notes = notes;
        // From now on they keep their ports, which the job and the load hold.
        processes.forEach(EmbeddedProcess::start);
        this.jobId = job.active().orElseThrow().id();
        for (StackJob other : this.others) {
            idsOfOthers.put(other.job().id(), other.active().orElseThrow().id());
        }
    }

    EmbeddedProcess process(String name) {
        return processes.stream()
                .filter(process -> process.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    NetworkProxy networkTo(StackServer server) {
        return network.to(server);
    }

    /**
     * Starts what does not run.
     *
     * @throws EmbeddedProcessException when something does not start at the third attempt either
     */
    void startWhatIsDown() {
        for (int attempt = 1; ; attempt++) {
            try {
                // The parts of Flink need each other to start.
                if (!stack.flink().isRunning()) {
                    stack.flink().start();
                }
                processes.parallelStream()
                        .filter(process -> !process.isRunning())
                        .forEach(EmbeddedProcess::start);
                return;
            } catch (EmbeddedProcessException e) {
                irregular(e.getMessage().lines().findFirst().orElse(""));
                if (attempt == START_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Starts a server that has ended, and one that runs and does not answer for seconds anew. */
    void startUnlessItServes(StackServer server) {
        EmbeddedProcess process = process(server.part());
        long deadline = System.nanoTime() + ANSWERS_WITHIN.toNanos();
        while (process.isRunning() && !process.isHealthy()) {
            if (System.nanoTime() > deadline) {
                notes.accept(process.title() + " does not answer: starting it again");
                process.stop();
            } else {
                pause(POLL);
            }
        }
        startWhatIsDown();
    }

    /** Starts what has ended without a fault's having asked for it, and notes what that was. */
    void superviseUnasked() {
        for (EmbeddedProcess process : processes) {
            if (!process.isRunning()) {
                notes.accept(process.title() + " had ended by itself: starting it again");
            }
        }
        startWhatIsDown();
    }

    /**
     * Whether every task of the job runs, under the id that it had.
     *
     * @return false too while the JobManager does not answer
     */
    boolean isJobRunning() {
        try {
            Optional<FlinkRest.Job> active = job.active();
            return active.isPresent() && active.get().isFullyRunning();
        } catch (CommandException notNow) {
            return false;
        }
    }

    /** Notes it where the job that runs is not the one that should. */
    void checkJob() {
        try {
            Optional<FlinkRest.Job> active = job.active();
            if (active.isEmpty()) {
                irregular("the job " + jobId + " is gone; submitting it from its last snapshot");
                job.ensureRunning();
                jobId = job.active().orElseThrow().id();
            } else if (!active.get().id().equals(jobId)) {
                irregular("the job " + jobId + " came back as " + active.get().id());
                jobId = active.get().id();
            }
            others.forEach(this::checkOther);
        } catch (CommandException notNow) {
            notes.accept(notNow.getMessage());
        }
    }

    private void checkOther(StackJob other) {
        String title = "the job " + other.job().id();
        Optional<FlinkRest.Job> active = other.active();
        if (active.isEmpty()) {
            irregular(title + " is gone; submitting it from its last snapshot");
            other.ensureRunning();
            active = other.active();
        }
        String id = active.orElseThrow().id();
        String before = idsOfOthers.put(other.job().id(), id);
        if (!id.equals(before)) {
            irregular(title + " was " + before + " and is " + id);
        }
    }

    /** Stops the job with a savepoint, once it runs, and resumes it with another parallelism. */
    void rescale(SplittableRandom random) {
        int next = 1 + random.nextInt(slots - 1);
        parallelism = next >= parallelism ? next + 1 : next;
        long deadline = System.nanoTime() + JOB_PATIENCE.toNanos();
        while (true) {
            try {
                job.rescale(parallelism);
                jobId = job.active().orElseThrow().id();
                return;
            } catch (CommandException e) {
                // As while its tasks restart after the fault before this.
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                resubmitIfStopped();
                pause(POLL);
            }
        }
    }

    /**
     * Submits the job once more from savepoints that are none, and as it cannot start. What the
     * JobManager notes of the last is nothing that its successor could start from.
     */
    void submitInVain() {
        for (List<String> options :
                List.of(
                        List.of("-s", "/nope"),
                        List.of("-s", EmbeddedFlinkCluster.location(damagedSavepoint())),
                        List.of("-D", "state.backend.type=no.such.StateBackend"))) {
            if (job.trySubmit(options).exitCode() == 0) {
                irregular("a submission with " + String.join(" ", options) + " was accepted");
            }
        }
    }

    /** The first half of the job's newest one. */
    private Path damagedSavepoint() {
        Path folder = stack.flink().savepointFolder().resolveSibling("damaged-savepoint");
        try {
            byte[] whole = Files.readAllBytes(job.newestSnapshot().orElseThrow().resolve(METADATA));
            Files.write(
                    Files.createDirectories(folder).resolve(METADATA),
                    Arrays.copyOf(whole, whole.length / 2));
            return folder;
        } catch (IOException e) {
            throw new CommandException("cannot damage a savepoint: " + FileProblem.of(e), e);
        }
    }

    /**
     * Submits the job once more, which must be refused; then either so that it replaces the one
     * that runs, or twice at the same moment from a savepoint. One job is left.
     */
    void submitAgain(SplittableRandom random) {
        awaitJobRunning();
        FlinkCommandResult second = job.trySubmit(ONE_INSTANCE);
        if (second.exitCode() == 0 || !second.output().contains(jobId)) {
            irregular(
                    "a second submission was not refused by the name of job "
                            + jobId
                            + ": "
                            + second.output().strip());
        }
        if (random.nextBoolean()) {
            FlinkCommandResult successor = job.trySubmit(ONE_INSTANCE, "--take-over");
            if (successor.exitCode() != 0) {
                irregular("a job could not be replaced: " + successor.output().strip());
            }
        } else {
            List<FlinkCommandResult> twice = job.resumeTwice();
            if (twice.stream().allMatch(submission -> submission.exitCode() != 0)) {
                irregular("both submissions were refused: " + twice.get(0).output().strip());
            }
        }
        parallelism = 1;
        awaitOneActiveJob();
    }

    private void awaitJobRunning() {
        long deadline = System.nanoTime() + JOB_PATIENCE.toNanos();
        while (!isJobRunning()) {
            if (System.nanoTime() > deadline) {
                throw new CommandException("the job does not run");
            }
            pause(POLL);
        }
    }

    /** The others fail by themselves, for good. */
    private void awaitOneActiveJob() {
        long deadline = System.nanoTime() + JOB_PATIENCE.toNanos();
        while (true) {
            List<FlinkRest.Job> active = job.allActive();
            if (active.size() == 1) {
                jobId = active.get(0).id();
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new CommandException(
                        "there are " + active.size() + " active jobs, where there should be one");
            }
            pause(POLL);
        }
    }

    /**
     * Lets NATS go back: its folder is copied, and some seconds of load later that copy is put in
     * its place, as if the server had lost what it had not synced. What it stored in between it
     * does not know any more, and gives its sequences to what is published next.
     */
    void rewindNats(Load load, SplittableRandom random) {
        EmbeddedProcess nats = process("nats");
        Path store = nats.home().resolve("nats").resolve("jetstream");
        Path copy = nats.home().resolve("nats").resolve("jetstream-of-before");
        try {
            nats.kill();
            FileTrees.copy(store, copy);
            load.copied();
            startWhatIsDown();
            pause(Duration.ofMillis(random.nextInt(LEAST_FORGOTTEN_MILLIS, MOST_FORGOTTEN_MILLIS)));
            nats.kill();
            FileTrees.delete(store);
            Files.move(copy, store);
            load.rewound();
        } catch (IOException e) {
            throw new CommandException(
                    "cannot put the folder of NATS back: " + FileProblem.of(e), e);
        }
        startWhatIsDown();
    }

    /** A savepoint may have stopped the job although its answer was lost. */
    private void resubmitIfStopped() {
        try {
            job.ensureRunning();
            jobId = job.active().orElseThrow().id();
        } catch (CommandException notYet) {
            notes.accept(notYet.getMessage());
        }
    }

    /** Envelopes that wait in the job for their devices; empty while tasks do not report it. */
    Optional<Long> parked() {
        try {
            return flink.sumOfMetric(jobId, "parked").stream().boxed().findFirst();
        } catch (CommandException notNow) {
            return Optional.empty();
        }
    }

    /** What happened that should not, whatever the faults. */
    List<String> irregularities() {
        return irregularities;
    }

    void irregular(String what) {
        irregularities.add(what);
        notes.accept(what);
    }

    /** Tells what came of a fault. */
    void note(String what) {
        notes.accept(what);
    }

    /** Leaves the stream of dead letters room for a few more, and gives it back its room then. */
    void whileDeadLettersAreFull(Runnable meanwhile) {
        try (DeadLetterReader letters = new DeadLetterReader(network.addresses())) {
            letters.limit(letters.extent().messages() + ROOM_FOR_LETTERS);
            try {
                meanwhile.run();
            } finally {
                letters.limit(-1);
            }
        }
    }

    /** Lets a while pass. */
    static void pause(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
