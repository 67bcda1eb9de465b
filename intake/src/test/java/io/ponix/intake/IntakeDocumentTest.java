package io.ponix.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ponix.transforms.TransformCompilationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs every example of {@code docs/intake.md}: the rows of tables with the columns {@code
 * expression | uplinks} or {@code expression | refused when it is saved}, and under the name of a
 * preset the pairs of blocks, a message and what comes of it.
 */
class IntakeDocumentTest {
    private static final Path PAGE = Path.of(System.getProperty("ponix.root"), "docs", "intake.md");

    private static final Instant RECEIVED_AT = Instant.parse("2026-01-31T12:00:00Z");

    private static final Pattern ROW = Pattern.compile("\\| `(.+)` \\| (error: )?`(.+)` \\|");

    private static final Pattern SECTION = Pattern.compile("### `(.+)`");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TestFactory
    Stream<DynamicTest> rowsGiveWhatThePageSays() throws IOException {
        return rows("| expression | uplinks |", 9)
                .map(
                        row ->
                                dynamicTest(
                                        row.group(1),
                                        () ->
                                                checkRow(
                                                        row.group(1),
                                                        row.group(2) != null,
                                                        row.group(3))));
    }

    @TestFactory
    Stream<DynamicTest> rowsAreRefusedWhenTheyAreSavedAsThePageSays() throws IOException {
        return rows("| expression | refused when it is saved |", 15)
                .map(
                        row ->
                                dynamicTest(
                                        row.group(1),
                                        () ->
                                                assertThat(refusal(row.group(1)))
                                                        .contains(row.group(3))));
    }

    /** Of what does not compile, too. */
    private static String refusal(String expression) {
        try {
            return IntakeCompiler.create().neverAnUplink(expression).orElseThrow().getMessage();
        } catch (TransformCompilationException e) {
            return e.getMessage();
        }
    }

    private static Stream<Matcher> rows(String head, int least) throws IOException {
        List<Matcher> rows = new ArrayList<>();
        boolean inTable = false;
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = ROW.matcher(line);
            inTable = line.equals(head) || inTable && line.startsWith("|");
            if (inTable && row.matches()) {
                rows.add(row);
            }
        }
        assertThat(rows).as(head).hasSizeGreaterThanOrEqualTo(least);
        return rows.stream();
    }

    private static void checkRow(String expression, boolean isError, String expected)
            throws Exception {
        IntakeMessage message =
                new IntakeMessage(
                        "site/7",
                        "{\"t\": 21.5}".getBytes(StandardCharsets.UTF_8),
                        Map.of("x-kind", "a"),
                        RECEIVED_AT);
        assertThat(IntakeCompiler.create().neverAnUplink(expression)).isEmpty();
        String actual;
        try {
            actual =
                    UplinkText.of(
                                    IntakeCompiler.create().compile(expression).evaluate(message),
                                    message)
                            .toString();
        } catch (IntakeException e) {
            actual = "error: " + e.getMessage();
        }
        if (isError) {
            assertThat(actual).startsWith("error: ").contains(expected);
        } else {
            assertThat(actual).isEqualTo(expected);
        }
    }

    @TestFactory
    Stream<DynamicTest> presetsGiveWhatThePageSays() throws IOException {
        return blocks().entrySet().stream()
                .map(each -> dynamicTest(each.getKey(), () -> checkPreset(each)));
    }

    private static void checkPreset(Map.Entry<String, List<String>> blocks) throws Exception {
        IntakePreset preset = IntakePreset.named(blocks.getKey()).orElseThrow();
        assertThat(blocks.getValue()).hasSize(2);
        JsonNode given = MAPPER.readTree(blocks.getValue().get(0));
        byte[] payload =
                given.has("hex")
                        ? HexFormat.of().parseHex(given.get("hex").textValue())
                        : MAPPER.writeValueAsBytes(given.get("message"));
        IntakeMessage message =
                new IntakeMessage(given.path("topic").asText(), payload, Map.of(), RECEIVED_AT);
        assertThat(
                        UplinkText.of(
                                        IntakeCompiler.create()
                                                .compile(preset.expression())
                                                .evaluate(message),
                                        message)
                                .toPrettyString())
                .isEqualTo(MAPPER.readTree(blocks.getValue().get(1)).toPrettyString());
    }

    @Test
    void everyPresetIsListedAndHasAnExample() throws IOException {
        List<String> names =
                Arrays.stream(IntakePreset.values()).map(IntakePreset::presetName).toList();
        assertThat(blocks()).containsOnlyKeys(names);
        String page = Files.readString(PAGE);
        for (String name : names) {
            assertThat(page).contains("| [`" + name + "`](../intake/src/main/resources");
            assertThat(
                            Path.of(
                                    System.getProperty("ponix.root"),
                                    "intake/src/main/resources/io/ponix/intake/presets",
                                    name + ".cel"))
                    .exists();
        }
    }

    /** The blocks of JSON by the preset under whose name they are. */
    private static Map<String, List<String>> blocks() throws IOException {
        Map<String, List<String>> blocks = new LinkedHashMap<>();
        String preset = null;
        StringBuilder block = null;
        for (String line : Files.readAllLines(PAGE)) {
            Matcher section = SECTION.matcher(line);
            if (section.matches()) {
                preset = section.group(1);
                blocks.put(preset, new ArrayList<>());
            } else if (line.equals("```json")) {
                block = new StringBuilder();
            } else if (line.equals("```") && block != null) {
                blocks.get(preset).add(block.toString());
                block = null;
            } else if (block != null) {
                block.append(line).append('\n');
            }
        }
        return blocks;
    }
}
