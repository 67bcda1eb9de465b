package io.ponix.embedded.flink;

import io.ponix.embedded.process.CommandRunner;
import io.ponix.embedded.process.Concurrently;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.embedded.process.EmbeddedProcessException;
import io.ponix.embedded.zookeeper.EmbeddedZooKeeper;
import io.ponix.environment.SecretFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * A Flink session cluster: a ZooKeeper server, a JobManager with REST interface and dashboard, and
 * TaskManagers, each a process of its own.
 *
 * <p>The configuration is {@code flink-conf/config.yaml} with ports and folders added, written to
 * {@code <home>/flink/conf} by every start of the JobManager; checkpoints are in {@code
 * <home>/flink/checkpoints}, savepoints in {@code <home>/flink/savepoints}.
 *
 * <p>The cluster is highly available in Flink's sense: what was killed is replaced by starting it
 * again, and the jobs come back by themselves, under their ids and from their last checkpoints,
 * whether it was a TaskManager, the JobManager or all of them. Which jobs there are is known to
 * ZooKeeper and to {@code <home>/flink/high-availability}. A JobManager that was killed keeps its
 * leadership for as long as its ZooKeeper session lasts (see {@code flink-conf/config.yaml}); its
 * successor serves when that has ended. A job that was stopped or cancelled, with or without a
 * savepoint, is forgotten.
 */
public final class EmbeddedFlinkCluster implements AutoCloseable {

    private static final String CLIENT = "client";

    private final EmbeddedZooKeeper zooKeeper;
    private final FlinkJobManager jobManager;
    private final List<FlinkTaskManager> taskManagers = new ArrayList<>();

    private EmbeddedFlinkCluster(Builder builder) {
        this.zooKeeper = new EmbeddedZooKeeper(builder);
        this.jobManager = new FlinkJobManager(builder, zooKeeper);
        // One that an earlier start had more than this asks for is stopped with the others.
        for (int number = 1;
                number <= builder.taskManagers
                        || EmbeddedProcess.wasLeft(
                                jobManager.home(), FlinkTaskManager.name(number));
                number++) {
            taskManagers.add(new FlinkTaskManager(builder, jobManager, number));
        }
    }

    /** A builder; {@link Builder#home} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts ZooKeeper, the JobManager and all TaskManagers; returns when the dashboard answers and
     * all are registered. What runs already is left alone.
     *
     * @throws EmbeddedProcessException if one of them cannot be started; the others stay, except
     *     that nothing this has started stays without its JobManager
     */
    public void start() {
        List<EmbeddedProcess> stopped =
                processes().stream().filter(process -> !process.isRunning()).toList();
        // Each needs what the one before it writes when it is launched (the JobManager ZooKeeper's
        // port, the TaskManagers the configuration), but not its being ready: they wait for that by
        // themselves.
        CompletableFuture<Void> zooKeeperLaunched = zooKeeper.whenLaunched();
        CompletableFuture<Void> jobManagerLaunched = jobManager.whenLaunched();
        List<Runnable> starts = new ArrayList<>();
        starts.add(() -> start(zooKeeper, zooKeeperLaunched));
        starts.add(
                () -> {
                    try {
                        zooKeeperLaunched.join();
                        start(jobManager, jobManagerLaunched);
                    } catch (RuntimeException e) {
                        jobManagerLaunched.completeExceptionally(e);
                        taskManagers.stream()
                                .filter(stopped::contains)
                                .forEach(FlinkTaskManager::kill);
                        throw e;
                    }
                });
        for (FlinkTaskManager taskManager : taskManagers) {
            starts.add(
                    () -> {
                        jobManagerLaunched.join();
                        taskManager.start();
                    });
        }
        try {
            Concurrently.run(starts);
        } catch (EmbeddedProcessException e) {
            if (!jobManager.isRunning() && stopped.contains(zooKeeper)) {
                zooKeeper.stop();
            }
            throw e;
        }
    }

    private static void start(EmbeddedProcess process, CompletableFuture<Void> launched) {
        try {
            process.start();
            launched.complete(null);
        } catch (RuntimeException e) {
            launched.completeExceptionally(e);
            throw e;
        }
    }

    /**
     * Stops the TaskManagers, then the JobManager, then ZooKeeper. Jobs are not cancelled: they go
     * on with the next start.
     */
    public void stop() {
        Concurrently.run(
                taskManagers.stream().<Runnable>map(taskManager -> taskManager::stop).toList());
        jobManager.stop();
        zooKeeper.stop();
    }

    /** The same as {@link #stop}. */
    @Override
    public void close() {
        stop();
    }

    /** Whether ZooKeeper, the JobManager and all TaskManagers run. */
    public boolean isRunning() {
        return processes().stream().allMatch(EmbeddedProcess::isRunning);
    }

    /**
     * A file or folder as Flink's settings and options name it. That is no URI: Flink takes it as
     * it stands, and looks for {@code my%20home} where {@code my home} is meant.
     *
     * @param path an absolute one
     */
    public static String location(Path path) {
        return "file:" + path;
    }

    /** {@code http://localhost:<port>}: REST interface and dashboard. */
    public String restUrl() {
        return "http://localhost:" + jobManager.port();
    }

    /** The process of ZooKeeper. */
    public EmbeddedProcess zooKeeper() {
        return zooKeeper;
    }

    /** The JobManager's process. */
    public EmbeddedProcess jobManager() {
        return jobManager;
    }

    /**
     * A TaskManager's process.
     *
     * @param number 1 to {@link #taskManagerCount}
     */
    public EmbeddedProcess taskManager(int number) {
        return taskManagers.get(number - 1);
    }

    /** How many TaskManagers the cluster has. */
    public int taskManagerCount() {
        return taskManagers.size();
    }

    /** ZooKeeper, the JobManager, then the TaskManagers. */
    public List<EmbeddedProcess> processes() {
        List<EmbeddedProcess> processes = new ArrayList<>();
        processes.add(zooKeeper);
        processes.add(jobManager);
        processes.addAll(taskManagers);
        return processes;
    }

    /** Where {@code config.yaml} is: the value of FLINK_CONF_DIR for Flink's own tools. */
    public Path configurationFolder() {
        return jobManager.configurationFolder();
    }

    /** Where savepoints go unless a command says otherwise. */
    public Path savepointFolder() {
        return jobManager.home().resolve("flink").resolve("savepoints");
    }

    /** Where checkpoints are: {@code <job id>/chk-<n>}. */
    public Path checkpointFolder() {
        return jobManager.home().resolve("flink").resolve("checkpoints");
    }

    /**
     * Runs Flink's command line client (CliFrontend) against this cluster, as {@code flink
     * <arguments>} does, and waits for its end.
     *
     * @param arguments for example {@code run -d job.jar --option value}, {@code list}, {@code
     *     savepoint <job id>}
     * @throws EmbeddedProcessException if the cluster was never started in this home
     */
    public FlinkCommandResult flink(String... arguments) {
        return flink(Map.of(), arguments);
    }

    /**
     * As {@link #flink(String...)}, with variables added to the client's environment, where the
     * main method of a submitted job sees them.
     */
    public FlinkCommandResult flink(Map<String, String> environment, String... arguments) {
        FlinkDistribution distribution = distribution();
        Map<String, String> variables = new HashMap<>(environment);
        variables.putAll(distribution.environment());
        CommandRunner.Result result =
                CommandRunner.run(
                        Path.of("").toAbsolutePath(),
                        client(distribution, List.of(arguments)),
                        variables,
                        "");
        jobManager.keepClassArchive(CLIENT, clientRun());
        return new FlinkCommandResult(result.exitCode(), result.output());
    }

    /**
     * As {@link #flink(Map, String...)}, on this JVM's own terminal. What Flink says of a failure
     * is shown without its stack traces, which are in {@code logs/flink-client.log}.
     *
     * @return the exit code
     */
    public int flinkOnTerminal(Map<String, String> environment, List<String> arguments) {
        FlinkDistribution distribution = distribution();
        ProcessBuilder builder =
                new ProcessBuilder(client(distribution, arguments))
                        .inheritIO()
                        .redirectError(ProcessBuilder.Redirect.PIPE);
        SecretFiles.addToChild(builder.environment(), environment);
        builder.environment().putAll(distribution.environment());
        try {
            Process process = builder.start();
            try (BufferedReader errors = process.errorReader()) {
                errors.lines()
                        .filter(line -> !FlinkCommandResult.isStackFrame(line))
                        .forEach(System.err::println);
            }
            int exitCode = process.waitFor();
            jobManager.keepClassArchive(CLIENT, clientRun());
            return exitCode;
        } catch (IOException e) {
            throw new EmbeddedProcessException(
                    "Cannot run Flink's command line client: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedProcessException(
                    "Interrupted while running Flink's command line client", e);
        }
    }

    private FlinkDistribution distribution() {
        if (!Files.exists(configurationFolder().resolve("config.yaml"))) {
            throw new EmbeddedProcessException(
                    "There is no Flink cluster in "
                            + jobManager.home()
                            + ": start it first (./ponix up)");
        }
        return new FlinkDistribution(configurationFolder());
    }

    /** Several processes may run the client at the same time. */
    private static String clientRun() {
        return CLIENT + "-" + ProcessHandle.current().pid();
    }

    private List<String> client(FlinkDistribution distribution, List<String> arguments) {
        try {
            return distribution.client(
                    arguments,
                    jobManager.home().resolve("logs").resolve("flink-client.log"),
                    jobManager.javaOptions(CLIENT),
                    distribution.classArchive(CLIENT, clientRun()));
        } catch (IOException e) {
            throw new EmbeddedProcessException(
                    "Cannot read Flink's configuration: " + e.getMessage(), e);
        }
    }

    /**
     * Builds an {@link EmbeddedFlinkCluster}; {@link #port} is that of REST interface and
     * dashboard.
     */
    public static final class Builder extends EmbeddedProcessBuilder<Builder> {

        private int taskManagers = 1;
        private final Map<String, String> configuration = new TreeMap<>();

        private Builder() {
            super("jobmanager", "Flink JobManager", "--dashboard-port");
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Number of TaskManagers; at least 1, default 1. Those that run already, and those that
         * were not stopped but killed, are there in any case.
         */
        public Builder taskManagers(int count) {
            this.taskManagers = count;
            return this;
        }

        /** Task slots of each TaskManager; default as in {@code flink-conf/config.yaml}. */
        public Builder taskSlots(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("taskSlots: must be at least 1, is " + count);
            }
            return configuration("taskmanager.numberOfTaskSlots", Integer.toString(count));
        }

        /**
         * Total memory of a TaskManager's process in Flink's notation ({@code 2048m}); default as
         * in {@code flink-conf/config.yaml}.
         */
        public Builder taskManagerMemory(String size) {
            return configuration("taskmanager.memory.process.size", size);
        }

        /**
         * Any entry of Flink's configuration, in place of that of {@code flink-conf/config.yaml}.
         */
        public Builder configuration(String key, String value) {
            configuration.put(key, value);
            return this;
        }

        /**
         * Entries as {@link #configuration(String, String)}, one {@code key: value} a line.
         *
         * @param source where the lines are from, for the message about one that is none
         * @throws EmbeddedProcessException where a line is no entry
         */
        public Builder configurationLines(String lines, String source) {
            configuration.putAll(FlinkConfiguration.parse(lines.lines().toList(), source).values());
            return this;
        }

        Map<String, String> configuration() {
            return configuration;
        }

        /** Builds the cluster without starting it. */
        public EmbeddedFlinkCluster build() {
            validatedHome();
            if (taskManagers < 1) {
                throw new IllegalArgumentException(
                        "taskManagers: must be at least 1, is " + taskManagers);
            }
            return new EmbeddedFlinkCluster(this);
        }
    }
}
