package io.ponix.connector.nats.source;

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
import org.apache.flink.annotation.Internal;

/**
 * Questions about a stream that decide about positions. Every answer is the stream leader's own.
 */
@Internal
public final class StreamInspector {

    private static final String MESSAGE_GET_SUBJECT = "$JS.API.STREAM.MSG.GET.";
    private static final int NOT_FOUND = 404;

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
        Instant created = info.getCreateTime().toInstant();
        return created.getEpochSecond() * 1_000_000_000L + created.getNano();
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
        if (answer == null || answer.isStatusMessage()) {
            throw new IOException("No answer to a look-up of the next message of stream " + stream);
        }
        try {
            JsonValue error = JsonValueUtils.readValue(JsonParser.parse(answer.getData()), "error");
            if (error == null) {
                return false;
            }
            if (JsonValueUtils.readInteger(error, "code", 0) == NOT_FOUND) {
                return true;
            }
            throw new IOException(
                    "Looking up the next message of stream "
                            + stream
                            + " failed: "
                            + error.toJson());
        } catch (JsonParseException e) {
            throw new IOException("Unreadable answer about stream " + stream, e);
        }
    }
}
