package io.ponix.deviceservice;

import static io.ponix.deviceservice.AccessUnderTest.key;
import static io.ponix.deviceservice.AccessUnderTest.status;
import static io.ponix.deviceservice.AccessUnderTest.withHeaders;
import static io.ponix.deviceservice.AccessUnderTest.withKey;
import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.ponix.proto.access.v1.AccessServiceGrpc;
import io.ponix.proto.access.v1.CreateKeyRequest;
import io.ponix.proto.access.v1.CreateKeyResponse;
import io.ponix.proto.access.v1.GetCallerRequest;
import io.ponix.proto.access.v1.GetCallerResponse;
import io.ponix.proto.access.v1.Key;
import io.ponix.proto.access.v1.ListKeysRequest;
import io.ponix.proto.access.v1.ListKeysResponse;
import io.ponix.proto.access.v1.RevokeKeyRequest;
import io.ponix.proto.access.v1.Role;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.GatewayServiceGrpc;
import io.ponix.proto.gateway.v1.UpdateGatewayRequest;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys as their holders know them, on a service that asks for one. */
class AccessITCase {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String WORDS =
            "A valid key is needed: send it as 'authorization: Bearer ponix_<id>_<secret>'"
                    + " (./ponix key list shows which are valid)";

    @TempDir private static Path home;

    private static ServiceUnderTest service;
    private static Channel operator;
    private static String organization;

    @BeforeAll
    static void start() throws Exception {
        service = ServiceUnderTest.start(home, AccessUnderTest.required(home));
        operator = withKey(service.channel(), AccessUnderTest.OPERATOR);
        organization = organization("Acme");
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static String organization(String name) {
        return OrganizationServiceGrpc.newBlockingStub(operator)
                .createOrganization(CreateOrganizationRequest.newBuilder().setName(name).build())
                .getOrganizationId();
    }

    private static AccessServiceGrpc.AccessServiceBlockingStub access(Channel channel) {
        return AccessServiceGrpc.newBlockingStub(channel);
    }

    private static Status.Code callWith(Channel channel, String key) {
        return status(
                        withKey(channel, key),
                        AccessServiceGrpc.getGetCallerMethod(),
                        GetCallerRequest.getDefaultInstance())
                .getCode();
    }

    @Test
    void aKeySaysWhoCalls() {
        CreateKeyResponse created = key(operator, organization, Role.ROLE_EDITOR);
        assertThat(created.getSecret())
                .matches("ponix_[0-9a-v]{20}_[0-9A-Za-z_-]{43}")
                .contains(created.getKey().getKeyId());
        assertThat(
                        access(withKey(service.channel(), created.getSecret()))
                                .getCaller(GetCallerRequest.getDefaultInstance()))
                .isEqualTo(
                        GetCallerResponse.newBuilder()
                                .setKeyId(created.getKey().getKeyId())
                                .setName("a key")
                                .setOrganizationId(organization)
                                .setRole(Role.ROLE_EDITOR)
                                .build());
    }

    @Test
    void noSecretIsStoredOrListed() throws Exception {
        CreateKeyResponse created = key(operator, organization, Role.ROLE_VIEWER);
        String secret = created.getSecret().substring(created.getSecret().lastIndexOf('_') - 10);
        assertThat(listed().toString()).doesNotContain(secret);
        assertThat(
                        service.query(
                                "SELECT count(*) FROM api_keys WHERE api_keys::text LIKE '%"
                                        + secret
                                        + "%'"))
                .isEqualTo("0");
    }

    private static List<Key> listed() {
        List<Key> keys = new ArrayList<>();
        ListKeysRequest.Builder request =
                ListKeysRequest.newBuilder().setOrganizationId(organization).setPageSize(2);
        ListKeysResponse page;
        do {
            page = access(operator).listKeys(request.build());
            assertThat(page.getKeysCount()).isLessThanOrEqualTo(2);
            keys.addAll(page.getKeysList());
            request.setPageToken(page.getNextPageToken());
        } while (!page.getNextPageToken().isEmpty());
        return keys;
    }

    private static Stream<List<String>> badCredentials() throws Exception {
        String good = key(operator, organization, Role.ROLE_EDITOR).getSecret();
        Key revoked = key(operator, organization, Role.ROLE_EDITOR).getKey();
        return Stream.of(
                List.of(""),
                List.of("Bearer"),
                List.of("Bearer "),
                List.of("Bearer " + good.substring(0, good.length() - 1)),
                List.of("Bearer " + good + "A"),
                List.of("Bearer " + good.replaceFirst("_.{20}_", "_nosuchkey_")),
                List.of("Bearer " + good.substring(0, good.length() - 1) + flipped(good)),
                List.of("Bearer " + "ponix_" + revoked.getKeyId() + "_" + "A".repeat(43)),
                List.of("Bearer " + good + " " + good),
                List.of("Basic " + good),
                List.of(good),
                List.of("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJvcGVyYXRvciJ9."),
                List.of("Bearer " + good, "Bearer " + good),
                List.of("Bearer " + good, "Bearer " + AccessUnderTest.OPERATOR));
    }

    private static char flipped(String key) {
        return key.endsWith("A") ? 'B' : 'A';
    }

    @ParameterizedTest
    @MethodSource("badCredentials")
    void aBadCredentialIsUnauthenticatedInTheSameWords(List<String> headers) {
        Status status =
                status(
                        withHeaders(service.channel(), headers.toArray(String[]::new)),
                        AccessServiceGrpc.getGetCallerMethod(),
                        GetCallerRequest.getDefaultInstance());
        assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(status.getDescription()).isEqualTo(WORDS);
    }

    @Test
    void overHttpItIs401AndAKeyInTheUrlIsNone() throws Exception {
        HttpResponse<String> none = post("", Map.of());
        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(none.headers().firstValue("www-authenticate")).hasValue("Bearer");
        assertThat(none.body()).contains("ponix_<id>_<secret>");
        HttpResponse<String> inUrl = post("?key=" + AccessUnderTest.OPERATOR, Map.of());
        assertThat(inUrl.statusCode()).isEqualTo(400);
        assertThat(inUrl.body()).contains("key").doesNotContain(AccessUnderTest.OPERATOR);
        assertThat(post("", Map.of("authorization", "bearer " + AccessUnderTest.OPERATOR)).body())
                .contains("\"role\":\"ROLE_OPERATOR\"");
        String viewer = key(operator, organization, Role.ROLE_VIEWER).getSecret();
        HttpResponse<String> denied =
                CleartextHttp.CLIENT.send(
                        request("ponix.organization.v1.OrganizationService/DeleteOrganization")
                                .header("authorization", "Bearer " + viewer)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(denied.statusCode()).isEqualTo(403);
    }

    private static HttpResponse<String> post(String query, Map<String, String> headers)
            throws Exception {
        HttpRequest.Builder request = request("ponix.access.v1.AccessService/GetCaller" + query);
        headers.forEach(request::header);
        return CleartextHttp.CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + service.service().httpPort() + "/" + path))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"));
    }

    @Test
    void aKeyThatIsRevokedIsRefusedAtOnceAndElsewhereWithinFiveSeconds() throws Exception {
        DeviceService elsewhere =
                DeviceService.start(
                        DeviceServiceSettings.fromEnvironment(
                                with(
                                        ServiceUnderTest.environment(service.postgres()),
                                        AccessUnderTest.required(home))));
        ManagedChannel channel =
                ManagedChannelBuilder.forAddress("127.0.0.1", elsewhere.grpcPort())
                        .usePlaintext()
                        .build();
        try {
            CreateKeyResponse created = key(operator, organization, Role.ROLE_VIEWER);
            assertThat(callWith(service.channel(), created.getSecret())).isEqualTo(Status.Code.OK);
            // Another instance learns of a new key within 250 ms.
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> callWith(channel, created.getSecret()) == Status.Code.OK);

            Key revoked =
                    access(operator)
                            .revokeKey(
                                    RevokeKeyRequest.newBuilder()
                                            .setKeyId(created.getKey().getKeyId())
                                            .build())
                            .getKey();
            assertThat(callWith(service.channel(), created.getSecret()))
                    .isEqualTo(Status.Code.UNAUTHENTICATED);
            await().atMost(Duration.ofSeconds(5))
                    .until(
                            () ->
                                    callWith(channel, created.getSecret())
                                            == Status.Code.UNAUTHENTICATED);
            // It is for good, and the list says when it was.
            assertThat(
                            access(operator)
                                    .revokeKey(
                                            RevokeKeyRequest.newBuilder()
                                                    .setKeyId(revoked.getKeyId())
                                                    .build())
                                    .getKey())
                    .isEqualTo(revoked);
            assertThat(listed()).contains(revoked);
        } finally {
            channel.shutdownNow();
            elsewhere.close();
        }
    }

    @Test
    void aRequestWhoseKeyIsRevokedBeforeItComesIsRefused() throws Exception {
        CreateKeyResponse created = key(operator, organization, Role.ROLE_ADMIN);
        ClientCall<CreateKeyRequest, CreateKeyResponse> call =
                withKey(service.channel(), created.getSecret())
                        // Of a call with one request the client would send nothing before it.
                        .newCall(
                                AccessServiceGrpc.getCreateKeyMethod().toBuilder()
                                        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                                        .build(),
                                CallOptions.DEFAULT);
        CompletableFuture<Status> ended = new CompletableFuture<>();
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.complete(status);
                    }
                },
                new Metadata());
        call.request(1);
        // On the same connection: the service has the headers before it hears of the revocation.
        access(operator)
                .revokeKey(
                        RevokeKeyRequest.newBuilder()
                                .setKeyId(created.getKey().getKeyId())
                                .build());
        await().atMost(PATIENCE)
                .until(
                        () ->
                                callWith(service.channel(), created.getSecret())
                                        == Status.Code.UNAUTHENTICATED);

        call.sendMessage(
                CreateKeyRequest.newBuilder().setName("late").setRole(Role.ROLE_ADMIN).build());
        call.halfClose();
        assertThat(ended.get(60, TimeUnit.SECONDS).getCode())
                .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(listed()).noneMatch(key -> key.getName().equals("late"));
    }

    private static Map<String, String> with(
            Map<String, String> environment, Map<String, String> settings) {
        environment.putAll(settings);
        return environment;
    }

    @Test
    void aKeyEndsWhenItExpires() {
        CreateKeyRequest.Builder request =
                CreateKeyRequest.newBuilder()
                        .setName("short")
                        .setOrganizationId(organization)
                        .setRole(Role.ROLE_VIEWER);
        assertThatCall(
                        () ->
                                access(operator)
                                        .createKey(
                                                request.setExpiresAt(Timestamps.fromMillis(1))
                                                        .build()))
                .hasStatus(Status.Code.INVALID_ARGUMENT, "expires_at must be in the future");
        Instant expiry = Instant.now().plusSeconds(2);
        String secret =
                access(operator)
                        .createKey(
                                request.setExpiresAt(Timestamps.fromMillis(expiry.toEpochMilli()))
                                        .build())
                        .getSecret();
        await().atMost(PATIENCE)
                .until(() -> callWith(service.channel(), secret) == Status.Code.UNAUTHENTICATED);
        assertThat(Instant.now()).isAfterOrEqualTo(expiry.minusMillis(1));
    }

    @Test
    void noKeyOutlivesTheOneThatMadeIt() {
        Timestamp end = Timestamps.fromMillis(Instant.now().plusSeconds(3_600).toEpochMilli());
        CreateKeyRequest request =
                CreateKeyRequest.newBuilder()
                        .setName("for an hour")
                        .setOrganizationId(organization)
                        .setRole(Role.ROLE_ADMIN)
                        .setExpiresAt(end)
                        .build();
        Channel forAnHour =
                withKey(service.channel(), access(operator).createKey(request).getSecret());

        assertThat(key(forAnHour, organization, Role.ROLE_ADMIN).getKey().getExpiresAt())
                .isEqualTo(end);
        assertThatCall(
                        () ->
                                access(forAnHour)
                                        .createKey(
                                                request.toBuilder()
                                                        .setExpiresAt(
                                                                Timestamps.add(
                                                                        end,
                                                                        Durations.fromSeconds(1)))
                                                        .build()))
                .hasStatus(
                        Status.Code.INVALID_ARGUMENT,
                        "expires_at must not be after your own key's end, "
                                + Timestamps.toString(end));
    }

    @Test
    void anOrganizationHasAThousandValidKeysAtMost() throws Exception {
        String full = organization("Full");
        String last = key(operator, full, Role.ROLE_VIEWER).getKey().getKeyId();
        service.query(
                "WITH made AS (INSERT INTO api_keys SELECT (jsonb_populate_record(api_keys,"
                        + " jsonb_build_object('key_id', 'full' || number, 'secret_sha256',"
                        + " md5(number::text) || md5(number::text)))).* FROM api_keys,"
                        + " generate_series(1, 999) number WHERE key_id = '"
                        + last
                        + "' RETURNING 1) SELECT count(*) FROM made");
        assertThatCall(() -> key(operator, full, Role.ROLE_VIEWER))
                .hasStatus(
                        Status.Code.RESOURCE_EXHAUSTED,
                        "There are 1000 valid keys already: revoke one that nobody needs");

        access(operator).revokeKey(RevokeKeyRequest.newBuilder().setKeyId(last).build());
        assertThat(key(operator, full, Role.ROLE_VIEWER).getSecret()).isNotEmpty();
    }

    @Test
    void theKeysOfADeletedOrganizationOpenNothing() {
        String doomed = organization("Doomed");
        String secret = key(operator, doomed, Role.ROLE_ADMIN).getSecret();
        assertThat(callWith(service.channel(), secret)).isEqualTo(Status.Code.OK);
        OrganizationServiceGrpc.newBlockingStub(operator)
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder().setOrganizationId(doomed).build());
        await().atMost(Duration.ofSeconds(5))
                .until(() -> callWith(service.channel(), secret) == Status.Code.UNAUTHENTICATED);
    }

    @Test
    void anAdministratorMakesKeysOfHisOrganizationOnly() {
        Channel admin =
                withKey(
                        service.channel(),
                        key(operator, organization, Role.ROLE_ADMIN).getSecret());
        // Left out, it is the caller's.
        assertThat(key(admin, "", Role.ROLE_INTAKE).getKey().getOrganizationId())
                .isEqualTo(organization);
        assertThatCall(() -> key(admin, "", Role.ROLE_OPERATOR))
                .hasStatus(Status.Code.PERMISSION_DENIED, "ROLE_OPERATOR");
        assertThatCall(() -> key(admin, organization("Other"), Role.ROLE_VIEWER))
                .hasStatus(Status.Code.NOT_FOUND, "Organization not found");
        assertThatCall(() -> key(operator, "", Role.ROLE_EDITOR))
                .hasStatus(Status.Code.INVALID_ARGUMENT, "set organization_id");
        assertThatCall(() -> key(operator, organization, Role.ROLE_OPERATOR))
                .hasStatus(Status.Code.INVALID_ARGUMENT, "leave organization_id out");
        assertThat(access(admin).listKeys(ListKeysRequest.getDefaultInstance()).getKeysList())
                .isNotEmpty()
                .allMatch(key -> key.getOrganizationId().equals(organization));
    }

    @Test
    void aBridgeSaysHowAGatewayIsAndChangesNothingElse() {
        String gateway =
                GatewayServiceGrpc.newBlockingStub(operator)
                        .createGateway(
                                CreateGatewayRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .build())
                        .getGateway()
                        .getGatewayId();
        Channel bridge = withKey(service.channel(), AccessUnderTest.INTAKE);
        assertThatCall(
                        () ->
                                GatewayServiceGrpc.newBlockingStub(bridge)
                                        .updateGateway(
                                                UpdateGatewayRequest.newBuilder()
                                                        .setGatewayId(gateway)
                                                        .setStatusReason("well")
                                                        .setName("mine")
                                                        .build()))
                .hasStatus(Status.Code.PERMISSION_DENIED, "status");
        UpdateGatewayRequest.Builder how =
                UpdateGatewayRequest.newBuilder()
                        .setGatewayId(gateway)
                        .setStatusReason("well")
                        .setUpdateMask(FieldMask.newBuilder().addPaths("status_reason"));
        assertThat(
                        GatewayServiceGrpc.newBlockingStub(bridge)
                                .updateGateway(how.build())
                                .getGateway()
                                .getStatusReason())
                .isEqualTo("well");
        assertThat(
                        GatewayServiceGrpc.newBlockingStub(bridge)
                                .updateGateway(how.clone().setValidateOnly(true).build())
                                .getGateway()
                                .getStatusReason())
                .isEqualTo("well");
        how.getUpdateMaskBuilder().addPaths("name");
        assertThatCall(() -> GatewayServiceGrpc.newBlockingStub(bridge).updateGateway(how.build()))
                .hasStatus(Status.Code.PERMISSION_DENIED, "status");
    }

    @Test
    void theLastUseIsNoted() {
        CreateKeyResponse created = key(operator, organization, Role.ROLE_VIEWER);
        assertThat(created.getKey().hasLastUsedAt()).isFalse();
        Instant before = Instant.now();
        assertThat(callWith(service.channel(), created.getSecret())).isEqualTo(Status.Code.OK);
        await().atMost(PATIENCE)
                .until(
                        () ->
                                listed().stream()
                                        .filter(
                                                key ->
                                                        key.getKeyId()
                                                                .equals(
                                                                        created.getKey()
                                                                                .getKeyId()))
                                        .anyMatch(
                                                key ->
                                                        Timestamps.toMillis(key.getLastUsedAt())
                                                                >= before.toEpochMilli() - 1));
    }

    @Test
    void wrongKeysCostTheDatabaseNothing() throws Exception {
        long before = readsOfKeys();
        ExecutorService callers = Executors.newFixedThreadPool(8);
        Set<Status.Code> answers = new HashSet<>();
        long begun = System.nanoTime();
        try {
            List<Future<Status.Code>> calls = new ArrayList<>();
            for (int i = 0; i < 4_000; i++) {
                String wrong = "ponix_wrong" + i + "_" + "A".repeat(43);
                calls.add(callers.submit(() -> callWith(service.channel(), wrong)));
            }
            for (Future<Status.Code> call : calls) {
                answers.add(call.get());
            }
        } finally {
            callers.shutdownNow();
        }
        long seconds = (System.nanoTime() - begun) / 1_000_000_000;
        assertThat(answers).containsExactly(Status.Code.UNAUTHENTICATED);
        // Four a second, however many ask, and what is read without being asked.
        assertThat(readsOfKeys() - before).isLessThanOrEqualTo(4 * (seconds + 5));
    }

    /** How often the table was read from one end to the other, or by an index. */
    private static long readsOfKeys() throws Exception {
        service.query("SELECT pg_stat_clear_snapshot()");
        return Long.parseLong(
                service.query(
                        "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname"
                                + " = 'api_keys'"));
    }

    @Test
    void refusalsAreCounted() throws Exception {
        double before = refused("bad_credential");
        callWith(service.channel(), "wrong");
        assertThat(refused("bad_credential")).isGreaterThan(before);
    }

    private static double refused(String reason) throws Exception {
        String metrics =
                CleartextHttp.CLIENT
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://127.0.0.1:"
                                                                + service.service().httpPort()
                                                                + "/metrics"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
        return metrics.lines()
                .filter(
                        line ->
                                line.startsWith(
                                        "ponix_access_refused_total{reason=\"" + reason + "\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whereKeysAreOptionalWhoHasNoneMayDoEverythingAndABadOneIsRefused() throws Exception {
        DeviceService open =
                DeviceService.start(
                        DeviceServiceSettings.fromEnvironment(
                                with(
                                        ServiceUnderTest.environment(service.postgres()),
                                        Map.of("PONIX_AUTH", "optional"))));
        ManagedChannel channel =
                ManagedChannelBuilder.forAddress("127.0.0.1", open.grpcPort())
                        .usePlaintext()
                        .build();
        try {
            assertThat(access(channel).getCaller(GetCallerRequest.getDefaultInstance()).getRole())
                    .isEqualTo(Role.ROLE_OPERATOR);
            assertThat(callWith(channel, "wrong")).isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(callWith(channel, AccessUnderTest.INTAKE)).isEqualTo(Status.Code.OK);
        } finally {
            channel.shutdownNow();
            open.close();
        }
    }
}
