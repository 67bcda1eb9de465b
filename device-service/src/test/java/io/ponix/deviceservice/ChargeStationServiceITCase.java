package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.grpc.Status.Code;
import io.ponix.proto.charging.v1.CertificateInstallationStatus;
import io.ponix.proto.charging.v1.CertificateType;
import io.ponix.proto.charging.v1.ChargeStationAuth;
import io.ponix.proto.charging.v1.ChargeStationInstallCertificate;
import io.ponix.proto.charging.v1.ChargeStationInstallCertificates;
import io.ponix.proto.charging.v1.ChargeStationRuntimeDetails;
import io.ponix.proto.charging.v1.ChargeStationServiceGrpc;
import io.ponix.proto.charging.v1.ChargeStationSetting;
import io.ponix.proto.charging.v1.ChargeStationSettingStatus;
import io.ponix.proto.charging.v1.ChargeStationSettings;
import io.ponix.proto.charging.v1.ChargeStationTriggerMessage;
import io.ponix.proto.charging.v1.DeleteChargeStationSettingsRequest;
import io.ponix.proto.charging.v1.DeleteChargeStationTriggerMessageRequest;
import io.ponix.proto.charging.v1.ListChargeStationInstallCertificatesRequest;
import io.ponix.proto.charging.v1.ListChargeStationInstallCertificatesResponse;
import io.ponix.proto.charging.v1.ListChargeStationSettingsRequest;
import io.ponix.proto.charging.v1.ListChargeStationSettingsResponse;
import io.ponix.proto.charging.v1.ListChargeStationTriggerMessagesRequest;
import io.ponix.proto.charging.v1.ListChargeStationTriggerMessagesResponse;
import io.ponix.proto.charging.v1.LookupChargeStationAuthRequest;
import io.ponix.proto.charging.v1.LookupChargeStationAuthResponse;
import io.ponix.proto.charging.v1.LookupChargeStationInstallCertificatesRequest;
import io.ponix.proto.charging.v1.LookupChargeStationInstallCertificatesResponse;
import io.ponix.proto.charging.v1.LookupChargeStationRuntimeDetailsRequest;
import io.ponix.proto.charging.v1.LookupChargeStationRuntimeDetailsResponse;
import io.ponix.proto.charging.v1.LookupChargeStationSettingsRequest;
import io.ponix.proto.charging.v1.LookupChargeStationSettingsResponse;
import io.ponix.proto.charging.v1.LookupChargeStationTriggerMessageRequest;
import io.ponix.proto.charging.v1.LookupChargeStationTriggerMessageResponse;
import io.ponix.proto.charging.v1.SetChargeStationAuthRequest;
import io.ponix.proto.charging.v1.SetChargeStationRuntimeDetailsRequest;
import io.ponix.proto.charging.v1.SetChargeStationTriggerMessageRequest;
import io.ponix.proto.charging.v1.TriggerMessage;
import io.ponix.proto.charging.v1.TriggerStatus;
import io.ponix.proto.charging.v1.UpdateChargeStationInstallCertificatesRequest;
import io.ponix.proto.charging.v1.UpdateChargeStationSettingsRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of stations. The numbers are those of the behaviours in docs/charging.md. */
@ExtendWith(ServiceUnderTest.Shared.class)
class ChargeStationServiceITCase {

    private static final Timestamp LATER = Timestamps.fromMillis(1_800_000_000_123L);

    private static final ChargeStationSettingStatus PENDING =
            ChargeStationSettingStatus.CHARGE_STATION_SETTING_STATUS_PENDING;
    private static final ChargeStationSettingStatus ACCEPTED =
            ChargeStationSettingStatus.CHARGE_STATION_SETTING_STATUS_ACCEPTED;

    private static ServiceUnderTest service;
    private static ChargeStationServiceGrpc.ChargeStationServiceBlockingStub stations;

    private String organization;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
        stations = ChargeStationServiceGrpc.newBlockingStub(shared.channel());
    }

    @BeforeEach
    void makeOrganization() {
        organization = service.organization("Charging");
    }

    // In general

    @Test
    void whatIsUnknownIsNotFoundWithoutAnError() {
        // 1
        assertThat(auth("unknown").hasAuth()).isFalse();
        assertThat(settings("unknown").hasSettings()).isFalse();
        assertThat(details("unknown").hasDetails()).isFalse();
        assertThat(certificates("unknown").hasCertificates()).isFalse();
        assertThat(trigger("unknown").hasTriggerMessage()).isFalse();
    }

    @Test
    void whatIsDeletedNeedNotBeThere() {
        // 4
        deleteSettings("unknown");
        deleteTrigger("unknown");
        update("cs1", Map.of("a", setting("1", PENDING)));
        set("cs1", trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT));
        for (int i = 0; i < 2; i++) {
            deleteSettings("cs1");
            deleteTrigger("cs1");
        }
        assertThat(settings("cs1").hasSettings()).isFalse();
        assertThat(trigger("cs1").hasTriggerMessage()).isFalse();
    }

    @Test
    void aStationNeedsNothingElseToHaveAnyOfIt() {
        // 5
        update("settings", Map.of("a", setting("1", PENDING)));
        set("details", details16());
        update("certificates", certificate("1"));
        set("trigger", trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT));

        assertThat(settings("settings").hasSettings()).isTrue();
        assertThat(details("details").hasDetails()).isTrue();
        assertThat(certificates("certificates").hasCertificates()).isTrue();
        assertThat(trigger("trigger").hasTriggerMessage()).isTrue();
        assertThat(auth("settings").hasAuth()).isFalse();
    }

    @Test
    void withoutItsSettingsAStationKeepsTheRest() {
        // 6
        set("cs1", auth(1, "hash", false));
        set("cs1", details16());
        update("cs1", Map.of("a", setting("1", PENDING)));
        update("cs1", certificate("1"));
        set("cs1", trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT));
        deleteSettings("cs1");

        assertThat(settings("cs1").hasSettings()).isFalse();
        assertThat(auth("cs1").getAuth()).isEqualTo(auth(1, "hash", false));
        assertThat(details("cs1").getDetails()).isEqualTo(details16());
        assertThat(certificates("cs1").getCertificates().getCertificatesList()).hasSize(1);
        assertThat(trigger("cs1").hasTriggerMessage()).isTrue();
    }

    @Test
    void whatIsReturnedIsACopy() {
        // 7
        update("cs1", Map.of("a", setting("1", PENDING)));
        settings("cs1").getSettings().toBuilder().putSettings("a", setting("2", ACCEPTED)).build();

        assertThat(settings("cs1").getSettings().getSettingsMap())
                .isEqualTo(Map.of("a", setting("1", PENDING)));
    }

    @Test
    void stationsOfOneIdInTwoOrganizationsAreTwo() {
        set("cs1", auth(1, "hash", false));
        set("cs1", details16());
        update("cs1", Map.of("a", setting("1", PENDING)));
        update("cs1", certificate("1"));
        set("cs1", trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT));
        String own = organization;
        organization = service.organization("Other");

        assertThat(auth("cs1").hasAuth()).isFalse();
        assertThat(settings("cs1").hasSettings()).isFalse();
        assertThat(details("cs1").hasDetails()).isFalse();
        assertThat(certificates("cs1").hasCertificates()).isFalse();
        assertThat(trigger("cs1").hasTriggerMessage()).isFalse();
        assertThat(listSettings(10, "").getSettingsList()).isEmpty();
        assertThat(listCertificates(10, "").getCertificatesList()).isEmpty();
        assertThat(listTriggers(10, "").getTriggerMessagesList()).isEmpty();
        update("cs1", Map.of("b", setting("2", ACCEPTED)));
        deleteTrigger("cs1");
        deleteSettings("cs1");

        organization = own;
        assertThat(settings("cs1").getSettings().getSettingsMap()).containsOnlyKeys("a");
        assertThat(trigger("cs1").hasTriggerMessage()).isTrue();
    }

    @Test
    void anOrganizationThatIsNotThereGetsNothing() {
        organization = "nosuchorganization";
        for (Runnable change :
                List.<Runnable>of(
                        () -> set("cs1", auth(1, "hash", false)),
                        () -> set("cs1", details16()),
                        () -> update("cs1", Map.of("a", setting("1", PENDING))),
                        () -> update("cs1", certificate("1")),
                        () -> set("cs1", trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT)))) {
            assertThatCall(change::run)
                    .hasStatus(Code.NOT_FOUND, "Organization not found: nosuchorganization");
        }
        whatIsUnknownIsNotFoundWithoutAnError();
    }

    @Test
    void whatIsToBeStoredHasToBeGivenAndRight() {
        assertThatCall(
                        () ->
                                stations.setChargeStationAuth(
                                        SetChargeStationAuthRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setChargeStationId("cs1")
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Auth has to be given")
                .isOfField("auth");
        assertThatCall(
                        () ->
                                stations.setChargeStationRuntimeDetails(
                                        SetChargeStationRuntimeDetailsRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setChargeStationId("cs1")
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Details have to be given")
                .isOfField("details");
        assertThatCall(
                        () ->
                                stations.setChargeStationTriggerMessage(
                                        SetChargeStationTriggerMessageRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setChargeStationId("cs1")
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Trigger message has to be given")
                .isOfField("trigger_message");
        assertThatCall(() -> set("", details16()))
                .hasStatus(Code.INVALID_ARGUMENT, "Charge station ID cannot be empty")
                .isOfField("charge_station_id");
        assertThatCall(() -> set("a\nb", details16()))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "Charge station ID must not contain control characters")
                .isOfField("charge_station_id");
        assertThatCall(() -> set("a".repeat(256), details16()))
                .hasStatus(Code.INVALID_ARGUMENT, "Charge station ID has at most 255 characters")
                .isOfField("charge_station_id");
        assertThatCall(() -> update("cs1", Map.of("a", ChargeStationSetting.getDefaultInstance())))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "Status of a setting must be one of those that there are")
                .isOfField("settings.status");
        assertThatCall(() -> update("cs1", Map.of("", setting("1", PENDING))))
                .hasStatus(Code.INVALID_ARGUMENT, "Names of settings have 1 to 255 characters")
                .isOfField("settings");
        assertThatCall(() -> update("cs1", Map.of("a", setting("a\0b", PENDING))))
                .hasStatus(Code.INVALID_ARGUMENT, "must not contain the character U+0000")
                .isOfField("settings.value");
        assertThatCall(
                        () ->
                                update(
                                        "cs1",
                                        Map.of(
                                                "a",
                                                setting("1", PENDING).toBuilder()
                                                        .setSendAfter(
                                                                Timestamp.newBuilder()
                                                                        .setSeconds(Long.MAX_VALUE))
                                                        .build())))
                .hasStatus(Code.INVALID_ARGUMENT, "settings.send_after is no time")
                .isOfField("settings.send_after");
        assertThatCall(() -> listSettings(-1, ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Page size cannot be negative");
        assertThat(settings("cs1").hasSettings()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0001-01-01T00:00:00Z",
                "1970-01-01T00:00:00Z",
                "9999-12-31T23:59:59.999999Z"
            })
    void timesOfAllYearsComeBack(String text) throws Exception {
        // 15, 33
        Timestamp time = Timestamps.parse(text);
        ChargeStationSetting setting = setting("1", PENDING).toBuilder().setSendAfter(time).build();
        update("cs1", Map.of("a", setting));
        ChargeStationTriggerMessage trigger =
                trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT).toBuilder()
                        .setSendAfter(time)
                        .build();
        set("cs1", trigger);

        assertThat(settings("cs1").getSettings().getSettingsMap()).containsEntry("a", setting);
        assertThat(trigger("cs1").getTriggerMessage())
                .isEqualTo(trigger.toBuilder().setChargeStationId("cs1").build());
    }

    @Test
    void timesAreInMicroseconds() throws Exception {
        // 15, 33
        Timestamp precise = Timestamps.parse("2026-12-01T10:00:00.123456999Z");
        Timestamp kept = Timestamps.parse("2026-12-01T10:00:00.123456Z");
        update("cs1", Map.of("a", setting("1", PENDING).toBuilder().setSendAfter(precise).build()));
        update("cs1", certificate("1").toBuilder().setSendAfter(precise).build());
        set(
                "cs1",
                trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT).toBuilder()
                        .setSendAfter(precise)
                        .build());

        assertThat(settings("cs1").getSettings().getSettingsMap().get("a").getSendAfter())
                .isEqualTo(kept);
        assertThat(certificates("cs1").getCertificates().getCertificates(0).getSendAfter())
                .isEqualTo(kept);
        assertThat(trigger("cs1").getTriggerMessage().getSendAfter()).isEqualTo(kept);
    }

    // Auth and runtime details

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, -128, 127})
    void authIsKeptForAnySecurityProfile(int profile) {
        // 8
        ChargeStationAuth auth = auth(profile, "DEADBEEF", profile == 1);
        set("cs1", auth);

        assertThat(auth("cs1").hasAuth()).isTrue();
        assertThat(auth("cs1").getAuth()).isEqualTo(auth);
    }

    @Test
    void aSecurityProfileIsAByte() {
        // 8
        for (int profile : List.of(-129, 128, Integer.MAX_VALUE)) {
            assertThatCall(() -> set("cs1", auth(profile, "", false)))
                    .hasStatus(Code.INVALID_ARGUMENT, "Security profile must be from -128 to 127")
                    .isOfField("auth.security_profile");
        }
    }

    @Test
    void anEmptyPasswordAndAnyUserNameAreKept() {
        // 9
        set("cs1", auth(0, "", true));
        assertThat(auth("cs1").getAuth()).isEqualTo(auth(0, "", true));

        // 3
        set("cs1", auth(2, "aGFzaA==", false));
        assertThat(auth("cs1").getAuth()).isEqualTo(auth(2, "aGFzaA==", false));
        set("cs1", ChargeStationAuth.getDefaultInstance());
        assertThat(auth("cs1").hasAuth()).isTrue();
        assertThat(auth("cs1").getAuth()).isEqualTo(ChargeStationAuth.getDefaultInstance());
    }

    @Test
    void runtimeDetailsAreReplaced() {
        // 3, 10
        set("cs1", details16());
        assertThat(details("cs1").getDetails().getOcppVersion()).isEqualTo("1.6");
        set("cs1", ChargeStationRuntimeDetails.newBuilder().setOcppVersion("2.0.1").build());
        assertThat(details("cs1").getDetails().getOcppVersion()).isEqualTo("2.0.1");
    }

    // Settings

    @Test
    void theFirstUpdateMakesTheRecordOfTheStationThatItNames() {
        // 11
        Map<String, ChargeStationSetting> given =
                Map.of("foo", setting("bar", PENDING), "baz", setting("qux", ACCEPTED));
        update("cs1", given);

        assertThat(settings("cs1").getSettings().getChargeStationId()).isEqualTo("cs1");
        assertThat(settings("cs1").getSettings().getSettingsMap()).isEqualTo(given);
    }

    @Test
    void aLaterUpdateReplacesTheSettingsThatItNamesAsAWhole() {
        // 12, 13
        update(
                "cs1",
                Map.of(
                        "foo", setting("bar", PENDING),
                        "baz", setting("qux", PENDING).toBuilder().setSendAfter(LATER).build()));
        update("cs1", Map.of("baz", setting("", ACCEPTED)));

        assertThat(settings("cs1").getSettings().getSettingsMap())
                .isEqualTo(Map.of("foo", setting("bar", PENDING), "baz", setting("", ACCEPTED)));
    }

    @Test
    void anUpdateWithoutSettingsMakesARecordWithoutAny() {
        // 14
        update("cs1", Map.of());
        assertThat(settings("cs1").hasSettings()).isTrue();
        assertThat(settings("cs1").getSettings())
                .isEqualTo(ChargeStationSettings.newBuilder().setChargeStationId("cs1").build());
        assertThat(listSettings(10, "").getSettingsList())
                .containsExactly(settings("cs1").getSettings());

        update("cs1", Map.of("a", setting("1", PENDING)));
        update("cs1", Map.of());
        assertThat(settings("cs1").getSettings().getSettingsMap())
                .isEqualTo(Map.of("a", setting("1", PENDING)));
    }

    @Test
    void sendAfterOfASettingIsKept() {
        // 15
        Map<String, ChargeStationSetting> given =
                Map.of(
                        "a", setting("1", PENDING).toBuilder().setSendAfter(LATER).build(),
                        "b", setting("2", PENDING));
        update("cs1", given);

        assertThat(settings("cs1").getSettings().getSettingsMap()).isEqualTo(given);
        assertThat(settings("cs1").getSettings().getSettingsMap().get("b").hasSendAfter())
                .isFalse();
        assertThat(listSettings(10, "").getSettings(0).getSettingsMap()).isEqualTo(given);
    }

    @Test
    void namesOfSettingsAreOpaque() {
        // 16
        Map<String, ChargeStationSetting> given = new HashMap<>();
        for (String name :
                List.of(
                        "Component;instance;1/Variable;inst;Actual",
                        "HeartbeatInterval",
                        "heartbeatinterval",
                        " ",
                        "a,b",
                        "{a}",
                        "\"a\"",
                        "\\",
                        "NULL",
                        "é",
                        "ü".repeat(255))) {
            given.put(name, setting(name, PENDING));
        }
        update("cs1", given);

        assertThat(settings("cs1").getSettings().getSettingsMap()).isEqualTo(given);
    }

    @ParameterizedTest
    @EnumSource(
            value = ChargeStationSettingStatus.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"CHARGE_STATION_SETTING_STATUS_UNSPECIFIED", "UNRECOGNIZED"})
    void everyStatusOfASettingIsKept(ChargeStationSettingStatus status) {
        // 13, 23
        update("cs1", Map.of("a", setting("1", status)));

        assertThat(settings("cs1").getSettings().getSettingsMap())
                .isEqualTo(Map.of("a", setting("1", status)));
        assertThat(listSettings(10, "").getSettingsList()).hasSize(1);
    }

    @Test
    void afterADeletionSettingsBeginAfresh() {
        // 17
        update("cs1", Map.of("a", setting("1", PENDING), "b", setting("2", PENDING)));
        deleteSettings("cs1");
        assertThat(settings("cs1").hasSettings()).isFalse();
        assertThat(listSettings(10, "").getSettingsList()).isEmpty();

        update("cs1", Map.of("b", setting("3", ACCEPTED)));
        assertThat(settings("cs1").getSettings().getSettingsMap())
                .isEqualTo(Map.of("b", setting("3", ACCEPTED)));
    }

    @Test
    void settingsOfAStationAre1000OfAMebibyteAtMost() {
        for (int part = 0; part < 2; part++) {
            Map<String, ChargeStationSetting> given = new HashMap<>();
            for (int i = 0; i < 500; i++) {
                given.put("setting " + part + " " + i, setting("1", PENDING));
            }
            update("cs1", given);
        }
        assertThat(settings("cs1").getSettings().getSettingsMap()).hasSize(1000);
        update("cs1", Map.of("setting 1 1", setting("2", PENDING)));

        assertThatCall(() -> update("cs1", Map.of("another", setting("1", PENDING))))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "A charge station has at most 1000 settings",
                        "it would have 1001")
                .isOfField("settings");
        assertThat(settings("cs1").getSettings().getSettingsMap()).hasSize(1000);

        Map<String, ChargeStationSetting> large = new HashMap<>();
        for (int i = 0; i < 150; i++) {
            large.put("setting" + i, setting("x".repeat(10_000), PENDING));
        }
        assertThatCall(() -> update("cs2", large))
                .hasStatus(Code.INVALID_ARGUMENT, "of 1048576 bytes in all")
                .isOfField("settings");
        assertThat(settings("cs2").hasSettings()).isFalse();
        Map<String, ChargeStationSetting> many = new HashMap<>();
        for (int i = 0; i < 501; i++) {
            many.put("setting" + i, setting("1", PENDING));
        }
        assertThatCall(() -> update("cs2", many))
                .hasStatus(Code.INVALID_ARGUMENT, "A call has at most 500 settings")
                .isOfField("settings");
    }

    @Test
    void updatesAtTheSameTimeLoseNothing() throws Exception {
        // 12, 60
        int callers = 16;
        ExecutorService executor = Executors.newFixedThreadPool(callers);
        try {
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int caller = i;
                calls.add(
                        CompletableFuture.runAsync(
                                () -> {
                                    for (int j = 0; j < 5; j++) {
                                        update(
                                                "cs1",
                                                Map.of(
                                                        "shared",
                                                        setting("" + caller, PENDING),
                                                        "own " + caller + " " + j,
                                                        setting("1", PENDING)));
                                        update("cs1", certificate(caller + " " + j));
                                    }
                                },
                                executor));
            }
            CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
                    .get(60, TimeUnit.SECONDS);
        } finally {
            executor.shutdownNow();
        }

        assertThat(settings("cs1").getSettings().getSettingsMap()).hasSize(callers * 5 + 1);
        assertThat(certificates("cs1").getCertificates().getCertificatesList())
                .hasSize(callers * 5);
    }

    // Lists

    /** The three lists of stations, by page size and the station before. */
    private Map<String, BiFunction<Integer, String, List<String>>> lists() {
        Map<String, BiFunction<Integer, String, List<String>>> lists = new TreeMap<>();
        lists.put(
                "settings",
                (size, previous) ->
                        listSettings(size, previous).getSettingsList().stream()
                                .map(ChargeStationSettings::getChargeStationId)
                                .toList());
        lists.put(
                "certificates",
                (size, previous) ->
                        listCertificates(size, previous).getCertificatesList().stream()
                                .map(ChargeStationInstallCertificates::getChargeStationId)
                                .toList());
        lists.put(
                "triggers",
                (size, previous) ->
                        listTriggers(size, previous).getTriggerMessagesList().stream()
                                .map(ChargeStationTriggerMessage::getChargeStationId)
                                .toList());
        return lists;
    }

    private void makeStations(List<String> ids) {
        for (String id : ids) {
            update(id, Map.of("a", setting("1", ACCEPTED), "b", setting("2", PENDING)));
            update(id, certificate("1"));
            update(id, certificate("2"));
            set(id, trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT));
        }
    }

    @Test
    void twentyFiveStationsAreThreePagesOfTen() {
        // 18, 19, 20, 23
        List<String> ids = IntStream.range(0, 25).mapToObj("cs%02d"::formatted).toList();
        makeStations(ids.subList(12, 25));
        makeStations(ids.subList(0, 12));

        lists().forEach(
                        (name, list) -> {
                            assertThat(list.apply(10, "")).as(name).isEqualTo(ids.subList(0, 10));
                            assertThat(list.apply(10, "cs09"))
                                    .as(name)
                                    .isEqualTo(ids.subList(10, 20));
                            assertThat(list.apply(10, "cs19"))
                                    .as(name)
                                    .isEqualTo(ids.subList(20, 25));
                            assertThat(list.apply(10, "cs24")).as(name).isEmpty();
                        });
        assertThat(listSettings(10, "cs09").getSettingsList())
                .allMatch(each -> each.getSettingsCount() == 2);
        assertThat(listCertificates(10, "cs09").getCertificatesList())
                .allMatch(each -> each.getCertificatesCount() == 2);
    }

    @Test
    void pagesFollowEachOtherByTheirTokens() {
        // 18, 19
        List<String> ids = IntStream.range(0, 25).mapToObj("cs%02d"::formatted).toList();
        makeStations(ids);

        List<String> settings = new ArrayList<>();
        List<String> certificates = new ArrayList<>();
        List<String> triggers = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        String token = "";
        do {
            ListChargeStationSettingsResponse page =
                    stations.listChargeStationSettings(
                            ListChargeStationSettingsRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setPageSize(10)
                                    .setPageToken(token)
                                    .build());
            sizes.add(page.getSettingsCount());
            page.getSettingsList().forEach(each -> settings.add(each.getChargeStationId()));
            stations.listChargeStationInstallCertificates(
                            ListChargeStationInstallCertificatesRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setPageSize(10)
                                    .setPageToken(token)
                                    .build())
                    .getCertificatesList()
                    .forEach(each -> certificates.add(each.getChargeStationId()));
            stations.listChargeStationTriggerMessages(
                            ListChargeStationTriggerMessagesRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setPageSize(10)
                                    .setPageToken(token)
                                    .build())
                    .getTriggerMessagesList()
                    .forEach(each -> triggers.add(each.getChargeStationId()));
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(sizes).containsExactly(10, 10, 5);
        assertThat(settings).isEqualTo(ids);
        assertThat(certificates).isEqualTo(ids);
        assertThat(triggers).isEqualTo(ids);
    }

    @Test
    void anOrganizationWithoutStationsHasEmptyLists() {
        // 20
        lists().forEach(
                        (name, list) -> {
                            assertThat(list.apply(10, "")).as(name).isEmpty();
                            assertThat(list.apply(10, "anything")).as(name).isEmpty();
                        });
    }

    @Test
    void stationsAreInTheOrderOfTheBytesOfTheirIds() {
        // 21
        List<String> ids =
                List.of(
                        "A", "B", "a", "a b", "a-b", "a.b", "a_b", "ab", "cs10", "cs2", "cs_1",
                        "csé");
        makeStations(ids.subList(6, 12));
        makeStations(ids.subList(0, 6));

        lists().forEach(
                        (name, list) -> {
                            assertThat(list.apply(50, "")).as(name).isEqualTo(ids);
                            List<String> one = new ArrayList<>();
                            String previous = "";
                            while (true) {
                                List<String> page = list.apply(1, previous);
                                if (page.isEmpty()) {
                                    break;
                                }
                                one.addAll(page);
                                previous = page.get(0);
                            }
                            assertThat(one).as(name).isEqualTo(ids);
                        });
    }

    @Test
    void aListGoesOnAfterAStationThatIsNotThere() {
        // 22
        makeStations(List.of("cs1", "cs3", "cs5"));
        lists().forEach(
                        (name, list) -> {
                            assertThat(list.apply(10, "cs2"))
                                    .as(name)
                                    .containsExactly("cs3", "cs5");
                            assertThat(list.apply(10, "cs9")).as(name).isEmpty();
                        });

        ListChargeStationSettingsResponse first = listSettings(2, "");
        ListChargeStationTriggerMessagesResponse firstTriggers = listTriggers(2, "");
        deleteSettings("cs3");
        deleteTrigger("cs3");
        assertThat(
                        stations.listChargeStationSettings(
                                        ListChargeStationSettingsRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setPageToken(first.getNextPageToken())
                                                .build())
                                .getSettingsList())
                .extracting(ChargeStationSettings::getChargeStationId)
                .containsExactly("cs5");
        assertThat(
                        stations.listChargeStationTriggerMessages(
                                        ListChargeStationTriggerMessagesRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setPageToken(firstTriggers.getNextPageToken())
                                                .build())
                                .getTriggerMessagesList())
                .extracting(ChargeStationTriggerMessage::getChargeStationId)
                .containsExactly("cs5");
        deleteSettings("cs5");
        assertThat(
                        stations.listChargeStationSettings(
                                        ListChargeStationSettingsRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setPageToken(first.getNextPageToken())
                                                .build())
                                .getSettingsList())
                .isEmpty();
    }

    @Test
    void whateverTheStatusIsItIsListed() {
        // 23, 31, 36
        for (CertificateInstallationStatus status :
                List.of(
                        CertificateInstallationStatus.CERTIFICATE_INSTALLATION_STATUS_PENDING,
                        CertificateInstallationStatus.CERTIFICATE_INSTALLATION_STATUS_ACCEPTED,
                        CertificateInstallationStatus.CERTIFICATE_INSTALLATION_STATUS_REJECTED)) {
            update(status.name(), certificate("1").toBuilder().setStatus(status).build());
        }
        for (TriggerStatus status :
                List.of(
                        TriggerStatus.TRIGGER_STATUS_PENDING,
                        TriggerStatus.TRIGGER_STATUS_ACCEPTED,
                        TriggerStatus.TRIGGER_STATUS_REJECTED,
                        TriggerStatus.TRIGGER_STATUS_NOT_IMPLEMENTED)) {
            set(
                    status.name(),
                    trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT).toBuilder()
                            .setTriggerStatus(status)
                            .build());
        }

        assertThat(listCertificates(10, "").getCertificatesList())
                .hasSize(3)
                .allMatch(
                        each ->
                                each.getCertificates(0)
                                        .getStatus()
                                        .name()
                                        .equals(each.getChargeStationId()));
        assertThat(listTriggers(10, "").getTriggerMessagesList())
                .hasSize(4)
                .allMatch(each -> each.getTriggerStatus().name().equals(each.getChargeStationId()));
    }

    @Test
    void aLoopThatAsksFromTheBeginningAfterAnEmptyPageSeesAllAgainAndAgain() {
        // 24
        List<String> ids = IntStream.range(0, 60).mapToObj("cs%02d"::formatted).toList();
        ids.forEach(id -> set(id, trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT)));
        List<Integer> sizes = new ArrayList<>();
        String previous = "";
        for (int i = 0; i < 6; i++) {
            List<String> page = lists().get("triggers").apply(50, previous);
            sizes.add(page.size());
            previous = page.isEmpty() ? "" : page.get(page.size() - 1);
        }
        assertThat(sizes).containsExactly(50, 10, 0, 50, 10, 0);
    }

    @Test
    void aPageOfLargeRecordsFitsIntoAnAnswer() {
        Map<String, ChargeStationSetting> large = new HashMap<>();
        for (int i = 0; i < 90; i++) {
            large.put("setting" + i, setting("x".repeat(10_000), PENDING));
        }
        List<String> ids = List.of("cs1", "cs2", "cs3", "cs4", "cs5");
        ids.forEach(id -> update(id, large));

        List<String> listed = new ArrayList<>();
        String token = "";
        int pages = 0;
        do {
            ListChargeStationSettingsResponse page =
                    stations.listChargeStationSettings(
                            ListChargeStationSettingsRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setPageToken(token)
                                    .build());
            page.getSettingsList()
                    .forEach(
                            each -> {
                                assertThat(each.getSettingsMap()).isEqualTo(large);
                                listed.add(each.getChargeStationId());
                            });
            token = page.getNextPageToken();
            pages++;
        } while (!token.isEmpty());
        assertThat(listed).isEqualTo(ids);
        assertThat(pages).isEqualTo(3);
    }

    // Certificates to install

    @Test
    void theFirstUpdateStoresAllCertificates() {
        // 25, 28
        ChargeStationInstallCertificate one = certificate("one");
        ChargeStationInstallCertificate two =
                certificate("two").toBuilder().setSendAfter(LATER).build();
        update("cs1", one, two);

        assertThat(certificates("cs1").getCertificates())
                .isEqualTo(
                        ChargeStationInstallCertificates.newBuilder()
                                .setChargeStationId("cs1")
                                .addCertificates(one)
                                .addCertificates(two)
                                .build());
        assertThat(certificates("cs1").getCertificates().getCertificates(0).hasSendAfter())
                .isFalse();
    }

    @Test
    void aKnownIdIsReplacedAndANewOneAdded() {
        // 26, 27, 29
        update("cs1", certificate("one").toBuilder().setSendAfter(LATER).build());
        ChargeStationInstallCertificate replaced =
                ChargeStationInstallCertificate.newBuilder()
                        .setCertificateId("one")
                        .setCertificateType(CertificateType.CERTIFICATE_TYPE_MO)
                        .setCertificateData("another")
                        .setStatus(
                                CertificateInstallationStatus
                                        .CERTIFICATE_INSTALLATION_STATUS_ACCEPTED)
                        .setSendAfter(Timestamps.fromSeconds(1_900_000_000))
                        .build();
        update("cs1", replaced, certificate("two"));
        assertThat(certificates("cs1").getCertificates().getCertificatesList())
                .containsExactly(replaced, certificate("two"));

        update("cs1", replaced.toBuilder().clearSendAfter().build());
        assertThat(certificates("cs1").getCertificates().getCertificatesList())
                .containsExactly(replaced.toBuilder().clearSendAfter().build(), certificate("two"));
    }

    @Test
    void certificatesAreInTheOrderInWhichTheyWereFirstGiven() {
        // 30
        update("cs1", certificate("z"), certificate("a"), certificate("m"));
        update("cs1", certificate("b"), certificate("a"));

        assertThat(certificates("cs1").getCertificates().getCertificatesList())
                .extracting(ChargeStationInstallCertificate::getCertificateId)
                .containsExactly("z", "a", "m", "b");
        assertThat(listCertificates(10, "").getCertificates(0).getCertificatesList())
                .extracting(ChargeStationInstallCertificate::getCertificateId)
                .containsExactly("z", "a", "m", "b");
    }

    @Test
    void ofAnIdThatIsGivenTwiceTheLastCounts() {
        // 26
        update(
                "cs1",
                certificate("one"),
                certificate("two"),
                certificate("one").toBuilder().setCertificateData("last").build());

        assertThat(certificates("cs1").getCertificates().getCertificatesList())
                .containsExactly(
                        certificate("one").toBuilder().setCertificateData("last").build(),
                        certificate("two"));
    }

    @ParameterizedTest
    @EnumSource(
            value = CertificateType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"CERTIFICATE_TYPE_UNSPECIFIED", "UNRECOGNIZED"})
    void everyTypeOfCertificateIsKept(CertificateType type) {
        // 26
        update("cs1", certificate("1").toBuilder().setCertificateType(type).build());

        assertThat(certificates("cs1").getCertificates().getCertificates(0).getCertificateType())
                .isEqualTo(type);
    }

    @Test
    void aRejectedCertificateStaysAndIsSentAgainLater() {
        // 31
        ChargeStationInstallCertificate rejected =
                certificate("1").toBuilder()
                        .setStatus(
                                CertificateInstallationStatus
                                        .CERTIFICATE_INSTALLATION_STATUS_REJECTED)
                        .setSendAfter(LATER)
                        .build();
        update("cs1", rejected);
        update("cs1");

        assertThat(certificates("cs1").getCertificates().getCertificatesList())
                .containsExactly(rejected);
    }

    @Test
    void certificatesOfAStationAre200OfAMebibyteAtMost() {
        ChargeStationInstallCertificate[] large = new ChargeStationInstallCertificate[33];
        for (int i = 0; i < large.length; i++) {
            large[i] =
                    certificate("" + i).toBuilder().setCertificateData("x".repeat(32_768)).build();
        }
        assertThatCall(() -> update("cs1", large))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "A charge station has at most 200 certificates to install",
                        "of 1048576 bytes")
                .isOfField("certificates");
        assertThat(certificates("cs1").hasCertificates()).isFalse();
        for (int part = 0; part < 2; part++) {
            ChargeStationInstallCertificate[] many = new ChargeStationInstallCertificate[100];
            for (int i = 0; i < many.length; i++) {
                many[i] = certificate(part + " " + i);
            }
            update("cs1", many);
        }
        assertThatCall(() -> update("cs1", certificate("another")))
                .hasStatus(Code.INVALID_ARGUMENT, "it would have 201");
        assertThat(certificates("cs1").getCertificates().getCertificatesList()).hasSize(200);
    }

    // Trigger messages

    @Test
    void aStationHasOneTriggerMessage() {
        // 32
        set(
                "cs1",
                trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT).toBuilder()
                        .setTriggerStatus(TriggerStatus.TRIGGER_STATUS_ACCEPTED)
                        .setSendAfter(LATER)
                        .build());
        ChargeStationTriggerMessage second =
                trigger(TriggerMessage.TRIGGER_MESSAGE_BOOT_NOTIFICATION);
        set("cs1", second);

        assertThat(trigger("cs1").getTriggerMessage())
                .isEqualTo(second.toBuilder().setChargeStationId("cs1").build());
        assertThat(listTriggers(10, "").getTriggerMessagesList()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = TriggerMessage.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"TRIGGER_MESSAGE_UNSPECIFIED", "UNRECOGNIZED"})
    void everyTriggerMessageIsKept(TriggerMessage message) {
        // 33
        ChargeStationTriggerMessage given =
                trigger(message).toBuilder().setSendAfter(LATER).build();
        set("cs1", given);

        ChargeStationTriggerMessage expected = given.toBuilder().setChargeStationId("cs1").build();
        assertThat(trigger("cs1").getTriggerMessage()).isEqualTo(expected);
        assertThat(listTriggers(10, "").getTriggerMessagesList()).containsExactly(expected);
    }

    @Test
    void aDeletedTriggerMessageIsInNoList() {
        // 34
        set("cs1", trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT));
        set("cs2", trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT));
        deleteTrigger("cs1");

        assertThat(trigger("cs1").hasTriggerMessage()).isFalse();
        assertThat(listTriggers(10, "").getTriggerMessagesList())
                .extracting(ChargeStationTriggerMessage::getChargeStationId)
                .containsExactly("cs2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "another"})
    void theStationOfATriggerMessageIsThatOfTheRequest(String inside) {
        // 35
        set(
                "cs1",
                trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT).toBuilder()
                        .setChargeStationId(inside)
                        .build());

        assertThat(trigger("cs1").getTriggerMessage().getChargeStationId()).isEqualTo("cs1");
        assertThat(listTriggers(10, "").getTriggerMessagesList())
                .extracting(ChargeStationTriggerMessage::getChargeStationId)
                .containsExactly("cs1");
        assertThat(trigger("another").hasTriggerMessage()).isFalse();
    }

    @Test
    void aTriggerMessageIsPendingAgainTwoMinutesLaterWithoutRuntimeDetails() {
        // 36
        set(
                "cs1",
                trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT).toBuilder()
                        .setTriggerStatus(TriggerStatus.TRIGGER_STATUS_REJECTED)
                        .setSendAfter(LATER)
                        .build());
        ChargeStationTriggerMessage listed = listTriggers(50, "").getTriggerMessages(0);
        Timestamp twoMinutesLater =
                listed.getSendAfter().toBuilder()
                        .setSeconds(listed.getSendAfter().getSeconds() + 120)
                        .build();
        set(
                listed.getChargeStationId(),
                listed.toBuilder()
                        .setTriggerStatus(TriggerStatus.TRIGGER_STATUS_PENDING)
                        .setSendAfter(twoMinutesLater)
                        .build());

        assertThat(details("cs1").hasDetails()).isFalse();
        assertThat(trigger("cs1").getTriggerMessage())
                .isEqualTo(
                        trigger(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT).toBuilder()
                                .setChargeStationId("cs1")
                                .setSendAfter(twoMinutesLater)
                                .build());
    }

    // Requests

    private static ChargeStationAuth auth(int profile, String password, boolean anyName) {
        return ChargeStationAuth.newBuilder()
                .setSecurityProfile(profile)
                .setBase64Sha256Password(password)
                .setInvalidUsernameAllowed(anyName)
                .build();
    }

    private void set(String station, ChargeStationAuth auth) {
        stations.setChargeStationAuth(
                SetChargeStationAuthRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .setAuth(auth)
                        .build());
    }

    private LookupChargeStationAuthResponse auth(String station) {
        return stations.lookupChargeStationAuth(
                LookupChargeStationAuthRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .build());
    }

    private static ChargeStationRuntimeDetails details16() {
        return ChargeStationRuntimeDetails.newBuilder().setOcppVersion("1.6").build();
    }

    private void set(String station, ChargeStationRuntimeDetails details) {
        stations.setChargeStationRuntimeDetails(
                SetChargeStationRuntimeDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .setDetails(details)
                        .build());
    }

    private LookupChargeStationRuntimeDetailsResponse details(String station) {
        return stations.lookupChargeStationRuntimeDetails(
                LookupChargeStationRuntimeDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .build());
    }

    private static ChargeStationSetting setting(String value, ChargeStationSettingStatus status) {
        return ChargeStationSetting.newBuilder().setValue(value).setStatus(status).build();
    }

    private void update(String station, Map<String, ChargeStationSetting> settings) {
        stations.updateChargeStationSettings(
                UpdateChargeStationSettingsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .putAllSettings(settings)
                        .build());
    }

    private LookupChargeStationSettingsResponse settings(String station) {
        return stations.lookupChargeStationSettings(
                LookupChargeStationSettingsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .build());
    }

    private ListChargeStationSettingsResponse listSettings(int size, String previous) {
        return stations.listChargeStationSettings(
                ListChargeStationSettingsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setPageSize(size)
                        .setPreviousChargeStationId(previous)
                        .build());
    }

    private void deleteSettings(String station) {
        stations.deleteChargeStationSettings(
                DeleteChargeStationSettingsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .build());
    }

    private static ChargeStationInstallCertificate certificate(String id) {
        return ChargeStationInstallCertificate.newBuilder()
                .setCertificateId(id)
                .setCertificateType(CertificateType.CERTIFICATE_TYPE_V2G)
                .setCertificateData("data of " + id)
                .setStatus(CertificateInstallationStatus.CERTIFICATE_INSTALLATION_STATUS_PENDING)
                .build();
    }

    private void update(String station, ChargeStationInstallCertificate... certificates) {
        stations.updateChargeStationInstallCertificates(
                UpdateChargeStationInstallCertificatesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .addAllCertificates(List.of(certificates))
                        .build());
    }

    private LookupChargeStationInstallCertificatesResponse certificates(String station) {
        return stations.lookupChargeStationInstallCertificates(
                LookupChargeStationInstallCertificatesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .build());
    }

    private ListChargeStationInstallCertificatesResponse listCertificates(
            int size, String previous) {
        return stations.listChargeStationInstallCertificates(
                ListChargeStationInstallCertificatesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setPageSize(size)
                        .setPreviousChargeStationId(previous)
                        .build());
    }

    private static ChargeStationTriggerMessage trigger(TriggerMessage message) {
        return ChargeStationTriggerMessage.newBuilder()
                .setTriggerMessage(message)
                .setTriggerStatus(TriggerStatus.TRIGGER_STATUS_PENDING)
                .build();
    }

    private void set(String station, ChargeStationTriggerMessage message) {
        stations.setChargeStationTriggerMessage(
                SetChargeStationTriggerMessageRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .setTriggerMessage(message)
                        .build());
    }

    private LookupChargeStationTriggerMessageResponse trigger(String station) {
        return stations.lookupChargeStationTriggerMessage(
                LookupChargeStationTriggerMessageRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .build());
    }

    private ListChargeStationTriggerMessagesResponse listTriggers(int size, String previous) {
        return stations.listChargeStationTriggerMessages(
                ListChargeStationTriggerMessagesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setPageSize(size)
                        .setPreviousChargeStationId(previous)
                        .build());
    }

    private void deleteTrigger(String station) {
        stations.deleteChargeStationTriggerMessage(
                DeleteChargeStationTriggerMessageRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .build());
    }
}
