package io.ponix.deviceservice;

import static io.ponix.deviceservice.AccessUnderTest.status;
import static io.ponix.deviceservice.AccessUnderTest.withKey;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.ponix.proto.access.v1.AccessServiceGrpc;
import io.ponix.proto.access.v1.CreateKeyRequest;
import io.ponix.proto.access.v1.GetCallerRequest;
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
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.GatewayStatus;
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
import io.ponix.proto.intake.v1.ListPresetsRequest;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every method, called by every role about its own, about another and about no organization. Who
 * may call what is written here once more, by hand.
 */
class AccessMatrixITCase {

    private static final String NOBODYS = "nosuchthing";
    private static final List<ServiceDescriptor> SERVICES =
            List.of(
                    AccessServiceGrpc.getServiceDescriptor(),
                    EndDeviceDefinitionServiceGrpc.getServiceDescriptor(),
                    EndDeviceServiceGrpc.getServiceDescriptor(),
                    GatewayServiceGrpc.getServiceDescriptor(),
                    HistoryServiceGrpc.getServiceDescriptor(),
                    HostServiceGrpc.getServiceDescriptor(),
                    IntakeServiceGrpc.getServiceDescriptor(),
                    OrganizationServiceGrpc.getServiceDescriptor(),
                    SnapshotServiceGrpc.getServiceDescriptor(),
                    TelemetryServiceGrpc.getServiceDescriptor(),
                    TransformServiceGrpc.getServiceDescriptor(),
                    CertificateServiceGrpc.getServiceDescriptor(),
                    ChargeStationServiceGrpc.getServiceDescriptor(),
                    LocationServiceGrpc.getServiceDescriptor(),
                    OcpiServiceGrpc.getServiceDescriptor(),
                    TokenServiceGrpc.getServiceDescriptor(),
                    TransactionServiceGrpc.getServiceDescriptor(),
                    SessionServiceGrpc.getServiceDescriptor());

    @TempDir private static Path home;

    private static final Map<MethodDescriptor<?, ?>, Row> ROWS = new LinkedHashMap<>();

    private static TelemetryUnderTest telemetry;
    private static ServiceUnderTest service;
    private static Channel operator;
    private static Things own;
    private static Things other;

    /**
     * What is known of a method.
     *
     * @param roles the initials of those who may call it
     * @param requests makes a request about an organization's things, new ones where the call ends
     *     them
     * @param isAboutOne whether there is such a thing as another organization's
     */
    private record Row(String roles, Function<Things, Message> requests, boolean isAboutOne) {

        boolean allows(Role role) {
            return roles.indexOf(role.name().charAt("ROLE_".length())) >= 0;
        }
    }

    private static void about(
            String roles, MethodDescriptor<?, ?> method, Function<Things, Message> requests) {
        ROWS.put(method, new Row(roles, requests, true));
    }

    private static void ofNobody(String roles, MethodDescriptor<?, ?> method, Message request) {
        ROWS.put(method, new Row(roles, things -> request, false));
    }

    static {
        about(
                "OA",
                AccessServiceGrpc.getCreateKeyMethod(),
                of ->
                        CreateKeyRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .setName("a key")
                                .setRole(Role.ROLE_VIEWER)
                                .build());
        about(
                "OA",
                AccessServiceGrpc.getListKeysMethod(),
                of -> ListKeysRequest.newBuilder().setOrganizationId(of.organization).build());
        about(
                "OA",
                AccessServiceGrpc.getRevokeKeyMethod(),
                of -> RevokeKeyRequest.newBuilder().setKeyId(of.key()).build());
        ofNobody(
                "OAEVI",
                AccessServiceGrpc.getGetCallerMethod(),
                GetCallerRequest.getDefaultInstance());
        ofNobody(
                "O",
                OrganizationServiceGrpc.getCreateOrganizationMethod(),
                CreateOrganizationRequest.newBuilder().setName("Another").build());
        about(
                "OAEVI",
                OrganizationServiceGrpc.getGetOrganizationMethod(),
                of ->
                        GetOrganizationRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .build());
        ofNobody(
                "OAEVI",
                OrganizationServiceGrpc.getListOrganizationsMethod(),
                ListOrganizationsRequest.getDefaultInstance());
        about(
                "OA",
                OrganizationServiceGrpc.getUpdateOrganizationMethod(),
                of ->
                        UpdateOrganizationRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .setName("renamed")
                                .build());
        about(
                "O",
                OrganizationServiceGrpc.getDeleteOrganizationMethod(),
                of ->
                        DeleteOrganizationRequest.newBuilder()
                                .setOrganizationId(of.anotherOrganization())
                                .build());
        about(
                "OAE",
                EndDeviceServiceGrpc.getCreateEndDeviceMethod(),
                of ->
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .setName("a device")
                                .build());
        about(
                "OAEV",
                EndDeviceServiceGrpc.getGetEndDeviceMethod(),
                of -> GetEndDeviceRequest.newBuilder().setDeviceId(of.device()).build());
        about(
                "OAEV",
                EndDeviceServiceGrpc.getListEndDevicesMethod(),
                of ->
                        ListEndDevicesRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .build());
        about(
                "OAE",
                EndDeviceServiceGrpc.getUpdateEndDeviceMethod(),
                of ->
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(of.device())
                                .setName("renamed")
                                .build());
        about(
                "OAE",
                EndDeviceServiceGrpc.getDeleteEndDeviceMethod(),
                of -> DeleteEndDeviceRequest.newBuilder().setDeviceId(of.device()).build());
        about(
                "OAEI",
                EndDeviceServiceGrpc.getEnrolEndDeviceMethod(),
                of ->
                        EnrolEndDeviceRequest.newBuilder()
                                .setGatewayId(of.gateway())
                                .setExternalId("heard")
                                .build());
        about(
                "OAE",
                EndDeviceDefinitionServiceGrpc.getCreateEndDeviceDefinitionMethod(),
                Things::newDefinition);
        about(
                "OAEV",
                EndDeviceDefinitionServiceGrpc.getGetEndDeviceDefinitionMethod(),
                of ->
                        GetEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .setId(of.definition())
                                .build());
        about(
                "OAE",
                EndDeviceDefinitionServiceGrpc.getUpdateEndDeviceDefinitionMethod(),
                of ->
                        UpdateEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .setId(of.definition())
                                .setName("renamed")
                                .build());
        about(
                "OAE",
                EndDeviceDefinitionServiceGrpc.getDeleteEndDeviceDefinitionMethod(),
                of ->
                        DeleteEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .setId(of.definition())
                                .build());
        about(
                "OAEV",
                EndDeviceDefinitionServiceGrpc.getListEndDeviceDefinitionsMethod(),
                of ->
                        ListEndDeviceDefinitionsRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .build());
        about(
                "OAE",
                GatewayServiceGrpc.getCreateGatewayMethod(),
                of ->
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .setName("a gateway")
                                .build());
        // The organization may be left out, and is then the caller's.
        about(
                "OAEVI",
                GatewayServiceGrpc.getGetGatewayMethod(),
                of -> GetGatewayRequest.newBuilder().setGatewayId(of.gateway()).build());
        about(
                "OAEVI",
                GatewayServiceGrpc.getListGatewaysMethod(),
                of -> ListGatewaysRequest.newBuilder().setOrganizationId(of.organization).build());
        about(
                "OAEI",
                GatewayServiceGrpc.getUpdateGatewayMethod(),
                of ->
                        UpdateGatewayRequest.newBuilder()
                                .setGatewayId(of.gateway())
                                .setStatus(GatewayStatus.GATEWAY_STATUS_ERROR)
                                .setStatusReason("no answer")
                                .build());
        about(
                "OAE",
                GatewayServiceGrpc.getDeleteGatewayMethod(),
                of -> DeleteGatewayRequest.newBuilder().setGatewayId(of.gateway()).build());
        about(
                "OA",
                GatewayServiceGrpc.getCreateGatewayKeyMethod(),
                of ->
                        CreateGatewayKeyRequest.newBuilder()
                                .setGatewayId(of.gateway())
                                .setName("a sender")
                                .build());
        about("OA", GatewayServiceGrpc.getDeleteGatewayKeyMethod(), Things::deleteGatewayKey);
        about(
                "OAEV",
                HistoryServiceGrpc.getListChangesMethod(),
                of -> ListChangesRequest.newBuilder().setOrganizationId(of.organization).build());
        about(
                "OAEV",
                HistoryServiceGrpc.getGetAtMethod(),
                of ->
                        GetAtRequest.newBuilder()
                                .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                                .setResourceId(of.device())
                                .setVersion(1)
                                .build());
        about(
                "OAE",
                HistoryServiceGrpc.getRestoreMethod(),
                of ->
                        RestoreRequest.newBuilder()
                                .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                                .setResourceId(of.device())
                                .setVersion(1)
                                .build());
        about(
                "OAEV",
                HistoryServiceGrpc.getListAtMethod(),
                of -> ListAtRequest.newBuilder().setOrganizationId(of.organization).build());
        // The organization may be left out, and is then the caller's.
        about(
                "OAEV",
                HistoryServiceGrpc.getDiffMethod(),
                of ->
                        DiffRequest.newBuilder()
                                .setResourceType(ResourceType.RESOURCE_TYPE_GATEWAY)
                                .setResourceId(of.gateway())
                                .setFromVersion(1)
                                .build());
        about("OAE", HostServiceGrpc.getAddHostMethod(), Things::newHost);
        about(
                "OAEV",
                HostServiceGrpc.getGetHostMethod(),
                of -> GetHostRequest.newBuilder().setHostId(of.host()).build());
        about(
                "OAE",
                HostServiceGrpc.getUpdateHostMethod(),
                of ->
                        UpdateHostRequest.newBuilder()
                                .setHostId(of.host())
                                .setComment("changed")
                                .build());
        about(
                "OAE",
                HostServiceGrpc.getDeleteHostMethod(),
                of -> DeleteHostRequest.newBuilder().setHostId(of.host()).build());
        about(
                "OAE",
                HostServiceGrpc.getUndeleteHostMethod(),
                of -> UndeleteHostRequest.newBuilder().setHostId(of.deletedHost()).build());
        about(
                "OAEV",
                HostServiceGrpc.getListHostsMethod(),
                of -> ListHostsRequest.newBuilder().setOrganizationId(of.organization).build());
        about(
                "OAEV",
                HostServiceGrpc.getExportHostsMethod(),
                of ->
                        ExportHostsRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .setFormat(HostFormat.HOST_FORMAT_JSON)
                                .build());
        about(
                "OAE",
                HostServiceGrpc.getImportHostsMethod(),
                of ->
                        ImportHostsRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .setFormat(HostFormat.HOST_FORMAT_HOSTS)
                                .setContent("10.0.0.1 imported")
                                .build());
        about(
                "OAEV",
                TransformServiceGrpc.getEvaluateMethod(),
                of -> EvaluateRequest.newBuilder().setDeviceId(of.device()).build());
        about(
                "OAEV",
                IntakeServiceGrpc.getEvaluateMethod(),
                of ->
                        io.ponix.proto.intake.v1.EvaluateRequest.newBuilder()
                                .setGatewayId(of.gateway())
                                .build());
        ofNobody(
                "OAEVI",
                IntakeServiceGrpc.getListPresetsMethod(),
                ListPresetsRequest.getDefaultInstance());
        about(
                "OAEV",
                TelemetryServiceGrpc.getListRowsMethod(),
                of -> ListRowsRequest.newBuilder().setDeviceId(of.device()).build());
        about(
                "OAEV",
                TelemetryServiceGrpc.getListDeadLettersMethod(),
                of -> ListDeadLettersRequest.newBuilder().setDeviceId(of.device()).build());
        about("OAEV", TelemetryServiceGrpc.getGetRawEnvelopeMethod(), Things::getEnvelope);
    }

    static {
        about(
                "OAE",
                EndDeviceServiceGrpc.getBatchCreateEndDevicesMethod(),
                of ->
                        BatchCreateEndDevicesRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .addRequests(
                                        CreateEndDeviceRequest.newBuilder()
                                                .setOrganizationId(of.organization)
                                                .setName("a device"))
                                .build());
        about(
                "OAE",
                EndDeviceServiceGrpc.getBatchUpdateEndDevicesMethod(),
                of ->
                        BatchUpdateEndDevicesRequest.newBuilder()
                                .addRequests(
                                        UpdateEndDeviceRequest.newBuilder()
                                                .setDeviceId(of.device())
                                                .setName("renamed"))
                                .build());
        about(
                "OAE",
                EndDeviceServiceGrpc.getBatchDeleteEndDevicesMethod(),
                of ->
                        BatchDeleteEndDevicesRequest.newBuilder()
                                .addRequests(
                                        DeleteEndDeviceRequest.newBuilder()
                                                .setDeviceId(of.device()))
                                .build());
        about(
                "O",
                OrganizationServiceGrpc.getUndeleteOrganizationMethod(),
                of ->
                        UndeleteOrganizationRequest.newBuilder()
                                .setOrganizationId(of.deletedOrganization())
                                .build());
        about(
                "OAE",
                EndDeviceServiceGrpc.getUndeleteEndDeviceMethod(),
                of ->
                        UndeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(of.deletedDevice())
                                .build());
        about(
                "OAE",
                EndDeviceDefinitionServiceGrpc.getUndeleteEndDeviceDefinitionMethod(),
                of ->
                        UndeleteEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .setId(of.deletedDefinition())
                                .build());
        about(
                "OAE",
                GatewayServiceGrpc.getUndeleteGatewayMethod(),
                of ->
                        UndeleteGatewayRequest.newBuilder()
                                .setGatewayId(of.deletedGateway())
                                .build());
        about(
                "OA",
                SnapshotServiceGrpc.getCreateSnapshotMethod(),
                of ->
                        CreateSnapshotRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .build());
        about(
                "OA",
                SnapshotServiceGrpc.getGetSnapshotMethod(),
                of -> GetSnapshotRequest.newBuilder().setSnapshotId(of.snapshot()).build());
        about(
                "OA",
                SnapshotServiceGrpc.getListSnapshotsMethod(),
                of -> ListSnapshotsRequest.newBuilder().setOrganizationId(of.organization).build());
        about(
                "OA",
                SnapshotServiceGrpc.getDeleteSnapshotMethod(),
                of -> DeleteSnapshotRequest.newBuilder().setSnapshotId(of.snapshot()).build());
        about(
                "OA",
                SnapshotServiceGrpc.getRestoreSnapshotMethod(),
                of -> RestoreSnapshotRequest.newBuilder().setSnapshotId(of.snapshot()).build());
        about(
                "OA",
                SnapshotServiceGrpc.getExportSnapshotMethod(),
                of -> ExportSnapshotRequest.newBuilder().setSnapshotId(of.snapshot()).build());
        about(
                "OA",
                SnapshotServiceGrpc.getImportSnapshotMethod(),
                of ->
                        ImportSnapshotRequest.newBuilder()
                                .setOrganizationId(of.organization)
                                .addEntries(
                                        SnapshotEntry.newBuilder()
                                                .setResourceType("organization")
                                                .setResourceId(of.organization)
                                                .setOrganizationId(of.organization)
                                                .setResourceVersion(1)
                                                .setStateJson("{}"))
                                .build());
    }

    static {
        charging(
                "OAE",
                ChargeStationServiceGrpc.getSetChargeStationAuthMethod(),
                ChargeStationServiceGrpc.getLookupChargeStationAuthMethod(),
                ChargeStationServiceGrpc.getUpdateChargeStationSettingsMethod(),
                ChargeStationServiceGrpc.getDeleteChargeStationSettingsMethod(),
                ChargeStationServiceGrpc.getSetChargeStationRuntimeDetailsMethod(),
                ChargeStationServiceGrpc.getUpdateChargeStationInstallCertificatesMethod(),
                ChargeStationServiceGrpc.getSetChargeStationTriggerMessageMethod(),
                ChargeStationServiceGrpc.getDeleteChargeStationTriggerMessageMethod(),
                TransactionServiceGrpc.getCreateTransactionMethod(),
                TransactionServiceGrpc.getUpdateTransactionMethod(),
                TransactionServiceGrpc.getEndTransactionMethod(),
                TokenServiceGrpc.getSetTokenMethod(),
                CertificateServiceGrpc.getSetCertificateMethod(),
                CertificateServiceGrpc.getDeleteCertificateMethod(),
                LocationServiceGrpc.getSetLocationMethod(),
                OcpiServiceGrpc.getSetRegistrationDetailsMethod(),
                OcpiServiceGrpc.getLookupRegistrationDetailsMethod(),
                OcpiServiceGrpc.getDeleteRegistrationDetailsMethod(),
                OcpiServiceGrpc.getSetPartyDetailsMethod(),
                OcpiServiceGrpc.getLookupPartyDetailsMethod(),
                OcpiServiceGrpc.getListPartyDetailsForRoleMethod());
        charging(
                "OAEV",
                ChargeStationServiceGrpc.getLookupChargeStationSettingsMethod(),
                ChargeStationServiceGrpc.getListChargeStationSettingsMethod(),
                ChargeStationServiceGrpc.getLookupChargeStationRuntimeDetailsMethod(),
                ChargeStationServiceGrpc.getLookupChargeStationInstallCertificatesMethod(),
                ChargeStationServiceGrpc.getListChargeStationInstallCertificatesMethod(),
                ChargeStationServiceGrpc.getLookupChargeStationTriggerMessageMethod(),
                ChargeStationServiceGrpc.getListChargeStationTriggerMessagesMethod(),
                TransactionServiceGrpc.getFindTransactionMethod(),
                TransactionServiceGrpc.getListTransactionsMethod(),
                TransactionServiceGrpc.getListMeterValuesMethod(),
                TokenServiceGrpc.getLookupTokenMethod(),
                TokenServiceGrpc.getListTokensMethod(),
                CertificateServiceGrpc.getLookupCertificateMethod(),
                LocationServiceGrpc.getLookupLocationMethod(),
                LocationServiceGrpc.getListLocationsMethod(),
                SessionServiceGrpc.getGetSessionMethod(),
                SessionServiceGrpc.getListSessionsMethod(),
                SessionServiceGrpc.getListSessionMeterValuesMethod(),
                SessionServiceGrpc.getExportCdrMethod());
    }

    private static void charging(String roles, MethodDescriptor<?, ?>... methods) {
        for (MethodDescriptor<?, ?> method : methods) {
            about(roles, method, of -> ChargingRequests.of(of.organization).get(method));
        }
    }

    /** What an organization has; those of none have names that nothing has. */
    private static final class Things {

        private static final AtomicInteger HEARD = new AtomicInteger();

        private final String organization;
        private final boolean isThere;

        Things(String organization, boolean isThere) {
            this.organization = organization;
            this.isThere = isThere;
        }

        static Things of(String name) {
            return new Things(
                    OrganizationServiceGrpc.newBlockingStub(operator)
                            .createOrganization(
                                    CreateOrganizationRequest.newBuilder().setName(name).build())
                            .getOrganizationId(),
                    true);
        }

        String anotherOrganization() {
            return isThere ? of("to be deleted").organization : NOBODYS;
        }

        String key() {
            return isThere
                    ? AccessUnderTest.key(operator, organization, Role.ROLE_VIEWER)
                            .getKey()
                            .getKeyId()
                    : NOBODYS;
        }

        String snapshot() {
            return isThere
                    ? SnapshotServiceGrpc.newBlockingStub(operator)
                            .createSnapshot(
                                    CreateSnapshotRequest.newBuilder()
                                            .setOrganizationId(organization)
                                            .build())
                            .getSnapshot()
                            .getSnapshotId()
                    : NOBODYS;
        }

        String device() {
            return isThere ? endDevice().getDeviceId() : NOBODYS;
        }

        private EndDevice endDevice() {
            return EndDeviceServiceGrpc.newBlockingStub(operator)
                    .createEndDevice(
                            CreateEndDeviceRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setName("a device")
                                    .setPayloadConversion("{}")
                                    .build())
                    .getEndDevice();
        }

        CreateEndDeviceDefinitionRequest newDefinition() {
            return CreateEndDeviceDefinitionRequest.newBuilder()
                    .setOrganizationId(organization)
                    .setName("a kind")
                    .addContracts(
                            PayloadContract.newBuilder()
                                    .setMatchExpression("true")
                                    .setTransformExpression("{}")
                                    .setJsonSchema("{}"))
                    .build();
        }

        String definition() {
            return isThere
                    ? EndDeviceDefinitionServiceGrpc.newBlockingStub(operator)
                            .createEndDeviceDefinition(newDefinition())
                            .getEndDeviceDefinition()
                            .getId()
                    : NOBODYS;
        }

        String gateway() {
            return isThere
                    ? GatewayServiceGrpc.newBlockingStub(operator)
                            .createGateway(
                                    CreateGatewayRequest.newBuilder()
                                            .setOrganizationId(organization)
                                            .setName("a gateway")
                                            .setIntakePreset("raw")
                                            .setEnrolment(
                                                    Enrolment.newBuilder()
                                                            .setDefinitionId(definition()))
                                            .build())
                            .getGateway()
                            .getGatewayId()
                    : NOBODYS;
        }

        AddHostRequest newHost() {
            return AddHostRequest.newBuilder()
                    .setOrganizationId(organization)
                    .setIpAddress("10.0.0.1")
                    .setHostname("host-" + HEARD.incrementAndGet())
                    .build();
        }

        String host() {
            return isThere
                    ? HostServiceGrpc.newBlockingStub(operator)
                            .addHost(newHost())
                            .getHost()
                            .getHostId()
                    : NOBODYS;
        }

        String deletedHost() {
            String deleted = host();
            if (isThere) {
                HostServiceGrpc.newBlockingStub(operator)
                        .deleteHost(DeleteHostRequest.newBuilder().setHostId(deleted).build());
            }
            return deleted;
        }

        String deletedOrganization() {
            String deleted = anotherOrganization();
            if (isThere) {
                OrganizationServiceGrpc.newBlockingStub(operator)
                        .deleteOrganization(
                                DeleteOrganizationRequest.newBuilder()
                                        .setOrganizationId(deleted)
                                        .build());
            }
            return deleted;
        }

        String deletedDevice() {
            String deleted = device();
            if (isThere) {
                EndDeviceServiceGrpc.newBlockingStub(operator)
                        .deleteEndDevice(
                                DeleteEndDeviceRequest.newBuilder().setDeviceId(deleted).build());
            }
            return deleted;
        }

        String deletedDefinition() {
            String deleted = definition();
            if (isThere) {
                EndDeviceDefinitionServiceGrpc.newBlockingStub(operator)
                        .deleteEndDeviceDefinition(
                                DeleteEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setId(deleted)
                                        .build());
            }
            return deleted;
        }

        String deletedGateway() {
            String deleted = gateway();
            if (isThere) {
                GatewayServiceGrpc.newBlockingStub(operator)
                        .deleteGateway(
                                DeleteGatewayRequest.newBuilder().setGatewayId(deleted).build());
            }
            return deleted;
        }

        DeleteGatewayKeyRequest deleteGatewayKey() {
            String gateway = gateway();
            return DeleteGatewayKeyRequest.newBuilder()
                    .setGatewayId(gateway)
                    .setKeyId(
                            isThere
                                    ? GatewayServiceGrpc.newBlockingStub(operator)
                                            .createGatewayKey(
                                                    CreateGatewayKeyRequest.newBuilder()
                                                            .setGatewayId(gateway)
                                                            .setName("a sender")
                                                            .build())
                                            .getKey()
                                            .getKeyId()
                                    : NOBODYS)
                    .build();
        }

        GetRawEnvelopeRequest getEnvelope() {
            try {
                return GetRawEnvelopeRequest.newBuilder()
                        .setStream(TelemetryUnderTest.RAW_STREAM)
                        .setStreamSequence(
                                isThere
                                        ? telemetry.publish(
                                                "device" + HEARD.incrementAndGet(),
                                                TelemetryUnderTest.envelope(
                                                                endDevice(),
                                                                "00",
                                                                "2026-11-25T10:00:00Z",
                                                                1)
                                                        .toByteArray())
                                        : 1_000_000)
                        .build();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    @BeforeAll
    static void start() throws Exception {
        telemetry = TelemetryUnderTest.start(home);
        Map<String, String> settings = new HashMap<>(telemetry.environment());
        settings.putAll(AccessUnderTest.required(home));
        service = ServiceUnderTest.start(home, settings);
        operator = withKey(service.channel(), AccessUnderTest.OPERATOR);
        own = Things.of("Own");
        other = Things.of("Other");
        ChargingRequests.addSession(service, operator, own.organization);
        ChargingRequests.addSession(service, operator, other.organization);
    }

    @AfterAll
    static void stop() throws Exception {
        service.close();
        telemetry.close();
    }

    @Test
    void everyServiceOfTheServerIsHere() throws Exception {
        assertThat(servedServices())
                .filteredOn(name -> !name.startsWith("grpc."))
                .containsExactlyInAnyOrderElementsOf(
                        SERVICES.stream().map(ServiceDescriptor::getName).toList());
        List<MethodDescriptor<?, ?>> methods = new ArrayList<>();
        SERVICES.forEach(each -> methods.addAll(each.getMethods()));
        assertThat(ROWS.keySet()).containsExactlyInAnyOrderElementsOf(methods);
    }

    @Test
    void whoHasNoKeyIsUnauthenticatedWhateverIsAskedFor() {
        ROWS.forEach(
                (method, row) ->
                        assertThat(status(service.channel(), method, row.requests().apply(own)))
                                .as(method.getFullMethodName())
                                .extracting(Status::getCode)
                                .isEqualTo(Status.Code.UNAUTHENTICATED));
    }

    @Test
    void eachRoleMayDoWhatIsItsAndNothingElse() {
        Map<Role, Channel> callers = new EnumMap<>(Role.class);
        callers.put(Role.ROLE_OPERATOR, operator);
        for (Role role :
                List.of(Role.ROLE_ADMIN, Role.ROLE_EDITOR, Role.ROLE_VIEWER, Role.ROLE_INTAKE)) {
            callers.put(
                    role,
                    withKey(
                            service.channel(),
                            AccessUnderTest.key(operator, own.organization, role).getSecret()));
        }
        callers.forEach(
                (role, caller) ->
                        ROWS.forEach(
                                (method, row) -> {
                                    String cell = role + " " + method.getFullMethodName();
                                    if (row.allows(role)) {
                                        assertAllowed(cell, caller, method, row, role);
                                    } else {
                                        assertDenied(cell, caller, method, row);
                                    }
                                }));
    }

    private static void assertAllowed(
            String cell, Channel caller, MethodDescriptor<?, ?> method, Row row, Role role) {
        assertThat(status(caller, method, row.requests().apply(own)))
                .as(cell + " of its own organization")
                .isEqualTo(Status.OK);
        if (!row.isAboutOne()) {
            return;
        }
        Things none = new Things(NOBODYS, false);
        if (role == Role.ROLE_OPERATOR) {
            assertThat(status(caller, method, row.requests().apply(other)))
                    .as(cell + " of another organization")
                    .isEqualTo(Status.OK);
            return;
        }
        Message request = row.requests().apply(other);
        Message nobodys = row.requests().apply(none);
        Status ofOther = status(caller, method, request);
        Status ofNone = status(caller, method, nobodys);
        assertThat(ofOther.getCode())
                .as(cell + " of another organization: " + ofOther)
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(withoutNames(ofOther, request))
                .as(cell + " of another organization, as of none")
                .isEqualTo(withoutNames(ofNone, nobodys));
    }

    /** Nothing tells whether there is such a thing. */
    private static void assertDenied(
            String cell, Channel caller, MethodDescriptor<?, ?> method, Row row) {
        for (Things things : List.of(own, other, new Things(NOBODYS, false))) {
            assertThat(status(caller, method, row.requests().apply(things)))
                    .as(cell)
                    .extracting(Status::getCode)
                    .isEqualTo(Status.Code.PERMISSION_DENIED);
        }
    }

    /** The status with what the request named taken out. */
    private static String withoutNames(Status status, Message request) {
        return withoutNames(status.getCode() + ": " + status.getDescription(), request);
    }

    private static String withoutNames(String text, Message request) {
        String without = text;
        for (Object value : request.getAllFields().values()) {
            for (Object each : value instanceof List<?> list ? list : List.of(value)) {
                without =
                        each instanceof Message message
                                ? withoutNames(without, message)
                                : without.replace(each.toString(), "X");
            }
        }
        return without;
    }

    private static List<String> servedServices() throws Exception {
        CompletableFuture<List<String>> names = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests =
                ServerReflectionGrpc.newStub(service.channel())
                        .serverReflectionInfo(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(ServerReflectionResponse response) {
                                        names.complete(
                                                response
                                                        .getListServicesResponse()
                                                        .getServiceList()
                                                        .stream()
                                                        .map(ServiceResponse::getName)
                                                        .toList());
                                    }

                                    @Override
                                    public void onError(Throwable e) {
                                        names.completeExceptionally(e);
                                    }

                                    @Override
                                    public void onCompleted() {
                                        // The answer has come.
                                    }
                                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        requests.onCompleted();
        return names.get(30, TimeUnit.SECONDS);
    }
}
