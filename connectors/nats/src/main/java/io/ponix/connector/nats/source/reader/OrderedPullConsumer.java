package io.ponix.connector.nats.source.reader;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.nats.client.PullRequestOptions;
import io.nats.client.Subscription;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import io.nats.client.support.Status;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.connector.nats.source.settings.JetStreamSourceOptions;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.MessageStamp;
import io.ponix.connector.nats.source.stream.StreamInspector;
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
 * <p>A consumer without replicas lives on one of the stream's servers, which one is left to chance,
 * and delivers what that server has. The others are behind the leader, and after a failure they may
 * lack messages for ever: nats-server 2.9 loses some on a leader that stood still while another was
 * elected, and numbers all later ones differently. So only a consumer on the leader's server is
 * read from; it is also the server that all positions are compared with.
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

    /**
     * The server forgets the consumer of a killed reader after this; a living one may be idle for
     * as long.
     */
    private static final Duration INACTIVE_THRESHOLD = Duration.ofMinutes(2);

    /**
     * How often to look whether the stream has dropped what we have not read, whether it still has
     * what we have, and whether there is anything.
     */
    private static final long INSPECTION_NANOS = Duration.ofSeconds(5).toNanos();

    /** The same for a split that is to end. */
    private static final long BOUNDED_INSPECTION_NANOS = Duration.ofMillis(100).toNanos();

    /** In place of a server's name for a stream that only one has. */
    private static final String ANY_SERVER = "";

    /** With five servers, of which chance is to choose one, more are needed once in a thousand. */
    private static final int MOST_CONSUMERS_PER_TRY = 32;

    /** Gives the socket's reader a chance without occupying memory that the batch does not need. */
    private static final long BATCH_BYTES = 4 << 20;

    private final JetStreamSplit split;
    private final JetStreamSourceOptions options;
    private final ReaderConnection readerConnection;
    private final SubjectCoverage coverage;
    private final ReaderMetrics metrics;
    private final SplitProgress progress;
    private final StreamIdentity identity;
    private final RewindDetector history;
    private final GapDetector gaps;
    private final RecoveryBackoff backoff = new RecoveryBackoff();
    private final AckSubject ack = new AckSubject();

    private long nextSequence;
    private boolean finished;

    // Which stream, and which history of it, the task knows of.
    private long toldCreatedNanos;
    private int toldRewinds;

    // The consumer there is; subscription is null if there is none.
    private Subscription subscription;
    private Connection connection;
    private StreamInspector inspector;
    private long epoch;
    private String consumerName;
    private String consumerServer;
    private String inbox;
    private long expectedConsumerSequence;
    private PullRequests requests;
    private long lastInspectionNanos;

    OrderedPullConsumer(
            JetStreamSplit split,
            JetStreamSourceOptions options,
            ReaderConnection readerConnection,
            SubjectCoverage coverage,
            ReaderMetrics metrics,
            SplitProgress progress) {
        this.split = split;
        this.options = options;
        this.readerConnection = readerConnection;
        this.coverage = coverage;
        this.metrics = metrics;
        this.progress = progress;
        this.nextSequence = split.nextSequence();
        this.finished = split.isFinished();
        this.toldCreatedNanos = split.streamCreatedNanos();
        this.identity =
                new StreamIdentity(
                        split, options.recreatedStreamPolicy(), options.recreatedStreamSetting());
        this.history =
                new RewindDetector(
                        split,
                        options.rewoundStreamPolicy(),
                        options.rewoundStreamSetting(),
                        metrics);
        this.gaps =
                new GapDetector(split, options.gapPolicy(), options.gapPolicySetting(), metrics);
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
        batch.setHistory(history.rewinds(), history.sharedBefore());
        if (identity.createdNanos() != toldCreatedNanos || history.rewinds() != toldRewinds) {
            // Not with the next message: a filter may match none for weeks.
            toldCreatedNanos = identity.createdNanos();
            toldRewinds = history.rewinds();
            batch.addNotice();
            history.told();
        }
        try {
            Message message = await(timeout);
            long now = System.nanoTime();
            if (message != null) {
                requests.heard(now);
            }
            while (message != null) {
                accept(message, batch);
                if (subscription == null
                        || finished
                        || batch.size() >= maximum
                        || batch.bytes() >= BATCH_BYTES) {
                    break;
                }
                request(now);
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

    /** Waits for anything from the server, asking when it is time to; null if nothing came. */
    private Message await(Duration timeout) throws InterruptedException {
        long until = System.nanoTime() + timeout.toNanos();
        while (true) {
            long now = System.nanoTime();
            request(now);
            long listen = requests.nanosToListen(now, until);
            // To the client zero means for ever.
            Message message =
                    subscription.nextMessage(listen == 0 ? null : Duration.ofNanos(listen));
            if (message != null) {
                return message;
            }
            now = System.nanoTime();
            if (requests.isLost(now)) {
                abandon("no answer to requests for messages");
                return null;
            }
            if (now - until >= 0) {
                return null;
            }
        }
    }

    private void accept(Message message, MessageBatch batch) throws IOException {
        if (epoch != readerConnection.epoch()) {
            // It may come from a server that went back: first the stream is compared.
            abandon("the connection was lost");
            return;
        }
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
        requests.received();
        backoff.succeeded();
        long sequence = ack.streamSequence();
        gaps.beforeMessage(nextSequence, sequence);
        if (sequence >= split.stoppingSequence()) {
            finished = true;
            progress.setPendingMessages(0);
            return;
        }
        batch.add(message, sequence, ack.timestampNanos());
        history.read(sequence, ack.timestampNanos());
        nextSequence = Math.max(nextSequence, sequence + 1);
        progress.setPendingMessages(ack.pending());
        finished = nextSequence >= split.stoppingSequence();
    }

    private void acceptStatus(Message message) throws IOException {
        Status status = message.getStatus();
        String text = String.valueOf(status.getMessage());
        LOG.debug("{}: status {} {}", consumerName, status.getCode(), text);
        switch (status.getCode()) {
            case 100: // heartbeat
                return;
            case 404: // no messages
            case 408: // no more messages, or fewer than are requested already
                requests.exhausted(requestOf(message), missing(message));
                backoff.succeeded();
                return;
            case 409:
                if (text.startsWith("Message Size Exceeds MaxBytes")
                        || text.startsWith("Batch Completed")) {
                    requests.tooLarge(requestOf(message), missing(message));
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

    /** The number of the request that a status is about: the last token of its subject. */
    private long requestOf(Message status) {
        return number(status.getSubject().substring(inbox.length() + 1));
    }

    /** How many messages a request did not bring; -1 if its status does not say. */
    private static long missing(Message status) {
        String header =
                status.hasHeaders() ? status.getHeaders().getFirst(PENDING_MESSAGES_HEADER) : null;
        return header == null ? -1 : number(header);
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1; // not from JetStream: somebody published to our inbox
        }
    }

    /** Asks for messages if it is time to. */
    private void request(long now) {
        if (requests.due(now) == 0) {
            return;
        }
        requests.waiting(subscription.getPendingMessageCount());
        int messages = requests.due(now);
        if (messages == 0) {
            return;
        }
        PullRequestOptions.Builder pull = PullRequestOptions.builder(messages).noWait();
        if (!requests.isUnlimited()) {
            pull.maxBytes(options.prefetchBytes());
        }
        connection.publish(
                NEXT_SUBJECT + split.stream() + "." + consumerName,
                inbox + "." + requests.asked(messages, now),
                pull.build().serialize());
        LOG.debug("{}: requested {} more messages", consumerName, messages);
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

    private void createConsumer() throws IOException, JetStreamApiException, InterruptedException {
        connection = readerConnection.get();
        epoch = readerConnection.epoch();
        inspector =
                new StreamInspector(connection, readerConnection.configuration().requestTimeout());
        StreamInfo info = inspector.streamInfo(split.stream());
        if (!identity.isSame(info) && history.recognizes(info, inspector)) {
            identity.recognized(info);
        } else if (!identity.isSame(info)) {
            nextSequence = identity.accept(nextSequence, info);
            progress.forget();
            history.forget();
            if (nextSequence == JetStreamSplit.EARLIEST) {
                gaps.startOver();
            }
        }
        coverage.look(info.getConfiguration());
        int rewinds = history.rewinds();
        nextSequence = history.atConsumerCreation(nextSequence, System.nanoTime(), info, inspector);
        if (history.rewinds() != rewinds) {
            progress.wentBackTo(Math.min(nextSequence, history.sharedBefore()));
            if (history.sharedBefore() < nextSequence) {
                progress.nothingBetween(history.sharedBefore(), nextSequence, history.newest());
            }
        }
        long position = gaps.atConsumerCreation(nextSequence, info.getStreamState());
        MessageStamp before = history.beginAt(position, info.getStreamState(), inspector);
        if (position != nextSequence || before != null) {
            progress.nothingBetween(nextSequence, position, before);
            nextSequence = position;
            finished = nextSequence >= split.stoppingSequence();
        }
        inbox = connection.createInbox();
        subscription = connection.subscribe(inbox + ".*");
        // Never more than was requested arrives; the client's own limits would drop messages
        // instead.
        subscription.setPendingLimits(0, 0);
        createOnServerOf(leader(info));
        StreamInfo after = inspector.streamInfo(split.stream());
        if (!identity.isSame(after)) {
            // It was made anew between the two requests: the position was that of the old stream.
            throw new IOException("Stream '" + split.stream() + "' was created again just now");
        }
        if (!consumerServer.equals(leader(after))) {
            throw new IOException("Stream '" + split.stream() + "' has a new leader just now");
        }
        expectedConsumerSequence = 1;
        long now = System.nanoTime();
        requests = new PullRequests(options.prefetchMessages(), now);
        lastInspectionNanos = now;
        LOG.info(
                "Reading '{}' from sequence {} by consumer {}",
                split.splitId(),
                nextSequence,
                consumerName);
    }

    /**
     * Makes consumers until one is where it is to be.
     *
     * @param server a server's name, or {@link #ANY_SERVER}
     */
    private void createOnServerOf(String server) throws IOException, JetStreamApiException {
        for (int i = 0; i < MOST_CONSUMERS_PER_TRY; i++) {
            consumerName = "ponix-" + NUID.nextGlobal();
            ConsumerInfo created =
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
            consumerServer =
                    server.equals(ANY_SERVER) || created.getClusterInfo() == null
                            ? server
                            : String.valueOf(created.getClusterInfo().getLeader());
            if (consumerServer.equals(server)) {
                return;
            }
            LOG.debug("{} is on server {}, not on {}", consumerName, consumerServer, server);
            deleteConsumer();
        }
        throw new IOException(
                "None of "
                        + MOST_CONSUMERS_PER_TRY
                        + " consumers of stream '"
                        + split.stream()
                        + "' was made on server "
                        + server
                        + ", which leads it");
    }

    /** The server that a consumer has to be on. */
    private static String leader(StreamInfo info) throws IOException {
        if (info.getConfiguration().getReplicas() == 1 || info.getClusterInfo() == null) {
            return ANY_SERVER;
        }
        String leader = info.getClusterInfo().getLeader();
        if (leader == null) {
            throw new IOException(
                    "Nobody leads stream '" + info.getConfiguration().getName() + "' just now");
        }
        return leader;
    }

    private void inspectNowAndThen(boolean idle) throws IOException, InterruptedException {
        long now = System.nanoTime();
        if (epoch != readerConnection.epoch()) {
            return; // the next poll makes a consumer, and asks all of this
        }
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
            coverage.look(info.getConfiguration());
            StreamState state = info.getStreamState();
            if (!history.isSame(state, inspector)) {
                if (history.hasReadInDoubt(info, inspector) && epoch == readerConnection.epoch()) {
                    throw new ReadInDoubtException(
                            "Stream '"
                                    + split.stream()
                                    + "' went back while it was read: going back to the last checkpoint");
                }
                abandon("the stream has lost what was read of it");
                return;
            }
            if (!consumerServer.equals(leader(info))) {
                abandon("server " + consumerServer + " does not lead the stream any more");
                return;
            }
            gaps.duringReading(nextSequence, state);
            long end = state.getLastSequence() + 1;
            // The order matters: what is stored after the state was taken is behind its end.
            if (idle
                    && end > nextSequence
                    && inspector.isExhausted(info, split.filterSubject(), nextSequence)
                    // All answers came over one connection.
                    && epoch == readerConnection.epoch()) {
                // Not ours, but there when we moved past it.
                MessageStamp last =
                        state.getMsgCount() == 0
                                ? null
                                : new MessageStamp(
                                        state.getLastSequence(),
                                        StreamInspector.nanos(state.getLastTime()));
                if (last != null) {
                    history.read(last.sequence(), last.timestampNanos());
                }
                progress.nothingBetween(nextSequence, end, last);
                progress.setPendingMessages(0);
                nextSequence = end;
                finished = nextSequence >= split.stoppingSequence();
            }
        } catch (JetStreamApiException | IOException e) {
            if (e instanceof GapException || e instanceof ReadInDoubtException) {
                throw (IOException) e;
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
            deleteConsumer();
        } catch (IllegalStateException e) {
            LOG.debug("The subscription was gone already", e);
        }
        subscription = null;
    }

    /** Nobody waits for the answer: what is not deleted now expires. */
    private void deleteConsumer() {
        connection.publish(DELETE_SUBJECT + split.stream() + "." + consumerName, null);
    }

    /** Stops reading and lets the server forget the consumer. */
    void close() {
        discardSubscription();
    }
}
