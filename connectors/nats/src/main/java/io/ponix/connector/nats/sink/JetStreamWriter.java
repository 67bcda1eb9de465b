package io.ponix.connector.nats.sink;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.api.PublishAck;
import io.ponix.connector.nats.MessageLimits;
import io.ponix.connector.nats.NatsAccessException;
import io.ponix.connector.nats.NatsConnections;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
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
 * its first attempt waits, is published again in rounds, and is in every checkpoint until then.
 *
 * <p>A round takes a few of the messages that wait, the longest waiting first. If a stream stores
 * any of them the next round is larger and comes at once; if none is stored it is small, and comes
 * later and later. So a stream that is full is not asked for each of thousands of messages again,
 * and a single message that no stream wants keeps no other from being tried.
 *
 * <p>Everything but {@link #completed} runs in the task's thread; the two meet under {@code lock}.
 */
final class JetStreamWriter<IN> implements StatefulSinkWriter<IN, JetStreamPublication> {

    private static final Logger LOG = LoggerFactory.getLogger(JetStreamWriter.class);

    private static final long FIRST_RETRY_MILLIS = 50;
    private static final long LONGEST_RETRY_MILLIS = 5_000;

    /** Messages of a round after one of which none was stored. */
    private static final int SMALL_ROUND = 16;

    private static final int ROUND_GROWTH = 4;

    /**
     * A checkpoint waits so long for answers that are on their way, so that it is not full of
     * messages that a stream is just storing.
     */
    private static final long FLUSH_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long REPORT_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** JetStream's code for whatever keeps a stream from storing, full ones among it. */
    private static final int NOT_STORED = 10077;

    private final JetStreamSink.Options options;
    private final JetStreamSerializationSchema<IN> serializer;
    private final Connection connection;
    private final Errors errors;
    private final JetStream jetStream;
    private final JetStreamManagement management;
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
    private final Set<Message> unstored = new LinkedHashSet<>();

    private long unstoredBytes;

    /** Those of them that are not on their way, the next to be tried first. */
    private final Deque<Message> waiting = new ArrayDeque<>();

    private int onTheWay;
    private long onTheWayBytes;

    /** Whether the last answer was that a stream stores nothing: more of it is not asked for. */
    private boolean refused;

    private int roundOnTheWay;
    private int roundStored;
    private int roundSize = SMALL_ROUND;
    private long roundDelayMillis = FIRST_RETRY_MILLIS;
    private long roundDueNanos = System.nanoTime();
    private boolean timerRequested;
    private volatile boolean heldUp;
    private volatile boolean closed;

    private long lastReportNanos = System.nanoTime() - REPORT_INTERVAL_NANOS;
    private boolean troubleReported;
    private boolean heldUpReported;

    private JetStreamWriter(
            JetStreamSink.Options options,
            JetStreamSerializationSchema<IN> serializer,
            Connection connection,
            Errors errors,
            WriterInitContext context)
            throws IOException {
        this.options = options;
        this.serializer = serializer;
        this.connection = connection;
        this.errors = errors;
        JetStreamOptions jetStreamOptions =
                JetStreamOptions.builder()
                        .requestTimeout(options.connection.requestTimeout())
                        .build();
        jetStream = connection.jetStream(jetStreamOptions);
        management = connection.jetStreamManagement(jetStreamOptions);
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
        Errors errors = new Errors();
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
                sleep(Math.min(LONGEST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(attempt, 10)));
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
                Message message = new Message(still);
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
        JetStreamPublication publication = serializer.serialize(record, context.timestamp());
        if (publication == null) {
            return;
        }
        awaitRoom();
        sentMessages.inc();
        sentBytes.inc(publication.data().length);
        Message message = new Message(publication);
        synchronized (lock) {
            add(message);
            if (refused && !waiting.isEmpty()) {
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
            unstored.forEach(message -> publications.add(message.publication));
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
            return waiting.size() + roundOnTheWay;
        }
    }

    /** Waits until another message may be on its way, or wait. */
    private void awaitRoom() throws InterruptedException {
        while (true) {
            synchronized (lock) {
                boolean mayWait =
                        unstored.size() < options.maxWaitingMessages
                                && unstoredBytes <= options.maxWaitingBytes;
                heldUp = !mayWait && !waiting.isEmpty();
                if (mayWait
                        && onTheWay < options.maxInFlightMessages
                        && onTheWayBytes <= options.maxInFlightBytes) {
                    return;
                }
            }
            report();
            synchronized (lock) {
                lock.wait(FIRST_RETRY_MILLIS);
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
                lock.wait(FIRST_RETRY_MILLIS);
            }
            publishDue();
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "Not stored within the deliveryTimeout of "
                                + options.deliveryTimeout
                                + ": "
                                + trouble());
            }
            report();
        }
    }

    /** Called under the lock. */
    private void add(Message message) {
        unstored.add(message);
        unstoredBytes += message.size;
    }

    /** Called under the lock. */
    private void remove(Message message) {
        unstored.remove(message);
        unstoredBytes -= message.size;
    }

    /**
     * Puts a message behind those that wait; called under the lock.
     *
     * @param failure why it was not stored, or null if it was not tried
     */
    private void await(Message message, Throwable failure) {
        message.failure = failure;
        if (waiting.isEmpty() && roundOnTheWay == 0) {
            startRounds();
        }
        waiting.addLast(message);
        if (!timerRequested && !closed) {
            timerRequested = true;
            try {
                mailbox.execute(this::setTimer, "Publish again what JetStream has not stored");
            } catch (RejectedExecutionException e) {
                LOG.debug("The task has ended; what waits is in its last checkpoint", e);
            }
        }
    }

    private void startRounds() {
        roundSize = SMALL_ROUND;
        roundDelayMillis = FIRST_RETRY_MILLIS;
        roundDueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(roundDelayMillis);
    }

    private void setTimer() {
        long delayMillis;
        synchronized (lock) {
            if (waiting.isEmpty() && roundOnTheWay == 0) {
                timerRequested = false;
                delayMillis = 0;
            } else {
                delayMillis =
                        Math.max(
                                FIRST_RETRY_MILLIS,
                                TimeUnit.NANOSECONDS.toMillis(roundDueNanos - System.nanoTime()));
            }
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
        List<Message> round = new ArrayList<>();
        synchronized (lock) {
            if (roundOnTheWay > 0 || System.nanoTime() - roundDueNanos < 0) {
                return;
            }
            int room = Math.min(roundSize, options.maxInFlightMessages - onTheWay);
            while (round.size() < room && !waiting.isEmpty()) {
                round.add(waiting.removeFirst());
            }
            roundOnTheWay = round.size();
            roundStored = 0;
        }
        for (Message message : round) {
            if (message.failure != null) {
                failedAttempts.inc();
                retries.inc();
            }
            if (fits(message)) {
                publish(message, true);
            } else {
                synchronized (lock) {
                    endOfRoundFor(false);
                }
            }
        }
    }

    /** One message of the round has its answer; called under the lock. */
    private void endOfRoundFor(boolean stored) {
        if (stored) {
            roundStored++;
        }
        if (--roundOnTheWay > 0) {
            return;
        }
        if (roundStored > 0) {
            roundSize = Math.min(roundSize * ROUND_GROWTH, options.maxInFlightMessages);
            roundDelayMillis = FIRST_RETRY_MILLIS;
        } else {
            roundSize = SMALL_ROUND;
            roundDelayMillis = Math.min(LONGEST_RETRY_MILLIS, 2 * roundDelayMillis);
        }
        roundDueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(roundDelayMillis);
    }

    /**
     * Whether a message is no larger than what is known to be too large; it may have been shortened
     * for that. One that is not waits, or has been left out.
     */
    private boolean fits(Message message) {
        long limit =
                message.isTooLargeForStream()
                        ? limit(message.publication.subject())
                        : connection.getMaxPayload();
        if (message.size <= limit) {
            return true;
        }
        JetStreamPublication shorter = serializer.shorten(message.publication, limit);
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
                    new TooLargeException(
                            "has "
                                    + message.size
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

    private void publish(Message message, boolean ofRound) {
        synchronized (lock) {
            onTheWay++;
            onTheWayBytes += message.size;
        }
        try {
            jetStream
                    .publishAsync(
                            message.publication.subject(),
                            message.publication.headers(),
                            message.publication.data())
                    .whenComplete((ack, failure) -> completed(message, ofRound, ack, failure));
        } catch (RuntimeException e) {
            // While the connection is away, the client takes only so much.
            completed(message, ofRound, null, e);
        }
    }

    /** Called by the client's threads. */
    private void completed(Message message, boolean ofRound, PublishAck ack, Throwable failure) {
        synchronized (lock) {
            onTheWay--;
            onTheWayBytes -= message.size;
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
                endOfRoundFor(failure == null);
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

    /** Says once a minute that messages wait, and once that none does any more. */
    private void report() {
        boolean trouble = waitingMessages() > 0;
        if (!trouble && troubleReported) {
            troubleReported = false;
            heldUpReported = false;
            lastReportNanos = System.nanoTime() - REPORT_INTERVAL_NANOS;
            LOG.info("Every message that waited for its stream is stored");
        } else if (trouble
                && (heldUp && !heldUpReported
                        || System.nanoTime() - lastReportNanos >= REPORT_INTERVAL_NANOS)) {
            lastReportNanos = System.nanoTime();
            troubleReported = true;
            heldUpReported = heldUp;
            LOG.warn(
                    "{}{}",
                    trouble(),
                    heldUp
                            ? "; no more may wait, so this task stands still, and checkpoints with it"
                            : "");
        }
    }

    /** What waits and why, in one line. */
    private String trouble() {
        Message last;
        int count;
        synchronized (lock) {
            count = unstored.size();
            last =
                    unstored.stream()
                            .filter(message -> message.failure != null)
                            .findFirst()
                            .orElse(null);
        }
        return count
                + (count == 1 ? " message waits" : " messages wait")
                + " to be stored by a stream"
                + (last == null
                        ? ""
                        : "; the one for subject '"
                                + last.publication.subject()
                                + "' "
                                + reason(last));
    }

    private String reason(Message message) {
        Throwable failure = message.failure;
        if (failure instanceof TooLargeException) {
            return failure.getMessage();
        }
        if (failure instanceof JetStreamApiException refusal) {
            return "is refused by the stream: "
                    + refusal.getMessage()
                    + advice(refusal.getApiErrorCode());
        }
        // Nobody answers: either the stream's leader is away, or there is no such stream.
        if (String.valueOf(failure.getMessage()).contains("503")
                && !someStreamStores(message.publication.subject())) {
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

    /** A message that no stream has stored yet. */
    private static final class Message {

        private JetStreamPublication publication;
        private int size;

        /** Why it was not stored when it was tried last; null before the first answer. */
        private Throwable failure;

        Message(JetStreamPublication publication) {
            setPublication(publication);
        }

        void setPublication(JetStreamPublication other) {
            publication = other;
            size = other.size();
        }

        boolean isTooLargeForStream() {
            return failure instanceof TooLargeException
                    || failure instanceof JetStreamApiException refusal
                            && refusal.getApiErrorCode() == MessageLimits.TOO_LARGE_FOR_STREAM;
        }
    }

    /** There is no shorter form of a message that is too large. */
    private static final class TooLargeException extends IOException {

        private static final long serialVersionUID = 1L;

        TooLargeException(String message) {
            super(message);
        }
    }

    /** What the server says besides its answers: a publication that is not permitted has none. */
    private static final class Errors extends NatsConnections.Listener {

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

        Optional<String> lastViolation() {
            return Optional.ofNullable(violation)
                    .filter(error -> System.nanoTime() - violatedAt < RECENT.toNanos());
        }
    }
}
