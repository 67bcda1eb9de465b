package io.ponix.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The presets on messages as network servers send them, most of them published by their makers: the
 * source is noted with each in {@code captured/<preset>.json}.
 */
class CapturedMessagesTest {
    private static final Instant RECEIVED_AT = Instant.parse("2026-01-31T12:00:00Z");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TestFactory
    Stream<DynamicContainer> everyMessageMeansWhatIsExpected() {
        return Arrays.stream(IntakePreset.values())
                .map(
                        preset ->
                                DynamicContainer.dynamicContainer(
                                        preset.presetName(), tests(preset)));
    }

    @Test
    void noTwoMessagesOfAPresetHaveOneMessageId() throws Exception {
        for (IntakePreset preset : IntakePreset.values()) {
            List<String> ids = new ArrayList<>();
            for (JsonNode example : examples(preset)) {
                if (!example.path("expected").isTextual() && !example.has("same_message_as")) {
                    example.get("expected")
                            .forEach(uplink -> ids.add(uplink.path("message_id").asText()));
                }
            }
            ids.removeIf(String::isEmpty);
            assertThat(ids).doesNotHaveDuplicates();
        }
    }

    /** A retry, or the same by another way. */
    @Test
    void oneMessageMeansTheSameWheneverItComes() {
        int retries = 0;
        for (IntakePreset preset : IntakePreset.values()) {
            Map<String, JsonNode> expected = new HashMap<>();
            for (JsonNode example : examples(preset)) {
                expected.put(example.get("title").textValue(), example.get("expected"));
                if (example.has("same_message_as")) {
                    retries++;
                    assertThat(example.get("expected"))
                            .isEqualTo(expected.get(example.get("same_message_as").textValue()));
                }
            }
        }
        assertThat(retries).isGreaterThan(10);
    }

    @Test
    void attributesHaveTheSameNamesInAllPresets() throws Exception {
        TreeSet<String> names = new TreeSet<>();
        for (IntakePreset preset : IntakePreset.values()) {
            for (JsonNode example : examples(preset)) {
                example.path("expected")
                        .forEach(
                                uplink ->
                                        uplink.path("attributes")
                                                .fieldNames()
                                                .forEachRemaining(names::add));
            }
        }
        assertThat(names)
                .containsExactly(
                        "bandwidth",
                        "battery",
                        "bit_rate",
                        "event",
                        "frame_counter",
                        "frequency",
                        "gateway_id",
                        "rssi",
                        "snr",
                        "spreading_factor");
    }

    private static Stream<DynamicTest> tests(IntakePreset preset) {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode example : examples(preset)) {
            tests.add(
                    DynamicTest.dynamicTest(
                            example.get("title").textValue(), () -> check(preset, example)));
        }
        return tests.stream();
    }

    private static void check(IntakePreset preset, JsonNode example) throws Exception {
        IntakeMessage message = message(example);
        IntakeExpression expression = IntakeCompiler.create().compile(preset.expression());
        JsonNode expected = example.get("expected");
        if (expected.isTextual()) {
            String error;
            try {
                error = "no error but " + UplinkText.of(expression.evaluate(message), message);
            } catch (IntakeException e) {
                error = e.getMessage();
            }
            assertThat(error).contains(expected.textValue());
            assertThat(error).doesNotContain("\n").hasSizeLessThan(2_000);
        } else {
            assertThat(UplinkText.of(expression.evaluate(message), message).toPrettyString())
                    .isEqualTo(expected.toPrettyString());
        }
    }

    /** {@code message} is JSON, {@code text} the text itself, {@code hex} bytes. */
    private static IntakeMessage message(JsonNode example) throws IOException {
        byte[] payload;
        if (example.has("hex")) {
            payload = HexFormat.of().parseHex(example.get("hex").textValue());
        } else if (example.has("text")) {
            payload = example.get("text").textValue().getBytes(StandardCharsets.UTF_8);
        } else {
            payload = MAPPER.writeValueAsBytes(example.get("message"));
        }
        Map<String, String> headers = new HashMap<>();
        example.path("headers")
                .properties()
                .forEach(each -> headers.put(each.getKey(), each.getValue().textValue()));
        return new IntakeMessage(example.path("topic").asText(), payload, headers, RECEIVED_AT);
    }

    private static JsonNode examples(IntakePreset preset) {
        String resource = "captured/" + preset.presetName() + ".json";
        try (InputStream in = CapturedMessagesTest.class.getResourceAsStream(resource)) {
            return MAPPER.readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException(resource, e);
        }
    }
}
