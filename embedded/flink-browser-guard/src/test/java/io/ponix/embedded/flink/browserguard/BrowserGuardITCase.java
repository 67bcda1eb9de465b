package io.ponix.embedded.flink.browserguard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What web pages of others cannot do to Flink. */
class BrowserGuardITCase {

    @TempDir static Path folder;

    private static FlinkRestInterface flink;

    @BeforeAll
    static void start() throws Exception {
        flink = FlinkRestInterface.start(folder, "flink.example.com, jobmanager");
    }

    @AfterAll
    static void stop() {
        flink.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example",
                "http://localhost:3000",
                "http://127.0.0.1:PORT",
                "http://localhost:PORT.evil.example",
                "null",
                "",
            })
    void aPageOfAnotherOriginBringsNoJob(String origin) throws Exception {
        JobGraph job = flink.endlessJob();

        String answer =
                flink.submit(
                        job,
                        "Host: " + flink.host(),
                        "Origin: " + origin.replace("PORT", "" + flink.port()));

        assertRefused(answer, "another origin");
        assertThat(flink.state(job)).isEmpty();
        assertThat(flink.storedUploads()).isEmpty();
    }

    @Test
    void aBrowserThatSendsNoOriginSaysThatThePageIsAnothers() throws Exception {
        for (String site : new String[] {"cross-site", "same-site"}) {
            JobGraph job = flink.endlessJob();
            assertRefused(
                    flink.submit(job, "Host: " + flink.host(), "Sec-Fetch-Site: " + site),
                    "another origin");
            assertThat(flink.state(job)).isEmpty();
        }
    }

    @Test
    void whoIsNoPageBringsAJobAndItsOwnPageToo() throws Exception {
        JobGraph fromClient = flink.endlessJob();
        assertThat(flink.submit(fromClient, "Host: " + flink.host())).startsWith("HTTP/1.1 202 ");
        awaitRunning(fromClient);
        JobGraph fromPage = flink.endlessJob();
        assertThat(
                        flink.submit(
                                fromPage,
                                "Host: " + flink.host(),
                                "Origin: http://" + flink.host(),
                                "Sec-Fetch-Site: same-origin"))
                .startsWith("HTTP/1.1 202 ");
        awaitRunning(fromPage);

        cancel(fromClient);
        cancel(fromPage);
    }

    @Test
    void aPageOfAnotherOriginStopsNothing() throws Exception {
        JobGraph job = flink.endlessJob();
        flink.submit(job, "Host: " + flink.host());
        awaitRunning(job);
        String path = "/jobs/" + job.getJobID();

        for (String change :
                new String[] {
                    "PATCH " + path + "?mode=cancel",
                    "PATCH /v1" + path,
                    "POST " + path + "/stop",
                    "POST " + path + "/savepoints",
                    "DELETE /cluster",
                    "GET " + path + "/yarn-cancel",
                    "GET /v1" + path + "/yarn-cancel/",
                    "GET " + path + "/yarn-cancel?x",
                    "GET " + path + "/yarn-cancel#x",
                    "GET " + path + "/yarn%2Dcancel?x",
                    "GET " + path + "/yarn%252Dcancel",
                    "GET " + path + "/yarn%25252Dcancel",
                    "GET /" + path.replace("/j", "%2Fj") + "%2Fyarn-cancel",
                    "GET " + path + "/%zz/yarn-cancel",
                    "GET " + path + "/yarn-stop",
                }) {
            assertRefused(
                    flink.request(change, "Host: " + flink.host(), "Origin: https://evil.example"),
                    "another origin");
            assertRefused(
                    flink.request(change, "Host: " + flink.host(), "Sec-Fetch-Site: cross-site"),
                    "another origin");
        }
        assertThat(flink.state(job)).isEqualTo("RUNNING");

        // What the dashboard's button does.
        assertThat(
                        flink.request(
                                "GET " + path + "/yarn-cancel",
                                "Host: " + flink.host(),
                                "Sec-Fetch-Site: same-origin"))
                .startsWith("HTTP/1.1 202 ");
        awaitCanceled(job);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET /", "GET /overview", "GET /jobs", "POST /jobs", "OPTIONS /", "HEAD /"})
    void aPageThatHasMadeItsNameLeadHereGetsNothing(String line) throws Exception {
        for (String host :
                new String[] {
                    "evil.example:" + flink.port(),
                    "localhost.evil.example",
                    "127.0.0.1.evil.example",
                    "user@localhost",
                    "",
                }) {
            String answer = flink.request(line, "Host: " + host);
            assertThat(answer)
                    .startsWith("HTTP/1.1 403 ")
                    .doesNotContainIgnoringCase("access-control-");
            if (!line.startsWith("HEAD")) {
                assertRefused(answer, "not known by the name in Host");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:8081, https://evil.example",
        "127.0.0.1:8081, https://evil.example",
        "[::1]:8081, null",
        "jobmanager:8081, http://jobmanager:8081",
        "FLINK.example.com, https://flink.example.com",
    })
    void whoAsksForItAsItIsKnownIsAnswered(String host, String origin) throws Exception {
        assertThat(flink.request("GET /overview", "Host: " + host))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"slots-total\":4");
        // Reading is for the browser to prevent.
        assertThat(flink.request("GET /overview", "Host: " + host, "Origin: " + origin))
                .startsWith("HTTP/1.1 200 ")
                .contains("access-control-allow-origin: http://localhost:8081\r\n");
    }

    @Test
    void theProxyThatWasListedGivesRequestsAnotherHost() throws Exception {
        JobGraph job = flink.endlessJob();
        assertThat(
                        flink.submit(
                                job,
                                "Host: " + flink.host(),
                                "Origin: https://flink.example.com",
                                "Sec-Fetch-Site: same-origin"))
                .startsWith("HTTP/1.1 202 ");
        awaitRunning(job);
        cancel(job);
    }

    @Test
    void aHealthCheckWithoutHostIsAnswered() throws Exception {
        assertThat(flink.exchange("GET /overview HTTP/1.0\r\n\r\n", new byte[0])).contains(" 200 ");
    }

    @Test
    void whatCouldBeUnderstoodInTwoWaysIsRefused() throws Exception {
        JobGraph job = flink.endlessJob();
        flink.submit(job, "Host: " + flink.host());
        awaitRunning(job);
        String cancel = "PATCH /jobs/" + job.getJobID();
        String host = "Host: " + flink.host();

        for (String[] request :
                new String[][] {
                    {cancel, host, "Host: evil.example"},
                    {cancel, "Host: evil.example", host},
                    {cancel, host, host},
                    {"PATCH http://evil.example/jobs/" + job.getJobID(), host},
                    {"GET http://" + flink.host() + "/overview", host},
                    {"OPTIONS *", host},
                    {"CONNECT " + flink.host(), host},
                    // The rest of the headers is lost where one cannot be read.
                    {cancel, "Broken header: x", host, "Origin: https://evil.example"},
                    {cancel, "Transfer-Encoding: chunked", "Content-Length: 1", "A\u0000: b", host},
                }) {
            assertThat(flink.exchange(String.join("\r\n", spell(request)), new byte[0]))
                    .as(String.join(" | ", request))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("{\"errors\":[\"the request cannot be read")
                    .containsOnlyOnce("HTTP/1.1");
        }
        assertThat(flink.state(job)).isEqualTo("RUNNING");
        cancel(job);
    }

    @Test
    void eachRequestOfAConnectionIsLookedAtAndNoneAfterARefusedOne() throws Exception {
        JobGraph job = flink.endlessJob();
        flink.submit(job, "Host: " + flink.host());
        awaitRunning(job);
        String cancel =
                "PATCH /jobs/"
                        + job.getJobID()
                        + " HTTP/1.1\r\nHost: "
                        + flink.host()
                        + "\r\nContent-Length: 0\r\n";

        try (Socket socket = flink.connect()) {
            send(socket, "GET /overview HTTP/1.1\r\nHost: " + flink.host() + "\r\n\r\n");
            assertThat(readAnswer(socket)).startsWith("HTTP/1.1 200 ");
            send(socket, cancel + "Origin: https://evil.example\r\n\r\n" + cancel + "\r\n");
            assertThat(rest(socket)).startsWith("HTTP/1.1 403 ").containsOnlyOnce("HTTP/1.1");
        }
        // What is sent as a body stays one.
        try (Socket socket = flink.connect()) {
            send(
                    socket,
                    "POST /jobs HTTP/1.1\r\nHost: "
                            + flink.host()
                            + "\r\nOrigin: null\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n");
            assertThat(readAnswer(socket)).startsWith("HTTP/1.1 403 ");
            for (int chunk = 0; chunk < 2; chunk++) {
                send(
                        socket,
                        Integer.toHexString(cancel.length() + 2)
                                + "\r\n"
                                + cancel
                                + "\r\n"
                                + "\r\n");
            }
            send(socket, "0\r\n\r\n" + cancel + "\r\n");
            assertThat(rest(socket)).isEmpty();
        }
        assertThat(flink.storedUploads()).isEmpty();
        assertThat(flink.state(job)).isEqualTo("RUNNING");
        cancel(job);
    }

    @Test
    void whoSendsALargeBodyReadsWhyItIsRefused() throws Exception {
        byte[] body = new byte[20_000_000];
        assertRefused(
                flink.exchange(
                        "POST /jobs HTTP/1.1\r\nHost: evil.example\r\nContent-Length: "
                                + body.length
                                + "\r\n\r\n",
                        body),
                "Host");
    }

    @Test
    void whoNeverSendsTheRestIsHungUpOn() throws Exception {
        assertRefused(
                flink.exchange(
                        "POST /jobs HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 9\r\n\r\n",
                        new byte[1]),
                "Host");
    }

    @Test
    void aSenderThatWaitsToBeToldToGoOnIsNot() throws Exception {
        String head =
                "POST /jobs HTTP/1.1\r\nHost: %s\r\nExpect: 100-continue\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n";
        try (Socket socket = flink.connect()) {
            send(socket, head.formatted("evil.example"));
            assertThat(readAnswer(socket)).startsWith("HTTP/1.1 403 ");
        }
        try (Socket socket = flink.connect()) {
            send(socket, head.formatted(flink.host()));
            assertThat(readAnswer(socket)).startsWith("HTTP/1.1 100 ");
            send(socket, "{}");
            assertThat(readAnswer(socket)).startsWith("HTTP/1.1 400 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/index.html", "/overview", "/jobs/none", "/none", "/jobs/%"})
    void everyAnswerTellsBrowsersToShowItInNoOtherPage(String path) throws Exception {
        for (String host : new String[] {"localhost", "evil.example"}) {
            assertThat(flink.request("GET " + path, "Host: " + host).toLowerCase(Locale.ROOT))
                    .containsOnlyOnce("\ncontent-security-policy: frame-ancestors 'none'\r\n")
                    .containsOnlyOnce("\nx-content-type-options: nosniff\r\n")
                    .containsOnlyOnce("\nreferrer-policy: no-referrer\r\n");
        }
    }

    /** With nosniff a browser takes nothing else for a script or a style sheet. */
    @Test
    void theDashboardLoadsWhatItNeeds() throws Exception {
        String page = flink.request("GET /", "Host: " + flink.host());
        assertThat(page).startsWith("HTTP/1.1 200 ").contains("Apache Flink Web Dashboard");

        Matcher loaded = Pattern.compile("(?:src|href)=\"([\\w./-]+\\.(?:js|css))\"").matcher(page);
        assertThat(loaded.results().map(each -> each.group(1)).distinct())
                .hasSizeGreaterThan(2)
                .allSatisfy(
                        file ->
                                assertThat(
                                                flink.request(
                                                        "GET /" + file,
                                                        "Host: " + flink.host(),
                                                        "Sec-Fetch-Site: same-origin"))
                                        .startsWith("HTTP/1.1 200 ")
                                        .containsPattern(
                                                file.endsWith(".js")
                                                        ? "content-type: (application|text)/(x-)?javascript"
                                                        : "content-type: text/css"));
    }

    private static void assertRefused(String answer, String why) {
        assertThat(answer)
                .startsWith("HTTP/1.1 403 ")
                .contains("\r\ncontent-type: application/json; charset=UTF-8\r\n")
                .contains("{\"errors\":[\"", why, "ponix.rest.allowed-hosts")
                .containsOnlyOnce("HTTP/1.1");
    }

    private static void awaitRunning(JobGraph job) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(flink.state(job)).isEqualTo("RUNNING"));
    }

    private static void awaitCanceled(JobGraph job) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(flink.state(job)).isEqualTo("CANCELED"));
    }

    private static void cancel(JobGraph job) throws IOException {
        assertThat(
                        flink.request(
                                "PATCH /jobs/" + job.getJobID(),
                                "Host: " + flink.host(),
                                "Content-Length: 0"))
                .startsWith("HTTP/1.1 202 ");
        awaitCanceled(job);
    }

    /** The lines of a request as they are, and the one that ends it. */
    private static String[] spell(String[] request) {
        String[] lines = new String[request.length + 2];
        System.arraycopy(request, 0, lines, 0, request.length);
        lines[0] += " HTTP/1.1";
        lines[request.length] = "";
        lines[request.length + 1] = "";
        return lines;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(UTF_8));
    }

    /** One answer, of a connection that may go on. */
    private static String readAnswer(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as(head.toString()).isNotNegative();
            head.append((char) next);
        }
        Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
        byte[] body = in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
        return head + new String(body, UTF_8);
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
}
