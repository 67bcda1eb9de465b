package io.ponix.bench.stack;

import io.grpc.ManagedChannel;
import io.ponix.client.deviceservice.ApiKey;
import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.client.deviceservice.DeviceServiceChannel;
import io.ponix.embedded.deviceservice.EmbeddedDeviceService;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A device service and its Postgres, on free ports, for one run: it takes calls with a key, which
 * it looks at, and without one. Its data are gone when it is closed.
 */
public final class RegistryStack implements AutoCloseable {

    private static final int SECRET_BYTES = 32;

    private final Path home;
    private final String key;
    private final EmbeddedPostgres postgres;
    private final EmbeddedDeviceService service;

    private RegistryStack(Path home) throws IOException {
        this.home = home;
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        key = "ponix_bench_" + HexFormat.of().formatHex(secret);
        Path keys = Files.writeString(home.resolve("first-keys"), "operator " + key + "\n");
        postgres = EmbeddedPostgres.builder().home(home).build();
        service =
                EmbeddedDeviceService.builder()
                        .home(home)
                        .environment(() -> environment(keys))
                        .build();
    }

    /**
     * Starts them.
     *
     * @throws IOException if there is no room for their data
     */
    public static RegistryStack start() throws IOException {
        // Only its owner may enter a folder that is made so.
        RegistryStack stack = new RegistryStack(Files.createTempDirectory("ponix-bench"));
        try {
            stack.postgres.start();
            stack.service.start();
            return stack;
        } catch (RuntimeException | Error e) {
            stack.close();
            throw e;
        }
    }

    private Map<String, String> environment(Path keys) {
        Map<String, String> environment = new HashMap<>(postgres.address().environment());
        // What the shell says of another service and database.
        for (String elsewhere :
                List.of(
                        "PONIX_POSTGRES_URL",
                        "PONIX_POSTGRES_URL_FILE",
                        "PONIX_GRPC_HOST",
                        "PONIX_GRPC_TLS_CERTIFICATE_FILE",
                        "PONIX_GRPC_TLS_KEY_FILE",
                        "PONIX_GRPC_TLS_CLIENT_CA_FILE")) {
            environment.put(elsewhere, "");
        }
        environment.put("PONIX_AUTH", "optional");
        environment.put("PONIX_FIRST_KEYS_FILE", keys.toString());
        // The most there is: the limit is not what is measured.
        environment.put("PONIX_GRPC_REQUESTS_PER_SECOND", "1000000");
        return environment;
    }

    /** A channel that shows a key of an operator's. */
    public ManagedChannel channelWithKey() {
        return channel(ApiKey.fromEnvironment(Map.of("PONIX_API_KEY", key)));
    }

    /** A channel that shows none. */
    public ManagedChannel channelWithoutKey() {
        return channel(Optional.empty());
    }

    private ManagedChannel channel(Optional<ApiKey> shown) {
        return DeviceServiceChannel.open(
                DeviceServiceAddress.parse(service.grpcAddress(), Map.of()), shown);
    }

    @Override
    public void close() throws IOException {
        service.close();
        postgres.close();
        Folders.delete(home);
    }
}
