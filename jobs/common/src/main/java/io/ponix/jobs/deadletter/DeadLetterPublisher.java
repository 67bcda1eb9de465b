package io.ponix.jobs.deadletter;

import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.MessageInfo;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
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
    private static final int NO_STREAM_FOUND = 10059;
    private static final int TOO_LARGE_FOR_STREAM = 10054;
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration WARNING_INTERVAL = Duration.ofMinutes(1);

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
    public DeadLetterPublisher(NatsSettings connection, String deadLetterStream)
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
     * that an earlier run published is not published again. What is too large is shortened.
     *
     * <p>Waits for as long as it takes until the stream has stored the letter: the row's batch
     * cannot be given up, and failing would only repeat it.
     *
     * @param stream the stream it was read from
     * @param sequence its sequence
     * @param organizationId the organization it belongs to
     * @param deviceId the device it came from
     * @param receivedAt when JetStream stored it, in milliseconds since 1970
     * @param reason why it failed
     * @param message what went wrong
     * @throws InterruptedException if the thread is interrupted while it waits to try again
     */
    public void publish(
            String stream,
            long sequence,
            String organizationId,
            String deviceId,
            long receivedAt,
            DeadLetterReason reason,
            String message)
            throws InterruptedException {
        long nextWarning = System.nanoTime();
        while (true) {
            try {
                RawMessage origin = fetch(stream, sequence, receivedAt);
                long now = System.currentTimeMillis();
                if (published.contains(origin, now)) {
                    return;
                }
                DeadLetter letter =
                        new DeadLetter(origin, organizationId, deviceId, "", reason, message, now);
                publish(DeadLetterMessage.of(deadLetterStream, letter));
                return;
            } catch (IOException | JetStreamApiException | RuntimeException e) {
                if (System.nanoTime() - nextWarning >= 0) {
                    nextWarning = System.nanoTime() + WARNING_INTERVAL.toNanos();
                    LOG.warn(
                            "Rows wait until the stream {} stores the dead letter of message {} of"
                                    + " stream {}: {}",
                            deadLetterStream,
                            sequence,
                            stream,
                            e.toString());
                }
                Thread.sleep(PAUSE.toMillis());
            }
        }
    }

    private void publish(JetStreamPublication letter) throws IOException, JetStreamApiException {
        try {
            publishAtMost(admin.connection().getMaxPayload(), letter);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != TOO_LARGE_FOR_STREAM) {
                throw e;
            }
            publishAtMost(admin.maximumMessageBytes(letter.subject()), letter);
        }
    }

    private void publishAtMost(long maximumBytes, JetStreamPublication letter)
            throws IOException, JetStreamApiException {
        JetStreamPublication fitting =
                letter.size() <= maximumBytes
                        ? letter
                        : DeadLetterMessage.shorten(letter, maximumBytes);
        jetStream.publish(fitting.subject(), fitting.headers(), fitting.data());
    }

    private RawMessage fetch(String stream, long sequence, long receivedAt)
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
            return new RawMessage(
                    stream,
                    sequence,
                    message.getSubject(),
                    receivedAt,
                    data == null ? new byte[0] : data);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NO_MESSAGE_FOUND && e.getApiErrorCode() != NO_STREAM_FOUND) {
                throw e;
            }
            LOG.warn("Message {} is no longer in stream {}", sequence, stream);
            return withoutData(stream, sequence, receivedAt);
        } catch (IllegalArgumentException e) {
            // Headers that the client cannot read: it gives nothing of the message then.
            LOG.warn("Message {} of stream {} cannot be read: {}", sequence, stream, e.toString());
            return withoutData(stream, sequence, receivedAt);
        }
    }

    private static RawMessage withoutData(String stream, long sequence, long receivedAt) {
        return new RawMessage(stream, sequence, "", receivedAt, new byte[0]);
    }

    @Override
    public void close() {
        admin.close();
    }
}
