package io.ponix.connector.nats.source.stream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.MessageGetRequest;
import io.nats.client.api.StreamInfo;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.Internal;

/**
 * Questions about a stream that decide about positions. Every answer is the stream leader's own.
 */
@Internal
public final class StreamInspector {

    private static final String MESSAGE_GET_SUBJECT = "$JS.API.STREAM.MSG.GET.";
    private static final int NOT_FOUND = 404;

    /** In place of the time of a message that the stream does not have. */
    public static final long ABSENT = Long.MIN_VALUE;

    private final Connection connection;
    private final JetStreamManagement management;
    private final Duration timeout;

    /** Asks over this connection, waiting at most this long for each answer. */
    public StreamInspector(Connection connection, Duration timeout) throws IOException {
        this.connection = connection;
        this.timeout = timeout;
        this.management =
                connection.jetStreamManagement(
                        JetStreamOptions.builder().requestTimeout(timeout).build());
    }

    /** The JetStream API with this inspector's timeout. */
    public JetStreamManagement management() {
        return management;
    }

    /** Settings and state of a stream. */
    public StreamInfo streamInfo(String stream) throws IOException, JetStreamApiException {
        return management.getStreamInfo(stream);
    }

    /** When a stream was created, in nanoseconds since 1970-01-01T00:00Z. */
    public static long createdNanos(StreamInfo info) {
        return nanos(info.getCreateTime());
    }

    /**
     * The sequence of the first message stored at or after a time, or the one behind the last if
     * there is none.
     *
     * <p>The API of older servers has no such question; but a consumer that is to begin at a time
     * is told by the server at which sequence it stands, so one is made and thrown away.
     */
    public long sequenceAtOrAfter(String stream, Instant time)
            throws IOException, JetStreamApiException {
        ConsumerInfo probe =
                management.addOrUpdateConsumer(
                        stream,
                        ConsumerConfiguration.builder()
                                .ackPolicy(AckPolicy.None)
                                .deliverPolicy(DeliverPolicy.ByStartTime)
                                .startTime(time.atZone(ZoneOffset.UTC))
                                .memStorage(true)
                                .numReplicas(1)
                                .inactiveThreshold(Duration.ofSeconds(10))
                                .build());
        long sequence = probe.getDelivered().getStreamSequence() + 1;
        management.deleteConsumer(stream, probe.getName());
        return sequence;
    }

    /**
     * When messages were stored, in nanoseconds since 1970-01-01T00:00Z; {@link #ABSENT} for one
     * that the stream does not have. All are asked for at once.
     */
    public long[] timestamps(String stream, long[] sequences)
            throws IOException, InterruptedException {
        List<CompletableFuture<Message>> answers = new ArrayList<>();
        for (long sequence : sequences) {
            answers.add(
                    connection.request(
                            MESSAGE_GET_SUBJECT + stream,
                            MessageGetRequest.forSequence(sequence).serialize()));
        }
        long[] timestamps = new long[sequences.length];
        long deadline = System.nanoTime() + timeout.toNanos();
        for (int i = 0; i < sequences.length; i++) {
            JsonValue answer = awaited(answers.get(i), deadline - System.nanoTime(), stream);
            timestamps[i] =
                    answer == null
                            ? ABSENT
                            : nanos(
                                    JsonValueUtils.readDate(
                                            JsonValueUtils.readValue(answer, "message"), "time"));
        }
        return timestamps;
    }

    private static JsonValue awaited(CompletableFuture<Message> answer, long nanos, String stream)
            throws IOException, InterruptedException {
        try {
            return found(answer.get(Math.max(0, nanos), TimeUnit.NANOSECONDS), stream);
        } catch (ExecutionException | CancellationException | TimeoutException e) {
            throw new IOException("No answer to a look-up of a message of stream " + stream, e);
        }
    }

    /** A time in nanoseconds since 1970-01-01T00:00Z. */
    public static long nanos(ZonedDateTime time) {
        Instant instant = time.toInstant();
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }

    /**
     * Whether the stream holds no message of a filter at or behind a sequence.
     *
     * <p>This is asked of the store itself and not taken from a consumer's count of pending
     * messages, which has been wrong in several server releases: positions are moved forward on
     * this answer. For the same reason it does not use {@link JetStreamManagement#getNextMessage},
     * which may ask a replica that is behind.
     */
    public boolean isExhausted(String stream, String filterSubject, long fromSequence)
            throws IOException, InterruptedException {
        Message answer =
                connection.request(
                        MESSAGE_GET_SUBJECT + stream,
                        MessageGetRequest.nextForSubject(fromSequence, filterSubject).serialize(),
                        timeout);
        return found(answer, stream) == null;
    }

    /** The answer to a look-up of a message, or null if there is none. */
    private static JsonValue found(Message answer, String stream) throws IOException {
        if (answer == null || answer.isStatusMessage()) {
            throw new IOException("No answer to a look-up of a message of stream " + stream);
        }
        try {
            JsonValue value = JsonParser.parse(answer.getData());
            JsonValue error = JsonValueUtils.readValue(value, "error");
            if (error == null) {
                return value;
            }
            if (JsonValueUtils.readInteger(error, "code", 0) == NOT_FOUND) {
                return null;
            }
            throw new IOException(
                    "Looking up a message of stream " + stream + " failed: " + error.toJson());
        } catch (JsonParseException e) {
            throw new IOException("Unreadable answer about stream " + stream, e);
        }
    }
}
