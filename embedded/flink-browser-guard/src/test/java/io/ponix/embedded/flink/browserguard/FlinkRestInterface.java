package io.ponix.embedded.flink.browserguard;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** Flink's own REST interface with its dashboard, of a cluster in this JVM, and raw requests. */
final class FlinkRestInterface implements AutoCloseable {

    private static final String BOUNDARY = "----part";

    private final Path uploads;
    private final MiniCluster cluster;
    private final int port;

    private FlinkRestInterface(Path folder, MiniCluster cluster) throws Exception {
        this.uploads = folder.resolve("flink-web-upload");
        this.cluster = cluster;
        cluster.start();
        this.port = cluster.getRestAddress().get().getPort();
    }

    static FlinkRestInterface start(Path folder, String allowedHosts) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(RestOptions.BIND_ADDRESS, "localhost");
        configuration.set(RestOptions.BIND_PORT, "0");
        configuration.set(WebOptions.UPLOAD_DIR, folder.toString());
        configuration.set(WebOptions.ACCESS_CONTROL_ALLOW_ORIGIN, "http://localhost:8081");
        configuration.set(BrowserGuardFactory.ALLOWED_HOSTS, allowedHosts);
        return new FlinkRestInterface(
                folder,
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(4)
                                .setRpcServiceSharing(RpcServiceSharing.SHARED)
                                .build()));
    }

    int port() {
        return port;
    }

    /** {@code localhost:<port>}, by which everybody may ask for it. */
    String host() {
        return "localhost:" + port;
    }

    /** A job that runs until somebody cancels it. */
    JobGraph endlessJob() {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        environment.setParallelism(1);
        environment.fromSequence(0, Long.MAX_VALUE).sinkTo(new DiscardingSink<>());
        return environment.getStreamGraph().getJobGraph();
    }

    /** Brings a job as {@code flink run} does. */
    String submit(JobGraph job, String... headers) throws IOException {
        byte[] form = form(job);
        return exchange(
                head(
                        "POST /v1/jobs",
                        Stream.concat(
                                        Stream.of(headers),
                                        Stream.of(
                                                "Content-Type: multipart/form-data; boundary="
                                                        + BOUNDARY,
                                                "Content-Length: " + form.length))
                                .toArray(String[]::new)),
                form);
    }

    /** The body of {@code POST /jobs}: a file with the serialized job, and its name. */
    static byte[] form(JobGraph job) throws IOException {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.write(
                """
                --%1$s\r
                Content-Disposition: form-data; name="request"\r
                Content-Type: application/json\r
                \r
                {"jobGraphFileName": "job", "jobJarFileNames": [], "jobArtifactFileNames": []}\r
                --%1$s\r
                Content-Disposition: form-data; name="file_0"; filename="job"\r
                Content-Type: application/octet-stream\r
                \r
                """
                        .formatted(BOUNDARY)
                        .getBytes(UTF_8));
        ObjectOutputStream graph = new ObjectOutputStream(form);
        graph.writeObject(job);
        graph.flush();
        form.write(("\r\n--" + BOUNDARY + "--\r\n").getBytes(UTF_8));
        return form.toByteArray();
    }

    /** Sends a request without a body, on a connection of its own. */
    String request(String line, String... headers) throws IOException {
        return exchange(head(line, headers), new byte[0]);
    }

    /** The state of a job, or empty where Flink knows none with this id. */
    String state(JobGraph job) throws IOException {
        String answer = request("GET /jobs/" + job.getJobID() + "/status", "Host: " + host());
        return answer.contains("\"status\":\"")
                ? answer.replaceFirst("(?s).*\"status\":\"([A-Z]+)\".*", "$1")
                : "";
    }

    /** What of uploads is stored. */
    List<Path> storedUploads() throws IOException {
        try (Stream<Path> files = Files.walk(uploads)) {
            return files.filter(file -> !file.equals(uploads)).toList();
        }
    }

    /** Sends bytes as they are; what is answered until the connection is closed. */
    String exchange(String head, byte[] body) throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(UTF_8));
            out.write(body);
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    Socket connect() throws IOException {
        Socket socket = new Socket("localhost", port);
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static String head(String line, String... headers) {
        return line
                + " HTTP/1.1\r\n"
                + String.join("\r\n", headers)
                + "\r\nConnection: close\r\n\r\n";
    }

    @Override
    public void close() {
        cluster.closeAsync().join();
    }
}
