package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Descriptors;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.NullValue;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import io.grpc.Status;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.history.v1.Change;
import io.ponix.proto.history.v1.ChangeType;
import io.ponix.proto.history.v1.DiffRequest;
import io.ponix.proto.history.v1.DifferenceType;
import io.ponix.proto.history.v1.FieldDifference;
import io.ponix.proto.history.v1.GetAtRequest;
import io.ponix.proto.history.v1.ListAtRequest;
import io.ponix.proto.history.v1.ListAtResponse;
import io.ponix.proto.history.v1.ListChangesRequest;
import io.ponix.proto.history.v1.ListChangesResponse;
import io.ponix.proto.history.v1.Resource;
import io.ponix.proto.history.v1.ResourceDifference;
import io.ponix.proto.history.v1.ResourceType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The history of what is registered, on a real Postgres. */
@ExtendWith(ServiceUnderTest.Shared.class)
class HistoryServiceITCase {

    private static final ResourceType DEVICE = ResourceType.RESOURCE_TYPE_END_DEVICE;
    private static final ResourceType DEFINITION = ResourceType.RESOURCE_TYPE_END_DEVICE_DEFINITION;
    private static final ResourceType GATEWAY = ResourceType.RESOURCE_TYPE_GATEWAY;
    private static final String NOTHING = "nosuchthing";

    private final ServiceUnderTest service;
    private String organization;

    HistoryServiceITCase(ServiceUnderTest service) {
        this.service = service;
    }

    @BeforeEach
    void organization() {
        organization = service.organization("Acme");
    }

    private String device(String name) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .build())
                .getEndDevice()
                .getDeviceId();
    }

    private void rename(String device, String name) {
        service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device)
                                .setName(name)
                                .build());
    }

    private EndDevice get(String device) {
        return service.devices()
                .getEndDevice(GetEndDeviceRequest.newBuilder().setDeviceId(device).build())
                .getEndDevice();
    }

    private void delete(String device) {
        service.devices()
                .deleteEndDevice(DeleteEndDeviceRequest.newBuilder().setDeviceId(device).build());
    }

    /** The clock of the database: all that was committed was before. */
    private Timestamp now() throws SQLException {
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT extract(epoch FROM clock_timestamp()) * 1000000")) {
            row.next();
            return Timestamps.fromMicros(row.getBigDecimal(1).longValueExact());
        }
    }

    private void execute(String sql, String... parameters) throws SQLException {
        try (Connection connection = service.connect()) {
            execute(connection, sql, parameters);
        }
    }

    private static void execute(Connection connection, String sql, String... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            statement.execute();
        }
    }

    private static GetAtRequest.Builder at(ResourceType type, String id) {
        return GetAtRequest.newBuilder().setResourceType(type).setResourceId(id);
    }

    private Resource version(String device, long version) {
        return service.history()
                .getAt(at(DEVICE, device).setVersion(version).setShowDeleted(true).build())
                .getResource();
    }

    private EndDevice deviceAt(String device, Timestamp time) {
        return service.history()
                .getAt(at(DEVICE, device).setTime(time).build())
                .getResource()
                .getEndDevice();
    }

    private List<Change> changes(ListChangesRequest.Builder request) {
        List<Change> all = new ArrayList<>();
        String token = "";
        do {
            ListChangesResponse page =
                    service.history().listChanges(request.setPageToken(token).build());
            assertThat(page.getChangesCount()).isLessThanOrEqualTo(50);
            all.addAll(page.getChangesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }

    private ListChangesRequest.Builder of(ResourceType type, String id) {
        return ListChangesRequest.newBuilder().setResourceType(type).setResourceId(id);
    }

    private List<Resource> listAt(ListAtRequest.Builder request) {
        List<Resource> all = new ArrayList<>();
        String token = "";
        do {
            ListAtResponse page = service.history().listAt(request.setPageToken(token).build());
            all.addAll(page.getResourcesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static final Value NULL = Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build();

    @Test
    void theChangesOfAThingAreInTheOrderOfTheirVersions() throws Exception {
        String id = device("Hall");
        rename(id, "Roof");
        rename(id, "Roof");
        service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(id)
                                .setName("Cellar")
                                .setPayloadConversion("{}")
                                .build());
        delete(id);

        List<Change> changes = changes(of(DEVICE, id));

        assertThat(changes).extracting(Change::getVersion).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(changes)
                .extracting(Change::getType)
                .containsExactly(
                        ChangeType.CHANGE_TYPE_CREATED,
                        ChangeType.CHANGE_TYPE_CHANGED,
                        ChangeType.CHANGE_TYPE_CHANGED,
                        ChangeType.CHANGE_TYPE_CHANGED,
                        ChangeType.CHANGE_TYPE_DELETED);
        assertThat(changes.get(0).hasOldValue()).isFalse();
        assertThat(changes.get(0).getNewValue().getStructValue().getFieldsMap())
                .containsEntry("name", text("Hall"))
                .containsEntry("external_id", NULL);
        assertThat(changes.get(1).getField()).isEqualTo("name");
        assertThat(changes.get(1).getOldValue()).isEqualTo(text("Hall"));
        assertThat(changes.get(1).getNewValue()).isEqualTo(text("Roof"));
        assertThat(changes.subList(2, 4))
                .extracting(Change::getField)
                .containsExactly("name", "payload_conversion");
        assertThat(changes.get(2).getCommitTime())
                .as("of one transaction")
                .isEqualTo(changes.get(3).getCommitTime());
        assertThat(changes)
                .allSatisfy(
                        change -> {
                            assertThat(change.getResourceType()).isEqualTo(DEVICE);
                            assertThat(change.getResourceId()).isEqualTo(id);
                            assertThat(change.getOrganizationId()).isEqualTo(organization);
                            assertThat(
                                            Timestamps.compare(
                                                    change.getEventTime(), change.getCommitTime()))
                                    .isLessThanOrEqualTo(0);
                        });
        List<Change> newestFirst = changes(of(DEVICE, id).setNewestFirst(true).setPageSize(2));
        Collections.reverse(newestFirst);
        assertThat(newestFirst).isEqualTo(changes);
        assertThat(changes(of(DEVICE, id).setPageSize(1))).isEqualTo(changes);
    }

    @Test
    void ofAnUnknownThingThereAreNoChanges() {
        assertThat(changes(of(DEVICE, NOTHING))).isEmpty();
        assertThat(changes(ListChangesRequest.newBuilder().setOrganizationId(NOTHING))).isEmpty();
        assertThat(listAt(ListAtRequest.newBuilder().setOrganizationId(NOTHING))).isEmpty();
        assertThatCall(() -> version(NOTHING, 1))
                .hasStatus(Status.Code.NOT_FOUND, "End device not found: " + NOTHING);
        assertThatCall(
                        () ->
                                service.history()
                                        .diff(
                                                DiffRequest.newBuilder()
                                                        .setResourceType(GATEWAY)
                                                        .setResourceId(NOTHING)
                                                        .setFromVersion(1)
                                                        .build()))
                .hasStatus(Status.Code.NOT_FOUND, "Gateway not found: " + NOTHING);
    }

    @Test
    void changesAreFoundByWhoWhatAndWhen() throws Exception {
        String id = device("Hall");
        Timestamp before = now();
        rename(id, "Roof");
        Timestamp between = now();
        execute("UPDATE end_devices SET name = 'by hand' WHERE device_id = ?", id);
        delete(id);
        ListChangesRequest.Builder all =
                ListChangesRequest.newBuilder().setOrganizationId(organization);

        assertThat(changes(all.clone()))
                .extracting(Change::getResourceType)
                .containsExactly(
                        ResourceType.RESOURCE_TYPE_ORGANIZATION, DEVICE, DEVICE, DEVICE, DEVICE);
        assertThat(changes(all.clone().setChangedBy("sql:" + service.postgres().username())))
                .extracting(Change::getNewValue)
                .containsExactly(text("by hand"));
        assertThat(changes(all.clone().addTypes(ChangeType.CHANGE_TYPE_DELETED)))
                .extracting(Change::getVersion)
                .containsExactly(4L);
        assertThat(
                        changes(
                                all.clone()
                                        .addTypes(ChangeType.CHANGE_TYPE_CREATED)
                                        .setResourceType(DEVICE)))
                .extracting(Change::getResourceId)
                .containsExactly(id);
        assertThat(changes(all.clone().setCommittedAfter(before).setCommittedUntil(between)))
                .extracting(Change::getNewValue)
                .containsExactly(text("Roof"));
        Timestamp exactly = changes(all.clone().setCommittedAfter(before)).get(0).getCommitTime();
        assertThat(changes(all.clone().setCommittedAfter(before).setCommittedUntil(exactly)))
                .as("until is inclusive")
                .hasSize(1);
        assertThat(changes(all.clone().setCommittedAfter(exactly).setCommittedUntil(between)))
                .as("after is exclusive")
                .isEmpty();
    }

    @Test
    void aThingIsSeenAsItWas() throws Exception {
        Timestamp before = now();
        String id = device("Hall");
        EndDevice created = get(id);
        Timestamp afterCreation = now();
        rename(id, "Roof");
        EndDevice renamed = get(id);
        Timestamp afterRename = now();
        delete(id);
        Timestamp afterDeletion = now();

        assertThatCall(() -> deviceAt(id, before))
                .hasStatus(Status.Code.NOT_FOUND, id, "did not exist then");
        assertThat(deviceAt(id, afterCreation)).isEqualTo(created);
        assertThat(deviceAt(id, afterRename)).isEqualTo(renamed);
        assertThatCall(() -> deviceAt(id, afterDeletion))
                .hasStatus(Status.Code.NOT_FOUND, id, "was deleted then", "show_deleted");
        assertThatCall(() -> deviceAt(id, Timestamps.MAX_VALUE))
                .hasStatus(Status.Code.NOT_FOUND, "was deleted then");
        Resource deleted = version(id, 3);
        assertThat(deleted.getEndDevice().getName()).isEqualTo("Roof");
        assertThat(deleted.getEndDevice().getDeletedAt()).isEqualTo(deleted.getDeletedAt());
        assertThat(version(id, 1).getEndDevice()).isEqualTo(created);
        assertThat(version(id, 2).getEndDevice()).isEqualTo(renamed);
        Timestamp exactly = version(id, 2).getCommitTime();
        assertThat(deviceAt(id, exactly)).as("the time is inclusive").isEqualTo(renamed);
        assertThat(deviceAt(id, Timestamps.subtract(exactly, micros(1)))).isEqualTo(created);
        assertThat(deviceAt(id, Timestamps.add(exactly, nanos(999)))).isEqualTo(renamed);
        assertThatCall(() -> version(id, 4))
                .hasStatus(Status.Code.NOT_FOUND, id, "no version 4: its last is 3");
    }

    private static com.google.protobuf.Duration micros(long micros) {
        return com.google.protobuf.util.Durations.fromMicros(micros);
    }

    private static com.google.protobuf.Duration nanos(long nanos) {
        return com.google.protobuf.util.Durations.fromNanos(nanos);
    }

    @Test
    void aFutureTimeIsNow() throws Exception {
        String id = device("Hall");
        rename(id, "Roof");
        assertThat(deviceAt(id, Timestamps.MAX_VALUE)).isEqualTo(get(id));
        assertThat(deviceAt(id, Timestamps.parse("2999-01-01T00:00:00Z"))).isEqualTo(get(id));
    }

    @Test
    void aDeletedDefinitionThatHasNoColumnForItIsDeleted() throws Exception {
        EndDeviceDefinition definition =
                service.definitions()
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Meter")
                                        .addContracts(
                                                PayloadContract.newBuilder()
                                                        .setMatchExpression("true")
                                                        .setTransformExpression("{'a': 1}"))
                                        .build())
                        .getEndDeviceDefinition();
        Timestamp before = now();
        service.definitions()
                .deleteEndDeviceDefinition(
                        DeleteEndDeviceDefinitionRequest.newBuilder()
                                .setId(definition.getId())
                                .setOrganizationId(organization)
                                .build());
        GetAtRequest.Builder request = at(DEFINITION, definition.getId());

        assertThat(
                        service.history()
                                .getAt(request.clone().setTime(before).build())
                                .getResource()
                                .getEndDeviceDefinition())
                .isEqualTo(definition);
        assertThatCall(() -> service.history().getAt(request.clone().setTime(now()).build()))
                .hasStatus(Status.Code.NOT_FOUND, "was deleted then");
        Resource deleted =
                service.history()
                        .getAt(request.clone().setVersion(2).setShowDeleted(true).build())
                        .getResource();
        assertThat(deleted.hasDeletedAt()).isTrue();
        assertThat(deleted.getEndDeviceDefinition().getContractsList())
                .isEqualTo(definition.getContractsList());
        assertThat(changes(of(DEFINITION, definition.getId())).get(0).getNewValue())
                .as("JSON is JSON")
                .satisfies(
                        value ->
                                assertThat(
                                                value.getStructValue()
                                                        .getFieldsOrThrow("contracts")
                                                        .getListValue()
                                                        .getValues(0)
                                                        .hasStructValue())
                                        .isTrue());
    }

    @Test
    void theHashOfAKeyIsInNoAnswer() throws Exception {
        String id =
                service.gateways()
                        .createGateway(
                                CreateGatewayRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Roof")
                                        .build())
                        .getGateway()
                        .getGatewayId();
        service.gateways()
                .createGatewayKey(
                        CreateGatewayKeyRequest.newBuilder()
                                .setGatewayId(id)
                                .setName("a sender")
                                .build());
        // The change of a restored thing has all columns, before and after.
        execute("UPDATE gateways SET deleted_at = now() WHERE gateway_id = ?", id);
        execute("UPDATE gateways SET deleted_at = NULL WHERE gateway_id = ?", id);
        String hash =
                service.query(
                        "SELECT gateway_keys -> 0 ->> 'sha256' FROM gateways WHERE gateway_id = '"
                                + id
                                + "'");
        assertThat(hash).isNotEmpty();

        List<Change> changes = changes(of(GATEWAY, id));
        Resource resource =
                service.history().getAt(at(GATEWAY, id).setTime(now()).build()).getResource();
        List<ResourceDifference> differences =
                service.history()
                        .diff(
                                DiffRequest.newBuilder()
                                        .setResourceType(GATEWAY)
                                        .setResourceId(id)
                                        .setFromVersion(1)
                                        .build())
                        .getDifferencesList();

        assertThat(resource.getGateway().getKeys(0).getName()).isEqualTo("a sender");
        assertThat(resource.getGateway().getKeys(0).getSha256()).isEmpty();
        assertThat(changes.toString())
                .contains("CHANGE_TYPE_RESTORED", "a sender")
                .doesNotContain(hash, "sha256");
        assertThat(differences.toString())
                .contains("gateway_keys", "a sender")
                .doesNotContain(hash, "sha256");
    }

    @Test
    void anOrganizationIsListedAsItWasWhateverIsDoneBetweenThePages() throws Exception {
        List<String> devices = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            devices.add(device("device " + i));
        }
        Collections.sort(devices);
        delete(devices.get(1));
        Timestamp then = now();
        for (ListAtRequest.Builder request :
                List.of(
                        ListAtRequest.newBuilder().setTime(then),
                        // Now is one moment, too.
                        ListAtRequest.newBuilder())) {
            request.setOrganizationId(organization).setPageSize(2);
            ListAtResponse first = service.history().listAt(request.build());
            delete(devices.get(3));
            String late = device("late");
            rename(devices.get(4), "late");
            ListAtResponse second =
                    service.history()
                            .listAt(request.setPageToken(first.getNextPageToken()).build());
            ListAtResponse third =
                    service.history()
                            .listAt(request.setPageToken(second.getNextPageToken()).build());
            assertThat(third.getNextPageToken()).isEmpty();
            List<Resource> all = new ArrayList<>(first.getResourcesList());
            all.addAll(second.getResourcesList());
            all.addAll(third.getResourcesList());
            assertThat(all.get(0).getOrganization().getId()).isEqualTo(organization);
            assertThat(all.subList(1, all.size()))
                    .extracting(resource -> resource.getEndDevice().getDeviceId())
                    .containsExactly(
                            devices.get(0), devices.get(2), devices.get(3), devices.get(4));
            assertThat(all.get(4).getEndDevice().getName()).isNotEqualTo("late");
            delete(late);
            execute("UPDATE end_devices SET deleted_at = NULL WHERE device_id = ?", devices.get(3));
            rename(devices.get(4), "as before");
        }
        assertThat(
                        listAt(
                                ListAtRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setResourceType(DEVICE)
                                        .setTime(then)
                                        .setShowDeleted(true)))
                .extracting(resource -> resource.getEndDevice().getDeviceId())
                .isEqualTo(devices);
    }

    @Test
    void twoMomentsDifferFieldByField() throws Exception {
        String kept = device("kept");
        String changed = device("Hall");
        String removed = device("removed");
        String thereAndBack = device("once");
        Timestamp then = now();
        rename(changed, "Roof");
        rename(thereAndBack, "twice");
        rename(thereAndBack, "once");
        delete(removed);
        String added = device("added");
        DiffRequest.Builder request =
                DiffRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setFromTime(then)
                        .setPageSize(1);

        Map<String, ResourceDifference> differences = differences(request);

        assertThat(differences).containsOnlyKeys(changed, removed, added);
        assertThat(differences.get(changed).getType())
                .isEqualTo(DifferenceType.DIFFERENCE_TYPE_CHANGED);
        assertThat(differences.get(changed).getFieldsList())
                .containsExactly(
                        FieldDifference.newBuilder()
                                .setField("name")
                                .setOldValue(text("Hall"))
                                .setNewValue(text("Roof"))
                                .build());
        assertThat(differences.get(changed).getFromVersion()).isEqualTo(1);
        assertThat(differences.get(changed).getToVersion()).isEqualTo(2);
        assertThat(differences.get(removed).getType())
                .isEqualTo(DifferenceType.DIFFERENCE_TYPE_REMOVED);
        assertThat(differences.get(added).getType())
                .isEqualTo(DifferenceType.DIFFERENCE_TYPE_ADDED);
        assertThat(differences.get(added).getFromVersion()).isZero();
        assertThat(differences.get(added).getFieldsList())
                .filteredOn(field -> field.getField().equals("name"))
                .allMatch(field -> !field.hasOldValue())
                .extracting(FieldDifference::getNewValue)
                .containsExactly(text("added"));
        Map<String, ResourceDifference> backwards =
                differences(
                        DiffRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setFromTime(now())
                                .setToTime(then));
        assertThat(backwards).containsOnlyKeys(changed, removed, added);
        assertThat(backwards.get(added).getType())
                .isEqualTo(DifferenceType.DIFFERENCE_TYPE_REMOVED);
        assertThat(
                        differences(
                                DiffRequest.newBuilder()
                                        .setResourceType(DEVICE)
                                        .setResourceId(thereAndBack)
                                        .setFromVersion(1)
                                        .setToVersion(2)))
                .containsOnlyKeys(thereAndBack);
        assertThat(
                        differences(
                                DiffRequest.newBuilder()
                                        .setResourceType(DEVICE)
                                        .setResourceId(kept)
                                        .setFromVersion(1)))
                .isEmpty();
        assertThatCall(
                        () ->
                                differences(
                                        DiffRequest.newBuilder()
                                                .setResourceType(DEVICE)
                                                .setResourceId(kept)
                                                .setFromVersion(1)
                                                .setToVersion(7)))
                .hasStatus(Status.Code.NOT_FOUND, kept, "no version 7: its last is 1");
    }

    private Map<String, ResourceDifference> differences(DiffRequest.Builder request) {
        Map<String, ResourceDifference> all = new TreeMap<>();
        String token = "";
        do {
            var page = service.history().diff(request.setPageToken(token).build());
            page.getDifferencesList().forEach(each -> all.put(each.getResourceId(), each));
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }

    /** A transaction that has drawn its place in the order and goes on for as long as it likes. */
    @Test
    void whatCommitsLateIsMissedByNoReader() throws Exception {
        String late = device("Hall");
        String early = device("Roof");
        String start = resumeToken();
        try (Connection open = service.connect()) {
            open.setAutoCommit(false);
            execute(open, "UPDATE end_devices SET name = 'late' WHERE device_id = ?", late);
            execute(open, "SET CONSTRAINTS ALL IMMEDIATE");
            rename(early, "early");
            ListChangesRequest.Builder tail =
                    ListChangesRequest.newBuilder()
                            .setOrganizationId(organization)
                            .setPageToken(start);
            CompletableFuture<List<Change>> listed =
                    CompletableFuture.supplyAsync(
                            () -> service.history().listChanges(tail.build()).getChangesList());
            CompletableFuture<EndDevice> seen =
                    CompletableFuture.supplyAsync(() -> deviceAt(late, Timestamps.MAX_VALUE));
            await().atMost(Duration.ofSeconds(30)).until(() -> waitingForTheBarrier() == 2);
            assertThat(listed).isNotDone();

            open.commit();

            assertThat(listed.get(30, TimeUnit.SECONDS))
                    .extracting(Change::getNewValue)
                    .containsExactly(text("late"), text("early"));
            assertThat(seen.get(30, TimeUnit.SECONDS).getName()).isEqualTo("late");
        }
    }

    /**
     * One that is open, and is not committing, holds nobody up, and gets its place when it does.
     */
    @Test
    void whatIsStillOpenComesAfterWhatWasListed() throws Exception {
        String late = device("Hall");
        String early = device("Roof");
        String start = resumeToken();
        ListChangesRequest.Builder tail =
                ListChangesRequest.newBuilder().setOrganizationId(organization);
        try (Connection open = service.connect()) {
            open.setAutoCommit(false);
            execute(open, "UPDATE end_devices SET name = 'late' WHERE device_id = ?", late);
            rename(early, "early");
            Timestamp meanwhile = now();
            ListChangesResponse first =
                    service.history().listChanges(tail.setPageToken(start).build());
            assertThat(first.getChangesList())
                    .extracting(Change::getNewValue)
                    .containsExactly(text("early"));
            assertThat(first.getNextPageToken()).isEmpty();

            open.commit();

            ListChangesResponse second =
                    service.history()
                            .listChanges(tail.setPageToken(first.getResumeToken()).build());
            assertThat(second.getChangesList())
                    .extracting(Change::getNewValue)
                    .containsExactly(text("late"));
            assertThat(
                            service.history()
                                    .listChanges(tail.setPageToken(second.getResumeToken()).build())
                                    .getChangesList())
                    .isEmpty();
            assertThat(deviceAt(late, meanwhile).getName())
                    .as("what was said of a moment stays so")
                    .isEqualTo("Hall");
        }
    }

    private String resumeToken() {
        ListChangesResponse page =
                service.history()
                        .listChanges(
                                ListChangesRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .build());
        assertThat(page.getNextPageToken()).isEmpty();
        return page.getResumeToken();
    }

    private long waitingForTheBarrier() throws SQLException {
        return Long.parseLong(
                service.query(
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                                + " AND (classid::bigint << 32) + objid::bigint = 8101815653933215597"));
    }

    /** By several at once, while a reader goes on from page to page: each change once, in order. */
    @Test
    void aReaderThatGoesOnMissesNothingOfWritersAtOnce() throws Exception {
        int writers = 4;
        int each = 40;
        List<String> devices = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            devices.add(device("device"));
        }
        String token = resumeToken();
        List<CompletableFuture<Void>> writing = new ArrayList<>();
        for (String device : devices) {
            writing.add(
                    CompletableFuture.runAsync(
                            () -> {
                                for (int i = 0; i < each; i++) {
                                    rename(device, "name " + i);
                                }
                            }));
        }
        CompletableFuture<Void> written =
                CompletableFuture.allOf(writing.toArray(CompletableFuture[]::new));
        List<Change> seen = new ArrayList<>();
        while (true) {
            boolean isWritten = written.isDone();
            ListChangesResponse page =
                    service.history()
                            .listChanges(
                                    ListChangesRequest.newBuilder()
                                            .setOrganizationId(organization)
                                            .setPageSize(7)
                                            .setPageToken(token)
                                            .build());
            seen.addAll(page.getChangesList());
            token = page.getResumeToken();
            if (isWritten && page.getChangesCount() == 0) {
                break;
            }
        }
        written.get();
        assertThat(seen).hasSize(writers * each);
        for (String device : devices) {
            assertThat(seen)
                    .filteredOn(change -> change.getResourceId().equals(device))
                    .extracting(change -> change.getNewValue().getStringValue())
                    .containsExactlyElementsOf(
                            java.util.stream.IntStream.range(0, each)
                                    .mapToObj(i -> "name " + i)
                                    .toList());
        }
    }

    /** What was done, and what was seen after each, of a few devices, by the service and by SQL. */
    @Test
    void everyMomentOfARandomHistoryIsSeenAgain() throws Exception {
        Random random = new Random(14);
        List<String> devices = new ArrayList<>();
        Map<String, TreeMap<Instant, Optional<EndDevice>>> seen = new TreeMap<>();
        for (int step = 0; step < 120; step++) {
            if (devices.size() < 6 && random.nextInt(4) == 0 || devices.isEmpty()) {
                devices.add(device("device " + step));
            }
            String device = devices.get(random.nextInt(devices.size()));
            Optional<EndDevice> before = find(device);
            switch (random.nextInt(6)) {
                case 0 ->
                        execute(
                                "UPDATE end_devices SET name = ? WHERE device_id = ?",
                                "by hand " + random.nextInt(3),
                                device);
                case 1 ->
                        execute(
                                before.isPresent()
                                        ? "UPDATE end_devices SET deleted_at = now() WHERE device_id = ?"
                                        : "UPDATE end_devices SET deleted_at = NULL WHERE device_id = ?",
                                device);
                case 2 -> {
                    if (before.isPresent()) {
                        delete(device);
                    }
                }
                default -> {
                    if (before.isPresent()) {
                        service.devices()
                                .updateEndDevice(
                                        UpdateEndDeviceRequest.newBuilder()
                                                .setDeviceId(device)
                                                .setName("name " + random.nextInt(3))
                                                .setPayloadConversion(
                                                        random.nextBoolean() ? "{}" : "")
                                                .setExternalId(random.nextBoolean() ? "" : device)
                                                .build());
                    }
                }
            }
            Timestamp now = now();
            for (String each : devices) {
                seen.computeIfAbsent(each, id -> new TreeMap<>())
                        .put(Instant.ofEpochSecond(now.getSeconds(), now.getNanos()), find(each));
            }
        }
        for (Map.Entry<String, TreeMap<Instant, Optional<EndDevice>>> of : seen.entrySet()) {
            for (Map.Entry<Instant, Optional<EndDevice>> then : of.getValue().entrySet()) {
                GetAtRequest request =
                        at(DEVICE, of.getKey())
                                .setTime(
                                        Timestamp.newBuilder()
                                                .setSeconds(then.getKey().getEpochSecond())
                                                .setNanos(then.getKey().getNano()))
                                .build();
                if (then.getValue().isPresent()) {
                    assertThat(service.history().getAt(request).getResource().getEndDevice())
                            .as("at %s", then.getKey())
                            .isEqualTo(then.getValue().get());
                } else {
                    assertThatCall(() -> service.history().getAt(request))
                            .hasStatus(Status.Code.NOT_FOUND, "was deleted then");
                }
            }
        }
        assertThat(
                        service.query(
                                "SELECT count(*) FROM end_devices AS kept, LATERAL (SELECT"
                                        + " registry_state(step ORDER BY resource_version) AS state,"
                                        + " max(resource_version) AS last, count(*) AS events"
                                        + " FROM registry_steps WHERE resource_type = 'end_device'"
                                        + " AND resource_id = kept.device_id) AS folded"
                                        + " WHERE kept.organization_id = '"
                                        + organization
                                        + "' AND (to_jsonb(kept) - '{version,revision}'::text[]"
                                        + " <> to_jsonb(jsonb_populate_record(NULL::end_devices, state))"
                                        + " - '{version,revision}'::text[]"
                                        + " OR kept.revision <> last OR last <> events)"))
                .isEqualTo("0");
        assertThat(
                        listAt(
                                ListAtRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setResourceType(DEVICE)))
                .extracting(Resource::getEndDevice)
                .containsExactlyInAnyOrderElementsOf(
                        devices.stream().map(this::find).flatMap(Optional::stream).toList());
    }

    private Optional<EndDevice> find(String device) {
        try {
            return Optional.of(get(device));
        } catch (io.grpc.StatusRuntimeException e) {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
            return Optional.empty();
        }
    }

    @Test
    void whatWasCompactedIsOutOfRange() throws Exception {
        String id = device("Hall");
        Timestamp before = now();
        rename(id, "Roof");
        rename(id, "Cellar");
        // What the compaction does: one event of the last version, with what all came to.
        try (Connection connection = service.connect()) {
            connection.setAutoCommit(false);
            execute(connection, "SET LOCAL ponix.compacting = 'on'");
            execute(
                    connection,
                    "CREATE TEMPORARY TABLE compacted ON COMMIT DROP AS SELECT resource_type,"
                            + " resource_id, max(resource_version) AS version,"
                            + " max(organization_id) AS organization_id, max(change_id) AS change_id,"
                            + " registry_state(step ORDER BY resource_version) AS state,"
                            + " max(event_time) AS event_time FROM registry_steps"
                            + " WHERE resource_type = 'end_device' AND resource_id = ?"
                            + " GROUP BY resource_type, resource_id",
                    id);
            execute(
                    connection,
                    "DELETE FROM registry_events WHERE resource_type = 'end_device' AND"
                            + " resource_id = ?",
                    id);
            execute(
                    connection,
                    "INSERT INTO registry_events SELECT resource_type, resource_id, version,"
                            + " organization_id, change_id, 'compacted', NULL, NULL, state, event_time,"
                            + " NULL FROM compacted");
            connection.commit();
        }
        rename(id, "Attic");

        assertThat(version(id, 3).getEndDevice().getName()).isEqualTo("Cellar");
        assertThat(version(id, 4).getEndDevice().getName()).isEqualTo("Attic");
        assertThat(deviceAt(id, now())).isEqualTo(get(id));
        assertThatCall(() -> version(id, 2))
                .hasStatus(Status.Code.OUT_OF_RANGE, id, "is kept from", "with version 3");
        assertThatCall(() -> deviceAt(id, before))
                .hasStatus(Status.Code.OUT_OF_RANGE, id, "is kept from");
        assertThatCall(
                        () ->
                                listAt(
                                        ListAtRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setTime(before)))
                .hasStatus(Status.Code.OUT_OF_RANGE, "is kept from");
        assertThat(
                        listAt(
                                ListAtRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setTime(now())))
                .hasSize(2);
        assertThatCall(
                        () ->
                                differences(
                                        DiffRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setFromTime(before)))
                .hasStatus(Status.Code.OUT_OF_RANGE, "is kept from");
        assertThatCall(
                        () ->
                                differences(
                                        DiffRequest.newBuilder()
                                                .setResourceType(DEVICE)
                                                .setResourceId(id)
                                                .setFromVersion(1)))
                .hasStatus(Status.Code.OUT_OF_RANGE, id, "with version 3");
        assertThat(changes(of(DEVICE, id)))
                .extracting(Change::getType)
                .containsExactly(ChangeType.CHANGE_TYPE_COMPACTED, ChangeType.CHANGE_TYPE_CHANGED);
    }

    @Test
    void requestsThatMeanNothingAreRefused() {
        assertThatCall(() -> service.history().getAt(at(DEVICE, "a").build()))
                .hasStatus(Status.Code.INVALID_ARGUMENT, "One of time and version must be given");
        assertThatCall(() -> service.history().getAt(at(DEVICE, "a").setVersion(0).build()))
                .hasStatus(Status.Code.INVALID_ARGUMENT, "A version is 1 or more");
        assertThatCall(
                        () ->
                                service.history()
                                        .getAt(
                                                at(DEVICE, "a")
                                                        .setTime(
                                                                Timestamp.newBuilder()
                                                                        .setSeconds(Long.MAX_VALUE))
                                                        .build()))
                .hasStatus(Status.Code.INVALID_ARGUMENT, "time is no time");
        assertThatCall(
                        () ->
                                service.history()
                                        .getAt(
                                                GetAtRequest.newBuilder()
                                                        .setResourceId("a")
                                                        .setVersion(1)
                                                        .build()))
                .hasStatus(Status.Code.INVALID_ARGUMENT, "Resource type");
        assertThatCall(() -> changes(ListChangesRequest.newBuilder().setResourceId("a")))
                .hasStatus(Status.Code.INVALID_ARGUMENT, "resource_id needs resource_type");
        assertThatCall(() -> changes(ListChangesRequest.newBuilder().addTypesValue(9)))
                .hasStatus(Status.Code.INVALID_ARGUMENT, "types of changes");
        assertThatCall(
                        () ->
                                differences(
                                        DiffRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setFromVersion(1)))
                .hasStatus(Status.Code.INVALID_ARGUMENT, "of one resource");
        assertThatCall(() -> differences(DiffRequest.newBuilder().setOrganizationId(organization)))
                .hasStatus(Status.Code.INVALID_ARGUMENT, "from_time and from_version");
        for (String token :
                List.of("no token", "MTox", "OTo5OjE6YQ", "OTk5OTk5OTk5OTk5OTk5OTk5OTk6MTox")) {
            assertThatCall(
                            () ->
                                    service.history()
                                            .listChanges(
                                                    ListChangesRequest.newBuilder()
                                                            .setPageToken(token)
                                                            .build()))
                    .hasStatus(Status.Code.INVALID_ARGUMENT, "Page token");
            assertThatCall(
                            () ->
                                    service.history()
                                            .listAt(
                                                    ListAtRequest.newBuilder()
                                                            .setPageToken(token)
                                                            .build()))
                    .hasStatus(Status.Code.INVALID_ARGUMENT, "Page token");
        }
    }

    @Test
    void theCallsOfTheDocumentWork() throws Exception {
        String device = device("Hall");
        Map<String, Descriptors.MethodDescriptor> methods = new TreeMap<>();
        ServiceMethods calls = new ServiceMethods(service.channel());
        for (Descriptors.MethodDescriptor method : calls.all()) {
            methods.put(method.getService().getFullName() + "/" + method.getName(), method);
        }
        List<String> called = new ArrayList<>();
        Matcher lines =
                Pattern.compile(
                                "grpcurl -plaintext -d '([^']*)'\\s+(?:\\\\\\s+)?localhost:50051 (\\S+)")
                        .matcher(Files.readString(Path.of("../docs/history.md")));
        while (lines.find()) {
            Descriptors.MethodDescriptor method = methods.get(lines.group(2));
            DynamicMessage.Builder request = DynamicMessage.newBuilder(method.getInputType());
            JsonFormat.parser()
                    .merge(
                            lines.group(1)
                                    .replace("DEVICE_ID", device)
                                    .replace("org-001", organization),
                            request);
            calls.call(method, request.build());
            called.add(method.getName());
        }
        assertThat(called).contains("ListChanges", "GetAt", "ListAt", "Diff", "Restore").hasSize(7);
    }
}
