package io.ponix.client.clickhouse;

import io.ponix.client.tls.TlsException;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.stream.Collectors;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * ClickHouse's HTTP interface: one request, one answer, never a retry. Calls block and can be
 * interrupted, which ends the request at once. Thread-safe.
 *
 * <p>This is the JDK's client, not ClickHouse's own: bodies are compressed already and must go out
 * byte for byte, retries belong to the sink, and a cancelled task must not wait for a socket.
 */
@API(status = Status.EXPERIMENTAL)
public final class ClickHouseClient implements AutoCloseable {

    private static final Pattern CODE_IN_BODY = Pattern.compile("Code: (\\d+)\\.");
    private static final int LONGEST_MESSAGE = 2_000;
    private static final String EXCEPTION_CODE = "X-ClickHouse-Exception-Code";

    /**
     * A syntax error comes with every word that could follow: nobody finds the position in there.
     */
    private static final Pattern GRAMMAR =
            Pattern.compile(" Expected one of: .{200,}(?= \\([A-Z_]+\\))", Pattern.DOTALL);

    private final ClickHouseSettings connection;
    private final ExecutorService executor;
    private final AtomicInteger address = new AtomicInteger();

    /** Made for the first request: files of keys that cannot be used are reported by that. */
    private HttpClient http;

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
    }

    private synchronized HttpClient http() throws TlsException {
        if (http == null) {
            HttpClient.Builder builder =
                    HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .connectTimeout(connection.connectTimeout())
                            .executor(executor);
            if (connection.urls().stream().anyMatch(url -> url.startsWith("https://"))) {
                builder.sslContext(connection.tls().context());
            }
            http = builder.build();
        }
        return http;
    }

    /**
     * The settings for one server only, the first of the replicas that answers: for what has to be
     * done at one and the same. A single server is not asked.
     *
     * @throws ClickHouseException if none answers
     * @throws InterruptedException if the calling thread was interrupted
     */
    public static ClickHouseSettings firstThatAnswers(ClickHouseSettings settings)
            throws ClickHouseException, InterruptedException {
        if (settings.urls().size() == 1) {
            return settings;
        }
        List<String> silent = new ArrayList<>();
        for (String url : settings.urls()) {
            ClickHouseSettings one = settings.at(url);
            try (ClickHouseClient client =
                    new ClickHouseClient(
                            one.withTimeouts(
                                    settings.connectTimeout(), settings.connectTimeout()))) {
                client.query("SELECT 1", Map.of());
                return one;
            } catch (ClickHouseException e) {
                if (e.code() != ClickHouseException.NO_CODE) {
                    // An answer, too; whoever asks for more will hear it.
                    return one;
                }
                silent.add(e.getMessage());
            }
        }
        throw new ClickHouseException(
                ClickHouseException.NO_CODE, ErrorClass.TRANSIENT, String.join("; ", silent), null);
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

    /** What is made of an answer while it comes. */
    @FunctionalInterface
    public interface Answer<T> {
        /** Reads it; the stream need not be read to its end. */
        T from(InputStream body) throws IOException;
    }

    /**
     * Runs a query and hands on its answer as it comes, without waiting for its end: an error in
     * the middle is in the answer, where ClickHouse writes it.
     *
     * @param sql the query
     * @param parameters ClickHouse settings, {@code default_format}, and parameters of the query as
     *     {@code param_name}
     * @throws ClickHouseException if ClickHouse refused it, or no whole answer came within the
     *     request timeout
     * @throws IOException as the reader throws it
     * @throws InterruptedException if the calling thread was interrupted
     */
    public <T> T stream(String sql, Map<String, String> parameters, Answer<T> answer)
            throws IOException, InterruptedException {
        int index = address.get();
        String url = connection.urls().get(index % connection.urls().size());
        HttpRequest request =
                request(url, encoded(parameters), sql.getBytes(StandardCharsets.UTF_8), "");
        long deadline = System.nanoTime() + connection.requestTimeout().toNanos();
        HttpResponse<InputStream> response;
        try {
            response = http().send(request, BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw noAnswer(index, url, e);
        }
        // The timeout of the request ends with the headers, and a network may stall after them.
        CompletableFuture<Void> answered = new CompletableFuture<>();
        answered.orTimeout(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)
                .whenComplete(
                        (nothing, overdue) -> {
                            if (overdue != null) {
                                closeQuietly(response.body());
                            }
                        });
        try (InputStream body = response.body()) {
            String header = response.headers().firstValue(EXCEPTION_CODE).orElse("");
            if (response.statusCode() != 200 || !header.isEmpty()) {
                throw refused(index, url, response.statusCode(), body.readAllBytes(), header);
            }
            T result = answer.from(body);
            if (answered.isDone()) {
                // What was closed looks like what has ended.
                throw new IOException(late());
            }
            return result;
        } catch (IOException e) {
            if (e instanceof ClickHouseException || !answered.isDone()) {
                throw e;
            }
            throw noAnswer(index, url, new HttpTimeoutException(late()));
        } finally {
            answered.complete(null);
        }
    }

    private static void closeQuietly(InputStream body) {
        try {
            body.close();
        } catch (IOException alreadyBroken) {
            // Its reader learns of it.
        }
    }

    private String late() {
        return "no whole answer within " + connection.requestTimeout().toMillis() + " ms";
    }

    /**
     * @param index of the address, counted on round and round; an address that fails is left for
     *     the next
     */
    private HttpResponse<byte[]> send(
            int index, String parameters, byte[] body, String contentEncoding)
            throws ClickHouseException, InterruptedException {
        String url = connection.urls().get(index % connection.urls().size());
        HttpResponse<byte[]> response;
        try {
            response = exchange(request(url, parameters, body, contentEncoding));
        } catch (IOException e) {
            throw noAnswer(index, url, e);
        }
        String header = response.headers().firstValue(EXCEPTION_CODE).orElse("");
        if (response.statusCode() == 200 && header.isEmpty()) {
            return response;
        }
        throw refused(index, url, response.statusCode(), response.body(), header);
    }

    private HttpRequest request(
            String url, String parameters, byte[] body, String contentEncoding) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(withPath(url) + "?" + parameters))
                        .timeout(connection.requestTimeout())
                        .header("X-ClickHouse-User", connection.username())
                        .header("X-ClickHouse-Key", connection.password().reveal())
                        .header("X-ClickHouse-Database", connection.database())
                        .POST(BodyPublishers.ofByteArray(body));
        if (!contentEncoding.isEmpty()) {
            request.header("Content-Encoding", contentEncoding);
        }
        return request.build();
    }

    private ClickHouseException noAnswer(int index, String url, IOException cause) {
        address.compareAndSet(index, index + 1);
        ClickHouseException failure =
                new ClickHouseException(
                        ClickHouseException.NO_CODE,
                        ErrorClass.TRANSIENT,
                        "No answer from ClickHouse at " + url + ": " + describe(cause),
                        cause);
        return failure.isAboutTls()
                ? new ClickHouseException(
                        ClickHouseException.NO_CODE,
                        ErrorClass.TRANSIENT,
                        "ClickHouse at " + url + " is not trusted: " + describe(cause),
                        cause)
                : failure;
    }

    private ClickHouseException refused(
            int index, String url, int status, byte[] body, String header) {
        ClickHouseException refusal = refusal(url, status, body, header);
        if (refusal.errorClass() == ErrorClass.TRANSIENT) {
            address.compareAndSet(index, index + 1);
        }
        return refusal;
    }

    /** The client's own timeout ends with the headers, and a network may stall after them. */
    private HttpResponse<byte[]> exchange(HttpRequest request)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                http().sendAsync(request, BodyHandlers.ofByteArray());
        try {
            return answer.get(connection.requestTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException(late());
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
            String url, int status, byte[] answer, String header) {
        String body =
                GRAMMAR.matcher(new String(answer, StandardCharsets.UTF_8).strip())
                        .replaceFirst("");
        String message =
                body.length() > LONGEST_MESSAGE ? body.substring(0, LONGEST_MESSAGE) + "…" : body;
        int code = code(header, body);
        if (code == ClickHouseException.NO_CODE) {
            return new ClickHouseException(
                    code,
                    ClickHouseErrors.classifyHttpStatus(status),
                    url + " answered with HTTP status " + status + ": " + message,
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
        String encoded = encoded(settings);
        // The server answers when it is done, so that the status tells how it ended.
        return encoded + (encoded.isEmpty() ? "" : "&") + "wait_end_of_query=1";
    }

    private static String encoded(Map<String, String> parameters) {
        // Sorted, so that a repeated request is the same to the last byte.
        return parameters.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(e -> encode(e.getKey()) + "=" + encode(e.getValue()))
                .collect(Collectors.joining("&"));
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
