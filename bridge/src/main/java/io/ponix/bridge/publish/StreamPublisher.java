package io.ponix.bridge.publish;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.PublishOptions;
import io.nats.client.api.PublishAck;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes to JetStream until it is stored, for as long as that takes. A repetition carries the
 * same message id, so that within the stream's duplicate window one whose answer was lost is stored
 * once.
 */
public final class StreamPublisher {

    private static final Logger LOG = LoggerFactory.getLogger(StreamPublisher.class);

    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(5);
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    private static final long NANOS_BETWEEN_WARNINGS = TimeUnit.MINUTES.toNanos(1);

    private final Connection connection;
    private final JetStream jetStream;
    private final ScheduledExecutorService executor;
    private long warned = System.nanoTime() - NANOS_BETWEEN_WARNINGS;

    /**
     * @param connection stays the caller's
     * @param executor for repetitions; stays the caller's
     * @throws IOException if the server offers no JetStream
     */
    public StreamPublisher(Connection connection, ScheduledExecutorService executor)
            throws IOException {
        this.connection = connection;
        this.jetStream = connection.jetStream();
        this.executor = executor;
    }

    /** The largest message that the server takes, in bytes. */
    public long largestMessage() {
        return connection.getMaxPayload();
    }

    /**
     * Publishes; completed once the stream has stored the message, and never exceptionally. Who
     * completes it himself ends it: then it is published no more, and may be stored or not.
     *
     * @param stream the stream that has to store it; another one that has the subject does not do
     * @param messageId tells it from every other message
     */
    public CompletableFuture<PublishAck> publish(
            String stream, String subject, byte[] body, String messageId) {
        CompletableFuture<PublishAck> stored = new CompletableFuture<>();
        attempt(
                subject,
                body,
                PublishOptions.builder().expectedStream(stream).messageId(messageId).build(),
                FIRST_PAUSE_MILLIS,
                stored);
        return stored;
    }

    private void attempt(
            String subject,
            byte[] body,
            PublishOptions options,
            long pauseMillis,
            CompletableFuture<PublishAck> stored) {
        if (stored.isDone()) {
            return;
        }
        CompletableFuture<PublishAck> answer;
        try {
            // While it is away the client would collect what is published, and drop what is too
            // much.
            answer =
                    connection.getStatus() == Connection.Status.CONNECTED
                            ? jetStream
                                    .publishAsync(subject, body, options)
                                    .orTimeout(ANSWERED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                            : CompletableFuture.failedFuture(
                                    new IOException("NATS is not connected"));
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        answer.whenComplete(
                (acknowledgement, problem) -> {
                    if (problem == null) {
                        stored.complete(acknowledgement);
                    }
                    if (stored.isDone()) {
                        return;
                    }
                    warn(subject, problem);
                    executor.schedule(
                            () ->
                                    attempt(
                                            subject,
                                            body,
                                            options,
                                            Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS),
                                            stored),
                            pauseMillis,
                            TimeUnit.MILLISECONDS);
                });
    }

    private synchronized void warn(String subject, Throwable problem) {
        if (System.nanoTime() - warned >= NANOS_BETWEEN_WARNINGS) {
            warned = System.nanoTime();
            LOG.warn(
                    "Not stored yet, and not acknowledged to the broker: {} ({}); tried again until"
                            + " it is",
                    subject,
                    problem.getMessage() == null ? problem.toString() : problem.getMessage());
        }
    }
}
