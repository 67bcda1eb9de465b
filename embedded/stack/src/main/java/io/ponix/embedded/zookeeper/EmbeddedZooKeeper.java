package io.ponix.embedded.zookeeper;

import io.ponix.embedded.install.FlinkFolder;
import io.ponix.embedded.install.ProjectFiles;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.embedded.process.JavaProgram;
import io.ponix.embedded.process.ProcessSpecification;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * The ZooKeeper server of a session cluster, a single one on 127.0.0.1, from the library that Flink
 * itself brings along. In it the JobManager notes which jobs there are and where their last
 * checkpoints lie; its successor goes on from there.
 *
 * <p>Data is in {@code <home>/flink/zookeeper}; what was answered survives {@link #kill}.
 */
public final class EmbeddedZooKeeper extends EmbeddedProcess {

    private static final String MAIN_CLASS =
            "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.quorum.QuorumPeerMain";
    private static final int TIMEOUT_MILLIS = 500;

    private final Path folder;

    /** Those that were there before a start of this instance: name and time of the last change. */
    private volatile Set<String> snapshotsOfBefore = Set.of();

    /**
     * @param beside builds what uses it: home and timeouts are the same
     */
    public EmbeddedZooKeeper(EmbeddedProcessBuilder<?> beside) {
        super(beside, "zookeeper", "ZooKeeper", 0);
        this.folder = home().resolve("flink").resolve("zookeeper");
    }

    /** {@code 127.0.0.1:<port>}. */
    public String address() {
        return "127.0.0.1:" + port();
    }

    @Override
    protected ProcessSpecification prepare(int port) throws IOException {
        Files.createDirectories(folder);
        snapshotsOfBefore = snapshots();
        Path configuration = folder.resolve("zoo.cfg");
        // Of a property file that is not escaped ZooKeeper would take é for two characters.
        try (OutputStream file = Files.newOutputStream(configuration)) {
            configuration(port).store(file, "Written by every start.");
        }
        Path logging =
                ProjectFiles.require("flink-conf", "the checkout is incomplete")
                        .resolve("log4j.properties");
        return new ProcessSpecification(
                List.of(
                        JavaProgram.path(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        // Its JMX beans are those of log4j 1.
                        "-Dzookeeper.jmx.log4j.disable=true",
                        "-Dlog.file=" + logFile(),
                        "-Dlog4j.configurationFile=" + logging.toUri(),
                        "-cp",
                        FlinkFolder.locate().classpath(),
                        MAIN_CLASS,
                        configuration.toString()),
                Map.of(),
                folder);
    }

    private Properties configuration(int port) {
        Properties configuration = new Properties();
        configuration.setProperty("dataDir", folder.toString());
        configuration.setProperty("clientPort", Integer.toString(port));
        configuration.setProperty("clientPortAddress", "127.0.0.1");
        configuration.setProperty("maxClientCnxns", "0");
        configuration.setProperty("admin.enableServer", "false");
        configuration.setProperty("4lw.commands.whitelist", "srvr");
        // Clients choose how soon their session ends without a sign of life, between these limits.
        configuration.setProperty("tickTime", "1000");
        configuration.setProperty("minSessionTimeout", "2000");
        configuration.setProperty("maxSessionTimeout", "60000");
        // A checkpoint is a handful of small transactions: the files need not be as large as
        // ZooKeeper makes them by default, and old ones go.
        configuration.setProperty("preAllocSize", "1024");
        configuration.setProperty("snapCount", "20000");
        configuration.setProperty("autopurge.snapRetainCount", "3");
        configuration.setProperty("autopurge.purgeInterval", "1");
        return configuration;
    }

    @Override
    protected Path outputFile() {
        return home().resolve("logs").resolve(name() + ".out");
    }

    @Override
    protected void checkServing(long pid, int port) throws IOException {
        // It listens before it has a database, and logs a NullPointerException for a connection
        // that ends in between: none is made until it has written the snapshot with which every
        // start ends its loading of data.
        if (snapshotsOfBefore.containsAll(snapshots())) {
            throw new IOException("it has not loaded its data yet");
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            if (!answer.contains("Mode: standalone")) {
                throw new IOException("it does not serve: " + answer.strip());
            }
        }
    }

    private Set<String> snapshots() throws IOException {
        Path data = folder.resolve("version-2");
        if (Files.notExists(data)) {
            return Set.of();
        }
        Set<String> snapshots = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(data, "snapshot.*")) {
            for (Path file : files) {
                snapshots.add(file.getFileName() + " " + Files.getLastModifiedTime(file));
            }
        } catch (NoSuchFileException | DirectoryIteratorException e) {
            throw new IOException("its snapshots are just being replaced", e);
        }
        return snapshots;
    }
}
