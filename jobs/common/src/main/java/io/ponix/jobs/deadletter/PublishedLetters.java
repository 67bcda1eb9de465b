package io.ponix.jobs.deadletter;

import io.nats.client.ConsumeOptions;
import io.nats.client.IterableConsumer;
import io.nats.client.Message;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.impl.Headers;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.jobs.message.MessageIdentity;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.deadletter.DeadLetterHeaders;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which envelopes earlier runs of the job gave a dead letter, where JetStream has forgotten:
 * it drops a repeated message id only within its duplicate window, and a job that starts from an
 * older savepoint reads envelopes again that failed long before.
 *
 * <p>Nothing is asked about an envelope that was received within the window: its letter cannot be
 * older than it. For an older one the letters stored since it was received are read, once, without
 * their data. Only letters from before {@link #open} count, so that a job in the middle of a
 * backlog reads nothing of its own.
 *
 * <p>It is a courtesy to whoever reads the letters: where it cannot know (NATS does not answer, or
 * there are more than {@value #MOST} letters), the letter is published again. Not thread-safe.
 */
final class PublishedLetters {

    private static final Logger LOG = LoggerFactory.getLogger(PublishedLetters.class);

    /** Letters remembered, of some 100 bytes each. */
    private static final int MOST = 300_000;

    /** By so much the clocks of the servers that store the streams may differ. */
    private static final Duration CLOCK_DIFFERENCE = Duration.ofMinutes(1);

    private static final Duration POLL = Duration.ofSeconds(2);
    private static final long REQUEST_EXPIRES_MILLIS = 2_000;

    private final NatsSettings connection;
    private final String deadLetterStream;

    /** The envelopes that have one, by their {@link MessageIdentity}. */
    private final Set<String> envelopes = new HashSet<>();

    private long lastLetter;
    private Duration window = Duration.ZERO;
    private long loadedFrom = Long.MAX_VALUE;

    PublishedLetters(NatsSettings connection, String deadLetterStream) {
        this.connection = connection;
        this.deadLetterStream = deadLetterStream;
    }

    /** Takes the measure of what is stored now. */
    void open() {
        try (JetStreamAdmin admin = JetStreamAdmin.connect(connection)) {
            Optional<StreamInfo> stream = admin.findStream(deadLetterStream);
            if (stream.isPresent()) {
                lastLetter = stream.get().getStreamState().getLastSequence();
                window = stream.get().getConfiguration().getDuplicateWindow();
                if (idsAreOfAnEarlierVersion(admin, stream.get())) {
                    // JetStream takes a repetition for another letter, however soon it comes.
                    window = Duration.ZERO;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("Dead letters of earlier runs may be published again: {}", e.toString());
        }
    }

    /**
     * Whether JetStream remembers ids of letters that an earlier version of the job published:
     * {@code <stream>:<sequence>}.
     */
    @SuppressWarnings("try") // Closing the consumer may be interrupted, like all of this.
    private boolean idsAreOfAnEarlierVersion(JetStreamAdmin admin, StreamInfo stream)
            throws Exception {
        Instant remembered = Instant.now().minus(window);
        if (stream.getStreamState().getMsgCount() == 0
                || stream.getStreamState().getLastTime().toInstant().isBefore(remembered)) {
            return false;
        }
        try (IterableConsumer letters = lettersSince(remembered, admin)) {
            Message first = letters.nextMessage(POLL);
            return first != null
                    && first.hasHeaders()
                    && (first.getHeaders().getFirst(DeadLetterHeaders.STREAM)
                                    + ":"
                                    + first.getHeaders()
                                            .getFirst(DeadLetterHeaders.STREAM_SEQUENCE))
                            .equals(first.getHeaders().getFirst(DeadLetterHeaders.ID));
        }
    }

    /**
     * Whether an earlier run gave the message a dead letter that is still there.
     *
     * @param now the time in milliseconds since 1970
     */
    boolean contains(RawMessage message, long now) {
        return contains(message.stream(), message.sequence(), message.receivedAt(), now);
    }

    /**
     * The same of the envelope that the headers of a letter name.
     *
     * @param now the time in milliseconds since 1970
     */
    boolean contains(Headers headers, long now) {
        return contains(
                headers.getFirst(DeadLetterHeaders.STREAM),
                Long.parseLong(headers.getFirst(DeadLetterHeaders.STREAM_SEQUENCE)),
                receivedAt(headers),
                now);
    }

    private boolean contains(String stream, long sequence, long receivedAt, long now) {
        if (lastLetter == 0 || receivedAt > now - window.minus(CLOCK_DIFFERENCE).toMillis()) {
            return false;
        }
        if (receivedAt < loadedFrom) {
            load(receivedAt);
        }
        return envelopes.contains(MessageIdentity.of(stream, sequence, receivedAt));
    }

    private void load(long from) {
        // Whatever comes of it, it is not tried again for the same letters.
        loadedFrom = from;
        envelopes.clear();
        try (JetStreamAdmin admin = JetStreamAdmin.connect(connection)) {
            read(admin, Instant.ofEpochMilli(from).minus(CLOCK_DIFFERENCE));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("Dead letters of earlier runs may be published again: {}", e.toString());
        }
        LOG.info(
                "Envelopes received since {} that have one of {} dead letters get no second one",
                Instant.ofEpochMilli(from),
                envelopes.size());
    }

    private IterableConsumer lettersSince(Instant from, JetStreamAdmin admin) throws Exception {
        OrderedConsumerConfiguration configuration =
                new OrderedConsumerConfiguration()
                        .deliverPolicy(DeliverPolicy.ByStartTime)
                        .startTime(from.atZone(ZoneOffset.UTC))
                        .headersOnly(true)
                        .filterSubject(DeadLetterReasons.subjects(deadLetterStream));
        return admin.connection()
                .getStreamContext(deadLetterStream)
                .createOrderedConsumer(configuration)
                .iterate(ConsumeOptions.builder().expiresIn(REQUEST_EXPIRES_MILLIS).build());
    }

    @SuppressWarnings("try") // Closing the consumer may be interrupted, like all of this.
    private void read(JetStreamAdmin admin, Instant from) throws Exception {
        try (IterableConsumer messages = lettersSince(from, admin)) {
            long read = 0;
            while (read < lastLetter) {
                Message message = messages.nextMessage(POLL);
                if (message == null) {
                    return; // what was left has been deleted since
                }
                read = message.metaData().streamSequence();
                if (read <= lastLetter) {
                    note(message.getHeaders());
                }
                if (message.metaData().pendingCount() == 0) {
                    return;
                }
                if (envelopes.size() == MOST) {
                    LOG.warn(
                            "More than {} dead letters since {}: later ones may be published again",
                            MOST,
                            from);
                    return;
                }
            }
        }
    }

    private void note(Headers headers) {
        // Others may publish here too.
        if (headers != null && headers.getFirst(DeadLetterHeaders.RECEIVED_AT) != null) {
            envelopes.add(
                    headers.getFirst(DeadLetterHeaders.STREAM)
                            + ":"
                            + headers.getFirst(DeadLetterHeaders.STREAM_SEQUENCE)
                            + ":"
                            + receivedAt(headers));
        }
    }

    private static long receivedAt(Headers headers) {
        return Instant.parse(headers.getFirst(DeadLetterHeaders.RECEIVED_AT)).toEpochMilli();
    }
}
