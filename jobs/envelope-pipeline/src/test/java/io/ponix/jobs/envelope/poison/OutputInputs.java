package io.ponix.jobs.envelope.poison;

import static io.ponix.jobs.envelope.poison.PoisonInput.changed;
import static io.ponix.jobs.envelope.poison.PoisonInput.letter;
import static io.ponix.jobs.envelope.poison.PoisonInput.row;
import static io.ponix.jobs.envelope.poison.PoisonInput.transformed;

import com.google.protobuf.ByteString;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.transforms.PayloadContract;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Results of transforms that JSON cannot hold, that ClickHouse does not take, or nearly so. */
final class OutputInputs {

    private static final int MANY = 5_000;
    private static final int MEGABYTE = 1_000_000;

    /** The contract of a definition that refuses {@link PoisonInput#TEMPERATURE}. */
    static final PayloadContract STRICT =
            new PayloadContract(
                    "true",
                    PoisonInput.LPP,
                    "{\"properties\":{\"temperature_1\":{\"maximum\":20}}}");

    static final String DEVICE_OF_STRICT_DEFINITION = "device-of-strict-definition";

    private OutputInputs() {}

    static List<PoisonInput> all() {
        return List.of(
                changed(
                        "a result that the schema refuses",
                        envelope -> envelope.setEndDeviceId(DEVICE_OF_STRICT_DEFINITION),
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_SCHEMA_VIOLATION,
                                "temperature_1")),
                invalid("NaN", "{'a': double('NaN')}", "$.a: JSON has no number NaN"),
                invalid("an infinity", "{'a': 1.0 / 0.0}", "$.a: JSON has no number Infinity"),
                invalid("a hidden infinity", "{'a': [{'b': [0.0, -1.0 / 0.0]}]}", "$.a[0].b[1]"),
                invalid("a list of numbers", "dyn([1, 2])", "$[0]: is an int, not an object"),
                invalid("one bad row", "[{'a': 1.0}, {'a': 1.0 / 0.0}]", "$[1].a: JSON has no"),
                invalid(
                        "a time that is a text",
                        "{'occurred_at': 'noon'}",
                        "$.occurred_at: the key"),
                invalid("a number", "dyn(27.2)", "not an object"),
                invalid("a text", "json_decode('\"a\"')", "not an object"),
                invalid("null", "json_decode('null')", "not an object"),
                invalid("a type", "dyn(type(1))", "not an object"),
                invalid("an absent optional", "{'a': optional.none()}", "optional"),
                invalid("a type in an object", "{'a': type(1)}", "$.a"),
                invalid("numbers as keys", "{dyn('a'): 1, dyn(2): 2}", "the key 2"),
                stored("nothing", "{}", "{}"),
                stored("null, which is nothing to ClickHouse", "{'a': null, 'b': 1}", "{\"b\":1}"),
                stored(
                        "the least and the greatest integers",
                        "{'a': -9223372036854775808, 'b': 9223372036854775807, 'c':"
                                + " 18446744073709551615u}",
                        "{\"a\":-9223372036854775808,\"b\":9223372036854775807,\"c\":18446744073709551615}"),
                stored(
                        "the least and the greatest doubles",
                        "{'a': 4.9e-324, 'b': 1.7976931348623157e308, 'c': -0.0, 'd': 1e22}",
                        "{\"a\":5e-324,\"b\":1.7976931348623157e308,\"c\":-0,\"d\":1e22}"),
                transformed(
                        "integers larger than any",
                        "json_decode(input)",
                        "{\"a\": 123456789012345678901234567890}",
                        row("integers larger than any", "{\"a\":1.2345678901234568e29}")),
                transformed(
                        "a number larger than any",
                        "json_decode(input)",
                        "{\"a\": 1e999}",
                        letter(DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT, "Infinity")),
                stored(
                        "texts that look like times",
                        "{'a': '2026-02-30', 'b': '2026-11-25 24:00:00', 'c': ['1969-12-31'], 'd':"
                                + " '2026-11-25T10:00:00+02:00', 'e': '2149-06-07'}",
                        "{\"a\":\"2026-02-30\",\"b\":\"2026-11-25 24:00:00\",\"c\":[\"1969-12-31\"],"
                                + "\"d\":\"2026-11-25T10:00:00+02:00\",\"e\":\"2149-06-07\"}"),
                stored(
                        "texts that look like numbers",
                        "{'a': '1', 'b': 'NaN', 'c': 'true', 'd': ['1', 1]}",
                        "{\"a\":\"1\",\"b\":\"NaN\",\"c\":\"true\",\"d\":[\"1\",1]}"),
                stored(
                        "a list of everything",
                        "{'a': [1, 'x', 1.5, true, null, [2, ['y']], {'b': [false, 1]}]}",
                        "{\"a\":[1,\"x\",1.5,true,null,[2,[\"y\"]],{\"b\":[false,1]}]}"),
                stored(
                        "one path of many types",
                        "{'same': [[{'x': 1}], 'x']}",
                        "{\"same\":[[{\"x\":1}],\"x\"]}"),
                stored("the same path as a number", "{'same': 1}", "{\"same\":1}"),
                stored("the same path as a text", "{'same': 'x'}", "{\"same\":\"x\"}"),
                stored(
                        "the same path as an object",
                        "{'same': {'x': {'y': 1}}}",
                        "{\"same\":{\"x\":{\"y\":1}}}"),
                stored(
                        "empty keys and dots as keys",
                        "{'': 1, '.x': 2, 'y.': 3}",
                        "{\"\":1,\"%2Ex\":2,\"y%2E\":3}"),
                stored("keys with dots", "{'a.b': 1, 'a.c.d': 2}", "{\"a%2Eb\":1,\"a%2Ec%2Ed\":2}"),
                stored(
                        "keys with quotes, control characters and NUL",
                        "{'\\\"': 1, '\\n': 2, '\\u0000': 3, '`': 4, '\\\\': 5}",
                        "{\"\\u0000\":3,\"\\n\":2,\"\\\"\":1,\"\\\\\":5,\"`\":4}"),
                stored(
                        "keys of ClickHouse's own syntax",
                        "{'^a': 1, 'a[]': 2, '*': 3}",
                        "{\"*\":3,\"^a\":1,\"a[]\":2}"),
                stored(
                        "a key with a dot beside a path",
                        "{'a': {'b': 1}, 'a.b': 2}",
                        "{\"a%2Eb\":2,\"a\":{\"b\":1}}"),
                invalid("a path twice", "{'a.b': 1, 'a%2Eb': 2}", "one name in ClickHouse"),
                invalid(
                        "a path twice in a list",
                        "{'l': [{'.': 1, '%2E': 2}]}",
                        "$.l[0]: the keys"),
                invalid(
                        "lists of numbers of no type",
                        "{'l': [dyn([18446744073709551615u, 1u]), dyn([-1, 1])]}",
                        "$.l: ClickHouse has no type"),
                refused("what the table forbids", "{'refused': true}", "469"),
                transformed(
                        "a key twice in a document",
                        "json_decode(input)",
                        "{\"a\": 1, \"a\": 2}",
                        row("a key twice in a document", "{\"a\":2}")),
                failing("a key twice in a transform", "{'a': 1, 'a': 2}", "a"),
                manyKeys(),
                stored(
                        "nested as deep as is allowed",
                        "{'a': " + nested(31, "1") + "}",
                        "{\"a\":" + nested(31, "1") + "}"),
                failing("nested one deeper", "{'a': " + nested(32, "1") + "}", "outputDepth"),
                transformed(
                        "nested 200 deep",
                        "json_decode(input)",
                        "{\"a\":" + nested(200, "1") + "}",
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                                "deeper than 64")),
                changed(
                        "invalid UTF-8 as text",
                        "{'a': string(input)}",
                        envelope -> envelope.setPayload(ByteString.fromHex("ff00fe")),
                        letter(DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED, "UTF-8")),
                changed(
                        "every byte",
                        "{'a': input}",
                        envelope -> envelope.setPayload(ByteString.fromHex(everyByte())),
                        row(
                                "every byte",
                                "{\"a\":\""
                                        + java.util.Base64.getEncoder()
                                                .encodeToString(
                                                        HexFormat.of().parseHex(everyByte()))
                                                .replace("/", "\\/")
                                        + "\"}")),
                transformed(
                        "control characters, NUL and surrogates as text",
                        "json_decode(input)",
                        "{\"a\": \"\\u0000\\u0001\\u001f\\u007f\\ud83d\\ude42\\ud800\"}",
                        row(
                                "control characters, NUL and surrogates as text",
                                "{\"a\":\"\\u0000\\u0001\\u001F\u007f🙂\ufffd\"}")),
                transformed(
                        "a text of 1 MB",
                        "{'a': string(input)}",
                        "x".repeat(MEGABYTE),
                        row("a text of 1 MB", "{\"a\":\"" + "x".repeat(MEGABYTE) + "\"}")),
                transformed(
                        "a text of 1 MiB",
                        "{'a': string(input)}",
                        "x".repeat(1 << 20),
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                                "outputBytes")),
                transformed(
                        "a key of 100 KB",
                        "{string(input): 1}",
                        "k".repeat(100_000),
                        row("a key of 100 KB", "{\"" + "k".repeat(100_000) + "\":1}")));
    }

    private static PoisonInput invalid(String name, String transform, String message) {
        return transformed(
                name,
                transform,
                letter(DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT, message));
    }

    private static PoisonInput failing(String name, String transform, String message) {
        return transformed(
                name,
                transform,
                letter(DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED, message));
    }

    private static PoisonInput stored(String name, String transform, String data) {
        return transformed(name, transform, row(name, data));
    }

    private static PoisonInput refused(String name, String transform, String message) {
        return transformed(
                name,
                transform,
                letter(DeadLetterReason.DEAD_LETTER_REASON_REJECTED_BY_STORE, message));
    }

    /** More keys than the JSON column keeps as columns of their own. */
    private static PoisonInput manyKeys() {
        String name = "5,000 keys";
        TreeMap<String, Integer> keys = new TreeMap<>();
        IntStream.range(0, MANY).forEach(i -> keys.put("k" + i, i));
        String json =
                keys.entrySet().stream()
                        .map(entry -> "\"" + entry.getKey() + "\":" + entry.getValue())
                        .collect(Collectors.joining(",", "{", "}"));
        return transformed(name, "json_decode(input)", json, row(name, json));
    }

    private static String nested(int depth, String value) {
        return "[".repeat(depth) + value + "]".repeat(depth);
    }

    private static String everyByte() {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < 256; i++) {
            hex.append(HexFormat.of().toHexDigits((byte) i));
        }
        return hex.toString();
    }
}
