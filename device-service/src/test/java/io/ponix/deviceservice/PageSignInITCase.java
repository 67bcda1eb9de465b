package io.ponix.deviceservice;

import static io.ponix.deviceservice.AccessUnderTest.withKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.ponix.proto.access.v1.AccessServiceGrpc;
import io.ponix.proto.access.v1.CreateKeyResponse;
import io.ponix.proto.access.v1.RevokeKeyRequest;
import io.ponix.proto.access.v1.Role;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a service that asks for keys. */
class PageSignInITCase {

    @TempDir private static Path home;

    private static ServiceUnderTest service;
    private static Browser browser;
    private static Channel operator;

    @BeforeAll
    static void start() throws Exception {
        service = ServiceUnderTest.start(home, AccessUnderTest.required(home));
        operator = withKey(service.channel(), AccessUnderTest.OPERATOR);
        browser = Browser.start(Files.createDirectory(home.resolve("browser")));
        browser.window(1400, 1000, false);
    }

    @AfterAll
    static void stop() {
        browser.close();
        service.close();
    }

    /** Nobody finds himself signed in as who comes before him. */
    @BeforeEach
    void signOutWhoeverIsSignedIn() {
        browser.leave();
        browser.forgetCookies();
    }

    private static String organization(String name) {
        return OrganizationServiceGrpc.newBlockingStub(operator)
                .createOrganization(CreateOrganizationRequest.newBuilder().setName(name).build())
                .getOrganizationId();
    }

    @Test
    void whoHasAKeySignsInSeesHisOrganizationAndSignsOut() {
        String acme = organization("Acme");
        organization("Competitor");
        EndDevice device =
                EndDeviceServiceGrpc.newBlockingStub(operator)
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(acme)
                                        .setName("Cold store")
                                        .setPayloadConversion("{\"bytes\": input.size()}")
                                        .build())
                        .getEndDevice();
        CreateKeyResponse key = AccessUnderTest.key(operator, acme, Role.ROLE_EDITOR);
        browser.open(page() + "?device=" + device.getDeviceId());
        browser.awaitTrue("document.querySelector('dialog.sign-in')?.open === true");

        browser.type("#key", "ponix_wrong_" + "A".repeat(43));
        browser.click("#sign-in");
        browser.awaitText("#sign-in-problem", "no valid key");

        browser.type("#key", key.getSecret());
        browser.click("#sign-in");
        browser.awaitText("#signed-in", "a key (editor)");
        browser.awaitTrue("document.querySelector('#expression').value !== ''");
        assertThat(
                        browser.evaluate(
                                "[...document.querySelectorAll('#organization option')].map(o =>"
                                        + " o.textContent).join()"))
                .contains("Acme")
                .doesNotContain("Competitor");
        // No script of whoever gets one into the page can take it away.
        assertThat(browser.evaluate("document.cookie")).isEmpty();

        browser.type("#expression", "{\"size\": input.size()}");
        browser.click("#save");
        browser.awaitText("#notice", "Saved");

        browser.click("#sign-out");
        browser.awaitTrue("document.querySelector('dialog.sign-in')?.open === true");
        assertThat(browser.evaluate("document.querySelector('#signed-in') === null"))
                .isEqualTo("true");
    }

    @Test
    void theRegistryOffersWhatTheKeyMayDo() {
        String acme = organization("Acme");
        EndDevice device =
                EndDeviceServiceGrpc.newBlockingStub(operator)
                        .createEndDevice(
                                CreateEndDeviceRequest.newBuilder()
                                        .setOrganizationId(acme)
                                        .setName("Cold store")
                                        .build())
                        .getEndDevice();
        String list = page() + "registry.html#organization=" + acme;
        String opened = list + "&id=" + device.getDeviceId();

        signIn(opened, AccessUnderTest.key(operator, acme, Role.ROLE_VIEWER).getSecret());
        browser.awaitText("#changes", "created");
        assertThat(browser.text("#actions").strip()).isEqualTo("Try its transform");
        browser.click("#back");
        browser.awaitText("#total", "1 device");
        assertThat(browser.evaluate("document.querySelector('#create').hidden")).isEqualTo("true");

        CreateKeyResponse editor = AccessUnderTest.key(operator, acme, Role.ROLE_EDITOR);
        signOut();
        signIn(opened, editor.getSecret());
        browser.awaitText("#actions", "Edit");
        browser.evaluate(
                "[...document.querySelectorAll('#actions button')].find(b => b.textContent ==="
                        + " 'Edit').click()");
        browser.awaitTrue("document.querySelector('dialog.form')");
        browser.type("dialog.form [name=name]", "Colder store");
        browser.click("dialog.form button[type=submit]");
        browser.awaitText("#opened-title", "Colder store");
        browser.awaitText("#changes", "by " + editor.getKey().getKeyId());
        browser.awaitTrue("document.querySelector('#changes button[data-version=\"1\"]')");

        browser.click("#back");
        browser.awaitText("#total", "1 device");
        browser.click("#kinds a:last-child");
        browser.awaitText("#total", "1 organization");
        assertThat(browser.evaluate("document.querySelector('#create').hidden")).isEqualTo("true");
        signOut();
    }

    private static void signOut() {
        browser.click("#sign-out");
        browser.awaitTrue("document.querySelector('dialog.sign-in')?.open === true");
    }

    private static void signIn(String url, String key) {
        browser.leave();
        browser.open(url);
        browser.awaitTrue("document.querySelector('dialog.sign-in')?.open === true");
        browser.type("#key", key);
        browser.click("#sign-in");
        browser.awaitTrue("document.querySelector('#signed-in')");
    }

    @Test
    void aKeyThatIsRevokedEndsTheSession() {
        CreateKeyResponse key =
                AccessUnderTest.key(operator, organization("Brief"), Role.ROLE_VIEWER);
        browser.open(page());
        browser.awaitTrue("document.querySelector('dialog.sign-in')?.open === true");
        browser.type("#key", key.getSecret());
        browser.click("#sign-in");
        browser.awaitText("#signed-in", "a key (viewer)");
        AccessServiceGrpc.newBlockingStub(operator)
                .revokeKey(RevokeKeyRequest.newBuilder().setKeyId(key.getKey().getKeyId()).build());
        browser.open(page());
        browser.awaitTrue("document.querySelector('dialog.sign-in')?.open === true");
    }

    @Test
    void theCookieIsForThisSiteAndNoScript() throws Exception {
        HttpResponse<String> response =
                session("POST", "authorization", "Bearer " + AccessUnderTest.OPERATOR);
        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.headers().firstValue("set-cookie").orElseThrow())
                .startsWith("ponix_key=" + AccessUnderTest.OPERATOR + ";")
                .containsIgnoringCase("; HttpOnly")
                .contains("; SameSite=Strict", "; Path=/")
                // That is for TLS, and the service is called without.
                .doesNotContain("Secure");
        assertThat(
                        CleartextHttp.CLIENT
                                .send(
                                        request("ponix.access.v1.AccessService/GetCaller")
                                                .header("content-type", "application/json")
                                                .header(
                                                        "cookie",
                                                        "other=1; ponix_key="
                                                                + AccessUnderTest.OPERATOR)
                                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                                .build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .body())
                .contains("ROLE_OPERATOR");
        assertThat(session("POST", "authorization", "Bearer nonsense").statusCode()).isEqualTo(401);
        assertThat(session("POST", "x-nothing", "").statusCode()).isEqualTo(401);
        assertThat(session("GET", "x-nothing", "").statusCode()).isEqualTo(405);
        assertThat(session("DELETE", "x-nothing", "").headers().firstValue("set-cookie"))
                .hasValueSatisfying(cookie -> assertThat(cookie).contains("Max-Age=0"));
        assertThat(session("POST", "origin", "http://evil.example").statusCode()).isEqualTo(403);
    }

    private static HttpResponse<String> session(String method, String header, String value)
            throws Exception {
        return CleartextHttp.CLIENT.send(
                request("session")
                        .header(header, value)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + service.service().httpPort() + "/" + path));
    }

    private static String page() {
        return "http://localhost:" + service.service().httpPort() + "/transforms/";
    }
}
