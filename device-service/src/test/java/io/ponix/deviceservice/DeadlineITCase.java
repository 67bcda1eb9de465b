package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.ponix.embedded.network.NetworkProxy;
import io.ponix.proto.access.v1.AccessServiceGrpc;
import io.ponix.proto.access.v1.CreateKeyRequest;
import io.ponix.proto.access.v1.ListKeysRequest;
import io.ponix.proto.access.v1.RevokeKeyRequest;
import io.ponix.proto.access.v1.Role;
import io.ponix.proto.charging.v1.CertificateServiceGrpc;
import io.ponix.proto.charging.v1.ChargeStationServiceGrpc;
import io.ponix.proto.charging.v1.LocationServiceGrpc;
import io.ponix.proto.charging.v1.OcpiServiceGrpc;
import io.ponix.proto.charging.v1.SessionServiceGrpc;
import io.ponix.proto.charging.v1.TokenServiceGrpc;
import io.ponix.proto.charging.v1.TransactionServiceGrpc;
import io.ponix.proto.end_device.v1.BatchCreateEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchDeleteEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchUpdateEndDevicesRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.EnrolEndDeviceRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.ListEndDeviceDefinitionsRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UndeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UndeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayKeyRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import io.ponix.proto.gateway.v1.UndeleteGatewayRequest;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.history.v1.CreateSnapshotRequest;
import io.ponix.proto.history.v1.DeleteSnapshotRequest;
import io.ponix.proto.history.v1.DiffRequest;
import io.ponix.proto.history.v1.ExportSnapshotRequest;
import io.ponix.proto.history.v1.GetAtRequest;
import io.ponix.proto.history.v1.GetSnapshotRequest;
import io.ponix.proto.history.v1.HistoryServiceGrpc;
import io.ponix.proto.history.v1.ImportSnapshotRequest;
import io.ponix.proto.history.v1.ListAtRequest;
import io.ponix.proto.history.v1.ListChangesRequest;
import io.ponix.proto.history.v1.ListSnapshotsRequest;
import io.ponix.proto.history.v1.ResourceType;
import io.ponix.proto.history.v1.RestoreRequest;
import io.ponix.proto.history.v1.RestoreSnapshotRequest;
import io.ponix.proto.history.v1.SnapshotEntry;
import io.ponix.proto.history.v1.SnapshotServiceGrpc;
import io.ponix.proto.host.v1.AddHostRequest;
import io.ponix.proto.host.v1.DeleteHostRequest;
import io.ponix.proto.host.v1.ExportHostsRequest;
import io.ponix.proto.host.v1.GetHostRequest;
import io.ponix.proto.host.v1.HostFormat;
import io.ponix.proto.host.v1.HostServiceGrpc;
import io.ponix.proto.host.v1.ImportHostsRequest;
import io.ponix.proto.host.v1.ListHostsRequest;
import io.ponix.proto.host.v1.UndeleteHostRequest;
import io.ponix.proto.host.v1.UpdateHostRequest;
import io.ponix.proto.intake.v1.IntakeServiceGrpc;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import io.ponix.proto.organization.v1.ListOrganizationsRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import io.ponix.proto.organization.v1.UndeleteOrganizationRequest;
import io.ponix.proto.organization.v1.UpdateOrganizationRequest;
import io.ponix.proto.telemetry.v1.GetRawEnvelopeRequest;
import io.ponix.proto.telemetry.v1.ListDeadLettersRequest;
import io.ponix.proto.telemetry.v1.ListRowsRequest;
import io.ponix.proto.telemetry.v1.TelemetryServiceGrpc;
import io.ponix.proto.transform.v1.EvaluateRequest;
import io.ponix.proto.transform.v1.TransformServiceGrpc;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls whose caller does not wait any longer, in every method of every service. */
class DeadlineITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int FRAME_HEADER_BYTES = 5;

    @TempDir private static Path home;

    private static TelemetryUnderTest telemetry;
    private static NetworkProxy networkToClickHouse;
    private static ServiceUnderTest service;
    private static String organization;
    private static String device;

    private final Failures failures = new Failures();

    /** What the service logs with a stack trace, or as an error. */
    private static final class Failures extends AbstractAppender {

        private final Queue<String> logged = new ConcurrentLinkedQueue<>();

        Failures() {
            super("failures", null, null, true, Property.EMPTY_ARRAY);
        }

        @Override
        public void append(LogEvent event) {
            if (event.getThrown() != null || event.getLevel().isMoreSpecificThan(Level.ERROR)) {
                logged.add(event.getMessage().getFormattedMessage() + " " + event.getThrown());
            }
        }
    }

    @BeforeAll
    static void start() throws Exception {
        telemetry = TelemetryUnderTest.start(home);
        networkToClickHouse = NetworkProxy.to("127.0.0.1", telemetry.clickHouse().port());
        Map<String, String> settings = new HashMap<>(telemetry.environment());
        settings.put("PONIX_CLICKHOUSE_URL", "http://127.0.0.1:" + networkToClickHouse.port());
        service = ServiceUnderTest.start(home, settings);
        organization = service.organization("Acme");
        device =
                service.devices()
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Sensor")
                                        .build())
                        .getEndDevice()
                        .getDeviceId();
    }

    @AfterAll
    static void stop() throws Exception {
        service.close();
        networkToClickHouse.close();
        telemetry.close();
    }

    @BeforeEach
    void listen() {
        failures.start();
        ((Logger) LogManager.getRootLogger()).addAppender(failures);
    }

    @AfterEach
    void endListening() {
        ((Logger) LogManager.getRootLogger()).removeAppender(failures);
    }

    @Test
    void everyMethodAnswersDeadlineExceededWhileTheDatabaseIsLocked() throws Exception {
        Map<MethodDescriptor<?, ?>, Message> calls = requests();
        List<MethodDescriptor<?, ?>> all = new ArrayList<>();
        for (var descriptor :
                List.of(
                        AccessServiceGrpc.getServiceDescriptor(),
                        OrganizationServiceGrpc.getServiceDescriptor(),
                        EndDeviceServiceGrpc.getServiceDescriptor(),
                        EndDeviceDefinitionServiceGrpc.getServiceDescriptor(),
                        GatewayServiceGrpc.getServiceDescriptor(),
                        HistoryServiceGrpc.getServiceDescriptor(),
                        HostServiceGrpc.getServiceDescriptor(),
                        IntakeServiceGrpc.getServiceDescriptor(),
                        SnapshotServiceGrpc.getServiceDescriptor(),
                        TransformServiceGrpc.getServiceDescriptor(),
                        TelemetryServiceGrpc.getServiceDescriptor(),
                        CertificateServiceGrpc.getServiceDescriptor(),
                        ChargeStationServiceGrpc.getServiceDescriptor(),
                        LocationServiceGrpc.getServiceDescriptor(),
                        OcpiServiceGrpc.getServiceDescriptor(),
                        TokenServiceGrpc.getServiceDescriptor(),
                        TransactionServiceGrpc.getServiceDescriptor(),
                        SessionServiceGrpc.getServiceDescriptor())) {
            all.addAll(descriptor.getMethods());
        }
        all.remove(TelemetryServiceGrpc.getGetRawEnvelopeMethod());
        // They ask no database.
        all.remove(IntakeServiceGrpc.getListPresetsMethod());
        all.remove(AccessServiceGrpc.getGetCallerMethod());
        assertThat(calls.keySet()).containsExactlyInAnyOrderElementsOf(all);

        try (Connection connection = service.connect()) {
            lockEveryTable(connection);
            // At once: what the service does from time to time must not find its tables locked.
            Map<MethodDescriptor<?, ?>, CompletableFuture<AggregatedHttpResponse>> answers =
                    new LinkedHashMap<>();
            calls.forEach(
                    (method, request) ->
                            answers.put(method, call(method, request, "300m").aggregate()));
            answers.forEach(
                    (method, answer) ->
                            assertThat(status(answer.join()))
                                    .as(method.getFullMethodName())
                                    .isEqualTo(Status.Code.DEADLINE_EXCEEDED));
        }
        awaitNoneWaiting();
        assertThat(failures.logged).isEmpty();
    }

    @Test
    void aCallThatIsCancelledIsNoErrorOfTheService() throws Exception {
        try (Connection connection = service.connect()) {
            lockEveryTable(connection);
            HttpResponse response =
                    call(
                            EndDeviceServiceGrpc.getGetEndDeviceMethod(),
                            GetEndDeviceRequest.newBuilder().setDeviceId(device).build(),
                            "30S");
            await().atMost(PATIENCE).until(() -> waiting() > 0);
            response.abort();
        }
        awaitNoneWaiting();
        assertThat(failures.logged).isEmpty();
    }

    @Test
    void whatHangsBehindTheServiceIsDeadlineExceededToo() throws Exception {
        telemetry.nats().freeze();
        telemetry.clickHouse().freeze();
        try {
            Map<MethodDescriptor<?, ?>, Message> calls = telemetryRequests();
            calls.put(
                    TelemetryServiceGrpc.getGetRawEnvelopeMethod(),
                    GetRawEnvelopeRequest.newBuilder()
                            .setStream(TelemetryUnderTest.RAW_STREAM)
                            .setStreamSequence(1)
                            .build());
            calls.forEach(
                    (method, request) ->
                            assertThat(status(call(method, request, "300m").aggregate().join()))
                                    .as(method.getFullMethodName())
                                    .isEqualTo(Status.Code.DEADLINE_EXCEEDED));
            // Who waits long enough learns that it is not the service.
            calls.forEach(
                    (method, request) ->
                            assertThat(status(call(method, request, "60S").aggregate().join()))
                                    .as(method.getFullMethodName())
                                    .isEqualTo(Status.Code.UNAVAILABLE));
        } finally {
            telemetry.nats().resume();
            telemetry.clickHouse().resume();
        }
    }

    @Test
    void anAnswerOfClickHouseThatStallsInItsMiddleIsUnavailable() throws Exception {
        EndDevice sensor =
                service.devices()
                        .getEndDevice(GetEndDeviceRequest.newBuilder().setDeviceId(device).build())
                        .getEndDevice();
        telemetry.store(
                TelemetryUnderTest.envelope(sensor, "00", "2026-11-25T10:00:00Z", 1),
                "{\"text\":\"" + "long ".repeat(100_000) + "\"}");
        networkToClickHouse.stallAfter(100_000);
        try {
            HttpResponse response =
                    call(
                            TelemetryServiceGrpc.getListRowsMethod(),
                            ListRowsRequest.newBuilder().setDeviceId(device).build(),
                            "60S");
            assertThat(status(response.aggregate().join())).isEqualTo(Status.Code.UNAVAILABLE);
        } finally {
            networkToClickHouse.pass();
        }
        assertThat(failures.logged).isEmpty();
    }

    @Test
    void aStatementThatTheDatabaseEndsIsUnavailable() throws Exception {
        try (Connection connection = service.connect();
                Connection another = service.connect();
                Statement statement = another.createStatement()) {
            lockEveryTable(connection);
            HttpResponse response =
                    call(
                            EndDeviceServiceGrpc.getGetEndDeviceMethod(),
                            GetEndDeviceRequest.newBuilder().setDeviceId(device).build(),
                            "30S");
            await().atMost(PATIENCE).until(() -> waiting() > 0);
            statement.execute(
                    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");

            assertThat(status(response.aggregate().join())).isEqualTo(Status.Code.UNAVAILABLE);
        }
        assertThat(failures.logged).isEmpty();
    }

    private static Map<MethodDescriptor<?, ?>, Message> requests() {
        Map<MethodDescriptor<?, ?>, Message> calls = new LinkedHashMap<>(telemetryRequests());
        calls.putAll(ChargingRequests.of(organization));
        calls.put(
                AccessServiceGrpc.getCreateKeyMethod(),
                CreateKeyRequest.newBuilder().setName("a key").setRole(Role.ROLE_OPERATOR).build());
        calls.put(AccessServiceGrpc.getListKeysMethod(), ListKeysRequest.getDefaultInstance());
        calls.put(
                AccessServiceGrpc.getRevokeKeyMethod(),
                RevokeKeyRequest.newBuilder().setKeyId("a key").build());
        calls.put(
                OrganizationServiceGrpc.getCreateOrganizationMethod(),
                CreateOrganizationRequest.newBuilder().setName("Another").build());
        calls.put(
                OrganizationServiceGrpc.getGetOrganizationMethod(),
                GetOrganizationRequest.newBuilder().setOrganizationId(organization).build());
        calls.put(
                OrganizationServiceGrpc.getListOrganizationsMethod(),
                ListOrganizationsRequest.getDefaultInstance());
        calls.put(
                OrganizationServiceGrpc.getUpdateOrganizationMethod(),
                UpdateOrganizationRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setName("Renamed")
                        .build());
        calls.put(
                HostServiceGrpc.getAddHostMethod(),
                AddHostRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setIpAddress("10.0.0.1")
                        .setHostname("a")
                        .build());
        calls.put(
                HostServiceGrpc.getGetHostMethod(),
                GetHostRequest.newBuilder().setHostId("a host").build());
        calls.put(
                HostServiceGrpc.getUpdateHostMethod(),
                UpdateHostRequest.newBuilder().setHostId("a host").setComment("changed").build());
        calls.put(
                HostServiceGrpc.getDeleteHostMethod(),
                DeleteHostRequest.newBuilder().setHostId("a host").build());
        calls.put(
                HostServiceGrpc.getListHostsMethod(),
                ListHostsRequest.newBuilder().setOrganizationId(organization).build());
        calls.put(
                HostServiceGrpc.getExportHostsMethod(),
                ExportHostsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setFormat(HostFormat.HOST_FORMAT_CSV)
                        .build());
        calls.put(
                HostServiceGrpc.getImportHostsMethod(),
                ImportHostsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setFormat(HostFormat.HOST_FORMAT_HOSTS)
                        .setContent("10.0.0.1 a")
                        .build());
        calls.put(
                SnapshotServiceGrpc.getCreateSnapshotMethod(),
                CreateSnapshotRequest.getDefaultInstance());
        calls.put(
                SnapshotServiceGrpc.getGetSnapshotMethod(),
                GetSnapshotRequest.newBuilder().setSnapshotId("a snapshot").build());
        calls.put(
                SnapshotServiceGrpc.getListSnapshotsMethod(),
                ListSnapshotsRequest.getDefaultInstance());
        calls.put(
                SnapshotServiceGrpc.getDeleteSnapshotMethod(),
                DeleteSnapshotRequest.newBuilder().setSnapshotId("a snapshot").build());
        calls.put(
                SnapshotServiceGrpc.getRestoreSnapshotMethod(),
                RestoreSnapshotRequest.newBuilder().setSnapshotId("a snapshot").build());
        calls.put(
                SnapshotServiceGrpc.getExportSnapshotMethod(),
                ExportSnapshotRequest.newBuilder().setSnapshotId("a snapshot").build());
        calls.put(
                SnapshotServiceGrpc.getImportSnapshotMethod(),
                ImportSnapshotRequest.newBuilder()
                        .addEntries(
                                SnapshotEntry.newBuilder()
                                        .setResourceType("organization")
                                        .setResourceId(organization)
                                        .setOrganizationId(organization)
                                        .setResourceVersion(1)
                                        .setStateJson("{}"))
                        .build());
        calls.put(
                OrganizationServiceGrpc.getDeleteOrganizationMethod(),
                DeleteOrganizationRequest.newBuilder().setOrganizationId(organization).build());
        calls.put(
                OrganizationServiceGrpc.getUndeleteOrganizationMethod(),
                UndeleteOrganizationRequest.newBuilder().setOrganizationId(organization).build());
        calls.put(
                EndDeviceServiceGrpc.getUndeleteEndDeviceMethod(),
                UndeleteEndDeviceRequest.newBuilder().setDeviceId(device).build());
        calls.put(
                EndDeviceDefinitionServiceGrpc.getUndeleteEndDeviceDefinitionMethod(),
                UndeleteEndDeviceDefinitionRequest.newBuilder()
                        .setId(device)
                        .setOrganizationId(organization)
                        .build());
        calls.put(
                HostServiceGrpc.getUndeleteHostMethod(),
                UndeleteHostRequest.newBuilder().setHostId("a host").build());
        calls.put(
                GatewayServiceGrpc.getUndeleteGatewayMethod(),
                UndeleteGatewayRequest.newBuilder().setGatewayId(device).build());
        calls.put(
                EndDeviceServiceGrpc.getBatchCreateEndDevicesMethod(),
                BatchCreateEndDevicesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .addRequests(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Another"))
                        .build());
        calls.put(
                EndDeviceServiceGrpc.getBatchUpdateEndDevicesMethod(),
                BatchUpdateEndDevicesRequest.newBuilder()
                        .addRequests(
                                UpdateEndDeviceRequest.newBuilder()
                                        .setDeviceId(device)
                                        .setName("Renamed"))
                        .build());
        calls.put(
                EndDeviceServiceGrpc.getBatchDeleteEndDevicesMethod(),
                BatchDeleteEndDevicesRequest.newBuilder()
                        .addRequests(DeleteEndDeviceRequest.newBuilder().setDeviceId(device))
                        .build());
        calls.put(
                EndDeviceServiceGrpc.getCreateEndDeviceMethod(),
                CreateEndDeviceRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setName("Another")
                        .build());
        calls.put(
                EndDeviceServiceGrpc.getGetEndDeviceMethod(),
                GetEndDeviceRequest.newBuilder().setDeviceId(device).build());
        calls.put(
                EndDeviceServiceGrpc.getListEndDevicesMethod(),
                ListEndDevicesRequest.newBuilder().setOrganizationId(organization).build());
        calls.put(
                EndDeviceServiceGrpc.getUpdateEndDeviceMethod(),
                UpdateEndDeviceRequest.newBuilder().setDeviceId(device).setName("Other").build());
        calls.put(
                EndDeviceServiceGrpc.getDeleteEndDeviceMethod(),
                DeleteEndDeviceRequest.newBuilder().setDeviceId(device).build());
        PayloadContract contract =
                PayloadContract.newBuilder()
                        .setMatchExpression("true")
                        .setTransformExpression("{}")
                        .build();
        calls.put(
                EndDeviceDefinitionServiceGrpc.getCreateEndDeviceDefinitionMethod(),
                CreateEndDeviceDefinitionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setName("Meter")
                        .addContracts(contract)
                        .build());
        calls.put(
                EndDeviceDefinitionServiceGrpc.getGetEndDeviceDefinitionMethod(),
                GetEndDeviceDefinitionRequest.newBuilder()
                        .setId(device)
                        .setOrganizationId(organization)
                        .build());
        calls.put(
                EndDeviceDefinitionServiceGrpc.getListEndDeviceDefinitionsMethod(),
                ListEndDeviceDefinitionsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .build());
        calls.put(
                EndDeviceDefinitionServiceGrpc.getUpdateEndDeviceDefinitionMethod(),
                UpdateEndDeviceDefinitionRequest.newBuilder()
                        .setId(device)
                        .setOrganizationId(organization)
                        .setName("Meter")
                        .build());
        calls.put(
                EndDeviceDefinitionServiceGrpc.getDeleteEndDeviceDefinitionMethod(),
                DeleteEndDeviceDefinitionRequest.newBuilder()
                        .setId(device)
                        .setOrganizationId(organization)
                        .build());
        calls.put(
                GatewayServiceGrpc.getCreateGatewayMethod(),
                CreateGatewayRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setName("North hall")
                        .setEmqxConfig(
                                EMQXGatewayConfig.newBuilder()
                                        .setBrokerUrl("mqtt://broker.example.com:1883"))
                        .build());
        calls.put(
                GatewayServiceGrpc.getGetGatewayMethod(),
                GetGatewayRequest.newBuilder()
                        .setGatewayId(device)
                        .setOrganizationId(organization)
                        .build());
        calls.put(
                GatewayServiceGrpc.getListGatewaysMethod(),
                ListGatewaysRequest.newBuilder().setOrganizationId(organization).build());
        calls.put(
                GatewayServiceGrpc.getUpdateGatewayMethod(),
                UpdateGatewayRequest.newBuilder()
                        .setGatewayId(device)
                        .setOrganizationId(organization)
                        .setName("South hall")
                        .build());
        calls.put(
                GatewayServiceGrpc.getDeleteGatewayMethod(),
                DeleteGatewayRequest.newBuilder()
                        .setGatewayId(device)
                        .setOrganizationId(organization)
                        .build());
        calls.put(
                GatewayServiceGrpc.getCreateGatewayKeyMethod(),
                CreateGatewayKeyRequest.newBuilder().setGatewayId(device).setName("Key").build());
        calls.put(
                GatewayServiceGrpc.getDeleteGatewayKeyMethod(),
                DeleteGatewayKeyRequest.newBuilder().setGatewayId(device).setKeyId("key").build());
        calls.put(
                EndDeviceServiceGrpc.getEnrolEndDeviceMethod(),
                EnrolEndDeviceRequest.newBuilder()
                        .setGatewayId(device)
                        .setExternalId("unknown")
                        .build());
        calls.put(
                HistoryServiceGrpc.getListChangesMethod(), ListChangesRequest.getDefaultInstance());
        calls.put(
                HistoryServiceGrpc.getGetAtMethod(),
                GetAtRequest.newBuilder()
                        .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                        .setResourceId(device)
                        .setVersion(1)
                        .build());
        calls.put(
                HistoryServiceGrpc.getRestoreMethod(),
                RestoreRequest.newBuilder()
                        .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                        .setResourceId(device)
                        .setVersion(1)
                        .build());
        calls.put(HistoryServiceGrpc.getListAtMethod(), ListAtRequest.getDefaultInstance());
        calls.put(
                HistoryServiceGrpc.getDiffMethod(),
                DiffRequest.newBuilder()
                        .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                        .setResourceId(device)
                        .setFromVersion(1)
                        .build());
        calls.put(
                IntakeServiceGrpc.getEvaluateMethod(),
                io.ponix.proto.intake.v1.EvaluateRequest.newBuilder().setGatewayId(device).build());
        calls.put(
                TransformServiceGrpc.getEvaluateMethod(),
                EvaluateRequest.newBuilder().setDeviceId(device).setPayloadHex("00").build());
        return calls;
    }

    private static Map<MethodDescriptor<?, ?>, Message> telemetryRequests() {
        Map<MethodDescriptor<?, ?>, Message> calls = new LinkedHashMap<>();
        calls.put(
                TelemetryServiceGrpc.getListRowsMethod(),
                ListRowsRequest.newBuilder().setDeviceId(device).build());
        calls.put(
                TelemetryServiceGrpc.getListDeadLettersMethod(),
                ListDeadLettersRequest.newBuilder().setDeviceId(device).build());
        return calls;
    }

    /**
     * Calls as a client does whose own clock says nothing: its deadline is for the service alone.
     *
     * @param timeout as the header grpc-timeout has it
     */
    private static HttpResponse call(
            MethodDescriptor<?, ?> method, Message request, String timeout) {
        ByteBuffer frame =
                ByteBuffer.allocate(FRAME_HEADER_BYTES + request.getSerializedSize())
                        .put((byte) 0)
                        .putInt(request.getSerializedSize())
                        .put(request.toByteArray());
        return WebClient.builder("h2c://127.0.0.1:" + service.service().grpcPort())
                .responseTimeout(PATIENCE)
                .build()
                .prepare()
                .post("/" + method.getFullMethodName())
                .header("te", "trailers")
                .header("grpc-timeout", timeout)
                .content(MediaType.create("application", "grpc"), HttpData.wrap(frame.array()))
                .execute();
    }

    private static Status.Code status(AggregatedHttpResponse response) {
        // Where there is no message, the trailers are the headers.
        String status =
                response.headers().contains("grpc-status")
                        ? response.headers().get("grpc-status")
                        : response.trailers().get("grpc-status");
        return Status.fromCodeValue(Integer.parseInt(status)).getCode();
    }

    private static void lockEveryTable(Connection connection) throws Exception {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet names =
                    statement.executeQuery(
                            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")) {
                while (names.next()) {
                    tables.add(names.getString(1));
                }
            }
            statement.execute(
                    "LOCK TABLE " + String.join(", ", tables) + " IN ACCESS EXCLUSIVE MODE");
        }
    }

    private static void awaitNoneWaiting() {
        await().atMost(PATIENCE).until(() -> waiting() == 0);
    }

    private static int waiting() throws Exception {
        return Integer.parseInt(
                service.query(
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"));
    }
}
