package io.ponix.embedded.clickhouse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The packaged server as a process, on a free port. */
final class ServerProcess implements AutoCloseable {

    static final String USER = "tester";
    static final String PASSWORD = "secret: \"word\"";
    static final String DATABASE = "readings";

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    private final Path home;
    private final Process process;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;

    private ServerProcess(Path home, Process process, int port) {
        this.home = home;
        this.process = process;
        this.port = port;
    }

    static ServerProcess start(Path home) throws IOException, InterruptedException {
        return start(home, builder(home));
    }

    static ServerProcess start(Path home, ClickHouseServerCommand.Builder command)
            throws IOException, InterruptedException {
        Files.createDirectories(home);
        Process process = launch(home, command);
        Path portFile = home.resolve("port");
        await().atMost(START_TIMEOUT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> Files.exists(portFile) || !process.isAlive());
        if (!process.isAlive()) {
            throw new IOException("The server ended: " + Files.readString(home.resolve("log")));
        }
        return new ServerProcess(
                home, process, Integer.parseInt(Files.readString(portFile).strip()));
    }

    /** A process whose output goes to the file "log". */
    static Process launch(Path home, ClickHouseServerCommand.Builder command)
            throws IOException, InterruptedException {
        return command.build()
                .toProcessBuilder()
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start();
    }

    static ClickHouseServerCommand.Builder builder(Path home) {
        return ClickHouseServerCommand.builder()
                .dataDirectory(home.resolve("data"))
                .portFile(home.resolve("port"))
                .database(DATABASE)
                .username(USER)
                .password(PASSWORD);
    }

    int port() {
        return port;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String log() throws IOException {
        return Files.readString(home.resolve("log"));
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** A request with the right credentials in the ClickHouse headers. */
    HttpRequest.Builder request(String pathAndQuery) {
        return HttpRequest.newBuilder(URI.create(url() + pathAndQuery))
                .header("X-ClickHouse-User", USER)
                .header("X-ClickHouse-Key", PASSWORD);
    }

    <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return http.send(request, handler);
    }

    /** Sends a statement as the body; the URL parameters as given, encoded. */
    HttpResponse<String> post(String urlParameters, String statement)
            throws IOException, InterruptedException {
        return post(urlParameters, statement.getBytes(StandardCharsets.UTF_8));
    }

    HttpResponse<String> post(String urlParameters, byte[] body)
            throws IOException, InterruptedException {
        return send(
                request("/?" + urlParameters)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The result of a statement in the test's database, which must succeed. */
    String query(String statement) throws IOException, InterruptedException {
        HttpResponse<String> response = post("database=" + DATABASE, statement);
        if (response.statusCode() != 200) {
            throw new IOException(response.statusCode() + ": " + response.body());
        }
        return response.body().stripTrailing();
    }

    /** A request as it goes over the wire; returns the response as it comes. */
    String sendRaw(String path, byte[] body, int contentLength) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            OutputStream output = socket.getOutputStream();
            output.write(
                    ("POST "
                                    + path
                                    + " HTTP/1.1\r\nHost: x\r\nX-ClickHouse-User: "
                                    + USER
                                    + "\r\nX-ClickHouse-Key: "
                                    + PASSWORD
                                    + "\r\nContent-Length: "
                                    + contentLength
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            output.write(body);
            if (body.length < contentLength) {
                socket.shutdownOutput();
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static void assertError(HttpResponse<String> response, int status, int code, String text) {
        assertThat(response.body()).startsWith("Code: " + code + ". DB::Exception: ");
        assertThat(response.body()).contains(text);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("X-ClickHouse-Exception-Code"))
                .hasValue(String.valueOf(code));
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** SIGTERM; returns the exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("The server does not end on SIGTERM");
        }
        return process.exitValue();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
