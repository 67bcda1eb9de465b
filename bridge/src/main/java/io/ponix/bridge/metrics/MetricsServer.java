package io.ponix.bridge.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/** Answers {@code /metrics} for Prometheus, and {@code /health}: 200, or 503 while NATS is away. */
public final class MetricsServer implements AutoCloseable {

    private final HttpServer server;

    /**
     * Serves.
     *
     * @param port 0 takes a free one
     * @throws IOException if the port cannot be opened
     */
    public MetricsServer(
            String host, int port, PrometheusMeterRegistry metrics, BooleanSupplier healthy)
            throws IOException {
        server = HttpServer.create(new InetSocketAddress(host, port), 0);
        server.createContext("/metrics", exchange -> answer(exchange, 200, metrics.scrape()));
        server.createContext(
                "/health",
                exchange -> {
                    boolean well = healthy.getAsBoolean();
                    answer(exchange, well ? 200 : 503, well ? "ok\n" : "NATS is not connected\n");
                });
        server.start();
    }

    /** The port that it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
