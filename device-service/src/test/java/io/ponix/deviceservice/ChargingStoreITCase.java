package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.ponix.embedded.network.SelfSignedCertificate;
import io.ponix.proto.charging.v1.CacheMode;
import io.ponix.proto.charging.v1.CertificateServiceGrpc;
import io.ponix.proto.charging.v1.ChargeStationAuth;
import io.ponix.proto.charging.v1.ChargeStationServiceGrpc;
import io.ponix.proto.charging.v1.Connector;
import io.ponix.proto.charging.v1.Coordinates;
import io.ponix.proto.charging.v1.DeleteCertificateRequest;
import io.ponix.proto.charging.v1.DeleteRegistrationDetailsRequest;
import io.ponix.proto.charging.v1.Evse;
import io.ponix.proto.charging.v1.Evses;
import io.ponix.proto.charging.v1.ListLocationsRequest;
import io.ponix.proto.charging.v1.ListLocationsResponse;
import io.ponix.proto.charging.v1.ListPartyDetailsForRoleRequest;
import io.ponix.proto.charging.v1.ListPartyDetailsForRoleResponse;
import io.ponix.proto.charging.v1.ListTokensRequest;
import io.ponix.proto.charging.v1.ListTokensResponse;
import io.ponix.proto.charging.v1.Location;
import io.ponix.proto.charging.v1.LocationServiceGrpc;
import io.ponix.proto.charging.v1.LookupCertificateRequest;
import io.ponix.proto.charging.v1.LookupLocationRequest;
import io.ponix.proto.charging.v1.LookupLocationResponse;
import io.ponix.proto.charging.v1.LookupPartyDetailsRequest;
import io.ponix.proto.charging.v1.LookupPartyDetailsResponse;
import io.ponix.proto.charging.v1.LookupRegistrationDetailsRequest;
import io.ponix.proto.charging.v1.LookupRegistrationDetailsResponse;
import io.ponix.proto.charging.v1.LookupTokenRequest;
import io.ponix.proto.charging.v1.LookupTokenResponse;
import io.ponix.proto.charging.v1.OcpiParty;
import io.ponix.proto.charging.v1.OcpiRegistration;
import io.ponix.proto.charging.v1.OcpiServiceGrpc;
import io.ponix.proto.charging.v1.RegistrationStatus;
import io.ponix.proto.charging.v1.SetCertificateRequest;
import io.ponix.proto.charging.v1.SetChargeStationAuthRequest;
import io.ponix.proto.charging.v1.SetLocationRequest;
import io.ponix.proto.charging.v1.SetPartyDetailsRequest;
import io.ponix.proto.charging.v1.SetRegistrationDetailsRequest;
import io.ponix.proto.charging.v1.SetTokenRequest;
import io.ponix.proto.charging.v1.Token;
import io.ponix.proto.charging.v1.TokenServiceGrpc;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens, certificates, registrations, parties and locations of {@code ponix.charging.v1}. The
 * numbers are those of the behaviours in docs/charging.md.
 */
@ExtendWith(ServiceUnderTest.Shared.class)
class ChargingStoreITCase {

    private static final String SECRET = "do-not-tell-anyone-4711";

    @TempDir private static Path folder;

    private static ServiceUnderTest service;
    private static TokenServiceGrpc.TokenServiceBlockingStub tokens;
    private static CertificateServiceGrpc.CertificateServiceBlockingStub certificates;
    private static OcpiServiceGrpc.OcpiServiceBlockingStub ocpi;
    private static LocationServiceGrpc.LocationServiceBlockingStub locations;
    private static String pem;
    private static String otherPem;

    private String organization;

    @BeforeAll
    static void share(ServiceUnderTest shared) throws Exception {
        service = shared;
        tokens = TokenServiceGrpc.newBlockingStub(shared.channel());
        certificates = CertificateServiceGrpc.newBlockingStub(shared.channel());
        ocpi = OcpiServiceGrpc.newBlockingStub(shared.channel());
        locations = LocationServiceGrpc.newBlockingStub(shared.channel());
        pem = certificate("one");
        otherPem = certificate("other");
    }

    private static String certificate(String name) throws Exception {
        String text =
                Files.readString(
                        Path.of(
                                SelfSignedCertificate.create(folder, name, "ip:127.0.0.1")
                                        .certificatePem()));
        return text.substring(text.indexOf("-----BEGIN"));
    }

    @BeforeEach
    void makeOrganization() {
        organization = service.organization("Charging");
    }

    // In general

    @Test
    void whatIsUnknownIsNotFoundWithoutAnError() {
        // 1, 2
        assertThat(lookup("unknown").hasToken()).isFalse();
        assertThat(registration("unknown").hasRegistration()).isFalse();
        assertThat(party("CPO", "NL", "ABC").hasParty()).isFalse();
        assertThat(location("unknown").hasLocation()).isFalse();
        assertThat(pem("unknown")).isEmpty();
    }

    @Test
    void whatAnotherOrganizationHasIsNotThere() {
        String other = service.organization("Other");
        set(token("1").build());
        set(party("CPO", "NL", "ABC", "https://a").build());
        set(location("1", "here").build());
        String hash = set(pem);
        register(SECRET, RegistrationStatus.REGISTRATION_STATUS_REGISTERED);
        String own = organization;
        organization = other;

        whatIsUnknownIsNotFoundWithoutAnError();
        assertThat(lookup("1").hasToken()).isFalse();
        assertThat(listTokens(0, 10).getTokensList()).isEmpty();
        assertThat(listLocations(0, 10).getLocationsList()).isEmpty();
        assertThat(parties("CPO")).isEmpty();
        assertThat(registration(SECRET).hasRegistration()).isFalse();
        set(token("1").setContractId("another").build());
        certificates.deleteCertificate(
                DeleteCertificateRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setCertificateHash(hash)
                        .build());

        organization = own;
        assertThat(lookup("1").getToken().getContractId()).isEqualTo("NL-ABC-1");
        assertThat(pem(hash)).isEqualTo(pem);
    }

    @Test
    void anOrganizationThatIsNotThereGetsNothing() {
        organization = "nosuchorganization";
        assertThatCall(() -> set(token("1").build()))
                .hasStatus(Code.NOT_FOUND, "Organization not found: nosuchorganization")
                .hasReason("ORGANIZATION_NOT_FOUND", Map.of("organization_id", organization));
        assertThatCall(() -> set(pem)).hasStatus(Code.NOT_FOUND);
        assertThatCall(() -> set(location("1", "here").build())).hasStatus(Code.NOT_FOUND);
        assertThatCall(() -> set(party("CPO", "NL", "ABC", "https://a").build()))
                .hasStatus(Code.NOT_FOUND);
        assertThatCall(() -> register("t", RegistrationStatus.REGISTRATION_STATUS_PENDING))
                .hasStatus(Code.NOT_FOUND);
        whatIsUnknownIsNotFoundWithoutAnError();
    }

    @Test
    void aDeletedOrganizationGetsNothingNew() {
        set(token("1").build());
        service.organizations()
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder()
                                .setOrganizationId(organization)
                                .build());

        assertThatCall(() -> set(token("2").build()))
                .hasStatus(Code.FAILED_PRECONDITION, "Cannot create token for deleted organization")
                .hasReason("ORGANIZATION_DELETED", Map.of("organization_id", organization));
        assertThat(lookup("1").hasToken()).isTrue();
    }

    @Test
    void keysHaveNoControlCharactersAnd255CharactersAtMost() {
        set(token("ü".repeat(255)).build());
        assertThat(lookup("ü".repeat(255)).hasToken()).isTrue();

        assertThatCall(() -> set(token("a".repeat(256)).build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Uid has at most 255 characters")
                .isOfField("token.uid");
        assertThatCall(() -> set(token("").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Uid cannot be empty")
                .isOfField("token.uid");
        assertThatCall(() -> set(token("a\nb").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Uid must not contain control characters")
                .isOfField("token.uid");
        assertThatCall(() -> lookup("a\0b"))
                .hasStatus(Code.INVALID_ARGUMENT, "Uid must not contain control characters")
                .isOfField("uid");
        assertThatCall(() -> set(location("\t", "here").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "ID must not contain control characters")
                .isOfField("location.id");
        assertThatCall(() -> set(party("CPO", "", "ABC", "https://a").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Country code cannot be empty")
                .isOfField("party.country_code");
        assertThatCall(() -> register("", RegistrationStatus.REGISTRATION_STATUS_PENDING))
                .hasStatus(Code.INVALID_ARGUMENT, "Registration token cannot be empty")
                .isOfField("registration_token");
    }

    @Test
    void aTextWithTheNullCharacterIsRefused() {
        assertThatCall(() -> set(token("1").setIssuer("a\0b").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "must not contain the character U+0000")
                .isOfField("token.issuer");
        assertThatCall(() -> set(location("1", "a\0b").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "must not contain the character U+0000")
                .isOfField("location.name");
    }

    @Test
    void whatIsToBeStoredHasToBeGiven() {
        assertThatCall(
                        () ->
                                tokens.setToken(
                                        SetTokenRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Token has to be given")
                .isOfField("token");
        assertThatCall(
                        () ->
                                locations.setLocation(
                                        SetLocationRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Location has to be given")
                .isOfField("location");
        assertThatCall(
                        () ->
                                ocpi.setPartyDetails(
                                        SetPartyDetailsRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Party has to be given")
                .isOfField("party");
        assertThatCall(
                        () ->
                                ocpi.setRegistrationDetails(
                                        SetRegistrationDetailsRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setRegistrationToken("t")
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Registration has to be given")
                .isOfField("registration");
        assertThatCall(() -> register("t", RegistrationStatus.REGISTRATION_STATUS_UNSPECIFIED))
                .hasStatus(Code.INVALID_ARGUMENT, "Status must be one of those that there are")
                .isOfField("registration.status");
        assertThatCall(() -> set(token("1").setCacheModeValue(99).build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Cache mode must be one of those that there are")
                .isOfField("token.cache_mode");
    }

    @Test
    void aPageTokenOfAnotherListIsNone() {
        for (int i = 0; i < 3; i++) {
            set(token("t" + i).build());
        }
        String token = listTokens(0, 1).getNextPageToken();

        assertThatCall(
                        () ->
                                locations.listLocations(
                                        ListLocationsRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setPageToken(token)
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Page token is not one that this method returned")
                .isOfField("page_token");
        assertThatCall(
                        () ->
                                ocpi.listPartyDetailsForRole(
                                        ListPartyDetailsForRoleRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setRole("CPO")
                                                .setPageToken(token)
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Page token is not one that this method returned")
                .isOfField("page_token");
    }

    // Tokens

    @Test
    void aTokenIsWhatWasSetAndWhatIsNotKnownIsNotEmpty() {
        // 37
        Token full =
                token("full")
                        .setVisualNumber("DF000-2001-8999")
                        .setGroupId("group")
                        .setLanguageCode("nl")
                        .build();
        Token empty = token("empty").setVisualNumber("").setGroupId("").setLanguageCode("").build();
        Token none = token("none").build();
        for (Token each : List.of(full, empty, none)) {
            set(each);
            Token found = lookup(each.getUid()).getToken();
            assertThat(found.toBuilder().clearLastUpdated().build()).isEqualTo(each);
            assertThat(listTokens(0, 10).getTokensList()).contains(found);
        }
        assertThat(lookup("none").getToken().hasVisualNumber()).isFalse();
        assertThat(lookup("none").getToken().hasGroupId()).isFalse();
        assertThat(lookup("none").getToken().hasLanguageCode()).isFalse();
        assertThat(lookup("empty").getToken().hasVisualNumber()).isTrue();
    }

    @Test
    void everyCacheModeIsKept() {
        // 37
        for (CacheMode mode : CacheMode.values()) {
            if (mode.ordinal() > 0 && mode != CacheMode.UNRECOGNIZED) {
                set(token("1").setCacheMode(mode).build());
                assertThat(lookup("1").getToken().getCacheMode()).isEqualTo(mode);
            }
        }
    }

    @Test
    void whenATokenWasUpdatedTheStoreSays() {
        // 38
        set(token("1").setLastUpdated("1999-01-01T00:00:00+02:00").build());

        assertStoredNow(lookup("1").getToken().getLastUpdated());
    }

    @Test
    void aTokenReplacesThatOfItsUid() {
        // 3, 39
        set(token("1").setVisualNumber("8999").setGroupId("g").setLanguageCode("de").build());
        Token other =
                Token.newBuilder()
                        .setUid("1")
                        .setContractId("another")
                        .setCacheMode(CacheMode.CACHE_MODE_NEVER)
                        .build();
        set(other);
        set(other);

        assertThat(lookup("1").getToken().toBuilder().clearLastUpdated().build()).isEqualTo(other);
        assertThat(listTokens(0, 10).getTokensList()).hasSize(1);
    }

    @Test
    void anOrganizationWithoutTokensHasAnEmptyList() {
        // 40
        ListTokensResponse list = listTokens(0, 10);
        assertThat(list.getTokensList()).isEmpty();
        assertThat(list.getNextPageToken()).isEmpty();
    }

    @Test
    void tokensAreListedByUidFromAnOffsetOn() {
        // 41
        List<String> uids =
                new ArrayList<>(IntStream.range(0, 20).mapToObj("t%02d"::formatted).toList());
        List<String> shuffled = new ArrayList<>(uids);
        Collections.shuffle(shuffled);
        shuffled.forEach(uid -> set(token(uid).build()));

        assertThat(uids(listTokens(0, 10))).isEqualTo(uids.subList(0, 10));
        assertThat(uids(listTokens(5, 20))).isEqualTo(uids.subList(5, 20));
        assertThat(uids(listTokens(5, 3))).isEqualTo(uids.subList(5, 8));
        // What is left out is left out of what comes after the page before.
        ListTokensResponse first = listTokens(0, 8);
        ListTokensResponse second =
                tokens.listTokens(
                        ListTokensRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setPageToken(first.getNextPageToken())
                                .setSkip(2)
                                .build());
        assertThat(uids(second)).isEqualTo(uids.subList(10, 20));
        assertThat(second.getNextPageToken()).isEmpty();
    }

    @Test
    void pastTheEndAndOfNoneThereIsAnEmptyList() {
        // 42
        set(token("1").build());

        assertThat(listTokens(1, 10).getTokensList()).isEmpty();
        assertThat(listTokens(Integer.MAX_VALUE, 10).getTokensList()).isEmpty();
        assertThat(listTokens(0, 0).getTokensList()).isEmpty();
        assertThat(
                        tokens.listTokens(
                                        ListTokensRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .build())
                                .getTokensList())
                .hasSize(1);
        assertThatCall(() -> listTokens(-1, 10))
                .hasStatus(Code.INVALID_ARGUMENT, "Skip cannot be negative")
                .isOfField("skip");
    }

    @Test
    void aPageHas50TokensWhereNothingIsSaidAndMoreThan100IfAskedFor() {
        // 43
        for (int i = 0; i < 120; i++) {
            set(token("t" + i).build());
        }

        assertThat(
                        tokens.listTokens(
                                        ListTokensRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .build())
                                .getTokensList())
                .hasSize(50);
        assertThat(listTokens(0, 500).getTokensList()).hasSize(120);
    }

    @Test
    void aTokenIsFoundInItsCaseOnlyAndAlsoWhenItIsNotValid() {
        // 44
        set(token("AbC").setValid(false).build());

        assertThat(lookup("AbC").getToken().getValid()).isFalse();
        assertThat(lookup("ABC").hasToken()).isFalse();
        assertThat(lookup("AbC ").hasToken()).isFalse();
    }

    @Test
    void tokensAreInTheOrderOfBytes() {
        // 21, 41
        List<String> inOrder = List.of("10", "2", "A", "B", "_", "a", "a b", "a-b", "ab", "é");
        inOrder.forEach(uid -> set(token(uid).build()));

        assertThat(uids(listTokens(0, 20))).isEqualTo(inOrder);
        List<String> paged = new ArrayList<>();
        String token = "";
        do {
            ListTokensResponse page =
                    tokens.listTokens(
                            ListTokensRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setPageSize(3)
                                    .setPageToken(token)
                                    .build());
            paged.addAll(uids(page));
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(paged).isEqualTo(inOrder);
    }

    // Certificates

    @Test
    void aCertificateIsFoundUnderItsHashToTheByte() throws Exception {
        // 61
        String hash = set(pem);

        assertThat(hash).isEqualTo(hashOf(pem)).hasSize(43).doesNotContain("=");
        assertThat(pem(hash)).isEqualTo(pem);
    }

    @Test
    void aDeletedCertificateIsNotFound() {
        // 4, 62
        String hash = set(pem);
        deleteCertificate(hash);

        assertThat(pem(hash)).isEmpty();
        deleteCertificate(hash);
        deleteCertificate("unknown");
    }

    @Test
    void whatIsNoCertificateIsRefusedAndNotStored() throws Exception {
        // 63
        for (String text :
                List.of(
                        "",
                        "no certificate",
                        "-----BEGIN CERTIFICATE-----\nMIIB",
                        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
                        " " + pem)) {
            assertThatCall(() -> set(text))
                    .hasStatus(Code.INVALID_ARGUMENT, "pem block not found")
                    .isOfField("pem");
        }
        assertThatCall(() -> set("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "pem block does not contain certificate, but PRIVATE KEY")
                .isOfField("pem");
        assertThatCall(
                        () ->
                                set(
                                        "-----BEGIN "
                                                + "A".repeat(10_000)
                                                + "-----\nMIIB\n-----END "
                                                + "A".repeat(10_000)
                                                + "-----\n"))
                .hasStatus(Code.INVALID_ARGUMENT, "but " + "A".repeat(64) + " …");
        assertThatCall(() -> set("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"))
                .hasStatus(Code.INVALID_ARGUMENT, "the pem block contains no certificate")
                .isOfField("pem");
        assertThatCall(() -> set("-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n"))
                .hasStatus(Code.INVALID_ARGUMENT, "the pem block contains no certificate");
        byte[] der = der(pem);
        byte[] trailing = Arrays.copyOf(der, der.length + 3);
        assertThatCall(() -> set(wrapped(trailing, 64)))
                .hasStatus(Code.INVALID_ARGUMENT, "the pem block contains more than one")
                .isOfField("pem");
        assertThatCall(() -> set("-----BEGIN A-----\n".repeat(10_000)))
                .hasStatus(Code.INVALID_ARGUMENT, "pem block not found");
        assertThat(
                        service.query(
                                "SELECT count(*) FROM charging_certificates WHERE organization_id = '"
                                        + organization
                                        + "'"))
                .isEqualTo("0");
    }

    @Test
    void theSameCertificateInOtherLinesReplacesItsText() throws Exception {
        // 64
        String hash = set(pem);
        assertThat(set(pem)).isEqualTo(hash);
        String inOneLine = wrapped(der(pem), 1_000_000);
        String withWindowsLines = "a comment before\r\n" + pem.replace("\n", "\r\n");
        String withHeaders =
                pem.replace("CERTIFICATE-----\nM", "CERTIFICATE-----\nName: value\n\nM");

        for (String text : List.of(inOneLine, withWindowsLines, withHeaders)) {
            assertThat(text).isNotEqualTo(pem);
            assertThat(set(text)).isEqualTo(hash);
            assertThat(pem(hash)).isEqualTo(text);
        }
    }

    @Test
    void onlyTheFirstOfAChainIsHashedAndAllOfItIsKept() {
        // 65
        String chain =
                pem + otherPem + "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
        String hash = set(chain);

        assertThat(hash).isEqualTo(set(pem)).isNotEqualTo(set(otherPem));
        set(chain);
        assertThat(pem(hash)).isEqualTo(chain);
    }

    // OCPI

    @Test
    void aRegistrationIsFoundByItsTokenUntilItIsDeleted() {
        // 3, 4, 66
        register("t", RegistrationStatus.REGISTRATION_STATUS_PENDING);
        assertThat(registration("t").getRegistration().getStatus())
                .isEqualTo(RegistrationStatus.REGISTRATION_STATUS_PENDING);
        register("t", RegistrationStatus.REGISTRATION_STATUS_REGISTERED);
        assertThat(registration("t").getRegistration().getStatus())
                .isEqualTo(RegistrationStatus.REGISTRATION_STATUS_REGISTERED);
        assertThat(registration("T").hasRegistration()).isFalse();

        for (int i = 0; i < 2; i++) {
            ocpi.deleteRegistrationDetails(
                    DeleteRegistrationDetailsRequest.newBuilder()
                            .setOrganizationId(organization)
                            .setRegistrationToken("t")
                            .build());
            assertThat(registration("t").hasRegistration()).isFalse();
        }
    }

    @Test
    void aPartyIsFoundByRoleCountryCodeAndPartyId() {
        // 3, 67, 68
        OcpiParty cpo = party("CPO", "NL", "ABC", "https://cpo").setToken("one").build();
        OcpiParty emsp = party("EMSP", "NL", "ABC", "https://emsp").setToken("two").build();
        set(cpo);
        set(emsp);

        assertThat(party("CPO", "NL", "ABC").getParty()).isEqualTo(cpo);
        assertThat(party("EMSP", "NL", "ABC").getParty()).isEqualTo(emsp);
        assertThat(party("CPO", "NL", "abc").hasParty()).isFalse();
        assertThat(party("CPO", "DE", "ABC").hasParty()).isFalse();

        OcpiParty moved = party("CPO", "NL", "ABC", "https://elsewhere").build();
        set(moved);
        assertThat(party("CPO", "NL", "ABC").getParty()).isEqualTo(moved);
        assertThat(party("EMSP", "NL", "ABC").getParty()).isEqualTo(emsp);
    }

    @Test
    void theKeyOfAPartyIsOfThreeParts() {
        // 59, 67
        set(party("CPO", "NL-A", "B", "https://one").build());
        set(party("CPO", "NL", "A-B", "https://two").build());

        assertThat(party("CPO", "NL-A", "B").getParty().getUrl()).isEqualTo("https://one");
        assertThat(party("CPO", "NL", "A-B").getParty().getUrl()).isEqualTo("https://two");
    }

    @Test
    void thePartiesOfARoleAreListedAndNoOthers() {
        // 69
        assertThat(parties("CPO")).isEmpty();
        List<OcpiParty> cpos = new ArrayList<>();
        for (String country : List.of("BE", "NL", "nl")) {
            for (String id : List.of("1", "10", "2")) {
                OcpiParty each = party("CPO", country, id, "https://" + country + id).build();
                cpos.add(each);
                set(each);
                set(each.toBuilder().setRole("EMSP").build());
            }
        }

        assertThat(parties("CPO")).isEqualTo(cpos);
        assertThat(parties("EMSP")).hasSize(9);
        assertThat(parties("HUB")).isEmpty();
        assertThat(parties("cpo")).isEmpty();
    }

    @Test
    void registrationsAndPartiesKnowNothingOfEachOther() {
        // 70
        register("t", RegistrationStatus.REGISTRATION_STATUS_REGISTERED);
        set(party("CPO", "NL", "ABC", "https://a").setToken("t").build());
        ocpi.deleteRegistrationDetails(
                DeleteRegistrationDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setRegistrationToken("t")
                        .build());

        assertThat(party("CPO", "NL", "ABC").getParty().getToken()).isEqualTo("t");
        set(party("CPO", "NL", "ABC", "https://a").build());
        assertThat(registration("t").hasRegistration()).isFalse();
    }

    @Test
    void secretsAreInNoLogAndTheTokenOfARegistrationIsNowhere() throws Exception {
        Queue<String> logged = new ConcurrentLinkedQueue<>();
        AbstractAppender appender =
                new AbstractAppender("everything", null, null, true, Property.EMPTY_ARRAY) {
                    @Override
                    public void append(LogEvent event) {
                        logged.add(
                                event.getMessage().getFormattedMessage()
                                        + " "
                                        + event.getContextData()
                                        + " "
                                        + event.getThrown());
                    }
                };
        appender.start();
        ((Logger) LogManager.getRootLogger()).addAppender(appender);
        try {
            register(SECRET, RegistrationStatus.REGISTRATION_STATUS_PENDING);
            registration(SECRET);
            ChargeStationServiceGrpc.newBlockingStub(service.channel())
                    .setChargeStationAuth(
                            SetChargeStationAuthRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setChargeStationId("cs1")
                                    .setAuth(
                                            ChargeStationAuth.newBuilder()
                                                    .setBase64Sha256Password(SECRET))
                                    .build());
            set(party("CPO", "NL", "ABC", "https://a").setToken(SECRET).build());
            assertThatCall(() -> set(party("CPO", "NL", "ABC", "a\0b").setToken(SECRET).build()))
                    .hasStatus(Code.INVALID_ARGUMENT);
            String own = organization;
            organization = "nosuchorganization";
            assertThatCall(() -> register(SECRET, RegistrationStatus.REGISTRATION_STATUS_PENDING))
                    .hasStatus(Code.NOT_FOUND);
            organization = own;
            parties("CPO");
            ocpi.deleteRegistrationDetails(
                    DeleteRegistrationDetailsRequest.newBuilder()
                            .setOrganizationId(organization)
                            .setRegistrationToken("another")
                            .build());
        } finally {
            ((Logger) LogManager.getRootLogger()).removeAppender(appender);
        }

        assertThat(logged)
                .anyMatch(
                        line -> line.contains("changed") && line.contains("/SetChargeStationAuth"))
                .anyMatch(line -> line.contains("changed") && line.contains("/SetPartyDetails"))
                .noneMatch(line -> line.contains("/Lookup") || line.contains("/List"));
        assertThat(logged).noneMatch(line -> line.contains(SECRET));
        assertThat(
                        service.query(
                                "SELECT string_agg(r::text || convert_from(r.token_sha256, 'LATIN1'), ' ')"
                                        + " FROM charging_ocpi_registrations r"))
                .isNotEmpty()
                .doesNotContain(SECRET);
    }

    // Locations

    @Test
    void aLocationIsWhatWasSetWithNoEvsesKnownWithNoneAndWithSome() {
        // 71
        Location unknown = location("unknown", "Gent Zuid").build();
        Location none = location("none", "Gent Zuid").setEvses(Evses.getDefaultInstance()).build();
        Location some = location("some", "Gent Zuid").setEvses(evses()).build();
        Location bare = Location.newBuilder().setId("bare").build();
        for (Location each : List.of(unknown, none, some, bare)) {
            set(each);
            Location found = location(each.getId()).getLocation();
            assertThat(found.toBuilder().clearLastUpdated().build()).isEqualTo(each);
            assertThat(listLocations(0, 10).getLocationsList()).contains(found);
        }
        assertThat(location("unknown").getLocation().hasEvses()).isFalse();
        assertThat(location("none").getLocation().hasEvses()).isTrue();
        assertThat(location("bare").getLocation().hasCoordinates()).isFalse();
        assertThat(location("some").getLocation().getCoordinates().getLatitude())
                .isEqualTo("51.50");
    }

    @Test
    void whenALocationWasUpdatedTheStoreSaysAndOfItsPartsTheCaller() {
        // 72
        set(location("1", "here").setLastUpdated("1999-01-01T00:00:00Z").setEvses(evses()).build());

        Location found = location("1").getLocation();
        assertStoredNow(found.getLastUpdated());
        assertThat(found.getEvses().getEvses(0).getLastUpdated()).isEqualTo("yesterday");
        assertThat(found.getEvses().getEvses(0).getConnectors(0).getLastUpdated())
                .isEqualTo("2019-01-01T00:00:00.5+01:00");
    }

    @Test
    void locationsAreListedByIdFromAnOffsetOn() {
        // 73
        assertThat(listLocations(0, 10).getLocationsList()).isEmpty();
        List<String> ids = IntStream.range(0, 20).mapToObj("l%02d"::formatted).toList();
        List<String> shuffled = new ArrayList<>(ids);
        Collections.shuffle(shuffled);
        shuffled.forEach(id -> set(location(id, "here").build()));

        assertThat(ids(listLocations(0, 10))).isEqualTo(ids.subList(0, 10));
        assertThat(ids(listLocations(5, 20))).isEqualTo(ids.subList(5, 20));
        assertThat(listLocations(20, 10).getLocationsList()).isEmpty();
        assertThat(listLocations(0, 0).getLocationsList()).isEmpty();
        ListLocationsResponse second =
                locations.listLocations(
                        ListLocationsRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setPageToken(listLocations(0, 8).getNextPageToken())
                                .build());
        assertThat(ids(second)).isEqualTo(ids.subList(8, 20));
        assertThat(second.getNextPageToken()).isEmpty();
    }

    @Test
    void aLocationReplacesAllOfThatOfItsId() {
        // 3, 74
        set(location("1", "here").setEvses(evses()).build());
        Location other =
                Location.newBuilder()
                        .setId("1")
                        .setName("there")
                        .setEvses(Evses.newBuilder().addEvses(Evse.newBuilder().setUid("another")))
                        .build();
        set(other);

        assertThat(location("1").getLocation().toBuilder().clearLastUpdated().build())
                .isEqualTo(other);
        assertThat(listLocations(0, 10).getLocationsList()).hasSize(1);
    }

    @Test
    void aPageOfLargeLocationsFitsIntoAnAnswer() {
        Evses.Builder many = Evses.newBuilder();
        for (int i = 0; i < 900; i++) {
            many.addEvses(
                    Evse.newBuilder()
                            .setUid("x".repeat(255))
                            .setStatus("y".repeat(255))
                            .setEvseId("z".repeat(255))
                            .setLastUpdated("u".repeat(200)));
        }
        List<String> ids = List.of("l1", "l2", "l3", "l4", "l5");
        ids.forEach(id -> set(location(id, "large").setEvses(many).build()));

        List<String> listed = new ArrayList<>();
        String token = "";
        do {
            ListLocationsResponse page =
                    locations.listLocations(
                            ListLocationsRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setPageToken(token)
                                    .build());
            assertThat(page.getLocationsList()).isNotEmpty();
            assertThat(page.getSerializedSize()).isLessThan(4 << 20);
            listed.addAll(ids(page));
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(listed).isEqualTo(ids);

        for (int i = 900; i < 1000; i++) {
            many.addEvses(
                    Evse.newBuilder()
                            .setUid("ü".repeat(255))
                            .setStatus("ü".repeat(255))
                            .setEvseId("ü".repeat(255))
                            .setLastUpdated("ü".repeat(255)));
        }
        assertThatCall(() -> set(location("l6", "too large").setEvses(many).build()))
                .hasStatus(Code.INVALID_ARGUMENT, "A location has at most 1048576 bytes")
                .isOfField("location");
    }

    // Requests

    private static Token.Builder token(String uid) {
        return Token.newBuilder()
                .setCountryCode("NL")
                .setPartyId("ABC")
                .setType("RFID")
                .setUid(uid)
                .setContractId("NL-ABC-1")
                .setIssuer("Issuer")
                .setValid(true)
                .setCacheMode(CacheMode.CACHE_MODE_ALLOWED);
    }

    private void set(Token token) {
        tokens.setToken(
                SetTokenRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setToken(token)
                        .build());
    }

    private LookupTokenResponse lookup(String uid) {
        return tokens.lookupToken(
                LookupTokenRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setUid(uid)
                        .build());
    }

    private ListTokensResponse listTokens(int offset, int limit) {
        return tokens.listTokens(
                ListTokensRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setSkip(offset)
                        .setPageSize(limit)
                        .build());
    }

    private static List<String> uids(ListTokensResponse list) {
        return list.getTokensList().stream().map(Token::getUid).toList();
    }

    private String set(String text) {
        return certificates
                .setCertificate(
                        SetCertificateRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setPem(text)
                                .build())
                .getCertificateHash();
    }

    private String pem(String hash) {
        return certificates
                .lookupCertificate(
                        LookupCertificateRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setCertificateHash(hash)
                                .build())
                .getPem();
    }

    private void deleteCertificate(String hash) {
        certificates.deleteCertificate(
                DeleteCertificateRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setCertificateHash(hash)
                        .build());
    }

    private static byte[] der(String text) {
        return Base64.getMimeDecoder().decode(text.replaceAll("-----[^-]*-----", ""));
    }

    private static String hashOf(String text) throws Exception {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(der(text)));
    }

    private static String wrapped(byte[] der, int lineLength) {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(lineLength / 4 * 4, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END CERTIFICATE-----\n";
    }

    private void register(String token, RegistrationStatus status) {
        ocpi.setRegistrationDetails(
                SetRegistrationDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setRegistrationToken(token)
                        .setRegistration(OcpiRegistration.newBuilder().setStatus(status))
                        .build());
    }

    private LookupRegistrationDetailsResponse registration(String token) {
        return ocpi.lookupRegistrationDetails(
                LookupRegistrationDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setRegistrationToken(token)
                        .build());
    }

    private static OcpiParty.Builder party(
            String role, String countryCode, String partyId, String url) {
        return OcpiParty.newBuilder()
                .setRole(role)
                .setCountryCode(countryCode)
                .setPartyId(partyId)
                .setUrl(url);
    }

    private void set(OcpiParty party) {
        ocpi.setPartyDetails(
                SetPartyDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setParty(party)
                        .build());
    }

    private LookupPartyDetailsResponse party(String role, String countryCode, String partyId) {
        return ocpi.lookupPartyDetails(
                LookupPartyDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setRole(role)
                        .setCountryCode(countryCode)
                        .setPartyId(partyId)
                        .build());
    }

    /** All pages, of two each. */
    private List<OcpiParty> parties(String role) {
        List<OcpiParty> all = new ArrayList<>();
        String token = "";
        do {
            ListPartyDetailsForRoleResponse page =
                    ocpi.listPartyDetailsForRole(
                            ListPartyDetailsForRoleRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setRole(role)
                                    .setPageSize(2)
                                    .setPageToken(token)
                                    .build());
            all.addAll(page.getPartiesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }

    private static Location.Builder location(String id, String name) {
        return Location.newBuilder()
                .setId(id)
                .setName(name)
                .setAddress("F.Rooseveltlaan 3A")
                .setCity("Gent")
                .setCountry("BEL")
                .setPostalCode("9000")
                .setParkingType("ON_STREET")
                .setCoordinates(
                        Coordinates.newBuilder().setLatitude("51.50").setLongitude("3.729944"));
    }

    private static Evses evses() {
        return Evses.newBuilder()
                .addEvses(
                        Evse.newBuilder()
                                .setUid("3256")
                                .setEvseId("BE*BEC*E041503001")
                                .setStatus("AVAILABLE")
                                .setLastUpdated("yesterday")
                                .addConnectors(
                                        Connector.newBuilder()
                                                .setId("1")
                                                .setStandard("IEC_62196_T2")
                                                .setFormat("CABLE")
                                                .setPowerType("AC_3_PHASE")
                                                .setMaxVoltage(220)
                                                .setMaxAmperage(16)
                                                .setLastUpdated("2019-01-01T00:00:00.5+01:00")))
                .addEvses(Evse.newBuilder().setUid("3257").setEvseId(""))
                .addEvses(Evse.newBuilder().setUid("3258"))
                .build();
    }

    private void set(Location location) {
        locations.setLocation(
                SetLocationRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setLocation(location)
                        .build());
    }

    private LookupLocationResponse location(String id) {
        return locations.lookupLocation(
                LookupLocationRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setLocationId(id)
                        .build());
    }

    private ListLocationsResponse listLocations(int offset, int limit) {
        return locations.listLocations(
                ListLocationsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setSkip(offset)
                        .setPageSize(limit)
                        .build());
    }

    private static List<String> ids(ListLocationsResponse list) {
        return list.getLocationsList().stream().map(Location::getId).toList();
    }

    private static void assertStoredNow(String lastUpdated) {
        assertThat(lastUpdated).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
        assertThat(Duration.between(Instant.parse(lastUpdated), Instant.now()).abs())
                .isLessThan(Duration.ofMinutes(1));
    }
}
