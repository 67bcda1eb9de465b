package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.proto.end_device.v1.BatchCreateEndDevicesRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.ListEndDeviceDefinitionsRequest;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.history.v1.Change;
import io.ponix.proto.history.v1.ChangeType;
import io.ponix.proto.history.v1.ListChangesRequest;
import io.ponix.proto.history.v1.ResourceType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page of the registry in a browser: the list, what changed, and what is changed on it. */
@ExtendWith(ServiceUnderTest.Shared.class)
class RegistryPageITCase {

    private static final int MANY = 5_000;
    private static final int BATCH = 1_000;
    private static final String ROWS = "document.querySelectorAll('table.list tbody tr').length";
    private static final String DIALOG = "document.querySelector('dialog.form')";
    private static final String SUBMIT = "dialog.form button[type=submit]";

    @TempDir private static Path home;

    private static ServiceUnderTest service;
    private static Browser browser;

    /** With {@value #MANY} devices, and some with names that are hard to look for. */
    private static String crowded;

    @BeforeAll
    static void start(ServiceUnderTest shared) throws Exception {
        service = shared;
        browser = Browser.start(Files.createDirectory(home.resolve("browser")));
        crowded = service.organization("Crowded");
        for (int from = 0; from < MANY; from += BATCH) {
            service.devices()
                    .batchCreateEndDevices(
                            BatchCreateEndDevicesRequest.newBuilder()
                                    .setOrganizationId(crowded)
                                    .addAllRequests(
                                            IntStream.range(from, from + BATCH)
                                                    .mapToObj(RegistryPageITCase::pump)
                                                    .toList())
                                    .build());
        }
    }

    private static CreateEndDeviceRequest pump(int number) {
        return CreateEndDeviceRequest.newBuilder()
                .setOrganizationId(crowded)
                .setName("Pump %04d".formatted(number))
                .setExternalId("70b3d57ed0%06x".formatted(number))
                .build();
    }

    @AfterAll
    static void stop() {
        browser.close();
    }

    @BeforeEach
    void aWindow() {
        browser.window(1300, 900, false);
    }

    /** What the service refuses Chromium tells, too; nothing else is wrong. */
    @AfterEach
    void theBrowserHadNothingElseToComplainAbout() {
        assertThat(browser.complaints())
                .allMatch(complaint -> complaint.contains("server responded with a status of 4"));
        browser.complaints().clear();
    }

    @Test
    void aDeviceIsFoundAmongThousands() {
        List<String> names =
                List.of(
                        "a \"quoted\" one",
                        "back\\slash",
                        "100% sure",
                        "<script>document.title = 'x'</script>",
                        "under_score",
                        "Größe 'ä'");
        for (String name : names) {
            device(crowded, name, "");
        }
        open("organization=" + crowded);
        browser.awaitText("#total", "5,006 devices");
        for (String name : names) {
            browser.type("#search", name);
            awaitOnly(name);
        }
        browser.type("#search", "pUMP 0042");
        awaitOnly("Pump 0042");
        browser.type("#search", "70B3D57ED000002B");
        awaitOnly("Pump 0043");
        String id = shownId();
        browser.type("#search", id);
        browser.awaitTrue("location.hash.includes(" + Browser.quoted(id) + ")");
        awaitOnly("Pump 0043");
        assertThat(browser.text("#total")).isEqualTo("1 device");

        browser.evaluate("location.reload()");
        browser.awaitTrue("document.querySelector('#search')?.value === " + Browser.quoted(id));
        awaitOnly("Pump 0043");

        browser.type("#search", "%");
        awaitOnly("100% sure");
        browser.type("#search", "nobody \\ \" is called that");
        browser.awaitText("#rows", "No device has “nobody \\ \" is called that” in it.");
        browser.click("#rows button");
        browser.awaitText("#total", "5,006 devices");
    }

    @Test
    void pagesGoForthAndBackInTheirOrder() {
        open("organization=" + crowded + "&search=pump");
        browser.awaitText("#page-number", "page 1 of 100");
        browser.click("th button[data-order=name]");
        browser.awaitTrue(
                "document.querySelector('[aria-sort=ascending]')?.textContent === 'Name'");
        awaitFirst("Pump 0000");
        browser.click("th button[data-order=name]");
        awaitFirst("Pump 4999");
        assertThat(browser.evaluate("document.querySelector('[aria-sort]').ariaSort"))
                .isEqualTo("descending");
        assertThat(disabled("#first-page")).isTrue();

        browser.click("#next-page");
        awaitFirst("Pump 4949");
        browser.click("#next-page");
        awaitFirst("Pump 4899");
        browser.evaluate("location.reload()");
        browser.awaitText("#page-number", "page 3 of 100");
        awaitFirst("Pump 4899");
        browser.click("#previous-page");
        awaitFirst("Pump 4949");
        assertThat(browser.text("#page-number")).isEqualTo("page 2 of 100");
        browser.click("table.list a");
        browser.awaitText("#opened-title", "Pump 4949");
        browser.evaluate("history.back()");
        awaitFirst("Pump 4949");
        browser.click("#previous-page");
        awaitFirst("Pump 4999");
        browser.click("#next-page");
        awaitFirst("Pump 4949");

        // Who gets the address from somebody sees the same, and begins at the first page.
        String address = browser.evaluate("location.hash.slice(1)");
        open(address);
        awaitFirst("Pump 4949");
        assertThat(disabled("#previous-page")).isTrue();
        browser.click("#first-page");
        awaitFirst("Pump 4999");
    }

    @Test
    void aFilterIsTypedAndWhatIsWrongWithItIsShown() {
        open("organization=" + crowded);
        browser.awaitTrue(ROWS + " === 50");
        browser.click("label[for=searched-filter]");
        browser.type("#search", "name.startsWith(\"Pump 012\") && nam != \"\"");
        browser.awaitText("#search-problem", "undeclared reference to 'nam'");
        assertThat(browser.text("#search-problem")).contains("^", "Fields are");
        assertThat(browser.evaluate(ROWS)).isEqualTo("0");
        browser.type("#search", "name.startsWith(\"Pump 012\")");
        browser.awaitTrue(ROWS + " === 10");
        browser.awaitTrue("document.querySelector('#search-problem').hidden");
        browser.evaluate("location.reload()");
        browser.awaitTrue("document.querySelector('#searched-filter')?.checked");
        browser.awaitTrue(ROWS + " === 10");
    }

    @Test
    void whatChangedIsShownAndRestored() {
        String organization = service.organization("Acme");
        EndDevice device =
                device(organization, "Cold store", "{\n  \"c\": input.u8(0),\n  \"d\": 1\n}");
        service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setName("Cold <b>store</b>")
                                .setPayloadConversion("{\n  \"c\": input.u8(1),\n  \"d\": 1\n}")
                                .setReason("the <i>other</i> byte")
                                .build());
        open("organization=" + organization + "&id=" + device.getDeviceId());
        browser.awaitText("#changes", "changed name, payload_conversion");
        assertThat(browser.text("#changes"))
                .contains("versions 2 to 3", "“the <i>other</i> byte”", "created", "version 1");
        assertThat(browser.text("#changes .change")).contains("Cold store", "Cold <b>store</b>");
        assertThat(browser.evaluate("document.querySelector('#changes .lines').textContent"))
                .isEqualTo(
                        "  {\n-   \"c\": input.u8(0),\n+   \"c\": input.u8(1),\n    \"d\": 1\n"
                                + "  }\n");

        browser.click("#changes button[data-version='1']");
        browser.awaitTrue(DIALOG);
        assertThat(browser.text("dialog.form .change")).contains("Cold <b>store</b>", "Cold store");
        assertThat(browser.evaluate(DIALOG + ".querySelector('.lines').textContent"))
                .contains("-   \"c\": input.u8(1),\n+   \"c\": input.u8(0),");
        assertThat(stored(device).getName()).isEqualTo("Cold <b>store</b>");
        browser.type("#reason", "wrong byte");
        browser.pressEnter();
        browser.awaitText("#notice", "Version 1 is restored.");
        browser.awaitText("#changes", "restored");
        assertThat(stored(device).toBuilder().clearUpdatedAt().clearEtag().build())
                .isEqualTo(device.toBuilder().clearUpdatedAt().clearEtag().build());
        assertThat(changes(device).get(3))
                .returns(ChangeType.CHANGE_TYPE_RESTORED, Change::getType)
                .returns("wrong byte", Change::getReason);
        assertThat(browser.text("#opened-title")).isEqualTo("Cold store");
        assertThat(browser.text("#changes")).contains("“wrong byte”");

        browser.click("#changes button[data-version='1']");
        browser.awaitText("dialog.form", "there is nothing to restore");
        assertThat(disabled(SUBMIT)).isTrue();
        browser.press("Escape", 27);
        browser.awaitTrue("!" + DIALOG);

        browser.evaluate("document.querySelector('#actions a').click()");
        browser.awaitTrue(
                "document.querySelector('#expression')?.value.includes('input.u8(0)') === true");
    }

    @Test
    void olderChangesAreGot() {
        EndDevice device = device(service.organization("Acme"), "Name 0", "");
        for (int change = 1; change <= 25; change++) {
            rename(device, "Name " + change);
        }
        open("organization=" + device.getOrganizationId() + "&id=" + device.getDeviceId());
        browser.awaitTrue("document.querySelectorAll('#changes > li').length === 20");
        browser.click("#more-changes");
        browser.awaitTrue("document.querySelectorAll('#changes > li').length === 26");
        browser.awaitTrue("document.querySelector('#more-changes').hidden");
        assertThat(browser.text("#changes > li:last-child")).contains("created");
    }

    @Test
    void whoClicksTwiceGetsOneForm() {
        EndDevice device = device(service.organization("Acme"), "Pump", "");
        open("organization=" + device.getOrganizationId() + "&id=" + device.getDeviceId());
        String edit =
                "[...document.querySelectorAll('#actions button')].find(b => b.textContent ==="
                        + " 'Edit')";
        browser.awaitTrue(edit);
        browser.evaluate(
                "(() => { const real = window.fetch; window.calls = 0; window.fetch = (...request) =>"
                        + " { window.calls++; return real(...request); }; "
                        + edit
                        + ".click(); "
                        + edit
                        + ".click(); })()");
        browser.awaitTrue(DIALOG);
        // Of what a second form would offer had been asked before the first was there.
        assertThat(browser.evaluate("window.calls")).isEqualTo("2");
        browser.press("Escape", 27);
        browser.awaitTrue("!" + DIALOG);
    }

    @Test
    void nothingIsChangedThatAnotherOneChangedMeanwhile() {
        EndDevice device = device(service.organization("Acme"), "Old", "");
        rename(device, "Newer");
        open("organization=" + device.getOrganizationId() + "&id=" + device.getDeviceId());
        browser.awaitText("#changes", "changed name");
        rename(device, "Newest");
        browser.click("#changes button[data-version='1']");
        browser.awaitText("dialog.form", "has changed: its etag is 3, not 2");
        assertThat(disabled(SUBMIT)).isTrue();
        browser.press("Escape", 27);
        browser.awaitTrue("!" + DIALOG);
        for (String action : List.of("Edit", "Delete")) {
            act(action);
            if (action.equals("Edit")) {
                browser.type("dialog.form [name=name]", "Mine");
            }
            browser.click(SUBMIT);
            browser.awaitText("dialog.form .general", "has changed: its etag is 3, not 2");
            browser.press("Escape", 27);
            browser.awaitTrue("!" + DIALOG);
        }
        assertThat(stored(device).getName()).isEqualTo("Newest");
    }

    @Test
    void aDeviceIsCreatedOnceAndWhatIsWrongIsShownAtItsField() {
        String organization = service.organization("Acme");
        EndDeviceDefinition definition = definition(organization, "Meter");
        String gateway = gateway(organization, "Roof");
        open("organization=" + organization);
        browser.awaitText("#rows", "There are no devices yet.");
        browser.click("#rows button");
        browser.awaitTrue(DIALOG);
        assertThat(browser.evaluate("document.activeElement.name")).isEqualTo("name");
        browser.pressEnter();
        browser.awaitText("dialog.form .field:has([name=name])", "Device name cannot be empty");
        assertThat(
                        browser.evaluate(
                                "document.activeElement.name + document.activeElement"
                                        + ".getAttribute('aria-invalid')"))
                .isEqualTo("nametrue");
        browser.type("dialog.form [name=name]", "Hall");
        browser.type("dialog.form [name=device_id]", "no id");
        browser.type("dialog.form .editor textarea", "{\n  \"c\": inputt}");
        browser.click(SUBMIT);
        browser.awaitText("dialog.form .field:has([name=device_id])", "Device ID must be");
        assertThat(browser.text("dialog.form .field:has([name=name]) .problem")).isEmpty();
        browser.type("dialog.form [name=device_id]", "hall-1");
        browser.click(SUBMIT);
        browser.awaitText("dialog.form .field:has(.editor)", "2:8 undeclared reference");
        browser.awaitTrue(DIALOG + ".querySelector('.t-wrong')?.textContent === 'inputt'");
        assertThat(devices(organization)).isEmpty();

        browser.type("dialog.form .editor textarea", "");
        browser.choose("dialog.form [name=definition_id]", "Meter");
        browser.choose("dialog.form [name=gateway_id]", "Roof");
        browser.type("#reason", "for the hall");
        browser.evaluate(
                "(() => { const form = "
                        + DIALOG
                        + ".querySelector('form');"
                        + " form.requestSubmit(); form.requestSubmit(); })()");
        browser.awaitText("#opened-title", "Hall");
        browser.awaitText("#changes", "“for the hall”");
        assertThat(devices(organization))
                .singleElement()
                .returns("hall-1", EndDevice::getDeviceId)
                .returns(definition.getId(), EndDevice::getDefinitionId)
                .returns(gateway, EndDevice::getGatewayId);
        browser.click("#fields a[title='" + gateway + "']");
        browser.awaitText("#opened-title", "Roof");
        browser.click("#actions a[href*='gateway_id']");
        awaitOnly("Hall");
        browser.click("table.list a");
        browser.awaitText("#opened-title", "Hall");
        act("Edit");
        browser.choose("dialog.form [name=gateway_id]", "none");
        browser.click(SUBMIT);
        browser.awaitTrue("document.querySelectorAll('#fields a').length === 1");
        assertThat(devices(organization))
                .singleElement()
                .returns("", EndDevice::getGatewayId)
                .returns(definition.getId(), EndDevice::getDefinitionId);
        browser.click("#fields a");
        browser.awaitText("#opened-title", "Meter");

        // Its device id is taken: of no field, so that the form says it.
        open("organization=" + organization);
        browser.click("#create");
        browser.awaitTrue(DIALOG);
        browser.type("dialog.form [name=name]", "Other");
        browser.type("dialog.form [name=device_id]", "hall-1");
        browser.click(SUBMIT);
        browser.awaitText("dialog.form .general", "hall-1");
        browser.press("Escape", 27);
        browser.awaitTrue("!" + DIALOG);
        assertThat(devices(organization)).hasSize(1);
    }

    @Test
    void aRequestWhoseAnswerIsLostIsNotDoneTwice() {
        String organization = service.organization("Acme");
        open("organization=" + organization);
        browser.awaitText("#rows", "There are no devices yet.");
        browser.click("#create");
        browser.awaitTrue(DIALOG);
        browser.type("dialog.form [name=name]", "Only one");
        browser.evaluate(
                "(() => { const fetched = window.fetch; window.fetch = async (...request) => {"
                        + " window.fetch = fetched; await fetched(...request);"
                        + " throw new TypeError('lost'); }; })()");
        browser.click(SUBMIT);
        browser.awaitText("dialog.form .general", "does not answer");
        assertThat(devices(organization)).hasSize(1);
        browser.click(SUBMIT);
        browser.awaitText("#opened-title", "Only one");
        assertThat(devices(organization)).hasSize(1);
    }

    @Test
    void whatIsDeletedIsShownAndUndeleted() {
        String organization = service.organization("Acme");
        EndDevice device = device(organization, "Pump", "");
        device(organization, "Other", "");
        open("organization=" + organization + "&id=" + device.getDeviceId());
        browser.awaitText("#changes", "created");
        act("Delete");
        assertThat(browser.text("dialog.form")).contains("Its rows stay");
        browser.type("#reason", "scrapped");
        browser.click(SUBMIT);
        browser.awaitText("#notice", "is deleted");
        browser.awaitText("#opened-deleted", "deleted");
        browser.awaitText("#changes", "“scrapped”");
        assertThat(devices(organization)).extracting(EndDevice::getName).containsExactly("Other");

        browser.click("#back");
        browser.awaitTrue(ROWS + " === 1");
        browser.click("#deleted");
        browser.awaitTrue(ROWS + " === 2");
        browser.evaluate("location.reload()");
        browser.awaitTrue(ROWS + " === 2");
        browser.click("tr.gone td.act button");
        browser.awaitTrue(DIALOG);
        browser.click(SUBMIT);
        browser.awaitText("#notice", "is there again");
        browser.awaitTrue("document.querySelectorAll('tr.gone').length === 0");
        assertThat(stored(device).getName()).isEqualTo("Pump");
    }

    @Test
    void aVersionOfADeletedDeviceIsRestored() {
        EndDevice device = device(service.organization("Acme"), "First", "");
        rename(device, "Second");
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .build());
        open("organization=" + device.getOrganizationId() + "&id=" + device.getDeviceId());
        browser.awaitText("#changes", "deleted");
        browser.click("#changes button[data-version='1']");
        browser.awaitTrue(DIALOG);
        browser.click(SUBMIT);
        browser.awaitText("#notice", "Version 1 is restored.");
        assertThat(stored(device).getName()).isEqualTo("First");
    }

    @Test
    void aDefinitionIsCreatedChangedAndDeleted() {
        String organization = service.organization("Acme");
        open("organization=" + organization + "&kind=definitions");
        browser.awaitText("#rows", "There are no definitions yet.");
        browser.click("#create");
        browser.awaitTrue(DIALOG);
        browser.type("dialog.form [name=name]", "Meter");
        browser.type("dialog.form .contract:nth-child(1) .low textarea", "{\"a\": input.u8(0)}");
        browser.evaluate(
                "[..."
                        + DIALOG
                        + ".querySelectorAll('button')].find(b => b.textContent ==="
                        + " 'Add a contract').click()");
        browser.type("dialog.form .contract:nth-child(2) .low textarea", "{\"a\": input.u9(0)}");
        browser.click(SUBMIT);
        browser.awaitText("dialog.form", "Contract 2, transform_expression: 1:15");
        browser.awaitTrue(DIALOG + ".querySelector('.contract:nth-child(2) .t-wrong') !== null");
        browser.type("dialog.form .contract:nth-child(2) .low textarea", "{\"a\": input.u8(1)}");
        browser.click(SUBMIT);
        browser.awaitText("#opened-title", "Meter");
        EndDeviceDefinition definition = definitions(organization).get(0);
        assertThat(definition.getContractsList())
                .extracting(PayloadContract::getTransformExpression)
                .containsExactly("{\"a\": input.u8(0)}", "{\"a\": input.u8(1)}");

        act("Edit");
        browser.type("dialog.form [name=name]", "Water meter");
        browser.type("dialog.form .contract:nth-child(1) .low textarea", "{\"b\": input.u8(0)}");
        browser.click(SUBMIT);
        browser.awaitText("#notice", "Saved.");
        browser.awaitText("#opened-title", "Water meter");
        browser.awaitText("#changes", "changed contracts, name");
        assertThat(browser.evaluate("document.querySelector('#changes .lines').textContent"))
                .contains("-   transform_expression: {\"a\": input.u8(0)}\n")
                .contains("+   transform_expression: {\"b\": input.u8(0)}\n");
        assertThat(definitions(organization).get(0))
                .returns("Water meter", EndDeviceDefinition::getName)
                .returns(2, EndDeviceDefinition::getContractsCount);

        EndDevice device =
                service.devices()
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setName("Hall")
                                        .setDefinitionId(definition.getId())
                                        .build())
                        .getEndDevice();
        act("Delete");
        browser.click(SUBMIT);
        browser.awaitText("dialog.form .general", definition.getId());
        browser.press("Escape", 27);
        browser.awaitTrue("!" + DIALOG);
        browser.click("#actions a:nth-of-type(2)");
        awaitOnly("Hall");
        assertThat(browser.text("table.list")).contains("Water meter");
        service.devices()
                .deleteEndDevice(
                        DeleteEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .build());
        browser.evaluate("history.back()");
        // Its title is still there from before, unseen.
        browser.awaitTrue("!document.querySelector('#opened').hidden");
        browser.awaitText("#opened-title", "Water meter");
        act("Delete");
        browser.click(SUBMIT);
        browser.awaitText("#notice", "is deleted");
        assertThat(definitions(organization)).isEmpty();
        act("Undelete");
        browser.click(SUBMIT);
        browser.awaitText("#notice", "is there again");
        assertThat(definitions(organization)).hasSize(1);
    }

    @Test
    void anOrganizationAndItsGatewaysAreShown() {
        String id = "page-" + System.nanoTime();
        open("kind=organizations");
        browser.awaitTrue(ROWS + " > 0");
        browser.click("#create");
        browser.awaitTrue(DIALOG);
        browser.type("dialog.form [name=name]", "Founded on the page");
        browser.type("dialog.form [name=organization_id]", id);
        browser.pressEnter();
        browser.awaitText("#opened-title", "Founded on the page");
        browser.awaitText("#changes", "created");
        assertThat(browser.evaluate("document.querySelector('#organization').value")).isEqualTo(id);
        gateway(id, "Roof");
        open("organization=" + id + "&kind=gateways");
        awaitOnly("Roof");
        assertThat(browser.text("table.list")).contains("chirpstack");
        browser.click("table.list a");
        browser.awaitText("#changes", "created");
        act("Edit");
        browser.type("dialog.form [name=name]", "Cellar");
        browser.type("dialog.form [name=description]", "Moved <b>down</b>");
        browser.type("dialog.form [name=labels]", "No Key=1");
        browser.click(SUBMIT);
        browser.awaitText("dialog.form .field:has([name=labels])", "Keys of labels have");
        browser.type("dialog.form [name=labels]", "site=hall=3\nfloor=-1");
        browser.click(SUBMIT);
        browser.awaitText("#opened-title", "Cellar");
        browser.awaitText("#changes", "changed");
        assertThat(browser.text("#fields"))
                .contains("Moved <b>down</b>", "floor: -1", "site: hall=3", "chirpstack");
    }

    @Test
    void whoHasTypedSomethingLeavesByEscapeAndByGoingBack() {
        open("organization=" + service.organization("Acme"));
        browser.awaitText("#rows", "There are no devices yet.");
        browser.click("#create");
        browser.awaitTrue(DIALOG);
        browser.type("dialog.form [name=name]", "Never");
        // The browser answers that it is to be left.
        browser.press("Escape", 27);
        browser.awaitTrue("!" + DIALOG);
        browser.awaitTrue("document.activeElement.id === 'create'");
    }

    @ParameterizedTest
    @CsvSource({"380, true", "700, false", "1300, true"})
    void noListAndNoFormIsWiderThanTheWindow(int width, boolean dark) {
        String organization = service.organization("W".repeat(256));
        EndDevice device =
                device(organization, "W".repeat(256), "{\"" + "w".repeat(3_000) + "\": 1}");
        browser.window(width, 800, dark);
        open("organization=" + organization);
        browser.awaitTrue(ROWS + " === 1");
        assertNotWider();
        assertThat(browser.evaluate("document.querySelector('table.list a').title"))
                .isEqualTo(device.getName());
        browser.click("table.list a");
        browser.awaitText("#changes", "created");
        browser.evaluate("document.querySelector('#changes details').open = true");
        assertNotWider();
        act("Edit");
        assertNotWider();
        browser.press("Escape", 27);
        browser.awaitTrue("!" + DIALOG);
    }

    private static void assertNotWider() {
        assertThat(
                        browser.evaluate(
                                "[...document.querySelectorAll('html, main, .panel, dialog[open]')]"
                                        + ".filter(e => e.getBoundingClientRect().right >"
                                        + " innerWidth || document.documentElement.scrollWidth >"
                                        + " innerWidth).map(e => e.outerHTML.slice(0, 80)).join()"))
                .isEmpty();
    }

    private static void open(String address) {
        browser.leave();
        browser.open(
                "http://localhost:"
                        + service.service().httpPort()
                        + "/transforms/registry.html#"
                        + address);
        browser.awaitTrue("document.querySelector('#kinds')?.childElementCount === 4");
    }

    /** Presses one of the buttons of what is opened, and waits for what it asks. */
    private static void act(String action) {
        String found =
                "[...document.querySelectorAll('#actions button')].find(b => b.textContent === "
                        + Browser.quoted(action)
                        + ")";
        browser.awaitTrue(found);
        browser.evaluate(found + ".click()");
        browser.awaitTrue(DIALOG);
    }

    private static void awaitOnly(String name) {
        browser.awaitTrue(
                ROWS
                        + " === 1 && document.querySelector('table.list a').textContent === "
                        + Browser.quoted(name));
    }

    private static void awaitFirst(String name) {
        browser.awaitTrue(
                "document.querySelector('table.list a')?.textContent === " + Browser.quoted(name));
    }

    private static String shownId() {
        return browser.text("table.list tbody tr td:nth-child(4)");
    }

    private static boolean disabled(String selector) {
        return browser.evaluate(
                        "String(document.querySelector(" + Browser.quoted(selector) + ").disabled)")
                .equals("true");
    }

    private static EndDevice device(String organization, String name, String conversion) {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .setPayloadConversion(conversion)
                                .build())
                .getEndDevice();
    }

    /** Creates one whose senders are those of ChirpStack, and returns its id. */
    private static String gateway(String organization, String name) {
        return service.gateways()
                .createGateway(
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .setIntakePreset("chirpstack")
                                .build())
                .getGateway()
                .getGatewayId();
    }

    private static void rename(EndDevice device, String name) {
        service.devices()
                .updateEndDevice(
                        UpdateEndDeviceRequest.newBuilder()
                                .setDeviceId(device.getDeviceId())
                                .setName(name)
                                .build());
    }

    private static EndDevice stored(EndDevice device) {
        return service.devices()
                .getEndDevice(
                        GetEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId()).build())
                .getEndDevice();
    }

    private static List<EndDevice> devices(String organization) {
        return service.devices()
                .listEndDevices(
                        ListEndDevicesRequest.newBuilder().setOrganizationId(organization).build())
                .getEndDevicesList();
    }

    private static List<Change> changes(EndDevice device) {
        return service.history()
                .listChanges(
                        ListChangesRequest.newBuilder()
                                .setResourceType(ResourceType.RESOURCE_TYPE_END_DEVICE)
                                .setResourceId(device.getDeviceId())
                                .build())
                .getChangesList();
    }

    private static EndDeviceDefinition definition(String organization, String name) {
        return service.definitions()
                .createEndDeviceDefinition(
                        CreateEndDeviceDefinitionRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName(name)
                                .addContracts(
                                        PayloadContract.newBuilder()
                                                .setTransformExpression("{\"a\": 1}"))
                                .build())
                .getEndDeviceDefinition();
    }

    private static List<EndDeviceDefinition> definitions(String organization) {
        return service.definitions()
                .listEndDeviceDefinitions(
                        ListEndDeviceDefinitionsRequest.newBuilder()
                                .setOrganizationId(organization)
                                .build())
                .getEndDeviceDefinitionsList();
    }
}
