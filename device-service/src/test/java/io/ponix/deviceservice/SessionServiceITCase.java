package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.util.Timestamps;
import io.grpc.Status.Code;
import io.ponix.proto.charging.v1.AuthMethod;
import io.ponix.proto.charging.v1.CacheMode;
import io.ponix.proto.charging.v1.ExportCdrRequest;
import io.ponix.proto.charging.v1.GetSessionRequest;
import io.ponix.proto.charging.v1.ListSessionMeterValuesRequest;
import io.ponix.proto.charging.v1.ListSessionMeterValuesResponse;
import io.ponix.proto.charging.v1.ListSessionsRequest;
import io.ponix.proto.charging.v1.ListSessionsResponse;
import io.ponix.proto.charging.v1.Location;
import io.ponix.proto.charging.v1.LocationServiceGrpc;
import io.ponix.proto.charging.v1.Session;
import io.ponix.proto.charging.v1.SessionMeterValue;
import io.ponix.proto.charging.v1.SessionServiceGrpc;
import io.ponix.proto.charging.v1.SessionState;
import io.ponix.proto.charging.v1.SetLocationRequest;
import io.ponix.proto.charging.v1.SetTokenRequest;
import io.ponix.proto.charging.v1.Token;
import io.ponix.proto.charging.v1.TokenServiceGrpc;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code ponix.charging.v1.SessionService}, of rows as the job of sessions writes them. */
@ExtendWith(ServiceUnderTest.Shared.class)
class SessionServiceITCase {

    private static final String STATION = "cs-1";
    private static final String SESSION = "tx-1";
    private static final String PLACE = "loc-1";
    private static final Pattern CALL =
            Pattern.compile(
                    "(?m)^grpcurl -plaintext -d '(.*)' localhost:50051 (ponix\\.charging\\.v1\\.\\w+/\\w+)$");
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private static ServiceUnderTest service;
    private static SessionServiceGrpc.SessionServiceBlockingStub sessions;
    private static SessionRows rows;

    private String organization;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
        sessions = SessionServiceGrpc.newBlockingStub(shared.channel());
        rows = new SessionRows(shared);
    }

    @BeforeEach
    void makeOrganization() {
        organization = service.organization("Charging");
    }

    // One

    @Test
    void aSessionIsWhatTheJobWroteToTheLastDigit() {
        add(
                STATION,
                SESSION,
                "flags = '{GAPS,METER_REPLACED}', missing = 2, duplicates = 4, left_out = 5,"
                        + " last_register_wh = 12345678901234567890.123456789, is_complete = false");

        Session session = get(STATION, SESSION);

        assertThat(session)
                .isEqualTo(
                        Session.newBuilder()
                                .setStationId(STATION)
                                .setSessionId(SESSION)
                                .setVersion(7)
                                .setState(SessionState.SESSION_STATE_ENDED)
                                .setStartedAt(Timestamps.parseUnchecked("2026-12-01T10:00:00Z"))
                                .setEndedAt(Timestamps.parseUnchecked("2026-12-01T10:30:00.5Z"))
                                .setToken("04A2B3C4")
                                .setReason("Local")
                                .setConnector("1")
                                .setFirstRegisterWh("1000")
                                .setLastRegisterWh("12345678901234567890.123456789")
                                .setEnergyWh("2500.5")
                                .setMissing(2)
                                .addFlags("GAPS")
                                .addFlags("METER_REPLACED")
                                .setEvents(3)
                                .setDuplicates(4)
                                .setLeftOut(5)
                                .setValueCount(4)
                                .setReceivedAt(Timestamps.parseUnchecked("2026-12-01T10:30:02Z"))
                                .setUpdatedAt(Timestamps.parseUnchecked("2026-12-01T10:30:03Z"))
                                .build());
    }

    @Test
    void whatIsNotKnownIsNotThere() {
        add(
                STATION,
                SESSION,
                "state = 'ongoing', started_at = NULL, ended_at = NULL, first_register_wh = NULL,"
                        + " last_register_wh = NULL, energy_wh = NULL, token = '', reason = '',"
                        + " connector = ''");
        add(STATION, "of nothing", "energy_wh = 0.000");

        Session session = get(STATION, SESSION);

        assertThat(session.getState()).isEqualTo(SessionState.SESSION_STATE_ONGOING);
        assertThat(session.hasStartedAt()).isFalse();
        assertThat(session.hasEndedAt()).isFalse();
        assertThat(session.hasFirstRegisterWh()).isFalse();
        assertThat(session.hasLastRegisterWh()).isFalse();
        assertThat(session.hasEnergyWh()).isFalse();
        assertThat(session.getToken() + session.getReason() + session.getConnector()).isEmpty();
        assertThat(session.getFlagsList()).isEmpty();
        assertThat(get(STATION, "of nothing").getEnergyWh()).isEqualTo("0");
    }

    @Test
    void aSessionThatIsNotThereIsNotFoundNorIsAnothersOrganization() {
        add(STATION, SESSION, "");
        String own = organization;
        organization = service.organization("Other");

        for (String[] key : new String[][] {{STATION, SESSION}, {STATION, "x"}, {"x", SESSION}}) {
            assertThatCall(() -> get(key[0], key[1]))
                    .hasStatus(
                            Code.NOT_FOUND,
                            "Session not found: " + key[1] + " of station " + key[0])
                    .hasReason(
                            "SESSION_NOT_FOUND",
                            Map.of("station_id", key[0], "session_id", key[1]));
        }
        assertThat(list(ListSessionsRequest.newBuilder())).isEmpty();
        assertThat(values(SESSION, 10)).isEmpty();
        assertThatCall(() -> export(cdr())).hasStatus(Code.NOT_FOUND, "Session not found: tx-1");

        organization = own;
        assertThat(get(STATION, SESSION).getSessionId()).isEqualTo(SESSION);
    }

    // Lists

    @Test
    void theListHasEverySessionOnceNewestFirstAndThoseWithoutStartLast() {
        List<String> expected = new ArrayList<>();
        for (int minute = 59; minute >= 50; minute--) {
            // Of each start three, of which two differ by the station alone.
            for (String[] key : new String[][] {{"cs-1", "a"}, {"cs-1", "b\n"}, {"cs-2", "a"}}) {
                add(
                        key[0],
                        key[1] + minute,
                        "started_at = '2026-12-01T09:" + minute + ":00.000001Z'");
                expected.add(key[0] + " " + key[1] + minute);
            }
        }
        for (String session : List.of("u1", "u2", "u3", "u4", "ü5")) {
            add("cs-1", session, "started_at = NULL");
            expected.add("cs-1 " + session);
        }

        for (int size : List.of(1, 4, 10, 30, 34, 35, 36)) {
            List<String> found = new ArrayList<>();
            String token = "";
            do {
                ListSessionsResponse page =
                        sessions.listSessions(
                                ListSessionsRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setPageSize(size)
                                        .setPageToken(token)
                                        .build());
                assertThat(page.getSessionsCount()).isBetween(1, size);
                page.getSessionsList()
                        .forEach(
                                each -> found.add(each.getStationId() + " " + each.getSessionId()));
                token = page.getNextPageToken();
            } while (!token.isEmpty());
            assertThat(found).as("in pages of " + size).isEqualTo(expected);
        }
    }

    @Test
    void theListHasWhatIsAskedFor() {
        add("cs-1", "ended", "flags = '{GAPS,METER_REPLACED}'");
        add("cs-1", "ongoing", "state = 'ongoing', started_at = '2026-12-01T11:00:00Z'");
        add("cs-2", "other", "token = 'another', started_at = '2026-12-01T12:00:00Z'");
        add("cs-2", "unknown", "started_at = NULL, flags = '{START_MISSING}'");

        assertThat(list(ListSessionsRequest.newBuilder()))
                .containsExactly("other", "ongoing", "ended", "unknown");
        assertThat(list(ListSessionsRequest.newBuilder().setStationId("cs-2")))
                .containsExactly("other", "unknown");
        assertThat(list(ListSessionsRequest.newBuilder().setToken("another")))
                .containsExactly("other");
        assertThat(
                        list(
                                ListSessionsRequest.newBuilder()
                                        .setState(SessionState.SESSION_STATE_ONGOING)))
                .containsExactly("ongoing");
        assertThat(
                        list(
                                ListSessionsRequest.newBuilder()
                                        .setState(SessionState.SESSION_STATE_ENDED)))
                .containsExactly("other", "ended", "unknown");
        assertThat(list(ListSessionsRequest.newBuilder().setFlag("METER_REPLACED")))
                .containsExactly("ended");
        assertThat(list(ListSessionsRequest.newBuilder().setFlag("METER"))).isEmpty();
        assertThat(
                        list(
                                ListSessionsRequest.newBuilder()
                                        .setStartedAfter(
                                                Timestamps.parseUnchecked("2026-12-01T11:00:00Z"))))
                .containsExactly("other", "ongoing");
        assertThat(
                        list(
                                ListSessionsRequest.newBuilder()
                                        .setStartedBefore(
                                                Timestamps.parseUnchecked("2026-12-01T11:00:00Z"))))
                .containsExactly("ended");
        assertThat(
                        list(
                                ListSessionsRequest.newBuilder()
                                        .setToken("04A2B3C4")
                                        .setStationId("cs-1")
                                        .setState(SessionState.SESSION_STATE_ENDED)
                                        .setFlag("GAPS")))
                .containsExactly("ended");
    }

    @Test
    void aPageTokenOfAnotherListIsNone() {
        add("cs-1", "a", "");
        add("cs-1", "b", "");
        String token =
                sessions.listSessions(
                                ListSessionsRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setPageSize(1)
                                        .build())
                        .getNextPageToken();

        assertThatCall(
                        () ->
                                sessions.listSessionMeterValues(
                                        ListSessionMeterValuesRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setStationId(STATION)
                                                .setPageToken(token)
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Page token is not one that this method returned")
                .isOfField("page_token");
    }

    @Test
    void meterValuesAreInTheOrderOfMeasurementThenOfArrival() {
        register(SESSION, 20, 0, "3000.100", "Wh");
        register(SESSION, 10, 2, "2", "kWh");
        register(SESSION, 10, 1, "1999", "Wh");
        register(SESSION, 0, 3, "0.0000001", "Wh");
        register("", 5, 0, "17", "Wh");

        for (int size : List.of(1, 2, 3, 4, 10)) {
            assertThat(values(SESSION, size))
                    .extracting(SessionMeterValue::getValue)
                    .as("in pages of " + size)
                    .containsExactly("0.0000001", "1999", "2", "3000.1");
        }
        SessionMeterValue reading = values("", 10).get(0);
        assertThat(values("", 10)).hasSize(1);
        assertThat(reading.getValueId()).hasSize(36);
        assertThat(reading.toBuilder().clearValueId().build())
                .isEqualTo(
                        SessionMeterValue.newBuilder()
                                .setMeasuredAt(Timestamps.parseUnchecked("2026-12-01T10:05:00Z"))
                                .setMeasurand("Energy.Active.Import.Register")
                                .setContext("Sample.Periodic")
                                .setLocation("Outlet")
                                .setValue("17")
                                .setUnit("Wh")
                                .setConnector("1")
                                .setReceivedAt(Timestamps.parseUnchecked("2026-12-01T10:30:02Z"))
                                .build());
        assertThat(values("unknown", 10)).isEmpty();
    }

    // CDRs

    @Test
    void anEndedSessionIsACdr() throws Exception {
        add(STATION, SESSION, "");
        register(SESSION, 10, 1, "2.0001", "kWh");
        register(SESSION, 20, 2, "3000.05", "Wh");
        register(SESSION, 25, 3, "1", "Wh");
        set(place().build());
        TokenServiceGrpc.newBlockingStub(service.channel())
                .setToken(
                        SetTokenRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setToken(
                                        Token.newBuilder()
                                                .setUid("04A2B3C4")
                                                .setCountryCode("DE")
                                                .setPartyId("EMS")
                                                .setType("RFID")
                                                .setContractId("DE-EMS-1")
                                                .setCacheMode(CacheMode.CACHE_MODE_ALWAYS))
                                .build());

        JsonNode cdr = export(cdr());

        String id = cdr.get("id").textValue();
        assertThat(id).hasSizeLessThanOrEqualTo(36);
        assertThat(cdr)
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"country_code": "NL", "party_id": "ABC", "id": "%s",
                                 "start_date_time": "2026-12-01T10:00:00Z",
                                 "end_date_time": "2026-12-01T10:30:00.500Z",
                                 "session_id": "tx-1",
                                 "cdr_token": {"country_code": "DE", "party_id": "EMS", "uid": "04A2B3C4",
                                   "type": "RFID", "contract_id": "DE-EMS-1"},
                                 "auth_method": "WHITELIST",
                                 "cdr_location": {"id": "loc-1", "name": "Gent Zuid",
                                   "address": "F.Rooseveltlaan 3A", "city": "Gent", "postal_code": "9000",
                                   "country": "BEL",
                                   "coordinates": {"latitude": "51.047599", "longitude": "3.729944"},
                                   "evse_uid": "cs-1", "evse_id": "BE*BEC*E041503001",
                                   "connector_id": "1", "connector_standard": "IEC_62196_T2",
                                   "connector_format": "SOCKET", "connector_power_type": "AC_3_PHASE"},
                                 "currency": "EUR",
                                 "charging_periods": [
                                   {"start_date_time": "2026-12-01T10:00:00Z",
                                    "dimensions": [{"type": "ENERGY", "volume": 1.0001}]},
                                   {"start_date_time": "2026-12-01T10:10:00Z",
                                    "dimensions": [{"type": "ENERGY", "volume": 1}]},
                                   {"start_date_time": "2026-12-01T10:20:00Z",
                                    "dimensions": [{"type": "ENERGY", "volume": 0.5004}]}],
                                 "total_cost": {"excl_vat": 0},
                                 "total_energy": 2.5005,
                                 "total_time": 0.5001,
                                 "remark": "Local",
                                 "last_updated": "2026-12-01T10:30:03Z"}
                                """
                                        .formatted(id)));
        assertThat(export(cdr())).isEqualTo(cdr);
    }

    @Test
    void whoseTokenIsNotKnownHasWhatOcpiDemands() throws Exception {
        add(STATION, SESSION, "");
        add(STATION, "without", "token = ''");
        set(place().build());

        assertThat(export(cdr()).get("cdr_token"))
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"country_code": "NL", "party_id": "ABC", "uid": "04A2B3C4",
                                 "type": "OTHER", "contract_id": "#NA"}
                                """));
        JsonNode other =
                export(
                        cdr().setSessionId("without")
                                .setAuthMethod(AuthMethod.AUTH_METHOD_COMMAND)
                                .setConnectorId("2"));
        assertThat(other.at("/cdr_token/uid").textValue()).isEqualTo("#NA");
        assertThat(other.at("/cdr_location/connector_id").textValue()).isEqualTo("2");
        assertThat(other.get("auth_method").textValue()).isEqualTo("COMMAND");
    }

    @Test
    void manyRegistersAreAThousandPeriodsAtMostThatAddUp() throws Exception {
        add(STATION, SESSION, "last_register_wh = 6100, energy_wh = 5100");
        try (var connection = service.connect();
                var statement = connection.createStatement()) {
            statement.executeUpdate(
                    "INSERT INTO session_meter_values SELECT '"
                            + organization
                            + "', 'cs-1', 'tx-1', gen_random_uuid(), '2026-12-01T10:00:00Z'"
                            + "::timestamptz + n * interval '300 milliseconds',"
                            + " 'Energy.Active.Import.Register', 'Sample.Periodic', 'Outlet', '',"
                            + " 1000 + n, 'Wh', 0, '1', n, now()"
                            + " FROM generate_series(1, 5000) AS n");
        }
        set(place().build());

        JsonNode periods = export(cdr()).get("charging_periods");

        assertThat(periods.size()).isBetween(500, 1_001);
        BigDecimal sum = BigDecimal.ZERO;
        for (JsonNode period : periods) {
            sum = sum.add(period.at("/dimensions/0/volume").decimalValue());
        }
        assertThat(sum).isEqualByComparingTo("5.1");
    }

    @Test
    void idsOfCdrsDifferBySessionAndVersion() throws Exception {
        set(place().build());
        List<String> ids = new ArrayList<>();
        add(STATION, SESSION, "");
        ids.add(export(cdr()).get("id").textValue());
        change("version = version + 1");
        ids.add(export(cdr()).get("id").textValue());
        add(STATION, SESSION + "1", "version = 9223372036854775807");
        ids.add(export(cdr().setSessionId(SESSION + "1")).get("id").textValue());
        add(STATION + "t", "x-1", "");
        ids.add(
                export(cdr().setStationId(STATION + "t").setSessionId("x-1").setEvseUid(STATION))
                        .get("id")
                        .textValue());

        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.length() <= 36);
    }

    @Test
    void aCreditCdrIsTheSameCdrWithWhatItTakesBack() throws Exception {
        add(STATION, SESSION, "");
        register(SESSION, 10, 1, "2000", "Wh");
        set(place().build());
        JsonNode original = export(cdr());
        String id = original.get("id").textValue();

        JsonNode credit = export(cdr().setCreditReferenceId(id));

        assertThat(credit.get("credit").booleanValue()).isTrue();
        assertThat(credit.get("credit_reference_id").textValue()).isEqualTo(id);
        assertThat(credit.get("id").textValue()).isEqualTo(id + "-C").hasSizeLessThanOrEqualTo(39);
        ObjectNode others = credit.deepCopy();
        others.remove(List.of("credit", "credit_reference_id"));
        others.put("id", id);
        assertThat(others).isEqualTo(original);

        assertThatCall(() -> export(cdr().setCreditReferenceId("another")))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "Credit reference ID is not the id of a CDR of this session")
                .isOfField("credit_reference_id");
        change("version = 9");
        assertThatCall(() -> export(cdr().setCreditReferenceId(id)))
                .hasStatus(Code.FAILED_PRECONDITION, "has changed since")
                .hasReason("CDR_SUPERSEDED", Map.of("credit_reference_id", id, "version", "9"));
    }

    @Test
    void thereIsNoCdrOfASessionThatIsNotOverOrOfWhichTooLittleIsKnown() {
        set(place().build());
        add(STATION, SESSION, "state = 'ongoing', ended_at = NULL");
        assertRefused("SESSION_ONGOING", "is ongoing");
        change("state = 'ended'");
        assertRefused("SESSION_TIME_UNKNOWN", "no start or no end");
        change("ended_at = '2026-12-01T10:30:00Z', started_at = NULL");
        assertRefused("SESSION_TIME_UNKNOWN", "no start or no end");
        change("started_at = '2026-12-01T10:30:01Z'");
        assertRefused("SESSION_TIME_UNKNOWN", "ended before its start");
        change("started_at = '2026-12-01T10:00:00Z', energy_wh = NULL");
        assertRefused("SESSION_ENERGY_UNKNOWN", "no energy");
    }

    private void assertRefused(String reason, String message) {
        assertThatCall(() -> export(cdr()))
                .hasStatus(Code.FAILED_PRECONDITION, message, "there is no CDR of it")
                .hasReason(reason, Map.of("station_id", STATION, "session_id", SESSION));
    }

    @Test
    void whereItWasHasToBeClear() {
        add(STATION, SESSION, "connector = '3'");
        assertThatCall(() -> export(cdr()))
                .hasStatus(Code.NOT_FOUND, "Location not found: loc-1")
                .hasReason("LOCATION_NOT_FOUND", Map.of("location_id", PLACE));
        set(place().clearEvses().build());
        assertThatCall(() -> export(cdr()))
                .hasStatus(Code.FAILED_PRECONDITION, "set evse_uid to one that it has")
                .hasReason("EVSE_UNKNOWN", Map.of("location_id", PLACE));
        set(place().build());
        assertThatCall(() -> export(cdr().setEvseUid("another")))
                .hasStatus(Code.FAILED_PRECONDITION)
                .hasReason("EVSE_UNKNOWN", Map.of("location_id", PLACE));
        assertThatCall(() -> export(cdr()))
                .hasStatus(Code.FAILED_PRECONDITION, "set connector_id to one that it has")
                .hasReason("CONNECTOR_UNKNOWN", Map.of("location_id", PLACE, "evse_uid", STATION));
        change("connector = '1'");
        set(place().setAddress("x".repeat(46)).build());
        assertThatCall(() -> export(cdr()))
                .hasStatus(Code.FAILED_PRECONDITION, "1 to 45 characters in address")
                .hasReason("CDR_FIELD_UNUSABLE", Map.of("field", "address", "length", "46"));
        set(place().clearCountry().build());
        assertThatCall(() -> export(cdr()))
                .hasStatus(Code.FAILED_PRECONDITION)
                .hasReason("CDR_FIELD_UNUSABLE", Map.of("field", "country", "length", "0"));
    }

    @Test
    void whatOcpiNeedsOfTheRequestHasToBeThere() {
        assertThatCall(() -> export(cdr().setCountryCode("NLD")))
                .hasStatus(Code.INVALID_ARGUMENT, "Country code must be two letters")
                .isOfField("country_code");
        assertThatCall(() -> export(cdr().setPartyId("")))
                .hasStatus(Code.INVALID_ARGUMENT, "Party ID must be three letters and digits")
                .isOfField("party_id");
        assertThatCall(() -> export(cdr().setCurrency("€")))
                .hasStatus(Code.INVALID_ARGUMENT, "Currency must be three capital letters")
                .isOfField("currency");
        assertThatCall(() -> export(cdr().setLocationId("")))
                .hasStatus(Code.INVALID_ARGUMENT, "Location ID cannot be empty")
                .isOfField("location_id");
        assertThatCall(() -> export(cdr().setAuthMethodValue(9)))
                .hasStatus(Code.INVALID_ARGUMENT, "Auth method must be one of those that there are")
                .isOfField("auth_method");
        assertThatCall(() -> list(ListSessionsRequest.newBuilder().setStateValue(9)))
                .hasStatus(Code.INVALID_ARGUMENT, "State must be one of those that there are")
                .isOfField("state");
    }

    // The document

    @Test
    void theCallsOfTheDocumentAreAnswered() throws Exception {
        add(STATION, SESSION, "");
        register(SESSION, 10, 1, "2000", "Wh");
        Map<String, String> answers = new TreeMap<>();
        Matcher calls = CALL.matcher(Files.readString(Path.of("../docs/sessions.md")));
        while (calls.find()) {
            HttpResponse<String> answer =
                    CleartextHttp.CLIENT.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:"
                                                            + service.service().httpPort()
                                                            + "/"
                                                            + calls.group(2)))
                                    .header("content-type", "application/json")
                                    .POST(
                                            HttpRequest.BodyPublishers.ofString(
                                                    calls.group(1)
                                                            .replace("org-001", organization)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(calls.group() + ": " + answer.body()).isEqualTo(200);
            answers.put(calls.group(2).replaceAll(".*/", ""), answer.body());
        }

        assertThat(answers.keySet())
                .containsExactly(
                        "ExportCdr",
                        "GetSession",
                        "ListSessionMeterValues",
                        "ListSessions",
                        "SetLocation");
        assertThat(answers.get("GetSession")).contains("\"energyWh\":\"2500.5\"");
        assertThat(answers.get("ListSessions")).contains("tx-1");
        assertThat(answers.get("ListSessionMeterValues")).contains("2000");
        assertThat(answers.get("ExportCdr")).contains("total_energy");
    }

    // What they do

    private void add(String station, String session, String set) {
        rows.add(organization, station, session, set);
    }

    private void register(String session, int minute, int arrival, String value, String unit) {
        rows.addRegister(organization, STATION, session, minute, arrival, value, unit);
    }

    private void change(String set) {
        rows.change(organization, STATION, SESSION, set);
    }

    private Session get(String station, String session) {
        return sessions.getSession(
                        GetSessionRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setStationId(station)
                                .setSessionId(session)
                                .build())
                .getSession();
    }

    private List<String> list(ListSessionsRequest.Builder request) {
        return sessions
                .listSessions(request.setOrganizationId(organization).build())
                .getSessionsList()
                .stream()
                .map(Session::getSessionId)
                .toList();
    }

    private List<SessionMeterValue> values(String session, int size) {
        List<SessionMeterValue> found = new ArrayList<>();
        String token = "";
        do {
            ListSessionMeterValuesResponse page =
                    sessions.listSessionMeterValues(
                            ListSessionMeterValuesRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setStationId(STATION)
                                    .setSessionId(session)
                                    .setPageSize(size)
                                    .setPageToken(token)
                                    .build());
            found.addAll(page.getMeterValuesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return found;
    }

    private ExportCdrRequest.Builder cdr() {
        return ExportCdrRequest.newBuilder()
                .setOrganizationId(organization)
                .setStationId(STATION)
                .setSessionId(SESSION)
                .setCountryCode("NL")
                .setPartyId("ABC")
                .setCurrency("EUR")
                .setLocationId(PLACE);
    }

    private static JsonNode export(ExportCdrRequest.Builder request) throws Exception {
        return JSON.readTree(sessions.exportCdr(request.build()).getJson());
    }

    private static Location.Builder place() {
        return ChargingRequests.place(PLACE, STATION).toBuilder();
    }

    private void set(Location location) {
        LocationServiceGrpc.newBlockingStub(service.channel())
                .setLocation(
                        SetLocationRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setLocation(location)
                                .build());
    }
}
