package io.ponix.connector.nats.source.stream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.api.MessageGetRequest;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import io.ponix.connector.nats.source.split.MessageStamp;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import org.apache.flink.annotation.Internal;

/**
 * Questions about a stream that decide about positions. Every answer is the stream leader's own.
 */
@Internal
public final class StreamInspector {

    private static final String MESSAGE_GET_SUBJECT = "$JS.API.STREAM.MSG.GET.";
    private static final String ALL_SUBJECTS = ">";
    private static final int NOT_FOUND = 404;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

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
     * A sequence such that every message of the stream before it was stored before a time, and
     * every one at or behind it at that time or later: the one behind the last if there is none.
     *
     * <p>Found by halves in what the leader has. A consumer that is to begin at a time would know
     * it at once, but is made on any of the stream's servers, also on one that is behind or
     * disagrees.
     */
    public long sequenceAtOrAfter(String stream, StreamState state, Instant time)
            throws IOException, InterruptedException {
        long nanos = nanos(time);
        long low = Math.max(1, state.getFirstSequence());
        long high = state.getLastSequence() + 1;
        while (low < high) {
            long middle = low + (high - low) / 2;
            MessageStamp message = firstAtOrBehind(stream, ALL_SUBJECTS, middle);
            if (message == null || message.timestampNanos() >= nanos) {
                high = middle;
            } else {
                low = message.sequence() + 1;
            }
        }
        return low;
    }

    /** The first message of a filter at or behind a sequence, or null if there is none. */
    public MessageStamp firstAtOrBehind(String stream, String filterSubject, long sequence)
            throws IOException, InterruptedException {
        JsonValue found =
                ask(stream, MessageGetRequest.nextForSubject(sequence, filterSubject)).get(0);
        return found == null ? null : stamp(found);
    }

    private static MessageStamp stamp(JsonValue answer) {
        JsonValue message = JsonValueUtils.readValue(answer, "message");
        return new MessageStamp(
                JsonValueUtils.readLong(message, "seq", 0),
                nanos(JsonValueUtils.readDate(message, "time")));
    }

    /**
     * When messages were stored, in nanoseconds since 1970-01-01T00:00Z; {@link #ABSENT} for one
     * that the stream does not have. All are asked for at once.
     */
    public long[] timestamps(String stream, long[] sequences)
            throws IOException, InterruptedException {
        return ask(
                        stream,
                        LongStream.of(sequences)
                                .mapToObj(MessageGetRequest::forSequence)
                                .toArray(MessageGetRequest[]::new))
                .stream()
                .mapToLong(answer -> answer == null ? ABSENT : stamp(answer).timestampNanos())
                .toArray();
    }

    /** Looks messages up, all at once; null in place of one that there is not. */
    private List<JsonValue> ask(String stream, MessageGetRequest... requests)
            throws IOException, InterruptedException {
        List<CompletableFuture<Message>> futures = new ArrayList<>(requests.length);
        for (MessageGetRequest request : requests) {
            futures.add(connection.request(MESSAGE_GET_SUBJECT + stream, request.serialize()));
        }
        List<JsonValue> answers = new ArrayList<>(requests.length);
        long deadline = System.nanoTime() + timeout.toNanos();
        for (CompletableFuture<Message> future : futures) {
            answers.add(awaited(future, deadline - System.nanoTime(), stream));
        }
        return answers;
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
        return nanos(time.toInstant());
    }

    private static long nanos(Instant instant) {
        return instant.getEpochSecond() * NANOS_PER_SECOND + instant.getNano();
    }

    /**
     * Whether the stream holds no message of a filter at or behind a sequence and up to its end.
     *
     * <p>This is asked of the store itself and not taken from a consumer's count of pending
     * messages, which has been wrong in several server releases: positions are moved forward on
     * this answer. For the same reason it does not use {@link JetStreamManagement#getNextMessage},
     * which may ask a replica that is behind.
     *
     * <p>Of a stream with replicas two servers may take themselves for the leader, and a new one
     * may have yet to apply what the last one had. So the answer counts only from a server that has
     * the stream's last message: that is asked for right before and right after, and no other
     * server is at once slower, faster and slower again than the one that answers.
     *
     * @param info what the stream said of itself before
     */
    public boolean isExhausted(StreamInfo info, String filterSubject, long fromSequence)
            throws IOException, InterruptedException {
        StreamState state = info.getStreamState();
        if (state.getMsgCount() == 0) {
            return true;
        }
        String stream = info.getConfiguration().getName();
        MessageGetRequest next = MessageGetRequest.nextForSubject(fromSequence, filterSubject);
        if (info.getConfiguration().getReplicas() == 1) {
            return ask(stream, next).get(0) == null;
        }
        MessageGetRequest last = MessageGetRequest.forSequence(state.getLastSequence());
        List<JsonValue> answers = ask(stream, last, next, last);
        return answers.get(0) != null && answers.get(1) == null && answers.get(2) != null;
    }

    /** The answer to a look-up of a message, or null if there is none. */
    private static JsonValue found(Message answer, String stream) throws IOException {
        if (answer.isStatusMessage()) {
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
