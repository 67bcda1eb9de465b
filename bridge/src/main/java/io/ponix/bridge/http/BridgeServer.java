package io.ponix.bridge.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.ponix.bridge.metrics.HttpMetrics;
import io.ponix.bridge.publish.UplinkStore;
import io.ponix.client.tls.TlsSettings;
import io.ponix.environment.AllowedHosts;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Serves what is posted ({@link UplinkEndpoint}), {@code /metrics} for Prometheus, and {@code
 * /health}: 200, or 503 while NATS is away.
 */
public final class BridgeServer implements AutoCloseable {

    private static final int THREADS = 16;
    private static final int MOST_CONNECTIONS = 10_000;
    private static final Duration IDLE = Duration.ofSeconds(60);

    /** Within the 10 s that the whole bridge has. */
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(2);

    private final Server server;
    private final ServerConnector connector;

    /**
     * Serves.
     *
     * @param port 0 takes a free one
     * @param tls certificate and key; empty for HTTP without TLS
     * @param hosts the names by which it may be asked for
     * @param natsIsThere whether anything can be stored
     * @throws io.ponix.client.tls.TlsException if certificate and key cannot be used
     * @throws IOException if the port cannot be opened
     */
    public BridgeServer(
            String host,
            int port,
            Optional<TlsSettings> tls,
            AllowedHosts hosts,
            PrometheusMeterRegistry metrics,
            KnownGateways gateways,
            UplinkStore store,
            BooleanSupplier natsIsThere)
            throws IOException {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 4);
        threads.setName("http");
        server = new Server(threads);
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        // Ids of devices may have anything in them, '/' and '%' too, which are percent-encoded.
        // Nothing here is a file: the path is read as it was sent.
        configuration.setUriCompliance(UriCompliance.UNSAFE);
        HttpConnectionFactory http = new HttpConnectionFactory(configuration);
        connector =
                new ServerConnector(
                        server,
                        1,
                        1,
                        tls.isPresent()
                                ? new ConnectionFactory[] {secured(tls.get(), http), http}
                                : new ConnectionFactory[] {http});
        connector.setHost(host);
        connector.setPort(port);
        connector.setIdleTimeout(IDLE.toMillis());
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, server));
        server.setErrorHandler(BridgeServer::answerError);
        server.setStopTimeout(STOPPED_WITHIN.toMillis());
        HttpMetrics requests = new HttpMetrics(metrics);
        server.setHandler(
                new GracefulHandler(
                        new BrowserGuard(
                                hosts,
                                new Handler.Sequence(
                                        new UplinkEndpoint(gateways, store, natsIsThere, requests),
                                        new Plain(metrics, requests, gateways, natsIsThere)))));
        try {
            server.start();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** What is not TLS gets no answer on its port. */
    private static SslConnectionFactory secured(TlsSettings tls, HttpConnectionFactory http)
            throws IOException {
        SslContextFactory.Server context = new SslContextFactory.Server();
        context.setSslContext(tls.context());
        return new SslConnectionFactory(context, http.getProtocol());
    }

    private static final class Plain extends Handler.Abstract.NonBlocking {

        private final PrometheusMeterRegistry metrics;
        private final HttpMetrics requests;
        private final KnownGateways gateways;
        private final BooleanSupplier natsIsThere;

        private Plain(
                PrometheusMeterRegistry metrics,
                HttpMetrics requests,
                KnownGateways gateways,
                BooleanSupplier natsIsThere) {
            this.metrics = metrics;
            this.requests = requests;
            this.gateways = gateways;
            this.natsIsThere = natsIsThere;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            switch (request.getHttpURI().getPath()) {
                case "/metrics" -> {
                    requests.retain(gateway -> gateways.find(gateway).isPresent());
                    answer(response, HttpStatus.OK_200, metrics.scrape(), callback);
                }
                case "/health" -> {
                    boolean well = natsIsThere.getAsBoolean();
                    answer(
                            response,
                            well ? HttpStatus.OK_200 : HttpStatus.SERVICE_UNAVAILABLE_503,
                            well ? "ok\n" : "NATS is not connected\n",
                            callback);
                }
                default ->
                        // As with what is refused: few senders listen before the body has gone.
                        RequestBody.discard(request, UplinkEndpoint.LARGEST_BODY)
                                .thenAccept(
                                        whole ->
                                                Response.writeError(
                                                        request,
                                                        response,
                                                        callback,
                                                        HttpStatus.NOT_FOUND_404));
            }
            return true;
        }

        private static void answer(Response response, int status, String text, Callback callback) {
            response.setStatus(status);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
            Content.Sink.write(response, true, text, callback);
        }
    }

    /** What Jetty itself refuses, and what nobody handles, in the form of all other problems. */
    private static boolean answerError(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        if (request.getAttribute(ErrorHandler.ERROR_EXCEPTION) != null) {
            // Jetty ends the connection then. Who is not told would send the next request there,
            // and get no answer.
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        // Jetty has taken away what was there.
        BrowserGuard.restrict(response);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        Content.Sink.write(
                response,
                true,
                HttpProblem.json(
                        status,
                        switch (status) {
                            case HttpStatus.FORBIDDEN_403 -> "PERMISSION_DENIED";
                            case HttpStatus.NOT_FOUND_404 -> "NOT_FOUND";
                            case HttpStatus.INTERNAL_SERVER_ERROR_500 -> "INTERNAL";
                            default -> "INVALID_ARGUMENT";
                        },
                        reason(request, status)),
                callback);
        return true;
    }

    /** What is wrong with a request, where Jetty knows it; nothing of a fault of ours. */
    private static String reason(Request request, int status) {
        Object known = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
        if (status == HttpStatus.BAD_REQUEST_400 && HttpStatus.getMessage(status).equals(known)) {
            return "the path and query of the request cannot be read: write %25 for a percent sign,"
                    + " and no control characters";
        }
        return known instanceof String text && HttpStatus.isClientError(status)
                ? text
                : HttpStatus.getMessage(status);
    }

    /** The port that it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The HTTP server does not end", e);
        }
    }
}
