package io.ponix.cli.deadletter;

import io.nats.client.Connection;
import io.nats.client.ConsumeOptions;
import io.nats.client.IterableConsumer;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.jobs.lease.Lease;
import io.ponix.jobs.lease.LeaseKey;
import io.ponix.jobs.lease.LeaseStore;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads the stream of dead letters in the order they were stored. */
public final class DeadLetterReader implements AutoCloseable {

    private static final int NO_MATCHING_STREAM = 10059;
    private static final int NO_MESSAGE_FOUND = 10037;
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration REQUEST_EXPIRES = Duration.ofSeconds(2);
    private static final Duration CONSUMER_EXPIRES = Duration.ofSeconds(10);

    /** Requested at a time. A letter can be as large as the server takes: 8 MB by default. */
    private static final int BATCH = 128;

    /** How much farther back the next look goes when the last one found too few letters. */
    private static final int FARTHER = 16;

    private final Connection connection;
    private final String stream;

    /** Of the stack's pipeline. */
    public DeadLetterReader(StackAddresses addresses) {
        connection = NatsConnection.open(addresses.nats(), "dead-letters");
        stream = addresses.names().deadLettersStream();
    }

    /**
     * How many dead letters the stream holds and the sequence of its last; nothing where no job has
     * created it yet.
     *
     * @param exists whether there is such a stream
     * @param messages stored now
     * @param lastSequence of the newest ever stored, 0 before the first
     * @param refusal why it stores no more, and what to do; empty if it does
     */
    public record Extent(
            boolean exists, long messages, long lastSequence, Optional<String> refusal) {}

    /** The extent of the stream of dead letters. */
    public Extent extent() {
        return extent(stream);
    }

    /** The extent of another stream. */
    public Extent extent(String other) {
        try {
            StreamInfo info = connection.jetStreamManagement().getStreamInfo(other);
            return new Extent(
                    true,
                    info.getStreamState().getMsgCount(),
                    info.getStreamState().getLastSequence(),
                    refusal(info.getConfiguration(), info.getStreamState()));
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_MATCHING_STREAM) {
                return new Extent(false, 0, 0, Optional.empty());
            }
            throw new CommandException(
                    "NATS refused to describe the stream " + other + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandException("NATS does not answer: " + e.getMessage(), e);
        }
    }

    private static Optional<String> refusal(StreamConfiguration stream, StreamState state) {
        if (stream.getSealed()) {
            return Optional.of("is sealed, for good; delete it, and make it anew");
        }
        long messages = state.getMsgCount();
        // A message is refused for its size too: one like those there are.
        long next = messages == 0 ? 0 : state.getByteCount() / messages;
        boolean full =
                stream.getMaxMsgs() > 0 && messages >= stream.getMaxMsgs()
                        || stream.getMaxBytes() > 0
                                && state.getByteCount() + next > stream.getMaxBytes();
        return full && stream.getDiscardPolicy() == DiscardPolicy.New
                ? Optional.of("is full; nats stream edit raises --max-msgs or --max-bytes")
                : Optional.empty();
    }

    /** Which job is the active one of the stack's pipeline, if one is. */
    public Optional<Lease> pipelineLease(StackAddresses addresses) {
        try {
            return new LeaseStore(connection)
                    .find(
                            LeaseKey.pipeline(
                                    addresses.names().rawStream(),
                                    addresses.clickHouse().database(),
                                    addresses.names().table()))
                    .filter(Lease::isHeld);
        } catch (IOException e) {
            throw new CommandException("the lease cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Reads dead letters until told to stop. Without {@code follow} it ends with the last one that
     * was stored when it began: letters that arrive meanwhile are not read.
     *
     * @param afterSequence the sequence in the dead letter stream after which to begin; 0 for all
     * @param filter which ones
     * @param follow whether to wait for more once the stored ones are read
     * @param consumer gets each; false stops
     * @return the sequence of the last one read, in the dead letter stream; {@code afterSequence}
     *     where there was none
     */
    // try: the warning is about InterruptedException from close(), which is handled below.
    @SuppressWarnings("try")
    public long read(
            long afterSequence,
            LetterFilter filter,
            boolean follow,
            Predicate<StoredLetter> consumer) {
        long last = extent().lastSequence();
        long read = afterSequence;
        OrderedConsumerConfiguration configuration =
                new OrderedConsumerConfiguration().filterSubject(filter.subject(stream));
        if (startsAtTime(read, filter)) {
            configuration.deliverPolicy(DeliverPolicy.ByStartTime).startTime(startTime(filter));
        } else {
            configuration.deliverPolicy(DeliverPolicy.ByStartSequence).startSequence(read + 1);
        }
        try {
            if (!follow && (last <= read || pending(read, filter) == 0)) {
                return read;
            }
            try (IterableConsumer messages =
                    connection
                            .getStreamContext(stream)
                            .createOrderedConsumer(configuration)
                            .iterate(
                                    ConsumeOptions.builder()
                                            .batchSize(BATCH)
                                            .expiresIn(REQUEST_EXPIRES.toMillis())
                                            .build())) {
                while (true) {
                    Message message = messages.nextMessage(POLL);
                    if (message == null) {
                        // A busy server takes its time; and what was pending may be deleted now.
                        if (follow || pending(read, filter) > 0) {
                            continue;
                        }
                        return read;
                    }
                    long sequence = message.metaData().streamSequence();
                    if (!follow && sequence > last) {
                        return read;
                    }
                    read = sequence;
                    StoredLetter letter =
                            StoredLetter.parse(
                                    stream, sequence, message.getHeaders(), message.getData());
                    boolean goOn = !filter.accepts(letter) || consumer.test(letter);
                    boolean end = read >= last || message.metaData().pendingCount() == 0;
                    if (!goOn || end && !follow) {
                        return read;
                    }
                }
            }
        } catch (CommandException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return read;
        } catch (Exception e) {
            throw new CommandException(
                    "cannot read the stream " + stream + ": " + e.getMessage(), e);
        }
    }

    /**
     * The last dead letters, the oldest first.
     *
     * @param limit at most so many
     * @param filter of which ones
     */
    public List<StoredLetter> last(int limit, LetterFilter filter) {
        long end = extent().lastSequence();
        // Letters that were replayed have left holes, and others may be of another reason: from the
        // end backwards, until there are enough.
        long back = filter.since() == null ? limit : end;
        while (true) {
            long after = Math.max(0, end - back);
            Deque<StoredLetter> found = new ArrayDeque<>();
            read(
                    after,
                    filter,
                    false,
                    letter -> {
                        if (found.size() == limit) {
                            found.remove();
                        }
                        return found.add(letter);
                    });
            if (after == 0 || found.size() == limit) {
                return List.copyOf(found);
            }
            back *= FARTHER;
        }
    }

    /**
     * One dead letter.
     *
     * @param number its sequence in the stream of dead letters
     */
    public StoredLetter letter(long number) {
        try {
            MessageInfo message = connection.jetStreamManagement().getMessage(stream, number);
            return StoredLetter.parse(stream, number, message.getHeaders(), message.getData());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_MESSAGE_FOUND
                    || e.getApiErrorCode() == NO_MATCHING_STREAM) {
                throw new CommandException(
                        "there is no dead letter "
                                + number
                                + ", or no longer; ./ponix dead-letters lists them with their"
                                + " numbers",
                        e);
            }
            throw new CommandException(
                    "NATS refused to give dead letter " + number + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    "message "
                            + number
                            + " of "
                            + stream
                            + " is no dead letter of a job: its headers cannot be read",
                    e);
        } catch (IOException e) {
            throw new CommandException("NATS does not answer: " + e.getMessage(), e);
        }
    }

    /**
     * Lets the stream hold no more than so many letters: what comes then is refused, and what it
     * holds stays.
     *
     * @param messages no less than it holds; -1 for as many as come
     */
    public void limit(long messages) {
        try {
            JetStreamManagement management = connection.jetStreamManagement();
            management.updateStream(
                    StreamConfiguration.builder(management.getStreamInfo(stream).getConfiguration())
                            .discardPolicy(DiscardPolicy.New)
                            .maxMessages(messages)
                            .build());
        } catch (IOException | JetStreamApiException e) {
            throw new CommandException(
                    "NATS did not change the stream " + stream + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    Connection connection() {
        return connection;
    }

    String stream() {
        return stream;
    }

    /** How many letters of the filter's subject are stored after a sequence. */
    private long pending(long afterSequence, LetterFilter filter)
            throws IOException, JetStreamApiException {
        ConsumerConfiguration.Builder configuration =
                ConsumerConfiguration.builder()
                        .ackPolicy(AckPolicy.None)
                        .filterSubject(filter.subject(stream))
                        .inactiveThreshold(CONSUMER_EXPIRES);
        if (startsAtTime(afterSequence, filter)) {
            configuration.deliverPolicy(DeliverPolicy.ByStartTime).startTime(startTime(filter));
        } else {
            configuration
                    .deliverPolicy(DeliverPolicy.ByStartSequence)
                    .startSequence(afterSequence + 1);
        }
        JetStreamManagement management = connection.jetStreamManagement();
        ConsumerInfo consumer = management.addOrUpdateConsumer(stream, configuration.build());
        management.deleteConsumer(stream, consumer.getName());
        return consumer.getNumPending();
    }

    private static boolean startsAtTime(long afterSequence, LetterFilter filter) {
        return afterSequence == 0 && filter.since() != null;
    }

    private static ZonedDateTime startTime(LetterFilter filter) {
        return filter.since().atZone(ZoneOffset.UTC);
    }
}
