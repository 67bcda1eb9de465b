package io.ponix.jobs.envelope.poison;

import static io.ponix.jobs.envelope.poison.PoisonInput.changed;
import static io.ponix.jobs.envelope.poison.PoisonInput.letter;
import static io.ponix.jobs.envelope.poison.PoisonInput.transformed;

import com.google.protobuf.ByteString;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.util.List;

/** Transforms that fail, do not end, or take all memory: within their budget, or not at all. */
final class BudgetInputs {

    private BudgetInputs() {}

    static List<PoisonInput> all() {
        return List.of(
                transformed(
                        "no expression",
                        " \n\t ",
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION,
                                "payload_conversion")),
                failing("no CEL", "SELECT * FROM devices", "1:15"),
                failing("an unknown variable", "{'a': inptu}", "inptu"),
                failing("an object that can only be a list", "[1, 2]", "JSON object"),
                failing("past the end of the payload", "{'a': input[1000]}", ""),
                failing("a missing attribute", "{'a': attributes['nope']}", "nope"),
                failing("a division by zero", "{'a': 1 / 0}", "zero"),
                failing("an integer that overflows", "{'a': 9223372036854775807 + f_port + 1}", ""),
                failing("a time out of range", "{'a': timestamp(99999999999999)}", ""),
                failing("a loop over a billion", "{'a': lists.range(1000000000)}", "functionWork"),
                failing(
                        "a loop without work",
                        "{'a': lists.range(1000).map(x, lists.range(1000).map(y, x * y))}",
                        "comprehensionIterations"),
                failing(
                        "loops in loops in loops",
                        "{'a': lists.range(99).all(a, lists.range(99).all(b, lists.range(99).all(c,"
                                + " lists.range(99).all(d, true))))}",
                        "comprehensionIterations"),
                failing("a text doubled 40 times", doubled("'x'", "v + v"), "functionWork"),
                failing("a list doubled 40 times", doubled("[1]", "v + v"), "functionWork"),
                failing("a list of itself, 25 times", doubled("[1]", "[v, v]", 25), ""),
                failing("an object of itself", doubled("{'a': 1}", "{'a': v, 'b': v}", 30), ""),
                failing(
                        "a text replaced by itself",
                        doubled("'xx'", "v.replace('x', v)", 20),
                        "functionWork"),
                failing(
                        "a regular expression that backtracks",
                        "{'a': lists.range(9000).filter(i,"
                                + " 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"
                                + ".matches('(a|a|b)*(a|b|a)*c')).size()}",
                        "functionWork"),
                failing("an expression nested 2,000 deep", "{'a': " + parentheses(2_000) + "}", ""),
                failing("an expression of 16,000 terms", "{'a': 1" + "+1".repeat(16_000) + "}", ""),
                failing("an expression of 40,000 characters", " ".repeat(40_000) + "{}", "32768"),
                transformed(
                        "a document of 100,000 brackets",
                        "json_decode(input)",
                        "[".repeat(100_000),
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                                "json_decode")),
                transformed(
                        "a document of 8 MB",
                        "json_decode(input)",
                        "{\"a\":[" + "1,".repeat(4_000_000) + "1]}",
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
                                "functionWork")),
                binary(
                        "a CBOR list of 4 billion",
                        "cbor_decode(input)",
                        "9affffffff",
                        "cbor_decode"),
                binary("a CBOR text of 2 GB", "cbor_decode(input)", "7a7fffffff61", "cbor_decode"),
                binary("CBOR without an end", "cbor_decode(input)", "bf616101", "cbor_decode"),
                binary(
                        "Cayenne LPP that ends early",
                        "cayenne_lpp_decode(input)",
                        "016701",
                        "Cayenne LPP"),
                binary(
                        "Cayenne LPP of an unknown type",
                        "cayenne_lpp_decode(input)",
                        "01fe0110",
                        "Cayenne LPP"));
    }

    private static PoisonInput failing(String name, String transform, String message) {
        return transformed(
                name,
                transform,
                letter(DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED, message));
    }

    private static PoisonInput binary(
            String name, String transform, String payload, String message) {
        return changed(
                name,
                transform,
                envelope -> envelope.setPayload(ByteString.fromHex(payload)),
                letter(DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED, message));
    }

    private static String doubled(String start, String step) {
        return doubled(start, step, 40);
    }

    /** {@code v} is the step, applied that many times to the start. */
    private static String doubled(String start, String step, int times) {
        return "{'a': cel.bind(v, "
                + start
                + ", "
                + ("cel.bind(v, " + step + ", ").repeat(times)
                + "v"
                + ")".repeat(times + 1)
                + "}";
    }

    private static String parentheses(int depth) {
        return "(".repeat(depth) + "1" + ")".repeat(depth);
    }
}
