package io.ponix.client.deviceservice;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import io.ponix.client.tls.TlsException;
import io.ponix.client.tls.TlsSettings;
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
     * @param address where the service's gRPC is
     * @param key what every call shows, if the service asks for one
     * @throws IllegalArgumentException when the files for TLS cannot be used; the message names
     *     setting and file
     */
    public static ManagedChannel open(DeviceServiceAddress address, Optional<ApiKey> key) {
        ManagedChannelBuilder<?> channel =
                Grpc.newChannelBuilder(
                        address.hostAndPort(),
                        address.tls()
                                .map(DeviceServiceChannel::credentials)
                                .orElseGet(InsecureChannelCredentials::create));
        channel.intercept(new TlsProblems(address));
        key.ifPresent(
                shown -> {
                    Metadata headers = new Metadata();
                    headers.put(AUTHORIZATION, shown.authorization());
                    channel.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
                });
        return channel.build();
    }

    private static ChannelCredentials credentials(TlsSettings tls) {
        try {
            TlsChannelCredentials.Builder credentials =
                    TlsChannelCredentials.newBuilder().trustManager(tls.authorities());
            tls.keyManagers().ifPresent(keys -> credentials.keyManager(keys.getKeyManagers()));
            return credentials.build();
        } catch (TlsException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
