package io.ponix.bench.intake;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.ponix.bench.load.Backlog;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.cli.stack.StackAddresses;
import java.io.IOException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.concurrent.TimeUnit;

/** Looks at the stream of raw envelopes. */
final class RawStream implements AutoCloseable {

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Connection connection;
    private final JetStreamManagement management;

    /** Makes the stream, as the job would. */
    RawStream(StackAddresses addresses) {
        Backlog.ensureStream(addresses);
        connection = NatsConnection.open(addresses.nats(), "bench");
        try {
            management = connection.jetStreamManagement();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** A message that is stored. */
    interface Stored {

        /**
         * Is told of it.
         *
         * @param atNanos when the server stored it, in nanoseconds since 1970
         */
        void message(byte[] message, long atNanos);
    }

    /** How many messages were ever stored. */
    long count() {
        try {
            return management.getStreamInfo(Backlog.STREAM).getStreamState().getLastSequence();
        } catch (IOException | JetStreamApiException e) {
            throw unreadable(e);
        }
    }

    /** Reads what was stored after so many, in its order. */
    void readAfter(long count, Stored stored) {
        long last = count();
        try {
            JetStreamSubscription subscription =
                    connection
                            .jetStream()
                            .subscribe(
                                    Backlog.STREAM + ".>",
                                    PushSubscribeOptions.builder().stream(Backlog.STREAM)
                                            .ordered(true)
                                            .configuration(
                                                    ConsumerConfiguration.builder()
                                                            .deliverPolicy(
                                                                    DeliverPolicy.ByStartSequence)
                                                            .startSequence(count + 1)
                                                            .build())
                                            .build());
            for (long read = count; read < last; ) {
                Message message = subscription.nextMessage(LONGEST_PAUSE);
                if (message == null) {
                    throw new CommandException(
                            "NATS gave %,d of %,d messages".formatted(read - count, last - count));
                }
                read = message.metaData().streamSequence();
                stored.message(message.getData(), nanos(message.metaData().timestamp()));
            }
            subscription.unsubscribe();
        } catch (IOException | JetStreamApiException e) {
            throw unreadable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private static long nanos(ZonedDateTime time) {
        return TimeUnit.SECONDS.toNanos(time.toEpochSecond()) + time.getNano();
    }

    private static CommandException unreadable(Exception problem) {
        return new CommandException(
                "the stream " + Backlog.STREAM + " cannot be read: " + problem.getMessage(),
                problem);
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
