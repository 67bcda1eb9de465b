package io.ponix.cli.stack;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.flink.FlinkCommandResult;
import io.ponix.embedded.process.EmbeddedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A job on the stack's Flink cluster: submitted by {@code flink run}, from where it stopped last.
 * What was killed comes back by itself: Flink's high availability knows the job until it is stopped
 * or cancelled, and only then is it submitted again.
 */
public final class StackJob {

    private static final Duration START_TIMEOUT = Duration.ofSeconds(120);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

    private final KnownJob job;
    private final StackAddresses addresses;
    private final EmbeddedFlinkCluster cluster;
    private final FlinkRest rest;
    private final Map<String, String> environment;
    private final Consumer<String> progress;

    /**
     * @param environment with which the job is submitted
     */
    StackJob(
            KnownJob job,
            StackAddresses addresses,
            EmbeddedFlinkCluster cluster,
            Map<String, String> environment,
            Consumer<String> progress) {
        this.job = job;
        this.addresses = addresses;
        this.cluster = cluster;
        this.rest = new FlinkRest(addresses.dashboardUrl());
        this.environment = environment;
        this.progress = progress;
    }

    /** What it is called, and where its jar is. */
    public KnownJob job() {
        return job;
    }

    /** Every one of its kind that is active, where it was submitted more than once. */
    public List<FlinkRest.Job> allActive() {
        return rest.jobs(job.name()).stream().filter(FlinkRest.Job::isActive).toList();
    }

    /** The job as the cluster knows it, where it is active. */
    public Optional<FlinkRest.Job> active() {
        return rest.activeJob(job.name());
    }

    /**
     * Submits the job unless it is active, and returns when all its tasks run. Active is also the
     * job that a restarted JobManager has taken up again.
     *
     * @throws CommandException where it cannot run, or misses a stream: those are created when it
     *     is submitted
     */
    public void ensureRunning() {
        if (activeOnceThereIsALeader().isEmpty()) {
            submit(newestSnapshot(), OptionalInt.empty());
        } else if (job.isEnvelopePipeline()) {
            requireStreams();
        }
        awaitRunning();
    }

    /**
     * Stops the job with a savepoint, and submits it again from there at another parallelism;
     * returns when all its tasks run.
     *
     * @throws CommandException when it does not run, when the savepoint fails, or when it does not
     *     start again
     */
    public void rescale(int parallelism) {
        FlinkRest.Job running = requireActive();
        Path savepoint = Path.of(URI.create(rest.stopWithSavepoint(running.id(), STOP_TIMEOUT)));
        submit(Optional.of(savepoint), OptionalInt.of(parallelism));
        awaitRunning();
    }

    /**
     * Stops the job with a savepoint. Where that fails, as for a job that cannot start, it is left
     * as it is: its retained checkpoint is what it goes on from.
     */
    void stopWithSavepoint() {
        Optional<FlinkRest.Job> active = active();
        if (active.isEmpty()) {
            return;
        }
        progress.accept("stopping " + title() + " with a savepoint");
        try {
            awaitTasksOfAStart(active.get());
            String savepoint = rest.stopWithSavepoint(active.get().id(), STOP_TIMEOUT);
            progress.accept("savepoint " + savepoint);
        } catch (CommandException e) {
            progress.accept(
                    "no savepoint ("
                            + e.getMessage()
                            + "); "
                            + title()
                            + " will go on from its latest checkpoint");
        }
    }

    /**
     * Stops the job, where it runs, with a savepoint from which it goes on otherwise.
     *
     * @param why for a person
     * @throws CommandException where it runs still
     */
    void stopToBeginAnew(String why) {
        if (active().isEmpty()) {
            return;
        }
        progress.accept(title() + " begins anew: " + why);
        stopWithSavepoint();
        if (active().isPresent()) {
            throw new CommandException(
                    title()
                            + " could not be stopped to begin anew ("
                            + why
                            + "): ./ponix flink cancel, and then ./ponix up again");
        }
    }

    /**
     * Right after its submission the tasks of a job are still being started, and Flink refuses a
     * savepoint until all of them run. Of a job that has failed nobody knows when they will.
     */
    private void awaitTasksOfAStart(FlinkRest.Job started) {
        long deadline = System.nanoTime() + STOP_TIMEOUT.toNanos();
        Optional<FlinkRest.Job> current = Optional.of(started);
        while (current.isPresent()
                && !current.get().isFullyRunning()
                && rest.latestFailure(started.id()).isEmpty()
                && cluster.processes().stream().allMatch(EmbeddedProcess::isRunning)
                && System.nanoTime() < deadline) {
            Polling.pause();
            current =
                    rest.jobs().stream()
                            .filter(known -> known.id().equals(started.id()) && known.isActive())
                            .findFirst();
        }
    }

    /**
     * Submits the job, whatever comes of it.
     *
     * @param options of {@code flink run}
     * @param jobArguments of the job
     * @return what Flink's client said
     */
    public FlinkCommandResult trySubmit(List<String> options, String... jobArguments) {
        List<String> arguments = new ArrayList<>(List.of("run", "-d"));
        arguments.addAll(options);
        arguments.addAll(job.asProgram());
        arguments.addAll(List.of(jobArguments));
        return cluster.flink(environment, arguments.toArray(String[]::new));
    }

    /**
     * Stops the job with a savepoint, and submits it twice at the same moment from there.
     *
     * @return what Flink's client said of each
     */
    public List<FlinkCommandResult> resumeTwice() {
        String savepoint = rest.stopWithSavepoint(requireActive().id(), STOP_TIMEOUT);
        return IntStream.range(0, 2)
                .mapToObj(
                        number ->
                                CompletableFuture.supplyAsync(
                                        () -> trySubmit(List.of("-p", "1", "-s", savepoint))))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();
    }

    /** Of a NATS server that has lost its data, or whose streams somebody has deleted. */
    @SuppressWarnings("try") // Closing a connection may be interrupted, like all of this.
    private void requireStreams() {
        PipelineNames names = addresses.names();
        try (Connection nats = NatsConnection.open(addresses.nats(), "up")) {
            List<String> streams = nats.jetStreamManagement().getStreamNames();
            if (!streams.contains(names.rawStream())) {
                // Under the running job it would be taken for one that somebody made anew.
                throw new CommandException(
                        "the running job misses the stream "
                                + names.rawStream()
                                + ", and envelopes cannot be stored: NATS has lost its data, or it"
                                + " was deleted. ./ponix flink cancel, and then"
                                + " PONIX_NATS_RECREATED_STREAM=start-over ./ponix up, make it anew");
            }
            if (!streams.contains(names.deadLettersStream())) {
                throw new CommandException(
                        "the running job misses the stream "
                                + names.deadLettersStream()
                                + ", and dead letters wait in it. ./ponix flink stop, and then"
                                + " ./ponix up, make it anew");
            }
        } catch (IOException | JetStreamApiException e) {
            throw new CommandException("NATS does not list its streams: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private void submit(Optional<Path> snapshot, OptionalInt parallelism) {
        List<String> options = new ArrayList<>();
        parallelism.ifPresent(
                instances -> options.addAll(List.of("-p", Integer.toString(instances))));
        snapshot.ifPresent(
                path -> options.addAll(List.of("-s", EmbeddedFlinkCluster.location(path))));
        progress.accept(
                "submitting "
                        + title()
                        + snapshot.map(path -> " from " + path.getFileName()).orElse(""));
        FlinkCommandResult result = trySubmit(options);
        if (result.exitCode() != 0) {
            throw new CommandException(
                    "flink run ended with status "
                            + result.exitCode()
                            + "\n"
                            + result.withoutStackFrames().strip());
        }
    }

    private void awaitRunning() {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (true) {
            Optional<FlinkRest.Job> active = activeOnceThereIsALeader();
            if (active.isPresent() && active.get().isFullyRunning()) {
                return;
            }
            if (active.isEmpty() || System.nanoTime() > deadline) {
                String failure =
                        rest.jobs(job.name()).stream()
                                .findFirst()
                                .flatMap(known -> rest.latestFailure(known.id()))
                                .orElse("no failure is recorded");
                throw new CommandException(
                        title()
                                + " does not run: "
                                + failure
                                + "; see "
                                + addresses.dashboardUrl()
                                + " and ./ponix logs");
            }
            Polling.pause();
        }
    }

    /**
     * Right after ZooKeeper or the JobManager was started nobody leads the cluster for a moment,
     * and a suspended job is about to be active again: another one would be a second.
     */
    private Optional<FlinkRest.Job> activeOnceThereIsALeader() {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (true) {
            try {
                List<FlinkRest.Job> known = rest.jobs(job.name());
                Optional<FlinkRest.Job> active =
                        known.stream().filter(FlinkRest.Job::isActive).findFirst();
                if (active.isPresent()
                        || known.stream().noneMatch(FlinkRest.Job::isSuspended)
                        || System.nanoTime() > deadline) {
                    return active;
                }
            } catch (FlinkRest.NoLeaderException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
            Polling.pause();
        }
    }

    /**
     * The newest complete savepoint or retained checkpoint of the job in the stack's home. A job
     * started from nothing would read the stream from its beginning, and double every row.
     */
    public Optional<Path> newestSnapshot() {
        return Stream.of(cluster.checkpointFolder(), cluster.savepointFolder())
                .flatMap(StackJob::metadataFiles)
                .sorted(
                        Comparator.comparingLong((Path file) -> file.toFile().lastModified())
                                .reversed())
                .filter(this::isOfTheJob)
                .findFirst()
                .map(Path::getParent);
    }

    private boolean isOfTheJob(Path metadata) {
        try {
            return job.descriptor().isNamedIn(Files.readAllBytes(metadata));
        } catch (NoSuchFileException subsumed) {
            // By the next checkpoint of a job that runs.
            return false;
        } catch (IOException e) {
            throw new CommandException("cannot read " + metadata + ": " + FileProblem.of(e), e);
        }
    }

    private FlinkRest.Job requireActive() {
        return active().orElseThrow(() -> new CommandException(title() + " does not run"));
    }

    /** In a sentence. */
    private String title() {
        return job.isEnvelopePipeline() ? "the job" : "the job " + job.id();
    }

    private static Stream<Path> metadataFiles(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Stream.empty();
        }
        try (Stream<Path> files =
                Files.find(folder, 3, (file, attributes) -> file.endsWith("_metadata"))) {
            return files.toList().stream();
        } catch (IOException | UncheckedIOException e) {
            throw new CommandException(
                    "cannot look for checkpoints in " + folder + ": " + FileProblem.of(e), e);
        }
    }
}
