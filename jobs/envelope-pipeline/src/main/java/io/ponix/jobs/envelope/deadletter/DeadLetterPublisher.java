package io.ponix.jobs.envelope.deadletter;

import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.MessageInfo;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.connector.nats.NatsConnectionConfiguration;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.jobs.envelope.envelope.InboundEnvelope;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes single dead letters and waits until the stream has stored them: for envelopes that fail
 * after they have left the operator. Not thread-safe.
 */
public final class DeadLetterPublisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterPublisher.class);

    private static final int NO_MESSAGE_FOUND = 10037;
    private static final Duration LONGEST_TRIAL = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final String deadLetterStream;
    private final JetStreamAdmin admin;
    private final JetStream jetStream;
    private final JetStreamManagement management;
    private final PublishedLetters published;

    /**
     * Connects.
     *
     * @param connection how to reach the NATS server
     * @param deadLetterStream the stream of dead letters
     * @throws IOException if the server cannot be reached
     */
    public DeadLetterPublisher(NatsConnectionConfiguration connection, String deadLetterStream)
            throws IOException {
        this.deadLetterStream = deadLetterStream;
        this.admin = JetStreamAdmin.connect(connection);
        this.jetStream = admin.connection().jetStream();
        this.management = admin.connection().jetStreamManagement();
        this.published = new PublishedLetters(connection, deadLetterStream);
        published.open();
    }

    /**
     * Publishes the dead letter of a message that is still in its stream, raw bytes included. A
     * message that the stream has dropped in the meantime is published without them; so is one
     * whose stream was deleted and made anew, where the sequence names another message now. One
     * that an earlier run published is not published again.
     *
     * @param stream the stream it was read from
     * @param sequence its sequence
     * @param organizationId the organization it belongs to
     * @param deviceId the device it came from
     * @param receivedAt when JetStream stored it, in milliseconds since 1970
     * @param reason why it failed
     * @param message what went wrong
     * @throws IOException if it could not be stored within a minute
     * @throws InterruptedException if the thread is interrupted while it waits to try again
     */
    public void publish(
            String stream,
            long sequence,
            String organizationId,
            String deviceId,
            long receivedAt,
            Reason reason,
            String message)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + LONGEST_TRIAL.toNanos();
        while (true) {
            try {
                InboundEnvelope envelope = fetch(stream, sequence, receivedAt);
                long now = System.currentTimeMillis();
                if (published.contains(envelope, now)) {
                    return;
                }
                DeadLetter letter = new DeadLetter(envelope, reason, message, now);
                JetStreamPublication publication =
                        DeadLetterMessage.of(
                                deadLetterStream,
                                letter,
                                organizationId,
                                deviceId,
                                admin.connection().getServerInfo().getMaxPayload());
                jetStream.publish(publication.subject(), publication.headers(), publication.data());
                return;
            } catch (IOException | JetStreamApiException | IllegalStateException e) {
                if (System.nanoTime() > deadline) {
                    throw new IOException(
                            "The dead letter of message "
                                    + sequence
                                    + " of stream '"
                                    + stream
                                    + "' could not be stored: "
                                    + e.getMessage(),
                            e);
                }
                LOG.warn("Publishing a dead letter failed, trying again: {}", e.toString());
                Thread.sleep(PAUSE.toMillis());
            }
        }
    }

    private InboundEnvelope fetch(String stream, long sequence, long receivedAt)
            throws IOException, JetStreamApiException {
        try {
            MessageInfo message = management.getMessage(stream, sequence);
            if (message.getTime().toInstant().toEpochMilli() != receivedAt) {
                LOG.warn(
                        "Message {} of stream {} is another one than was read: the stream was made"
                                + " anew",
                        sequence,
                        stream);
                return withoutData(stream, sequence, receivedAt);
            }
            byte[] data = message.getData();
            return InboundEnvelope.parse(
                    stream,
                    sequence,
                    message.getSubject(),
                    receivedAt,
                    data == null ? new byte[0] : data);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NO_MESSAGE_FOUND) {
                throw e;
            }
            LOG.warn("Message {} is no longer in stream {}", sequence, stream);
            return withoutData(stream, sequence, receivedAt);
        }
    }

    private static InboundEnvelope withoutData(String stream, long sequence, long receivedAt) {
        return InboundEnvelope.parse(stream, sequence, "", receivedAt, new byte[0]);
    }

    @Override
    public void close() {
        admin.close();
    }
}
