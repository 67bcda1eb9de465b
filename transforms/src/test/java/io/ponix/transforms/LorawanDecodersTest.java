package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Decoders of real devices against the examples that their vendors published. Source and licence
 * are noted in the file.
 */
class LorawanDecodersTest {
    private static JsonNode file;

    @BeforeAll
    static void readFile() throws IOException {
        try (InputStream in =
                LorawanDecodersTest.class.getResourceAsStream("lorawan-decoders.json")) {
            file = new ObjectMapper().readTree(in);
        }
    }

    @Test
    void thereAreSeventeenDecodersWithSixtySixExamples() {
        assertThat(file.get("decoders")).hasSize(17);
        assertThat(file.findValues("examples").stream().mapToInt(JsonNode::size).sum())
                .isEqualTo(66);
    }

    @TestFactory
    Stream<DynamicContainer> everyPublishedExampleIsDecoded() {
        return decoders().stream()
                .map(
                        decoder ->
                                DynamicContainer.dynamicContainer(
                                        decoder.get("codec").textValue(), examples(decoder)));
    }

    private static List<JsonNode> decoders() {
        List<JsonNode> decoders = new ArrayList<>();
        file.get("decoders").forEach(decoders::add);
        return decoders;
    }

    private static Stream<DynamicTest> examples(JsonNode decoder) {
        PayloadContracts contracts;
        try {
            contracts =
                    TransformCompiler.create()
                            .compile(
                                    List.of(
                                            PayloadContract.always(
                                                    decoder.get("cel").textValue())));
        } catch (ContractCompilationException e) {
            throw new AssertionError(e.getMessage(), e);
        }
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode example : decoder.get("examples")) {
            String hex = example.get("hex").textValue();
            TransformInput input =
                    new TransformInput()
                            .setPayload(HexFormat.of().parseHex(hex))
                            .setFPort(example.get("fPort").intValue());
            ContractExample run = ContractExample.gives(input, example.get("expected").toString());
            tests.add(
                    DynamicTest.dynamicTest(
                            hex,
                            () ->
                                    assertThat(
                                                    run.run(
                                                                    contracts,
                                                                    file.get("tolerance")
                                                                            .doubleValue())
                                                            .failure())
                                            .isNull()));
        }
        return tests.stream();
    }
}
