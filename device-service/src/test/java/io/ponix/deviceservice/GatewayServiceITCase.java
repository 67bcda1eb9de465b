package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayKeyResponse;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayKeyRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayResponse;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayKey;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.GatewayType;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import io.ponix.proto.gateway.v1.ListGatewaysRequest;
import io.ponix.proto.gateway.v1.ListGatewaysResponse;
import io.ponix.proto.gateway.v1.MqttVersion;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of the methods, as a caller sees them. */
@ExtendWith(ServiceUnderTest.Shared.class)
class GatewayServiceITCase {

    private static final String URL = "mqtt://broker.example.com:1883";

    private static ServiceUnderTest service;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @Test
    void aNewGatewayIsReturnedWholeAndFoundAgain() throws SQLException {
        String organization = service.organization("Acme");

        Gateway gateway = create(organization, "North hall", URL);

        assertThat(gateway.getGatewayId()).matches("[0-9a-v]{20}");
        assertThat(gateway.getCreatedAt().getNanos()).isNotZero();
        assertThat(gateway)
                .isEqualTo(
                        Gateway.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .setOrganizationId(organization)
                                .setName("North hall")
                                .setStatus(GatewayStatus.GATEWAY_STATUS_ACTIVE)
                                .setType(GatewayType.GATEWAY_TYPE_EMQX)
                                .setCreatedAt(gateway.getCreatedAt())
                                .setUpdatedAt(gateway.getCreatedAt())
                                .setEmqxConfig(EMQXGatewayConfig.newBuilder().setBrokerUrl(URL))
                                .setEtag("1")
                                .build());
        assertThat(get(gateway.getGatewayId(), "")).isEqualTo(gateway);
        assertThat(column(gateway, "gateway_config ->> 'broker_url'")).isEqualTo(URL);
        assertThat(create(organization, "North hall", URL).getGatewayId())
                .as("names need not be unique")
                .isNotEqualTo(gateway.getGatewayId());
    }

    @Test
    void aGatewayWithoutANameIsCalledByItsBrokerUntilItIsGivenOne() {
        String organization = service.organization("Acme");
        Gateway gateway = create(organization, "", URL);
        assertThat(gateway.getName()).isEqualTo(URL);
        assertThat(get(gateway.getGatewayId(), "").getName()).isEqualTo(URL);

        Gateway moved = update(gateway, change -> change.setEmqxConfig(config("tcp://other")));
        assertThat(moved.getName()).isEqualTo("tcp://other");
        Gateway named = update(gateway, change -> change.setName("South"));
        assertThat(named.getName()).isEqualTo("South");
        assertThat(update(gateway, change -> change.setEmqxConfig(config(URL))).getName())
                .isEqualTo("South");
    }

    @Test
    void neitherTypeNorConfigIsRequiredAtFirst() {
        CreateGatewayRequest bare =
                CreateGatewayRequest.newBuilder()
                        .setOrganizationId(service.organization("Acme"))
                        .build();

        Gateway gateway = service.gateways().createGateway(bare).getGateway();
        assertThat(gateway.getType()).isEqualTo(GatewayType.GATEWAY_TYPE_UNSPECIFIED);
        assertThat(gateway.hasEmqxConfig()).isFalse();
        assertThat(gateway.getName()).isEmpty();
        assertThat(gateway.getStatus()).isEqualTo(GatewayStatus.GATEWAY_STATUS_ACTIVE);
        assertThat(get(gateway.getGatewayId(), "")).isEqualTo(gateway);

        Gateway configured = update(gateway, change -> change.setEmqxConfig(config(URL)));
        assertThat(configured.getType()).isEqualTo(GatewayType.GATEWAY_TYPE_EMQX);
        assertThat(configured.getEmqxConfig().getBrokerUrl()).isEqualTo(URL);

        Gateway typed =
                service.gateways()
                        .createGateway(
                                bare.toBuilder().setType(GatewayType.GATEWAY_TYPE_EMQX).build())
                        .getGateway();
        assertThat(typed.getType()).isEqualTo(GatewayType.GATEWAY_TYPE_EMQX);
        assertThat(typed.hasEmqxConfig()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nobody"})
    void anUnknownOrganizationIsNotFound(String organization) {
        assertThatCall(() -> create(organization, "North", URL))
                .hasStatus(Code.NOT_FOUND, "Organization not found: " + organization);
    }

    @Test
    void aDeletedOrganizationKeepsItsGatewaysAndGetsNoNewOnes() {
        String organization = service.organization("Acme");
        Gateway before = create(organization, "North", URL);
        service.organizations()
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder()
                                .setOrganizationId(organization)
                                .build());

        assertThatCall(() -> create(organization, "South", URL))
                .hasStatus(
                        Code.FAILED_PRECONDITION,
                        "Cannot create gateway for deleted organization: " + organization);
        assertThat(get(before.getGatewayId(), organization)).isEqualTo(before);
        assertThat(list(organization)).containsExactly(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mqtt://localhost",
                "mqtts://broker.example.com:8883",
                "tcp://emqx_1:1883/",
                "SSL://[2001:db8::1]:8883",
                "mqtt://10.0.0.1:65535/any@where"
            })
    void aBrokerHasAUrl(String url) {
        assertThat(create(service.organization("Acme"), "", url).getEmqxConfig().getBrokerUrl())
                .isEqualTo(url);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "\"\",                          must be mqtt://HOST[:PORT]",
                "broker.example.com,            must be mqtt://HOST[:PORT]",
                "http://broker.example.com,     must be mqtt://HOST[:PORT]",
                "\" mqtt://broker\",            must be mqtt://HOST[:PORT]",
                "\"mqtt://broker/a\nb\",        printable ASCII",
                "mqtt://,                       must name a host",
                "mqtt://:1883,                  must name a host",
                "mqtt://broker:0,               must name a host",
                "mqtt://broker:65536,           must name a host",
                "mqtt://broker:port,            must name a host",
                "mqtt://bröker,                 must name a host",
                "\"mqtt://broker /\",           must name a host",
                "mqtt://broker/ü,               printable ASCII",
                "mqtt://sesame@broker,          must not hold a user name",
                "mqtt://user:sesame@broker:1883,must not hold a user name",
                "mqtt://broker?password=sesame, must not hold a user name",
                "mqtt://broker/#sesame,         must not hold a user name"
            })
    void whatIsNoUrlOfABrokerOrHoldsCredentialsIsRefusedWithoutRepeatingIt(
            String url, String message) {
        Gateway gateway = create(service.organization("Acme"), "North", URL);

        assertThatCall(() -> create(gateway.getOrganizationId(), "", url))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway broker URL", message)
                .hasDetail(
                        BadRequest.class,
                        detail -> {
                            assertThat(detail.getFieldViolations(0).getField())
                                    .isEqualTo("emqx_config.broker_url");
                            assertThat(detail.toString()).doesNotContain("sesame");
                        });
        assertThatCall(() -> update(gateway, change -> change.setEmqxConfig(config(url))))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway broker URL", message);
        assertThat(get(gateway.getGatewayId(), "")).isEqualTo(gateway);
    }

    @Test
    void whatIsTooLongOrNotInTheContractIsRefused() {
        Gateway gateway = create(service.organization("Acme"), "North", URL);
        CreateGatewayRequest request =
                CreateGatewayRequest.newBuilder()
                        .setOrganizationId(gateway.getOrganizationId())
                        .build();

        assertThatCall(() -> create(gateway.getOrganizationId(), "n".repeat(257), URL))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway name has at most 256 characters");
        assertThatCall(() -> update(gateway, change -> change.setName("n".repeat(257))))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway name has at most 256 characters");
        assertThatCall(
                        () ->
                                create(
                                        gateway.getOrganizationId(),
                                        "",
                                        "mqtt://broker/" + "p".repeat(2048)))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway broker URL has at most 2048 characters");
        assertThatCall(() -> create(gateway.getOrganizationId(), "a\0b", URL))
                .hasStatus(Code.INVALID_ARGUMENT, "must not contain control characters");
        assertThatCall(
                        () ->
                                service.gateways()
                                        .createGateway(request.toBuilder().setTypeValue(7).build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway type must be GATEWAY_TYPE_EMQX");
        assertThatCall(() -> update(gateway, change -> change.setTypeValue(7)))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway type must be GATEWAY_TYPE_EMQX");
        assertThatCall(() -> update(gateway, change -> change.setStatusValue(4)))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway status must be GATEWAY_STATUS_ACTIVE");
    }

    @Test
    void updateChangesWhatIsGivenAndNothingWhereThatIsAsItWas() throws SQLException {
        Gateway gateway = create(service.organization("Acme"), "North", URL);

        Gateway failed =
                update(gateway, change -> change.setStatus(GatewayStatus.GATEWAY_STATUS_ERROR));
        assertThat(failed)
                .isEqualTo(
                        gateway.toBuilder()
                                .setStatus(GatewayStatus.GATEWAY_STATUS_ERROR)
                                .setUpdatedAt(failed.getUpdatedAt())
                                .setEtag("2")
                                .build());
        assertThat(failed.getUpdatedAt()).isNotEqualTo(gateway.getUpdatedAt());
        assertThat(get(gateway.getGatewayId(), "")).isEqualTo(failed);

        Gateway changed =
                update(
                        gateway,
                        change ->
                                change.setName("South")
                                        .setEmqxConfig(config("ssl://broker"))
                                        .setOrganizationId(gateway.getOrganizationId()));
        assertThat(changed.getName()).isEqualTo("South");
        assertThat(changed.getEmqxConfig().getBrokerUrl()).isEqualTo("ssl://broker");
        assertThat(changed.getStatus()).isEqualTo(GatewayStatus.GATEWAY_STATUS_ERROR);

        String version = column(gateway, "version");
        assertThat(update(gateway, change -> change)).isEqualTo(changed);
        assertThat(update(gateway, change -> change.setName("South"))).isEqualTo(changed);
        assertThat(column(gateway, "version")).isEqualTo(version);
    }

    @Test
    void aBridgeSaysWhyTheStatusIsWhatItIs() throws SQLException {
        Gateway gateway = create(service.organization("Acme"), "North", URL);

        Gateway failed =
                update(
                        gateway,
                        change ->
                                change.setStatus(GatewayStatus.GATEWAY_STATUS_ERROR)
                                        .setStatusReason("unknown host broker.example.com"));
        assertThat(failed.getStatusReason()).isEqualTo("unknown host broker.example.com");
        assertThat(get(gateway.getGatewayId(), "")).isEqualTo(failed);
        assertThat(update(gateway, change -> change.setStatusReason("alone")).getStatusReason())
                .as("a reason without a status")
                .isEqualTo(failed.getStatusReason());
        assertThat(
                        update(
                                        gateway,
                                        change ->
                                                change.setStatus(
                                                        GatewayStatus.GATEWAY_STATUS_ACTIVE))
                                .getStatusReason())
                .isEmpty();
        assertThatCall(
                        () ->
                                update(
                                        gateway,
                                        change ->
                                                change.setStatus(GatewayStatus.GATEWAY_STATUS_ERROR)
                                                        .setStatusReason("x".repeat(1025))))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway status reason has at most 1024");
    }

    @Test
    void whatTheMessagesMeanIsAPresetOrAnExpressionUntilItIsNone() {
        String organization = service.organization("Acme");
        Gateway gateway =
                service.gateways()
                        .createGateway(
                                CreateGatewayRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setIntakePreset("the-things-stack")
                                        .build())
                        .getGateway();
        assertThat(gateway.getIntakePreset()).isEqualTo("the-things-stack");
        assertThat(get(gateway.getGatewayId(), "")).isEqualTo(gateway);
        assertThat(list(organization)).containsExactly(gateway);

        String expression = "{\"device_id\": topic, \"payload\": payload}";
        Gateway own = update(gateway, change -> change.setIntakeExpression(expression));
        assertThat(own.getIntakeExpression()).isEqualTo(expression);
        assertThat(own.hasIntakePreset()).isFalse();
        assertThat(update(gateway, change -> change.setName("x")).getIntakeExpression())
                .as("what is not given stays")
                .isEqualTo(expression);
        assertThat(update(gateway, change -> change.setIntakePreset("raw")).getIntakeCase())
                .isEqualTo(Gateway.IntakeCase.INTAKE_PRESET);
        assertThat(update(gateway, change -> change.setIntakePreset("")).getIntakeCase())
                .isEqualTo(Gateway.IntakeCase.INTAKE_NOT_SET);
        assertThat(update(gateway, change -> change.setIntakeExpression(expression)))
                .extracting(Gateway::getIntakeExpression)
                .isEqualTo(expression);
        assertThat(update(gateway, change -> change.setIntakeExpression("")).getIntakeCase())
                .isEqualTo(Gateway.IntakeCase.INTAKE_NOT_SET);
    }

    @Test
    void anIntakeThatNoBridgeCouldUseIsRefusedWithThePlace() {
        Gateway gateway = create(service.organization("Acme"), "North", URL);

        assertThatCall(() -> update(gateway, change -> change.setIntakePreset("TTN")))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "Gateway intake preset must be one of the-things-stack, chirpstack,")
                .hasDetail(
                        BadRequest.class,
                        detail ->
                                assertThat(detail.getFieldViolations(0).getField())
                                        .isEqualTo("intake_preset"));
        assertThatCall(
                        () ->
                                update(
                                        gateway,
                                        change ->
                                                change.setIntakeExpression(
                                                        "{\"device_id\": topic,\n"
                                                                + " \"payload\": input}")))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "Intake expression does not compile",
                        "undeclared reference to 'input'")
                .hasDetail(
                        BadRequest.class,
                        detail -> {
                            assertThat(detail.getFieldViolations(0).getField())
                                    .isEqualTo("intake_expression");
                            assertThat(detail.getFieldViolations(0).getDescription())
                                    .startsWith("2:13 ");
                        });
        assertThatCall(
                        () ->
                                service.gateways()
                                        .createGateway(
                                                CreateGatewayRequest.newBuilder()
                                                        .setOrganizationId(
                                                                gateway.getOrganizationId())
                                                        .setIntakeExpression("topic")
                                                        .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "an intake expression gives an object");
        assertThatCall(
                        () ->
                                update(
                                        gateway,
                                        change ->
                                                change.setIntakeExpression(
                                                        "{\"device_id\": topic,\n"
                                                                + " \"payload\": topic}")))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "Intake expression gives no uplink, whatever the message",
                        "$.payload: is a string, not bytes: write base64.decode(x)")
                .hasDetail(
                        BadRequest.class,
                        detail -> {
                            assertThat(detail.getFieldViolations(0).getField())
                                    .isEqualTo("intake_expression");
                            assertThat(detail.getFieldViolations(0).getDescription())
                                    .startsWith("2:13 $.payload: ");
                        });
        assertThatCall(() -> update(gateway, change -> change.setIntakeExpression("dyn(null)")))
                .hasStatus(Code.INVALID_ARGUMENT, "1:5 $: is null whatever the message");
        assertThatCall(
                        () ->
                                update(
                                        gateway,
                                        change -> change.setIntakeExpression(" ".repeat(65537))))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "Gateway intake expression has at most 65536 characters");
        assertThat(get(gateway.getGatewayId(), "")).isEqualTo(gateway);
    }

    @Test
    void aKeyIsMadeAndItsSecretToldOnceUntilItIsDeleted() throws Exception {
        String organization = service.organization("Acme");
        Gateway gateway = create(organization, "North", URL);

        CreateGatewayKeyResponse made = createKey(gateway, organization, "The Things Stack");
        String secret = made.getSecret();
        assertThat(secret).matches("ponix_[A-Za-z0-9_-]{43}");
        assertThat(made.getKey().getKeyId()).matches("[0-9a-v]{20}");
        assertThat(made.getKey().getName()).isEqualTo("The Things Stack");
        assertThat(made.getKey().getCreatedAt().getSeconds()).isPositive();
        assertThat(made.getKey().getSha256().toByteArray())
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8)));
        Gateway withKey = get(gateway.getGatewayId(), "");
        assertThat(withKey)
                .isEqualTo(
                        gateway.toBuilder()
                                .addKeys(made.getKey())
                                .setUpdatedAt(withKey.getUpdatedAt())
                                .setEtag("2")
                                .build());
        assertThat(withKey.getUpdatedAt()).isNotEqualTo(gateway.getUpdatedAt());
        assertThat(list(organization)).containsExactly(withKey);
        assertThat(column(gateway, "to_jsonb(gateways)::text")).doesNotContain(secret);
        assertThat(update(gateway, change -> change.setName("South")).getKeysList())
                .containsExactly(made.getKey());

        CreateGatewayKeyResponse other = createKey(gateway, "", "");
        assertThat(other.getSecret()).isNotEqualTo(secret);
        deleteKey(gateway, organization, made.getKey().getKeyId());
        assertThat(get(gateway.getGatewayId(), "").getKeysList()).containsExactly(other.getKey());
        assertThatCall(() -> deleteKey(gateway, "", made.getKey().getKeyId()))
                .hasStatus(Code.NOT_FOUND, "Gateway key not found: " + made.getKey().getKeyId());
        deleteKey(gateway, "", other.getKey().getKeyId());
        assertThat(get(gateway.getGatewayId(), "").getKeysList()).isEmpty();
    }

    @Test
    void aGatewayHasTenKeysAtMostHoweverManyAreMadeAtOnce() {
        String organization = service.organization("Acme");
        Gateway gateway = create(organization, "North", URL);
        long made =
                IntStream.range(0, 16)
                        .parallel()
                        .filter(
                                number -> {
                                    try {
                                        createKey(gateway, organization, "key " + number);
                                        return true;
                                    } catch (StatusRuntimeException e) {
                                        assertThat(e.getStatus().getCode())
                                                .isEqualTo(Code.FAILED_PRECONDITION);
                                        return false;
                                    }
                                })
                        .count();

        assertThat(made).isEqualTo(10);
        Gateway full = get(gateway.getGatewayId(), "");
        assertThat(full.getKeysList()).hasSize(10).doesNotHaveDuplicates();
        assertThatCall(() -> createKey(gateway, organization, ""))
                .hasStatus(Code.FAILED_PRECONDITION, "10 keys", "delete one first")
                .hasReason("TOO_MANY_KEYS", Map.of("gateway_id", gateway.getGatewayId()));
        deleteKey(gateway, organization, full.getKeys(3).getKeyId());
        createKey(gateway, organization, "in its place");
        assertThat(get(gateway.getGatewayId(), "").getKeysList())
                .extracting(GatewayKey::getName)
                .hasSize(10)
                .endsWith("in its place");
    }

    @Test
    void keysAreOfGatewaysThatThereAre() {
        String organization = service.organization("Acme");
        Gateway gateway = create(organization, "North", URL);
        String keyId = createKey(gateway, "", "").getKey().getKeyId();

        assertThatCall(() -> createKey(gateway, service.organization("Other"), ""))
                .hasStatus(Code.NOT_FOUND, gateway.getGatewayId());
        assertThatCall(() -> deleteKey(gateway, service.organization("Other"), keyId))
                .hasStatus(Code.NOT_FOUND, gateway.getGatewayId());
        assertThatCall(() -> createKey(gateway, "", "n".repeat(257)))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway key name has at most 256 characters");
        assertThatCall(() -> deleteKey(gateway, "", ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway key ID cannot be empty");
        delete(gateway.getGatewayId(), "");
        assertThatCall(() -> createKey(gateway, "", ""))
                .hasStatus(Code.NOT_FOUND, gateway.getGatewayId());
        assertThatCall(() -> deleteKey(gateway, "", keyId))
                .hasStatus(Code.NOT_FOUND, gateway.getGatewayId());
    }

    private static CreateGatewayKeyResponse createKey(
            Gateway gateway, String organization, String name) {
        return service.gateways()
                .createGatewayKey(
                        CreateGatewayKeyRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .setOrganizationId(organization)
                                .setName(name)
                                .build());
    }

    private static void deleteKey(Gateway gateway, String organization, String keyId) {
        service.gateways()
                .deleteGatewayKey(
                        DeleteGatewayKeyRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .setOrganizationId(organization)
                                .setKeyId(keyId)
                                .build());
    }

    @Test
    void aConfigIsStoredWholeAndWhatABridgeCannotUseIsRefused() {
        Gateway gateway = create(service.organization("Acme"), "North", URL);
        EMQXGatewayConfig whole =
                config(URL).toBuilder()
                        .setSubscriptionGroup("ponix")
                        .setCredential("north-hall_1")
                        .setMqttVersion(MqttVersion.MQTT_VERSION_3_1_1)
                        .setSessionExpiry(Duration.newBuilder().setSeconds(60))
                        .setTopicFilter("v3/+/devices/+/#")
                        .build();

        assertThat(update(gateway, change -> change.setEmqxConfig(whole)).getEmqxConfig())
                .isEqualTo(whole);
        assertThat(get(gateway.getGatewayId(), "").getEmqxConfig()).isEqualTo(whole);

        for (String group : List.of("a/b", "a b", "+", "#", "$share", "x".repeat(65))) {
            assertConfigRefused(
                    gateway,
                    whole.toBuilder().setSubscriptionGroup(group),
                    "Gateway subscription group");
        }
        for (String credential : List.of("user:secret", "a/b", "x".repeat(65))) {
            assertConfigRefused(
                    gateway, whole.toBuilder().setCredential(credential), "Gateway credential");
        }
        for (String filter : List.of("a+/b", "#/a", "a/#/b", "a#", "$SYS/#", "x".repeat(1025))) {
            assertConfigRefused(
                    gateway, whole.toBuilder().setTopicFilter(filter), "Gateway topic filter");
        }
        for (long seconds : new long[] {-1, 0, 59, 2_592_001}) {
            assertConfigRefused(
                    gateway,
                    whole.toBuilder().setSessionExpiry(Duration.newBuilder().setSeconds(seconds)),
                    "Gateway session expiry");
        }
        assertConfigRefused(gateway, whole.toBuilder().setMqttVersionValue(9), "Gateway MQTT");
        for (String filter : List.of("#", "+", "a", "/", "+/b/#", "a//b")) {
            assertThat(
                            update(
                                            gateway,
                                            change ->
                                                    change.setEmqxConfig(
                                                            whole.toBuilder()
                                                                    .setTopicFilter(filter)))
                                    .getEmqxConfig()
                                    .getTopicFilter())
                    .isEqualTo(filter);
        }
    }

    private static void assertConfigRefused(
            Gateway gateway, EMQXGatewayConfig.Builder config, String message) {
        assertThatCall(() -> update(gateway, change -> change.setEmqxConfig(config)))
                .hasStatus(Code.INVALID_ARGUMENT, message);
    }

    @Test
    void anEmptyIdIsRefusedAndAnUnknownOneNotFoundByItself() {
        Gateway nobody = Gateway.newBuilder().setGatewayId("nobody").build();

        assertThatCall(() -> get("", ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway ID cannot be empty");
        assertThatCall(() -> update(Gateway.getDefaultInstance(), change -> change))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway ID cannot be empty");
        assertThatCall(() -> delete("", ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway ID cannot be empty");
        assertThatCall(() -> list(""))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization ID cannot be empty");
        assertThatCall(() -> get("nobody", "")).hasStatus(Code.NOT_FOUND, "nobody");
        assertThatCall(() -> update(nobody, change -> change)).hasStatus(Code.NOT_FOUND, "nobody");
        assertThatCall(() -> delete("nobody", "")).hasStatus(Code.NOT_FOUND, "nobody");
    }

    @Test
    void anOrganizationThatIsGivenFindsItsOwnGatewaysOnly() {
        String other = service.organization("Other");
        Gateway gateway = create(service.organization("Acme"), "North", URL);
        String id = gateway.getGatewayId();

        assertThat(get(id, gateway.getOrganizationId())).isEqualTo(gateway);
        assertThatCall(() -> get(id, other)).hasStatus(Code.NOT_FOUND, id);
        assertThatCall(() -> update(gateway, change -> change.setOrganizationId(other)))
                .hasStatus(Code.NOT_FOUND, id);
        assertThatCall(() -> delete(id, other)).hasStatus(Code.NOT_FOUND, id);
        assertThat(get(id, "")).isEqualTo(gateway);
        delete(id, gateway.getOrganizationId());
        assertThatCall(() -> get(id, "")).hasStatus(Code.NOT_FOUND, id);
    }

    @Test
    void aDeletedGatewayIsGoneForCallersAndStaysInTheTable() throws SQLException {
        Gateway gateway = create(service.organization("Acme"), "North", URL);
        String id = gateway.getGatewayId();

        assertThat(delete(id, "")).isEqualTo(DeleteGatewayResponse.getDefaultInstance());

        assertThatCall(() -> get(id, "")).hasStatus(Code.NOT_FOUND, id);
        assertThatCall(() -> update(gateway, change -> change.setName("x")))
                .hasStatus(Code.NOT_FOUND, id);
        assertThatCall(() -> delete(id, "")).hasStatus(Code.NOT_FOUND, id);
        assertThat(list(gateway.getOrganizationId())).isEmpty();
        assertThat(column(gateway, "deleted_at = updated_at AND deleted_at > created_at"))
                .isEqualTo("t");
    }

    @Test
    void listIsNewestFirstAndComesInPages() {
        String organization = service.organization("Acme");
        Gateway first = create(organization, "first", URL);
        Gateway second = create(organization, "second", URL);
        Gateway third = create(organization, "third", URL);
        create(service.organization("Other"), "other", URL);

        assertThat(list("nobody")).isEmpty();
        assertThat(list(organization)).containsExactly(third, second, first);
        ListGatewaysResponse page = page(organization, 2, "");
        assertThat(page.getGatewaysList()).containsExactly(third, second);
        Gateway fourth = create(organization, "fourth", URL);
        ListGatewaysResponse last = page(organization, 2, page.getNextPageToken());
        assertThat(last.getGatewaysList()).containsExactly(first);
        assertThat(last.getNextPageToken()).isEmpty();
        assertThat(page(organization, 1, "").getGatewaysList()).containsExactly(fourth);
        assertThatCall(() -> page(organization, -1, ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Page size cannot be negative");
        assertThatCall(() -> page(organization, 1, "none"))
                .hasStatus(Code.INVALID_ARGUMENT, "Page token is not one");
    }

    @Test
    void theMethodsAnswerInJson() throws Exception {
        HttpResponse<String> response =
                CleartextHttp.CLIENT.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://127.0.0.1:"
                                                        + service.service().httpPort()
                                                        + "/ponix.gateway.v1.GatewayService"
                                                        + "/CreateGateway"))
                                .header("content-type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "{\"organization_id\": \""
                                                        + service.organization("Acme")
                                                        + "\", \"emqx_config\":"
                                                        + " {\"broker_url\": \""
                                                        + URL
                                                        + "\"}}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body())
                .contains("GATEWAY_TYPE_EMQX", "GATEWAY_STATUS_ACTIVE", "\"name\"", URL);
    }

    private static Gateway create(String organization, String name, String url) {
        return service.gateways()
                .createGateway(
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .setEmqxConfig(config(url))
                                .build())
                .getGateway();
    }

    private static EMQXGatewayConfig config(String url) {
        return EMQXGatewayConfig.newBuilder().setBrokerUrl(url).build();
    }

    private static Gateway get(String id, String organization) {
        return service.gateways()
                .getGateway(
                        GetGatewayRequest.newBuilder()
                                .setGatewayId(id)
                                .setOrganizationId(organization)
                                .build())
                .getGateway();
    }

    private static List<Gateway> list(String organization) {
        return page(organization, 0, "").getGatewaysList();
    }

    private static ListGatewaysResponse page(String organization, int size, String token) {
        return service.gateways()
                .listGateways(
                        ListGatewaysRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setPageSize(size)
                                .setPageToken(token)
                                .build());
    }

    private static Gateway update(
            Gateway gateway, UnaryOperator<UpdateGatewayRequest.Builder> change) {
        return service.gateways()
                .updateGateway(
                        change.apply(
                                        UpdateGatewayRequest.newBuilder()
                                                .setGatewayId(gateway.getGatewayId()))
                                .build())
                .getGateway();
    }

    private static DeleteGatewayResponse delete(String id, String organization) {
        return service.gateways()
                .deleteGateway(
                        DeleteGatewayRequest.newBuilder()
                                .setGatewayId(id)
                                .setOrganizationId(organization)
                                .build());
    }

    private static String column(Gateway gateway, String expression) throws SQLException {
        return service.query(
                "SELECT "
                        + expression
                        + " FROM gateways WHERE gateway_id = '"
                        + gateway.getGatewayId()
                        + "'");
    }
}
