package io.ponix.connector.clickhouse.sink;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Two replicas of a table, each of which follows the other as late as a test wants.
 *
 * <p>Real: two engines with their own tables, and everything the sink does. Played: Keeper and the
 * fetching of parts, as the embedded engine cannot replicate (it connects to ZooKeeper, and its
 * tables stay read-only, as it never gets the address under which replicas fetch parts of each
 * other). What is played is this: an insert is done by the replica that gets it, and by the other
 * one when that catches up; an insert under a token that either of them has seen is confirmed and
 * not done; the table's engine is called Replicated or Shared; waiting for a replica makes it catch
 * up.
 */
final class ReplicasBehind implements AutoCloseable {

    /** What the table's engine is called. */
    enum Engine {
        REPLICATED("Replicated"),
        SHARED("Shared");

        private final String prefix;

        Engine(String prefix) {
            this.prefix = prefix;
        }
    }

    private record Insert(String pathAndQuery, Map<String, List<String>> headers, byte[] body) {}

    private static final Set<String> NOT_COPIED =
            Set.of("connection", "content-length", "host", "http2-settings", "upgrade");
    private static final int REFUSED = 500;
    private static final int NO_BODY = -1;

    private final Engine engine;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient back = HttpClient.newBuilder().executor(threads).build();
    private final Set<String> tokensInKeeper = new HashSet<>();
    private final List<Replica> replicas;
    private boolean answersAreCut;
    private boolean syncIsGranted = true;
    private boolean syncTimesOut;

    private ReplicasBehind(Engine engine, List<EmbeddedClickHouse> servers) throws IOException {
        this.engine = engine;
        this.replicas = List.of(new Replica(servers.get(0)), new Replica(servers.get(1)));
    }

    static ReplicasBehind before(Engine engine, EmbeddedClickHouse first, EmbeddedClickHouse second)
            throws IOException {
        return new ReplicasBehind(engine, List.of(first, second));
    }

    /** Of the first and the second. */
    List<String> urls() {
        return replicas.stream().map(Replica::url).toList();
    }

    /** From now on the first replica does what it is told to insert, and nobody hears of it. */
    synchronized void cutAnswersOfTheFirst() {
        answersAreCut = true;
    }

    synchronized void refuseToSync() {
        syncIsGranted = false;
    }

    /** Whether a replica that is waited for does not catch up in time. */
    synchronized void syncTimesOut(boolean timesOut) {
        syncTimesOut = timesOut;
    }

    /** A token that Keeper knows, of rows that no replica has. */
    synchronized void knowToken(String token) {
        tokensInKeeper.add(token);
    }

    /** Both get what they lack. */
    synchronized void catchUp() throws IOException, InterruptedException {
        for (Replica replica : replicas) {
            replica.catchUp();
        }
    }

    @Override
    public void close() {
        replicas.forEach(replica -> replica.front.stop(0));
        threads.shutdownNow();
    }

    private final class Replica {

        private final EmbeddedClickHouse server;
        private final HttpServer front;
        private final Queue<Insert> behind = new ArrayDeque<>();

        Replica(EmbeddedClickHouse server) throws IOException {
            this.server = server;
            this.front =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            front.setExecutor(threads);
            front.createContext("/", this::handle);
            front.start();
        }

        String url() {
            return "http://127.0.0.1:" + front.getAddress().getPort();
        }

        private void handle(HttpExchange exchange) throws IOException {
            try (exchange) {
                byte[] body = exchange.getRequestBody().readAllBytes();
                String sql = new String(body, StandardCharsets.UTF_8);
                Insert request =
                        new Insert(
                                exchange.getRequestURI().toString(),
                                Map.copyOf(exchange.getRequestHeaders()),
                                body);
                synchronized (ReplicasBehind.this) {
                    String token = parameter(request, "insert_deduplication_token");
                    if (!token.isEmpty()) {
                        insert(exchange, request, token);
                    } else if (sql.startsWith("SYSTEM SYNC REPLICA")) {
                        sync(exchange);
                    } else if (sql.startsWith("CHECK GRANT")) {
                        answer(exchange, syncIsGranted ? "1\n" : "0\n");
                    } else {
                        query(exchange, request, sql);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void insert(HttpExchange exchange, Insert insert, String token)
                throws IOException, InterruptedException {
            if (tokensInKeeper.add(token)) {
                forward(insert);
                replicas.stream()
                        .filter(other -> other != this)
                        .forEach(other -> other.behind.add(insert));
            }
            if (answersAreCut && this == replicas.get(0)) {
                return;
            }
            answer(exchange, "");
        }

        private void sync(HttpExchange exchange) throws IOException, InterruptedException {
            if (!syncIsGranted) {
                refuse(exchange, 497, "Not enough privileges: SYSTEM SYNC REPLICA");
            } else if (syncTimesOut) {
                refuse(exchange, 159, "SYNC REPLICA: command timed out");
            } else {
                catchUp();
                answer(exchange, "");
            }
        }

        private void query(HttpExchange exchange, Insert request, String sql)
                throws IOException, InterruptedException {
            if (engine == Engine.SHARED
                    && parameter(request, "select_sequential_consistency").equals("1")) {
                catchUp();
            }
            HttpResponse<byte[]> answer = forward(request);
            String text = new String(answer.body(), StandardCharsets.UTF_8);
            if (sql.startsWith("SELECT engine")) {
                text = text.replace("MergeTree", engine.prefix + "MergeTree");
            }
            if (answer.statusCode() == 200) {
                answer(exchange, text);
            } else {
                int code =
                        answer.headers()
                                .firstValue("X-ClickHouse-Exception-Code")
                                .map(Integer::valueOf)
                                .orElse(0);
                refuse(exchange, code, text);
            }
        }

        private void catchUp() throws IOException, InterruptedException {
            for (Insert next = behind.poll(); next != null; next = behind.poll()) {
                forward(next);
            }
        }

        private void answer(HttpExchange exchange, String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("X-ClickHouse-Server-Display-Name", url());
            exchange.sendResponseHeaders(200, bytes.length == 0 ? NO_BODY : bytes.length);
            exchange.getResponseBody().write(bytes);
        }

        private void refuse(HttpExchange exchange, int code, String message) throws IOException {
            byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders()
                    .set("X-ClickHouse-Exception-Code", Integer.toString(code));
            exchange.sendResponseHeaders(REFUSED, bytes.length);
            exchange.getResponseBody().write(bytes);
        }

        private HttpResponse<byte[]> forward(Insert insert)
                throws IOException, InterruptedException {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(server.url() + insert.pathAndQuery()))
                            .version(HttpClient.Version.HTTP_1_1)
                            .POST(BodyPublishers.ofByteArray(insert.body()));
            insert.headers()
                    .forEach(
                            (name, values) -> {
                                if (!NOT_COPIED.contains(name.toLowerCase())) {
                                    values.forEach(value -> request.header(name, value));
                                }
                            });
            return back.send(request.build(), BodyHandlers.ofByteArray());
        }
    }

    private static String parameter(Insert request, String name) {
        return Arrays.stream(request.pathAndQuery().split("[?&]"))
                .filter(parameter -> parameter.startsWith(name + "="))
                .map(parameter -> parameter.substring(name.length() + 1))
                .map(value -> URLDecoder.decode(value, StandardCharsets.UTF_8))
                .findFirst()
                .orElse("");
    }
}
