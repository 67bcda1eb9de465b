package io.ponix.cli.command;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.ponix.cli.program.FileProblem;
import io.ponix.transforms.TransformExample;
import io.ponix.transforms.TransformInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The file of {@code ponix cel test}: decoders, each with the transform and examples that prove it.
 * The help of {@link CelTestCommand} describes it.
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

    /**
     * A transform and what it is to give.
     *
     * @param name vendor and codec, as far as the file names them
     */
    record Decoder(String name, String expression, List<Example> examples) {}

    /**
     * @param title how a person finds it in the file
     */
    record Example(String title, TransformExample example) {}

    /** The file cannot be used; the message names it and the place in it. */
    static final class UnusableException extends Exception {
        UnusableException(String message) {
            super(message);
        }
    }

    static CelTestFile read(Path file) throws UnusableException {
        try {
            return new Reader().file(JSON.readTree(Files.readAllBytes(file)));
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
            String expression = text(node.path("cel"), place + ".cel");
            List<Example> examples = new ArrayList<>();
            for (JsonNode example : list(node.path("examples"), place + ".examples")) {
                examples.add(
                        example(
                                example,
                                examples.size() + 1,
                                place + ".examples[" + examples.size() + "]"));
            }
            return new Decoder(name, expression, examples);
        }

        private Example example(JsonNode node, int number, String place) throws UnusableException {
            String hex = text(node.path("hex"), place + ".hex");
            JsonNode port = node.has("fPort") ? node.get("fPort") : node.path("f_port");
            int fPort = port(port, place + ".fPort");
            TransformInput input =
                    new TransformInput()
                            .setPayload(payload(hex, place + ".hex"))
                            .setFPort(fPort)
                            .setAttributes(texts(node.path("attributes"), place + ".attributes"));
            Map<String, String> device = texts(node.path("device"), place + ".device");
            input.setDevice(device.get("id"), device.get("name"), device.get("organization"));
            String occurredAt = optionalText(node.path("occurred_at"), place + ".occurred_at");
            if (occurredAt != null) {
                Instant time = time(occurredAt, place + ".occurred_at");
                input.setOccurredAt(time.getEpochSecond(), time.getNano());
            }
            JsonNode expected = node.path("expected");
            return new Example(
                    "example " + number + " (port " + fPort + ", " + hex + ")",
                    example(input, expected, place + ".expected"));
        }

        private static TransformExample example(
                TransformInput input, JsonNode expected, String place) throws UnusableException {
            if (!expected.isContainerNode()) {
                throw new UnusableException(place + " is not an object or a list of objects");
            }
            try {
                return new TransformExample(input, expected.toString());
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
