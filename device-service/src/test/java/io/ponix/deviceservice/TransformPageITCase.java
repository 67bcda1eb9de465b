package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.GetEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.telemetry.v1.GetRawEnvelopeRequest;
import io.ponix.proto.telemetry.v1.ListDeadLettersRequest;
import io.ponix.proto.telemetry.v1.ListDeadLettersResponse;
import io.ponix.proto.telemetry.v1.ListRowsRequest;
import io.ponix.proto.telemetry.v1.ListRowsResponse;
import io.ponix.proto.telemetry.v1.Row;
import io.ponix.proto.telemetry.v1.TelemetryServiceGrpc;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser, and the rows and dead letters that it shows. */
class TransformPageITCase {

    private static final String CELSIUS = "{\"celsius\": double(input.i16be(0)) / 10.0}";

    @TempDir private static Path home;

    private static TelemetryUnderTest telemetry;
    private static ServiceUnderTest service;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        telemetry = TelemetryUnderTest.start(home);
        service = ServiceUnderTest.start(home, telemetry.environment());
        browser = Browser.start(Files.createDirectory(home.resolve("browser")));
        browser.window(1400, 1000, false);
    }

    @AfterAll
    static void stop() {
        for (AutoCloseable part : new AutoCloseable[] {browser, service, telemetry}) {
            if (part != null) {
                try {
                    part.close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    @AfterEach
    void theBrowserHadNothingToComplainAbout() {
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void anExpressionIsTriedWhileItIsTypedAndSaved() {
        EndDevice device = device("Cold store", CELSIUS);
        open(device);
        browser.awaitTrue("document.querySelector('#expression').value !== ''");
        assertThat(
                        browser.evaluate(
                                "document.querySelector('#expression-editor"
                                        + " .t-function').textContent"))
                .isEqualTo("double");

        browser.type("#payload", "01 0d");
        browser.awaitText("#result", "\"celsius\": 26.9");
        assertThat(browser.text("#payload-size")).isEqualTo("2 bytes");
        assertThat(browser.text("#cost")).contains("of 10,000,000 units of work");

        browser.type(
                "#expression",
                "{\"celsius\": warning(\"<b>cold</b>\", double(input.i16be(0) / 10))}");
        browser.awaitText("#warnings", "noted with the row <b>cold</b>");
        assertThat(browser.text("#warnings")).contains("a division of whole numbers");
        browser.type("#expression", "{\"celsius\": double(input.i16be(0)) / 10.0}");
        browser.awaitTrue("document.querySelector('#warnings').hidden");

        browser.type("#expression", "{\n  \"celsius\": input.i16be(0) / 10.0\n}");
        browser.awaitText("#verdict", "does not compile");
        assertThat(browser.text("#result"))
                .contains("2:29")
                .contains("  \"celsius\": input.i16be(0) / 10.0\n                            ^");
        assertThat(browser.text("#warnings")).contains("write double(x) around the int");
        browser.awaitTrue(
                "document.querySelector('#expression-editor .t-wrong')?.textContent === '/'");
        browser.click("#result button");
        assertThat(
                        browser.evaluate(
                                "document.activeElement.id +"
                                        + " document.activeElement.selectionStart"))
                .isEqualTo("expression30");

        browser.type("#expression", "{\"c\": double(input.i16be(0)) / 10.0, \"x\": input.u8(5)}");
        browser.awaitText("#verdict", "fails on this payload");
        assertThat(browser.text("#result")).contains("u8").contains("^");

        browser.type("#expression", "{\"c\": double(input.i16be(0)) / 10.0}");
        browser.awaitText("#result", "\"c\": 26.9");
        assertThat(browser.text("#changed")).isEqualTo("not saved");
        browser.click("#save");
        browser.awaitText("#notice", "Saved");
        assertThat(stored(device)).isEqualTo("{\"c\": double(input.i16be(0)) / 10.0}");
        browser.awaitTrue("document.querySelector('#save').disabled");
    }

    @Test
    void theDocsLoadNothingFromElsewhere() {
        browser.open("http://localhost:" + service.service().httpPort() + "/docs/");
        browser.awaitText("body", "EndDeviceService");
        browser.open(
                "http://localhost:"
                        + service.service().httpPort()
                        + "/docs/#/methods/ponix.organization.v1.OrganizationService/ListOrganizations/POST");
        browser.awaitText("body", "COPY AS A CURL COMMAND");
        assertThat(
                        browser.evaluate(
                                "[...performance.getEntriesByType('resource').map(e => e.name),"
                                        + " ...[...document.querySelectorAll('[src],link[href]')].map(e =>"
                                        + " e.src || e.href)].filter(url => new URL(url).origin !=="
                                        + " location.origin && !url.startsWith('data:')).join()"))
                .isEmpty();
    }

    @Test
    void aPayloadIsHexadecimalOrBase64() {
        open(device("Door", "{\"hex\": input.hex()}"));
        browser.type("#payload", "0x0A:0b");
        browser.awaitText("#result", "\"hex\": \"0a0b\"");
        browser.click("label[for=encoding-base64]");
        browser.awaitTrue("document.querySelector('#payload').value === 'Cgs='");
        browser.awaitText("#result", "\"hex\": \"0a0b\"");
        browser.type("#payload", "//8=");
        browser.awaitText("#result", "\"hex\": \"ffff\"");
        browser.type("#payload", "%%");
        browser.awaitText("#payload-problem", "not base64");
        browser.awaitText("#verdict", "no payload");
    }

    @Test
    void rowsAndDeadLettersAreTriedAgain() throws Exception {
        EndDevice device = device("Greenhouse", CELSIUS);
        telemetry.store(
                TelemetryUnderTest.envelope(device, "010d", "2026-11-25T10:00:00Z", 7),
                "{\"celsius\":26.9}");
        telemetry.giveUp(
                device.getDeviceId(),
                TelemetryUnderTest.envelope(device, "ff", "2026-11-25T11:00:00Z", 3).toByteArray(),
                DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                "1:13 <img src=x onerror=alert(1)>");
        open(device);
        browser.awaitText("#history-panel", "2026-11-25 10:00:00");
        assertThat(browser.text("#history-panel")).contains("26.9");
        browser.click("#history-panel td.act button");
        browser.awaitText("#result", "The same as the stored row");
        assertThat(browser.evaluate("document.querySelector('#payload').value")).isEqualTo("01 0d");
        assertThat(browser.evaluate("document.querySelector('#f-port').value")).isEqualTo("7");
        assertThat(browser.evaluate("document.querySelector('#attributes').value"))
                .isEqualTo("rssi=-90");

        browser.type("#expression", "{\"celsius\": previous.?result.?celsius.orValue(0.0)}");
        browser.awaitText("#result", "The stored row was made with a previous of its own");
        browser.type("#expression", "{\"kelvin\": double(input.i16be(0)) / 10.0 + 273.15}");
        browser.awaitText("#result", "Another result than the stored row");

        browser.click("#letters-tab");
        browser.awaitText("#history-panel", "<img src=x onerror=alert(1)>");
        assertThat(browser.text("#history-panel")).contains("CONVERSION_FAILED");
        assertThat(browser.evaluate("document.querySelectorAll('#history-panel img').length"))
                .isEqualTo("0");
        browser.click("#history-panel td.act button");
        browser.awaitText("#verdict", "fails on this payload");
        assertThat(browser.evaluate("document.querySelector('#payload').value")).isEqualTo("ff");
    }

    @Test
    void theContractsOfADefinitionAreTriedAndSaved() {
        String organization = service.organization("Acme <b>");
        EndDeviceDefinitionServiceGrpc.EndDeviceDefinitionServiceBlockingStub definitions =
                EndDeviceDefinitionServiceGrpc.newBlockingStub(service.channel());
        String id =
                definitions
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Thermometer")
                                        .addContracts(contract("f_port == 9", "{\"nine\": input}"))
                                        .addContracts(contract("", CELSIUS))
                                        .build())
                        .getEndDeviceDefinition()
                        .getId();
        browser.open(url() + "#organization=" + organization + "&definition=" + id);
        browser.evaluate("location.reload()");
        browser.awaitText("#contract-tabs", "2 · always");
        browser.type("#payload", "010d");
        browser.awaitText("#verdict", "JSON, contract 2");
        browser.type("#f-port", "9");
        browser.awaitText("#verdict", "JSON, contract 1");

        browser.click("#contract-tabs button:nth-child(2)");
        browser.type("#match", "f_port == 2");
        browser.type("#f-port", "5");
        browser.awaitText("#verdict", "no match");
        browser.click("#save");
        browser.awaitText("#notice", "Saved");
        assertThat(
                        definitions
                                .getEndDeviceDefinition(
                                        GetEndDeviceDefinitionRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setId(id)
                                                .build())
                                .getEndDeviceDefinition()
                                .getContracts(1)
                                .getMatchExpression())
                .isEqualTo("f_port == 2");
    }

    @Test
    void theDefinitionOfADeviceDecidesUnlessTheDeviceHasAnExpression() throws Exception {
        String organization = service.organization("Acme");
        String definition =
                service.definitions()
                        .createEndDeviceDefinition(
                                CreateEndDeviceDefinitionRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Meter <i>")
                                        .addContracts(contract("f_port == 9", "{\"nine\": input}"))
                                        .addContracts(
                                                contract(
                                                        "f_port == 1",
                                                        "{\"of\": device.name,\n \"c\":"
                                                                + " input.i16be(0)}"))
                                        .build())
                        .getEndDeviceDefinition()
                        .getId();
        EndDevice device =
                service.devices()
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Hall")
                                        .setDefinitionId(definition)
                                        .build())
                        .getEndDevice();
        telemetry.store(
                TelemetryUnderTest.envelope(device, "010d", "2026-11-25T10:00:00Z", 1),
                "{\"of\":\"Hall\",\"c\":269}");
        open(device);
        browser.awaitText("#definition", "its definition Meter <i> decides");
        browser.awaitText("#verdict", "no match");
        browser.awaitText("#history-panel", "269");
        browser.click("#history-panel td.act button");
        browser.awaitText("#verdict", "JSON, contract 2");
        assertThat(browser.text("#result"))
                .contains("\"of\": \"Hall\"")
                .contains("The same as the stored row");

        browser.type("#expression", "{\"own\": 1}");
        browser.awaitText("#result", "\"own\": 1");
        assertThat(browser.text("#verdict")).isEqualTo("JSON");
        assertThat(browser.text("#definition")).contains("wins over its definition Meter <i>");

        browser.type("#expression", "");
        browser.type("#payload", "01");
        browser.awaitText("#result", "contract 2, expression 2:");
        assertThat(browser.evaluate("document.querySelectorAll('.t-wrong').length")).isEqualTo("0");
        browser.click("#result button");
        browser.awaitTrue(
                "document.querySelector('#subject').value === "
                        + Browser.quoted("definition=" + definition));
        browser.awaitTrue("document.activeElement.id === 'expression'");
        assertThat(browser.evaluate("document.querySelector('#expression').value"))
                .contains("device.name");
        assertThat(browser.evaluate("document.querySelector('#definition').hidden"))
                .isEqualTo("true");

        browser.awaitText("#history-title", "What Hall sent");
        browser.awaitText("#history-panel", "269");
        browser.click("#history-panel td.act button");
        browser.awaitText("#result", "The same as the stored row");

        open(device);
        browser.click("#open-definition");
        browser.awaitText("#contract-tabs", "2 · f_port == 1");
    }

    @Test
    void theRowsOfAListAreShownAndComparedWithTheirOwn() throws Exception {
        EndDevice device =
                device(
                        "History",
                        "lists.range(size(input)).map(i, {\"n\": input.u8(i), \"occurred_at\":"
                                + " occurred_at})");
        telemetry.store(
                TelemetryUnderTest.envelope(device, "0507", "2026-11-25T10:00:00Z", 7),
                "{\"n\":5}",
                "{\"n\":7}");
        ListRowsRequest request =
                ListRowsRequest.newBuilder()
                        .setDeviceId(device.getDeviceId())
                        .setPageSize(1)
                        .build();
        TelemetryServiceGrpc.TelemetryServiceBlockingStub stub =
                TelemetryServiceGrpc.newBlockingStub(service.channel());
        ListRowsResponse first = stub.listRows(request);
        assertThat(first.getRows(0).getJson()).isEqualTo("{\"n\":7}");
        assertThat(first.getRows(0).getRowIndex()).isEqualTo(1);
        assertThat(first.getRows(0).getRowCount()).isEqualTo(2);
        ListRowsResponse second =
                stub.listRows(request.toBuilder().setPageToken(first.getNextPageToken()).build());
        assertThat(second.getRowsList())
                .singleElement()
                .returns("{\"n\":5}", Row::getJson)
                .returns(0, Row::getRowIndex);

        telemetry.query(
                "ALTER TABLE processed_envelopes UPDATE warnings = ['<i>low</i>'] WHERE"
                        + " end_device_id = '"
                        + device.getDeviceId()
                        + "' SETTINGS mutations_sync = 2");
        open(device);
        browser.awaitText("#history-panel", "2026-11-25 10:00:00");
        assertThat(browser.text("#history-panel .tag")).isEqualTo("<i>low</i>");
        browser.click("#history-panel td.act button");
        browser.awaitText("#verdict", "2 rows");
        browser.awaitText("#result", "The same as the stored row 2 of 2");
        assertThat(browser.text("#result")).contains("\"occurred_at\": \"2026-11-25T10:00:00Z\"");
        browser.type("#payload", "");
        browser.awaitText("#verdict", "0 rows");
        assertThat(browser.text("#result")).contains("stores nothing");
    }

    @Test
    void theListsHavePagesAndEnvelopesTheirTime() throws Exception {
        EndDevice device = device("Pages", CELSIUS);
        for (int minute = 0; minute < 3; minute++) {
            RawEnvelope envelope =
                    TelemetryUnderTest.envelope(
                            device, "010" + minute, "2026-11-25T12:0" + minute + ":00Z", 1);
            telemetry.store(envelope, "{\"minute\":" + minute + ",\"text\":\"it's\"}");
            telemetry.giveUp(
                    device.getDeviceId(),
                    envelope.toByteArray(),
                    DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT,
                    "letter " + minute);
            telemetry.giveUp(
                    "another",
                    new byte[] {1},
                    DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE,
                    "not ours");
        }
        TelemetryServiceGrpc.TelemetryServiceBlockingStub stub =
                TelemetryServiceGrpc.newBlockingStub(service.channel());

        ListRowsRequest rows =
                ListRowsRequest.newBuilder()
                        .setDeviceId(device.getDeviceId())
                        .setPageSize(2)
                        .build();
        ListRowsResponse first = stub.listRows(rows);
        assertThat(first.getRowsList())
                .extracting(Row::getJson)
                .containsExactly(
                        "{\"minute\":2,\"text\":\"it's\"}", "{\"minute\":1,\"text\":\"it's\"}");
        ListRowsResponse second =
                stub.listRows(rows.toBuilder().setPageToken(first.getNextPageToken()).build());
        assertThat(second.getRowsList()).hasSize(1);
        assertThat(second.getNextPageToken()).isEmpty();

        ListDeadLettersRequest letters =
                ListDeadLettersRequest.newBuilder()
                        .setDeviceId(device.getDeviceId())
                        .setPageSize(2)
                        .build();
        ListDeadLettersResponse latest = stub.listDeadLetters(letters);
        assertThat(latest.getDeadLettersList())
                .extracting(letter -> letter.getMessage())
                .containsExactly("letter 2", "letter 1");
        assertThat(latest.getDeadLetters(0).getEnvelope().getPayload().byteAt(1))
                .isEqualTo((byte) 2);
        assertThat(
                        stub.listDeadLetters(
                                        letters.toBuilder()
                                                .setPageToken(latest.getNextPageToken())
                                                .build())
                                .getDeadLettersList())
                .extracting(letter -> letter.getMessage())
                .containsExactly("letter 0");

        Row row = first.getRows(0);
        GetRawEnvelopeRequest raw =
                GetRawEnvelopeRequest.newBuilder()
                        .setStream(row.getStream())
                        .setStreamSequence(row.getStreamSequence())
                        .setReceivedAt(row.getReceivedAt())
                        .build();
        assertThat(stub.getRawEnvelope(raw).getEnvelope().getFPort()).isEqualTo(1);
        assertThatCall(
                        () ->
                                stub.getRawEnvelope(
                                        raw.toBuilder().setReceivedAt(row.getOccurredAt()).build()))
                .hasStatus(Code.NOT_FOUND, "does not keep message");
        assertThatCall(
                        () ->
                                stub.getRawEnvelope(
                                        raw.toBuilder().setStreamSequence(999_999).build()))
                .hasStatus(Code.NOT_FOUND, "does not keep message 999999")
                .hasReason(
                        "ENVELOPE_NOT_KEPT",
                        Map.of("stream", raw.getStream(), "stream_sequence", "999999"));
        long other = telemetry.publish("other", "no envelope".getBytes(StandardCharsets.UTF_8));
        assertThatCall(
                        () ->
                                stub.getRawEnvelope(
                                        raw.toBuilder()
                                                .setStreamSequence(other)
                                                .clearReceivedAt()
                                                .build()))
                .hasStatus(Code.FAILED_PRECONDITION, "is no RawEnvelope");
        for (String stream : new String[] {TelemetryUnderTest.DEAD_LETTERS, "nowhere", "raw.*"}) {
            assertThatCall(
                            () ->
                                    stub.getRawEnvelope(
                                            raw.toBuilder()
                                                    .setStream(stream)
                                                    .setStreamSequence(1)
                                                    .clearReceivedAt()
                                                    .build()))
                    .hasStatus(
                            Code.INVALID_ARGUMENT,
                            "Stream must be raw_envelopes, the stream of raw envelopes (see"
                                    + " PONIX_NATS_RAW_STREAM), not "
                                    + stream);
        }
        assertThatCall(() -> stub.listRows(rows.toBuilder().setPageToken("x").build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Page token")
                .isOfField("page_token");
        assertThatCall(() -> stub.listRows(rows.toBuilder().setDeviceId("nobody").build()))
                .hasStatus(Code.NOT_FOUND, "Device not found: nobody");
    }

    /** The service lets none in that is so long, but there may be one from before it looked. */
    @Test
    void aNameOfAnyLengthMakesNoPageWiderThanTheWindow() throws Exception {
        EndDevice device = device("Long", CELSIUS);
        try (Connection connection = service.connect();
                PreparedStatement update =
                        connection.prepareStatement(
                                "UPDATE end_devices SET name = repeat('W', 5000000) WHERE"
                                        + " device_id = ?")) {
            update.setString(1, device.getDeviceId());
            update.executeUpdate();
        }
        String registry = url() + "registry.html#organization=" + device.getOrganizationId();
        for (int width : new int[] {380, 1400}) {
            browser.window(width, 1000, false);
            open(device);
            browser.awaitText("#history-title", "What WWW");
            // Tried as far as Evaluate takes the name.
            browser.type("#payload", "010d");
            browser.awaitText("#result", "26.9");
            assertNotWider(width);
            browser.leave();
            browser.open(registry);
            browser.awaitTrue("document.querySelectorAll('table.list tbody tr').length === 1");
            assertNotWider(width);
            assertThat(browser.evaluate("document.querySelector('table.list a').title.length"))
                    .isEqualTo("5000000");
            browser.click("table.list a");
            browser.awaitText("#changes", "changed name");
            assertNotWider(width);
        }
    }

    private static void assertNotWider(int width) {
        assertThat(
                        Integer.parseInt(
                                browser.evaluate("String(document.documentElement.scrollWidth)")))
                .isLessThanOrEqualTo(width);
    }

    @Test
    void withoutStoreAndStreamsTheRestWorks() {
        Map<String, String> environment = ServiceUnderTest.environment(service.postgres());
        environment.put("PONIX_NATS_URL", "nats://127.0.0.1:1");
        EndDevice device = device("Alone", CELSIUS);
        try (DeviceService alone =
                DeviceService.start(DeviceServiceSettings.fromEnvironment(environment))) {
            browser.open(
                    "http://127.0.0.1:"
                            + alone.httpPort()
                            + "/transforms/#device="
                            + device.getDeviceId());
            browser.awaitText("#history-panel", "set PONIX_CLICKHOUSE_URL");
            browser.type("#payload", "010d");
            browser.awaitText("#result", "26.9");
            browser.click("#letters-tab");
            browser.awaitText("#history-panel", "NATS does not answer (see PONIX_NATS_URL)");
            // The two calls that were refused are what the browser complains about.
            assertThat(browser.complaints()).allMatch(text -> text.contains("TelemetryService"));
            browser.complaints().clear();
            browser.leave();
        }
    }

    private static void open(EndDevice device) {
        // A page of its own: only the part behind # differs from the last one's.
        browser.leave();
        browser.open(url() + "#device=" + device.getDeviceId());
        browser.awaitTrue(
                "document.querySelector('#subject')?.value === "
                        + Browser.quoted("device=" + device.getDeviceId()));
    }

    private static String url() {
        return "http://127.0.0.1:" + service.service().httpPort() + "/transforms/";
    }

    private static EndDevice device(String name, String transform) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(service.organization("Acme"))
                                .setName(name)
                                .setPayloadConversion(transform)
                                .build())
                .getEndDevice();
    }

    private static String stored(EndDevice device) {
        return service.devices()
                .getEndDevice(
                        GetEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId()).build())
                .getEndDevice()
                .getPayloadConversion();
    }

    private static PayloadContract contract(String match, String transform) {
        return PayloadContract.newBuilder()
                .setMatchExpression(match)
                .setTransformExpression(transform)
                .build();
    }
}
