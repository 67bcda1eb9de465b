package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.telemetry.v1.ListRowsRequest;
import io.ponix.proto.telemetry.v1.Row;
import io.ponix.proto.telemetry.v1.TelemetryServiceGrpc;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rows of a device, as its transform gave them. */
class RowsOfDeviceITCase {

    @TempDir private Path home;

    @Test
    void keysHaveTheirDotsAndRowsSayWhatMadeThem() throws Exception {
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
            assertThat(rows(service, device))
                    .singleElement()
                    .returns(json, Row::getJson)
                    .returns("", Row::getDefinitionId)
                    .returns(0L, Row::getTransformVersion)
                    .returns(0, Row::getWarningsCount);

            telemetry.query(
                    "ALTER TABLE processed_envelopes UPDATE definition_id = 'meter', contract_index"
                            + " = 63, transform_version = 18446744073709551615, warnings = ['a',"
                            + " '\"°'] WHERE true SETTINGS mutations_sync = 2");
            assertThat(rows(service, device))
                    .singleElement()
                    .returns("meter", Row::getDefinitionId)
                    .returns(63, Row::getContractIndex)
                    .returns(-1L, Row::getTransformVersion)
                    .returns(List.of("a", "\"°"), Row::getWarningsList);
        }
    }

    private static List<Row> rows(ServiceUnderTest service, EndDevice device) {
        return TelemetryServiceGrpc.newBlockingStub(service.channel())
                .listRows(ListRowsRequest.newBuilder().setDeviceId(device.getDeviceId()).build())
                .getRowsList();
    }
}
