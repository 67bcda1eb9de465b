package io.ponix.deviceservice;

import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.Folders;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.history.v1.HistoryServiceGrpc;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The service with a Postgres of its own, and a channel to it. Classes that do nothing to the
 * servers share one per JVM, see {@link Shared}; each test has organizations of its own.
 */
final class ServiceUnderTest implements AutoCloseable {

    private final EmbeddedPostgres postgres;
    private final DeviceService service;
    private final ManagedChannel channel;

    private ServiceUnderTest(EmbeddedPostgres postgres, DeviceService service) {
        this.postgres = postgres;
        this.service = service;
        this.channel =
                ManagedChannelBuilder.forAddress("127.0.0.1", service.grpcPort())
                        .usePlaintext()
                        .build();
    }

    static ServiceUnderTest start(Path home) {
        return start(home, Map.of());
    }

    /** With further settings. */
    static ServiceUnderTest start(Path home, Map<String, String> settings) {
        EmbeddedPostgres postgres = EmbeddedPostgres.builder().home(home).build();
        postgres.start();
        try {
            Map<String, String> environment = environment(postgres);
            environment.putAll(settings);
            return new ServiceUnderTest(
                    postgres,
                    DeviceService.start(DeviceServiceSettings.fromEnvironment(environment)));
        } catch (RuntimeException exception) {
            postgres.close();
            throw exception;
        }
    }

    /** The settings that lead to this Postgres, with free ports and little patience. */
    static Map<String, String> environment(EmbeddedPostgres postgres) {
        return new HashMap<>(
                Map.of(
                        "PONIX_GRPC_HOST", "127.0.0.1",
                        "PONIX_GRPC_PORT", "0",
                        "PONIX_HTTP_PORT", "0",
                        "PONIX_POSTGRES_HOST", postgres.host(),
                        "PONIX_POSTGRES_PORT", String.valueOf(postgres.port()),
                        "PONIX_POSTGRES_CONNECTION_TIMEOUT_MS", "1000"));
    }

    EmbeddedPostgres postgres() {
        return postgres;
    }

    DeviceService service() {
        return service;
    }

    ManagedChannel channel() {
        return channel;
    }

    EndDeviceServiceGrpc.EndDeviceServiceBlockingStub devices() {
        return EndDeviceServiceGrpc.newBlockingStub(channel);
    }

    EndDeviceDefinitionServiceGrpc.EndDeviceDefinitionServiceBlockingStub definitions() {
        return EndDeviceDefinitionServiceGrpc.newBlockingStub(channel);
    }

    GatewayServiceGrpc.GatewayServiceBlockingStub gateways() {
        return GatewayServiceGrpc.newBlockingStub(channel);
    }

    HistoryServiceGrpc.HistoryServiceBlockingStub history() {
        return HistoryServiceGrpc.newBlockingStub(channel);
    }

    OrganizationServiceGrpc.OrganizationServiceBlockingStub organizations() {
        return OrganizationServiceGrpc.newBlockingStub(channel);
    }

    /** Creates an organization and returns its id. */
    String organization(String name) {
        return organizations()
                .createOrganization(CreateOrganizationRequest.newBuilder().setName(name).build())
                .getOrganizationId();
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                postgres.jdbcUrl(), postgres.username(), postgres.password());
    }

    String query(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    /** Waits until a statement of the service waits for what somebody else holds. */
    void awaitWhoWaitsForALock() {
        await("a statement that waits")
                .atMost(Duration.ofSeconds(30))
                .until(
                        () ->
                                !query(
                                                "SELECT count(*) FROM pg_stat_activity WHERE"
                                                        + " wait_event_type = 'Lock' AND"
                                                        + " application_name ="
                                                        + " 'ponix-device-service'")
                                        .equals("0"));
    }

    @Override
    public void close() {
        channel.shutdownNow();
        service.close();
        postgres.close();
    }

    /** Starts the service for the first class that takes it, and stops it after the last one. */
    static final class Shared implements ParameterResolver {

        private static final Namespace NAMESPACE = Namespace.create(ServiceUnderTest.class);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == ServiceUnderTest.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
                    .getOrComputeIfAbsent(OfJvm.class, key -> new OfJvm(), OfJvm.class)
                    .service;
        }

        /** Closed with the store. */
        private static final class OfJvm implements AutoCloseable {

            private final Path home;
            private final ServiceUnderTest service;

            private OfJvm() {
                try {
                    home = Files.createTempDirectory("device-service-test");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                service = start(home);
            }

            @Override
            public void close() throws IOException {
                service.close();
                Folders.delete(home);
            }
        }
    }
}
