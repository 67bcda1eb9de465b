package io.ponix.connector.nats;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsConnections;
import io.ponix.client.nats.NatsSettings;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.annotation.PublicEvolving;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after streams from outside a job: a job's main method, a command line, a test. One
 * connection, opened by {@link #connect} and closed by {@link #close()}; safe for use by several
 * threads.
 */
@PublicEvolving
public final class JetStreamAdmin implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(JetStreamAdmin.class);

    private static final int STREAM_NOT_FOUND = 10059;
    private static final int STREAM_NAME_IN_USE = 10058;

    private final NatsSettings configuration;
    private final Connection connection;
    private final JetStreamManagement management;

    private JetStreamAdmin(NatsSettings configuration, Connection connection) throws IOException {
        this.configuration = configuration;
        this.connection = connection;
        this.management =
                connection.jetStreamManagement(
                        JetStreamOptions.builder()
                                .requestTimeout(configuration.requestTimeout())
                                .build());
    }

    /**
     * Connects.
     *
     * @throws NatsAccessException if the server refuses the identity
     * @throws IOException if no server can be reached; the message names the servers
     */
    public static JetStreamAdmin connect(NatsSettings configuration) throws IOException {
        return new JetStreamAdmin(
                configuration,
                NatsConnections.open(
                        configuration, "ponix-jetstream-admin", new NatsConnections.Listener() {}));
    }

    /**
     * Makes sure that a stream exists: an existing one is taken as it is, whatever its settings,
     * and never updated; a missing one is created.
     *
     * @param wanted settings of the stream, used only if it does not exist
     * @return the stream as it is now; compare its configuration if the settings matter
     * @throws NatsAccessException if it is missing and the user may not create it
     * @throws IOException if the server cannot be asked or refuses to create the stream; the
     *     message says why
     */
    public StreamInfo ensureStream(StreamConfiguration wanted) throws IOException {
        Optional<StreamInfo> existing = findStream(wanted.getName());
        if (existing.isPresent()) {
            return existing.get();
        }
        permissions().toCreate(wanted.getName()).require();
        try {
            StreamInfo created = management.addStream(wanted);
            LOG.info("Created stream {} with subjects {}", wanted.getName(), wanted.getSubjects());
            return created;
        } catch (JetStreamApiException e) {
            // Somebody else created it between our look and our attempt: that is what we wanted.
            if (e.getApiErrorCode() == STREAM_NAME_IN_USE) {
                return findStream(wanted.getName())
                        .orElseThrow(() -> failure("create stream " + wanted.getName(), e));
            }
            throw failure("create stream " + wanted.getName(), e);
        }
    }

    /**
     * The stream of that name, or nothing if there is none.
     *
     * @throws IOException if the server cannot be asked
     */
    public Optional<StreamInfo> findStream(String name) throws IOException {
        try {
            return Optional.of(management.getStreamInfo(name));
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == STREAM_NOT_FOUND) {
                return Optional.empty();
            }
            throw failure("look up stream " + name, e);
        } catch (IOException e) {
            throw new IOException(
                    "JetStream does not answer on "
                            + configuration
                            + " ("
                            + e.getMessage()
                            + "). nats-server 2.9 switches it off when its disk is full: make room,"
                            + " and start the server again",
                    e);
        }
    }

    /**
     * The most bytes that payload and headers of a message may have together, by the limits of the
     * server and of the stream that stores its subject as they are now.
     *
     * @throws IOException if the server cannot be asked
     */
    public long maximumMessageBytes(String subject) throws IOException {
        try {
            return MessageLimits.of(subject, connection, management);
        } catch (JetStreamApiException e) {
            throw failure("look up the stream that stores " + subject, e);
        }
    }

    /** What the user may do; to be asked while nobody else uses this. */
    public NatsPermissions permissions() {
        return new NatsPermissions(connection);
    }

    /** The connection, for what this class does not offer. Closed with it. */
    public Connection connection() {
        return connection;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private IOException failure(String what, JetStreamApiException e) {
        return new IOException(
                "Cannot " + what + " on " + configuration + ": " + e.getMessage(), e);
    }
}
