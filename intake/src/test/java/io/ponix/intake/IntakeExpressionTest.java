package io.ponix.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.TransformLimits;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IntakeExpressionTest {
    private static final Instant RECEIVED_AT = Instant.parse("2026-01-31T12:00:00.123456789Z");

    private static final IntakeCompiler COMPILER = IntakeCompiler.create();

    @Test
    void anUplinkHasEverythingThatIsGiven() throws Exception {
        Uplink uplink =
                evaluate(
                                "{'organization_id': 'o', 'external_id': 'ü 7', 'payload': payload,"
                                        + " 'f_port': 255u, 'occurred_at': received_at,"
                                        + " 'attributes': {'b': 1e-7, 'a': -0.0, 'c': 1e20},"
                                        + " 'message_id': topic + headers['h']}",
                                message("t", "x", Map.of("h", "v")))
                        .get(0);
        assertThat(uplink.organizationId()).contains("o");
        assertThat(uplink.deviceId()).isEmpty();
        assertThat(uplink.externalId()).contains("ü 7");
        assertThat(uplink.payload()).containsExactly('x');
        assertThat(uplink.fPort()).isEqualTo(255);
        assertThat(uplink.occurredAt()).isEqualTo(RECEIVED_AT);
        assertThat(uplink.attributes().keySet()).containsExactly("b", "a", "c");
        assertThat(uplink.attributes())
                .containsEntry("a", "0")
                .containsEntry("c", "100000000000000000000");
        assertThat(Double.parseDouble(uplink.attributes().get("b"))).isEqualTo(1e-7);
        assertThat(uplink.messageId()).contains("tv");
        assertThatThrownBy(() -> uplink.attributes().put("d", "1"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void nullAndAnEmptyListAreNoReading() throws Exception {
        assertThat(evaluate("null", message())).isEmpty();
        assertThat(evaluate("[]", message())).isEmpty();
        assertThat(evaluate("json_decode('null')", message())).isEmpty();
    }

    @Test
    void whatIsTooMuchIsRefused() {
        assertFails(
                "lists.range(1001).map(i, {'device_id': 'd', 'payload': b''})",
                "$: 1001 uplinks are more than 1000");
        assertFails(
                uplink("'attributes': lists.range(65).transformMapEntry(i, v, {string(v): v})"),
                "$.attributes: are more than 64");
        String doubled = "cel.bind(a, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', %s)";
        String times8 = doubled.formatted("a + a + a + a + a + a + a + a");
        assertFails(
                "{'device_id': " + times8 + ", 'payload': b''}",
                "$.device_id: has 264 characters, more than 256");
        assertFails(
                uplink("'attributes': {" + times8 + ": 1}"),
                "$.attributes: the name"
                        + " \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…\" has 264"
                        + " characters, not 1 to 128");
        assertFails(
                uplink("'attributes': {'a': lists.range(4097).map(i, 'b').join()}"),
                "$.attributes[\"a\"]: has 4097 characters, more than 4096");
        assertFails(
                uplink("'message_id': lists.range(513).map(i, 'b').join()"),
                "$.message_id: has 513 characters, more than 512");
    }

    /** As the registry counts them. */
    @Test
    void charactersAreCodePoints() throws Exception {
        String moons = "lists.range(%d).map(i, '🌕').join()";
        assertThat(
                        evaluate(
                                "{'external_id': " + moons.formatted(256) + ", 'payload': b''}",
                                message()))
                .hasSize(1);
        assertFails(
                "{'external_id': " + moons.formatted(257) + ", 'payload': b''}",
                "$.external_id: has 257 characters, more than 256");
        assertFails("{'external_id': ' ', 'payload': b''}", "$.external_id: is blank");
    }

    @Test
    void whatIsOfAnotherTypeIsRefused() {
        assertFails(
                "json_decode('7')", "$: the result is an int, not an object, a list of objects");
        assertFails("[1]", "$[0]: is an int, not an object");
        assertFails("{1: 1}", "$: \"1\" is no key of an uplink");
        assertFails("{'a\\nb': 1}", "$: \"a\\u000ab\" is no key of an uplink");
        assertFails(uplink("'attributes': []"), "$.attributes: is a list, not an object");
        assertFails(uplink("'attributes': {1: 'a'}"), "$.attributes: the key \"1\" is an int");
        assertFails(uplink("'attributes': {'': 'a'}"), "$.attributes: the name \"\" has 0");
        assertFails(uplink("'attributes': {'a\\tb': 1}"), "the name \"a\\u0009b\" has control");
        assertFails(
                uplink("'attributes': {'a': 0.0 / 0.0}"),
                "$.attributes[\"a\"]: is NaN, which is no number");
        assertFails(
                uplink("'attributes': {'a': received_at}"),
                "$.attributes[\"a\"]: is a timestamp, not a string");
        assertFails(uplink("'f_port': 18446744073709551615u"), "$.f_port: 18446744073709551615 is");
        assertFails(uplink("'message_id': 7"), "$.message_id: is an int, not a string");
        assertFails(
                uplink("'occurred_at': '2026-01-31T12:00:00Z'"),
                "$.occurred_at: is a string, not a timestamp: write timestamp(x)");
    }

    /** The planner leaves errors of operands in the result. */
    @Test
    void anErrorInTheResultSaysWhatFailed() {
        String fails = "json_decode('{').a == 1 || false";
        for (String expression :
                List.of(
                        "dyn(" + fails + ")",
                        "[" + fails + "]",
                        "{'device_id': dyn(" + fails + "), 'payload': payload}",
                        uplink("'f_port': dyn(" + fails + ")"),
                        uplink("'attributes': {'a': " + fails + "}"))) {
            assertThatThrownBy(() -> evaluate(expression, message()))
                    .as(expression)
                    .isInstanceOf(IntakeException.class)
                    .hasMessageContaining("json_decode: Unexpected end-of-input")
                    .hasMessageNotContaining("Exception")
                    .hasMessageNotContaining("ErrorValue");
        }
    }

    @Test
    void anErrorKnowsTheKeyOrThePlace() {
        assertThatThrownBy(() -> evaluate(uplink("'f_port': 256"), message()))
                .isInstanceOfSatisfying(
                        IntakeException.class,
                        e -> {
                            assertThat(e.path()).contains("$.f_port");
                            assertThat(e.explain()).isEqualTo(e.getMessage());
                        });
        assertThatThrownBy(
                        () ->
                                evaluate(
                                        "{'device_id': 'd',\n 'payload': base64.decode(topic)}",
                                        message("**aa", "", Map.of())))
                .isInstanceOfSatisfying(
                        IntakeException.class,
                        e -> {
                            assertThat(e.path()).isEmpty();
                            assertThat(e)
                                    .hasMessageStartingWith("2:26 ")
                                    .hasMessageContaining("Illegal base64 character 2a")
                                    .hasMessageEndingWith(", in: 'payload': base64.decode(topic)}");
                            assertThat(e.explain()).contains("\n").contains("^");
                        });
    }

    @Test
    void whatDoesNotCompileSaysWhere() {
        assertThatThrownBy(() -> COMPILER.compile("{\n 'device_id': topics}"))
                .isInstanceOfSatisfying(
                        TransformCompilationException.class,
                        e -> {
                            assertThat(e.issues()).hasSize(1);
                            Issue issue = e.issues().get(0);
                            assertThat(issue.line()).isEqualTo(2);
                            assertThat(issue.column()).isEqualTo(15);
                            assertThat(issue.message())
                                    .contains("undeclared reference to 'topics'");
                        });
        assertThatThrownBy(() -> COMPILER.compile("f_port"))
                .isInstanceOf(TransformCompilationException.class)
                .hasMessageContaining("undeclared reference to 'f_port'");
        assertThatThrownBy(() -> COMPILER.compile("size(payload)"))
                .isInstanceOf(TransformCompilationException.class)
                .hasMessageContaining("an intake expression gives an object")
                .hasMessageContaining("gives int");
    }

    @Test
    void aNameOfTransformsIsTranslated() {
        assertThat(COMPILER.warnings("{'device_id': topic, 'payload': input}"))
                .extracting(Issue::message)
                .containsExactly("the variable is called payload");
        assertThat(COMPILER.warnings("{'device_id': topic, 'occurred_at': timestamp}"))
                .extracting(Issue::message)
                .doesNotContain("the variable is called occurred_at");
    }

    /** The limits are those of transforms: nothing that is sent holds a thread for a second. */
    @Test
    void aHugeMessageEndsAtALimit() throws Exception {
        String gateways = "{\"rssi\":-1},".repeat(20_000);
        List<String> messages =
                List.of(
                        "{\"a\":\"" + "x".repeat(10_000_000) + "\"}",
                        "{\"end_device_ids\":{\"dev_eui\":\"a\"},\"uplink_message\":{\"f_port\":1,"
                                + "\"rx_metadata\":["
                                + gateways
                                + "{}]}}",
                        "[" + "1,".repeat(600_000) + "1]");
        for (IntakePreset preset : IntakePreset.values()) {
            if (preset == IntakePreset.RAW) {
                continue;
            }
            IntakeExpression expression = COMPILER.compile(preset.expression());
            for (String text : messages) {
                IntakeMessage message = message("?event=up", text, Map.of());
                long before = processorNanos();
                try {
                    List<Uplink> uplinks = expression.evaluate(message);
                    assertThat(uplinks).isEmpty();
                } catch (IntakeException e) {
                    assertThat(e.getMessage()).isNotEmpty().hasSizeLessThan(2_000);
                }
                assertThat(processorNanos() - before)
                        .as(preset + " " + text.substring(0, 30))
                        .isLessThan(Duration.ofSeconds(1).toNanos());
            }
        }
    }

    @Test
    void aMessageOfWhichEachUplinkHasTheWholeIsRefusedBeforeItFillsTheMemory() throws Exception {
        IntakeMessage large = message("", "x".repeat(900_000), Map.of("h", "x".repeat(4_096)));
        for (String each :
                List.of(
                        "{'device_id': 'd', 'payload': payload}",
                        "{'device_id': 'd', 'payload': b'', 'attributes': {"
                                + IntStream.range(0, 64)
                                        .mapToObj(number -> "'" + number + "': headers.h")
                                        .collect(Collectors.joining(", "))
                                + "}}")) {
            assertThatThrownBy(() -> evaluate("lists.range(1000).map(i, " + each + ")", large))
                    .isInstanceOf(IntakeException.class)
                    .hasMessageContaining(
                            "$: payloads and attributes of the uplinks have more than 4194304");
            assertThat(evaluate("lists.range(4).map(i, " + each + ")", large)).hasSize(4);
        }
        // One of any size is for whoever stores it to refuse.
        IntakeMessage huge = message("", "x".repeat(5 << 20), Map.of());
        assertThat(evaluate("[{'device_id': 'd', 'payload': payload}]", huge)).hasSize(1);
    }

    /** Saving it evaluates what is the same for every message. */
    @Test
    void anExpressionMayRefuseAMessageInItsOwnWords() throws Exception {
        String expression =
                "topic == 'known' ? [{'device_id': 'd', 'payload': payload}] : error('no such"
                        + " topic')";
        assertThat(evaluate(expression, message("known", "x", Map.of()))).hasSize(1);
        assertThatThrownBy(() -> evaluate(expression, message("other", "x", Map.of())))
                .isInstanceOf(IntakeException.class)
                .hasMessage("no such topic");
        assertThatThrownBy(
                        () ->
                                evaluate(
                                        "[{'device_id': topic == 'd' ? 'd' : error('no'),"
                                                + " 'payload': payload}]",
                                        message("other", "x", Map.of())))
                .hasMessage("no");
    }

    @Test
    void theLimitsAreThoseThatWereGiven() {
        IntakeCompiler narrow =
                IntakeCompiler.create(
                        new TransformLimits(
                                10_000, 100, 1 << 20, 32, 10_000, Duration.ofSeconds(2)));
        assertThatThrownBy(
                        () ->
                                narrow.compile("json_decode(payload)")
                                        .evaluate(message("", "[1,2,3,4,5,6,7,8]", Map.of())))
                .isInstanceOf(IntakeException.class)
                .hasMessageContaining("functionWork");
    }

    @Test
    void presetsAreFoundByTheirNames() {
        for (IntakePreset preset : IntakePreset.values()) {
            assertThat(IntakePreset.named(preset.presetName())).contains(preset);
            assertThat(COMPILER.warnings(preset.expression())).as(preset.presetName()).isEmpty();
        }
        assertThat(IntakePreset.named("")).isEmpty();
        assertThat(IntakePreset.named("RAW")).isEmpty();
    }

    private static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static String uplink(String key) {
        return "{'device_id': 'd', 'payload': payload, " + key + "}";
    }

    private static void assertFails(String expression, String message) {
        assertThatThrownBy(() -> evaluate(expression, message()))
                .isInstanceOf(IntakeException.class)
                .hasMessageContaining(message);
    }

    private static List<Uplink> evaluate(String expression, IntakeMessage message)
            throws TransformCompilationException, IntakeException {
        return COMPILER.compile(expression).evaluate(message);
    }

    private static IntakeMessage message() {
        return message("", "", Map.of());
    }

    private static IntakeMessage message(
            String topic, String payload, Map<String, String> headers) {
        return new IntakeMessage(
                topic, payload.getBytes(StandardCharsets.UTF_8), headers, RECEIVED_AT);
    }
}
