package io.ponix.cli.uplink;

import com.google.protobuf.InvalidProtocolBufferException;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamState;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads the stream of refused uplinks in the order they were stored. */
public final class UplinkReader implements AutoCloseable {

    /** The stream, which the bridge makes. */
    public static final String STREAM = "refused_uplinks";

    private static final int NO_MATCHING_STREAM = 10059;
    private static final int NO_MESSAGE_FOUND = 10037;

    /** How much farther back the next look goes when the last one found too few. */
    private static final int FARTHER = 16;

    private final Connection connection;
    private final JetStreamManagement management;

    public UplinkReader(StackAddresses addresses) {
        connection = NatsConnection.open(addresses.nats(), "refused-uplinks");
        try {
            management = connection.jetStreamManagement();
        } catch (IOException e) {
            throw new CommandException("NATS offers no JetStream: " + e.getMessage(), e);
        }
    }

    /** How many there are; none where no bridge has made the stream yet. */
    public long count() {
        return state().map(StreamState::getMsgCount).orElse(0L);
    }

    private Optional<StreamState> state() {
        try {
            return Optional.of(management.getStreamInfo(STREAM).getStreamState());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_MATCHING_STREAM) {
                return Optional.empty();
            }
            throw new CommandException(
                    "NATS refused to describe the stream " + STREAM + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw noAnswer(e);
        }
    }

    /**
     * Reads those that are stored now.
     *
     * @param afterNumber where to begin; 0 for all
     */
    public void read(long afterNumber, UplinkFilter filter, Consumer<StoredUplink> consumer) {
        long last = state().map(StreamState::getLastSequence).orElse(0L);
        String subject = STREAM + "." + (filter.gatewayId() == null ? "*" : filter.gatewayId());
        long next = afterNumber + 1;
        while (next <= last) {
            try {
                MessageInfo message = management.getNextMessage(STREAM, next, subject);
                if (message.getSeq() > last) {
                    return;
                }
                next = message.getSeq() + 1;
                StoredUplink uplink = parse(message);
                if (filter.accepts(uplink)) {
                    consumer.accept(uplink);
                }
            } catch (JetStreamApiException e) {
                if (e.getApiErrorCode() == NO_MESSAGE_FOUND) {
                    return;
                }
                throw new CommandException(
                        "cannot read the stream " + STREAM + ": " + e.getMessage(), e);
            } catch (IOException e) {
                throw noAnswer(e);
            }
        }
    }

    /** The last ones, the oldest first, at most so many. */
    public List<StoredUplink> last(int limit, UplinkFilter filter) {
        long end = state().map(StreamState::getLastSequence).orElse(0L);
        long back = limit;
        while (true) {
            long after = Math.max(0, end - back);
            Deque<StoredUplink> found = new ArrayDeque<>();
            read(
                    after,
                    filter,
                    uplink -> {
                        if (found.size() == limit) {
                            found.remove();
                        }
                        found.add(uplink);
                    });
            if (after == 0 || found.size() == limit) {
                return List.copyOf(found);
            }
            back *= FARTHER;
        }
    }

    /** One of them. */
    public StoredUplink uplink(long number) {
        try {
            return parse(management.getMessage(STREAM, number));
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_MESSAGE_FOUND
                    || e.getApiErrorCode() == NO_MATCHING_STREAM) {
                throw new CommandException(
                        "there is no refused uplink "
                                + number
                                + ", or no longer; ./ponix refused-uplinks lists them with their"
                                + " numbers",
                        e);
            }
            throw new CommandException(
                    "NATS refused to give refused uplink " + number + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw noAnswer(e);
        }
    }

    /** Takes it away; one that is gone already is as good. */
    void delete(StoredUplink uplink) {
        try {
            management.deleteMessage(STREAM, uplink.number(), false);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NO_MESSAGE_FOUND) {
                throw new CommandException(
                        "NATS did not delete refused uplink "
                                + uplink.number()
                                + ": "
                                + e.getMessage(),
                        e);
            }
        } catch (IOException e) {
            throw noAnswer(e);
        }
    }

    /** What is none, but lies among them, is shown as one that says so. */
    private static StoredUplink parse(MessageInfo message) {
        try {
            return new StoredUplink(
                    message.getSeq(),
                    RefusedUplink.parseFrom(
                            message.getData() == null ? new byte[0] : message.getData()));
        } catch (InvalidProtocolBufferException e) {
            return new StoredUplink(
                    message.getSeq(),
                    RefusedUplink.newBuilder()
                            .setMessage("This message of the stream is no refused uplink of Ponix")
                            .build());
        }
    }

    private static CommandException noAnswer(IOException e) {
        return new CommandException("NATS does not answer: " + e.getMessage(), e);
    }

    Connection connection() {
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
