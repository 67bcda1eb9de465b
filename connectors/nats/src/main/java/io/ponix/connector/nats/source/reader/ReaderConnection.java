package io.ponix.connector.nats.source.reader;

import io.nats.client.Connection;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsConnections;
import io.ponix.client.nats.NatsSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one connection that all fetchers of a reader share, opened when first needed. It reconnects
 * by itself; fetchers see that it did by its epoch and make their consumers anew, because a
 * restarted server has forgotten them.
 */
final class ReaderConnection extends NatsConnections.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(ReaderConnection.class);

    private static final Duration FLUSH_TIMEOUT = Duration.ofMillis(500);

    private final NatsSettings configuration;
    private final String clientName;
    private volatile Connection connection;
    private boolean closed;
    private volatile String refusal;

    ReaderConnection(NatsSettings configuration, String clientName) {
        this.configuration = configuration;
        this.clientName = clientName;
    }

    /**
     * The connection, opened if there is none.
     *
     * @throws NatsAccessException if the server refuses us, now or by an earlier message: trying
     *     again would not help
     * @throws IOException if it cannot be opened now
     */
    synchronized Connection get() throws IOException {
        if (closed) {
            throw new IOException("The reader is closed");
        }
        if (refusal != null) {
            throw new NatsAccessException(
                    "The NATS server refused the source's request ("
                            + configuration
                            + "): "
                            + refusal,
                    null);
        }
        if (connection != null && connection.getStatus() == Connection.Status.CLOSED) {
            // The client gives up by itself only if the server refuses to let it in again.
            throw new NatsAccessException(
                    "The NATS connection was closed for good ("
                            + configuration
                            + "): "
                            + connection.getLastError(),
                    null);
        }
        if (connection == null) {
            connection = NatsConnections.open(configuration, clientName, this);
        }
        return connection;
    }

    /**
     * Changes whenever the connection was lost and found again, before anything of the new one can
     * arrive: the client counts first and subscribes then. Who takes a message and then still sees
     * the epoch in which the message was asked for has it from the server that was asked.
     */
    long epoch() {
        Connection current = connection;
        return current == null ? 0 : current.getStatistics().getReconnects();
    }

    NatsSettings configuration() {
        return configuration;
    }

    @Override
    protected void reconnected() {
        LOG.info("Connected again to {}", configuration);
    }

    @Override
    protected void disconnected() {
        LOG.info("Lost the connection to {}", configuration);
    }

    @Override
    protected void serverError(String error) {
        LOG.warn("The NATS server reports: {}", error);
        // Consumers we leave behind expire by themselves: not being allowed to delete them is no
        // reason to fail.
        if (error.toLowerCase(Locale.ROOT).contains("permissions violation")
                && !error.contains("CONSUMER.DELETE")) {
            refusal = error;
        }
    }

    synchronized void close() throws InterruptedException {
        closed = true;
        if (connection == null) {
            return;
        }
        try {
            // Closing drops what was not sent yet: the requests to delete consumers.
            connection.flush(FLUSH_TIMEOUT);
        } catch (TimeoutException | IllegalStateException e) {
            LOG.debug("The server is away: it forgets our consumers by itself", e);
        } finally {
            connection.close();
        }
    }
}
