package io.ponix.connector.nats.sink;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.api.PublishAck;
import io.ponix.connector.nats.NatsAccessException;
import io.ponix.connector.nats.NatsConnections;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes without waiting for each acknowledgement, within bounds, and waits for all of them at a
 * checkpoint.
 *
 * <p>Everything but {@link #completed} runs in the task's thread; the two meet under {@code lock}.
 * A message counts as in flight from its first attempt until the stream has acknowledged it, failed
 * attempts and the waits between them included.
 */
final class JetStreamWriter<IN> implements SinkWriter<IN> {

    private static final Logger LOG = LoggerFactory.getLogger(JetStreamWriter.class);

    private static final long FIRST_RETRY_MILLIS = 50;
    private static final long LONGEST_RETRY_MILLIS = 5_000;

    /** A lost connection fails thousands of messages at once: one line a second says it. */
    private static final long RETRY_REPORT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final JetStreamSink.Options options;
    private final JetStreamSerializationSchema<IN> serializer;
    private final Connection connection;
    private final JetStream jetStream;
    private final JetStreamManagement management;
    private final long maximumMessageBytes;
    private final Counter sentMessages;
    private final Counter sentBytes;
    private final Counter failedAttempts;
    private final Counter retries;
    private final Counter duplicates;

    private final Object lock = new Object();
    private final Deque<Attempt> failed = new ArrayDeque<>();
    private int inFlight;
    private long inFlightBytes;

    private long lastRetryReportNanos = System.nanoTime() - RETRY_REPORT_NANOS;
    private int unreportedRetries;

    private JetStreamWriter(
            JetStreamSink.Options options,
            JetStreamSerializationSchema<IN> serializer,
            Connection connection,
            WriterInitContext context)
            throws IOException {
        this.options = options;
        this.serializer = serializer;
        this.connection = connection;
        JetStreamOptions jetStreamOptions =
                JetStreamOptions.builder()
                        .requestTimeout(options.connection.requestTimeout())
                        .build();
        jetStream = connection.jetStream(jetStreamOptions);
        management = connection.jetStreamManagement(jetStreamOptions);
        maximumMessageBytes = connection.getMaxPayload();
        sentMessages = context.metricGroup().getNumRecordsSendCounter();
        sentBytes = context.metricGroup().getNumBytesSendCounter();
        failedAttempts = context.metricGroup().getNumRecordsSendErrorsCounter();
        MetricGroup group = context.metricGroup().addGroup(JetStreamSinkMetrics.GROUP);
        retries = group.counter(JetStreamSinkMetrics.RETRIES);
        duplicates = group.counter(JetStreamSinkMetrics.DUPLICATES, new ThreadSafeSimpleCounter());
        group.gauge(JetStreamSinkMetrics.IN_FLIGHT, this::inFlight);
    }

    /** Connects, trying for as long as a message would be tried. */
    static <IN> JetStreamWriter<IN> open(
            JetStreamSink.Options options,
            JetStreamSerializationSchema<IN> serializer,
            WriterInitContext context)
            throws IOException {
        long deadline = System.nanoTime() + options.deliveryTimeout.toNanos();
        String clientName = "ponix-jetstream-sink-" + context.getTaskInfo().getIndexOfThisSubtask();
        Connection connection = null;
        for (int attempt = 0; connection == null; attempt++) {
            try {
                connection =
                        NatsConnections.open(
                                options.connection, clientName, new NatsConnections.Listener() {});
            } catch (NatsAccessException e) {
                throw e;
            } catch (IOException e) {
                if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                LOG.warn("Cannot connect yet, trying again: {}", e.getMessage());
                sleep(retryDelayMillis(attempt));
            }
        }
        JetStreamWriter<IN> writer =
                new JetStreamWriter<>(options, serializer, connection, context);
        try {
            serializer.open(
                    context.asSerializationSchemaInitializationContext(),
                    writer.maximumMessageBytes);
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

    @Override
    public void write(IN record, Context context) throws IOException, InterruptedException {
        JetStreamPublication publication = serializer.serialize(record, context.timestamp());
        if (publication == null) {
            return;
        }
        if (publication.size() > maximumMessageBytes) {
            throw new IOException(
                    "A message for subject '"
                            + publication.subject()
                            + "' has "
                            + publication.size()
                            + " bytes with its headers, the NATS server takes "
                            + maximumMessageBytes
                            + ": raise max_payload, or let the serializer cut it");
        }
        awaitRoomFor(publication);
        publish(new Attempt(publication));
        sentMessages.inc();
        sentBytes.inc(publication.data().length);
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        awaitInFlight(0, 0);
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int inFlight() {
        synchronized (lock) {
            return inFlight;
        }
    }

    private void awaitRoomFor(JetStreamPublication publication)
            throws IOException, InterruptedException {
        awaitInFlight(options.maxInFlightMessages - 1, options.maxInFlightBytes);
        synchronized (lock) {
            inFlight++;
            inFlightBytes += publication.size();
        }
    }

    /** Waits until no more than this is in flight, publishing again what failed. */
    private void awaitInFlight(int messages, long bytes) throws IOException, InterruptedException {
        while (true) {
            Attempt due;
            synchronized (lock) {
                due = nextDue();
                if (due == null) {
                    if (inFlight <= messages && inFlightBytes <= bytes) {
                        return;
                    }
                    lock.wait(millisToNextRetry());
                    continue;
                }
            }
            retry(due);
        }
    }

    /** Takes a failed message whose time has come, or none. */
    private Attempt nextDue() {
        long now = System.nanoTime();
        for (Iterator<Attempt> attempts = failed.iterator(); attempts.hasNext(); ) {
            Attempt attempt = attempts.next();
            if (attempt.retryAtNanos - now <= 0) {
                attempts.remove();
                return attempt;
            }
        }
        return null;
    }

    /** How long to wait for news at most; 0, for ever, if nothing waits to be tried again. */
    private long millisToNextRetry() {
        long now = System.nanoTime();
        return failed.stream()
                .mapToLong(
                        attempt ->
                                Math.max(
                                        1,
                                        TimeUnit.NANOSECONDS.toMillis(attempt.retryAtNanos - now)))
                .min()
                .orElse(0);
    }

    private void retry(Attempt attempt) throws IOException {
        failedAttempts.inc();
        requireRetriable(attempt);
        if (System.nanoTime() - attempt.firstTriedNanos > options.deliveryTimeout.toNanos()) {
            throw failure(
                    attempt,
                    "was not stored within the deliveryTimeout of " + options.deliveryTimeout);
        }
        unreportedRetries++;
        long now = System.nanoTime();
        if (now - lastRetryReportNanos >= RETRY_REPORT_NANOS) {
            LOG.warn(
                    "Publishing {} messages again; the last one, to {}, failed {} times: {}",
                    unreportedRetries,
                    attempt.publication.subject(),
                    attempt.failures,
                    attempt.failure.toString());
            lastRetryReportNanos = now;
            unreportedRetries = 0;
        }
        retries.inc();
        publish(attempt);
    }

    private void requireRetriable(Attempt attempt) throws IOException {
        if (attempt.failure instanceof IllegalArgumentException) {
            throw failure(attempt, "cannot be published");
        }
        if (attempt.failure instanceof JetStreamApiException) {
            int code = ((JetStreamApiException) attempt.failure).getErrorCode();
            if (code >= 400 && code < 500 && code != 408 && code != 429) {
                throw failure(attempt, "is refused by the stream");
            }
        }
        // Nobody answers: either the stream's leader is away, or there is no such stream.
        if (attempt.failure instanceof IOException
                && String.valueOf(attempt.failure.getMessage()).contains("503")
                && !someStreamStores(attempt.publication.subject())) {
            throw failure(
                    attempt,
                    "has no stream that stores its subject: create one, or change the subject");
        }
    }

    private boolean someStreamStores(String subject) {
        try {
            return !management.getStreamNames(subject).isEmpty();
        } catch (JetStreamApiException | IOException | IllegalStateException e) {
            return true; // JetStream itself is away: it will tell when it is back
        }
    }

    private IOException failure(Attempt attempt, String what) {
        return new IOException(
                "A message for subject '"
                        + attempt.publication.subject()
                        + "' "
                        + what
                        + ": "
                        + attempt.failure.getMessage(),
                attempt.failure);
    }

    private void publish(Attempt attempt) {
        try {
            jetStream
                    .publishAsync(
                            attempt.publication.subject(),
                            attempt.publication.headers(),
                            attempt.publication.data())
                    .whenComplete((ack, failure) -> completed(attempt, ack, failure));
        } catch (RuntimeException e) {
            // While the connection is away, the client takes only so much.
            completed(attempt, null, e);
        }
    }

    /** Called by the client's threads. */
    private void completed(Attempt attempt, PublishAck ack, Throwable failure) {
        synchronized (lock) {
            if (failure == null) {
                inFlight--;
                inFlightBytes -= attempt.publication.size();
                if (ack.isDuplicate()) {
                    duplicates.inc();
                }
            } else {
                attempt.failed(failure);
                failed.add(attempt);
            }
            lock.notifyAll();
        }
    }

    private static long retryDelayMillis(int failures) {
        return Math.min(LONGEST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(failures, 10));
    }

    /** A message on its way, with what became of it so far. */
    private static final class Attempt {

        private final JetStreamPublication publication;
        private final long firstTriedNanos = System.nanoTime();
        private int failures;
        private long retryAtNanos;
        private Throwable failure;

        Attempt(JetStreamPublication publication) {
            this.publication = publication;
        }

        void failed(Throwable thrown) {
            failure = thrown;
            // The client wraps what happened twice: in a CompletionException and a bare
            // RuntimeException.
            while (failure.getCause() != null
                    && (failure instanceof CompletionException
                            || failure.getClass() == RuntimeException.class)) {
                failure = failure.getCause();
            }
            retryAtNanos =
                    System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(retryDelayMillis(failures++));
        }
    }
}
