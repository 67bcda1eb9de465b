package io.ponix.connector.nats;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import java.io.IOException;
import org.apache.flink.annotation.Internal;

/** How large a message may be, payload and headers together. */
@Internal
public final class MessageLimits {

    /** JetStream's code for a message beyond the stream's max_msg_size. */
    public static final int TOO_LARGE_FOR_STREAM = 10054;

    private MessageLimits() {}

    /**
     * The most bytes that both the server (max_payload) and every stream that stores the subject
     * (max_msg_size) take now.
     *
     * @throws IOException if JetStream does not answer
     * @throws JetStreamApiException if it refuses to tell
     */
    public static long of(String subject, Connection connection, JetStreamManagement management)
            throws IOException, JetStreamApiException {
        long limit = connection.getMaxPayload();
        for (String stream : management.getStreamNames(subject)) {
            long ofStream =
                    management.getStreamInfo(stream).getConfiguration().getMaximumMessageSize();
            if (ofStream >= 0) {
                limit = Math.min(limit, ofStream);
            }
        }
        return limit;
    }
}
