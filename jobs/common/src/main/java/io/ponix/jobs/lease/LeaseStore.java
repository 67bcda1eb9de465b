package io.ponix.jobs.lease;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.PublishOptions;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.MessageGetRequest;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValueUtils;
import io.ponix.connector.nats.NatsPermissions;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Leases in JetStream: the stream {@value #STREAM} keeps the last message of each subject. Reads go
 * to the stream's leader; a write succeeds only if nobody has written since the read. Safe for use
 * by several threads; the connection stays the caller's.
 */
public final class LeaseStore {

    /** The stream of leases, and the first token of its subjects. */
    public static final String STREAM = "ponix_leases";

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(2);
    private static final byte[] NOTHING = {};
    private static final int STREAM_NAME_IN_USE = 10058;
    private static final long PAUSE_MILLIS = 20;
    private static final String READY_SUBJECT = STREAM + ".ready";
    private static final String MESSAGE_GET_SUBJECT = "$JS.API.STREAM.MSG.GET." + STREAM;

    private static final int NO_MESSAGE_FOUND = 10037;
    private static final int STREAM_NOT_FOUND = 10059;
    private static final int WRONG_LAST_SEQUENCE = 10071;

    private final Connection connection;
    private final JetStream jetStream;
    private final JetStreamManagement management;

    /**
     * @throws IOException if the server offers no JetStream
     */
    public LeaseStore(Connection connection) throws IOException {
        JetStreamOptions options =
                JetStreamOptions.builder().requestTimeout(REQUEST_TIMEOUT).build();
        this.connection = connection;
        jetStream = connection.jetStream(options);
        management = connection.jetStreamManagement(options);
    }

    /**
     * Creates the stream if it is missing, and returns when it can be read. To be called before
     * {@link #find}: nats-server 2.9 crashes when a message is asked for of a stream that somebody
     * is creating at this moment, and answers a publisher only when the stream is complete.
     *
     * @param replicas servers that keep it; as many as keep the stream that the lease is about, so
     *     that it is there whenever that is
     * @throws IOException if the server cannot be asked or refuses, or if the stream is one that
     *     may answer from a server that is behind
     */
    public void ensureStream(int replicas) throws IOException {
        try {
            if (!isThere()) {
                create(replicas);
            }
            awaitComplete();
        } catch (JetStreamApiException e) {
            throw new IOException(
                    "Cannot create or look at the stream " + STREAM + ": " + e.getMessage(), e);
        }
    }

    private boolean isThere() throws IOException, JetStreamApiException {
        try {
            if (management.getStreamInfo(STREAM).getConfiguration().getAllowDirect()) {
                throw new IOException(
                        "The stream "
                                + STREAM
                                + " allows direct gets, which servers answer that are behind:"
                                + " set allow_direct to false");
            }
            return true;
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != STREAM_NOT_FOUND) {
                throw e;
            }
            return false;
        }
    }

    private void create(int replicas) throws IOException, JetStreamApiException {
        try {
            management.addStream(
                    StreamConfiguration.builder()
                            .name(STREAM)
                            .subjects(STREAM + ".>")
                            .storageType(StorageType.File)
                            .replicas(replicas)
                            .maxMessagesPerSubject(1)
                            .discardPolicy(DiscardPolicy.Old)
                            .build());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != STREAM_NAME_IN_USE) {
                throw e;
            }
        }
    }

    /** Until the stream answers a publisher, which it does last of all. */
    private void awaitComplete() throws IOException, JetStreamApiException {
        long deadline = System.nanoTime() + REQUEST_TIMEOUT.toNanos();
        while (true) {
            try {
                jetStream.publish(READY_SUBJECT, NOTHING);
                return;
            } catch (IOException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("Interrupted while the stream of leases was created", e);
            }
        }
    }

    /**
     * The lease as the leader has it.
     *
     * @return nothing if it was never taken
     * @throws IOException if the server cannot be asked
     */
    public Optional<Lease> find(LeaseKey key) throws IOException {
        try {
            MessageInfo message = management.getLastMessage(STREAM, key.subject());
            return Optional.of(Lease.of(message));
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_MESSAGE_FOUND
                    || e.getApiErrorCode() == STREAM_NOT_FOUND) {
                return Optional.empty();
            }
            throw new IOException("Cannot read the lease: " + e.getMessage(), e);
        } catch (IOException | IllegalStateException e) {
            throw unanswered("Cannot read the lease: ", e);
        } catch (IllegalArgumentException e) {
            // Headers that the client cannot read: it tells nothing of the message then.
            return Optional.of(Lease.unreadable(lastRevision(key)));
        }
    }

    /**
     * How long the holder had given no sign of life at the last {@link #ensureStream}, by the
     * server's clock alone.
     *
     * @throws IOException if the server cannot be asked
     */
    Duration silence(LeaseKey key) throws IOException {
        try {
            return Duration.between(
                    management.getLastMessage(STREAM, key.subject()).getTime(),
                    management.getLastMessage(STREAM, READY_SUBJECT).getTime());
        } catch (JetStreamApiException e) {
            throw new IOException("Cannot read the lease: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            // No lease, which a holder that is alive has yet to write over.
            return Duration.ZERO;
        }
    }

    private long lastRevision(LeaseKey key) throws IOException {
        try {
            Message answer =
                    connection.request(
                            MESSAGE_GET_SUBJECT,
                            MessageGetRequest.lastForSubject(key.subject()).serialize(),
                            REQUEST_TIMEOUT);
            if (answer == null) {
                throw new IOException("Cannot read the lease: no answer");
            }
            return JsonValueUtils.readLong(
                    JsonValueUtils.readValue(JsonParser.parse(answer.getData()), "message"),
                    "seq",
                    0);
        } catch (JsonParseException e) {
            throw new IOException("Cannot read the lease: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while reading the lease", e);
        }
    }

    /**
     * Stores a lease if nobody has written since it was read.
     *
     * @param expectedRevision of the lease that was read, 0 if there was none
     * @return the new revision; nothing if somebody has written
     * @throws IOException if the outcome is unknown, or the server refuses
     */
    OptionalLong write(LeaseKey key, Lease lease, long expectedRevision) throws IOException {
        try {
            PublishOptions options =
                    PublishOptions.builder()
                            .expectedStream(STREAM)
                            .expectedLastSubjectSequence(expectedRevision)
                            .build();
            return OptionalLong.of(
                    jetStream.publish(key.subject(), lease.headers(), NOTHING, options).getSeqno());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == WRONG_LAST_SEQUENCE) {
                return OptionalLong.empty();
            }
            throw new IOException("Cannot write the lease: " + e.getMessage(), e);
        } catch (IOException | IllegalStateException e) {
            throw unanswered("Cannot write the lease: ", e);
        }
    }

    /** What is not permitted has no answer either. */
    private IOException unanswered(String what, Exception e) {
        return new IOException(
                what
                        + e.getMessage()
                        + NatsPermissions.lastViolation(connection)
                                .map(violation -> " (" + violation + ")")
                                .orElse(""),
                e);
    }
}
