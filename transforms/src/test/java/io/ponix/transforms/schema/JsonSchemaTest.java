package io.ponix.transforms.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.ponix.transforms.budget.BudgetExceededException;
import io.ponix.transforms.budget.WorkMeter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JsonSchemaTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"object\"}|{}|",
                "{\"properties\":{\"a\":false}}|{\"a\":1}|$.a: schema for 'a' is false",
                "{\"required\":[\"a\"]}|{}|$: required property 'a' not found",
                "{\"properties\":{\"a\":{\"type\":\"integer\"}}}|{\"a\":25.0}|",
                "{\"properties\":{\"a\":{\"type\":\"integer\"}}}|{\"a\":25.5}|$.a: number found, integer"
                        + " expected",
                "{\"properties\":{\"r\":{\"items\":{\"maximum\":3}}}}|{\"r\":[1,9]}|$.r[1]: must have a"
                        + " maximum value of 3",
                "{\"properties\":{\"a\":{\"multipleOf\":0.1}}}|{\"a\":27.2}|",
                "{\"properties\":{\"a\":{\"pattern\":\"^x+$\"}}}|{\"a\":\"xx\\n\"}|$.a: does not match the"
                        + " regex pattern ^x+$",
                // An annotation: the draft's default.
                "{\"properties\":{\"a\":{\"format\":\"email\"}}}|{\"a\":\"nobody\"}|",
                "{\"$defs\":{\"t\":{\"minimum\":0}},\"additionalProperties\":{\"$ref\":\"#/$defs/t\"}}|{\"a\":-1}|"
                        + "$.a: must have a minimum value of 0",
                "{\"properties\":{\"a\":true},\"unevaluatedProperties\":false}|{\"b\":1}|$: property 'b' is not"
                        + " evaluated and the schema does not allow unevaluated properties",
            })
    void acceptsAndRefuses(String schema, String document, String violation) throws Exception {
        List<SchemaViolation> violations = validate(schema, document);

        if (violation == null) {
            assertThat(violations).isEmpty();
        } else {
            assertThat(JsonSchema.told(violations)).isEqualTo(violation);
        }
    }

    @Test
    void tellsTheFirstOfManyViolations() throws Exception {
        String list = "1,".repeat(100) + "1";

        assertThat(
                        validate(
                                "{\"properties\":{\"a\":{\"items\":{\"type\":\"string\"}}}}",
                                "{\"a\":[" + list + "]}"))
                .hasSize(JsonSchema.VIOLATIONS_TOLD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", "{}", "{ }", "true", " true\n"})
    void aSchemaThatAcceptsAllNeedsNoCheck(String schema) {
        assertThat(JsonSchema.acceptsAll(schema)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "{\"type\":\"object\"}", "}{", "{", "null"})
    void othersDo(String schema) {
        assertThat(JsonSchema.acceptsAll(schema)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":|the schema is not JSON: Unexpected end-of-input",
                "{\"type\":\"object\"}{}|the schema is not JSON: Trailing token",
                "{\"type\":1,\"type\":2}|the schema is not JSON: Duplicate field 'type'",
                "[]|a schema is a JSON object, true or false",
                "{\"type\":\"objekt\"}|not a schema of draft 2020-12: $.type: does not have a value in the"
                        + " enumeration",
                "{\"properties\":{\"a\":{\"minimum\":\"0\"}}}|not a schema of draft 2020-12:"
                        + " $.properties.a.minimum: string found, number expected",
                "{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}|$schema is"
                        + " \"http://json-schema.org/draft-07/schema#\"; only draft 2020-12",
                "{\"properties\":{\"a\":{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}}}|Unknown"
                        + " dialect",
                "{\"$ref\":\"#/$defs/missing\"}|Reference /$defs/missing cannot be resolved",
                "{\"$ref\":\"#missing\"}|Reference missing cannot be resolved",
                "{\"$ref\":\"http://127.0.0.1:1/schema\"}|Schema from 'http://127.0.0.1:1/schema' is not"
                        + " allowed to be loaded",
                "{\"properties\":{\"a\":{\"$ref\":\"file:///etc/passwd\"}}}|Schema from 'file:///etc/passwd'",
                "{\"$ref\":\"classpath:/draft-07/schema\"}|Schema from 'classpath:/draft-07/schema'",
                "{\"pattern\":\"(a)\\\\1\"}|the pattern '(a)\\1' is not a regular expression in RE2's syntax",
                "{\"patternProperties\":{\"(?=a)\":{}}}|the pattern '(?=a)' is not a regular expression",
                "{\"pattern\":\"(a{100}){10}\"}|the pattern '(a{100}){10}' is too large",
            })
    void whatIsNoSchemaIsRefused(String schema, String message) {
        assertThatThrownBy(() -> JsonSchema.parse(schema))
                .isInstanceOf(InvalidJsonSchemaException.class)
                .message()
                .startsWith(message);
    }

    @Test
    void aSchemaMayReferToTheDraftsOwn() throws Exception {
        String schema =
                "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
                        + "\"properties\":{\"s\":{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}}}";

        assertThat(validate(schema, "{\"s\":{\"type\":\"object\"}}")).isEmpty();
        assertThat(JsonSchema.told(validate(schema, "{\"s\":{\"type\":1}}")))
                .startsWith("$.s.type: ");
    }

    @Test
    void aSchemaThatIsTooLongOrTooDeepIsRefused() {
        String longText = "\"" + "x".repeat(JsonSchema.MAX_LENGTH) + "\"";
        String deep = "{\"not\":".repeat(900) + "true" + "}".repeat(900);

        assertThatThrownBy(() -> JsonSchema.parse("{\"title\":" + longText + "}"))
                .hasMessage("the schema is longer than 65536 characters");
        assertThatThrownBy(() -> JsonSchema.parse("{\"not\":".repeat(2_000) + "true"))
                .isInstanceOf(InvalidJsonSchemaException.class);
        assertThatThrownBy(
                        () -> {
                            JsonSchema schema = JsonSchema.parse(deep);
                            validate(schema, "{}", 1_000);
                        })
                .isInstanceOf(Exception.class);
    }

    /** Each says: apply me to the same value again. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"$ref\":\"#\"}",
                "{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}",
                "{\"$dynamicAnchor\":\"a\",\"not\":{\"$dynamicRef\":\"#a\"}}",
            })
    void aSchemaWithoutAnEndEnds(String text) throws Exception {
        JsonSchema schema = JsonSchema.parse(text);

        assertThatThrownBy(() -> validate(schema, "{}", 10_000_000))
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void aSchemaThatTakesExponentialTimeGoesOverTheBudget() throws Exception {
        StringBuilder text = new StringBuilder("{\"$ref\":\"#/$defs/d40\",\"$defs\":{\"d0\":true");
        for (int i = 1; i <= 40; i++) {
            String next = "{\"$ref\":\"#/$defs/d" + (i - 1) + "\"}";
            text.append(",\"d" + i + "\":{\"allOf\":[" + next + "," + next + "]}");
        }
        JsonSchema schema = JsonSchema.parse(text.append("}}").toString());

        assertThatThrownBy(() -> validate(schema, "{}", 10_000_000))
                .hasMessageStartingWith("the evaluation goes over functionWork, 10000000 ");
    }

    @Test
    void aPatternTakesLinearTimeAndIsPaidFor() throws Exception {
        JsonSchema schema =
                JsonSchema.parse("{\"properties\":{\"a\":{\"pattern\":\"^(x+x+)+y$\"}}}");
        String document = "{\"a\":\"" + "x".repeat(100_000) + "\"}";

        assertThat(validate(schema, document, 10_000_000)).hasSize(1);
        assertThatThrownBy(() -> validate(schema, document, 50_000))
                .hasMessageStartingWith("the evaluation goes over functionWork, 50000 ");
    }

    static Stream<Arguments> overloads() {
        String collisions = colliding(30_000);
        String emptyObjects = "[" + "{},".repeat(100_000) + "{}]";
        String names =
                IntStream.range(0, 7_000)
                        .mapToObj(i -> "\"n" + i + "\"")
                        .collect(Collectors.joining(",", "[", "]"));
        return Stream.of(
                arguments("{\"uniqueItems\":true}", collisions),
                arguments(allOf("{\"uniqueItems\":true}", 2_000), "[" + ones(200_000) + "]"),
                arguments("{\"items\":{\"enum\":" + colliding(1_900) + "}}", collisions),
                arguments("{\"items\":{\"required\":" + names + "}}", emptyObjects),
                arguments(allOf("{\"minLength\":3}", 3_000), "\"" + "é".repeat(500_000) + "\""),
                arguments(allOf("{\"enum\":[[],1]}", 3_000), "[" + ones(300_000) + "]"),
                arguments(allOf("{\"contains\":{\"const\":2}}", 2_000), "[" + ones(300_000) + "]"),
                arguments(allOf("{\"additionalProperties\":false}", 1_500), object(60_000)),
                arguments(allOf("{\"propertyNames\":{\"maxLength\":1}}", 1_500), object(60_000)),
                arguments(allOf("{\"patternProperties\":{\"^x\":{}}}", 1_500), object(60_000)),
                arguments(allOf("{\"unevaluatedProperties\":false}", 1_500), object(60_000)));
    }

    @ParameterizedTest
    @MethodSource("overloads")
    void noSchemaTakesASecond(String text, String document) throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        JsonSchema schema = JsonSchema.parse(text);
        long parsed = threads.getCurrentThreadCpuTime();
        assertThat(Duration.ofNanos(parsed - start)).as("parse").isLessThan(Duration.ofSeconds(3));
        try {
            validate(schema, document, 10_000_000);
        } catch (BudgetExceededException e) {
            assertThat(e).hasMessageContaining("functionWork");
        }
        assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - parsed))
                .isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aViolationIsToldInAFewWords() throws Exception {
        List<SchemaViolation> violations =
                validate("{\"items\":{\"enum\":" + colliding(1_900) + "}}", "[1]");
        assertThat(violations).hasSize(1);
        assertThat(violations.get(0).toString()).hasSizeLessThan(700);
    }

    /** Texts of one hash. */
    private static String colliding(int count) {
        return IntStream.range(0, count)
                .mapToObj(
                        i ->
                                IntStream.range(0, 15)
                                        .mapToObj(bit -> (i >> bit & 1) == 0 ? "Aa" : "BB")
                                        .collect(Collectors.joining("", "\"", "\"")))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String allOf(String schema, int times) {
        return "{\"allOf\":[" + (schema + ",").repeat(times) + "{}]}";
    }

    private static String ones(int count) {
        return "1,".repeat(count) + "1";
    }

    private static String object(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"n" + i + "\":1")
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static List<SchemaViolation> validate(String schema, String document) throws Exception {
        return validate(JsonSchema.parse(schema), document, 10_000_000);
    }

    private static List<SchemaViolation> validate(JsonSchema schema, String document, long budget) {
        byte[] json = ("##" + document + "##").getBytes(StandardCharsets.UTF_8);
        WorkMeter.start(budget, Duration.ofSeconds(2));
        return schema.validate(json, 2, json.length - 4);
    }
}
