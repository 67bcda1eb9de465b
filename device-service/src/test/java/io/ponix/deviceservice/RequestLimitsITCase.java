package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.rpc.BadRequest;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesResponse;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UpdateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What every request may hold at most, and every answer holds at most, method by method. */
@ExtendWith(ServiceUnderTest.Shared.class)
class RequestLimitsITCase {

    private static final String FIVE_MEGABYTES = "0".repeat(5_000_000);
    private static final int MANY = 70_000;

    private static ServiceUnderTest service;
    private static ServiceMethods methods;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
        methods = new ServiceMethods(shared.channel());
    }

    @Test
    void nothingOfARequestIsAsLongAsItLikes() throws Exception {
        List<String> unbounded = new ArrayList<>();
        int tried = 0;
        for (MethodDescriptor method : methods.all()) {
            for (List<FieldDescriptor> path : paths(method.getInputType())) {
                for (DynamicMessage.Builder request : tooLong(method.getInputType(), path)) {
                    tried++;
                    if (!isRefusedFor(path, method, request.build())) {
                        unbounded.add(method.getFullName() + " " + text(path));
                    }
                }
            }
        }

        assertThat(tried).isGreaterThan(80);
        assertThat(unbounded).as("fields that may be of 5 MB, or %d elements", MANY).isEmpty();
    }

    @Test
    void namesHoldNoControlCharacters() throws Exception {
        int tried = 0;
        for (MethodDescriptor method : methods.all()) {
            FieldDescriptor name = method.getInputType().findFieldByName("name");
            if (name == null) {
                continue;
            }
            for (String text : List.of("a\nb", "a\0b", "\u007f", "a\u0085b", "\u001b[31m")) {
                tried++;
                DynamicMessage request = sample(method.getInputType()).setField(name, text).build();
                assertThat(isRefusedFor(List.of(name), method, request))
                        .as("%s refuses %s", method.getFullName(), text)
                        .isTrue();
            }
        }
        assertThat(tried).isGreaterThan(30);
    }

    @Test
    void everyListIsPaged() throws Exception {
        List<MethodDescriptor> lists =
                methods.all().stream()
                        .filter(method -> method.getName().startsWith("List"))
                        .toList();

        assertThat(lists)
                .extracting(MethodDescriptor::getName)
                .contains("ListOrganizations", "ListEndDevices", "ListRows", "ListPresets");
        for (MethodDescriptor list : lists) {
            Descriptor request = list.getInputType();
            assertThat(type(request, "page_size")).as(list.getFullName()).isEqualTo("INT32");
            assertThat(type(request, "page_token")).as(list.getFullName()).isEqualTo("STRING");
            assertThat(type(list.getOutputType(), "next_page_token"))
                    .as(list.getFullName())
                    .isEqualTo("STRING");
            assertThatCall(() -> methods.call(list, with(request, "page_size", -1)))
                    .hasStatus(Code.INVALID_ARGUMENT, "Page size cannot be negative");
            assertThatCall(() -> methods.call(list, with(request, "page_token", "none")))
                    .hasStatus(Code.INVALID_ARGUMENT, "Page token is not one")
                    .isOfField("page_token");
        }
    }

    @Test
    void aPageHas50ElementsWhereNothingIsSaidAnd1000AtMost() throws SQLException {
        String organization = service.organization("Acme");
        execute(
                "INSERT INTO end_devices (device_id, organization_id, name) SELECT '"
                        + organization
                        + "-' || i, '"
                        + organization
                        + "', 'Sensor ' || i FROM generate_series(1, 1100) AS i");

        assertThat(devices(organization, 0, "").getEndDevicesCount()).isEqualTo(50);
        assertThat(devices(organization, 999, "").getEndDevicesCount()).isEqualTo(999);
        ListEndDevicesResponse first = devices(organization, Integer.MAX_VALUE, "");
        assertThat(first.getEndDevicesCount()).isEqualTo(1_000);
        ListEndDevicesResponse second =
                devices(organization, Integer.MAX_VALUE, first.getNextPageToken());
        assertThat(second.getEndDevicesCount()).isEqualTo(100);
        assertThat(second.getNextPageToken()).isEmpty();
        assertThat(ids(first, second)).doesNotHaveDuplicates().hasSize(1_100);
    }

    @Test
    void whatWasStoredBeforeTheLimitsIsListedAndChangedInOtherFields() throws SQLException {
        String organization = service.organization("Acme");
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            expected.add(0, createDevice(organization).getDeviceId());
        }
        String gateway =
                service.gateways()
                        .createGateway(
                                CreateGatewayRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .build())
                        .getGateway()
                        .getGatewayId();
        String definition =
                service.definitions()
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Kind")
                                        .addContracts(contract("{\"a\": 1}"))
                                        .build())
                        .getEndDeviceDefinition()
                        .getId();
        String longName = "E'a\\nb' || repeat('n', 300000)";
        for (String table : List.of("end_devices", "gateways", "end_device_definitions")) {
            execute(
                    "UPDATE "
                            + table
                            + " SET name = "
                            + longName
                            + " WHERE organization_id = '"
                            + organization
                            + "'");
        }

        // Clients take no answer of more than 4 MiB, and there are 6 MB.
        List<EndDevice> listed = new ArrayList<>();
        String token = "";
        do {
            ListEndDevicesResponse page = devices(organization, 0, token);
            listed.addAll(page.getEndDevicesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(listed).extracting(EndDevice::getDeviceId).isEqualTo(expected);
        assertThat(listed).extracting(EndDevice::getName).allMatch(this::isTheLongName);

        EndDevice changed =
                service.devices()
                        .updateEndDevice(
                                UpdateEndDeviceRequest.newBuilder()
                                        .setDeviceId(expected.get(0))
                                        .setPayloadConversion("{\"a\": 2}")
                                        .build())
                        .getEndDevice();
        assertThat(changed.getPayloadConversion()).isEqualTo("{\"a\": 2}");
        assertThat(changed.getName()).matches(this::isTheLongName);
        assertThat(
                        service.gateways()
                                .updateGateway(
                                        UpdateGatewayRequest.newBuilder()
                                                .setGatewayId(gateway)
                                                .setStatus(GatewayStatus.GATEWAY_STATUS_ERROR)
                                                .build())
                                .getGateway()
                                .getName())
                .matches(this::isTheLongName);
        assertThat(
                        service.gateways()
                                .listGateways(
                                        ListGatewaysRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .build())
                                .getGatewaysList())
                .hasSize(1);
        assertThat(
                        service.definitions()
                                .updateEndDeviceDefinition(
                                        UpdateEndDeviceDefinitionRequest.newBuilder()
                                                .setId(definition)
                                                .setOrganizationId(organization)
                                                .addContracts(contract("{\"a\": 2}"))
                                                .build())
                                .getEndDeviceDefinition()
                                .getName())
                .matches(this::isTheLongName);
    }

    @Test
    void aDefinitionIsNoLargerThanAnAnswer() {
        String organization = service.organization("Acme");
        String comment = " //" + "x".repeat(30_000);
        CreateEndDeviceDefinitionRequest.Builder request =
                CreateEndDeviceDefinitionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setName("Kind");
        for (int i = 0; i < 40; i++) {
            request.addContracts(contract("{\"a\": 1}" + comment));
        }

        assertThatCall(() -> service.definitions().createEndDeviceDefinition(request.build()))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "The contracts of an end device definition have at most 1048576 bytes");
    }

    private boolean isTheLongName(String name) {
        return name.startsWith("a\nbnn") && name.length() == 300_003;
    }

    private static PayloadContract contract(String transform) {
        return PayloadContract.newBuilder().setTransformExpression(transform).build();
    }

    private static EndDevice createDevice(String organization) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Sensor")
                                .build())
                .getEndDevice();
    }

    private static ListEndDevicesResponse devices(String organization, int size, String token) {
        return service.devices()
                .listEndDevices(
                        ListEndDevicesRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setPageSize(size)
                                .setPageToken(token)
                                .build());
    }

    private static List<String> ids(ListEndDevicesResponse... pages) {
        List<String> ids = new ArrayList<>();
        for (ListEndDevicesResponse page : pages) {
            page.getEndDevicesList().forEach(device -> ids.add(device.getDeviceId()));
        }
        return ids;
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    // Requests made of what reflection tells

    /** The ways to all fields that hold text, bytes or several elements. */
    private static List<List<FieldDescriptor>> paths(Descriptor type) {
        List<List<FieldDescriptor>> paths = new ArrayList<>();
        for (FieldDescriptor field : type.getFields()) {
            boolean isMessage = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            if (field.isRepeated() || isText(field) || isStruct(field)) {
                paths.add(List.of(field));
            }
            boolean isOfMessages = field.isMapField() ? hasMessages(field) : isMessage;
            if (isOfMessages && !isStruct(field)) {
                for (List<FieldDescriptor> rest : paths(inner(field))) {
                    List<FieldDescriptor> path = new ArrayList<>(List.of(field));
                    path.addAll(rest);
                    paths.add(path);
                }
            }
        }
        return paths;
    }

    /** The type of what a field has, if it is a map under its keys. */
    private static Descriptor inner(FieldDescriptor field) {
        return field.isMapField() ? ofValue(field).getMessageType() : field.getMessageType();
    }

    private static FieldDescriptor ofValue(FieldDescriptor map) {
        return map.getMessageType().findFieldByName("value");
    }

    private static boolean hasMessages(FieldDescriptor map) {
        return ofValue(map).getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    }

    private static boolean isText(FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.STRING
                || field.getJavaType() == FieldDescriptor.JavaType.BYTE_STRING;
    }

    private static boolean isStruct(FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                && field.getMessageType().getFullName().equals("google.protobuf.Struct");
    }

    /** Requests that hold too much at the end of the path. */
    private static List<DynamicMessage.Builder> tooLong(
            Descriptor type, List<FieldDescriptor> path) {
        FieldDescriptor field = path.get(0);
        if (path.size() > 1) {
            if (field.isMapField()) {
                return tooLong(inner(field), path.subList(1, path.size())).stream()
                        .map(
                                inner ->
                                        sample(type)
                                                .addRepeatedField(
                                                        field, entry(field, "x", inner.build())))
                        .toList();
            }
            return tooLong(field.getMessageType(), path.subList(1, path.size())).stream()
                    .map(
                            inner ->
                                    field.isRepeated()
                                            ? sample(type)
                                                    .clearField(field)
                                                    .addRepeatedField(field, inner.build())
                                            : sample(type).setField(field, inner.build()))
                    .toList();
        }
        if (field.isMapField()) {
            DynamicMessage.Builder many = sample(type);
            Object value = hasMessages(field) ? sample(inner(field)).build() : "x";
            for (int i = 0; i < MANY; i++) {
                many.addRepeatedField(field, entry(field, "k" + i, value));
            }
            List<DynamicMessage.Builder> requests = new ArrayList<>();
            requests.add(many);
            requests.add(sample(type).addRepeatedField(field, entry(field, FIVE_MEGABYTES, value)));
            if (!hasMessages(field)) {
                requests.add(
                        sample(type).addRepeatedField(field, entry(field, "x", FIVE_MEGABYTES)));
            }
            return requests;
        }
        if (field.isRepeated()) {
            DynamicMessage.Builder many = sample(type);
            Object element =
                    switch (field.getJavaType()) {
                        case STRING -> "x";
                        case ENUM -> field.getEnumType().findValueByNumber(1);
                        default -> sample(field.getMessageType()).build();
                    };
            for (int i = 0; i < MANY; i++) {
                many.addRepeatedField(field, element);
            }
            return List.of(many);
        }
        if (isStruct(field)) {
            FieldDescriptor members = field.getMessageType().findFieldByName("fields");
            Descriptor value = members.getMessageType().findFieldByName("value").getMessageType();
            return List.of(
                    sample(type)
                            .setField(
                                    field,
                                    DynamicMessage.newBuilder(field.getMessageType())
                                            .addRepeatedField(
                                                    members,
                                                    entry(
                                                            members,
                                                            "x",
                                                            with(
                                                                    value,
                                                                    "string_value",
                                                                    FIVE_MEGABYTES)))
                                            .build()));
        }
        return List.of(
                sample(type)
                        .setField(
                                field,
                                field.getJavaType() == FieldDescriptor.JavaType.BYTE_STRING
                                        ? ByteString.copyFromUtf8(FIVE_MEGABYTES)
                                        : FIVE_MEGABYTES));
    }

    private static DynamicMessage entry(FieldDescriptor map, Object key, Object value) {
        Descriptor type = map.getMessageType();
        return DynamicMessage.newBuilder(type)
                .setField(type.findFieldByName("key"), key)
                .setField(type.findFieldByName("value"), value)
                .build();
    }

    /** A message without empty texts and lists; of a choice it has the expression, if any. */
    private static DynamicMessage.Builder sample(Descriptor type) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            if (field.getRealContainingOneof() != null) {
                if (field.getName().endsWith("expression")) {
                    message.setField(field, "1");
                }
                continue;
            }
            if (field.isMapField()) {
                continue;
            }
            if (field.isRepeated()) {
                if (!field.getName().equals("examples")
                        && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                    message.addRepeatedField(field, sample(field.getMessageType()).build());
                }
            } else if (field.getName().equals("resource_type")
                    && field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
                message.setField(field, field.getEnumType().findValueByNumber(1));
            } else if (field.getName().equals("broker_url")) {
                message.setField(field, "mqtt://broker");
            } else if (field.getName().equals("filter")) {
                message.setField(field, "true");
            } else if (field.getName().equals("order_by")) {
                message.setField(field, "created_at");
            } else if (field.getJavaType() == FieldDescriptor.JavaType.STRING) {
                message.setField(field, "x");
            }
        }
        return message;
    }

    private static DynamicMessage with(Descriptor type, String field, Object value) {
        return sample(type)
                .clearField(type.findFieldByName(field))
                .setField(type.findFieldByName(field), value)
                .build();
    }

    private static String type(Descriptor message, String field) {
        FieldDescriptor found = message.findFieldByName(field);
        return found == null ? "none" : found.getType().name();
    }

    private static String text(List<FieldDescriptor> path) {
        return path.stream().map(FieldDescriptor::getName).collect(Collectors.joining("."));
    }

    /** Whether the call is refused for that field, or one that it is part of. */
    private static boolean isRefusedFor(
            List<FieldDescriptor> path, MethodDescriptor method, DynamicMessage request) {
        StatusRuntimeException refusal =
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> methods.call(method, request));
        if (refusal == null || refusal.getStatus().getCode() != Code.INVALID_ARGUMENT) {
            return false;
        }
        String last = path.get(path.size() - 1).getName();
        if (last.startsWith("payload")
                && refusal.getStatus().getDescription().startsWith("The payload has")) {
            return true;
        }
        UnaryOperator<String> withoutIndex = field -> field.replaceAll("\\[\\d+]", "");
        return StatusProto.fromThrowable(refusal).getDetailsList().stream()
                .filter(detail -> detail.is(BadRequest.class))
                .flatMap(detail -> violations(detail).getFieldViolationsList().stream())
                .map(violation -> withoutIndex.apply(violation.getField()))
                .anyMatch(field -> (text(path) + ".").startsWith(field + "."));
    }

    private static BadRequest violations(com.google.protobuf.Any detail) {
        try {
            return detail.unpack(BadRequest.class);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
