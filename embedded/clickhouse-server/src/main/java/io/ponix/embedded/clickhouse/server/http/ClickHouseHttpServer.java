package io.ponix.embedded.clickhouse.server.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.ponix.embedded.clickhouse.server.engine.ClickHouseEngine;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ClickHouse's HTTP interface over an engine. */
public final class ClickHouseHttpServer {

    private static final Logger LOG = LoggerFactory.getLogger(ClickHouseHttpServer.class);

    private static final int MAX_CONCURRENT_REQUESTS = 64;

    /**
     * How long clients may keep an idle connection (ClickHouse's default). The server closes it
     * later than it says: a request on a connection that is being closed is lost.
     */
    private static final int KEEP_ALIVE_SECONDS = 30;

    /** ClickHouse's parser and analyzer recurse on the calling thread, as on threads of 8 MiB. */
    private static final long STACK_SIZE = 8L << 20;

    private final HttpServer server;
    private final ExecutorService requestThreads =
            threads(MAX_CONCURRENT_REQUESTS, new LinkedBlockingQueue<>(), "http");
    private final ExecutorService engineThreads =
            threads(Integer.MAX_VALUE, new SynchronousQueue<>(), "query");
    private final Object monitor = new Object();
    private int activeRequests;
    private boolean stopping;

    private ClickHouseHttpServer(HttpServer server) {
        this.server = server;
    }

    /**
     * Takes the port; requests wait until {@link #start}.
     *
     * @param port the port, or 0 for a free one
     * @param tls what connections are encrypted by; nothing for plain HTTP
     * @throws IOException when the port is in use or the address is not this machine's
     */
    public static ClickHouseHttpServer bind(String host, int port, Optional<SSLContext> tls)
            throws IOException {
        // A small response waits for the client's delayed acknowledgement (40 ms) otherwise. Read
        // once, when the JDK's server class is loaded.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty(
                "sun.net.httpserver.idleInterval", String.valueOf(2 * KEEP_ALIVE_SECONDS));
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
            if (tls.isEmpty()) {
                return new ClickHouseHttpServer(HttpServer.create(address, 0));
            }
            HttpsServer server = HttpsServer.create(address, 0);
            server.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
            return new ClickHouseHttpServer(server);
        } catch (BindException e) {
            throw new IOException(
                    "Cannot listen on "
                            + host
                            + ":"
                            + port
                            + " ("
                            + e.getMessage()
                            + "): another program uses the port, or the address is not this"
                            + " machine's. Choose another --port or --host.",
                    e);
        }
    }

    /** The port in use. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** Begins to answer requests. */
    public void start(ClickHouseEngine engine, Credentials credentials) {
        QueryHandler queries =
                new QueryHandler(
                        engine, credentials, engineThreads, server.getAddress().getHostString());
        server.setExecutor(requestThreads);
        server.createContext("/", exchange -> handle(exchange, queries));
        server.start();
    }

    /** Refuses new requests, waits for those under way up to a time, and closes the port. */
    public void stop(Duration patience) throws InterruptedException {
        synchronized (monitor) {
            stopping = true;
            long end = System.nanoTime() + patience.toNanos();
            long left;
            while (activeRequests > 0 && (left = end - System.nanoTime()) > 0) {
                TimeUnit.NANOSECONDS.timedWait(monitor, left);
            }
            if (activeRequests > 0) {
                LOG.warn("{} requests do not end: stopped while they run", activeRequests);
            }
        }
        server.stop(0);
        requestThreads.shutdownNow();
        engineThreads.shutdownNow();
    }

    private void handle(HttpExchange exchange, QueryHandler queries) throws IOException {
        synchronized (monitor) {
            if (stopping) {
                sendText(exchange, 503, "The server is stopping\n");
                return;
            }
            activeRequests++;
        }
        exchange.getResponseHeaders().set("Keep-Alive", "timeout=" + KEEP_ALIVE_SECONDS);
        try {
            route(exchange, queries);
        } catch (IOException e) {
            LOG.debug("Connection closed", e);
            throw e;
        } catch (RuntimeException | Error e) {
            LOG.error("A request failed", e);
            throw e;
        } finally {
            synchronized (monitor) {
                activeRequests--;
                monitor.notifyAll();
            }
        }
    }

    private static void route(HttpExchange exchange, QueryHandler queries) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        boolean reads = method.equals("GET") || method.equals("HEAD");
        if (reads && path.equals("/ping")
                || reads && path.equals("/") && exchange.getRequestURI().getRawQuery() == null) {
            sendText(exchange, 200, "Ok.\n");
        } else if (!path.equals("/") && !path.equals("/query")) {
            sendText(
                    exchange,
                    404,
                    "There is no handle "
                            + path
                            + "\n\nUse / or /ping for health checks.\nSend queries from your"
                            + " program with POST method or GET /?query=...\n");
        } else if (reads || method.equals("POST") || method.equals("PUT")) {
            queries.handle(exchange);
        } else {
            sendText(exchange, 501, "Method " + method + " is not supported\n");
        }
    }

    private static void sendText(HttpExchange exchange, int status, String text)
            throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/html; charset=UTF-8");
        boolean withBody = !exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, withBody ? bytes.length : -1);
        if (withBody) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    private static ExecutorService threads(
            int maximum, BlockingQueue<Runnable> queue, String name) {
        AtomicInteger number = new AtomicInteger();
        ThreadFactory factory =
                task -> {
                    Thread thread =
                            new Thread(
                                    null, task, name + "-" + number.incrementAndGet(), STACK_SIZE);
                    thread.setDaemon(true);
                    return thread;
                };
        boolean bounded = maximum < Integer.MAX_VALUE;
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(
                        bounded ? maximum : 0, maximum, 30, TimeUnit.SECONDS, queue, factory);
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}
