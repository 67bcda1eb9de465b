package io.ponix.client.nats;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.ponix.client.tls.TlsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The one place that connects to NATS. Connections reconnect for ever, never print to the console,
 * and read whatever anybody has published.
 */
@API(status = Status.EXPERIMENTAL)
public final class NatsConnections {

    /** Short enough that a restarted server is found at once, long enough not to spin. */
    private static final Duration RECONNECT_WAIT = Duration.ofMillis(250);

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
        return open(configuration, clientName, listener, OptionalInt.empty());
    }

    /**
     * As {@link #open(NatsSettings, String, Listener)}, for those whose threads must not be held
     * up. While the server reads nothing, a connection else takes 5,000 messages, and then has
     * whoever publishes wait for seconds. This one drops what is more, as if it had been lost on
     * the way: it is only for what is published again until it is acknowledged.
     *
     * @param mostWaiting how many messages wait to be sent, at most
     */
    public static Connection openDroppingExcess(
            NatsSettings configuration, String clientName, int mostWaiting) throws IOException {
        return open(configuration, clientName, new Listener() {}, OptionalInt.of(mostWaiting));
    }

    private static Connection open(
            NatsSettings configuration,
            String clientName,
            Listener listener,
            OptionalInt mostWaiting)
            throws IOException {
        ServerNameTrustManager trust = configuration.tls() ? trust(configuration) : null;
        Options options = options(configuration, trust, clientName, listener, mostWaiting);
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
                        null,
                        NatsVariable.USERNAME,
                        NatsVariable.PASSWORD,
                        NatsVariable.TOKEN,
                        NatsVariable.CREDENTIALS_FILE);
            }
            Optional<CertificateException> refusal =
                    trust == null ? Optional.empty() : trust.refusal();
            if (refusal.isPresent()) {
                throw new NatsAccessException(
                        "truststore: the server's certificate is not trusted ("
                                + configuration
                                + "): "
                                + refusal.get().getMessage(),
                        refusal.get(),
                        NatsVariable.TLS_TRUSTSTORE);
            }
            throw new IOException(
                    "Cannot connect to "
                            + configuration
                            + ": "
                            + reason
                            + (trust != null && configuration.tlsSettings().keystore().isEmpty()
                                    ? "; keystore: does the server ask for a client certificate?"
                                    : ""));
        }
    }

    private static ServerNameTrustManager trust(NatsSettings configuration)
            throws NatsAccessException {
        try {
            return new ServerNameTrustManager(
                    configuration.tlsSettings().authorities(), configuration.hosts());
        } catch (TlsException e) {
            throw new NatsAccessException(
                    e.getMessage(), e, NatsVariable.TLS_TRUSTSTORE, NatsVariable.TLS_KEYSTORE);
        }
    }

    private static Options options(
            NatsSettings configuration,
            ServerNameTrustManager trust,
            String clientName,
            Listener listener,
            OptionalInt mostWaiting)
            throws IOException {
        Options.Builder options =
                new Options.Builder()
                        .servers(configuration.servers().toArray(new String[0]))
                        .connectionName(clientName)
                        .connectionTimeout(configuration.connectionTimeout())
                        .maxReconnects(-1)
                        .reconnectWait(RECONNECT_WAIT)
                        .pingInterval(configuration.pingInterval())
                        .maxControlLine(LONGEST_LINE)
                        .inboxPrefix(configuration.inboxPrefix())
                        .dataPortType(HeaderGuard.class.getName())
                        .errorListener(listener)
                        .connectionListener(listener);
        mostWaiting.ifPresent(
                most ->
                        options.maxMessagesInOutgoingQueue(most)
                                .discardMessagesWhenOutgoingQueueFull());
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
                        "credentialsFile: " + path + " does not exist or cannot be read",
                        null,
                        NatsVariable.CREDENTIALS_FILE);
            }
            options.authHandler(Nats.credentials(path));
        }
        if (trust != null) {
            try {
                options.sslContext(configuration.tlsSettings().context(trust));
            } catch (TlsException e) {
                throw new NatsAccessException(
                        e.getMessage(), e, NatsVariable.TLS_TRUSTSTORE, NatsVariable.TLS_KEYSTORE);
            }
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

    /** As {@link #open(NatsSettings, String, Listener)}, for those whom nothing need be told. */
    public static Connection open(NatsSettings configuration, String clientName)
            throws IOException {
        return open(configuration, clientName, new Listener() {});
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
