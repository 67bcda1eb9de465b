package io.ponix.connector.nats.source.reader;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.nats.client.PullRequestOptions;
import io.nats.client.Subscription;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import io.nats.client.support.Status;
import io.ponix.connector.nats.NatsAccessException;
import io.ponix.connector.nats.source.JetStreamSourceOptions;
import io.ponix.connector.nats.source.StreamInspector;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one split in order through an ephemeral pull consumer without acknowledgements, and makes
 * the consumer anew at its own position whenever anything is wrong with it.
 *
 * <p>It speaks the pull protocol itself instead of using the client's ordered consumer, because
 * that one takes silence for a fault while we are the ones who do not read: under backpressure it
 * would make its consumer anew every few seconds and fetch everything again. Here nothing happens
 * while nobody polls: what was requested waits in the subscription's queue, at most {@code
 * prefetchMessages}, and nothing more is requested.
 *
 * <p>Order and completeness rest on the consumer sequence, which the server raises by one with
 * every message it delivers: if one is missing, the consumer is made anew.
 *
 * <p>Used by one fetcher thread.
 *
 * @see <a
 *     href="https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-13.md">ADR-13,
 *     pull subscriptions</a>
 */
final class OrderedPullConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(OrderedPullConsumer.class);

    private static final String NEXT_SUBJECT = "$JS.API.CONSUMER.MSG.NEXT.";
    private static final String DELETE_SUBJECT = "$JS.API.CONSUMER.DELETE.";
    private static final String PENDING_MESSAGES_HEADER = "Nats-Pending-Messages";

    /** How long a request waits on the server for messages. */
    private static final Duration PULL_EXPIRES_IN = Duration.ofSeconds(3);

    /** After this long without a word every request has expired, whether we were told or not. */
    private static final long SILENCE_NANOS = PULL_EXPIRES_IN.plusMillis(500).toNanos();

    /**
     * One can be the server's manner (see {@link #checkSilence}), two in a row are a lost consumer.
     */
    private static final int SILENCES_BEFORE_LOST = 2;

    /**
     * The server forgets the consumer of a killed reader after this; a living one may be idle for
     * as long.
     */
    private static final Duration INACTIVE_THRESHOLD = Duration.ofMinutes(2);

    /**
     * How often to look whether the stream has dropped what we have not read, and whether there is
     * anything.
     */
    private static final long INSPECTION_NANOS = Duration.ofSeconds(10).toNanos();

    /** The same for a split that is to end. */
    private static final long BOUNDED_INSPECTION_NANOS = Duration.ofMillis(100).toNanos();

    /** Gives the socket's reader a chance without occupying memory that the batch does not need. */
    private static final long BATCH_BYTES = 4 << 20;

    private final JetStreamSplit split;
    private final JetStreamSourceOptions options;
    private final ReaderConnection readerConnection;
    private final ReaderMetrics metrics;
    private final SplitProgress progress;
    private final StreamIdentity identity;
    private final GapDetector gaps;
    private final RecoveryBackoff backoff = new RecoveryBackoff();
    private final AckSubject ack = new AckSubject();

    private long nextSequence;
    private boolean finished;

    // The consumer there is; subscription is null if there is none.
    private Subscription subscription;
    private Connection connection;
    private StreamInspector inspector;
    private int epoch;
    private String consumerName;
    private String inbox;
    private long expectedConsumerSequence;
    private long requested;
    private long pulls;
    private boolean singleUnlimited;
    private long lastHeardNanos;
    private int silences;
    private long lastInspectionNanos;

    OrderedPullConsumer(
            JetStreamSplit split,
            JetStreamSourceOptions options,
            ReaderConnection readerConnection,
            ReaderMetrics metrics,
            SplitProgress progress) {
        this.split = split;
        this.options = options;
        this.readerConnection = readerConnection;
        this.metrics = metrics;
        this.progress = progress;
        this.nextSequence = split.nextSequence();
        this.finished = split.isFinished();
        this.identity = new StreamIdentity(split, options.recreatedStreamPolicy());
        this.gaps = new GapDetector(split, options.gapPolicy(), metrics);
    }

    /**
     * Waits for messages and adds what is there to a batch; marks the batch if the split has been
     * read to its end.
     *
     * @param maximum most messages the batch may hold
     * @param timeout how long to wait for the first
     * @throws IOException if reading on is impossible: the stream is gone, access is refused,
     *     messages are missing and the policy forbids to go on
     */
    void poll(MessageBatch batch, int maximum, Duration timeout)
            throws IOException, InterruptedException {
        if (finished) {
            batch.finishSplit();
            return;
        }
        if (!ensureConsumer(timeout)) {
            return;
        }
        if (finished) {
            batch.finishSplit();
            close();
            return;
        }
        batch.setStreamCreatedNanos(identity.createdNanos());
        try {
            request();
            Message message = subscription.nextMessage(timeout);
            if (message == null) {
                checkSilence();
            } else {
                lastHeardNanos = System.nanoTime();
                silences = 0;
            }
            while (message != null) {
                accept(message, batch);
                if (subscription == null
                        || finished
                        || batch.size() >= maximum
                        || batch.bytes() >= BATCH_BYTES) {
                    break;
                }
                request();
                message = subscription.nextMessage(null); // null: do not wait
            }
        } catch (IllegalStateException e) {
            // The client's answer to everything asked of a closed or lost subscription or
            // connection.
            abandon("the subscription ended: " + e.getMessage());
        }
        if (subscription != null && !finished) {
            inspectNowAndThen(batch.size() == 0);
        }
        if (finished) {
            batch.finishSplit();
            close();
        }
    }

    private void accept(Message message, MessageBatch batch) throws IOException {
        if (message.isStatusMessage()) {
            acceptStatus(message);
            return;
        }
        if (!ack.parse(message.getReplyTo())) {
            return; // not from JetStream: somebody published to our inbox
        }
        if (ack.consumerSequence() != expectedConsumerSequence) {
            abandon(
                    "message "
                            + expectedConsumerSequence
                            + " of consumer "
                            + consumerName
                            + " did not arrive, but "
                            + ack.consumerSequence());
            return;
        }
        expectedConsumerSequence++;
        requested--;
        backoff.succeeded();
        long sequence = ack.streamSequence();
        gaps.beforeMessage(nextSequence, sequence);
        if (sequence >= split.stoppingSequence()) {
            finished = true;
            progress.setPendingMessages(0);
            return;
        }
        batch.add(message, sequence, ack.timestampNanos());
        nextSequence = Math.max(nextSequence, sequence + 1);
        progress.setPendingMessages(ack.pending());
        finished = nextSequence >= split.stoppingSequence();
    }

    private void acceptStatus(Message message) throws IOException {
        Status status = message.getStatus();
        String text = String.valueOf(status.getMessage());
        LOG.debug(
                "{}: status {} {}, {} messages requested",
                consumerName,
                status.getCode(),
                text,
                requested);
        switch (status.getCode()) {
            case 100: // heartbeat
                return;
            case 404: // no messages
            case 408: // the request expired
                closeRequest(message);
                backoff.succeeded();
                return;
            case 409:
                if (text.startsWith("Message Size Exceeds MaxBytes")
                        || text.startsWith("Batch Completed")) {
                    // A request that brought nothing and is refused for its size: the next message
                    // is larger than any
                    // request of ours allows.
                    boolean broughtNothing = closeRequest(message) >= options.prefetchMessages();
                    singleUnlimited = broughtNothing && text.startsWith("Message Size");
                    return;
                }
                if (text.startsWith("Exceeded MaxRequest")) {
                    throw new NatsAccessException(
                            "prefetchMessages, prefetchBytes: the server refuses requests of "
                                    + options.prefetchMessages()
                                    + " messages and "
                                    + options.prefetchBytes()
                                    + " bytes: "
                                    + text,
                            null);
                }
                abandon(text); // consumer deleted, leadership change, server shutdown
                return;
            default: // 503: nobody answers to the consumer's name any more
                abandon(status.getMessageWithCode());
        }
    }

    /** Takes what a request did not bring off the account; returns how much that was. */
    private long closeRequest(Message status) {
        String header =
                status.hasHeaders() ? status.getHeaders().getFirst(PENDING_MESSAGES_HEADER) : null;
        long notBrought;
        try {
            notBrought = header == null ? requested : Long.parseLong(header);
        } catch (NumberFormatException e) {
            notBrought = requested;
        }
        requested = Math.max(0, requested - notBrought);
        return notBrought;
    }

    /** Keeps between half and all of the messages that may be ahead of the task requested. */
    private void request() {
        if (singleUnlimited) {
            if (requested > 0) {
                return;
            }
            singleUnlimited = false;
            publishRequest(PullRequestOptions.builder(1).expiresIn(PULL_EXPIRES_IN).build());
            return;
        }
        int most = options.prefetchMessages();
        if (requested <= most / 2) {
            publishRequest(
                    PullRequestOptions.builder((int) (most - requested))
                            .maxBytes(options.prefetchBytes())
                            .expiresIn(PULL_EXPIRES_IN)
                            .build());
        }
    }

    private void publishRequest(PullRequestOptions pull) {
        connection.publish(
                NEXT_SUBJECT + split.stream() + "." + consumerName,
                inbox + "." + pulls++,
                pull.serialize());
        requested += pull.getBatchSize();
        LOG.debug("{}: requested {} more messages", consumerName, pull.getBatchSize());
        lastHeardNanos = System.nanoTime();
    }

    /**
     * Nothing waits in the queue: were the requests forgotten?
     *
     * <p>A server says when a request expires, but not always: nats-server 2.9 drops one silently
     * if it expires while messages for it are at hand. Then another request is all that is needed.
     * If that one is met with silence too, consumer, leader or messages were lost.
     */
    private void checkSilence() {
        if (System.nanoTime() - lastHeardNanos < SILENCE_NANOS) {
            return;
        }
        silences++;
        if (silences == SILENCES_BEFORE_LOST) {
            abandon("no answer to requests for messages");
        } else {
            requested = 0;
        }
    }

    private boolean ensureConsumer(Duration timeout) throws IOException, InterruptedException {
        if (subscription != null) {
            if (epoch == readerConnection.epoch()) {
                return true;
            }
            abandon("the connection was lost");
        }
        if (epoch != readerConnection.epoch()) {
            epoch = readerConnection.epoch();
            backoff.retryNow();
        }
        if (!backoff.awaitTurn(timeout)) {
            return false;
        }
        try {
            createConsumer();
            return true;
        } catch (JetStreamApiException | IOException | IllegalStateException e) {
            discardSubscription();
            backoff.failed(e, split);
            return false;
        }
    }

    private void createConsumer() throws IOException, JetStreamApiException {
        connection = readerConnection.get();
        epoch = readerConnection.epoch();
        inspector =
                new StreamInspector(connection, readerConnection.configuration().requestTimeout());
        StreamInfo info = inspector.streamInfo(split.stream());
        if (!identity.isSame(info)) {
            nextSequence = identity.accept(nextSequence, info);
            progress.forget();
            if (nextSequence == JetStreamSplit.EARLIEST) {
                gaps.startOver();
            }
        }
        long position = gaps.atConsumerCreation(nextSequence, info.getStreamState());
        if (position != nextSequence) {
            progress.nothingBetween(nextSequence, position);
            nextSequence = position;
            finished = nextSequence >= split.stoppingSequence();
        }
        inbox = connection.createInbox();
        subscription = connection.subscribe(inbox + ".*");
        // Never more than was requested arrives; the client's own limits would drop messages
        // instead.
        subscription.setPendingLimits(0, 0);
        consumerName = "ponix-" + NUID.nextGlobal();
        inspector
                .management()
                .addOrUpdateConsumer(
                        split.stream(),
                        ConsumerConfiguration.builder()
                                .name(consumerName)
                                .description("Flink source, " + split.splitId())
                                .ackPolicy(AckPolicy.None)
                                .maxDeliver(1)
                                .deliverPolicy(DeliverPolicy.ByStartSequence)
                                .startSequence(nextSequence)
                                .filterSubject(split.filterSubject())
                                .memStorage(true)
                                .numReplicas(1)
                                .inactiveThreshold(INACTIVE_THRESHOLD)
                                .build());
        if (!identity.isSame(inspector.streamInfo(split.stream()))) {
            // It was made anew between the two requests: the position was that of the old stream.
            throw new IOException("Stream '" + split.stream() + "' was created again just now");
        }
        expectedConsumerSequence = 1;
        requested = 0;
        singleUnlimited = false;
        silences = 0;
        lastHeardNanos = System.nanoTime();
        lastInspectionNanos = lastHeardNanos;
        LOG.info(
                "Reading '{}' from sequence {} by consumer {}",
                split.splitId(),
                nextSequence,
                consumerName);
    }

    private void inspectNowAndThen(boolean idle) throws IOException, InterruptedException {
        long now = System.nanoTime();
        boolean endInSight = idle && split.stoppingSequence() != JetStreamSplit.NO_STOP;
        if (now - lastInspectionNanos
                < (endInSight ? BOUNDED_INSPECTION_NANOS : INSPECTION_NANOS)) {
            return;
        }
        lastInspectionNanos = now;
        try {
            StreamInfo info = inspector.streamInfo(split.stream());
            if (!identity.isSame(info)) {
                abandon("the stream was created again");
                return;
            }
            StreamState state = info.getStreamState();
            gaps.duringReading(nextSequence, state);
            long end = state.getLastSequence() + 1;
            // The order matters: what is stored after the state was taken is behind its end.
            if (idle
                    && end > nextSequence
                    && inspector.isExhausted(split.stream(), split.filterSubject(), nextSequence)) {
                progress.nothingBetween(nextSequence, end);
                progress.setPendingMessages(0);
                nextSequence = end;
                finished = nextSequence >= split.stoppingSequence();
            }
        } catch (JetStreamApiException | IOException e) {
            if (e instanceof GapException) {
                throw (GapException) e;
            }
            // Whether it is a fault shows when the consumer fails too; nothing depends on this
            // answer.
            LOG.debug("Cannot inspect stream {}", split.stream(), e);
        }
    }

    /** Gives the consumer up; the next poll makes another one, at our position. */
    private void abandon(String reason) {
        LOG.warn(
                "Making the consumer of '{}' anew at sequence {}: {}",
                split.splitId(),
                nextSequence,
                reason);
        metrics.reconnected();
        discardSubscription();
        backoff.abandoned();
    }

    private void discardSubscription() {
        if (subscription == null) {
            return;
        }
        try {
            subscription.unsubscribe();
            // Nobody waits for the answer: what is not deleted now expires.
            connection.publish(DELETE_SUBJECT + split.stream() + "." + consumerName, null);
        } catch (IllegalStateException e) {
            LOG.debug("The subscription was gone already", e);
        }
        subscription = null;
    }

    /** Stops reading and lets the server forget the consumer. */
    void close() {
        discardSubscription();
    }
}
