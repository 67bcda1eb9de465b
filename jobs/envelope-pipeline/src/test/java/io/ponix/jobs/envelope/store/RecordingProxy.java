package io.ponix.jobs.envelope.store;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands before a ClickHouse server and notes what its queries cost, as the server itself says. */
final class RecordingProxy implements AutoCloseable {

    private static final Pattern READ_ROWS = Pattern.compile("\"read_rows\":\"(\\d+)\"");

    private final String target;
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpServer server;
    private int questions;
    private long rowsRead;
    private Duration elapsed = Duration.ZERO;

    RecordingProxy(String target) throws IOException {
        this.target = target;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::forward);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    synchronized int questions() {
        return questions;
    }

    synchronized long rowsRead() {
        return rowsRead;
    }

    synchronized Duration elapsed() {
        return elapsed;
    }

    synchronized void reset() {
        questions = 0;
        rowsRead = 0;
        elapsed = Duration.ZERO;
    }

    private void forward(HttpExchange exchange) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI()))
                        .POST(
                                HttpRequest.BodyPublishers.ofByteArray(
                                        exchange.getRequestBody().readAllBytes()));
        exchange.getRequestHeaders()
                .forEach(
                        (name, values) -> {
                            if (name.toLowerCase(Locale.ROOT).startsWith("x-")) {
                                values.forEach(value -> request.header(name, value));
                            }
                        });
        long start = System.nanoTime();
        HttpResponse<byte[]> response;
        try {
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        note(response, Duration.ofNanos(System.nanoTime() - start));
        byte[] body = response.body();
        exchange.sendResponseHeaders(response.statusCode(), body.length == 0 ? -1 : body.length);
        try (OutputStream output = exchange.getResponseBody()) {
            output.write(body);
        }
    }

    private synchronized void note(HttpResponse<byte[]> response, Duration took) {
        questions++;
        elapsed = elapsed.plus(took);
        Matcher rows =
                READ_ROWS.matcher(
                        response.headers().firstValue("X-ClickHouse-Summary").orElseThrow());
        if (!rows.find()) {
            throw new IllegalStateException("the server does not say what it has read");
        }
        rowsRead += Long.parseLong(rows.group(1));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
