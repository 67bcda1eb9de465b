package io.ponix.connector.nats.sink;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.api.PublishAck;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsConnections;
import io.ponix.connector.nats.MessageLimits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes without waiting for each acknowledgement, within bounds. What no stream has stored at
 * its first attempt waits, is published again in {@linkplain RetryRounds rounds}, and is in every
 * checkpoint until then.
 *
 * <p>Everything but {@link #completed} runs in the task's thread; the two meet under {@code lock}.
 */
final class JetStreamWriter<IN> implements StatefulSinkWriter<IN, JetStreamPublication> {

    private static final Logger LOG = LoggerFactory.getLogger(JetStreamWriter.class);

    /**
     * A checkpoint waits so long for answers that are on their way, so that it is not full of
     * messages that a stream is just storing.
     */
    private static final long FLUSH_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How often one who waits looks whether a round is due. */
    private static final long POLL_MILLIS = RetryRounds.FIRST_DELAY_MILLIS;

    private final JetStreamSink.Options options;
    private final JetStreamSerializationSchema<IN> serializer;
    private final Connection connection;
    private final JetStream jetStream;
    private final JetStreamManagement management;
    private final DeliveryTrouble trouble;
    private final MailboxExecutor mailbox;
    private final ProcessingTimeService timers;
    private final Counter sentMessages;
    private final Counter sentBytes;
    private final Counter failedAttempts;
    private final Counter retries;
    private final Counter shortened;
    private final Counter leftOut;
    private final Counter duplicates;

    private final Object lock = new Object();

    /** Every message that no stream has stored yet, in the order of the records. */
    private final Set<UnstoredMessage> unstored = new LinkedHashSet<>();

    private long unstoredBytes;

    /** Those of them that are not on their way at their first attempt. */
    private final RetryRounds rounds;

    private int onTheWay;
    private long onTheWayBytes;

    /** Whether the last answer was that a stream stores nothing: more of it is not asked for. */
    private boolean refused;

    private boolean timerRequested;
    private volatile boolean heldUp;
    private volatile boolean closed;

    private JetStreamWriter(
            JetStreamSink.Options options,
            JetStreamSerializationSchema<IN> serializer,
            Connection connection,
            DeliveryTrouble.ServerErrors errors,
            WriterInitContext context)
            throws IOException {
        this.options = options;
        this.serializer = serializer;
        this.connection = connection;
        rounds = new RetryRounds(options.maxInFlightMessages);
        JetStreamOptions jetStreamOptions =
                JetStreamOptions.builder()
                        .requestTimeout(options.connection.requestTimeout())
                        .build();
        jetStream = connection.jetStream(jetStreamOptions);
        management = connection.jetStreamManagement(jetStreamOptions);
        trouble = new DeliveryTrouble(management, errors);
        mailbox = context.getMailboxExecutor();
        timers = context.getProcessingTimeService();
        sentMessages = context.metricGroup().getNumRecordsSendCounter();
        sentBytes = context.metricGroup().getNumBytesSendCounter();
        failedAttempts = context.metricGroup().getNumRecordsSendErrorsCounter();
        MetricGroup group = context.metricGroup().addGroup(JetStreamSinkMetrics.GROUP);
        retries = group.counter(JetStreamSinkMetrics.RETRIES);
        shortened = group.counter(JetStreamSinkMetrics.SHORTENED);
        leftOut = group.counter(JetStreamSinkMetrics.LEFT_OUT);
        duplicates = group.counter(JetStreamSinkMetrics.DUPLICATES, new ThreadSafeSimpleCounter());
        group.gauge(JetStreamSinkMetrics.IN_FLIGHT, this::inFlight);
        group.gauge(JetStreamSinkMetrics.WAITING, this::waitingMessages);
        group.gauge(JetStreamSinkMetrics.HELD_UP, () -> heldUp ? 1 : 0);
    }

    /** Connects, trying for as long as the end of the input would wait. */
    static <IN> JetStreamWriter<IN> open(
            JetStreamSink.Options options,
            JetStreamSerializationSchema<IN> serializer,
            Collection<JetStreamPublication> restored,
            WriterInitContext context)
            throws IOException {
        long deadline = System.nanoTime() + options.deliveryTimeout.toNanos();
        String clientName = "ponix-jetstream-sink-" + context.getTaskInfo().getIndexOfThisSubtask();
        DeliveryTrouble.ServerErrors errors = new DeliveryTrouble.ServerErrors();
        Connection connection = null;
        for (int attempt = 0; connection == null; attempt++) {
            try {
                connection = NatsConnections.open(options.connection, clientName, errors);
            } catch (NatsAccessException e) {
                throw e;
            } catch (IOException e) {
                if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                LOG.warn("Cannot connect yet, trying again: {}", e.getMessage());
                sleep(
                        Math.min(
                                RetryRounds.LONGEST_DELAY_MILLIS,
                                RetryRounds.FIRST_DELAY_MILLIS << Math.min(attempt, 10)));
            }
        }
        JetStreamWriter<IN> writer =
                new JetStreamWriter<>(options, serializer, connection, errors, context);
        try {
            serializer.open(context.asSerializationSchemaInitializationContext());
            writer.restore(restored);
        } catch (Exception e) {
            writer.close();
            throw new IOException("The serializer of the JetStream sink cannot be opened", e);
        }
        return writer;
    }

    private static void sleep(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while connecting", e);
        }
    }

    private void restore(Collection<JetStreamPublication> restored) {
        for (JetStreamPublication publication : restored) {
            JetStreamPublication still = serializer.restored(publication);
            if (still != null) {
                UnstoredMessage message = new UnstoredMessage(still);
                synchronized (lock) {
                    add(message);
                    await(message, null);
                    // What comes now is behind them.
                    refused = true;
                }
            }
        }
    }

    @Override
    public void write(IN record, Context context) throws InterruptedException {
        serializer.serialize(record, context.timestamp(), this::send);
    }

    private void send(JetStreamPublication publication) throws InterruptedException {
        awaitRoom();
        sentMessages.inc();
        sentBytes.inc(publication.data().length);
        UnstoredMessage message = new UnstoredMessage(publication);
        synchronized (lock) {
            add(message);
            if (refused && !rounds.noneWaits()) {
                await(message, null);
                return;
            }
        }
        if (fits(message)) {
            publish(message, false);
        }
    }

    /**
     * Waits for answers that are on their way, unless streams store nothing at the moment: what is
     * not stored then is part of the checkpoint.
     */
    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        if (endOfInput) {
            awaitAllStored();
            return;
        }
        long deadline = System.nanoTime() + FLUSH_PATIENCE_NANOS;
        synchronized (lock) {
            for (long left = FLUSH_PATIENCE_NANOS;
                    onTheWay > 0 && !refused && left > 0;
                    left = deadline - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
        }
        report();
    }

    @Override
    public List<JetStreamPublication> snapshotState(long checkpointId) {
        synchronized (lock) {
            List<JetStreamPublication> publications = new ArrayList<>(unstored.size());
            unstored.forEach(message -> publications.add(message.publication()));
            return publications;
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int inFlight() {
        synchronized (lock) {
            return unstored.size();
        }
    }

    private int waitingMessages() {
        synchronized (lock) {
            return rounds.messages();
        }
    }

    /** Waits until another message may be on its way, or wait. */
    private void awaitRoom() throws InterruptedException {
        while (true) {
            synchronized (lock) {
                boolean mayWait =
                        unstored.size() < options.maxWaitingMessages
                                && unstoredBytes <= options.maxWaitingBytes;
                heldUp = !mayWait && !rounds.noneWaits();
                if (mayWait
                        && onTheWay < options.maxInFlightMessages
                        && onTheWayBytes <= options.maxInFlightBytes) {
                    return;
                }
            }
            report();
            synchronized (lock) {
                lock.wait(POLL_MILLIS);
            }
            publishDue();
        }
    }

    /** Nothing comes after the end of the input that what waits could be kept for. */
    private void awaitAllStored() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + options.deliveryTimeout.toNanos();
        while (true) {
            synchronized (lock) {
                if (unstored.isEmpty()) {
                    return;
                }
                lock.wait(POLL_MILLIS);
            }
            publishDue();
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "Not stored within the deliveryTimeout of "
                                + options.deliveryTimeout
                                + ": "
                                + describeTrouble());
            }
            report();
        }
    }

    /** Called under the lock. */
    private void add(UnstoredMessage message) {
        unstored.add(message);
        unstoredBytes += message.size();
    }

    /** Called under the lock. */
    private void remove(UnstoredMessage message) {
        unstored.remove(message);
        unstoredBytes -= message.size();
    }

    /**
     * Puts a message behind those that wait; called under the lock.
     *
     * @param failure why it was not stored, or null if it was not tried
     */
    private void await(UnstoredMessage message, Throwable failure) {
        message.setFailure(failure);
        rounds.add(message, System.nanoTime());
        if (!timerRequested && !closed) {
            timerRequested = true;
            try {
                mailbox.execute(this::setTimer, "Publish again what JetStream has not stored");
            } catch (RejectedExecutionException e) {
                LOG.debug("The task has ended; what waits is in its last checkpoint", e);
            }
        }
    }

    private void setTimer() {
        long delayMillis;
        synchronized (lock) {
            timerRequested = rounds.messages() > 0;
            delayMillis = timerRequested ? rounds.millisToNext(System.nanoTime()) : 0;
        }
        report();
        if (delayMillis > 0) {
            timers.registerTimer(
                    timers.getCurrentProcessingTime() + delayMillis,
                    time -> {
                        publishDue();
                        setTimer();
                    });
        }
    }

    /** Publishes the messages of a round, if it is time for one. */
    private void publishDue() {
        List<UnstoredMessage> round;
        synchronized (lock) {
            round = rounds.begin(options.maxInFlightMessages - onTheWay, System.nanoTime());
        }
        for (UnstoredMessage message : round) {
            if (message.failure() != null) {
                failedAttempts.inc();
                retries.inc();
            }
            if (fits(message)) {
                publish(message, true);
            } else {
                synchronized (lock) {
                    rounds.answered(false, System.nanoTime());
                }
            }
        }
    }

    /**
     * Whether a message is no larger than what is known to be too large; it may have been shortened
     * for that. One that is not waits, or has been left out.
     */
    private boolean fits(UnstoredMessage message) {
        long limit =
                message.isTooLargeForStream()
                        ? limit(message.publication().subject())
                        : connection.getMaxPayload();
        if (message.size() <= limit) {
            return true;
        }
        JetStreamPublication shorter = serializer.shorten(message.publication(), limit);
        synchronized (lock) {
            if (shorter == null) {
                leftOut.inc();
                remove(message);
                return false;
            }
            if (shorter.size() <= limit) {
                shortened.inc();
                remove(message);
                message.setPublication(shorter);
                add(message);
                return true;
            }
            await(
                    message,
                    new UnstoredMessage.TooLargeException(
                            "has "
                                    + message.size()
                                    + " bytes with its headers, and "
                                    + limit
                                    + " are taken: raise max_payload of the NATS server or"
                                    + " max_msg_size of the stream"));
            return false;
        }
    }

    private long limit(String subject) {
        try {
            return MessageLimits.of(subject, connection, management);
        } catch (JetStreamApiException | IOException | RuntimeException e) {
            LOG.debug("The stream's limit is not known; the message is tried as it is", e);
            return connection.getMaxPayload();
        }
    }

    private void publish(UnstoredMessage message, boolean ofRound) {
        synchronized (lock) {
            onTheWay++;
            onTheWayBytes += message.size();
        }
        try {
            jetStream
                    .publishAsync(
                            message.publication().subject(),
                            message.publication().headers(),
                            message.publication().data())
                    .whenComplete((ack, failure) -> completed(message, ofRound, ack, failure));
        } catch (RuntimeException e) {
            // While the connection is away, the client takes only so much.
            completed(message, ofRound, null, e);
        }
    }

    /** Called by the client's threads. */
    private void completed(
            UnstoredMessage message, boolean ofRound, PublishAck ack, Throwable failure) {
        synchronized (lock) {
            onTheWay--;
            onTheWayBytes -= message.size();
            if (failure == null) {
                remove(message);
                refused = false;
                if (ack.isDuplicate()) {
                    duplicates.inc();
                }
            } else {
                await(message, unwrapped(failure));
                // That one message is too large says nothing of others.
                refused |= !message.isTooLargeForStream();
            }
            if (ofRound) {
                rounds.answered(failure == null, System.nanoTime());
            }
            lock.notifyAll();
        }
    }

    /**
     * The client wraps what happened twice: in a CompletionException and a bare RuntimeException.
     */
    private static Throwable unwrapped(Throwable thrown) {
        Throwable failure = thrown;
        while (failure.getCause() != null
                && (failure instanceof CompletionException
                        || failure.getClass() == RuntimeException.class)) {
            failure = failure.getCause();
        }
        return failure;
    }

    private void report() {
        if (waitingMessages() == 0) {
            trouble.over();
        } else if (trouble.isDue(heldUp)) {
            trouble.report(describeTrouble(), heldUp);
        }
    }

    private String describeTrouble() {
        int count;
        Optional<UnstoredMessage> failed;
        synchronized (lock) {
            count = unstored.size();
            failed = unstored.stream().filter(message -> message.failure() != null).findFirst();
        }
        return trouble.describe(count, failed);
    }
}
