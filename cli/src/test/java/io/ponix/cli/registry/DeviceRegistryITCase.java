package io.ponix.cli.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.client.deviceservice.DeviceServiceChannel;
import io.ponix.embedded.deviceservice.EmbeddedDeviceService;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.proto.gateway.v1.Gateway;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code up} registers, by a service whose database was just started again. */
class DeviceRegistryITCase {

    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir private Path home;

    @Test
    void whatUpRegistersWaitsForADatabaseThatComesBack() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().home(home).build();
                EmbeddedDeviceService service =
                        EmbeddedDeviceService.builder()
                                .home(home)
                                .environment(() -> environment(postgres))
                                .build()) {
            postgres.start();
            service.start();
            try (DeviceRegistry registry =
                    new DeviceRegistry(
                            DeviceServiceChannel.open(
                                    DeviceServiceAddress.parse(service.grpcAddress(), Map.of()),
                                    Optional.empty()))) {
                whileTheDatabaseIsAway(
                        postgres,
                        service,
                        "CreateOrganization",
                        () -> {
                            registry.ensureOrganization("acme", "Acme");
                            return "acme";
                        });
                registry.requireOrganization("acme");

                Gateway gateway = registry.ensureGateway("acme", "broker", "mqtt://127.0.0.1:1");
                String secret =
                        whileTheDatabaseIsAway(
                                postgres,
                                service,
                                "GetGateway",
                                () -> registry.ensureKey(gateway, "up", Optional.empty()));
                Gateway again = registry.ensureGateway("acme", "broker", "mqtt://127.0.0.1:1");
                assertThat(again.getKeysList()).hasSize(1);
                assertThat(registry.ensureKey(again, "up", Optional.of(secret))).isEqualTo(secret);
            }
        }
    }

    private static <T> T whileTheDatabaseIsAway(
            EmbeddedPostgres postgres,
            EmbeddedDeviceService service,
            String method,
            Supplier<T> registration)
            throws Exception {
        postgres.kill();
        CompletableFuture<T> registered = CompletableFuture.supplyAsync(registration);
        await().atMost(SOON)
                .until(
                        () ->
                                registered.isDone()
                                        || Files.readString(service.logFile())
                                                .lines()
                                                .anyMatch(line -> isFailureOf(method, line)));
        assertThat(registered).isNotDone();
        postgres.start();
        return registered.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    private static boolean isFailureOf(String method, String line) {
        return line.contains("/" + method + ": The service cannot reach its database");
    }

    private static Map<String, String> environment(EmbeddedPostgres postgres) {
        Map<String, String> environment = new HashMap<>(postgres.address().environment());
        environment.put("PONIX_POSTGRES_CONNECTION_TIMEOUT_MS", "1000");
        return environment;
    }
}
