package io.ponix.connector.nats.sink;

import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.ponix.client.nats.NatsConnections;
import io.ponix.connector.nats.MessageLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a person that messages wait, why, and what to do. For the task's thread alone. */
final class DeliveryTrouble {

    private static final Logger LOG = LoggerFactory.getLogger(JetStreamWriter.class);

    private static final long REPORT_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** JetStream's code for whatever keeps a stream from storing, full ones among it. */
    private static final int NOT_STORED = 10077;

    private final JetStreamManagement management;
    private final ServerErrors errors;

    private long lastReportNanos = System.nanoTime() - REPORT_INTERVAL_NANOS;
    private boolean reported;
    private boolean heldUpReported;

    DeliveryTrouble(JetStreamManagement management, ServerErrors errors) {
        this.management = management;
        this.errors = errors;
    }

    /**
     * Whether it is time to say that messages wait: once a minute, and when they hold the task up.
     */
    boolean isDue(boolean heldUp) {
        return heldUp && !heldUpReported
                || System.nanoTime() - lastReportNanos >= REPORT_INTERVAL_NANOS;
    }

    /** Says that messages wait. */
    void report(String trouble, boolean heldUp) {
        lastReportNanos = System.nanoTime();
        reported = true;
        heldUpReported = heldUp;
        LOG.warn(
                "{}{}",
                trouble,
                heldUp
                        ? "; no more may wait, so this task stands still, and checkpoints with it"
                        : "");
    }

    /** Says, if there was trouble to tell of, that no message waits any more. */
    void over() {
        if (reported) {
            reported = false;
            heldUpReported = false;
            lastReportNanos = System.nanoTime() - REPORT_INTERVAL_NANOS;
            LOG.info("Every message that waited for its stream is stored");
        }
    }

    /**
     * What waits and why, in one line.
     *
     * @param count of the messages that no stream has stored
     * @param failed one of them whose failure is known, if there is any
     */
    String describe(int count, Optional<UnstoredMessage> failed) {
        return count
                + (count == 1 ? " message waits" : " messages wait")
                + " to be stored by a stream"
                + failed.map(
                                message ->
                                        "; the one for subject '"
                                                + message.publication().subject()
                                                + "' "
                                                + reason(message))
                        .orElse("");
    }

    private String reason(UnstoredMessage message) {
        Throwable failure = message.failure();
        if (failure instanceof UnstoredMessage.TooLargeException) {
            return failure.getMessage();
        }
        if (failure instanceof JetStreamApiException refusal) {
            return "is refused by the stream: "
                    + refusal.getMessage()
                    + advice(refusal.getApiErrorCode());
        }
        // Nobody answers: either the stream's leader is away, or there is no such stream.
        if (String.valueOf(failure.getMessage()).contains("503")
                && !someStreamStores(message.publication().subject())) {
            return "has no stream that stores its subject: create one with that subject";
        }
        return "is not answered: "
                + failure.getMessage()
                + errors.lastViolation().map(violation -> " (" + violation + ")").orElse("");
    }

    private static String advice(int apiErrorCode) {
        return switch (apiErrorCode) {
            case NOT_STORED -> ": make room in it, or raise its limits";
            case MessageLimits.TOO_LARGE_FOR_STREAM -> ": raise its max_msg_size";
            default -> "";
        };
    }

    private boolean someStreamStores(String subject) {
        try {
            return !management.getStreamNames(subject).isEmpty();
        } catch (JetStreamApiException | IOException | RuntimeException e) {
            return true; // JetStream itself is away: it will tell when it is back
        }
    }

    /** What the server says besides its answers: a publication that is not permitted has none. */
    static final class ServerErrors extends NatsConnections.Listener {

        private static final Duration RECENT = Duration.ofMinutes(1);

        private volatile String violation;
        private volatile long violatedAt;

        @Override
        protected void serverError(String error) {
            if (error.contains("Permissions Violation for Publish")) {
                violation = error;
                violatedAt = System.nanoTime();
            }
        }

        private Optional<String> lastViolation() {
            return Optional.ofNullable(violation)
                    .filter(error -> System.nanoTime() - violatedAt < RECENT.toNanos());
        }
    }
}
