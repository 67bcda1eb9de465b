package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Value;
import com.google.rpc.BadRequest;
import io.grpc.Status.Code;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UndeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.history.v1.Change;
import io.ponix.proto.history.v1.CreateSnapshotRequest;
import io.ponix.proto.history.v1.DiffRequest;
import io.ponix.proto.history.v1.FieldDifference;
import io.ponix.proto.history.v1.GetAtRequest;
import io.ponix.proto.history.v1.ListChangesRequest;
import io.ponix.proto.history.v1.ResourceType;
import io.ponix.proto.history.v1.RestoreRequest;
import io.ponix.proto.history.v1.RestoreSnapshotRequest;
import io.ponix.proto.history.v1.SnapshotServiceGrpc;
import io.ponix.proto.host.v1.AddHostRequest;
import io.ponix.proto.host.v1.Host;
import io.ponix.proto.host.v1.HostServiceGrpc;
import io.ponix.proto.host.v1.ListHostsRequest;
import io.ponix.proto.host.v1.UpdateHostRequest;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.CreateOrganizationResponse;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import io.ponix.proto.organization.v1.Organization;
import io.ponix.proto.organization.v1.UpdateOrganizationRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of something that is registered: its description and its labels. */
@ExtendWith(ServiceUnderTest.Shared.class)
class LabelsITCase {

    private static final String KEYS =
            "Keys of labels have 1 to 63 lower-case letters, digits, '-', '_', '.' and '/', with a"
                    + " letter or a digit at both ends, such as site or example.com/team";
    private static final String VALUES =
            "Values of labels have at most 63 characters, none of them a control character";

    private static ServiceUnderTest service;

    private String organization;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @BeforeEach
    void register() {
        organization = service.organization("Labels");
    }

    private EndDevice device(String name, Map<String, String> labels) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .setDescription("The " + name)
                                .putAllLabels(labels)
                                .build())
                .getEndDevice();
    }

    private static UpdateEndDeviceRequest.Builder of(EndDevice device) {
        return UpdateEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId());
    }

    private static EndDevice update(UpdateEndDeviceRequest.Builder request) {
        return service.devices().updateEndDevice(request.build()).getEndDevice();
    }

    private static FieldMask mask(String... paths) {
        return FieldMask.newBuilder().addAllPaths(List.of(paths)).build();
    }

    @Test
    void whatIsSaidOfADeviceIsReplacedChangedAndCleared() {
        EndDevice device = device("pump", Map.of("site", "north", "team", "a"));
        assertThat(device.getDescription()).isEqualTo("The pump");
        assertThat(device.getLabelsMap()).isEqualTo(Map.of("site", "north", "team", "a"));

        assertThat(update(of(device).setName("Pump")).getLabelsMap())
                .as("an older client's update")
                .isEqualTo(device.getLabelsMap());
        EndDevice replaced = update(of(device).putLabels("site", "south").setDescription(""));
        assertThat(replaced.getLabelsMap()).isEqualTo(Map.of("site", "south"));
        assertThat(replaced.getDescription()).isEmpty();
        EndDevice changed =
                update(
                        of(device)
                                .putLabels("example.com/floor", "3")
                                .putLabels("not", "named")
                                .setUpdateMask(mask("labels.example.com/floor", "labels.none")));
        assertThat(changed.getLabelsMap())
                .isEqualTo(Map.of("site", "south", "example.com/floor", "3"));
        EndDevice taken = update(of(device).setUpdateMask(mask("labels.site")));
        assertThat(taken.getLabelsMap()).isEqualTo(Map.of("example.com/floor", "3"));
        assertThat(update(of(device).setUpdateMask(mask("labels", "labels.x"))).getLabelsMap())
                .isEmpty();
        assertThat(
                        update(of(device).putLabels("only", "").setUpdateMask(mask("labels.only")))
                                .getLabelsMap())
                .isEqualTo(Map.of("only", ""));
        assertThat(update(of(device).setUpdateMask(mask("labels.only"))).getLabelsMap()).isEmpty();
    }

    @Test
    void whatIsSaidAlreadyIsNoEvent() {
        EndDevice device = device("pump", Map.of("b", "2", "a", "1"));

        assertThat(
                        update(
                                of(device)
                                        .putLabels("a", "1")
                                        .putLabels("b", "2")
                                        .setDescription("The pump")))
                .isEqualTo(device);
        assertThat(
                        update(
                                of(device)
                                        .putLabels("a", "1")
                                        .setUpdateMask(mask("labels.a", "labels.none"))))
                .isEqualTo(device);
    }

    @Test
    void everyKindHasWhatIsSaidOfIt() {
        Map<String, String> labels = Map.of("site", "north", "team", "a");
        Map<String, String> changed = Map.of("site", "south", "team", "a");
        CreateOrganizationResponse created =
                service.organizations()
                        .createOrganization(
                                CreateOrganizationRequest.newBuilder()
                                        .setName("Acme")
                                        .setDescription("Pumps")
                                        .putAllLabels(labels)
                                        .build());
        assertThat(created.getDescription()).isEqualTo("Pumps");
        assertThat(created.getLabelsMap()).isEqualTo(labels);
        Organization acme =
                service.organizations()
                        .updateOrganization(
                                UpdateOrganizationRequest.newBuilder()
                                        .setOrganizationId(created.getOrganizationId())
                                        .putLabels("site", "south")
                                        .setUpdateMask(mask("description", "labels.site"))
                                        .build())
                        .getOrganization();
        assertThat(acme)
                .isEqualTo(
                        service.organizations()
                                .getOrganization(
                                        GetOrganizationRequest.newBuilder()
                                                .setOrganizationId(acme.getId())
                                                .build())
                                .getOrganization());
        assertThat(acme.getDescription()).isEmpty();
        assertThat(acme.getLabelsMap()).isEqualTo(changed);

        EndDeviceDefinition meter =
                service.definitions()
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Meter")
                                        .setDescription("Of heat")
                                        .putAllLabels(labels)
                                        .addContracts(
                                                PayloadContract.newBuilder()
                                                        .setMatchExpression("true")
                                                        .setTransformExpression("{'a': 1}")
                                                        .setJsonSchema("{}"))
                                        .build())
                        .getEndDeviceDefinition();
        assertThat(meter.getDescription()).isEqualTo("Of heat");
        assertThat(meter.getLabelsMap()).isEqualTo(labels);
        EndDeviceDefinition changedMeter =
                service.definitions()
                        .updateEndDeviceDefinition(
                                UpdateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setId(meter.getId())
                                        .putLabels("site", "south")
                                        .setUpdateMask(mask("description", "labels.site"))
                                        .build())
                        .getEndDeviceDefinition();
        assertThat(changedMeter)
                .isEqualTo(
                        meter.toBuilder()
                                .clearDescription()
                                .putAllLabels(changed)
                                .setEtag("3")
                                .setUpdatedAt(changedMeter.getUpdatedAt())
                                .build());

        Gateway gateway =
                service.gateways()
                        .createGateway(
                                CreateGatewayRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Roof")
                                        .setDescription("On the roof")
                                        .putAllLabels(labels)
                                        .build())
                        .getGateway();
        assertThat(gateway.getDescription()).isEqualTo("On the roof");
        assertThat(gateway.getLabelsMap()).isEqualTo(labels);
        Gateway changedGateway =
                service.gateways()
                        .updateGateway(
                                UpdateGatewayRequest.newBuilder()
                                        .setGatewayId(gateway.getGatewayId())
                                        .putLabels("site", "south")
                                        .setUpdateMask(mask("description", "labels.site"))
                                        .build())
                        .getGateway();
        assertThat(changedGateway)
                .isEqualTo(
                        gateway.toBuilder()
                                .clearDescription()
                                .putAllLabels(changed)
                                .setEtag("3")
                                .setUpdatedAt(changedGateway.getUpdatedAt())
                                .build());

        HostServiceGrpc.HostServiceBlockingStub hosts =
                HostServiceGrpc.newBlockingStub(service.channel());
        Host host =
                hosts.addHost(
                                AddHostRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setIpAddress("10.0.0.1")
                                        .setHostname("a")
                                        .putAllLabels(labels)
                                        .build())
                        .getHost();
        assertThat(host.getLabelsMap()).isEqualTo(labels);
        Host changedHost =
                hosts.updateHost(
                                UpdateHostRequest.newBuilder()
                                        .setHostId(host.getHostId())
                                        .putLabels("site", "south")
                                        .setUpdateMask(mask("labels.site"))
                                        .build())
                        .getHost();
        assertThat(changedHost)
                .isEqualTo(
                        host.toBuilder()
                                .putAllLabels(changed)
                                .setEtag("2")
                                .setUpdatedAt(changedHost.getUpdatedAt())
                                .build());
        ListHostsRequest.Builder listing =
                ListHostsRequest.newBuilder().setOrganizationId(organization);
        assertThat(hosts.listHosts(listing.putLabels("site", "south").build()).getHostsList())
                .containsExactly(changedHost);
        assertThat(hosts.listHosts(listing.putLabels("team", "b").build()).getHostsList())
                .isEmpty();
    }

    @Test
    void whatIsNoLabelIsRefusedWithItsField() {
        EndDevice device = device("pump", Map.of());
        for (String key :
                List.of("", "Site", "-a", "a-", "a b", "ü", "a\n", "a".repeat(64), "site:a")) {
            assertRefused(of(device).putLabels(key, "x"), "labels", KEYS);
        }
        for (String value : List.of("a\nb", "\u007f", "ü".repeat(64))) {
            assertRefused(of(device).putLabels("a", value), "labels", VALUES);
        }
        UpdateEndDeviceRequest.Builder many = of(device);
        for (int i = 0; i < 65; i++) {
            many.putLabels("key" + i, "");
        }
        assertRefused(many, "labels", "There are at most 64 labels: take some away");
        assertRefused(
                of(device).setDescription("ü".repeat(1_001)),
                "description",
                "Description has at most 1000 characters");
        assertRefused(
                of(device).setDescription("a\u0007"),
                "description",
                "Description must not contain control characters other than tabs and line breaks");
        assertThatCall(() -> update(of(device).setUpdateMask(mask("labels.Site"))))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "update_mask has 'labels.Site', which is no field to change",
                        "labels.KEY is the label of that key");

        EndDevice most =
                update(many.removeLabels("key64").setDescription("\u00fc\t\n".repeat(333)));
        assertThat(most.getLabelsCount()).isEqualTo(64);
        assertThat(update(of(device).putLabels("a".repeat(63), "ü".repeat(63))).getLabelsCount())
                .isEqualTo(1);
    }

    private static void assertRefused(
            UpdateEndDeviceRequest.Builder request, String field, String message) {
        assertThatCall(() -> update(request))
                .hasStatus(Code.INVALID_ARGUMENT, message)
                .hasDetail(
                        BadRequest.class,
                        details ->
                                assertThat(details.getFieldViolationsList())
                                        .extracting(
                                                BadRequest.FieldViolation::getField,
                                                BadRequest.FieldViolation::getDescription)
                                        .contains(tuple(field, message)));
    }

    @Test
    void thereAreNoMoreLabelsThanThereMayBeHoweverTheyAreAdded() {
        Map<String, String> most = new TreeMap<>();
        for (int i = 0; i < 64; i++) {
            most.put("key" + i, "");
        }
        EndDevice device = device("pump", most);
        String message = "There would be 65 labels, and there are at most 64: take some away";

        assertRefused(
                of(device).putLabels("more", "").setUpdateMask(mask("labels.more")),
                "labels",
                message);
        assertThat(
                        update(
                                        of(device)
                                                .putLabels("more", "")
                                                .setUpdateMask(mask("labels.more", "labels.key0")))
                                .getLabelsCount())
                .isEqualTo(64);
    }

    @Test
    void theHistoryKnowsWhatWasSaid() {
        EndDevice device = device("pump", Map.of("site", "north"));
        update(
                of(device)
                        .setDescription("A pump")
                        .putLabels("team", "a")
                        .setUpdateMask(mask("description", "labels.team")));
        EndDevice last = update(of(device).setUpdateMask(mask("description", "labels")));
        assertThat(last.getEtag()).isEqualTo("5");

        List<Change> changes =
                service.history()
                        .listChanges(
                                ListChangesRequest.newBuilder()
                                        .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                                        .setResourceId(device.getDeviceId())
                                        .build())
                        .getChangesList();
        assertThat(changes)
                .extracting(Change::getVersion, Change::getField)
                .containsExactlyInAnyOrder(
                        tuple(1L, ""),
                        tuple(2L, "description"),
                        tuple(3L, "labels"),
                        tuple(4L, "description"),
                        tuple(5L, "labels"));
        Change third =
                changes.stream().filter(each -> each.getVersion() == 3).findFirst().orElseThrow();
        assertThat(texts(third.getOldValue())).isEqualTo(Map.of("site", "north"));
        assertThat(texts(third.getNewValue())).isEqualTo(Map.of("site", "north", "team", "a"));
        assertThat(
                        service.history()
                                .getAt(
                                        GetAtRequest.newBuilder()
                                                .setResourceType(
                                                        ResourceType.RESOURCE_TYPE_END_DEVICE)
                                                .setResourceId(device.getDeviceId())
                                                .setVersion(3)
                                                .build())
                                .getResource()
                                .getEndDevice()
                                .getLabelsMap())
                .isEqualTo(Map.of("site", "north", "team", "a"));
        assertThat(
                        service.history()
                                .diff(
                                        DiffRequest.newBuilder()
                                                .setResourceType(
                                                        ResourceType.RESOURCE_TYPE_END_DEVICE)
                                                .setResourceId(device.getDeviceId())
                                                .setFromVersion(1)
                                                .setToVersion(5)
                                                .build())
                                .getDifferences(0)
                                .getFieldsList())
                .extracting(FieldDifference::getField, FieldDifference::hasNewValue)
                .containsExactly(tuple("description", false), tuple("labels", false));

        EndDevice restored =
                service.history()
                        .restore(
                                RestoreRequest.newBuilder()
                                        .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                                        .setResourceId(device.getDeviceId())
                                        .setVersion(3)
                                        .build())
                        .getResource()
                        .getEndDevice();
        assertThat(restored.getDescription()).isEqualTo("A pump");
        assertThat(restored.getLabelsMap()).isEqualTo(Map.of("site", "north", "team", "a"));

        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .build());
        EndDevice undeleted =
                service.devices()
                        .undeleteEndDevice(
                                UndeleteEndDeviceRequest.newBuilder()
                                        .setDeviceId(device.getDeviceId())
                                        .build())
                        .getEndDevice();
        assertThat(undeleted.getDescription()).isEqualTo("A pump");
        assertThat(undeleted.getLabelsMap()).isEqualTo(restored.getLabelsMap());
    }

    private static Map<String, String> texts(Value value) {
        return value.getStructValue().getFieldsMap().entrySet().stream()
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey, each -> each.getValue().getStringValue()));
    }

    @Test
    void aSnapshotHasWhatIsSaid() {
        EndDevice device = device("pump", Map.of("site", "north"));
        SnapshotServiceGrpc.SnapshotServiceBlockingStub snapshots =
                SnapshotServiceGrpc.newBlockingStub(service.channel());
        String snapshot =
                snapshots
                        .createSnapshot(
                                CreateSnapshotRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .build())
                        .getSnapshot()
                        .getSnapshotId();
        update(of(device).setUpdateMask(mask("description", "labels")));

        snapshots.restoreSnapshot(
                RestoreSnapshotRequest.newBuilder().setSnapshotId(snapshot).build());

        EndDevice restored = update(of(device));
        assertThat(restored.getDescription()).isEqualTo("The pump");
        assertThat(restored.getLabelsMap()).isEqualTo(Map.of("site", "north"));
    }

    @Test
    void whatWasKnownBeforeThereWereLabelsIsWhatItIs() throws SQLException {
        EndDevice device = device("pump", Map.of());
        update(of(device).setUpdateMask(mask("description")));
        execute("ALTER TABLE registry_events DISABLE TRIGGER USER");
        execute(
                "UPDATE registry_events SET new_value = new_value - '{description,labels}'::text[]"
                        + " WHERE event_type = 'created' AND resource_id = '"
                        + device.getDeviceId()
                        + "'");
        execute(
                "DELETE FROM registry_events WHERE event_type = 'changed' AND resource_id = '"
                        + device.getDeviceId()
                        + "'");
        execute("ALTER TABLE registry_events ENABLE TRIGGER USER");
        EndDevice named = update(of(device).setName("Pump").putLabels("a", "b"));
        service.history()
                .restore(
                        RestoreRequest.newBuilder()
                                .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                                .setResourceId(device.getDeviceId())
                                .setVersion(1)
                                .build());

        assertThat(named.getLabelsMap()).isEqualTo(Map.of("a", "b"));
        assertThat(update(of(device)).getLabelsMap()).isEmpty();
        assertThat(
                        service.history()
                                .diff(
                                        DiffRequest.newBuilder()
                                                .setResourceType(
                                                        ResourceType.RESOURCE_TYPE_END_DEVICE)
                                                .setResourceId(device.getDeviceId())
                                                .setFromVersion(1)
                                                .build())
                                .getDifferencesList())
                .isEmpty();
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"a\"", "{\"a\": 1}", "{\"a\": [\"b\"]}", "{\"a\": null}"})
    void whatIsWrittenBySqlAndIsNoLabelsIsRefused(String labels) {
        EndDevice device = device("pump", Map.of());

        assertThatThrownBy(
                        () ->
                                execute(
                                        "UPDATE end_devices SET labels = '"
                                                + labels
                                                + "' WHERE device_id = '"
                                                + device.getDeviceId()
                                                + "'"))
                .hasMessageContaining("end_devices_labels");
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " : ",
            quoteCharacter = '`',
            textBlock =
                    """
                    labels["site"] == "north" : a b
                    labels.site == 'north' : a b
                    'north' == labels.site : a b
                    labels.site != 'north' : c d
                    !(labels.site == 'north') : c d
                    labels.site == '' : d
                    'site' in labels : a b c
                    !('site' in labels) : d
                    has(labels.site) && !has(labels.team) : b c
                    labels['example.com/team'] in ['x', 'y'] : c
                    labels.site.startsWith('n') || 'team' in labels : a b
                    labels.site.lowerAscii().contains('out') : c
                    labels.site < 'north' : c d
                    description.contains('The a') : a
                    description == '' : d
                    description != '' && labels.team == '1' : a
                    """)
    void aListIsFilteredByWhatIsSaid(String filter, String expected) {
        device("a", Map.of("site", "north", "team", "1"));
        device("b", Map.of("site", "north"));
        device("c", Map.of("site", "South", "example.com/team", "x"));
        update(of(device("d", Map.of())).setUpdateMask(mask("description")));

        assertThat(names(filter)).isEqualTo(Set.of(expected.split(" ")));
    }

    private Set<String> names(String filter) {
        return service
                .devices()
                .listEndDevices(
                        ListEndDevicesRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setFilter(filter)
                                .build())
                .getEndDevicesList()
                .stream()
                .map(EndDevice::getName)
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    labels['x\\' OR true --'] == 'a' | no label has the key 'x' OR true --'
                    'Site' in labels                | no label has the key 'Site'
                    labels.Site == 'a'              | no label has the key 'Site'
                    name in labels                  | what is left of in labels has to be a key in quotes
                    labels[name] == 'a'             | one side of a comparison has to be a field
                    labels == {}                    | one side of a comparison has to be a field
                    labels.site == null             | found no matching overload
                    size(labels) > 1                | one side of a comparison has to be a field
                    """)
    void whatIsNoFilterOfLabelsIsRefused(String filter, String message) {
        assertThatCall(() -> names(filter)).hasStatus(Code.INVALID_ARGUMENT, message);
        assertThatCall(
                        () ->
                                service.devices()
                                        .listEndDevices(
                                                ListEndDevicesRequest.newBuilder()
                                                        .setOrganizationId(organization)
                                                        .setOrderBy("labels")
                                                        .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "There is no field 'labels' to order by");
    }
}
