package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.cel.extensions.CelExtensions;
import io.ponix.transforms.functions.BytesFunctions;
import io.ponix.transforms.functions.CayenneLppFunctions;
import io.ponix.transforms.functions.DocumentFunctions;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs every example of {@code docs/transforms.md}. */
class CookbookTest {

    private static final TransformCompiler COMPILER = TransformCompiler.create();
    private static final Cookbook COOKBOOK = Cookbook.read();

    @TestFactory
    Stream<DynamicTest> examplesGiveWhatThePageSays() {
        return COOKBOOK.examples().stream()
                .map(
                        example ->
                                dynamicTest(
                                        example.toString(),
                                        COOKBOOK.location(example),
                                        () -> check(example)));
    }

    @Test
    void everyFunctionHasAnExample() {
        TreeSet<String> functions = new TreeSet<>(BytesFunctions.names());
        functions.addAll(DocumentFunctions.names());
        functions.add(CayenneLppFunctions.DECODE);
        functions.addAll(CelExtensions.getAllFunctionNames());
        // Not part of the language of transforms, or what macros expand to.
        functions.removeIf(name -> name.startsWith("regex.") || name.contains("@"));
        List<String> expressions =
                COOKBOOK.examples().stream().map(Cookbook.Example::expression).toList();
        functions.removeIf(
                name -> {
                    Pattern call = Pattern.compile("(^|[^a-zA-Z_])" + Pattern.quote(name) + "\\(");
                    return expressions.stream().anyMatch(text -> call.matcher(text).find());
                });
        assertThat(functions).as("functions without an example").isEmpty();
    }

    @Test
    void thereAreDecodersFromFixedLayoutsToTlv() {
        assertThat(COOKBOOK.decoders()).hasSizeGreaterThanOrEqualTo(8);
        assertThat(COOKBOOK.decoders()).anyMatch(text -> text.contains(".tlv("));
    }

    private static void check(Cookbook.Example example) throws Exception {
        TransformInput input =
                new TransformInput()
                        .setPayload(example.payload())
                        .setFPort(example.fPort())
                        .setAttributes(Map.of("rssi", "-97"))
                        .setOccurredAt(1_769_860_800L, 250_000_000)
                        .setDevice("d1g8pv3k0000", "Cellar 7", "org-001");
        JsonBuffer json = new JsonBuffer();
        String actual;
        try {
            COMPILER.compile(example.transform()).evaluate(input, json);
            actual = json.toString();
        } catch (TransformException | TransformCompilationException e) {
            actual = "error: " + e.getMessage();
        }
        if (example.isError()) {
            assertThat(actual).startsWith("error: ").contains(example.result());
        } else {
            assertThat(actual).isEqualTo(example.json());
        }
    }
}
