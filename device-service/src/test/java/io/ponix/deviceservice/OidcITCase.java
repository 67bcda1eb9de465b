package io.ponix.deviceservice;

import static io.ponix.deviceservice.AccessUnderTest.withKey;
import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Channel;
import io.grpc.Status;
import io.ponix.proto.access.v1.AccessServiceGrpc;
import io.ponix.proto.access.v1.GetCallerRequest;
import io.ponix.proto.access.v1.GetCallerResponse;
import io.ponix.proto.access.v1.Role;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokens of an issuer whose keys are fetched over HTTP. */
class OidcITCase {

    private static final String ISSUER = "https://issuer.example";
    private static final String AUDIENCE = "ponix";

    @TempDir private static Path home;

    private static RSAKey key;
    private static RSAKey others;
    private static volatile JWKSet published;
    private static volatile CountDownLatch answering = new CountDownLatch(0);
    private static volatile CountDownLatch asked = new CountDownLatch(0);
    private static HttpServer issuer;
    private static ExecutorService issuerThreads;
    private static ServiceUnderTest service;

    @BeforeAll
    static void start() throws Exception {
        key = new RSAKeyGenerator(2048).keyID("one").generate();
        others = new RSAKeyGenerator(2048).keyID("one").generate();
        published = new JWKSet(key.toPublicJWK());
        issuerThreads = Executors.newCachedThreadPool();
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.setExecutor(issuerThreads);
        issuer.createContext(
                "/keys",
                exchange -> {
                    asked.countDown();
                    try {
                        answering.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    byte[] body = published.toString().getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        issuer.start();
        service = start(home);
    }

    private static ServiceUnderTest start(Path folder) throws IOException {
        Map<String, String> settings = new HashMap<>(AccessUnderTest.required(folder));
        settings.put("PONIX_OIDC_ISSUER", ISSUER);
        settings.put("PONIX_OIDC_AUDIENCE", AUDIENCE);
        settings.put(
                "PONIX_OIDC_JWKS_URL",
                "http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys");
        return ServiceUnderTest.start(folder, settings);
    }

    @AfterAll
    static void stop() {
        service.close();
        issuer.stop(0);
        issuerThreads.shutdownNow();
    }

    private static JWTClaimsSet.Builder claims(String role, String organization) {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(AUDIENCE)
                .subject("ada")
                .expirationTime(Date.from(Instant.now().plusSeconds(300)))
                .claim("ponix_role", role)
                .claim("ponix_organization", organization);
    }

    private static String signed(JWTClaimsSet claims) throws JOSEException {
        return signed(claims, JWSAlgorithm.RS256, new RSASSASigner(key));
    }

    private static String signed(JWTClaimsSet claims, JWSAlgorithm algorithm, JWSSigner signer)
            throws JOSEException {
        SignedJWT token =
                new SignedJWT(new JWSHeader.Builder(algorithm).keyID("one").build(), claims);
        token.sign(signer);
        return token.serialize();
    }

    private static GetCallerResponse caller(Channel channel) {
        return AccessServiceGrpc.newBlockingStub(channel)
                .getCaller(GetCallerRequest.getDefaultInstance());
    }

    @Test
    void aTokenSaysWhoCallsAndOfWhichOrganization() throws Exception {
        String organization =
                OrganizationServiceGrpc.newBlockingStub(
                                withKey(service.channel(), AccessUnderTest.OPERATOR))
                        .createOrganization(
                                CreateOrganizationRequest.newBuilder().setName("Acme").build())
                        .getOrganizationId();
        Channel channel =
                withKey(service.channel(), signed(claims("editor", organization).build()));
        assertThat(caller(channel))
                .isEqualTo(
                        GetCallerResponse.newBuilder()
                                .setKeyId("oidc:ada")
                                .setName("ada")
                                .setOrganizationId(organization)
                                .setRole(Role.ROLE_EDITOR)
                                .build());
        OrganizationServiceGrpc.OrganizationServiceBlockingStub organizations =
                OrganizationServiceGrpc.newBlockingStub(channel);
        assertThat(
                        organizations
                                .getOrganization(
                                        GetOrganizationRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .build())
                                .getOrganization()
                                .getName())
                .isEqualTo("Acme");
        String device =
                EndDeviceServiceGrpc.newBlockingStub(channel)
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Hall")
                                        .build())
                        .getEndDevice()
                        .getDeviceId();
        assertThat(
                        service.query(
                                "SELECT updated_by FROM end_devices WHERE device_id = '"
                                        + device
                                        + "'"))
                .isEqualTo("oidc:ada");
        assertThatCall(
                        () ->
                                organizations.getOrganization(
                                        GetOrganizationRequest.newBuilder()
                                                .setOrganizationId("another")
                                                .build()))
                .hasStatus(Status.Code.NOT_FOUND, "another");
    }

    @ParameterizedTest
    @MethodSource("withoutARole")
    void whoseTokenNamesNoRoleMayDoNothing(String role, String organization) throws Exception {
        assertThatCall(
                        () ->
                                caller(
                                        withKey(
                                                service.channel(),
                                                signed(claims(role, organization).build()))))
                .hasStatus(Status.Code.PERMISSION_DENIED, "ROLE_UNSPECIFIED");
    }

    private static Stream<Arguments> withoutARole() {
        return Stream.of(
                Arguments.of(null, "acme"),
                Arguments.of("owner", "acme"),
                Arguments.of("unspecified", "acme"),
                Arguments.of("operator", "acme"),
                Arguments.of("intake", null),
                Arguments.of("editor", null),
                Arguments.of("editor", ""));
    }

    private static Stream<Arguments> badTokens() throws Exception {
        JWTClaimsSet good = claims("operator", null).build();
        Date past = Date.from(Instant.now().minusSeconds(120));
        String valid = signed(good);
        return Stream.of(
                Arguments.of(
                        "expired",
                        signed(new JWTClaimsSet.Builder(good).expirationTime(past).build())),
                Arguments.of(
                        "never expires",
                        signed(new JWTClaimsSet.Builder(good).expirationTime(null).build())),
                Arguments.of(
                        "not yet valid",
                        signed(
                                new JWTClaimsSet.Builder(good)
                                        .notBeforeTime(Date.from(Instant.now().plusSeconds(120)))
                                        .build())),
                Arguments.of(
                        "of another issuer",
                        signed(
                                new JWTClaimsSet.Builder(good)
                                        .issuer("https://evil.example")
                                        .build())),
                Arguments.of(
                        "for another audience",
                        signed(new JWTClaimsSet.Builder(good).audience("others").build())),
                Arguments.of(
                        "for nobody",
                        signed(new JWTClaimsSet.Builder(good).audience((String) null).build())),
                Arguments.of("alg none", new PlainJWT(good).serialize()),
                Arguments.of(
                        "signed by another key of the same id",
                        signed(good, JWSAlgorithm.RS256, new RSASSASigner(others))),
                Arguments.of(
                        "signed with the public key as a secret",
                        signed(
                                good,
                                JWSAlgorithm.HS256,
                                new MACSigner(key.toPublicJWK().toRSAPublicKey().getEncoded()))),
                Arguments.of("truncated", valid.substring(0, valid.length() - 2)),
                Arguments.of("altered", altered(valid)),
                Arguments.of("nothing but dots", ".."));
    }

    /** The claims of another token under the signature of this one. */
    private static String altered(String token) throws JOSEException {
        String[] parts = token.split("\\.");
        String[] other = signed(claims("editor", "acme").build()).split("\\.");
        return parts[0] + "." + other[1] + "." + parts[2];
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badTokens")
    void aBadTokenIsUnauthenticated(String what, String token) {
        assertThatCall(() -> caller(withKey(service.channel(), token)))
                .hasStatus(Status.Code.UNAUTHENTICATED, "A valid key is needed");
    }

    @Test
    void clocksMayDifferByAMinute() throws Exception {
        String token =
                signed(
                        claims("operator", null)
                                .expirationTime(Date.from(Instant.now().minusSeconds(30)))
                                .build());
        assertThat(caller(withKey(service.channel(), token)).getRole())
                .isEqualTo(Role.ROLE_OPERATOR);
    }

    @Test
    void aNewKeyOfTheIssuerIsFetchedWhenATokenNamesIt(@TempDir Path folder) throws Exception {
        ServiceUnderTest fresh = start(folder);
        RSAKey next = new RSAKeyGenerator(2048).keyID("two").generate();
        try {
            assertThat(caller(withKey(fresh.channel(), signed(claims("operator", null).build()))))
                    .isNotNull();
            published = new JWKSet(List.of(next.toPublicJWK(), key.toPublicJWK()));
            SignedJWT token =
                    new SignedJWT(
                            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("two").build(),
                            claims("operator", null).build());
            token.sign(new RSASSASigner(next));
            assertThat(caller(withKey(fresh.channel(), token.serialize())).getRole())
                    .isEqualTo(Role.ROLE_OPERATOR);
        } finally {
            published = new JWKSet(key.toPublicJWK());
            fresh.close();
        }
    }

    @Test
    void anIssuerThatHangsHoldsUpNobodyWithAKey(@TempDir Path folder) throws Exception {
        ServiceUnderTest fresh = start(folder);
        assertThat(caller(withKey(fresh.channel(), AccessUnderTest.OPERATOR))).isNotNull();
        asked = new CountDownLatch(1);
        answering = new CountDownLatch(1);
        try {
            String token = signed(claims("operator", null).build());
            // More than there are threads.
            List<ListenableFuture<GetCallerResponse>> waiting =
                    Stream.generate(
                                    () ->
                                            AccessServiceGrpc.newFutureStub(
                                                            withKey(fresh.channel(), token))
                                                    .getCaller(
                                                            GetCallerRequest.getDefaultInstance()))
                            .limit(400)
                            .toList();
            assertThat(asked.await(1, TimeUnit.MINUTES)).isTrue();
            assertThat(caller(withKey(fresh.channel(), AccessUnderTest.OPERATOR)).getRole())
                    .isEqualTo(Role.ROLE_OPERATOR);
            Set<Status.Code> ended = new HashSet<>();
            for (var call : waiting) {
                assertThatThrownBy(call::get)
                        .cause()
                        .satisfies(refusal -> ended.add(Status.fromThrowable(refusal).getCode()));
            }
            // Those that did not wait for the issuer were told at once.
            assertThat(ended)
                    .containsExactlyInAnyOrder(
                            Status.Code.UNAUTHENTICATED, Status.Code.UNAVAILABLE);
        } finally {
            answering.countDown();
            fresh.close();
        }
    }
}
