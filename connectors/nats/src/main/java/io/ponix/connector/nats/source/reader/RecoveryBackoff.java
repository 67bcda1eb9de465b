package io.ponix.connector.nats.source.reader;

import io.nats.client.JetStreamApiException;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When to try again to make a consumer, and which failures are final: access refused at once; a
 * stream that does not exist, or ends before what was read of it, after a while, because a cluster
 * that changes leaders may say the same. Everything else is tried for ever.
 */
final class RecoveryBackoff {

    private static final Logger LOG = LoggerFactory.getLogger(RecoveryBackoff.class);

    private static final long FIRST_DELAY_MILLIS = 100;
    private static final long LONGEST_DELAY_MILLIS = 5_000;
    private static final long LOST_AFTER_NANOS = Duration.ofSeconds(5).toNanos();

    private static final int STREAM_NOT_FOUND = 10059;
    private static final int TOO_MANY_CONSUMERS = 10026;

    private int attempts;
    private long retryAtNanos;
    private long seemsLostSinceNanos;
    private boolean seemsLost;

    /** Waits until it is time for another attempt, at most this long; returns whether it is. */
    boolean awaitTurn(Duration atMost) throws InterruptedException {
        if (attempts == 0) {
            return true;
        }
        long remaining = retryAtNanos - System.nanoTime();
        if (remaining > 0) {
            TimeUnit.NANOSECONDS.sleep(Math.min(remaining, atMost.toNanos()));
        }
        return retryAtNanos - System.nanoTime() <= 0;
    }

    /** The consumer works. */
    void succeeded() {
        attempts = 0;
        seemsLost = false;
    }

    /** A consumer had to be given up. */
    void abandoned() {
        delay();
    }

    /** The cause of the last failure is over: no need to wait. */
    void retryNow() {
        retryAtNanos = System.nanoTime();
    }

    /**
     * An attempt failed.
     *
     * @throws IOException if another would not help
     */
    void failed(Exception failure, JetStreamSplit split) throws IOException {
        if (failure instanceof NatsAccessException
                || failure instanceof GapException
                || failure instanceof RecreatedStreamException
                || failure instanceof RewoundStreamException) {
            throw (IOException) failure;
        }
        if (failure instanceof JetStreamApiException) {
            refused((JetStreamApiException) failure, split);
        } else if (failure instanceof StreamBehindException) {
            failIfLost((StreamBehindException) failure);
        } else {
            seemsLost = false;
        }
        delay();
        LOG.warn(
                "Cannot read {} yet, trying again in {} ms: {}",
                split,
                Math.max(0, TimeUnit.NANOSECONDS.toMillis(retryAtNanos - System.nanoTime())),
                failure.toString());
    }

    private void refused(JetStreamApiException failure, JetStreamSplit split) throws IOException {
        if (failure.getApiErrorCode() == STREAM_NOT_FOUND) {
            failIfLost(
                    new NatsAccessException(
                            "Stream '" + split.stream() + "' does not exist any more: " + split,
                            failure));
            return;
        }
        seemsLost = false;
        boolean ourFault =
                failure.getErrorCode() >= 400
                        && failure.getErrorCode() < 500
                        && failure.getErrorCode() != 404
                        && failure.getErrorCode() != 408
                        // Consumers that a killed reader left behind count until they expire.
                        && failure.getApiErrorCode() != TOO_MANY_CONSUMERS;
        if (ourFault) {
            throw new NatsAccessException(
                    "The NATS server refuses a consumer for " + split + ": " + failure.getMessage(),
                    failure);
        }
    }

    private void failIfLost(IOException failure) throws IOException {
        long now = System.nanoTime();
        if (!seemsLost) {
            seemsLost = true;
            seemsLostSinceNanos = now;
        } else if (now - seemsLostSinceNanos > LOST_AFTER_NANOS) {
            throw failure;
        }
    }

    private void delay() {
        long delay = Math.min(LONGEST_DELAY_MILLIS, FIRST_DELAY_MILLIS << Math.min(attempts, 10));
        attempts++;
        retryAtNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delay);
    }
}
