package io.ponix.jobs.envelope.announcements;

import io.nats.client.Connection;
import io.nats.client.Connection.Status;
import io.nats.client.JetStreamApiException;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.jobs.retry.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the changes of one table one after the other, each when the stream has stored the one
 * before it, in a thread of its own that is there once there is a change. See {@link
 * AnnouncementSink} for what it guarantees.
 */
final class Announcer {

    /**
     * Gauge, behind the name of the entity as in {@code gatewayChangesPending}: changes that the
     * stream has not stored yet.
     */
    static final String PENDING = "ChangesPending";

    /** Counter, as in {@code gatewayChangesAnnounced}: changes that the stream has stored. */
    static final String ANNOUNCED = "ChangesAnnounced";

    /**
     * Counter, as in {@code gatewayChangesTooLarge}: changes too large for a message of the server
     * or the stream.
     */
    static final String TOO_LARGE = "ChangesTooLarge";

    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

    /** JetStream's code for a message beyond the stream's max_msg_size. */
    private static final int MESSAGE_TOO_LARGE = 10054;

    private static final Duration WARNING_INTERVAL = Duration.ofMinutes(1);
    private static final Duration LONGEST_CLOSING = Duration.ofSeconds(5);

    private final NatsSettings connection;
    private final AnnouncedTable table;
    private final String stream;
    private final PendingChanges pending;
    private final Counter announced;
    private final Counter tooLarge;
    private final AtomicReference<Throwable> died = new AtomicReference<>();
    private Thread publisher;

    /**
     * @param stream the stream, which is the first token of the subjects as well
     * @param restored changes of the table that a checkpoint holds, in their order
     */
    Announcer(
            NatsSettings connection,
            AnnouncedTable table,
            String stream,
            Collection<AnnouncedChange> restored,
            MetricGroup metrics) {
        this.connection = connection;
        this.table = table;
        this.stream = stream;
        this.pending = new PendingChanges(restored);
        metrics.gauge(table.entity() + PENDING, pending::count);
        announced = metrics.counter(table.entity() + ANNOUNCED, new ThreadSafeSimpleCounter());
        tooLarge = metrics.counter(table.entity() + TOO_LARGE, new ThreadSafeSimpleCounter());
        if (!restored.isEmpty()) {
            startPublishing();
        }
    }

    void add(AnnouncedChange change) {
        pending.add(change);
        if (publisher == null) {
            startPublishing();
        }
    }

    /** What the stream has not stored, in its order. */
    List<AnnouncedChange> pending() {
        return pending.snapshot();
    }

    /**
     * Returns if changes are published, or will be.
     *
     * @throws IOException if none ever will
     */
    void requireAlive() throws IOException {
        if (died.get() != null) {
            throw new IOException(
                    "Changes of " + table.tableName() + " are no longer published", died.get());
        }
    }

    /** Asks it to stop. */
    void stop() {
        if (publisher != null) {
            publisher.interrupt();
        }
    }

    /** Waits until it has, for some seconds. */
    void awaitStopped() {
        if (publisher == null) {
            return;
        }
        try {
            publisher.join(LONGEST_CLOSING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void startPublishing() {
        publisher = new Thread(this::publishAll, table.tableName() + "-changes");
        publisher.setDaemon(true);
        publisher.setContextClassLoader(getClass().getClassLoader());
        publisher.setUncaughtExceptionHandler((thread, error) -> died.set(error));
        publisher.start();
    }

    /** Until the thread is interrupted. */
    private void publishAll() {
        JetStreamAdmin admin = null;
        Backoff backoff = new Backoff();
        long nextWarning = System.nanoTime();
        try {
            while (!Thread.currentThread().isInterrupted()) {
                JetStreamPublication announcement = pending.awaitFirst().announcement(stream);
                try {
                    if (admin == null) {
                        admin = JetStreamAdmin.connect(connection);
                    }
                    publish(admin.connection(), announcement);
                    pending.removeFirst();
                    backoff.reset();
                    nextWarning = System.nanoTime();
                } catch (IOException | JetStreamApiException | RuntimeException e) {
                    if (System.nanoTime() - nextWarning >= 0) {
                        nextWarning = System.nanoTime() + WARNING_INTERVAL.toNanos();
                        LOG.warn(
                                "{} changes of {} wait until the stream '{}' of {} stores {}; if it"
                                        + " is missing, create it with the subjects {}.*: {}",
                                pending.count(),
                                table.tableName(),
                                stream,
                                table.streamSetting(),
                                announcement.subject(),
                                stream,
                                e.toString());
                    }
                    if (admin != null && admin.connection().getStatus() == Status.CLOSED) {
                        // Unlike a lost connection, it will not come back by itself.
                        admin = null;
                    }
                    backoff.pause();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("Closed; what is left is in the last checkpoint", e);
        } finally {
            if (admin != null) {
                // An interrupted thread would leave the connection half open.
                Thread.interrupted();
                admin.close();
            }
        }
    }

    private void publish(Connection nats, JetStreamPublication announcement)
            throws IOException, JetStreamApiException {
        if (announcement.size() > nats.getMaxPayload()) {
            leaveOut(announcement, "the server takes " + nats.getMaxPayload() + " bytes");
            return;
        }
        try {
            nats.jetStream()
                    .publish(announcement.subject(), announcement.headers(), announcement.data());
            announced.inc();
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != MESSAGE_TOO_LARGE) {
                throw e;
            }
            leaveOut(announcement, e.getMessage());
        }
    }

    /** The service stores nothing that large, and the changes behind it must not wait for ever. */
    private void leaveOut(JetStreamPublication announcement, String why) {
        tooLarge.inc();
        LOG.error(
                "The change {} of {} is too large to be announced, with {} bytes: {}",
                announcement.headers().getFirst("Nats-Msg-Id"),
                table.tableName(),
                announcement.size(),
                why);
    }
}
