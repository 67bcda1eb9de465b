package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The page of intakes in a browser. */
@ExtendWith(ServiceUnderTest.Shared.class)
class IntakePageITCase {

    private static final String UPLINK =
            "{\"deduplicationId\": \"1\", \"deviceInfo\": {\"devEui\": \"0101010101010101\"},"
                    + " \"fPort\": 7, \"data\": \"qg==\"}";

    @TempDir private static Path home;

    private static ServiceUnderTest service;
    private static Browser browser;

    @BeforeAll
    static void start(ServiceUnderTest shared) throws Exception {
        service = shared;
        browser = Browser.start(Files.createDirectory(home.resolve("browser")));
        browser.window(1400, 1000, false);
    }

    @AfterAll
    static void stop() {
        browser.close();
    }

    @AfterEach
    void theBrowserHadNothingToComplainAbout() {
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void aPresetIsTriedChangedIntoAnExpressionAndSaved() {
        Gateway gateway = gateway(CreateGatewayRequest.newBuilder().setIntakePreset("chirpstack"));
        open(gateway);
        assertThat(browser.evaluate("document.querySelector('#preset').value"))
                .isEqualTo("chirpstack");
        browser.type("#topic", "application/1/device/0101010101010101/event/up");
        browser.type("#payload", UPLINK);
        browser.awaitText("#result", "\"external_id\": \"0101010101010101\"");
        assertThat(browser.text("#verdict")).isEqualTo("1 uplink");
        assertThat(browser.text("#result")).contains("\"payload_hex\": \"aa\"", "\"f_port\": 7");
        assertThat(browser.text("#cost")).contains("of 10,000,000 units of work");

        browser.type("#topic", "application/1/device/0101010101010101/command/down");
        browser.awaitText("#verdict", "no reading");
        browser.type("#payload", "{");
        browser.type("#topic", "?event=up");
        browser.awaitText("#verdict", "fails on this message");
        assertThat(browser.text("#result")).contains("json_decode", "^");

        browser.type("#expression", "{\n  \"device_id\": topics,\n  \"payload\": payload\n}");
        browser.awaitText("#verdict", "does not compile");
        assertThat(browser.text("#result")).contains("2:16").contains("topics");
        assertThat(browser.evaluate("document.querySelector('#preset').value")).isEmpty();
        browser.click("#result button");
        assertThat(browser.evaluate("document.activeElement.id")).isEqualTo("expression");

        browser.type(
                "#expression",
                "{\"device_id\": topic, \"payload\": payload, \"attributes\": {\"x\":"
                        + " headers[\"x\"]}}");
        browser.type("#headers", "x=<img src=x>");
        browser.awaitText("#result", "\"x\": \"<img src=x>\"");
        assertThat(browser.evaluate("document.querySelectorAll('#result img').length"))
                .isEqualTo("0");
        assertThat(
                        browser.evaluate(
                                "document.querySelector('#expression-editor"
                                        + " .t-variable').textContent"))
                .isEqualTo("topic");
        browser.click("label[for=encoding-hex]");
        browser.awaitTrue("document.querySelector('#payload').value === '7b'");
        browser.awaitText("#result", "\"payload_hex\": \"7b\"");

        assertThat(browser.text("#changed")).isEqualTo("not saved");
        browser.click("#save");
        browser.awaitText("#notice", "Saved");
        assertThat(stored(gateway).getIntakeExpression()).startsWith("{\"device_id\": topic,");
        browser.awaitTrue("document.querySelector('#save').disabled");
    }

    @Test
    void aGatewayWithoutAnIntakeGetsOneAndLosesIt() {
        Gateway gateway = gateway(CreateGatewayRequest.newBuilder());
        open(gateway);
        browser.awaitText("#result", "has no intake");
        browser.evaluate(
                "(() => { const s = document.querySelector('#preset'); s.value ="
                        + " 'the-things-stack'; s.dispatchEvent(new Event('change')); })()");
        browser.awaitTrue("document.querySelector('#expression').value !== ''");
        browser.click("#save");
        browser.awaitText("#notice", "Saved");
        assertThat(stored(gateway).getIntakePreset()).isEqualTo("the-things-stack");

        browser.type("#expression", "");
        browser.awaitText("#changed", "not saved");
        browser.click("#save");
        browser.awaitTrue("document.querySelector('#save').disabled");
        browser.awaitTrue("document.querySelector('#changed').hidden");
        assertThat(stored(gateway).getIntakeCase()).isEqualTo(Gateway.IntakeCase.INTAKE_NOT_SET);
    }

    private static Gateway gateway(CreateGatewayRequest.Builder request) {
        return service.gateways()
                .createGateway(
                        request.setOrganizationId(service.organization("Acme"))
                                .setName("North <b>")
                                .build())
                .getGateway();
    }

    private static Gateway stored(Gateway gateway) {
        return service.gateways()
                .getGateway(
                        GetGatewayRequest.newBuilder().setGatewayId(gateway.getGatewayId()).build())
                .getGateway();
    }

    private static void open(Gateway gateway) {
        browser.leave();
        browser.open(
                "http://127.0.0.1:"
                        + service.service().httpPort()
                        + "/transforms/intake.html#gateway="
                        + gateway.getGatewayId());
        browser.awaitTrue(
                "document.querySelector('#gateway')?.value === "
                        + Browser.quoted(gateway.getGatewayId()));
    }
}
