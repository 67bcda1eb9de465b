package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.cel.extensions.CelExtensions;
import io.ponix.transforms.functions.FunctionLibrary;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs every example of {@code docs/transforms.md} and {@code docs/decoders.md}. */
class CookbookTest {

    private static final TransformCompiler COMPILER =
            TransformCompiler.create().withDescriptors(TestMessages.of("weather.binpb"));
    private static final Cookbook COOKBOOK = Cookbook.read("transforms.md");
    private static final Cookbook DEVICES = Cookbook.read("decoders.md");

    @TestFactory
    Stream<DynamicTest> examplesGiveWhatThePageSays() {
        return examplesOf(COOKBOOK);
    }

    @TestFactory
    Stream<DynamicTest> realDevicesGiveWhatThePageSays() {
        return examplesOf(DEVICES);
    }

    private static Stream<DynamicTest> examplesOf(Cookbook page) {
        return page.examples().stream()
                .map(
                        example ->
                                dynamicTest(
                                        example.toString(),
                                        page.location(example.line()),
                                        () -> check(example)));
    }

    @TestFactory
    Stream<DynamicTest> whatOneDeviceSendsGivesWhatThePageSays() {
        return Stream.of(COOKBOOK, DEVICES)
                .flatMap(
                        page ->
                                page.series().stream()
                                        .map(
                                                series ->
                                                        dynamicTest(
                                                                series.get(0).toString(),
                                                                page.location(series.get(0).line()),
                                                                () -> checkSeries(series))));
    }

    private static void checkSeries(List<Cookbook.Example> series) throws Exception {
        PreviousResult previous = null;
        Instant time = Cookbook.DEFAULT_TIME;
        for (Cookbook.Example example : series) {
            TransformInput input =
                    input(example.payload(), example.fPort(), time).setPrevious(previous);
            JsonBuffer json = check(example, input);
            if (json.rowCount() > 0) {
                previous = PreviousResult.of(json.resultText(), time, example.fPort());
            }
            time = time.plus(Duration.ofMinutes(15));
        }
    }

    @TestFactory
    Stream<DynamicTest> contractsGiveWhatThePageSays() {
        return COOKBOOK.contractCases().stream()
                .map(
                        example ->
                                dynamicTest(
                                        example.toString(),
                                        COOKBOOK.location(example.line()),
                                        () -> check(example)));
    }

    @Test
    void contractsAreShownThatMatchDoNotMatchFailAndRefuse() {
        List<Cookbook.ContractCase> cases = COOKBOOK.contractCases();
        assertThat(cases).anyMatch(each -> each.contract() == PayloadContracts.NO_MATCH);
        assertThat(cases).anyMatch(each -> each.contract() > 0 && !each.isFailure());
        assertThat(cases).anyMatch(each -> each.result().startsWith("error: "));
        assertThat(cases).anyMatch(each -> each.result().startsWith("refused: "));
    }

    @Test
    void everyFunctionHasAnExample() {
        TreeSet<String> functions = new TreeSet<>();
        FunctionLibrary.all().forEach(library -> functions.addAll(library.names()));
        functions.addAll(CelExtensions.getAllFunctionNames());
        // What macros expand to.
        functions.removeIf(name -> name.contains("@"));
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
    void messagesAreThoseThatTheExamplesAreDecodedBy() throws Exception {
        assertThat(COOKBOOK.messages()).containsExactly(TestMessages.text("weather.proto"));
    }

    @Test
    void thereAreDecodersFromFixedLayoutsToTlv() {
        assertThat(COOKBOOK.decoders()).hasSizeGreaterThanOrEqualTo(8);
        assertThat(COOKBOOK.decoders()).anyMatch(text -> text.contains(".tlv("));
    }

    private static void check(Cookbook.Example example) throws Exception {
        check(example, input(example.payload(), example.fPort(), example.occurredAt()));
    }

    private static JsonBuffer check(Cookbook.Example example, TransformInput input)
            throws Exception {
        JsonBuffer json = new JsonBuffer();
        String actual;
        try {
            COMPILER.compile(example.transform()).evaluate(input, json);
            actual = json.resultText();
        } catch (TransformException | TransformCompilationException e) {
            actual = "error: " + e.getMessage();
        }
        if (example.isError()) {
            assertThat(actual).startsWith("error: ").contains(example.result());
        } else {
            assertThat(actual).isEqualTo(example.json());
        }
        assertThat(json.warnings()).isEqualTo(example.warnings());
        return json;
    }

    private static void check(Cookbook.ContractCase example) throws Exception {
        JsonBuffer json = new JsonBuffer();
        int contract;
        String actual;
        try {
            contract =
                    COMPILER.compile(example.contracts())
                            .evaluate(
                                    input(
                                            example.payload(),
                                            example.fPort(),
                                            Cookbook.DEFAULT_TIME),
                                    json);
            actual = json.resultText();
        } catch (ContractException e) {
            contract = e.contract();
            boolean isRefused = e.kind() == ContractException.Kind.SCHEMA_VIOLATION;
            actual = (isRefused ? "refused: " : "error: ") + e.getMessage();
        }
        assertThat(contract).as("the contract, from 0").isEqualTo(example.contract());
        if (example.isFailure()) {
            String[] parts = example.result().split(": ", 2);
            assertThat(actual).startsWith(parts[0] + ": ").contains(parts[1]);
        } else {
            assertThat(actual).isEqualTo(example.result());
        }
    }

    private static TransformInput input(byte[] payload, long fPort, Instant occurredAt) {
        return new TransformInput()
                .setPayload(payload)
                .setFPort(fPort)
                .setAttributes(Map.of("rssi", "-97"))
                .setOccurredAt(occurredAt.getEpochSecond(), occurredAt.getNano())
                .setDevice("d1g8pv3k0000", "Cellar 7", "org-001");
    }
}
