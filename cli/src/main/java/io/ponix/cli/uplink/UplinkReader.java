package io.ponix.cli.uplink;

import com.google.protobuf.InvalidProtocolBufferException;
import io.nats.client.Connection;
import io.ponix.cli.replay.StoredMessages;
import io.ponix.cli.replay.StoredMessages.Part;
import io.ponix.cli.replay.StoredMessages.Stored;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads the stream of refused uplinks in the order they were stored. */
public final class UplinkReader implements AutoCloseable {

    /** The stream, which the bridge makes. */
    public static final String STREAM = "refused_uplinks";

    private final StoredMessages messages;

    public UplinkReader(StackAddresses addresses) {
        messages = new StoredMessages(addresses, STREAM, "refused uplink");
    }

    /** How many there are; none where no bridge has made the stream yet. */
    public long count() {
        return messages.extent().messages();
    }

    /** Reads those that are stored now. */
    public void read(UplinkFilter filter, Consumer<StoredUplink> consumer) {
        messages.read(
                0,
                part(filter),
                false,
                stored -> {
                    StoredUplink uplink = uplink(stored);
                    if (filter.accepts(uplink)) {
                        consumer.accept(uplink);
                    }
                    return true;
                });
    }

    /** When it was received, the filter knows; when it was stored is by another clock. */
    private static Part part(UplinkFilter filter) {
        return new Part(
                STREAM + "." + (filter.gatewayId() == null ? "*" : filter.gatewayId()), null);
    }

    /** The last ones, the oldest first, at most so many. */
    public List<StoredUplink> last(int limit, UplinkFilter filter) {
        return messages.last(
                limit, part(filter), stored -> Optional.of(uplink(stored)).filter(filter::accepts));
    }

    /** One of them. */
    public StoredUplink uplink(long number) {
        return uplink(messages.get(number));
    }

    /** Takes it away; one that is gone already is as good. */
    void delete(StoredUplink uplink) {
        messages.delete(uplink.number());
    }

    /** What is none, but lies among them, is shown as one that says so. */
    private static StoredUplink uplink(Stored stored) {
        try {
            return new StoredUplink(stored.sequence(), RefusedUplink.parseFrom(stored.data()));
        } catch (InvalidProtocolBufferException e) {
            return new StoredUplink(
                    stored.sequence(),
                    RefusedUplink.newBuilder()
                            .setMessage("This message of the stream is no refused uplink of Ponix")
                            .build());
        }
    }

    Connection connection() {
        return messages.connection();
    }

    @Override
    public void close() {
        messages.close();
    }
}
