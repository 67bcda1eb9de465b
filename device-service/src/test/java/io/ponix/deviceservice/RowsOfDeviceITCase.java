package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.telemetry.v1.ListRowsRequest;
import io.ponix.proto.telemetry.v1.Row;
import io.ponix.proto.telemetry.v1.TelemetryServiceGrpc;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rows of a device, as its transform gave them. */
class RowsOfDeviceITCase {

    @TempDir private Path home;

    @Test
    void keysHaveTheirDots() throws Exception {
        try (TelemetryUnderTest telemetry = TelemetryUnderTest.start(home);
                ServiceUnderTest service = ServiceUnderTest.start(home, telemetry.environment())) {
            EndDevice device =
                    service.devices()
                            .createEndDevice(
                                    CreateEndDeviceRequest.newBuilder()
                                            .setOrganizationId(service.organization("org"))
                                            .setName("device")
                                            .build())
                            .getEndDevice();
            String json = "{\"l\":[{\"a.b\":1}],\"x.y\":\"a b\",\"x\":{\"y\":2}}";
            telemetry.store(
                    TelemetryUnderTest.envelope(device, "00", "2026-11-25T10:00:00Z", 1), json);

            assertThat(
                            TelemetryServiceGrpc.newBlockingStub(service.channel())
                                    .listRows(
                                            ListRowsRequest.newBuilder()
                                                    .setDeviceId(device.getDeviceId())
                                                    .build())
                                    .getRowsList())
                    .extracting(Row::getJson)
                    .containsExactly(json);
        }
    }
}
