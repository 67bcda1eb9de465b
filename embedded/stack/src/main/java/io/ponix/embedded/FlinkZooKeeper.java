package io.ponix.embedded;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The ZooKeeper server of a session cluster, a single one on 127.0.0.1, from the library that Flink
 * itself brings along. In it the JobManager notes which jobs there are and where their last
 * checkpoints lie; its successor goes on from there.
 *
 * <p>Data is in {@code <home>/flink/zookeeper}; what was answered survives {@link #kill}.
 */
final class FlinkZooKeeper extends EmbeddedProcess {

    private static final String MAIN_CLASS =
            "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.quorum.QuorumPeerMain";
    private static final int TIMEOUT_MILLIS = 500;

    private final Path folder;

    FlinkZooKeeper(EmbeddedFlinkCluster.Builder builder) {
        super(builder, "zookeeper", "ZooKeeper", 0);
        this.folder = home().resolve("flink").resolve("zookeeper");
    }

    /** {@code 127.0.0.1:<port>}. */
    String address() {
        return "127.0.0.1:" + port();
    }

    @Override
    ProcessSpecification prepare(int port) throws IOException {
        Files.createDirectories(folder);
        Path configuration = folder.resolve("zoo.cfg");
        Files.writeString(configuration, configuration(port));
        return new ProcessSpecification(
                FlinkDistribution.plainDaemon(
                        MAIN_CLASS,
                        logFile(),
                        ProjectFiles.require("flink-conf", "the checkout is incomplete")
                                .resolve("log4j.properties"),
                        List.of(
                                "-Xmx64m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                // Its JMX beans are those of log4j 1.
                                "-Dzookeeper.jmx.log4j.disable=true"),
                        configuration.toString()),
                Map.of(),
                folder);
    }

    private String configuration(int port) {
        // A checkpoint is a handful of small transactions: the files need not be as large as
        // ZooKeeper makes them by default, and old ones go. Clients choose how soon their session
        // ends without a sign of life, between the limits given.
        return """
                # Written by every start.
                dataDir=%s
                clientPort=%d
                clientPortAddress=127.0.0.1
                tickTime=1000
                minSessionTimeout=2000
                maxSessionTimeout=60000
                maxClientCnxns=0
                admin.enableServer=false
                4lw.commands.whitelist=srvr
                preAllocSize=1024
                snapCount=20000
                autopurge.snapRetainCount=3
                autopurge.purgeInterval=1
                """
                .formatted(folder, port);
    }

    @Override
    Path outputFile() {
        return home().resolve("logs").resolve(name() + ".out");
    }

    @Override
    void checkServing(long pid, int port) throws IOException {
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
}
