package io.ponix.bridge.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.ponix.bridge.BridgeStack;
import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.embedded.deviceservice.EmbeddedDeviceService;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the service has of what was said of gateways. */
@ExtendWith(BridgeStack.Shared.class)
class StatusWriterITCase {

    private static final String TOO_LONG = "x".repeat(1_025);

    private static EmbeddedPostgres postgres;
    private static EmbeddedDeviceService service;
    private static DeviceServiceAddress address;
    private static ManagedChannel channel;

    private GatewayDirectory directory;
    private StatusWriter statuses;

    @BeforeAll
    static void share(BridgeStack stack) {
        postgres = stack.postgres;
        service = stack.service;
        address = stack.deviceServiceAddress();
        channel = stack.deviceService();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
    }

    @BeforeEach
    void open() {
        directory = new GatewayDirectory(address, BridgeStack.bridgeKey());
        statuses = new StatusWriter(directory);
    }

    @AfterEach
    void close() {
        statuses.close();
        directory.close();
    }

    @Test
    void whatTheServiceRefusesHoldsUpNothing() {
        Gateway refused = create();
        Gateway good = create();

        statuses.write(refused.getGatewayId(), GatewayStatus.GATEWAY_STATUS_ERROR, TOO_LONG);
        statuses.write("unknown", GatewayStatus.GATEWAY_STATUS_ERROR, "is not there");
        statuses.write(good.getGatewayId(), GatewayStatus.GATEWAY_STATUS_ERROR, "first");

        awaitReason(good, "first");
        statuses.write(refused.getGatewayId(), GatewayStatus.GATEWAY_STATUS_ERROR, "second");
        awaitReason(refused, "second");
    }

    @Test
    void aGatewayThatTheServiceDoesNotAnswerForHoldsUpNoOther() throws Exception {
        Gateway locked = create();
        Gateway good = create();
        try (Connection connection =
                DriverManager.getConnection(
                        postgres.jdbcUrl(), postgres.username(), postgres.password())) {
            connection.setAutoCommit(false);
            try (PreparedStatement lock =
                    connection.prepareStatement(
                            "SELECT 1 FROM gateways WHERE gateway_id = ? FOR UPDATE")) {
                lock.setString(1, locked.getGatewayId());
                assertThat(lock.executeQuery().next()).isTrue();
            }
            statuses.write(locked.getGatewayId(), GatewayStatus.GATEWAY_STATUS_ERROR, "waits");
            for (int i = 0; i < 5; i++) {
                statuses.write(good.getGatewayId(), GatewayStatus.GATEWAY_STATUS_ERROR, "at " + i);
                awaitReason(good, "at " + i);
            }
            connection.rollback();
        }
        awaitReason(locked, "waits");
    }

    @Test
    void theLastThatWasSaidIsWrittenOnceTheServiceIsBack() {
        Gateway one = create();
        Gateway other = create();
        service.kill();
        statuses.write(one.getGatewayId(), GatewayStatus.GATEWAY_STATUS_ERROR, "first");
        statuses.write(other.getGatewayId(), GatewayStatus.GATEWAY_STATUS_ERROR, "stays");
        statuses.write(one.getGatewayId(), GatewayStatus.GATEWAY_STATUS_ERROR, "last");

        service.start();

        awaitReason(one, "last");
        awaitReason(other, "stays");
    }

    private static Gateway create() {
        return GatewayServiceGrpc.newBlockingStub(channel)
                .createGateway(
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(BridgeStack.ORGANIZATION)
                                .build())
                .getGateway();
    }

    private static void awaitReason(Gateway gateway, String reason) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(
                        () ->
                                assertThat(
                                                GatewayServiceGrpc.newBlockingStub(channel)
                                                        .getGateway(
                                                                GetGatewayRequest.newBuilder()
                                                                        .setGatewayId(
                                                                                gateway
                                                                                        .getGatewayId())
                                                                        .build())
                                                        .getGateway()
                                                        .getStatusReason())
                                        .isEqualTo(reason));
    }
}
