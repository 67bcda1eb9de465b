package io.ponix.bridge.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.ponix.bridge.BridgeStack;
import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc.EndDeviceServiceBlockingStub;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc.GatewayServiceBlockingStub;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** For how long the bridge believes what the service answered. */
@ExtendWith(BridgeStack.Shared.class)
class DeviceEnrolmentITCase {

    private static DeviceServiceAddress address;
    private static ManagedChannel channel;
    private static EndDeviceServiceBlockingStub devices;
    private static GatewayServiceBlockingStub gateways;
    private static String definition;

    private final AtomicLong nanoTime = new AtomicLong(System.nanoTime());
    private ScheduledExecutorService executor;
    private GatewayDirectory directory;
    private DeviceEnrolment enrolment;

    @BeforeAll
    static void share(BridgeStack stack) {
        address = stack.deviceServiceAddress();
        channel = stack.deviceService();
        devices = EndDeviceServiceGrpc.newBlockingStub(channel);
        gateways = GatewayServiceGrpc.newBlockingStub(channel);
        definition =
                EndDeviceDefinitionServiceGrpc.newBlockingStub(channel)
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(BridgeStack.ORGANIZATION)
                                        .setName("Kind")
                                        .addContracts(
                                                PayloadContract.newBuilder()
                                                        .setMatchExpression("true")
                                                        .setTransformExpression(
                                                                "{'n': size(input)}"))
                                        .build())
                        .getEndDeviceDefinition()
                        .getId();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
    }

    @BeforeEach
    void open() {
        executor = Executors.newSingleThreadScheduledExecutor();
        directory = new GatewayDirectory(address, BridgeStack.bridgeKey());
        enrolment = new DeviceEnrolment(directory, executor, nanoTime::get);
    }

    @AfterEach
    void close() {
        directory.close();
        executor.shutdownNow();
    }

    @Test
    void aDeviceThatWasDeletedIsEnrolledAgainMinutesLater() {
        Gateway gateway = gateway(10);
        String deleted = enrolled(gateway, "comes back");
        devices.deleteEndDevice(DeleteEndDeviceRequest.newBuilder().setDeviceId(deleted).build());

        nanoTime.addAndGet(Duration.ofMinutes(5).toNanos());

        assertThat(enrolled(gateway, "comes back")).isNotEqualTo(deleted);
    }

    @Test
    void aHigherLimitCountsFromTheNextMessageOn() {
        Gateway gateway = gateway(1);
        enrolled(gateway, "first");
        enrolment.heard(gateway, "second");
        await().atMost(Duration.ofSeconds(20)).until(enrolment::isAnswered);

        Gateway changed =
                gateways.updateGateway(
                                UpdateGatewayRequest.newBuilder()
                                        .setGatewayId(gateway.getGatewayId())
                                        .setEnrolment(asking(2))
                                        .build())
                        .getGateway();

        enrolled(changed, "second");
    }

    private static Gateway gateway(int perHour) {
        return gateways.createGateway(
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(BridgeStack.ORGANIZATION)
                                .setName("asking")
                                .setEnrolment(asking(perHour))
                                .build())
                .getGateway();
    }

    private static Enrolment asking(int perHour) {
        return Enrolment.newBuilder()
                .setDefinitionId(definition)
                .setDevicesPerHour(perHour)
                .build();
    }

    /** Hears of a device until it is enrolled, and says which it is. */
    private String enrolled(Gateway gateway, String externalId) {
        return await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> {
                            enrolment.heard(gateway, externalId);
                            return enrolment.isAnswered()
                                    ? devices(gateway, externalId)
                                    : List.<EndDevice>of();
                        },
                        found -> found.size() == 1)
                .get(0)
                .getDeviceId();
    }

    private static List<EndDevice> devices(Gateway gateway, String externalId) {
        return devices.listEndDevices(
                        ListEndDevicesRequest.newBuilder()
                                .setOrganizationId(gateway.getOrganizationId())
                                .setExternalId(externalId)
                                .build())
                .getEndDevicesList();
    }
}
