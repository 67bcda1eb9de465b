package io.ponix.embedded.flink;

import io.ponix.embedded.install.ProjectFiles;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessException;
import io.ponix.embedded.process.HttpProbe;
import io.ponix.embedded.process.ProcessSpecification;
import io.ponix.embedded.zookeeper.EmbeddedZooKeeper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JobManager of a session cluster; its start writes the configuration that the whole cluster
 * uses.
 */
final class FlinkJobManager extends EmbeddedProcess {

    private static final Logger LOG = LoggerFactory.getLogger(FlinkJobManager.class);

    private static final String JAVA_OPTIONS = "env.java.opts.";
    private static final String HIGH_AVAILABILITY = "high-availability";

    private final EmbeddedZooKeeper zooKeeper;
    private final Map<String, String> overrides;
    private final Path folder;

    FlinkJobManager(EmbeddedFlinkCluster.Builder builder, EmbeddedZooKeeper zooKeeper) {
        super(builder);
        this.zooKeeper = zooKeeper;
        this.overrides = Map.copyOf(builder.configuration());
        this.folder = home().resolve("flink");
    }

    Path configurationFolder() {
        return folder.resolve("conf");
    }

    /**
     * JVM options from the configuration that the last start wrote.
     *
     * @param role {@code jobmanager}, {@code taskmanager} or {@code client}: options for it are
     *     added to those for all
     */
    String javaOptions(String role) throws IOException {
        FlinkConfiguration configuration =
                FlinkConfiguration.read(configurationFolder().resolve("config.yaml"));
        return configuration.get(JAVA_OPTIONS + "all", "")
                + " "
                + configuration.get(JAVA_OPTIONS + role, "");
    }

    @Override
    protected ProcessSpecification prepare(int port) throws IOException {
        writeConfiguration(port);
        new FlinkResultStores(subfolder(HIGH_AVAILABILITY)).mend().forEach(this::progress);
        FlinkDistribution distribution = new FlinkDistribution(configurationFolder());
        return new ProcessSpecification(
                distribution.daemon(
                        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                        "GET_JM_RESOURCE_PARAMS",
                        logFile(),
                        Map.of(),
                        javaOptions("jobmanager"),
                        distribution.classArchive("jobmanager", name())),
                distribution.environment(),
                folder);
    }

    private void writeConfiguration(int restPort) throws IOException {
        Path source = ProjectFiles.require("flink-conf", "the checkout is incomplete");
        Path target = Files.createDirectories(configurationFolder());
        FlinkConfiguration configuration = FlinkConfiguration.read(source.resolve("config.yaml"));
        // Flink's default is every origin: any web page could read what the REST interface answers.
        configuration.set("web.access-control-allow-origin", "http://localhost:" + restPort);
        overrides.forEach(configuration::set);
        configuration.set("rest.port", Integer.toString(restPort));
        configuration.set("rest.bind-port", Integer.toString(restPort));
        configuration.set("high-availability.zookeeper.quorum", zooKeeper.address());
        configuration.set(
                "high-availability.storageDir",
                EmbeddedFlinkCluster.location(subfolder(HIGH_AVAILABILITY)));
        configuration.set(
                "execution.checkpointing.dir",
                EmbeddedFlinkCluster.location(subfolder("checkpoints")));
        configuration.set(
                "execution.checkpointing.savepoint-dir",
                EmbeddedFlinkCluster.location(subfolder("savepoints")));
        configuration.set("io.tmp.dirs", subfolder("tmp").toString());
        configuration.set("web.upload.dir", subfolder("upload").toString());
        configuration.write(target.resolve("config.yaml"));
        for (String name : new String[] {"log4j.properties", "log4j-cli.properties"}) {
            Files.copy(
                    source.resolve(name),
                    target.resolve(name),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private Path subfolder(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name));
    }

    @Override
    protected void afterStop() {
        keepClassArchive("jobmanager", name());
    }

    /**
     * Keeps the class archive that a run of one of the cluster's programs has written; see {@link
     * FlinkDistribution#classArchive}.
     */
    void keepClassArchive(String program, String run) {
        try {
            new FlinkDistribution(configurationFolder()).classArchive(program, run).keep();
        } catch (IOException | EmbeddedProcessException e) {
            // The distribution is gone: a build is at work.
            LOG.debug("The class archive of {} is not kept", run, e);
        }
    }

    @Override
    protected Path outputFile() {
        // Beside the log and named like it: there the dashboard looks for standard output.
        return home().resolve("logs").resolve(name() + ".out");
    }

    @Override
    protected void checkServing(long pid, int port) throws IOException {
        HttpProbe.get("http://localhost:" + port + "/overview");
    }
}
