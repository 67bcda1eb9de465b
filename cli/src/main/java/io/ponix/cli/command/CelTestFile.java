package io.ponix.cli.command;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.ponix.cli.program.FileProblem;
import io.ponix.transforms.ContractExample;
import io.ponix.transforms.PayloadContract;
import io.ponix.transforms.PayloadContract.Part;
import io.ponix.transforms.PayloadContracts;
import io.ponix.transforms.PreviousResult;
import io.ponix.transforms.TransformInput;
import io.ponix.transforms.functions.MessageDescriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The file of {@code ponix cel test}: decoders, each with a transform or contracts, and examples
 * that prove it. The help of {@link CelTestCommand} describes it.
 *
 * @param tolerance how far a number may be away from what is expected
 */
record CelTestFile(double tolerance, List<Decoder> decoders) {

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final int LARGEST_PORT = 255;

    // What an example may expect, named as in the examples of a definition.
    private static final String EXPECTED = "expected";
    private static final String EXPECTED_JSON = "expected_json";
    private static final String EXPECTED_ERROR = "expected_error";
    private static final String EXPECTED_NO_MATCH = "expected_no_match";
    private static final String EXPECTED_WARNINGS = "expected_warnings";

    private static final String PREVIOUS = "previous";

    private static final List<String> OUTCOMES =
            List.of(EXPECTED, EXPECTED_JSON, EXPECTED_ERROR, EXPECTED_NO_MATCH);

    /**
     * Contracts and what they are to give.
     *
     * @param name vendor and codec, as far as the file names them
     * @param alone whether the file has a transform only, which is the one contract
     * @param messages that the contracts name
     */
    record Decoder(
            String name,
            boolean alone,
            List<PayloadContract> contracts,
            MessageDescriptors messages,
            List<Example> examples) {}

    /**
     * @param title how a person finds it in the file
     */
    record Example(String title, ContractExample example) {}

    /** The file cannot be used; the message names it and the place in it. */
    static final class UnusableException extends Exception {
        UnusableException(String message) {
            super(message);
        }
    }

    static CelTestFile read(Path file) throws UnusableException {
        try {
            return new Reader(file).file(JSON.readTree(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            throw new UnusableException(file + " does not exist");
        } catch (JsonProcessingException e) {
            throw new UnusableException(
                    file
                            + " is not JSON: "
                            + e.getOriginalMessage()
                            + " at line "
                            + e.getLocation().getLineNr()
                            + ", column "
                            + e.getLocation().getColumnNr());
        } catch (IOException e) {
            throw new UnusableException(file + " cannot be read: " + FileProblem.of(e));
        } catch (UnusableException e) {
            throw new UnusableException(file + ": " + e.getMessage());
        }
    }

    /** Reads the tree; what it expects and does not find it names by its place. */
    private static final class Reader {
        private final Path path;

        /**
         * @param path of the file, whose folder the paths in it begin in
         */
        Reader(Path path) {
            this.path = path;
        }

        CelTestFile file(JsonNode root) throws UnusableException {
            JsonNode tolerance = root.path("tolerance");
            if (!tolerance.isMissingNode()
                    && (!tolerance.isNumber() || !(tolerance.doubleValue() >= 0))) {
                throw new UnusableException("tolerance is not a number of 0 or more");
            }
            List<Decoder> decoders = new ArrayList<>();
            for (JsonNode decoder : list(root.path("decoders"), "decoders")) {
                decoders.add(decoder(decoder, "decoders[" + decoders.size() + "]"));
            }
            return new CelTestFile(tolerance.asDouble(0), decoders);
        }

        private Decoder decoder(JsonNode node, String place) throws UnusableException {
            String vendor = optionalText(node.path("vendor"), place + ".vendor");
            String codec = optionalText(node.path("codec"), place + ".codec");
            String name =
                    vendor == null && codec == null
                            ? place
                            : codec == null
                                    ? vendor
                                    : vendor == null ? codec : vendor + "/" + codec;
            boolean alone = !node.has("contracts");
            if (!alone && node.has("cel")) {
                throw new UnusableException(place + " has both cel and contracts");
            }
            List<PayloadContract> contracts =
                    alone
                            ? List.of(
                                    PayloadContract.always(text(node.path("cel"), place + ".cel")))
                            : contracts(node.get("contracts"), place + ".contracts");
            List<Example> examples = new ArrayList<>();
            for (JsonNode example : list(node.path("examples"), place + ".examples")) {
                examples.add(
                        example(
                                example,
                                examples.size() + 1,
                                place + ".examples[" + examples.size() + "]"));
            }
            return new Decoder(
                    name, alone, contracts, messages(node.path("descriptors"), place), examples);
        }

        private static List<PayloadContract> contracts(JsonNode node, String place)
                throws UnusableException {
            int size = list(node, place).size();
            if (size > PayloadContracts.MAX_CONTRACTS) {
                throw new UnusableException(
                        place + " has more than " + PayloadContracts.MAX_CONTRACTS);
            }
            List<PayloadContract> contracts = new ArrayList<>();
            for (JsonNode contract : node) {
                String at = place + "[" + contracts.size() + "].";
                contracts.add(
                        new PayloadContract(
                                orEmpty(contract, Part.MATCH_EXPRESSION.field(), at),
                                text(
                                        contract.path(Part.TRANSFORM_EXPRESSION.field()),
                                        at + Part.TRANSFORM_EXPRESSION.field()),
                                orEmpty(contract, Part.JSON_SCHEMA.field(), at)));
            }
            return contracts;
        }

        private static String orEmpty(JsonNode node, String key, String place)
                throws UnusableException {
            String text = optionalText(node.path(key), place + key);
            return text == null ? "" : text;
        }

        private MessageDescriptors messages(JsonNode node, String place) throws UnusableException {
            String name = optionalText(node, place + ".descriptors");
            if (name == null) {
                return MessageDescriptors.NONE;
            }
            try {
                return DescriptorFile.read(path.resolveSibling(name));
            } catch (DescriptorFile.UnusableException e) {
                throw new UnusableException(place + ".descriptors: " + e.getMessage());
            }
        }

        private Example example(JsonNode node, int number, String place) throws UnusableException {
            byte[] payload = payload(node, place);
            JsonNode port = node.has("fPort") ? node.get("fPort") : node.path("f_port");
            int fPort = port(port, place + ".fPort");
            TransformInput input =
                    new TransformInput()
                            .setPayload(payload)
                            .setFPort(fPort)
                            .setAttributes(texts(node.path("attributes"), place + ".attributes"));
            Map<String, String> device = texts(node.path("device"), place + ".device");
            String id = optionalText(node.path("device_id"), place + ".device_id");
            String name = optionalText(node.path("device_name"), place + ".device_name");
            input.setDevice(
                    id == null ? device.get("id") : id,
                    name == null ? device.get("name") : name,
                    device.get("organization"));
            String occurredAt = optionalText(node.path("occurred_at"), place + ".occurred_at");
            if (occurredAt != null) {
                Instant time = time(occurredAt, place + ".occurred_at");
                input.setOccurredAt(time.getEpochSecond(), time.getNano());
            }
            if (node.has(PREVIOUS)) {
                input.setPrevious(previous(node.get(PREVIOUS), place + "." + PREVIOUS));
            }
            String shown =
                    node.has("hex")
                            ? node.get("hex").textValue()
                            : HexFormat.of().formatHex(payload);
            return new Example(
                    "example " + number + " (port " + fPort + ", " + shown + ")",
                    example(input, node, place));
        }

        /** As a definition's example has it: the result as text, its time and port. */
        private static PreviousResult previous(JsonNode node, String place)
                throws UnusableException {
            String occurredAt = optionalText(node.path("occurred_at"), place + ".occurred_at");
            try {
                return PreviousResult.of(
                        text(node.path("json"), place + ".json"),
                        occurredAt == null
                                ? Instant.EPOCH
                                : time(occurredAt, place + ".occurred_at"),
                        port(node.path("f_port"), place + ".f_port"));
            } catch (IllegalArgumentException e) {
                throw new UnusableException(place + ".json: " + e.getMessage());
            }
        }

        private static byte[] payload(JsonNode node, String place) throws UnusableException {
            if (node.has("hex") || !node.has("payload")) {
                return payload(text(node.path("hex"), place + ".hex"), place + ".hex");
            }
            try {
                return Base64.getDecoder().decode(text(node.path("payload"), place + ".payload"));
            } catch (IllegalArgumentException e) {
                throw new UnusableException(place + ".payload is not base64: " + e.getMessage());
            }
        }

        private static ContractExample example(TransformInput input, JsonNode node, String place)
                throws UnusableException {
            List<String> outcomes = OUTCOMES.stream().filter(node::has).toList();
            if (outcomes.size() > 1) {
                throw new UnusableException(
                        place + " expects more than one of " + String.join(", ", OUTCOMES));
            }
            String outcome = outcomes.isEmpty() ? EXPECTED : outcomes.get(0);
            String at = place + "." + outcome;
            JsonNode expected = node.path(outcome);
            switch (outcome) {
                case EXPECTED_ERROR:
                    return ContractExample.fails(input, text(expected, at));
                case EXPECTED_NO_MATCH:
                    if (!expected.isBoolean() || !expected.booleanValue()) {
                        throw new UnusableException(at + " is not true");
                    }
                    return ContractExample.matchesNothing(input);
                case EXPECTED_JSON:
                    return gives(input, text(expected, at), warnings(node, place), at);
                default:
                    return gives(input, expected.toString(), warnings(node, place), at);
            }
        }

        private static List<String> warnings(JsonNode node, String place) throws UnusableException {
            List<String> warnings = new ArrayList<>();
            if (node.has(EXPECTED_WARNINGS)) {
                String at = place + "." + EXPECTED_WARNINGS;
                for (JsonNode warning : list(node.get(EXPECTED_WARNINGS), at)) {
                    warnings.add(text(warning, at + "[" + warnings.size() + "]"));
                }
            }
            return warnings;
        }

        private static ContractExample gives(
                TransformInput input, String json, List<String> warnings, String place)
                throws UnusableException {
            try {
                return ContractExample.gives(input, json, warnings);
            } catch (IllegalArgumentException e) {
                throw new UnusableException(place + " is not an object or a list of objects");
            }
        }

        private static int port(JsonNode node, String place) throws UnusableException {
            if (node.isMissingNode()) {
                return 0;
            }
            if (!node.isInt() || node.intValue() < 0 || node.intValue() > LARGEST_PORT) {
                throw new UnusableException(place + " is not an integer from 0 to " + LARGEST_PORT);
            }
            return node.intValue();
        }

        private static byte[] payload(String hex, String place) throws UnusableException {
            try {
                return HexFormat.of().parseHex(hex.replaceAll("[\\s:]", ""));
            } catch (IllegalArgumentException e) {
                throw new UnusableException(place + " is not hexadecimal: " + e.getMessage());
            }
        }

        private static Instant time(String text, String place) throws UnusableException {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                throw new UnusableException(place + " is not a time like 2026-11-21T09:00:00Z");
            }
        }

        /** A list of at least one element: a file without would test nothing and call it passed. */
        private static JsonNode list(JsonNode node, String place) throws UnusableException {
            if (!node.isArray() || node.isEmpty()) {
                throw new UnusableException(place + " is not a list of at least one");
            }
            return node;
        }

        private static String text(JsonNode node, String place) throws UnusableException {
            if (!node.isTextual()) {
                throw new UnusableException(place + " is not a string");
            }
            return node.textValue();
        }

        private static String optionalText(JsonNode node, String place) throws UnusableException {
            return node.isMissingNode() ? null : text(node, place);
        }

        private static Map<String, String> texts(JsonNode node, String place)
                throws UnusableException {
            if (node.isMissingNode()) {
                return Map.of();
            }
            if (!node.isObject()) {
                throw new UnusableException(place + " is not an object");
            }
            Map<String, String> texts = new HashMap<>();
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                texts.put(entry.getKey(), text(entry.getValue(), place + "." + entry.getKey()));
            }
            return texts;
        }
    }
}
