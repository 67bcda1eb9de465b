package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service while its database is away, and while it is itself shut down. */
class DatabaseOutageITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path home;

    @Test
    void callsFailWhileTheDatabaseIsAwayAndSucceedWhenItIsBack() {
        try (ServiceUnderTest service = ServiceUnderTest.start(home)) {
            String id = service.organization("Acme");

            service.postgres().stop();

            assertThatCall(() -> organization(service, id))
                    .hasStatus(
                            Code.UNAVAILABLE,
                            "The service cannot reach its database at the moment: call again later");
            await().atMost(PATIENCE).until(() -> health(service) == ServingStatus.NOT_SERVING);

            service.postgres().start();

            await().atMost(PATIENCE)
                    .ignoreExceptionsMatching(DatabaseOutageITCase::isUnavailable)
                    .untilAsserted(() -> assertThat(organization(service, id)).isEqualTo("Acme"));
            await().atMost(PATIENCE).until(() -> health(service) == ServingStatus.SERVING);
        }
    }

    @Test
    void aShutdownRefusesNewCallsAndLetsThoseUnderWayEnd() throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.start(home);
                Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            String id = service.organization("Acme");
            // Creating a device waits for this lock.
            connection.setAutoCommit(false);
            statement.execute("SELECT FROM organizations FOR UPDATE");
            CompletableFuture<String> call =
                    CompletableFuture.supplyAsync(
                            () ->
                                    service.devices()
                                            .createEndDevice(
                                                    CreateEndDeviceRequest.newBuilder()
                                                            .setOrganizationId(id)
                                                            .setName("Sensor")
                                                            .build())
                                            .getEndDevice()
                                            .getName());
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    service.query(
                                                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                                            .equals("1"));

            CompletableFuture<Void> shutdown = CompletableFuture.runAsync(service.service()::close);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThatCall(() -> organization(service, id))
                                            .hasStatus(
                                                    Code.UNAVAILABLE,
                                                    "The service is shutting down"));
            assertThat(shutdown).isNotDone();
            assertThat(call).isNotDone();

            connection.rollback();
            assertThat(call.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("Sensor");
            shutdown.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static String organization(ServiceUnderTest service, String id) {
        return service.organizations()
                .getOrganization(GetOrganizationRequest.newBuilder().setOrganizationId(id).build())
                .getOrganization()
                .getName();
    }

    private static ServingStatus health(ServiceUnderTest service) {
        return HealthGrpc.newBlockingStub(service.channel())
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus();
    }

    private static boolean isUnavailable(Throwable failure) {
        return failure instanceof StatusRuntimeException exception
                && exception.getStatus().getCode() == Code.UNAVAILABLE;
    }
}
