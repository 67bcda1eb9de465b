package io.ponix.client.deviceservice;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.Optional;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/** The way to the device service. */
@API(status = Status.EXPERIMENTAL)
public final class DeviceServiceChannel {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private DeviceServiceChannel() {}

    /**
     * Opens a channel, which connects when it is first used. Whoever opens it shuts it down.
     *
     * @param address {@code host:port} of the service's gRPC
     * @param key what every call shows, if the service asks for one
     */
    public static ManagedChannel open(String address, Optional<ApiKey> key) {
        ManagedChannelBuilder<?> channel = ManagedChannelBuilder.forTarget(address).usePlaintext();
        key.ifPresent(
                shown -> {
                    Metadata headers = new Metadata();
                    headers.put(AUTHORIZATION, shown.authorization());
                    channel.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
                });
        return channel.build();
    }
}
