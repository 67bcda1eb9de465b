package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.grpc.Context;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.ponix.proto.end_device.v1.BatchCreateEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchDeleteEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchUpdateEndDevicesRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UpdateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.host.v1.AddHostRequest;
import io.ponix.proto.host.v1.DeleteHostRequest;
import io.ponix.proto.host.v1.Host;
import io.ponix.proto.host.v1.HostServiceGrpc;
import io.ponix.proto.host.v1.UpdateHostRequest;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.CreateOrganizationResponse;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import io.ponix.proto.organization.v1.Organization;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import io.ponix.proto.organization.v1.UpdateOrganizationRequest;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Changes that overlap, come twice, come late, or change nothing; and the events of each. */
@ExtendWith(ServiceUnderTest.Shared.class)
class RegistryChangesITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** "ponixcom" in ASCII: transactions that commit hold it, shared. */
    private static final String BARRIER = "8101815653933215597";

    private static ServiceUnderTest service;
    private static EndDeviceServiceGrpc.EndDeviceServiceBlockingStub devices;

    private String organization;
    private EndDevice device;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
        devices = EndDeviceServiceGrpc.newBlockingStub(service.channel());
    }

    @BeforeEach
    void register() {
        organization = service.organization("Acme");
        device = create(creation("Sensor").build());
    }

    @Test
    void anEtagTellsEachStateFromTheOthers() {
        EndDevice renamed = update(named("Other").setEtag(device.getEtag()).build());

        assertThat(device.getEtag()).isEqualTo("1");
        assertThat(renamed.getEtag()).isEqualTo("2");
        assertThat(get()).isEqualTo(renamed);
        assertThat(update(named("Third").build()).getEtag())
                .as("unset is whatever there is")
                .isEqualTo("3");
    }

    @Test
    void aStaleEtagIsAbortedAndSaysWhichThereIs() throws SQLException {
        update(named("Other").build());

        Map<String, String> stale =
                Map.of("id", device.getDeviceId(), "expected", "1", "actual", "2");
        assertThatCall(() -> update(named("Third").setEtag("1").build()))
                .hasStatus(Code.ABORTED, device.getDeviceId(), "etag is 2, not 1")
                .hasReason("ETAG_MISMATCH", stale);
        assertThatCall(() -> devices.deleteEndDevice(deletion().setEtag("1").build()))
                .hasStatus(Code.ABORTED)
                .hasReason("ETAG_MISMATCH", stale);
        assertThatCall(() -> update(named("Third").setEtag("0").build())).hasStatus(Code.ABORTED);
        assertThatCall(() -> update(named("Third").setEtag("").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Etag cannot be empty");
        assertThat(get().getName()).isEqualTo("Other");
        assertThat(events(device.getDeviceId())).isEqualTo("created,changed name");

        devices.deleteEndDevice(deletion().setEtag("2").build());
        assertThat(events(device.getDeviceId())).isEqualTo("created,changed name,deleted");
    }

    @Test
    void everyResourceHasOne() throws SQLException {
        var organizations = OrganizationServiceGrpc.newBlockingStub(service.channel());
        CreateOrganizationResponse made =
                organizations.createOrganization(
                        CreateOrganizationRequest.newBuilder().setName("A").build());
        assertThat(made.getEtag()).isEqualTo("1");
        String id = made.getOrganizationId();
        UpdateOrganizationRequest renaming =
                UpdateOrganizationRequest.newBuilder()
                        .setOrganizationId(id)
                        .setName("B")
                        .setEtag("1")
                        .build();
        assertThat(organizations.updateOrganization(renaming).getOrganization().getName())
                .isEqualTo("B");
        assertStale(() -> organizations.updateOrganization(renaming));
        assertThatCall(
                        () ->
                                organizations.updateOrganization(
                                        renaming.toBuilder().setName(" ").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization name cannot be empty");
        DeleteOrganizationRequest ending =
                DeleteOrganizationRequest.newBuilder().setOrganizationId(id).setEtag("1").build();
        assertStale(() -> organizations.deleteOrganization(ending));
        organizations.deleteOrganization(ending.toBuilder().setEtag("2").build());
        assertThat(events(id)).isEqualTo("created,changed name,deleted");
        assertThatCall(() -> organizations.updateOrganization(renaming))
                .hasStatus(Code.NOT_FOUND, id)
                .hasReason("ORGANIZATION_NOT_FOUND", Map.of("organization_id", id));

        var gateways = GatewayServiceGrpc.newBlockingStub(service.channel());
        Gateway gateway =
                gateways.createGateway(
                                CreateGatewayRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("North")
                                        .build())
                        .getGateway();
        UpdateGatewayRequest change =
                UpdateGatewayRequest.newBuilder()
                        .setGatewayId(gateway.getGatewayId())
                        .setName("South")
                        .setEtag(gateway.getEtag())
                        .build();
        assertThat(gateways.updateGateway(change).getGateway().getEtag()).isEqualTo("2");
        assertStale(() -> gateways.updateGateway(change));
        DeleteGatewayRequest removal =
                DeleteGatewayRequest.newBuilder()
                        .setGatewayId(gateway.getGatewayId())
                        .setEtag("1")
                        .build();
        assertStale(() -> gateways.deleteGateway(removal));
        gateways.deleteGateway(removal.toBuilder().setEtag("2").build());

        var definitions = EndDeviceDefinitionServiceGrpc.newBlockingStub(service.channel());
        EndDeviceDefinition definition =
                definitions
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Meter")
                                        .addContracts(
                                                PayloadContract.newBuilder()
                                                        .setTransformExpression("{'a': 1}"))
                                        .build())
                        .getEndDeviceDefinition();
        UpdateEndDeviceDefinitionRequest rename =
                UpdateEndDeviceDefinitionRequest.newBuilder()
                        .setId(definition.getId())
                        .setOrganizationId(organization)
                        .setName("Scale")
                        .setEtag(definition.getEtag())
                        .build();
        assertThat(definitions.updateEndDeviceDefinition(rename).getEndDeviceDefinition().getEtag())
                .isEqualTo("2");
        assertStale(() -> definitions.updateEndDeviceDefinition(rename));
        DeleteEndDeviceDefinitionRequest end =
                DeleteEndDeviceDefinitionRequest.newBuilder()
                        .setId(definition.getId())
                        .setOrganizationId(organization)
                        .setEtag("1")
                        .build();
        assertStale(() -> definitions.deleteEndDeviceDefinition(end));
        definitions.deleteEndDeviceDefinition(end.toBuilder().setEtag("2").build());
        assertThat(events(definition.getId())).isEqualTo("created,changed name,deleted");
    }

    @Test
    void ofOverlappingWritersWithOneEtagOneSucceeds() throws Exception {
        int writers = 8;
        for (int round = 1; round <= 5; round++) {
            String etag = get().getEtag();
            List<Code> codes = new ArrayList<>();
            List<Future<Code>> calls =
                    concurrently(
                            writers, writer -> () -> codeOf(() -> update(stamped(etag, writer))));
            for (Future<Code> each : calls) {
                codes.add(each.get());
            }
            assertThat(codes).containsOnlyOnce(Code.OK);
            assertThat(codes.stream().filter(code -> code == Code.ABORTED)).hasSize(writers - 1);
        }
        assertThat(get().getEtag()).isEqualTo("6");
    }

    @Test
    void whoWaitedForAnUncommittedChangeSeesThatItIsAnother() throws Exception {
        try (Connection holder = service.connect()) {
            holder.setAutoCommit(false);
            holder.createStatement()
                    .executeUpdate(
                            "UPDATE end_devices SET name = 'held' WHERE device_id = '"
                                    + device.getDeviceId()
                                    + "'");
            Future<Code> waiting =
                    concurrently(
                                    1,
                                    writer ->
                                            () ->
                                                    codeOf(
                                                            () ->
                                                                    update(
                                                                            named("late")
                                                                                    .setEtag("1")
                                                                                    .build())))
                            .get(0);
            awaitWaiting();
            holder.commit();
            assertThat(waiting.get()).isEqualTo(Code.ABORTED);
        }
        assertThat(get().getName()).isEqualTo("held");
        assertThat(
                        service.query(
                                "SELECT changed_by FROM registry_events WHERE resource_version = 2 AND resource_id = '"
                                        + device.getDeviceId()
                                        + "'"))
                .as("who changes by SQL")
                .isEqualTo("sql:" + service.query("SELECT session_user"));
    }

    @Test
    void theSameRequestAgainGetsTheSameAnswerAndChangesNothing() throws Exception {
        String requestId = "request-" + device.getDeviceId();
        CreateEndDeviceRequest request = creation("Twice").setRequestId(requestId).build();
        List<EndDevice> made = new ArrayList<>();
        for (Future<EndDevice> each : concurrently(8, writer -> () -> create(request))) {
            made.add(each.get());
        }
        assertThat(made.stream().distinct()).hasSize(1);
        String id = made.get(0).getDeviceId();
        assertThat(events(id)).isEqualTo("created");

        UpdateEndDeviceRequest change =
                UpdateEndDeviceRequest.newBuilder()
                        .setDeviceId(id)
                        .setName("Once")
                        .setEtag("1")
                        .setRequestId(requestId + "-u")
                        .setReason("because")
                        .build();
        EndDevice changed = update(change);
        update(UpdateEndDeviceRequest.newBuilder().setDeviceId(id).setName("After").build());
        assertThat(update(change)).as("although the etag is another by now").isEqualTo(changed);
        DeleteEndDeviceRequest deletion =
                DeleteEndDeviceRequest.newBuilder()
                        .setDeviceId(id)
                        .setRequestId(requestId + "-d")
                        .build();
        devices.deleteEndDevice(deletion);
        devices.deleteEndDevice(deletion);
        assertThat(events(id)).isEqualTo("created,changed name,changed name,deleted");
        assertThat(
                        service.query(
                                "SELECT string_agg(coalesce(request_id, '-') || ' ' || coalesce(reason, '-'), ',' ORDER BY resource_version)"
                                        + " FROM registry_steps WHERE resource_id = '"
                                        + id
                                        + "'"))
                .isEqualTo("%1$s -,%1$s-u because,- -,%1$s-d -".formatted(requestId));
    }

    @Test
    void whatIsOnlyTriedChangesNothing() throws SQLException {
        EndDevice before = get();
        String requestId = "try-" + device.getDeviceId();

        EndDevice tried =
                update(named("Other").setValidateOnly(true).setRequestId(requestId).build());

        assertThat(tried)
                .isEqualTo(
                        before.toBuilder()
                                .setName("Other")
                                .setEtag("2")
                                .setUpdatedAt(tried.getUpdatedAt())
                                .build());
        assertThat(get()).isEqualTo(before);
        assertStale(() -> tryStale());
        DeleteEndDeviceRequest.Builder deletion =
                DeleteEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId());
        devices.deleteEndDevice(deletion.setValidateOnly(true).setRequestId(requestId).build());
        assertThat(get().getName()).isEqualTo("Other");
        assertThat(events(device.getDeviceId())).isEqualTo("created,changed name");
        assertThatCall(
                        () ->
                                devices.deleteEndDevice(
                                        DeleteEndDeviceRequest.newBuilder()
                                                .setDeviceId("nothing")
                                                .setValidateOnly(true)
                                                .build()))
                .hasStatus(Code.NOT_FOUND, "nothing");
        update(named("Third").setRequestId(requestId).build());
        assertThat(get().getName()).as("the id was not remembered").isEqualTo("Third");
        assertThatCall(
                        () ->
                                devices.batchUpdateEndDevices(
                                        BatchUpdateEndDevicesRequest.newBuilder()
                                                .addRequests(named("x").setValidateOnly(true))
                                                .build()))
                .hasStatus(
                        Code.INVALID_ARGUMENT, "requests[0]: validate_only is that of the batch");
    }

    @Test
    void whatIsOnlyTriedOfAnyKindLeavesNothing() throws SQLException {
        Gateway gateway =
                service.gateways()
                        .createGateway(
                                CreateGatewayRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("North")
                                        .build())
                        .getGateway();
        EndDeviceDefinition definition =
                service.definitions()
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Meter")
                                        .addContracts(
                                                PayloadContract.newBuilder()
                                                        .setTransformExpression("{'a': 1}"))
                                        .build())
                        .getEndDeviceDefinition();
        var hosts = HostServiceGrpc.newBlockingStub(service.channel());
        Host host =
                hosts.addHost(
                                AddHostRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setIpAddress("10.0.0.1")
                                        .setHostname("north")
                                        .build())
                        .getHost();
        String requestId = "try-" + organization;
        UpdateGatewayRequest renaming =
                UpdateGatewayRequest.newBuilder()
                        .setGatewayId(gateway.getGatewayId())
                        .setName("South")
                        .setRequestId(requestId)
                        .build();
        String before = allOf(organization);
        try (Connection stream = service.connect();
                Statement statement = stream.createStatement()) {
            // What the pipeline reads, and announces.
            statement.execute(
                    "SELECT pg_create_logical_replication_slot('tries', 'pgoutput', true)");

            assertThat(
                            service.organizations()
                                    .updateOrganization(
                                            UpdateOrganizationRequest.newBuilder()
                                                    .setOrganizationId(organization)
                                                    .setName("Other")
                                                    .setRequestId(requestId)
                                                    .setValidateOnly(true)
                                                    .build())
                                    .getOrganization())
                    .returns("Other", Organization::getName)
                    .returns("2", Organization::getEtag);
            service.organizations()
                    .deleteOrganization(
                            DeleteOrganizationRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setEtag("1")
                                    .setValidateOnly(true)
                                    .build());
            assertThat(
                            service.gateways()
                                    .updateGateway(
                                            renaming.toBuilder().setValidateOnly(true).build())
                                    .getGateway())
                    .returns("South", Gateway::getName)
                    .returns("2", Gateway::getEtag);
            service.gateways()
                    .deleteGateway(
                            DeleteGatewayRequest.newBuilder()
                                    .setGatewayId(gateway.getGatewayId())
                                    .setEtag("1")
                                    .setValidateOnly(true)
                                    .build());
            assertThat(
                            service.definitions()
                                    .updateEndDeviceDefinition(
                                            UpdateEndDeviceDefinitionRequest.newBuilder()
                                                    .setOrganizationId(organization)
                                                    .setId(definition.getId())
                                                    .setName("Scale")
                                                    .setRequestId(requestId)
                                                    .setValidateOnly(true)
                                                    .build())
                                    .getEndDeviceDefinition())
                    .returns("Scale", EndDeviceDefinition::getName)
                    .returns("2", EndDeviceDefinition::getEtag);
            service.definitions()
                    .deleteEndDeviceDefinition(
                            DeleteEndDeviceDefinitionRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setId(definition.getId())
                                    .setEtag("1")
                                    .setValidateOnly(true)
                                    .build());
            assertThat(
                            hosts.updateHost(
                                            UpdateHostRequest.newBuilder()
                                                    .setHostId(host.getHostId())
                                                    .setHostname("south")
                                                    .setRequestId(requestId)
                                                    .setValidateOnly(true)
                                                    .build())
                                    .getHost())
                    .returns("south", Host::getHostname)
                    .returns("2", Host::getEtag);
            hosts.deleteHost(
                    DeleteHostRequest.newBuilder()
                            .setHostId(host.getHostId())
                            .setEtag("1")
                            .setValidateOnly(true)
                            .build());
            update(named("Other").setValidateOnly(true).build());
            devices.deleteEndDevice(deletion().setValidateOnly(true).build());
            tryCreations(requestId);
            tryBatches(requestId);

            assertThat(allOf(organization)).isEqualTo(before);
            assertThat(streamed(statement)).isZero();
            service.gateways().updateGateway(renaming);
            assertThat(streamed(statement)).as("rows that the pipeline is told of").isOne();
        }
    }

    /** Each is answered as if it had been made. */
    private void tryCreations(String requestId) throws SQLException {
        String other = "other-" + organization;
        assertThat(
                        service.organizations()
                                .createOrganization(
                                        CreateOrganizationRequest.newBuilder()
                                                .setOrganizationId(other)
                                                .setName("New")
                                                .setRequestId(requestId)
                                                .setValidateOnly(true)
                                                .build()))
                .returns(other, CreateOrganizationResponse::getOrganizationId)
                .returns("New", CreateOrganizationResponse::getName)
                .returns("1", CreateOrganizationResponse::getEtag);
        assertThat(
                        service.query(
                                "SELECT count(*) FROM organizations WHERE id = '%s'"
                                        .formatted(other)))
                .isEqualTo("0");
        assertThat(
                        service.query(
                                "SELECT count(*) FROM registry_events WHERE organization_id = '%s'"
                                        .formatted(other)))
                .isEqualTo("0");
        assertThat(
                        service.gateways()
                                .createGateway(
                                        CreateGatewayRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setName("New")
                                                .setRequestId(requestId)
                                                .setValidateOnly(true)
                                                .build())
                                .getGateway())
                .returns("New", Gateway::getName)
                .returns("1", Gateway::getEtag);
        assertThat(
                        service.definitions()
                                .createEndDeviceDefinition(
                                        CreateEndDeviceDefinitionRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setName("New")
                                                .addContracts(
                                                        PayloadContract.newBuilder()
                                                                .setTransformExpression("{}"))
                                                .setRequestId(requestId)
                                                .setValidateOnly(true)
                                                .build())
                                .getEndDeviceDefinition())
                .returns("New", EndDeviceDefinition::getName)
                .returns("1", EndDeviceDefinition::getEtag);
        assertThat(
                        HostServiceGrpc.newBlockingStub(service.channel())
                                .addHost(
                                        AddHostRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setIpAddress("10.0.0.2")
                                                .setHostname("new")
                                                .setRequestId(requestId)
                                                .setValidateOnly(true)
                                                .build())
                                .getHost())
                .returns("new", Host::getHostname)
                .returns("1", Host::getEtag);
        assertThat(create(creation("New").setRequestId(requestId).setValidateOnly(true).build()))
                .returns("New", EndDevice::getName)
                .returns("1", EndDevice::getEtag);
    }

    private void tryBatches(String requestId) {
        assertThat(
                        devices.batchCreateEndDevices(
                                        BatchCreateEndDevicesRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .addRequests(creation("First"))
                                                .addRequests(creation("Second"))
                                                .setRequestId(requestId)
                                                .setValidateOnly(true)
                                                .build())
                                .getEndDevicesList())
                .extracting(EndDevice::getName)
                .containsExactly("First", "Second");
        assertThat(
                        devices.batchUpdateEndDevices(
                                        BatchUpdateEndDevicesRequest.newBuilder()
                                                .addRequests(named("Other"))
                                                .setRequestId(requestId)
                                                .setValidateOnly(true)
                                                .build())
                                .getEndDevicesList())
                .extracting(EndDevice::getName)
                .containsExactly("Other");
        devices.batchDeleteEndDevices(
                BatchDeleteEndDevicesRequest.newBuilder()
                        .addRequests(deletion())
                        .setRequestId(requestId)
                        .setValidateOnly(true)
                        .build());
    }

    @Test
    void aCreationIsTriedAsItIsMade() {
        EndDevice taken = create(creation("Meter").setExternalId("meter-9").build());
        CreateEndDeviceRequest.Builder another = creation("Other").setExternalId("meter-9");
        assertThatCall(() -> create(another.setValidateOnly(true).build()))
                .hasStatus(Code.ALREADY_EXISTS, taken.getDeviceId())
                .hasReason("EXTERNAL_ID_TAKEN", Map.of("external_id", "meter-9"));
        assertThatCall(
                        () ->
                                devices.batchCreateEndDevices(
                                        BatchCreateEndDevicesRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .addRequests(creation("First"))
                                                .addRequests(another.clone().clearValidateOnly())
                                                .setValidateOnly(true)
                                                .build()))
                .hasStatus(Code.ALREADY_EXISTS, "requests[1]: ", taken.getDeviceId());

        String id = "tried-" + organization;
        CreateEndDeviceRequest.Builder request = creation("Named").setDeviceId(id);
        assertThat(create(request.setValidateOnly(true).build()).getDeviceId()).isEqualTo(id);
        EndDevice made = create(request.setValidateOnly(false).build());
        assertThat(made.getDeviceId()).isEqualTo(id);
        assertThatCall(() -> create(request.setValidateOnly(true).build()))
                .hasStatus(Code.ALREADY_EXISTS, id);

        CreateEndDeviceRequest.Builder unnamed = creation("Unnamed");
        EndDevice tried = create(unnamed.setValidateOnly(true).build());
        assertThat(create(unnamed.setValidateOnly(false).build()).getDeviceId())
                .isNotEqualTo(tried.getDeviceId());
    }

    /** Everything that there is of an organization, and the answers that are remembered. */
    private static String allOf(String organization) throws SQLException {
        StringBuilder sql =
                new StringBuilder(
                        "SELECT concat_ws(' ', (SELECT count(*) FROM registry_requests WHERE request_id = 'try-%1$s'),"
                                + " (SELECT json_agg(organizations) FROM organizations WHERE id = '%1$s')");
        for (String table :
                List.of(
                        "end_device_definitions",
                        "gateways",
                        "end_devices",
                        "hosts",
                        "registry_events")) {
            sql.append(
                    ", (SELECT json_agg(%1$s) FROM %1$s WHERE organization_id = '%%1$s')"
                            .formatted(table));
        }
        return service.query(sql.append(")").toString().formatted(organization));
    }

    private static long streamed(Statement statement) throws SQLException {
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT count(*) FROM pg_logical_slot_peek_binary_changes('tries', NULL, NULL,"
                                + " 'proto_version', '1', 'publication_names', 'ponix_cdc_publication')"
                                // Inserts, updates and deletions.
                                + " WHERE chr(get_byte(data, 0)) IN ('I', 'U', 'D')")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Of the state before another change. */
    private void tryStale() {
        update(named("Other").setEtag("1").build());
        update(named("Third").setEtag("1").setValidateOnly(true).build());
    }

    @Test
    void everyChangeThatIsDoneOnceCanBeTried() throws Exception {
        List<String> without = new ArrayList<>();
        for (MethodDescriptor method : new ServiceMethods(service.channel()).all()) {
            Descriptor request = method.getInputType();
            if (request.findFieldByName("request_id") != null
                    && request.findFieldByName("validate_only") == null) {
                without.add(method.getName());
            }
        }
        assertThat(without)
                .containsExactlyInAnyOrder(
                        "CreateSnapshot",
                        "DeleteSnapshot",
                        "ImportSnapshot",
                        // What a station did is told: nobody decides whether it is to be.
                        "CreateTransaction",
                        "UpdateTransaction",
                        "EndTransaction");
    }

    @Test
    void anotherRequestUnderTheSameIdIsRefused() throws SQLException {
        String requestId = "other-" + device.getDeviceId();
        create(creation("First").setRequestId(requestId).build());

        assertThatCall(() -> create(creation("Second").setRequestId(requestId).build()))
                .hasStatus(Code.INVALID_ARGUMENT, requestId, "another request")
                .hasReason("REQUEST_ID_REUSED", Map.of("request_id", requestId))
                .isOfField("request_id");
        assertThatCall(() -> update(named("Second").setRequestId(requestId).build()))
                .hasStatus(Code.INVALID_ARGUMENT, requestId);
        assertThatCall(() -> update(named("Second").setRequestId("no spaces").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Request ID must be 1 to 64 characters");

        service.query(
                "UPDATE registry_requests SET requested_at = requested_at - interval '25 hours'"
                        + " WHERE request_id = '"
                        + requestId
                        + "' RETURNING request_id");
        assertThat(create(creation("Second").setRequestId(requestId).build()).getName())
                .as("a day later")
                .isEqualTo("Second");
    }

    @Test
    void aRequestThatFailedMayBeMadeAgain() {
        String requestId = "failed-" + device.getDeviceId();
        CreateEndDeviceRequest request =
                creation("Sensor").setExternalId("meter-7").setRequestId(requestId).build();
        EndDevice other = create(creation("Other").setExternalId("meter-7").build());
        assertThatCall(() -> create(request))
                .hasStatus(Code.ALREADY_EXISTS)
                .hasReason("EXTERNAL_ID_TAKEN", Map.of("external_id", "meter-7"));
        devices.deleteEndDevice(
                DeleteEndDeviceRequest.newBuilder().setDeviceId(other.getDeviceId()).build());

        assertThat(create(request).getExternalId()).isEqualTo("meter-7");
    }

    @Test
    void whatChangesNothingIsNoEvent() throws SQLException {
        EndDevice before = update(named("Other").build());

        assertThat(update(named("Other").build())).isEqualTo(before);
        assertThat(
                        update(
                                UpdateEndDeviceRequest.newBuilder()
                                        .setDeviceId(device.getDeviceId())
                                        .build()))
                .isEqualTo(before);
        assertThat(events(device.getDeviceId())).isEqualTo("created,changed name");
    }

    @Test
    void everyChangedFieldIsAnEventOfOneChange() throws SQLException {
        update(named("Other").setPayloadConversion("{'a': 1}").setExternalId("EUI-1").build());

        assertThat(events(device.getDeviceId()))
                .isEqualTo("created,changed external_id,changed name,changed payload_conversion");
        assertThat(
                        service.query(
                                "SELECT count(DISTINCT change_id) FROM registry_events WHERE resource_id = '"
                                        + device.getDeviceId()
                                        + "'"))
                .isEqualTo("2");
    }

    @Test
    void aChangeThatMissedItsDeadlineIsUndone() throws Exception {
        try (Connection holder = service.connect()) {
            holder.setAutoCommit(false);
            holder.createStatement()
                    .executeQuery(
                            "SELECT * FROM end_devices WHERE device_id = '"
                                    + device.getDeviceId()
                                    + "' FOR UPDATE");
            assertThatCall(
                            () ->
                                    devices.withDeadlineAfter(500, TimeUnit.MILLISECONDS)
                                            .updateEndDevice(named("late").build()))
                    .hasStatus(Code.DEADLINE_EXCEEDED);
            awaitNoCallUnderWay();
            holder.commit();
        }
        assertUnchanged();
    }

    @Test
    void aChangeThatMissesItsDeadlineWhileItCommitsIsUndone() throws Exception {
        try (Connection holder = service.connect()) {
            holder.setAutoCommit(false);
            holder.createStatement().executeQuery("SELECT pg_advisory_xact_lock(" + BARRIER + ")");
            assertThatCall(
                            () ->
                                    devices.withDeadlineAfter(500, TimeUnit.MILLISECONDS)
                                            .updateEndDevice(named("late").build()))
                    .hasStatus(Code.DEADLINE_EXCEEDED);
            awaitNoCallUnderWay();
            holder.commit();
        }
        assertUnchanged();
    }

    @Test
    void aChangeWhoseCallerIsGoneIsUndone() throws Exception {
        try (Connection holder = service.connect()) {
            holder.setAutoCommit(false);
            holder.createStatement()
                    .executeQuery(
                            "SELECT * FROM end_devices WHERE device_id = '"
                                    + device.getDeviceId()
                                    + "' FOR UPDATE");
            Context.CancellableContext call = Context.current().withCancellation();
            Future<Code> waiting =
                    concurrently(
                                    1,
                                    writer ->
                                            () ->
                                                    call.call(
                                                            () ->
                                                                    codeOf(
                                                                            () ->
                                                                                    update(
                                                                                            named(
                                                                                                            "late")
                                                                                                    .build()))))
                            .get(0);
            awaitWaiting();
            call.cancel(null);
            assertThat(waiting.get()).isEqualTo(Code.CANCELLED);
            awaitNoCallUnderWay();
            holder.commit();
        }
        assertUnchanged();
    }

    @Test
    void historyIsOnlyAddedTo() {
        for (String statement :
                List.of(
                        "UPDATE registry_events SET changed_by = 'nobody' RETURNING 1",
                        "DELETE FROM registry_events RETURNING 1",
                        "UPDATE registry_changes SET reason = 'none' RETURNING 1",
                        "DELETE FROM registry_changes RETURNING 1",
                        "TRUNCATE gateways CASCADE",
                        "TRUNCATE hosts",
                        "TRUNCATE registry_events",
                        "TRUNCATE registry_changes")) {
            assertThatThrownBy(() -> service.query(statement))
                    .as(statement)
                    .hasMessageContaining("the history of the registry is only added to");
        }
    }

    private void assertUnchanged() throws SQLException {
        await().atMost(PATIENCE)
                .until(
                        () ->
                                service.query(
                                                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ponix-device-service'"
                                                        + " AND state <> 'idle'")
                                        .equals("0"));
        assertThat(get()).isEqualTo(device);
        assertThat(events(device.getDeviceId())).isEqualTo("created");
    }

    /** The client counts from when it sends: it gives up before the service does. */
    private static void awaitNoCallUnderWay() {
        URI metrics = URI.create("http://127.0.0.1:" + service.service().httpPort() + "/metrics");
        await().atMost(PATIENCE)
                .until(
                        () ->
                                CleartextHttp.CLIENT
                                        .send(
                                                HttpRequest.newBuilder(metrics).build(),
                                                HttpResponse.BodyHandlers.ofString())
                                        .body()
                                        .lines()
                                        .filter(
                                                line ->
                                                        line.startsWith(
                                                                        "ponix_grpc_active_requests{")
                                                                && line.contains(
                                                                        "method=\"UpdateEndDevice\""))
                                        .toList(),
                        gauges ->
                                !gauges.isEmpty()
                                        && gauges.stream().allMatch(line -> line.endsWith(" 0.0")));
    }

    private static void awaitWaiting() {
        await().atMost(PATIENCE)
                .until(
                        () ->
                                !service.query(
                                                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                                        + " AND application_name = 'ponix-device-service'")
                                        .equals("0"));
    }

    private static String events(String id) throws SQLException {
        return service.query(
                "SELECT string_agg(concat_ws(' ', event_type, field), ',' ORDER BY resource_version)"
                        + " FROM registry_events WHERE resource_id = '"
                        + id
                        + "'");
    }

    private static void assertStale(ThrowingCallable call) {
        assertThatCall(call).hasStatus(Code.ABORTED, "its etag is 2, not 1");
    }

    private CreateEndDeviceRequest.Builder creation(String name) {
        return CreateEndDeviceRequest.newBuilder().setOrganizationId(organization).setName(name);
    }

    private UpdateEndDeviceRequest.Builder named(String name) {
        return UpdateEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId()).setName(name);
    }

    private UpdateEndDeviceRequest stamped(String etag, int writer) {
        return named(etag + "-" + writer).setEtag(etag).build();
    }

    private DeleteEndDeviceRequest.Builder deletion() {
        return DeleteEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId());
    }

    private static EndDevice create(CreateEndDeviceRequest request) {
        return devices.createEndDevice(request).getEndDevice();
    }

    private static EndDevice update(UpdateEndDeviceRequest request) {
        return devices.updateEndDevice(request).getEndDevice();
    }

    private EndDevice get() {
        return devices.getEndDevice(
                        GetEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId()).build())
                .getEndDevice();
    }

    private static Code codeOf(Runnable call) {
        try {
            call.run();
            return Code.OK;
        } catch (StatusRuntimeException failure) {
            return failure.getStatus().getCode();
        }
    }

    /** The calls, all of them begun. */
    private static <T> List<Future<T>> concurrently(
            int callers, java.util.function.IntFunction<Callable<T>> call) {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            return IntStream.range(0, callers)
                    .mapToObj(caller -> threads.submit(call.apply(caller)))
                    .toList();
        } finally {
            threads.shutdown();
        }
    }
}
