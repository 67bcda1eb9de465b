package io.ponix.bridge.registry;

import com.google.protobuf.InvalidProtocolBufferException;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamInfo;
import io.ponix.proto.gateway.v1.Gateway;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the stream on which the job announces changes of gateways, from where it was when it was
 * looked at first. Not safe for use by several threads.
 */
public final class GatewayAnnouncements {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayAnnouncements.class);

    private static final int NO_MESSAGE_FOUND = 10037;
    private static final int STREAM_NOT_FOUND = 10059;
    private static final int MOST_AT_ONCE = 1_000;

    private final JetStreamManagement management;
    private final String stream;
    private Instant created;
    private long next;

    /**
     * @param stream the stream, which is the first token of its subjects as well
     */
    public GatewayAnnouncements(JetStreamManagement management, String stream) {
        this.management = management;
        this.stream = stream;
    }

    /**
     * A change.
     *
     * @param gateway as it is since then
     * @param removed whether its row is gone
     */
    public record Change(Gateway gateway, boolean removed) {}

    /**
     * What was announced since the last time. Nothing of it is missed, unless the stream was made
     * anew or dropped it: listing what there is now and then tells that as well.
     */
    public List<Change> poll() throws IOException, JetStreamApiException {
        StreamInfo info;
        try {
            info = management.getStreamInfo(stream);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == STREAM_NOT_FOUND) {
                created = null;
                return List.of();
            }
            throw e;
        }
        Instant createdAt = info.getCreateTime().toInstant();
        long last = info.getStreamState().getLastSequence();
        if (!createdAt.equals(created) || last + 1 < next) {
            created = createdAt;
            next = last + 1;
            return List.of();
        }
        List<Change> changes = new ArrayList<>();
        while (next <= last && changes.size() < MOST_AT_ONCE) {
            MessageInfo message;
            try {
                message = management.getNextMessage(stream, next, stream + ".>");
            } catch (JetStreamApiException e) {
                if (e.getApiErrorCode() == NO_MESSAGE_FOUND) {
                    next = last + 1;
                    break;
                }
                throw e;
            }
            next = message.getSeq() + 1;
            try {
                changes.add(
                        new Change(
                                Gateway.parseFrom(message.getData()),
                                message.getSubject().equals(stream + ".delete")));
            } catch (InvalidProtocolBufferException e) {
                LOG.warn("Message {} of {} is no Gateway", message.getSeq(), stream);
            }
        }
        return changes;
    }
}
