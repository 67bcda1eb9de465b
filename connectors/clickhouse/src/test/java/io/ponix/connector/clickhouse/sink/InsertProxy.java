package io.ponix.connector.clickhouse.sink;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The network between the sink and a ClickHouse server, with faults at the moments that matter for
 * an insert: before the server has it, and before the sink has its answer. Queries pass.
 */
final class InsertProxy implements AutoCloseable {

    /** What becomes of an insert. */
    enum Fault {
        /** It passes, and so does its answer. */
        NONE,
        /** The connection breaks before the server has seen anything. */
        CUT_BEFORE_THE_INSERT,
        /** The server does it, and the connection breaks before the answer. */
        CUT_BEFORE_THE_ANSWER,
        /** It waits in front of the server until {@link #pass()}; the sink may be gone by then. */
        HOLD_BEFORE_THE_INSERT,
        /** The server does it, and the answer waits until {@link #pass()}. */
        HOLD_BEFORE_THE_ANSWER
    }

    private static final Set<String> NOT_COPIED =
            Set.of("connection", "content-length", "host", "http2-settings", "upgrade");

    private static final int NO_BODY = -1;

    private final String target;
    private final HttpServer front;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient back = HttpClient.newBuilder().executor(threads).build();
    private final ConcurrentLinkedQueue<Fault> next = new ConcurrentLinkedQueue<>();
    private final Map<String, List<Integer>> requestsByToken = new ConcurrentHashMap<>();
    private final Lock lock = new ReentrantLock();
    private final Condition passing = lock.newCondition();
    private Fault standing = Fault.NONE;
    private int held;

    private InsertProxy(String target) throws IOException {
        this.target = target;
        this.front =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        front.setExecutor(threads);
        front.createContext("/", this::handle);
    }

    /** Starts a proxy on a free port of this machine. */
    static InsertProxy before(String url) throws IOException {
        InsertProxy proxy = new InsertProxy(url);
        proxy.front.start();
        return proxy;
    }

    String url() {
        return "http://127.0.0.1:" + front.getAddress().getPort();
    }

    /** One fault for each of the next inserts, in the order of their arrival. */
    void next(Fault... faults) {
        next.addAll(Arrays.asList(faults));
    }

    /** The fault of every insert from now on. */
    void always(Fault fault) {
        lock.lock();
        try {
            standing = fault;
        } finally {
            lock.unlock();
        }
    }

    /** Lets everything pass from now on, and lets go of what is held. */
    void pass() {
        lock.lock();
        try {
            standing = Fault.NONE;
            passing.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Inserts that wait in the proxy, whether or not anyone still waits for their answer. */
    int held() {
        lock.lock();
        try {
            return held;
        } finally {
            lock.unlock();
        }
    }

    /** Per deduplication token, a hash of each request that came under it, body and settings. */
    Map<String, List<Integer>> requestsByToken() {
        return requestsByToken;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String query = exchange.getRequestURI().getRawQuery();
            Fault fault = query.contains("query=INSERT") ? arrived(query, body) : Fault.NONE;
            if (fault == Fault.CUT_BEFORE_THE_INSERT) {
                return;
            }
            if (fault == Fault.HOLD_BEFORE_THE_INSERT) {
                hold();
            }
            HttpResponse<byte[]> answer = forward(exchange, body);
            if (fault == Fault.CUT_BEFORE_THE_ANSWER) {
                return;
            }
            if (fault == Fault.HOLD_BEFORE_THE_ANSWER) {
                hold();
            }
            answer.headers()
                    .map()
                    .forEach(
                            (name, values) -> {
                                if (name.toLowerCase().startsWith("x-clickhouse")) {
                                    exchange.getResponseHeaders().put(name, values);
                                }
                            });
            if (answer.body().length == 0) {
                exchange.sendResponseHeaders(answer.statusCode(), NO_BODY);
            } else {
                exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
                exchange.getResponseBody().write(answer.body());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Fault arrived(String query, byte[] body) {
        String token =
                Arrays.stream(query.split("&"))
                        .filter(parameter -> parameter.startsWith("insert_deduplication_token="))
                        .map(parameter -> parameter.substring(parameter.indexOf('=') + 1))
                        .map(value -> URLDecoder.decode(value, StandardCharsets.UTF_8))
                        .findFirst()
                        .orElse("");
        requestsByToken
                .computeIfAbsent(token, unseen -> new CopyOnWriteArrayList<>())
                .add(31 * query.hashCode() + Arrays.hashCode(body));
        Fault own = next.poll();
        if (own != null) {
            return own;
        }
        lock.lock();
        try {
            return standing;
        } finally {
            lock.unlock();
        }
    }

    private void hold() throws InterruptedException {
        lock.lock();
        try {
            held++;
            while (standing != Fault.NONE) {
                passing.await();
            }
        } finally {
            held--;
            lock.unlock();
        }
    }

    /** An answer that does not come is an {@link IOException}, which cuts the connection. */
    private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI()))
                        .version(HttpClient.Version.HTTP_1_1)
                        .POST(BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders()
                .forEach(
                        (name, values) -> {
                            if (!NOT_COPIED.contains(name.toLowerCase())) {
                                values.forEach(value -> request.header(name, value));
                            }
                        });
        return back.send(request.build(), BodyHandlers.ofByteArray());
    }

    @Override
    public void close() {
        pass();
        front.stop(0);
        threads.shutdownNow();
    }
}
