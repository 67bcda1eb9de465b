package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.FieldMask;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.history.v1.Change;
import io.ponix.proto.history.v1.ChangeType;
import io.ponix.proto.history.v1.CreateSnapshotRequest;
import io.ponix.proto.history.v1.GetAtRequest;
import io.ponix.proto.history.v1.ListAtRequest;
import io.ponix.proto.history.v1.ListChangesRequest;
import io.ponix.proto.history.v1.Resource;
import io.ponix.proto.history.v1.ResourceType;
import io.ponix.proto.history.v1.RestoreRequest;
import io.ponix.proto.history.v1.RestoreSnapshotRequest;
import io.ponix.proto.history.v1.RestoredResource;
import io.ponix.proto.history.v1.Snapshot;
import io.ponix.proto.history.v1.SnapshotServiceGrpc;
import io.ponix.proto.host.v1.AddHostRequest;
import io.ponix.proto.host.v1.DeleteHostRequest;
import io.ponix.proto.host.v1.ExportHostsRequest;
import io.ponix.proto.host.v1.GetHostRequest;
import io.ponix.proto.host.v1.Host;
import io.ponix.proto.host.v1.HostFormat;
import io.ponix.proto.host.v1.HostServiceGrpc;
import io.ponix.proto.host.v1.ImportHostsRequest;
import io.ponix.proto.host.v1.ImportHostsResponse;
import io.ponix.proto.host.v1.ImportOutcome;
import io.ponix.proto.host.v1.ImportedLine;
import io.ponix.proto.host.v1.ListHostsRequest;
import io.ponix.proto.host.v1.ListHostsResponse;
import io.ponix.proto.host.v1.UndeleteHostRequest;
import io.ponix.proto.host.v1.UpdateHostRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The addresses and names of an organization's machines. */
@ExtendWith(ServiceUnderTest.Shared.class)
class HostServiceITCase {

    private static ServiceUnderTest service;
    private static HostServiceGrpc.HostServiceBlockingStub hosts;

    private String organization;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
        hosts = HostServiceGrpc.newBlockingStub(service.channel());
    }

    @BeforeEach
    void register() {
        organization = service.organization("Acme");
    }

    @Test
    void aHostIsAsItWasAdded() {
        String gateway = gateway();
        Host added =
                hosts.addHost(
                                add("192.168.1.10", "Gateway-1.example.com")
                                        .addAliases("gw1")
                                        .addAliases("GW1")
                                        .setComment(
                                                "  Dach, Süd 'nord\"; DROP TABLE hosts; -- 100 %  ")
                                        .addTags("prod")
                                        .addTags("Straße")
                                        .setGatewayId(gateway)
                                        .build())
                        .getHost();

        assertThat(added.getHostId()).matches("[0-9a-v]{20}");
        assertThat(added.getOrganizationId()).isEqualTo(organization);
        assertThat(added.getIpAddress()).isEqualTo("192.168.1.10");
        assertThat(added.getHostname()).isEqualTo("gateway-1.example.com");
        assertThat(added.getAliasesList()).containsExactly("gw1");
        assertThat(added.getComment())
                .isEqualTo("  Dach, Süd 'nord\"; DROP TABLE hosts; -- 100 %  ");
        assertThat(added.getTagsList()).containsExactly("prod", "Straße");
        assertThat(added.getGatewayId()).isEqualTo(gateway);
        assertThat(added.getEtag()).isEqualTo("1");
        assertThat(get(added)).isEqualTo(added);
        assertThat(list(listing())).containsExactly(added);
    }

    @Test
    void aHostMayBeAsLongAsThis() {
        List<String> many = IntStream.range(0, 50).mapToObj(each -> "n" + each).toList();
        String longest = "a".repeat(63) + "." + "b".repeat(63) + "." + "c".repeat(63) + ".d";
        Host added =
                hosts.addHost(
                                add("::1", longest)
                                        .addAllAliases(many)
                                        .addAllTags(many)
                                        .setComment("ü".repeat(10_000))
                                        .build())
                        .getHost();
        assertThat(get(added)).isEqualTo(added);
        assertThat(added.getComment()).hasSize(10_000);
        assertThat(added.getTagsCount()).isEqualTo(50);
    }

    @ParameterizedTest
    @CsvSource({
        "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "::ffff:10.0.0.1, 10.0.0.1",
        "10.0.0.1, 10.0.0.1",
        "fe80::0, 'fe80::'",
        "::a00:1, ::10.0.0.1",
        "::1:2, ::0.1.0.2"
    })
    void anAddressHasOneForm(String written, String kept) {
        assertThat(hosts.addHost(add(written, "a").build()).getHost().getIpAddress())
                .isEqualTo(kept);
        assertThatCall(() -> hosts.addHost(add(kept, "A").build()))
                .hasStatus(Code.ALREADY_EXISTS, kept);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.0.0", "10.0.0.256", "10.0.0.1/24", "fe80::1%eth0", "localhost", "1"})
    void whatIsNoAddressIsRefused(String address) {
        assertThatCall(() -> hosts.addHost(add(address, "a").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "IP address must be one of IPv4 or IPv6");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a-", "a..b", "a.", "a_b", "münchen", "a b", "*.example.com"})
    void whatIsNoNameIsRefused(String name) {
        assertThatCall(() -> hosts.addHost(add("10.0.0.1", name).build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Hostname must be labels of letters");
        assertThatCall(
                        () ->
                                hosts.addHost(
                                        add("10.0.0.1", "a")
                                                .addAliases("x")
                                                .addAliases(name)
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "must be labels of letters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a,b", "a;b", "[a", "a]", "a\nb", " a", "a\u2003"})
    void whatIsNoTagIsRefused(String tag) {
        assertThatCall(() -> hosts.addHost(add("10.0.0.1", "a").addTags(tag).build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Tags have 1 to 64 characters")
                .isOfField("tags");
    }

    @Test
    void aHostIsWhatItsOrganizationHas() {
        String gateway = gateway();
        String device = device();
        organization = service.organization("Other");
        assertThatCall(() -> hosts.addHost(add("10.0.0.1", "a").setGatewayId(gateway).build()))
                .hasStatus(Code.NOT_FOUND, "Gateway not found: " + gateway);
        assertThatCall(() -> hosts.addHost(add("10.0.0.1", "a").setDeviceId(device).build()))
                .hasStatus(Code.NOT_FOUND, "Device not found: " + device);
        assertThatCall(
                        () ->
                                hosts.addHost(
                                        add("10.0.0.1", "a")
                                                .setGatewayId(gateway())
                                                .setDeviceId(device())
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "a gateway or a device, not both")
                .isOfField("device_id");
        assertThatCall(
                        () ->
                                hosts.addHost(
                                        add("10.0.0.1", "a").setOrganizationId("nobody").build()))
                .hasStatus(Code.NOT_FOUND, "Organization not found: nobody")
                .hasReason("ORGANIZATION_NOT_FOUND", Map.of("organization_id", "nobody"));
        assertThat(list(listing())).isEmpty();
    }

    @Test
    void itIsStillChangedAfterItsDeviceWasDeleted() {
        String device = device();
        Host host = hosts.addHost(add("10.0.0.1", "a").setDeviceId(device).build()).getHost();
        service.devices()
                .deleteEndDevice(DeleteEndDeviceRequest.newBuilder().setDeviceId(device).build());

        Host changed = update(of(host).setComment("gone"));
        assertThat(changed.getDeviceId()).isEqualTo(device);
        assertThat(changed.getComment()).isEqualTo("gone");
        assertThat(update(of(changed).setDeviceId("")).getDeviceId()).isEmpty();
        assertThatCall(() -> update(of(changed).setDeviceId(device)))
                .hasStatus(Code.NOT_FOUND, device);
    }

    @Test
    void anAddressAndANameAreOfOneHostOfAnOrganization() {
        Host first = added("10.0.0.1", "a");
        added("10.0.0.1", "b");
        Host other = added("10.0.0.2", "a");

        assertThatCall(() -> added("10.0.0.1", "A"))
                .hasStatus(Code.ALREADY_EXISTS, "10.0.0.1", "a", organization)
                .hasReason("HOST_EXISTS", Map.of("ip_address", "10.0.0.1", "hostname", "a"));
        assertThatCall(() -> update(of(other).setIpAddress("10.0.0.1")))
                .hasStatus(Code.ALREADY_EXISTS, "10.0.0.1");
        delete(first);
        added("10.0.0.1", "a");
        organization = service.organization("Other");
        added("10.0.0.1", "a");
    }

    @Test
    void ofManyThatAddOrMoveToOneAddressAndNameAtOnceOneDoes() throws Exception {
        List<Host> others =
                IntStream.range(0, 4).mapToObj(each -> added("10.0.1." + each, "a")).toList();
        List<Callable<String>> calls = new ArrayList<>();
        for (Host other : others) {
            calls.add(() -> outcome(() -> added("10.0.0.1", "a")));
            calls.add(() -> outcome(() -> update(of(other).setIpAddress("10.0.0.1"))));
        }
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            List<String> outcomes = new ArrayList<>();
            for (Future<String> each : threads.invokeAll(calls)) {
                outcomes.add(each.get());
            }
            assertThat(outcomes).containsOnlyOnce("OK").containsOnly("OK", "ALREADY_EXISTS");
        } finally {
            threads.shutdownNow();
        }
        assertThat(list(listing().setIpFragment("10.0.0.1"))).hasSize(1);
    }

    private interface Call {
        Object make();
    }

    private static String outcome(Call call) {
        try {
            call.make();
            return "OK";
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode().name();
        }
    }

    @Test
    void eachChangedFieldIsAnEventAndNoChangeIsNone() {
        Host host = hosts.addHost(add("10.0.0.1", "a").setComment("old").build()).getHost();
        Host changed =
                update(of(host).setHostname("b").setComment("new").addTags("t").setReason("moved"));

        assertThat(changed.getEtag()).isEqualTo("4");
        assertThat(update(of(changed).setHostname("B").setComment("new"))).isEqualTo(changed);
        assertThat(changes(host))
                .extracting(Change::getVersion, Change::getField, Change::getReason)
                .containsExactly(
                        tuple(1L, "", ""),
                        tuple(2L, "comment", "moved"),
                        tuple(3L, "hostname", "moved"),
                        tuple(4L, "tags", "moved"));
        assertThat(changes(host).get(1).getOldValue().getStringValue()).isEqualTo("old");
    }

    @Test
    void whatAMaskNamesIsChangedAndCleared() {
        Host host =
                hosts.addHost(
                                add("10.0.0.1", "a")
                                        .setComment("a comment")
                                        .addTags("t")
                                        .addAliases("x")
                                        .build())
                        .getHost();
        Host cleared =
                update(
                        of(host).setIpAddress("10.0.0.9")
                                .setUpdateMask(
                                        FieldMask.newBuilder()
                                                .addPaths("comment")
                                                .addPaths("tags")
                                                .addPaths("aliases")));
        assertThat(cleared.getComment()).isEmpty();
        assertThat(cleared.getTagsList()).isEmpty();
        assertThat(cleared.getAliasesList()).isEmpty();
        assertThat(cleared.getIpAddress()).isEqualTo("10.0.0.1");

        assertThatCall(
                        () ->
                                update(
                                        of(host).setUpdateMask(
                                                        FieldMask.newBuilder().addPaths("etag"))))
                .hasStatus(Code.INVALID_ARGUMENT, "'etag'");
        assertThatCall(
                        () ->
                                update(
                                        of(host).setUpdateMask(
                                                        FieldMask.newBuilder()
                                                                .addPaths("hostname"))))
                .hasStatus(Code.INVALID_ARGUMENT, "Hostname must be");
        assertThat(update(of(host).setComment("   ")).getComment()).isEqualTo("   ");
    }

    @Test
    void whoExpectsAnotherStateIsRefused() {
        Host host = added("10.0.0.1", "a");
        Host changed = update(of(host).setComment("first").setEtag(host.getEtag()));

        assertThatCall(() -> update(of(host).setComment("second").setEtag(host.getEtag())))
                .hasStatus(Code.ABORTED, host.getHostId())
                .hasReason(
                        "ETAG_MISMATCH",
                        Map.of(
                                "id",
                                host.getHostId(),
                                "expected",
                                "1",
                                "actual",
                                changed.getEtag()));
        assertThatCall(
                        () ->
                                hosts.deleteHost(
                                        DeleteHostRequest.newBuilder()
                                                .setHostId(host.getHostId())
                                                .setEtag(host.getEtag())
                                                .build()))
                .hasStatus(Code.ABORTED);
        assertThat(get(host)).isEqualTo(changed);
    }

    @Test
    void aDeletedHostIsThereAgain() {
        Host host =
                hosts.addHost(
                                add("10.0.0.1", "a")
                                        .addAliases("x")
                                        .putLabels("site", "north")
                                        .setDeviceId(device())
                                        .build())
                        .getHost();
        UndeleteHostRequest undelete =
                UndeleteHostRequest.newBuilder().setHostId(host.getHostId()).build();
        assertThatCall(() -> hosts.undeleteHost(undelete))
                .hasStatus(Code.ALREADY_EXISTS, "Host is not deleted: " + host.getHostId())
                .hasReason("NOT_DELETED", Map.of("id", host.getHostId()));
        delete(host);
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(host.getDeviceId())
                                .build());
        Host other = added("10.0.0.1", "a");
        assertThatCall(() -> hosts.undeleteHost(undelete))
                .hasStatus(
                        Code.ALREADY_EXISTS,
                        "The address 10.0.0.1 and the name a are those of the host "
                                + other.getHostId())
                .hasReason(
                        "HOST_EXISTS",
                        Map.of(
                                "ip_address", "10.0.0.1",
                                "hostname", "a",
                                "host_id", other.getHostId()));
        delete(other);
        assertThatCall(() -> hosts.undeleteHost(undelete.toBuilder().setEtag("1").build()))
                .hasStatus(Code.ABORTED, host.getHostId());
        Host tried =
                hosts.undeleteHost(undelete.toBuilder().setValidateOnly(true).build()).getHost();
        assertThatCall(() -> get(host)).hasStatus(Code.NOT_FOUND, host.getHostId());

        Host undeleted =
                hosts.undeleteHost(undelete.toBuilder().setEtag("2").setReason("a mistake").build())
                        .getHost();

        assertThat(undeleted)
                .isEqualTo(
                        host.toBuilder()
                                .setEtag("3")
                                .setUpdatedAt(undeleted.getUpdatedAt())
                                .build())
                .isEqualTo(tried.toBuilder().setUpdatedAt(undeleted.getUpdatedAt()).build());
        assertThat(get(host)).isEqualTo(undeleted);
        assertThatCall(
                        () ->
                                hosts.undeleteHost(
                                        UndeleteHostRequest.newBuilder()
                                                .setHostId("nothing")
                                                .build()))
                .hasStatus(Code.NOT_FOUND, "Host not found: nothing");
    }

    @Test
    void nothingIsAppendedToADeletedHost() {
        Host host = added("10.0.0.1", "a");
        delete(host);

        String id = host.getHostId();
        assertThatCall(() -> get(host))
                .hasStatus(Code.NOT_FOUND, "Host not found: " + id)
                .hasReason("HOST_NOT_FOUND", Map.of("host_id", id));
        assertThatCall(() -> update(of(host).setComment("again"))).hasStatus(Code.NOT_FOUND, id);
        assertThatCall(() -> delete(host)).hasStatus(Code.NOT_FOUND, id);
        assertThat(list(listing())).isEmpty();
        assertThat(changes(host))
                .extracting(Change::getType)
                .containsExactly(ChangeType.CHANGE_TYPE_CREATED, ChangeType.CHANGE_TYPE_DELETED);
    }

    @Test
    void aListIsByNumberOfTheAddressAndThenByTheName() {
        List.of(
                        "2001:db8::1 a",
                        "10.0.0.10 a",
                        "::1 a",
                        "10.0.0.2 b",
                        "10.0.0.2 a-b",
                        "10.0.0.2 a.b",
                        "192.168.1.1 a",
                        "9.9.9.9 z")
                .forEach(each -> added(each.split(" ")[0], each.split(" ")[1]));
        List<String> inOrder =
                List.of(
                        "9.9.9.9 z",
                        "10.0.0.2 a-b",
                        "10.0.0.2 a.b",
                        "10.0.0.2 b",
                        "10.0.0.10 a",
                        "192.168.1.1 a",
                        "::1 a",
                        "2001:db8::1 a");
        assertThat(list(listing())).extracting(HostServiceITCase::named).isEqualTo(inOrder);

        // In pages, while others come and go.
        List<String> paged = new ArrayList<>();
        String token = "";
        do {
            ListHostsResponse page =
                    hosts.listHosts(listing().setPageSize(3).setPageToken(token).build());
            page.getHostsList().forEach(host -> paged.add(named(host)));
            token = page.getNextPageToken();
            delete(page.getHosts(page.getHostsCount() - 1));
            added("1.1.1." + paged.size(), "new");
        } while (!token.isEmpty());
        assertThat(paged).isEqualTo(inOrder);
        assertThatCall(() -> hosts.listHosts(listing().setPageToken("x").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Page token")
                .isOfField("page_token");
    }

    @Test
    void aSearchTakesEveryCharacterForItself() {
        hosts.addHost(add("10.0.0.1", "db-1").addAliases("Master").addTags("prod").build());
        hosts.addHost(add("10.0.1.1", "db-2").addTags("production").addTags("eu").build());
        hosts.addHost(add("2001:db8::10", "web").addTags("eu").build());

        assertThat(names(listing().setIpFragment("10.0"))).containsExactly("db-1", "db-2");
        assertThat(names(listing().setIpFragment("DB8"))).containsExactly("web");
        assertThat(names(listing().setNameFragment("DB"))).containsExactly("db-1", "db-2");
        assertThat(names(listing().setNameFragment("aste"))).containsExactly("db-1");
        assertThat(names(listing().addTags("prod"))).containsExactly("db-1");
        assertThat(names(listing().addTags("prod").addTags("eu")))
                .containsExactly("db-1", "db-2", "web");
        assertThat(names(listing().addTags("PROD"))).isEmpty();
        assertThat(names(listing().setNameFragment("db").addTags("eu"))).containsExactly("db-2");
        assertThat(names(listing().setNameFragment("d%2"))).isEmpty();
        assertThat(names(listing().setNameFragment("d_-"))).isEmpty();
        assertThat(names(listing().setNameFragment("\\"))).isEmpty();
        assertThat(names(listing().setNameFragment("'; DROP TABLE hosts; --"))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = HostFormat.class,
            names = {"HOST_FORMAT_HOSTS", "HOST_FORMAT_JSON", "HOST_FORMAT_CSV"})
    void whatIsExportedIsImported(HostFormat format) {
        hosts.addHost(
                add("10.0.0.2", "b")
                        .addAliases("x")
                        .addAliases("y.z")
                        .setComment("[not a tag], \"quoted\"; # more")
                        .putLabels("site", "north;\\=")
                        .putLabels("example.com/team", "")
                        .build());
        hosts.addHost(
                add("::1", "a").setComment("Süd").addTags("one two").addTags("ü'%_\\").build());
        added("10.0.0.10", "c");
        String text = export(format);
        assertThat(export(format)).isEqualTo(text);
        List<Host> before = list(listing());
        boolean hasLabels = format != HostFormat.HOST_FORMAT_HOSTS;

        organization = service.organization("Other");
        ImportHostsResponse imported = imported(format, text);
        assertThat(imported.getApplied()).as("%s", imported).isTrue();
        assertThat(imported.getAddedCount()).isEqualTo(3);
        assertThat(export(format)).isEqualTo(text);
        assertThat(list(listing()))
                .extracting(
                        Host::getIpAddress,
                        Host::getHostname,
                        Host::getAliasesList,
                        Host::getComment,
                        Host::getTagsList,
                        Host::getLabelsMap)
                .isEqualTo(
                        before.stream()
                                .map(
                                        host ->
                                                tuple(
                                                        host.getIpAddress(),
                                                        host.getHostname(),
                                                        host.getAliasesList(),
                                                        host.getComment(),
                                                        host.getTagsList(),
                                                        hasLabels ? host.getLabelsMap() : Map.of()))
                                .toList());

        ImportHostsResponse again = imported(format, text);
        assertThat(again.getUnchangedCount()).isEqualTo(3);
        assertThat(list(listing())).extracting(Host::getEtag).containsOnly("1");
    }

    @Test
    void aHostsFileOfASystemIsImported() {
        String device = device();
        Host host = hosts.addHost(add("10.0.0.1", "db").setDeviceId(device).build()).getHost();
        ImportHostsResponse imported =
                imported(
                        HostFormat.HOST_FORMAT_HOSTS,
                        """
                        # Of the installer
                        127.0.0.1\tlocalhost

                        10.0.0.1   DB  master db.example.com  # [prod, eu] the first
                        ::1  localhost ip6-localhost#loopback
                        """);
        assertThat(imported.getApplied()).as("%s", imported).isTrue();
        assertThat(imported.getLinesList())
                .extracting(ImportedLine::getLine, ImportedLine::getOutcome)
                .containsExactly(
                        tuple(2, ImportOutcome.IMPORT_OUTCOME_ADDED),
                        tuple(4, ImportOutcome.IMPORT_OUTCOME_CHANGED),
                        tuple(5, ImportOutcome.IMPORT_OUTCOME_ADDED));
        Host changed = get(host);
        assertThat(changed.getAliasesList()).containsExactly("master", "db.example.com");
        assertThat(changed.getTagsList()).containsExactly("prod", "eu");
        assertThat(changed.getComment()).isEqualTo("the first");
        assertThat(changed.getDeviceId()).isEqualTo(device);
        assertThat(export(HostFormat.HOST_FORMAT_HOSTS))
                .isEqualTo(
                        """
                        10.0.0.1\tdb master db.example.com # [prod, eu] the first
                        127.0.0.1\tlocalhost
                        ::1\tlocalhost ip6-localhost # loopback
                        """);
    }

    @Test
    void whereALineIsRefusedNothingIsImportedAndEachLineSaysWhy() {
        added("10.0.0.1", "a");
        String text =
                """
                10.0.0.1 a # changed
                10.0.0.2 b
                10.0.0.300 c
                10.0.0.4
                10.0.0.2 B
                10.0.0.5 d_e
                """;
        ImportHostsResponse imported = imported(HostFormat.HOST_FORMAT_HOSTS, text);
        assertThat(imported.getApplied()).isFalse();
        assertThat(imported.getRefusedCount()).isEqualTo(4);
        assertThat(imported.getAddedCount()).isEqualTo(1);
        assertThat(imported.getChangedCount()).isEqualTo(1);
        assertThat(imported.getLinesList().subList(0, 4))
                .extracting(ImportedLine::getLine)
                .containsExactly(3, 4, 5, 6);
        assertThat(imported.getLines(0).getProblem()).contains("'10.0.0.300'");
        assertThat(imported.getLines(1).getProblem()).contains("name is missing");
        assertThat(imported.getLines(2).getProblem()).contains("earlier line");
        assertThat(imported.getLines(3).getProblem()).contains("'d_e'");
        assertThat(list(listing())).extracting(Host::getComment).containsExactly("");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HOST_FORMAT_JSON|[{]|not JSON",
                "HOST_FORMAT_JSON|{}|not a list",
                "HOST_FORMAT_JSON|''|not a list",
                "HOST_FORMAT_JSON|[] []|not JSON",
                "HOST_FORMAT_JSON|[{\"hostname\": \"a\", \"hostname\": \"b\"}]|Duplicate field",
                "HOST_FORMAT_CSV|'a,b'|columns that there are not: a, b",
                "HOST_FORMAT_CSV|'ip_address,ip_address'|not CSV"
            })
    void aTextThatIsNoneIsRefused(HostFormat format, String text, String message) {
        assertThatCall(() -> imported(format, text)).hasStatus(Code.INVALID_ARGUMENT, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HOST_FORMAT_JSON|[1]|not an object",
                "HOST_FORMAT_JSON|[{\"ip\": \"10.0.0.1\"}]|no field 'ip'",
                "HOST_FORMAT_JSON|[{\"ip_address\": 1}]|ip_address is not a text",
                "HOST_FORMAT_JSON|[{\"ip_address\": \"::1\", \"hostname\": \"a\", \"tags\": \"t\"}]|tags is not a list",
                "HOST_FORMAT_JSON|[{\"ip_address\": \"::1\", \"hostname\": \"a\", \"labels\": [\"t\"]}]|labels is not an object",
                "HOST_FORMAT_JSON|[{\"ip_address\": \"::1\", \"hostname\": \"a\", \"labels\": {\"A\": \"\"}}]|Keys of labels",
                "HOST_FORMAT_CSV|'ip_address,hostname,labels\n10.0.0.1,a,site'|'site' is no label",
                "HOST_FORMAT_CSV|'ip_address,hostname,labels\n10.0.0.1,a,a=1;a=2'|the label a is there twice",
                "HOST_FORMAT_CSV|'ip_address,hostname\n10.0.0.1'|1 values",
                "HOST_FORMAT_CSV|'ip_address,hostname,device_id\n10.0.0.1,a,none'|Device not found: none"
            })
    void aLineThatIsNoneIsRefused(HostFormat format, String text, String message) {
        ImportHostsResponse imported = imported(format, text);
        assertThat(imported.getApplied()).isFalse();
        assertThat(imported.getLinesList())
                .singleElement()
                .satisfies(line -> assertThat(line.getProblem()).contains(message));
    }

    @Test
    void whatATextSaysNothingOfStays() {
        String device = device();
        Host host =
                hosts.addHost(
                                add("10.0.0.1", "a")
                                        .addAliases("x")
                                        .addTags("t")
                                        .setComment("old")
                                        .putLabels("site", "north")
                                        .setDeviceId(device)
                                        .build())
                        .getHost();
        // As spreadsheets write it.
        imported(
                HostFormat.HOST_FORMAT_CSV,
                "\uFEFFip_address,hostname,comment\r\n10.0.0.1,a,new\r\n");
        assertThat(get(host))
                .isEqualTo(
                        host.toBuilder()
                                .setComment("new")
                                .setEtag("2")
                                .setUpdatedAt(get(host).getUpdatedAt())
                                .build());
        imported(
                HostFormat.HOST_FORMAT_JSON,
                "[{\"ip_address\": \"10.0.0.1\", \"hostname\": \"a\", \"tags\": []}]");
        assertThat(get(host).getTagsList()).isEmpty();
        assertThat(get(host).getComment()).isEqualTo("new");
        ImportHostsResponse both =
                imported(
                        HostFormat.HOST_FORMAT_CSV,
                        "ip_address,hostname,gateway_id\n10.0.0.1,a," + gateway());
        assertThat(both.getApplied()).isFalse();
        assertThat(both.getLines(0).getProblem()).contains("not both");
    }

    @Test
    void aCommentOfSeveralLinesIsOneInAHostsFile() {
        hosts.addHost(
                add("10.0.0.1", "a").setComment("by\u000bthe\r\ndoor\u20289.9.9.9 admin").build());
        String text = export(HostFormat.HOST_FORMAT_HOSTS);
        assertThat(text).isEqualTo("10.0.0.1\ta # by the door 9.9.9.9 admin\n");
        assertThat(imported(HostFormat.HOST_FORMAT_HOSTS, text).getChangedCount()).isEqualTo(1);
        assertThat(export(HostFormat.HOST_FORMAT_HOSTS)).isEqualTo(text);
    }

    @Test
    void aTextOfTooManyHostsIsRefused() {
        assertThatCall(() -> imported(HostFormat.HOST_FORMAT_HOSTS, "10.0.0.1 a\n".repeat(5_001)))
                .hasStatus(Code.INVALID_ARGUMENT, "5001", "5000", "divide it")
                .isOfField("content");
    }

    @Test
    void moreThanAnAnswerHasIsNotExported() {
        List<String> lines = new ArrayList<>();
        for (int host = 0; host < 220; host++) {
            lines.add("10.0.1." + host + " a # " + "ü".repeat(9_990));
        }
        for (int half = 0; half < 2; half++) {
            String text = String.join("\n", lines.subList(half * 110, half * 110 + 110));
            assertThat(imported(HostFormat.HOST_FORMAT_HOSTS, text).getApplied()).isTrue();
        }
        assertThatCall(() -> export(HostFormat.HOST_FORMAT_CSV))
                .hasStatus(Code.RESOURCE_EXHAUSTED, "2097152 bytes", "ListHosts");
    }

    @Test
    void whoChangesAnotherFieldMeanwhileIsNotUndone() throws Exception {
        Host host = added("10.0.0.1", "a");
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.executeUpdate(
                    "UPDATE hosts SET comment = 'meanwhile' WHERE host_id = '"
                            + host.getHostId()
                            + "'");
            CompletableFuture<Host> moved =
                    CompletableFuture.supplyAsync(() -> update(of(host).setIpAddress("10.0.0.9")));
            CompletableFuture<ImportHostsResponse> imported =
                    CompletableFuture.supplyAsync(
                            () ->
                                    imported(
                                            HostFormat.HOST_FORMAT_CSV,
                                            "ip_address,hostname,tags\n10.0.0.1,a,t"));
            await().until(
                            () ->
                                    service.query(
                                                    "SELECT count(*) FROM pg_stat_activity WHERE"
                                                            + " wait_event_type = 'Lock'")
                                            .equals("2"));
            connection.commit();
            moved.get(30, TimeUnit.SECONDS);
            assertThat(imported.get(30, TimeUnit.SECONDS).getApplied()).isTrue();
        }
        // Where the host had moved before, another has its old address now.
        assertThat(get(host).getComment()).isEqualTo("meanwhile");
        assertThat(get(host).getIpAddress()).isEqualTo("10.0.0.9");
        assertThat(list(listing().addTags("t"))).hasSize(1);
    }

    @Test
    void validateOnlySaysWhatWouldBeImported() {
        ImportHostsRequest.Builder request =
                ImportHostsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setFormat(HostFormat.HOST_FORMAT_HOSTS)
                        .setContent("10.0.0.1 a");
        ImportHostsResponse tried = hosts.importHosts(request.setValidateOnly(true).build());
        assertThat(tried.getAddedCount()).isEqualTo(1);
        assertThat(tried.getApplied()).isFalse();
        assertThat(list(listing())).isEmpty();
        assertThatCall(() -> hosts.importHosts(request.setOrganizationId("nobody").build()))
                .hasStatus(Code.NOT_FOUND, "nobody");
    }

    @Test
    void theSameImportAgainGetsTheSameAnswer() {
        ImportHostsRequest request =
                ImportHostsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setFormat(HostFormat.HOST_FORMAT_HOSTS)
                        .setContent("10.0.0.1 a")
                        .setRequestId("import-" + organization)
                        .build();
        ImportHostsResponse imported = hosts.importHosts(request);
        delete(list(listing()).get(0));

        assertThat(imported.getAddedCount()).isEqualTo(1);
        assertThat(hosts.importHosts(request)).isEqualTo(imported);
        assertThat(list(listing())).isEmpty();
    }

    @Test
    void aHostIsSeenAsItWasAndRestored() {
        Host host = hosts.addHost(add("10.0.0.1", "a").setComment("first").build()).getHost();
        update(of(host).setIpAddress("10.0.0.2").setComment(""));
        delete(host);

        Resource first =
                service.history()
                        .getAt(
                                GetAtRequest.newBuilder()
                                        .setResourceType(ResourceType.RESOURCE_TYPE_HOST)
                                        .setResourceId(host.getHostId())
                                        .setVersion(1)
                                        .build())
                        .getResource();
        assertThat(first.getHost()).isEqualTo(host);
        assertThat(
                        service.history()
                                .listAt(
                                        ListAtRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setTime(first.getCommitTime())
                                                .setResourceType(ResourceType.RESOURCE_TYPE_HOST)
                                                .build())
                                .getResourcesList())
                .extracting(Resource::getHost)
                .containsExactly(host);

        Host taker = added("10.0.0.1", "a");
        assertThatCall(() -> restore(host, 1))
                .hasStatus(
                        Code.FAILED_PRECONDITION, host.getHostId(), taker.getHostId(), "10.0.0.1")
                .hasReason(
                        "RESTORE_CONFLICT",
                        Map.of(
                                "constraint",
                                "hosts_by_address_and_name",
                                "id",
                                host.getHostId(),
                                "host_id",
                                taker.getHostId(),
                                "ip_address",
                                "10.0.0.1",
                                "hostname",
                                "a"));
        delete(taker);
        Host restored = restore(host, 1);
        assertThat(restored.getComment()).isEqualTo("first");
        assertThat(restored.getIpAddress()).isEqualTo("10.0.0.1");
        assertThat(restored.getEtag()).isEqualTo("5");
        assertThat(get(host)).isEqualTo(restored);
    }

    @Test
    void hostsThatHaveChangedPlacesAreRestoredFromASnapshot() {
        Host first = added("10.0.0.1", "a");
        Host second = added("10.0.0.2", "a");
        Host gone = added("10.0.0.3", "a");
        SnapshotServiceGrpc.SnapshotServiceBlockingStub snapshots =
                SnapshotServiceGrpc.newBlockingStub(service.channel());
        Snapshot snapshot =
                snapshots
                        .createSnapshot(
                                CreateSnapshotRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .build())
                        .getSnapshot();
        update(of(first).setIpAddress("10.0.0.9"));
        update(of(second).setIpAddress("10.0.0.1"));
        update(of(first).setIpAddress("10.0.0.2"));
        delete(gone);
        Host later = added("10.0.0.3", "a");

        List<RestoredResource> restored =
                snapshots
                        .restoreSnapshot(
                                RestoreSnapshotRequest.newBuilder()
                                        .setSnapshotId(snapshot.getSnapshotId())
                                        .build())
                        .getResourcesList();

        assertThat(restored)
                .extracting(RestoredResource::getResourceId, RestoredResource::getEventType)
                .containsExactlyInAnyOrder(
                        tuple(first.getHostId(), "restored"),
                        tuple(second.getHostId(), "restored"),
                        tuple(gone.getHostId(), "restored"),
                        tuple(later.getHostId(), "deleted"));
        assertThat(list(listing()))
                .extracting(Host::getHostId, Host::getIpAddress)
                .containsExactly(
                        tuple(first.getHostId(), "10.0.0.1"),
                        tuple(second.getHostId(), "10.0.0.2"),
                        tuple(gone.getHostId(), "10.0.0.3"));
    }

    @Test
    void whatIsWrittenBySqlIsOfTheHistoryToo() throws SQLException {
        Host host = added("10.0.0.1", "a");
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "UPDATE hosts SET comment = 'by hand' WHERE host_id = '"
                            + host.getHostId()
                            + "'");
        }
        assertThat(get(host).getEtag()).isEqualTo("2");
        assertThat(changes(host).get(1).getChangedBy()).startsWith("sql:");
    }

    private AddHostRequest.Builder add(String address, String name) {
        return AddHostRequest.newBuilder()
                .setOrganizationId(organization)
                .setIpAddress(address)
                .setHostname(name);
    }

    private Host added(String address, String name) {
        return hosts.addHost(add(address, name).build()).getHost();
    }

    private static Host get(Host host) {
        return hosts.getHost(GetHostRequest.newBuilder().setHostId(host.getHostId()).build())
                .getHost();
    }

    private static UpdateHostRequest.Builder of(Host host) {
        return UpdateHostRequest.newBuilder().setHostId(host.getHostId());
    }

    private static Host update(UpdateHostRequest.Builder request) {
        return hosts.updateHost(request.build()).getHost();
    }

    private static void delete(Host host) {
        hosts.deleteHost(DeleteHostRequest.newBuilder().setHostId(host.getHostId()).build());
    }

    private static Host restore(Host host, long version) {
        return service.history()
                .restore(
                        RestoreRequest.newBuilder()
                                .setResourceType(ResourceType.RESOURCE_TYPE_HOST)
                                .setResourceId(host.getHostId())
                                .setVersion(version)
                                .build())
                .getResource()
                .getHost();
    }

    private static List<Change> changes(Host host) {
        return service.history()
                .listChanges(
                        ListChangesRequest.newBuilder()
                                .setResourceType(ResourceType.RESOURCE_TYPE_HOST)
                                .setResourceId(host.getHostId())
                                .build())
                .getChangesList();
    }

    private ListHostsRequest.Builder listing() {
        return ListHostsRequest.newBuilder().setOrganizationId(organization);
    }

    private static List<Host> list(ListHostsRequest.Builder request) {
        return hosts.listHosts(request.build()).getHostsList();
    }

    private static List<String> names(ListHostsRequest.Builder request) {
        return list(request).stream().map(Host::getHostname).toList();
    }

    private static String named(Host host) {
        return host.getIpAddress() + " " + host.getHostname();
    }

    private String export(HostFormat format) {
        return hosts.exportHosts(
                        ExportHostsRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setFormat(format)
                                .build())
                .getContent();
    }

    private ImportHostsResponse imported(HostFormat format, String text) {
        return hosts.importHosts(
                ImportHostsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setFormat(format)
                        .setContent(text)
                        .build());
    }

    private String gateway() {
        return service.gateways()
                .createGateway(
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Roof")
                                .build())
                .getGateway()
                .getGatewayId();
    }

    private String device() {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Sensor")
                                .build())
                .getEndDevice()
                .getDeviceId();
    }
}
