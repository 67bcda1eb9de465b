package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import io.grpc.Status.Code;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.ListEndDeviceDefinitionsRequest;
import io.ponix.proto.end_device.v1.ListEndDeviceDefinitionsResponse;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesResponse;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.organization.v1.ListOrganizationsRequest;
import io.ponix.proto.organization.v1.Organization;
import io.ponix.transforms.Expression;
import io.ponix.transforms.ExpressionCompiler;
import io.ponix.transforms.TransformLimits;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists that are filtered, put in order and counted, as a caller sees them. */
@ExtendWith(ServiceUnderTest.Shared.class)
class ListsITCase {

    /** What SQL or an index might take for something else. */
    private static final List<String> NAMES =
            List.of(
                    "pump-1",
                    "pump-2",
                    "Pump-3",
                    "pumq",
                    "pump",
                    "PUMP",
                    "100%",
                    "100",
                    "a_b",
                    "axb",
                    "a\\b",
                    "it's",
                    "\"quoted\"",
                    "Ünder",
                    "ünder",
                    "é",
                    "😀 smile",
                    "\uFFFD replacement",
                    "pump\uDBFF\uDFFF",
                    " ",
                    "zz",
                    "n".repeat(256),
                    "n".repeat(255),
                    "n".repeat(255) + "m");

    private static ServiceUnderTest service;
    private static String organization;
    private static String definition;
    private static List<EndDevice> devices;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
        organization = service.organization("Lists");
        definition = definition(organization, "Kind").getId();
        List<EndDevice> created = new ArrayList<>();
        for (int i = 0; i < NAMES.size(); i++) {
            CreateEndDeviceRequest.Builder device =
                    CreateEndDeviceRequest.newBuilder()
                            .setOrganizationId(organization)
                            .setName(NAMES.get(i));
            if (i % 3 == 0) {
                device.setDefinitionId(definition);
            }
            if (i % 4 == 0) {
                device.setExternalId("0a%02x".formatted(i));
            }
            created.add(service.devices().createEndDevice(device.build()).getEndDevice());
        }
        devices = List.copyOf(created);
    }

    static Stream<String> filters() {
        EndDevice tenth = devices.get(10);
        String time = "timestamp('" + instant(tenth) + "')";
        return Stream.of(
                "name == 'pump'",
                "'pump' == name",
                "name != 'pump'",
                "!(name == 'pump')",
                "name.startsWith('pump')",
                "!name.startsWith('pump')",
                "name.startsWith('100%')",
                "name.startsWith('a_')",
                "name.startsWith('a\\\\')",
                "name.startsWith(\"it's\")",
                "name.startsWith('😀')",
                "name.startsWith('pump\\U0010FFFF')",
                "name.startsWith('" + "n".repeat(255) + "')",
                "name.startsWith('" + "n".repeat(256) + "')",
                "name.startsWith('')",
                "!name.startsWith('')",
                "name == '" + "n".repeat(256) + "'",
                "name == '" + "n".repeat(255) + "'",
                "name.endsWith('b')",
                "name.endsWith('%')",
                "name.endsWith('😀 smile')",
                "!name.endsWith('1')",
                "name.contains('_')",
                "name.contains('%')",
                "name.contains('\\\\')",
                "name.contains('\"')",
                "name.contains('')",
                "name.lowerAscii() == 'pump'",
                "name.lowerAscii().startsWith('pump')",
                "!(name.lowerAscii().contains('um'))",
                "name.lowerAscii() in ['pump', 'zz']",
                "name < 'b'",
                "'b' < name",
                "name >= 'ünder'",
                "!(name <= 'pump')",
                "name in ['pump', '100%', 'nothing']",
                "!(name in ['pump', '100%'])",
                "name in []",
                "!(name in [])",
                "definition_id == ''",
                "definition_id != ''",
                "definition_id == '" + definition + "'",
                "definition_id != '" + definition + "'",
                "!(definition_id == '" + definition + "')",
                "definition_id in ['', 'nothing']",
                "!(definition_id in ['" + definition + "'])",
                "definition_id < 'a'",
                "external_id.startsWith('0a1')",
                "!external_id.startsWith('0a1')",
                "!external_id.contains('0a')",
                "external_id >= ''",
                "enrolled_by_gateway_id == ''",
                "device_id == '" + tenth.getDeviceId() + "'",
                "created_at > " + time,
                "created_at >= " + time,
                "!(created_at > " + time + ")",
                time + " >= created_at",
                "created_at == " + time,
                "created_at != " + time,
                "updated_at < timestamp('2026-01-01T00:00:00+01:00')",
                "created_at in [" + time + "]",
                "true",
                "false",
                "!true || name == 'pump'",
                "name.startsWith('pump') && definition_id == '" + definition + "'",
                "!(name.startsWith('pump') && definition_id == '" + definition + "')",
                "!(name == 'pump' || !(external_id == ''))",
                "name == 'a' || name == 'pump' && definition_id != '' || external_id == '0a00'");
    }

    @ParameterizedTest
    @MethodSource("filters")
    void aFilterGivesWhatItIsTrueOfInCel(String filter) throws Exception {
        Expression oracle =
                new ExpressionCompiler(
                                TransformLimits.DEFAULT,
                                Map.<String, CelType>of(
                                        "device_id", SimpleType.STRING,
                                        "name", SimpleType.STRING,
                                        "definition_id", SimpleType.STRING,
                                        "external_id", SimpleType.STRING,
                                        "enrolled_by_gateway_id", SimpleType.STRING,
                                        "created_at", SimpleType.TIMESTAMP,
                                        "updated_at", SimpleType.TIMESTAMP))
                        .compile(filter, type -> Optional.empty());
        List<EndDevice> expected = new ArrayList<>();
        for (EndDevice device : devices) {
            Object holds =
                    oracle.evaluate(
                            Map.<String, Object>of(
                                            "device_id", device.getDeviceId(),
                                            "name", device.getName(),
                                            "definition_id", device.getDefinitionId(),
                                            "external_id", device.getExternalId(),
                                            "enrolled_by_gateway_id", "",
                                            "created_at", instant(device),
                                            "updated_at", instant(device))
                                    ::get);
            if (holds.equals(true)) {
                expected.add(0, device);
            }
        }

        ListEndDevicesResponse listed =
                list(request -> request.setFilter(filter).setWithTotalSize(true));
        assertThat(listed.getEndDevicesList()).containsExactlyElementsOf(expected);
        assertThat(listed.getTotalSize()).isEqualTo(expected.size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    nam == 'a'                    | 1:1 undeclared reference to 'nam'
                    name = 'a'                    | 1:6 CEL has no =: write ==
                    name                          | 1:1 a filter is a condition
                    name == 1                     | 1:6 found no matching overload
                    name == external_id           | 1:6 one side of a comparison has to be a field
                    'a' == 'a'                    | 1:5 one side of a comparison has to be a field
                    true && name.matches('a.*')   | 1:21 a filter has no matches
                    size(name) > 1                | 1:12 one side of a comparison has to be a field
                    name + 'a' == 'b'             | 1:12 one side of a comparison has to be a field
                    name.startsWith(external_id)  | 1:17 what startsWith looks for has to be a text in quotes
                    'abc'.startsWith('a')         | 1:17 startsWith is called on a field
                    name in external_id.split('') | 1:26 what is right of in has to be a list
                    'a' in ['a']                  | 1:5 what is left of in has to be a field
                    name in ['a', external_id]    | 1:15 this has to be a text or a time
                    name == 'a' ? true : false    | 1:13 a filter has no a ? b : c
                    ['a'].exists(x, x == name)    | 1:13 this is no comparison
                    created_at > timestamp('now') | 1:23 a time is of the years 1 to 9999
                    created_at > timestamp('2026-01-01T00:00:00.0000001Z') | 1:23 a time is
                    created_at > timestamp(0)     | 1:12 one side of a comparison has to be a field
                    created_at.getFullYear() > 1  | 1:26 one side of a comparison has to be a field
                    created_at == null            | 1:12 created_at is never null
                    deleted_at > null             | 1:12 null is neither before nor after anything
                    deleted_at in [null]          | 1:16 this has to be a text or a time
                    """)
    void whatIsNoFilterIsRefusedWithItsPlace(String filter, String description) {
        assertThatCall(() -> list(request -> request.setFilter(filter)))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "The filter cannot be used",
                        description.replaceFirst(" .*", ""),
                        "Fields are created_at, definition_id, deleted_at, description,"
                                + " device_id, enrolled_by_gateway_id,"
                                + " external_id, gateway_id, labels, name, updated_at",
                        "operators and functions are &&, ||, !, ==")
                .hasDetail(
                        BadRequest.class,
                        details -> {
                            assertThat(details.getFieldViolations(0).getField())
                                    .isEqualTo("filter");
                            assertThat(details.getFieldViolations(0).getDescription())
                                    .startsWith(description);
                        });
    }

    @Test
    void aFilterIsNeitherLongNorDeepNorHasItACharacterThatPostgresCannotHave() {
        assertThatCall(() -> list(request -> request.setFilter("name == '" + "a".repeat(4_088))))
                .hasStatus(Code.INVALID_ARGUMENT, "Filter has at most 4096 characters");
        assertThatCall(
                        () ->
                                list(
                                        request ->
                                                request.setFilter(
                                                        "(".repeat(2_000)
                                                                + "true"
                                                                + ")".repeat(2_000))))
                .hasStatus(Code.INVALID_ARGUMENT, "levels deep");
        assertThatCall(() -> list(request -> request.setFilter("name == 'a\\u0000'")))
                .hasStatus(Code.INVALID_ARGUMENT, "U+0000")
                .isOfField("filter");
        String many = String.join(" || ", Collections.nCopies(250, "name == 'a'"));
        assertThat(list(request -> request.setFilter(many)).getEndDevicesList()).isEmpty();
        assertThat(list(request -> request.setFilter("  ")).getEndDevicesCount())
                .isEqualTo(NAMES.size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name",
                "name desc",
                "definition_id, name desc",
                "definition_id desc, external_id, created_at desc",
                "external_id desc , device_id asc",
                "enrolled_by_gateway_id",
                "updated_at",
                "created_at desc"
            })
    void aListIsInTheOrderThatIsAskedForWhateverItsPages(String orderBy) {
        List<String> expected =
                devices.stream().sorted(comparator(orderBy)).map(EndDevice::getDeviceId).toList();

        for (int pageSize : new int[] {1, 5, 7, 1_000}) {
            List<String> listed = new ArrayList<>();
            String token = "";
            do {
                String next = token;
                ListEndDevicesResponse page =
                        list(
                                request ->
                                        request.setOrderBy(orderBy)
                                                .setPageSize(pageSize)
                                                .setPageToken(next));
                page.getEndDevicesList().forEach(device -> listed.add(device.getDeviceId()));
                token = page.getNextPageToken();
            } while (!token.isEmpty());
            assertThat(listed).as("pages of %d", pageSize).isEqualTo(expected);
        }
    }

    private static Comparator<EndDevice> comparator(String orderBy) {
        Comparator<EndDevice> comparator = (a, b) -> 0;
        boolean isDescending = false;
        for (String part : orderBy.split(",")) {
            String[] words = part.strip().split(" +");
            isDescending = words.length > 1 && words[1].equals("desc");
            Comparator<EndDevice> by =
                    words[0].endsWith("_at")
                            ? Comparator.comparing(ListsITCase::instant)
                            : Comparator.comparing(
                                    device ->
                                            ((String)
                                                            device.getField(
                                                                    EndDevice.getDescriptor()
                                                                            .findFieldByName(
                                                                                    words[0])))
                                                    .getBytes(StandardCharsets.UTF_8),
                                    Arrays::compareUnsigned);
            comparator = comparator.thenComparing(isDescending ? by.reversed() : by);
        }
        Comparator<EndDevice> byId = Comparator.comparing(EndDevice::getDeviceId);
        return comparator.thenComparing(isDescending ? byId.reversed() : byId);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    nam              | There is no field 'nam' to order by: there are created_at, definition_id, deleted_at
                    name,            | There is no field ''
                    name, name desc  | The field name is in order_by twice
                    name down        | 'name down' is no part of an order
                    name desc desc   | 'name desc desc' is no part of an order
                    """)
    void whatIsNoOrderIsRefused(String orderBy, String message) {
        assertThatCall(() -> list(request -> request.setOrderBy(orderBy)))
                .hasStatus(Code.INVALID_ARGUMENT, message)
                .hasDetail(
                        BadRequest.class,
                        details ->
                                assertThat(details.getFieldViolations(0).getField())
                                        .isEqualTo("order_by"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "name", "name desc, created_at"})
    void whatIsThereAllTheTimeIsListedOnceWhileOthersComeAndGo(String orderBy) {
        String other = service.organization("Busy");
        List<String> stay = new ArrayList<>();
        List<String> go = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            stay.add(create(other, "device " + i).getDeviceId());
            go.add(create(other, "device " + i).getDeviceId());
        }
        List<String> listed = new ArrayList<>();
        String token = "";
        int pages = 0;
        do {
            String next = token;
            ListEndDevicesResponse page =
                    service.devices()
                            .listEndDevices(
                                    ListEndDevicesRequest.newBuilder()
                                            .setOrganizationId(other)
                                            .setFilter(orderBy.isEmpty() ? "" : "name != 'new'")
                                            .setOrderBy(orderBy)
                                            .setPageSize(3)
                                            .setPageToken(next)
                                            .build());
            page.getEndDevicesList().forEach(device -> listed.add(device.getDeviceId()));
            token = page.getNextPageToken();
            // Also the one at which the page ended.
            if (!go.isEmpty()) {
                delete(go.remove(0));
                delete(go.remove(go.size() - 1));
            }
            create(other, "device 0");
            create(other, "device 9");
            pages++;
        } while (!token.isEmpty() && pages < 100);

        assertThat(listed).doesNotHaveDuplicates().containsAll(stay);
    }

    @Test
    void aTokenIsOfOneList() {
        String token =
                list(request -> request.setFilter("name != ''").setPageSize(2)).getNextPageToken();
        String plain = list(request -> request.setPageSize(2)).getNextPageToken();
        String message = "Page token is not one that this method returned";

        assertThat(
                        list(request ->
                                        request.setFilter("name != ''")
                                                .setPageToken(token)
                                                .setWithTotalSize(true))
                                .getTotalSize())
                .isEqualTo(NAMES.size());
        assertThatCall(() -> list(request -> request.setPageToken(token)))
                .hasStatus(Code.INVALID_ARGUMENT, message);
        assertThatCall(() -> list(request -> request.setFilter("name != 'a'").setPageToken(token)))
                .hasStatus(Code.INVALID_ARGUMENT, message);
        assertThatCall(
                        () ->
                                list(
                                        request ->
                                                request.setFilter("name != ''")
                                                        .setOrderBy("name")
                                                        .setPageToken(token)))
                .hasStatus(Code.INVALID_ARGUMENT, message);
        assertThatCall(() -> list(request -> request.setFilter("name != ''").setPageToken(plain)))
                .hasStatus(Code.INVALID_ARGUMENT, message);
        assertThatCall(
                        () ->
                                list(
                                        request ->
                                                request.setFilter("name != ''")
                                                        .setOnlyEnrolled(true)
                                                        .setPageToken(token)))
                .hasStatus(Code.INVALID_ARGUMENT, message);
        String other = service.organization("Other");
        assertThatCall(
                        () ->
                                list(
                                        request ->
                                                request.setOrganizationId(other)
                                                        .setFilter("name != ''")
                                                        .setPageToken(token)))
                .hasStatus(Code.INVALID_ARGUMENT, message);
    }

    @Test
    void whatIsThereIsCountedWhereThatIsAskedFor() {
        assertThat(list(request -> request).hasTotalSize()).isFalse();
        ListEndDevicesResponse first =
                list(request -> request.setWithTotalSize(true).setPageSize(3));
        assertThat(first.getTotalSize()).isEqualTo(NAMES.size());
        assertThat(
                        list(request ->
                                        request.setWithTotalSize(true)
                                                .setPageToken(first.getNextPageToken()))
                                .getTotalSize())
                .isEqualTo(NAMES.size());
        ListEndDevicesResponse none =
                list(request -> request.setWithTotalSize(true).setFilter("name == 'nothing'"));
        assertThat(none.hasTotalSize()).isTrue();
        assertThat(none.getTotalSize()).isZero();
    }

    @Test
    void namesThatAreLongerThanTheyMayBeAreInOrderByTheirBeginning() throws SQLException {
        String other = service.organization("Long");
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.add(create(other, "n").getDeviceId());
        }
        // More than an entry of an index has room for, were it not compressed.
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "UPDATE end_devices SET name = (SELECT string_agg(md5(i::text), '') FROM"
                            + " generate_series(1, 10000) AS i) WHERE organization_id = '"
                            + other
                            + "'");
        }
        List<String> listed = new ArrayList<>();
        String token = "";
        do {
            ListEndDevicesResponse page =
                    service.devices()
                            .listEndDevices(
                                    ListEndDevicesRequest.newBuilder()
                                            .setOrganizationId(other)
                                            .setOrderBy("name")
                                            .setPageSize(1)
                                            .setPageToken(token)
                                            .build());
            page.getEndDevicesList().forEach(device -> listed.add(device.getDeviceId()));
            token = page.getNextPageToken();
        } while (!token.isEmpty());

        assertThat(listed).isEqualTo(ids);
    }

    @Test
    void whatIsDeletedIsListedWhereThatIsAskedFor() throws SQLException {
        String other = service.organization("Deleted");
        EndDevice gone = create(other, "b");
        EndDevice there = create(other, "a");
        EndDevice alsoGone = create(other, "c");
        delete(gone.getDeviceId());
        delete(alsoGone.getDeviceId());
        String time =
                service.query(
                        "SELECT to_char(deleted_at AT TIME ZONE 'UTC',"
                                + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM end_devices"
                                + " WHERE device_id = '"
                                + gone.getDeviceId()
                                + "'");

        assertThat(names(other, "", "")).containsExactly("a");
        assertThat(namesWithDeleted(other, "", "")).containsExactly("c", "a", "b");
        assertThat(namesWithDeleted(other, "deleted_at != null", "name")).containsExactly("b", "c");
        assertThat(namesWithDeleted(other, "!(deleted_at != null)", "")).containsExactly("a");
        assertThat(namesWithDeleted(other, "null == deleted_at", "")).containsExactly("a");
        assertThat(namesWithDeleted(other, "deleted_at > timestamp('" + time + "')", ""))
                .containsExactly("c");
        assertThat(namesWithDeleted(other, "!(deleted_at > timestamp('" + time + "'))", "name"))
                .containsExactly("a", "b");
        assertThat(namesWithDeleted(other, "deleted_at == timestamp('" + time + "')", ""))
                .containsExactly("b");
        assertThat(namesWithDeleted(other, "deleted_at != timestamp('" + time + "')", "name"))
                .containsExactly("a", "c");
        // What is not deleted is after all that is.
        assertThat(namesWithDeleted(other, "", "deleted_at")).containsExactly("b", "c", "a");
        assertThat(namesWithDeleted(other, "", "deleted_at desc")).containsExactly("a", "c", "b");
        assertThat(names(other, "deleted_at != null", "")).isEmpty();
        assertThat(there.hasDeletedAt()).isFalse();
    }

    @Test
    void deletedDefinitionsAreListedAsTheyWere() {
        String other = service.organization("Deleted definitions");
        EndDeviceDefinition gone = definition(other, "Gone");
        EndDeviceDefinition there = definition(other, "There");
        service.definitions()
                .deleteEndDeviceDefinition(
                        DeleteEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(other)
                                .setId(gone.getId())
                                .build());
        ListEndDeviceDefinitionsRequest all =
                ListEndDeviceDefinitionsRequest.newBuilder()
                        .setOrganizationId(other)
                        .setShowDeleted(true)
                        .setWithTotalSize(true)
                        .setPageSize(1)
                        .build();

        ListEndDeviceDefinitionsResponse first =
                service.definitions().listEndDeviceDefinitions(all);
        assertThat(first.getEndDeviceDefinitionsList()).containsExactly(there);
        assertThat(first.getTotalSize()).isEqualTo(2);
        EndDeviceDefinition second =
                service.definitions()
                        .listEndDeviceDefinitions(
                                all.toBuilder().setPageToken(first.getNextPageToken()).build())
                        .getEndDeviceDefinitions(0);
        assertThat(second.hasDeletedAt()).isTrue();
        assertThat(second)
                .isEqualTo(
                        gone.toBuilder()
                                .setEtag("2")
                                .setUpdatedAt(second.getUpdatedAt())
                                .setDeletedAt(second.getDeletedAt())
                                .build());
        assertThat(
                        service.definitions()
                                .listEndDeviceDefinitions(
                                        all.toBuilder().setFilter("deleted_at != null").build())
                                .getEndDeviceDefinitionsList())
                .containsExactly(second);
        assertThat(
                        service.definitions()
                                .listEndDeviceDefinitions(
                                        all.toBuilder().setShowDeleted(false).build())
                                .getEndDeviceDefinitionsList())
                .containsExactly(there);
    }

    private static List<String> names(String organization, String filter, String orderBy) {
        return names(
                ListEndDevicesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setFilter(filter)
                        .setOrderBy(orderBy)
                        .build());
    }

    /** By way of pages of one. */
    private static List<String> namesWithDeleted(
            String organization, String filter, String orderBy) {
        return names(
                ListEndDevicesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setFilter(filter)
                        .setOrderBy(orderBy)
                        .setShowDeleted(true)
                        .setPageSize(1)
                        .build());
    }

    private static List<String> names(ListEndDevicesRequest request) {
        List<String> names = new ArrayList<>();
        String token = "";
        do {
            ListEndDevicesResponse page =
                    service.devices()
                            .listEndDevices(request.toBuilder().setPageToken(token).build());
            page.getEndDevicesList().forEach(device -> names.add(device.getName()));
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return names;
    }

    @Test
    void gatewaysAreFoundByWhatTheyAreAnsweredWith() {
        String other = service.organization("Gateways");
        Gateway named = gateway(other, "North");
        Gateway unnamed = gateway(other, "");
        service.gateways()
                .updateGateway(
                        UpdateGatewayRequest.newBuilder()
                                .setGatewayId(named.getGatewayId())
                                .setStatus(GatewayStatus.GATEWAY_STATUS_ERROR)
                                .build());

        assertThat(gateways(other, "name == 'North'", "")).containsExactly(named.getGatewayId());
        assertThat(gateways(other, "name.startsWith('mqtt://')", ""))
                .containsExactly(unnamed.getGatewayId());
        assertThat(gateways(other, "status == 'GATEWAY_STATUS_ERROR'", ""))
                .containsExactly(named.getGatewayId());
        assertThat(gateways(other, "type == 'GATEWAY_TYPE_EMQX' && intake_preset == ''", "name"))
                .containsExactly(named.getGatewayId(), unnamed.getGatewayId());
        assertThatCall(() -> gateways(other, "external_id == ''", ""))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "Fields are created_at, deleted_at, description, gateway_id,"
                                + " intake_preset, labels, name,"
                                + " status, type, updated_at");
    }

    @Test
    void definitionsAreFiltered() {
        String other = service.organization("Definitions");
        EndDeviceDefinition meter = definition(other, "Meter");
        EndDeviceDefinition pump = definition(other, "Pump");
        ListEndDeviceDefinitionsRequest all =
                ListEndDeviceDefinitionsRequest.newBuilder()
                        .setOrganizationId(other)
                        .setOrderBy("name desc")
                        .setWithTotalSize(true)
                        .build();

        assertThat(
                        service.definitions()
                                .listEndDeviceDefinitions(all)
                                .getEndDeviceDefinitionsList())
                .containsExactly(pump, meter);
        assertThat(
                        service.definitions()
                                .listEndDeviceDefinitions(
                                        all.toBuilder().setFilter("name == 'Meter'").build())
                                .getEndDeviceDefinitionsList())
                .containsExactly(meter);
        assertThat(service.definitions().listEndDeviceDefinitions(all).getTotalSize()).isEqualTo(2);
    }

    @Test
    void organizationsAreFiltered() {
        String first = service.organization("Waterworks of Lists");
        String second = service.organization("waterworks of lists, too");
        ListOrganizationsRequest request =
                ListOrganizationsRequest.newBuilder()
                        .setFilter("name.lowerAscii().startsWith('waterworks of lists')")
                        .setOrderBy("name")
                        .setWithTotalSize(true)
                        .build();

        assertThat(service.organizations().listOrganizations(request).getOrganizationsList())
                .extracting(Organization::getId)
                .containsExactly(first, second);
        assertThat(service.organizations().listOrganizations(request).getTotalSize()).isEqualTo(2);
    }

    private static ListEndDevicesResponse list(
            UnaryOperator<ListEndDevicesRequest.Builder> change) {
        return service.devices()
                .listEndDevices(
                        change.apply(
                                        ListEndDevicesRequest.newBuilder()
                                                .setOrganizationId(organization))
                                .build());
    }

    private static List<String> gateways(String organization, String filter, String orderBy) {
        return service
                .gateways()
                .listGateways(
                        ListGatewaysRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setFilter(filter)
                                .setOrderBy(orderBy)
                                .build())
                .getGatewaysList()
                .stream()
                .map(Gateway::getGatewayId)
                .toList();
    }

    private static Gateway gateway(String organization, String name) {
        return service.gateways()
                .createGateway(
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .setEmqxConfig(
                                        EMQXGatewayConfig.newBuilder()
                                                .setBrokerUrl("mqtt://broker:1883"))
                                .build())
                .getGateway();
    }

    private static EndDeviceDefinition definition(String organization, String name) {
        return service.definitions()
                .createEndDeviceDefinition(
                        CreateEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .addContracts(
                                        PayloadContract.newBuilder()
                                                .setTransformExpression("{'a': 1}"))
                                .build())
                .getEndDeviceDefinition();
    }

    private static EndDevice create(String organization, String name) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .build())
                .getEndDevice();
    }

    private static void delete(String device) {
        service.devices()
                .deleteEndDevice(DeleteEndDeviceRequest.newBuilder().setDeviceId(device).build());
    }

    private static Instant instant(EndDevice device) {
        return Instant.ofEpochSecond(
                device.getCreatedAt().getSeconds(), device.getCreatedAt().getNanos());
    }
}
