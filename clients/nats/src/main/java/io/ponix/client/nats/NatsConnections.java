package io.ponix.client.nats;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;

/**
 * Opens connections the way this connector needs them: they reconnect for ever and never print to
 * the console.
 */
public final class NatsConnections {

    /** Short enough that a restarted server is found at once, long enough not to spin. */
    private static final Duration RECONNECT_WAIT = Duration.ofMillis(250);

    /** Detects a connection whose peer vanished without a word within half a minute. */
    private static final Duration PING_INTERVAL = Duration.ofSeconds(10);

    /**
     * The client's limit for a line of the protocol. That of a server is 4 KiB by default, of which
     * a subject may be nearly all; the line that delivers the message is longer, and the client
     * would lose the connection over it each time.
     */
    private static final int LONGEST_LINE = 16 * 1024;

    private NatsConnections() {}

    /**
     * Connects, once: the caller decides whether a failure is worth another attempt.
     *
     * @param clientName shown in the server's list of connections
     * @param listener told about everything that happens on the connection later; called on the
     *     client's threads
     * @throws NatsAccessException if the server refuses the identity, or the credentials cannot be
     *     read
     * @throws IOException if no server can be reached; the message names the servers
     */
    public static Connection open(NatsSettings configuration, String clientName, Listener listener)
            throws IOException {
        TlsContext tls = configuration.tls() ? TlsContext.create(configuration) : null;
        Options options = options(configuration, tls, clientName, listener);
        try {
            return Nats.connect(options);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while connecting to " + configuration, e);
        } catch (IOException e) {
            // Never the client's exception itself: its message has the URLs with the passwords in
            // them.
            String reason = NatsSettings.redact(String.valueOf(e.getMessage()));
            // Refused by every one of several servers is reported as not reached.
            if (e instanceof AuthenticationException
                    || reason.contains("Authorization Violation")) {
                throw new NatsAccessException(
                        "The NATS server refused to let us in (" + configuration + "): " + reason,
                        null);
            }
            Optional<CertificateException> refusal = tls == null ? Optional.empty() : tls.refusal();
            if (refusal.isPresent()) {
                throw new NatsAccessException(
                        "truststore: the server's certificate is not trusted ("
                                + configuration
                                + "): "
                                + refusal.get().getMessage(),
                        refusal.get());
            }
            throw new IOException(
                    "Cannot connect to "
                            + configuration
                            + ": "
                            + reason
                            + (tls != null && configuration.keystorePath().isEmpty()
                                    ? "; keystore: does the server ask for a client certificate?"
                                    : ""));
        }
    }

    private static Options options(
            NatsSettings configuration, TlsContext tls, String clientName, Listener listener)
            throws IOException {
        Options.Builder options =
                new Options.Builder()
                        .servers(configuration.servers().toArray(new String[0]))
                        .connectionName(clientName)
                        .connectionTimeout(configuration.connectionTimeout())
                        .maxReconnects(-1)
                        .reconnectWait(RECONNECT_WAIT)
                        .pingInterval(PING_INTERVAL)
                        .maxControlLine(LONGEST_LINE)
                        .dataPortType(HeaderGuard.class.getName())
                        .errorListener(listener)
                        .connectionListener(listener);
        configuration
                .username()
                .ifPresent(
                        user ->
                                options.userInfo(
                                        user.toCharArray(),
                                        configuration.password().toCharArray()));
        configuration.token().ifPresent(token -> options.token(token.toCharArray()));
        if (configuration.credentialsFile().isPresent()) {
            String path = configuration.credentialsFile().get();
            if (!Files.isReadable(Path.of(path))) {
                throw new NatsAccessException(
                        "credentialsFile: " + path + " does not exist or cannot be read", null);
            }
            options.authHandler(Nats.credentials(path));
        }
        if (tls != null) {
            options.sslContext(tls.context());
        }
        try {
            return options.build();
        } catch (RuntimeException e) {
            throw new NatsAccessException(
                    "The connection settings cannot be used ("
                            + configuration
                            + "): "
                            + NatsSettings.redact(String.valueOf(e.getMessage())),
                    null);
        }
    }

    /** What may happen on a connection after it was opened; every method may be left as it is. */
    public abstract static class Listener implements ErrorListener, ConnectionListener {

        /** The connection was lost and is there again; what the server held for it may be gone. */
        protected void reconnected() {}

        /** The connection was lost; the client is trying to get it back. */
        protected void disconnected() {}

        /**
         * The server reported an error, for instance {@code Permissions Violation for Publish to
         * "…"}. A request that is refused this way otherwise only times out.
         */
        protected void serverError(String error) {}

        @Override
        public final void errorOccurred(Connection connection, String error) {
            serverError(error);
        }

        @Override
        @SuppressWarnings(
                "deprecation") // the interface has no other method that must be implemented
        public final void connectionEvent(Connection connection, Events event) {
            if (event == Events.RESUBSCRIBED) {
                reconnected();
            } else if (event == Events.DISCONNECTED) {
                disconnected();
            }
        }
    }
}
