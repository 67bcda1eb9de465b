package io.ponix.cli.replay;

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
import io.nats.client.impl.Headers;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.cli.stack.StackAddresses;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** A stream of what waits to be replayed, read in the order in which it was stored. */
public final class StoredMessages implements AutoCloseable {

    private static final int NO_MATCHING_STREAM = 10059;
    private static final int NO_MESSAGE_FOUND = 10037;

    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration REQUEST_EXPIRES = Duration.ofSeconds(2);
    private static final Duration CONSUMER_EXPIRES = Duration.ofSeconds(10);

    /** Requested at a time. A message can be as large as the server takes: 8 MB by default. */
    private static final int BATCH = 128;

    /** How much farther back the next look goes when the last one found too few messages. */
    private static final int FARTHER = 16;

    private final Connection connection;
    private final String stream;
    private final String noun;

    /**
     * @param noun what one of its messages is called, for instance {@code dead letter}; with
     *     hyphens and in the plural it is the command of {@code ./ponix} that lists them
     */
    public StoredMessages(StackAddresses addresses, String stream, String noun) {
        this.stream = stream;
        this.noun = noun;
        this.connection = NatsConnection.open(addresses.nats(), command());
    }

    private String command() {
        return noun.replace(' ', '-') + "s";
    }

    /**
     * A message as it lies in the stream.
     *
     * @param sequence its number in the stream
     * @param headers may be null
     * @param data may be empty
     */
    public record Stored(long sequence, Headers headers, byte[] data) {}

    /**
     * Which ones are meant.
     *
     * @param subject theirs, or a pattern of it
     * @param since only those stored then or later, or null for all
     */
    public record Part(String subject, Instant since) {}

    /**
     * How many messages a stream holds and the sequence of its last; nothing where nobody has
     * created it yet.
     *
     * @param exists whether there is such a stream
     * @param messages stored now
     * @param lastSequence of the newest ever stored, 0 before the first
     * @param refusal why it stores no more, and what to do; empty if it does
     */
    public record Extent(
            boolean exists, long messages, long lastSequence, Optional<String> refusal) {}

    /** The extent of the stream. */
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
            throw noAnswer(e);
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

    /**
     * Reads messages until told to stop. Without {@code follow} it ends with the last one that was
     * stored when it began: those that arrive meanwhile are not read.
     *
     * @param afterSequence the sequence after which to begin; 0 for all
     * @param part which ones
     * @param follow whether to wait for more once the stored ones are read
     * @param consumer gets each; false stops
     * @return the sequence of the last one read; {@code afterSequence} where there was none
     */
    // try: the warning is about InterruptedException from close(), which is handled below.
    @SuppressWarnings("try")
    public long read(long afterSequence, Part part, boolean follow, Predicate<Stored> consumer) {
        long last = extent().lastSequence();
        long read = afterSequence;
        OrderedConsumerConfiguration configuration =
                new OrderedConsumerConfiguration().filterSubject(part.subject());
        if (startsAtTime(read, part)) {
            configuration
                    .deliverPolicy(DeliverPolicy.ByStartTime)
                    .startTime(part.since().atZone(ZoneOffset.UTC));
        } else {
            configuration.deliverPolicy(DeliverPolicy.ByStartSequence).startSequence(read + 1);
        }
        try {
            if (!follow && (last <= read || pending(read, part) == 0)) {
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
                        if (follow || pending(read, part) > 0) {
                            continue;
                        }
                        return read;
                    }
                    long sequence = message.metaData().streamSequence();
                    if (!follow && sequence > last) {
                        return read;
                    }
                    read = sequence;
                    boolean goOn =
                            consumer.test(
                                    new Stored(sequence, message.getHeaders(), message.getData()));
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

    /** How many of the part are stored after a sequence. */
    private long pending(long afterSequence, Part part) throws IOException, JetStreamApiException {
        ConsumerConfiguration.Builder configuration =
                ConsumerConfiguration.builder()
                        .ackPolicy(AckPolicy.None)
                        .filterSubject(part.subject())
                        .inactiveThreshold(CONSUMER_EXPIRES);
        if (startsAtTime(afterSequence, part)) {
            configuration
                    .deliverPolicy(DeliverPolicy.ByStartTime)
                    .startTime(part.since().atZone(ZoneOffset.UTC));
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

    private static boolean startsAtTime(long afterSequence, Part part) {
        return afterSequence == 0 && part.since() != null;
    }

    /**
     * The last ones, the oldest first.
     *
     * @param limit at most so many
     * @param accepted what one is; empty for one that is not meant
     */
    public <T> List<T> last(int limit, Part part, Function<Stored, Optional<T>> accepted) {
        long end = extent().lastSequence();
        // Those that were replayed have left holes, and others may not be meant: from the end
        // backwards, until there are enough.
        long back = part.since() == null ? limit : end;
        while (true) {
            long after = Math.max(0, end - back);
            Deque<T> found = new ArrayDeque<>();
            read(
                    after,
                    part,
                    false,
                    stored -> {
                        accepted.apply(stored)
                                .ifPresent(
                                        one -> {
                                            if (found.size() == limit) {
                                                found.remove();
                                            }
                                            found.add(one);
                                        });
                        return true;
                    });
            if (after == 0 || found.size() == limit) {
                return List.copyOf(found);
            }
            back *= FARTHER;
        }
    }

    /** One of them. */
    public Stored get(long number) {
        try {
            MessageInfo message = connection.jetStreamManagement().getMessage(stream, number);
            return new Stored(
                    number,
                    message.getHeaders(),
                    message.getData() == null ? new byte[0] : message.getData());
        } catch (JetStreamApiException e) {
            if (isGone(e)) {
                throw new CommandException(
                        "there is no "
                                + noun
                                + " "
                                + number
                                + ", or no longer; ./ponix "
                                + command()
                                + " lists them with their numbers",
                        e);
            }
            throw new CommandException(
                    "NATS refused to give " + noun + " " + number + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    "message "
                            + number
                            + " of "
                            + stream
                            + " is no "
                            + noun
                            + " of Ponix: its headers cannot be read",
                    e);
        } catch (IOException e) {
            throw noAnswer(e);
        }
    }

    /** Takes one away; one that is gone already is as good. */
    public void delete(long number) {
        try {
            connection.jetStreamManagement().deleteMessage(stream, number, false);
        } catch (JetStreamApiException e) {
            if (!isGone(e) && isThere(number)) {
                throw new CommandException(
                        "NATS did not delete " + noun + " " + number + ": " + e.getMessage(), e);
            }
        } catch (IOException e) {
            throw noAnswer(e);
        }
    }

    private boolean isThere(long number) {
        try {
            connection.jetStreamManagement().getMessage(stream, number);
            return true;
        } catch (JetStreamApiException e) {
            return !isGone(e);
        } catch (IOException | IllegalArgumentException e) {
            return true;
        }
    }

    private static boolean isGone(JetStreamApiException e) {
        return e.getApiErrorCode() == NO_MESSAGE_FOUND || e.getApiErrorCode() == NO_MATCHING_STREAM;
    }

    private static CommandException noAnswer(IOException e) {
        return new CommandException("NATS does not answer: " + e.getMessage(), e);
    }

    /** The connection, which ends with this. */
    public Connection connection() {
        return connection;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
