package io.ponix.client.clickhouse;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * ClickHouse's HTTP interface: one request, one answer, never a retry. Calls block and can be
 * interrupted, which ends the request at once. Thread-safe.
 *
 * <p>This is the JDK's client, not ClickHouse's own: bodies are compressed already and must go out
 * byte for byte, retries belong to the sink, and a cancelled task must not wait for a socket.
 */
public final class ClickHouseClient implements AutoCloseable {

    private static final Pattern CODE_IN_BODY = Pattern.compile("Code: (\\d+)\\.");
    private static final int LONGEST_MESSAGE = 2_000;

    private final ClickHouseSettings connection;
    private final ExecutorService executor;
    private final HttpClient http;
    private final AtomicInteger address = new AtomicInteger();

    /**
     * A client; no connection is made yet.
     *
     * @param connection where to and who
     */
    public ClickHouseClient(ClickHouseSettings connection) {
        this.connection = connection;
        this.executor =
                Executors.newCachedThreadPool(
                        task -> {
                            Thread thread = new Thread(task, "clickhouse-http");
                            thread.setDaemon(true);
                            return thread;
                        });
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(connection.connectTimeout())
                        .executor(executor)
                        .build();
    }

    /**
     * Runs a query and reads its rows as text.
     *
     * @param sql the query, without {@code FORMAT}
     * @param settings ClickHouse settings for this query
     * @return the rows, each a list of values
     * @throws ClickHouseException if it failed
     * @throws InterruptedException if the calling thread was interrupted
     */
    public List<List<String>> query(String sql, Map<String, String> settings)
            throws ClickHouseException, InterruptedException {
        return rows(
                send(
                        address.get(),
                        parameters(settings) + "&default_format=TabSeparated",
                        sql.getBytes(StandardCharsets.UTF_8),
                        ""));
    }

    /**
     * Runs a statement that answers nothing, and then a query on the same server.
     *
     * @param statement what comes first
     * @param sql the query, without {@code FORMAT}
     * @param settings ClickHouse settings for both
     * @return the query's rows, each a list of values
     * @throws ClickHouseException if one of them failed, or a load balancer gave them to different
     *     servers
     * @throws InterruptedException if the calling thread was interrupted
     */
    public List<List<String>> queryAfter(String statement, String sql, Map<String, String> settings)
            throws ClickHouseException, InterruptedException {
        int index = address.get();
        String parameters = parameters(settings) + "&default_format=TabSeparated";
        HttpResponse<byte[]> first =
                send(index, parameters, statement.getBytes(StandardCharsets.UTF_8), "");
        HttpResponse<byte[]> second =
                send(index, parameters, sql.getBytes(StandardCharsets.UTF_8), "");
        if (!server(first).equals(server(second))) {
            throw new ClickHouseException(
                    ClickHouseException.NO_CODE,
                    ErrorClass.TRANSIENT,
                    "Two requests that must reach one replica were answered by "
                            + server(first)
                            + " and "
                            + server(second)
                            + ": give the replicas' own addresses, not that of a load balancer",
                    null);
        }
        return rows(second);
    }

    /** The name that a server gives itself; empty where it gives none. */
    private static String server(HttpResponse<byte[]> response) {
        return response.headers().firstValue("X-ClickHouse-Server-Display-Name").orElse("");
    }

    private static List<List<String>> rows(HttpResponse<byte[]> response) {
        return TabSeparated.parse(new String(response.body(), StandardCharsets.UTF_8));
    }

    /**
     * Sends an insert and waits until the server has stored it.
     *
     * @param sql {@code INSERT INTO … FORMAT …}
     * @param settings ClickHouse settings for this insert
     * @param body the rows
     * @param contentEncoding how the body is compressed, for instance {@code lz4}; empty if it is
     *     not
     * @throws ClickHouseException if it failed or its outcome is unknown
     * @throws InterruptedException if the calling thread was interrupted; the outcome is unknown
     */
    public void insert(
            String sql, Map<String, String> settings, byte[] body, String contentEncoding)
            throws ClickHouseException, InterruptedException {
        send(address.get(), parameters(settings) + "&query=" + encode(sql), body, contentEncoding);
    }

    /**
     * @param index of the address, counted on round and round; an address that fails is left for
     *     the next
     */
    private HttpResponse<byte[]> send(
            int index, String parameters, byte[] body, String contentEncoding)
            throws ClickHouseException, InterruptedException {
        String url = connection.urls().get(index % connection.urls().size());
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(withPath(url) + "?" + parameters))
                        .timeout(connection.requestTimeout())
                        .header("X-ClickHouse-User", connection.username())
                        .header("X-ClickHouse-Key", connection.password())
                        .header("X-ClickHouse-Database", connection.database())
                        .POST(BodyPublishers.ofByteArray(body));
        if (!contentEncoding.isEmpty()) {
            request.header("Content-Encoding", contentEncoding);
        }
        HttpResponse<byte[]> response;
        try {
            response = exchange(request.build());
        } catch (IOException e) {
            address.compareAndSet(index, index + 1);
            throw new ClickHouseException(
                    ClickHouseException.NO_CODE,
                    ErrorClass.TRANSIENT,
                    "No answer from ClickHouse at " + url + ": " + describe(e),
                    e);
        }
        String header = response.headers().firstValue("X-ClickHouse-Exception-Code").orElse("");
        if (response.statusCode() == 200 && header.isEmpty()) {
            return response;
        }
        ClickHouseException refusal = refusal(url, response, header);
        if (refusal.errorClass() == ErrorClass.TRANSIENT) {
            address.compareAndSet(index, index + 1);
        }
        throw refusal;
    }

    /** The client's own timeout ends with the headers, and a network may stall after them. */
    private HttpResponse<byte[]> exchange(HttpRequest request)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request, BodyHandlers.ofByteArray());
        try {
            return answer.get(connection.requestTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException(
                    "no whole answer within " + connection.requestTimeout().toMillis() + " ms");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        } finally {
            // Closes the connection of an answer that nobody waits for any longer.
            answer.cancel(true);
        }
    }

    private static ClickHouseException refusal(
            String url, HttpResponse<byte[]> response, String header) {
        String body = new String(response.body(), StandardCharsets.UTF_8).strip();
        String message =
                body.length() > LONGEST_MESSAGE ? body.substring(0, LONGEST_MESSAGE) + "…" : body;
        int code = code(header, body);
        if (code == ClickHouseException.NO_CODE) {
            return new ClickHouseException(
                    code,
                    ClickHouseErrors.classifyHttpStatus(response.statusCode()),
                    url + " answered with HTTP status " + response.statusCode() + ": " + message,
                    null);
        }
        return new ClickHouseException(code, ClickHouseErrors.classify(code), message, null);
    }

    private static int code(String header, String body) {
        Matcher inBody = CODE_IN_BODY.matcher(body);
        String code = !header.isEmpty() ? header : inBody.lookingAt() ? inBody.group(1) : "";
        try {
            return code.isEmpty() ? ClickHouseException.NO_CODE : Integer.parseInt(code);
        } catch (NumberFormatException e) {
            return ClickHouseException.NO_CODE;
        }
    }

    private static String describe(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String withPath(String url) {
        String path = URI.create(url).getRawPath();
        return path == null || path.isEmpty() ? url + "/" : url;
    }

    private static String parameters(Map<String, String> settings) {
        List<String> parameters = new ArrayList<>();
        // Sorted, so that a repeated request is the same to the last byte.
        settings.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> parameters.add(encode(e.getKey()) + "=" + encode(e.getValue())));
        // The server answers when it is done, so that the status tells how it ended.
        parameters.add("wait_end_of_query=1");
        return String.join("&", parameters);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /**
     * How long a request may take.
     *
     * @return the connection's request timeout
     */
    public Duration requestTimeout() {
        return connection.requestTimeout();
    }

    /** Lets go of the threads. Requests under way should have been interrupted before. */
    @Override
    public void close() {
        executor.shutdown();
    }
}
