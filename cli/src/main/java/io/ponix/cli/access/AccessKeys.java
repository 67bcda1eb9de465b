package io.ponix.cli.access;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.ponix.cli.program.CommandException;
import io.ponix.proto.access.v1.AccessServiceGrpc;
import io.ponix.proto.access.v1.AccessServiceGrpc.AccessServiceBlockingStub;
import io.ponix.proto.access.v1.CreateKeyRequest;
import io.ponix.proto.access.v1.CreateKeyResponse;
import io.ponix.proto.access.v1.Key;
import io.ponix.proto.access.v1.ListKeysRequest;
import io.ponix.proto.access.v1.ListKeysResponse;
import io.ponix.proto.access.v1.RevokeKeyRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The keys of a device service. */
public final class AccessKeys implements AutoCloseable {

    private static final int DEADLINE_SECONDS = 30;
    private static final int PAGE_SIZE = 1_000;

    private final ManagedChannel channel;

    /**
     * @param channel to the device service; closed with this
     */
    public AccessKeys(ManagedChannel channel) {
        this.channel = channel;
    }

    /** Makes a key. */
    public CreateKeyResponse create(CreateKeyRequest request) {
        return call("make the key", service -> service.createKey(request));
    }

    /**
     * All keys, newest first.
     *
     * @param organization of which they are; empty: of all that the caller sees
     */
    public List<Key> list(String organization) {
        List<Key> keys = new ArrayList<>();
        ListKeysRequest.Builder request =
                ListKeysRequest.newBuilder().setOrganizationId(organization).setPageSize(PAGE_SIZE);
        do {
            ListKeysResponse page = call("list keys", service -> service.listKeys(request.build()));
            keys.addAll(page.getKeysList());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return keys;
    }

    /** Revokes a key for good. */
    public Key revoke(String id) {
        return call(
                        "revoke the key",
                        service ->
                                service.revokeKey(
                                        RevokeKeyRequest.newBuilder().setKeyId(id).build()))
                .getKey();
    }

    private <T> T call(String what, Function<AccessServiceBlockingStub, T> call) {
        try {
            return call.apply(
                    AccessServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
        } catch (StatusRuntimeException e) {
            throw new CommandException(
                    "the device service did not "
                            + what
                            + ": "
                            + switch (e.getStatus().getCode()) {
                                case UNAUTHENTICATED ->
                                        "it wants a valid key; set PONIX_API_KEY, or"
                                                + " PONIX_API_KEY_FILE to a file that holds one";
                                case UNAVAILABLE ->
                                        "it does not answer: " + e.getStatus().getDescription();
                                default -> e.getStatus().getDescription();
                            },
                    e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
