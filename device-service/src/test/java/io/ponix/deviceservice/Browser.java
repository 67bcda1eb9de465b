package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ponix.embedded.install.ChromiumProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A page in a headless Chromium, driven over its DevTools protocol the way a person would. */
final class Browser implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Of the protocol: what was asked of a page that is left meanwhile. */
    private static final int SERVER_ERROR = -32000;

    /** The page is about to be another one: what comes next is asked of that. */
    private static final class PageIsLeftException extends IllegalStateException {

        private static final long serialVersionUID = 1L;

        PageIsLeftException(String message) {
            super(message);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger commands = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private CompletableFuture<?> written = CompletableFuture.completedFuture(null);
    private final String session;

    private Browser(Process process, URI address) {
        this.process = process;
        this.socket =
                HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .buildAsync(address, new Listener())
                        .join();
        String target =
                send("Target.createTarget", Map.of("url", "about:blank"), null)
                        .path("targetId")
                        .asText();
        this.session =
                send("Target.attachToTarget", Map.of("targetId", target, "flatten", true), null)
                        .path("sessionId")
                        .asText();
        send("Page.enable", Map.of());
        send("Runtime.enable", Map.of());
        send("Log.enable", Map.of());
    }

    /**
     * Starts a browser.
     *
     * @param folder for its profile, and for screenshots; new and empty
     */
    static Browser start(Path folder) {
        ChromiumProgram chromium = ChromiumProgram.locate(System.out::println);
        List<String> command =
                new ArrayList<>(
                        List.of(
                                chromium.program().toString(),
                                "--headless",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--disable-dev-shm-usage",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--remote-debugging-port=0",
                                "--user-data-dir=" + folder));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("chromium.log").toFile());
        builder.environment().putAll(chromium.environment());
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            Path portFile = folder.resolve("DevToolsActivePort");
            List<String> lines =
                    await().atMost(PATIENCE)
                            .failFast("the browser ended", () -> !process.isAlive())
                            .until(
                                    () ->
                                            Files.exists(portFile)
                                                    ? Files.readAllLines(portFile)
                                                    : List.of(),
                                    read -> read.size() >= 2);
            return new Browser(
                    process, URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)));
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Opens a page; {@link #await(String)} waits for what it shows. */
    void open(String url) {
        send("Page.navigate", Map.of("url", url));
    }

    /**
     * Leaves the page for an empty one. Returns when it is there: a page with unsaved changes asks
     * first, and would still be about to be left when the next one is opened.
     */
    void leave() {
        open("about:blank");
        awaitTrue("location.href === 'about:blank'");
    }

    /** Has it forget who was signed in. */
    void forgetCookies() {
        send("Network.clearBrowserCookies", Map.of());
    }

    /** What an expression of JavaScript gives in the page, as text. */
    String evaluate(String expression) {
        JsonNode answer =
                send(
                        "Runtime.evaluate",
                        Map.of(
                                "expression",
                                expression,
                                "returnByValue",
                                true,
                                "awaitPromise",
                                true));
        if (answer.has("exceptionDetails")) {
            throw new IllegalStateException(answer.path("exceptionDetails").toString());
        }
        return answer.path("result").path("value").asText();
    }

    /** The text that an element shows, as a person sees it. */
    String text(String selector) {
        // The text of what is not shown would be there too.
        return evaluate(
                "(e => e?.checkVisibility() ? e.innerText : '')(document.querySelector("
                        + quoted(selector)
                        + "))");
    }

    /** Waits until an element shows a text. */
    void awaitText(String selector, String text) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .ignoreException(PageIsLeftException.class)
                .untilAsserted(
                        () ->
                                assertThat(text(selector))
                                        .as(() -> "the page: " + text("body"))
                                        .contains(text));
    }

    /** Waits until an expression of JavaScript is true. */
    void awaitTrue(String condition) {
        await(condition)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .ignoreException(PageIsLeftException.class)
                .until(() -> evaluate("Boolean(" + condition + ")").equals("true"));
    }

    /**
     * Clicks into the middle of an element, which must be there and visible; again where the page
     * moved it away under the pointer, as a person would.
     */
    void click(String selector) {
        await("a click on " + selector)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .until(() -> clickedOnce(selector));
    }

    private boolean clickedOnce(String selector) {
        String[] place =
                evaluate(
                                "(() => { const e = document.querySelector("
                                        + quoted(selector)
                                        + "); e.scrollIntoView({block: 'center'});"
                                        + " window.clicked = false; e.addEventListener('click', ()"
                                        + " => { window.clicked = true; }, {capture: true});"
                                        + " const r = e.getBoundingClientRect(); return"
                                        + " (r.x + r.width / 2) + ' ' + (r.y + r.height / 2) + ' ' +"
                                        + " performance.timeOrigin; })()")
                        .split(" ");
        for (String type : List.of("mousePressed", "mouseReleased")) {
            send(
                    "Input.dispatchMouseEvent",
                    Map.of(
                            "type",
                            type,
                            "x",
                            Double.parseDouble(place[0]),
                            "y",
                            Double.parseDouble(place[1]),
                            "button",
                            "left",
                            "clickCount",
                            1));
        }
        try {
            // Where the click led to another page that one knows nothing of it.
            return evaluate("window.clicked || performance.timeOrigin !== " + place[2])
                    .equals("true");
        } catch (PageIsLeftException e) {
            return true;
        }
    }

    /** Replaces what is in a field by typing, once it is there. */
    void type(String selector, String text) {
        awaitTrue("document.querySelector(" + quoted(selector) + ")");
        evaluate(
                "(() => { const e = document.querySelector("
                        + quoted(selector)
                        + "); e.focus(); e.select(); })()");
        if (text.isEmpty()) {
            press("Delete", 46);
        } else {
            send("Input.insertText", Map.of("text", text));
        }
    }

    /** Presses and releases a key, wherever the focus is. */
    void press(String key, int code) {
        for (String type : List.of("rawKeyDown", "keyUp")) {
            send(
                    "Input.dispatchKeyEvent",
                    Map.of(
                            "type",
                            type,
                            "key",
                            key,
                            "code",
                            key,
                            "windowsVirtualKeyCode",
                            code,
                            "nativeVirtualKeyCode",
                            code));
        }
    }

    /** Presses Enter, which sends a form, wherever the focus is. */
    void pressEnter() {
        send(
                "Input.dispatchKeyEvent",
                Map.of(
                        "type",
                        "keyDown",
                        "key",
                        "Enter",
                        "code",
                        "Enter",
                        "text",
                        "\r",
                        "windowsVirtualKeyCode",
                        13));
        send(
                "Input.dispatchKeyEvent",
                Map.of(
                        "type",
                        "keyUp",
                        "key",
                        "Enter",
                        "code",
                        "Enter",
                        "windowsVirtualKeyCode",
                        13));
    }

    /** Chooses the option of a select that shows a text. */
    void choose(String selector, String shown) {
        evaluate(
                "(() => { const s = document.querySelector("
                        + quoted(selector)
                        + "); s.value = [...s.options].find(o => o.text === "
                        + quoted(shown)
                        + ").value; s.dispatchEvent(new Event('change', {bubbles: true})); })()");
    }

    /** Sets the size of the window and whether its user prefers dark pages. */
    void window(int width, int height, boolean dark) {
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        send(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of(
                                        "name",
                                        "prefers-color-scheme",
                                        "value",
                                        dark ? "dark" : "light"))));
    }

    /** Writes what the window shows as a PNG. */
    void screenshot(Path file) throws IOException {
        String data =
                send("Page.captureScreenshot", Map.of("captureBeyondViewport", true))
                        .path("data")
                        .asText();
        Files.write(file, Base64.getDecoder().decode(data));
    }

    /** What the browser complained about: scripts that failed, things it refused to load. */
    List<String> complaints() {
        return complaints;
    }

    static String quoted(String text) {
        return JSON.valueToTree(text).toString();
    }

    private JsonNode send(String method, Map<String, ?> parameters) {
        return send(method, parameters, session);
    }

    private JsonNode send(String method, Map<String, ?> parameters, String toSession) {
        int id = commands.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        write(command(id, method, parameters, toSession)).join();
        JsonNode message = answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        if (message.has("error")) {
            String error = method + ": " + message.path("error");
            throw message.path("error").path("code").asInt() == SERVER_ERROR
                    ? new PageIsLeftException(error)
                    : new IllegalStateException(error);
        }
        return message.path("result");
    }

    /** Writes after what is being written: the socket takes one text at a time. */
    private synchronized CompletableFuture<?> write(String command) {
        written = written.thenCompose(before -> socket.sendText(command, true));
        return written;
    }

    private static String command(
            int id, String method, Map<String, ?> parameters, String toSession) {
        ObjectNode command = JSON.createObjectNode();
        command.put("id", id).put("method", method).set("params", JSON.valueToTree(parameters));
        if (toSession != null) {
            command.put("sessionId", toSession);
        }
        return command.toString();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder partial = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            partial.append(data);
            if (last) {
                try {
                    receive(JSON.readTree(partial.toString()));
                } catch (IOException e) {
                    complaints.add(e.toString());
                }
                partial.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        private void receive(JsonNode message) {
            if (message.has("id")) {
                CompletableFuture<JsonNode> waiting = answers.remove(message.path("id").asInt());
                if (waiting != null) {
                    waiting.complete(message);
                }
            } else if (message.path("method").asText().equals("Page.javascriptDialogOpening")) {
                // What is not saved is left; nobody waits for the answer to this.
                write(
                        command(
                                commands.incrementAndGet(),
                                "Page.handleJavaScriptDialog",
                                Map.of("accept", true),
                                message.path("sessionId").asText()));
            } else if (message.path("method").asText().equals("Runtime.exceptionThrown")) {
                complaints.add(message.path("params").toString());
            } else if (message.path("method").asText().equals("Log.entryAdded")) {
                JsonNode entry = message.path("params").path("entry");
                if (entry.path("level").asText().equals("error")) {
                    complaints.add(entry.path("text").asText() + " " + entry.path("url").asText());
                }
            }
        }
    }

    /** Ends the browser and all of its processes. */
    @Override
    public void close() {
        socket.abort();
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
