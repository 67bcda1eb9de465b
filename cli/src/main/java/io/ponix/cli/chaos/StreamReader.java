package io.ponix.cli.chaos;

import io.nats.client.Connection;
import io.nats.client.FetchConsumeOptions;
import io.nats.client.FetchConsumer;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamStatusCheckedException;
import io.nats.client.Message;
import io.nats.client.StreamContext;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.client.nats.NatsSettings;
import java.io.IOException;

/** Reads the messages of a stream in their order, each once. */
final class StreamReader implements AutoCloseable {

    private static final int AT_A_TIME = 1_000;
    private static final long ANSWERED_WITHIN_MILLIS = 2_000;

    private final Connection connection;
    private final String stream;
    private long read;

    StreamReader(NatsSettings nats, String stream) {
        this.connection = NatsConnection.open(nats, "chaos");
        this.stream = stream;
    }

    /** A message. */
    interface Consumer {
        void accept(long sequence, byte[] message);
    }

    /**
     * Reads what there is by now; less while the server does not answer.
     *
     * @throws InterruptedException when the thread is interrupted meanwhile
     */
    // try: the warning is about InterruptedException from close(), which is thrown on.
    @SuppressWarnings("try")
    void read(Consumer consumer) throws InterruptedException {
        try {
            StreamContext context = connection.getStreamContext(stream);
            long last = context.getStreamInfo().getStreamState().getLastSequence();
            while (read < last) {
                try (FetchConsumer messages =
                        context.createOrderedConsumer(
                                        new OrderedConsumerConfiguration()
                                                .deliverPolicy(DeliverPolicy.ByStartSequence)
                                                .startSequence(read + 1))
                                .fetch(
                                        FetchConsumeOptions.builder()
                                                .maxMessages((int) Math.min(last - read, AT_A_TIME))
                                                .expiresIn(ANSWERED_WITHIN_MILLIS)
                                                .build())) {
                    long before = read;
                    for (Message message = messages.nextMessage();
                            message != null;
                            message = messages.nextMessage()) {
                        read = message.metaData().streamSequence();
                        consumer.accept(read, message.getData());
                    }
                    if (read == before) {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (IOException
                | JetStreamApiException
                | JetStreamStatusCheckedException
                | IllegalStateException notNow) {
            // The next time, then.
        } catch (Exception e) {
            throw new IllegalStateException("a consumer cannot be closed", e);
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
