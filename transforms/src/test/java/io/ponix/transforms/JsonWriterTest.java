package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.ponix.transforms.TransformException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JsonWriterTest {
    private static final ObjectMapper JACKSON = new ObjectMapper();

    private final JsonBuffer out = new JsonBuffer();

    @ParameterizedTest
    @MethodSource
    void writesEveryKindOfValue(Object value, String json) throws Exception {
        assertThat(write(Map.of("v", value))).isEqualTo("{\"v\":" + json + "}");
    }

    static List<Object[]> writesEveryKindOfValue() {
        return List.of(
                new Object[] {25L, "25"},
                new Object[] {25.0, "25.0"},
                new Object[] {27.2, "27.2"},
                new Object[] {Long.MIN_VALUE, "-9223372036854775808"},
                new Object[] {UnsignedLong.MAX_VALUE, "18446744073709551615"},
                new Object[] {true, "true"},
                new Object[] {false, "false"},
                new Object[] {NullValue.NULL_VALUE, "null"},
                new Object[] {"", "\"\""},
                new Object[] {CelByteString.of(new byte[] {1, 2, 3, -1}), "\"AQID/w==\""},
                new Object[] {CelByteString.EMPTY, "\"\""},
                new Object[] {Instant.EPOCH, "\"1970-01-01T00:00:00Z\""},
                new Object[] {
                    Instant.parse("2026-11-21T09:00:00.5Z"), "\"2026-11-21T09:00:00.500Z\""
                },
                new Object[] {Duration.ZERO, "\"0s\""},
                new Object[] {Duration.ofMillis(-1500), "\"-1.500s\""},
                new Object[] {Duration.ofSeconds(90), "\"90s\""},
                new Object[] {Duration.ofNanos(1_000), "\"0.000001s\""},
                new Object[] {Duration.ofNanos(1), "\"0.000000001s\""},
                new Object[] {List.of(), "[]"},
                new Object[] {List.of(1L, List.of(2.5)), "[1,[2.5]]"},
                new Object[] {Map.of(), "{}"},
                new Object[] {Map.of("a", Map.of("b", 1L)), "{\"a\":{\"b\":1}}"});
    }

    @Test
    void keysKeepTheirOrder() throws Exception {
        Map<String, Object> map = new LinkedHashMap<>();
        for (String key : "zebra apple mango".split(" ")) {
            map.put(key, 1L);
        }
        assertThat(write(map)).isEqualTo("{\"zebra\":1,\"apple\":1,\"mango\":1}");
    }

    @Test
    void aKeyIsWrittenTheSameHoweverOftenItComes() throws Exception {
        // The first two have the same hash and so the same place among the keys remembered.
        for (String key :
                List.of("Aa", "BB", "", "a\"b", "gr\u00fc\u00df \uD83D\uDE00", "k".repeat(100))) {
            Map<String, Object> map = Map.of(key, 1L);
            String first = write(map);
            assertThat(JACKSON.readTree(first).fieldNames()).toIterable().containsExactly(key);
            for (int i = 0; i < 4; i++) {
                assertThat(write(map)).isEqualTo(first);
                assertThat(write(Map.of(new String(key), 1L))).isEqualTo(first);
            }
        }
        Map<String, Object> samePlace = new LinkedHashMap<>();
        samePlace.put("Aa", 1L);
        samePlace.put("BB", 2L);
        for (int i = 0; i < 4; i++) {
            assertThat(write(samePlace)).isEqualTo("{\"Aa\":1,\"BB\":2}");
        }
    }

    @Test
    void appendsToWhatTheBufferHolds() throws Exception {
        write(Map.of("a", 1L));
        new JsonWriter(100, 10, 10).writeRows(Map.of("b", 2L), out);
        assertThat(out.toString()).isEqualTo("{\"a\":1}{\"b\":2}");
    }

    @Test
    void everyCharacterIsEscapedOrEncodedAsJsonDemands() throws Exception {
        StringBuilder all = new StringBuilder();
        for (int codePoint = 0; codePoint <= 0x10FFFF; codePoint += codePoint < 0x3000 ? 1 : 97) {
            if (codePoint < 0xD800 || codePoint > 0xDFFF) {
                all.appendCodePoint(codePoint);
            }
        }
        String text = all.toString();

        write(Map.of("v", text, text.substring(0, 10_000), 1L));

        JsonNode node = JACKSON.readTree(out.toByteArray());
        assertThat(node.get("v").textValue()).isEqualTo(text);
        assertThat(node.has(text.substring(0, 10_000))).isTrue();
    }

    @Test
    void halfASurrogatePairBecomesTheReplacementCharacter() throws Exception {
        write(Map.of("v", "a\uD83Db\uDE00\uD83D"));

        assertThat(JACKSON.readTree(out.toByteArray()).get("v").textValue())
                .isEqualTo("a\uFFFDb\uFFFD\uFFFD");
    }

    @Test
    void randomValuesReadBackWithJackson() throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 2_000; i++) {
            Object value = randomMap(random, 4);
            write(value);
            assertThat(JACKSON.convertValue(JACKSON.readTree(out.toByteArray()), Object.class))
                    .isEqualTo(JACKSON.convertValue(value, Object.class));
        }
    }

    private static Object randomValue(SplittableRandom random, int depth) {
        switch (random.nextInt(depth > 0 ? 6 : 4)) {
            case 0:
                return random.nextLong();
            case 1:
                double value = Double.longBitsToDouble(random.nextLong());
                return Double.isFinite(value) ? value : 0.5;
            case 2:
                return random.nextBoolean();
            case 3:
                return randomText(random);
            case 4:
                List<Object> list = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(randomValue(random, depth - 1));
                }
                return list;
            default:
                return randomMap(random, depth - 1);
        }
    }

    private static Map<String, Object> randomMap(SplittableRandom random, int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            map.put(randomText(random), randomValue(random, depth));
        }
        return map;
    }

    private static String randomText(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.appendCodePoint(random.nextInt(0xD000));
        }
        return text.toString();
    }

    @ParameterizedTest
    @MethodSource
    void whatJsonCannotHoldIsNamedWithItsPath(Object value, String message) {
        assertThatThrownBy(() -> write(value))
                .asInstanceOf(InstanceOfAssertFactories.type(TransformException.class))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.INVALID_OUTPUT))
                .extracting(Throwable::getMessage)
                .isEqualTo(message);
    }

    static List<Object[]> whatJsonCannotHoldIsNamedWithItsPath() {
        return List.of(
                new Object[] {List.of(1L), "$[0]: is an int, not an object"},
                new Object[] {
                    "text", "$: the result is a string, not an object or a list of objects"
                },
                new Object[] {1L, "$: the result is an int, not an object or a list of objects"},
                new Object[] {
                    NullValue.NULL_VALUE,
                    "$: the result is null, not an object or a list of objects"
                },
                new Object[] {
                    Optional.empty(),
                    "$: the result is an optional, not an object or a list of objects"
                },
                new Object[] {Map.of("a", Double.NaN), "$.a: JSON has no number NaN"},
                new Object[] {
                    Map.of("a", Map.of("b", List.of(1L, 2L, Double.POSITIVE_INFINITY))),
                    "$.a.b[2]: JSON has no number Infinity"
                },
                new Object[] {
                    Map.of("a", List.of(List.of(Double.NEGATIVE_INFINITY))),
                    "$.a[0][0]: JSON has no number -Infinity"
                },
                new Object[] {Map.of(1L, 2L), "$: the key 1 is an int, not a string"},
                new Object[] {
                    Map.of("a", List.of(Map.of(true, 2L))),
                    "$.a[0]: the key true is a bool, not a string"
                },
                new Object[] {
                    Map.of("with space", Map.of("quote\"", Double.NaN)),
                    "$[\"with space\"][\"quote\\\"\"]: JSON has no number NaN"
                },
                new Object[] {
                    Map.of("", Optional.of(1L)),
                    "$[\"\"]: an optional is not a JSON value; write ?key: value to leave an absent"
                            + " one out, or value.orValue(...)"
                },
                new Object[] {Map.of("t", SimpleType.INT), "$.t: a type is not a JSON value"},
                new Object[] {
                    Map.of("t", new StringBuilder()),
                    "$.t: a value of the type StringBuilder is not a JSON value"
                });
    }

    @Test
    void aResultThatIsTooLongIsRefusedWhereverItGrows() {
        List<Object> values =
                List.of(
                        "x".repeat(100),
                        "é".repeat(50),
                        CelByteString.of(new byte[80]),
                        Arrays.asList(new Object[] {1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5}),
                        List.of(1000000000L, 1000000000L, 1000000000L),
                        Map.of("k".repeat(40), 1L));
        for (Object value : values) {
            out.reset();
            assertThatThrownBy(() -> new JsonWriter(30, 10, 10).writeRows(Map.of("v", value), out))
                    .asInstanceOf(InstanceOfAssertFactories.type(TransformException.class))
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.EVALUATION_FAILED))
                    .extracting(Throwable::getMessage)
                    .asString()
                    .startsWith("the result is longer than outputBytes, 30 bytes of JSON: PONIX_");
        }
    }

    @Test
    void aResultMayBeExactlyAsLongAsTheLimit() throws Exception {
        new JsonWriter(9, 10, 10).writeRows(Map.of("v", "x"), out);
        assertThat(out.length()).isEqualTo(9);
        assertThatThrownBy(() -> new JsonWriter(8, 10, 10).writeRows(Map.of("v", "x"), out))
                .hasMessageContaining("outputBytes");
    }

    @Test
    void aResultThatIsTooDeepIsRefused() throws Exception {
        Object value = 1L;
        for (int i = 0; i < 3; i++) {
            value = List.of(value);
        }
        Object object = Map.of("v", value);

        new JsonWriter(100, 4, 10).writeRows(object, out);

        assertThat(out.toString()).isEqualTo("{\"v\":[[[1]]]}");
        assertThatThrownBy(() -> new JsonWriter(100, 3, 10).writeRows(object, out))
                .hasMessageStartingWith(
                        "the result nests deeper than outputDepth, 3 levels: PONIX_");
    }

    private String write(Object value) throws TransformException {
        out.reset();
        new JsonWriter(100_000_000, 100, 10).writeRows(value, out);
        return out.toString();
    }
}
