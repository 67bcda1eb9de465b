package io.ponix.cli.deadletter;

import com.google.protobuf.InvalidProtocolBufferException;
import io.nats.client.Connection;
import io.nats.client.ConsumeOptions;
import io.nats.client.IterableConsumer;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.nats.client.api.StreamInfo;
import io.ponix.cli.CommandException;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Predicate;

/** Reads the stream of dead letters in the order they were stored. */
public final class DeadLetterReader implements AutoCloseable {

    /** The stream that the job publishes dead letters to. */
    public static final String STREAM = "dead_letters";

    private static final int NO_MATCHING_STREAM = 10059;
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration REQUEST_EXPIRES = Duration.ofSeconds(2);

    private final Connection connection;

    public DeadLetterReader(String natsUrl) {
        connection = NatsConnection.open(natsUrl, "dead-letters");
    }

    /**
     * How many dead letters the stream holds and the sequence of its last; nothing where no job has
     * created it yet.
     *
     * @param messages stored now
     * @param lastSequence of the newest ever stored, 0 before the first
     */
    public record Extent(long messages, long lastSequence) {}

    /** The extent of a stream: of {@link #STREAM}, or of another one of the pipeline's. */
    public Extent extent(String stream) {
        try {
            StreamInfo info = connection.jetStreamManagement().getStreamInfo(stream);
            return new Extent(
                    info.getStreamState().getMsgCount(), info.getStreamState().getLastSequence());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_MATCHING_STREAM) {
                return new Extent(0, 0);
            }
            throw new CommandException(
                    "NATS refused to describe the stream " + stream + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandException("NATS does not answer: " + e.getMessage(), e);
        }
    }

    /**
     * Reads dead letters until told to stop.
     *
     * @param afterSequence the sequence in the dead letter stream after which to begin; 0 for all
     * @param reason only those of a reason, or null for all
     * @param follow whether to wait for more once the stored ones are read
     * @param consumer gets each; false stops
     * @return the sequence of the last one read, in the dead letter stream; {@code afterSequence}
     *     where there was none
     */
    // try: the warning is about InterruptedException from close(), which is handled below.
    @SuppressWarnings("try")
    public long read(
            long afterSequence, String reason, boolean follow, Predicate<DeadLetter> consumer) {
        long last = extent(STREAM).lastSequence();
        long read = afterSequence;
        if (!follow && last <= afterSequence) {
            return read;
        }
        OrderedConsumerConfiguration configuration =
                new OrderedConsumerConfiguration()
                        .deliverPolicy(DeliverPolicy.ByStartSequence)
                        .startSequence(afterSequence + 1)
                        .filterSubject(STREAM + "." + (reason == null ? ">" : reason));
        try (IterableConsumer messages =
                connection
                        .getStreamContext(STREAM)
                        .createOrderedConsumer(configuration)
                        .iterate(
                                ConsumeOptions.builder()
                                        .expiresIn(REQUEST_EXPIRES.toMillis())
                                        .build())) {
            while (true) {
                Message message = messages.nextMessage(POLL);
                if (message == null) {
                    // With a filter the stream's last message may be of another reason and never
                    // come.
                    if (follow) {
                        continue;
                    }
                    return read;
                }
                read = message.metaData().streamSequence();
                if (!consumer.test(DeadLetter.parseFrom(message.getData()))
                        || (!follow && read >= last)) {
                    return read;
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new CommandException(
                    "a message of the stream " + STREAM + " is no dead letter", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return read;
        } catch (Exception e) {
            throw new CommandException(
                    "cannot read the stream " + STREAM + ": " + e.getMessage(), e);
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
}
