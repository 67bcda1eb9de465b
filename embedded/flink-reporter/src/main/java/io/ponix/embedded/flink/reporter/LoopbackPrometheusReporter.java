package io.ponix.embedded.flink.reporter;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ponix.environment.AllowedHosts;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.prometheus.PrometheusMetrics;
import org.apache.flink.util.PortRange;

/**
 * Answers Prometheus on the loopback address, on the first free port of a range, whoever asks by a
 * name that it has. A page that has made its own lead there is refused, as by all parts of Ponix.
 */
final class LoopbackPrometheusReporter extends PrometheusMetrics {

    private final PortRange ports;
    private final AllowedHosts hosts;
    private final ExecutorService threads =
            Executors.newCachedThreadPool(
                    task -> {
                        Thread thread = new Thread(task, "prometheus-reporter");
                        thread.setDaemon(true);
                        return thread;
                    });
    private HttpServer server;

    LoopbackPrometheusReporter(PortRange ports, AllowedHosts hosts) {
        this.ports = ports;
        this.hosts = hosts;
    }

    @Override
    public void open(MetricConfig config) {
        super.open(config);
        for (Iterator<Integer> each = ports.getPortsIterator();
                each.hasNext() && server == null; ) {
            listen(each.next());
        }
        if (server == null) {
            throw new IllegalStateException(
                    "No port of " + ports + " is free (metrics.reporter.prometheus.port)");
        }
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    private void listen(int port) {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            log.info("Prometheus is answered on port {} of the loopback address", port);
        } catch (IOException inUse) {
            log.debug("Port {} is not free", port, inUse);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!isAskedForByItsName(exchange.getRequestHeaders())) {
                send(
                        exchange,
                        HttpURLConnection.HTTP_FORBIDDEN,
                        "text/plain; charset=utf-8",
                        "Flink's metrics are not known by the name in Host; "
                                + "metrics.reporter.prometheus.allowed-hosts in Flink's"
                                + " configuration lists names that they have\n");
                return;
            }
            StringWriter samples = new StringWriter();
            TextFormat.write004(samples, metrics().metricFamilySamples());
            send(
                    exchange,
                    HttpURLConnection.HTTP_OK,
                    TextFormat.CONTENT_TYPE_004,
                    samples.toString());
        }
    }

    private boolean isAskedForByItsName(Headers headers) {
        List<String> named = headers.getOrDefault("Host", List.of());
        return named.size() <= 1 && hosts.includes(named.isEmpty() ? null : named.get(0));
    }

    private static void send(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        byte[] body = text.getBytes(UTF_8);
        boolean hasNoBody = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, hasNoBody ? -1 : body.length);
        if (!hasNoBody) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
        }
        threads.shutdownNow();
        super.close();
    }
}
