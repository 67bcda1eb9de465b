package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people are told of mistakes that many make, in their terms and with its place. */
class MessagesTest {
    private static final TransformCompiler COMPILER = TransformCompiler.create();

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "5 & 3~1:9 CEL has no &: write math.bitAnd(a, b)",
                "5 | 3~1:9 CEL has no |: write math.bitOr(a, b)",
                "5 ^ 3~1:9 CEL has no ^: write math.bitXor(a, b)",
                "input.u8(0) << 8~1:19 CEL has no <<: write math.bitShiftLeft(a, n)",
                "8 >> 3~1:9 CEL has no >>: write math.bitShiftRight(a, n)",
                "8 >>> 3~1:9 CEL has no >>>: write math.bitShiftRight(a, n)",
                "f_port === 1~1:14 CEL has no ===: write ==",
                "f_port !== 1~1:14 CEL has no !==: write !=",
                "f_port = 1~1:14 CEL has no =: write == to compare, or cel.bind(name, value, …) to"
                        + " name a value",
                "2 ** 3~1:9 CEL has no **: write a * a",
                "f_port++~1:13 CEL has no ++: write a + 1",
                "f_port ?? 1~1:14 CEL has no ??: write a.orValue(b)",
                "f_port == 1 and true~1:19 CEL has no 'and': write &&",
                "not true~1:7 CEL has no 'not': write !",
                "if (f_port == 1) {2}~1:7 CEL has no 'if': write condition ? a : b",
                "return 1~1:7 CEL has no 'return': write the value alone",
                "let x = 1; x~1:7 CEL has no 'let': write cel.bind(name, value, …)",
                "1; 2~1:8 CEL has no ;: write one expression, with cel.bind(name, value, …) for"
                        + " parts of it",
                "f_port % % 3~1:16 '%' is not expected here",
                "f_port == == 3~1:17 '==' is not expected here",
                "true && && true~1:15 '&&' is not expected here",
                "input[0:2]~1:14 ':' is not expected here; a part is a.slice(from, to)",
                "(1 + 2~1:13 ')' is missing before '}'",
                "1 2~1:9 '2' is not expected here, but '}' or ','",
                "\"abc~1:7 the text that begins here has no end",
                "b'abc~1:8 the text that begins here has no end",
                "$a~1:7 '$' has no meaning in CEL",
                "input[0]~1:12 found no matching overload for '_[_]' applied to '(bytes, int)': a"
                        + " byte is input.u8(0), and a part input.slice(0, 2)",
                "[{'a': 1, 'b': {'c': 1, \"c\": 2}}]~1:31 the key \"c\" is there twice",
                "f_port == 9 ? {1: 1, 1u: 2} : {}~1:28 the key 1 is there twice",
                "{true: 1, false: 2, true: 3}~1:27 the key true is there twice"
            })
    void whatDoesNotCompile(String value, String message) {
        TransformCompilationException e = refused("{'v': " + value + "}");
        assertThat(e.issues()).hasSize(1);
        assertThat(e.getMessage().lines().findFirst()).contains(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "[1].fold(x, 0, x)~1:15 fold is written list.fold(x, accumulator, initial, step) or"
                        + " map.fold(key, value, accumulator, initial, step)",
                "fold([1], x, sum, 0, sum + x)~fold is written list.fold(x, accumulator, initial,",
                "unfold(n, 1)~unfold is written unfold(state, initial, step)",
                "[1].map(x)~map is written list.map(x, expression) or list.map(x, condition,",
                "map([1], x, x)~map is written list.map(x, expression)",
                "[1].filter(x, true, x)~filter is written list.filter(x, condition)",
                "[1].all(true)~all is written list.all(x, condition) or map.all(key, value, condition)",
                "[1].exists()~exists is written list.exists(x, condition)",
                "[1].exists_one(x)~exists_one is written list.exists_one(x, condition)",
                "{'a': 1}.existsOne(k)~existsOne is written map.existsOne(key, value, condition)",
                "[1].transformList(x, x)~transformList is written list.transformList(index, x, expression)",
                "{'a': 1}.transformMap(k, v)~transformMap is written map.transformMap(key, value, expression)",
                "['a'].transformMapEntry({})~transformMapEntry is written map.transformMapEntry(key, value,",
                "[1].sortBy(x)~sortBy is written list.sortBy(x, expression)",
                "optional.of(1).optMap(x)~optMap is written optional.optMap(x, expression)",
                "optional.of(1).optFlatMap(x)~optFlatMap is written optional.optFlatMap(x, expression)",
                "cel.bind(x, 1)~bind is written cel.bind(name, value, expression)",
                "has(1, 2)~has is written has(value.field)",
            })
    void macrosThatAreWrittenOtherwise(String value, String message) {
        TransformCompilationException e = refused("{'v': " + value + "}");
        assertThat(e.issues()).hasSize(1);
        assertThat(e.getMessage().lines().findFirst().orElseThrow()).contains(message);
    }

    @Test
    void whatIsMissingAtTheEnd() {
        assertThat(refused("{'a': ")).hasMessageStartingWith("1:7 the expression ends too early");
        assertThat(refused("{'a': 1")).hasMessageStartingWith("1:8 the expression ends too early");
    }

    @Test
    void aPlaceOnALaterLine() {
        assertThat(refused("{'a': 1,\n  'é': input.u8(0) &\n 1}"))
                .hasMessage(
                        "2:20 CEL has no &: write math.bitAnd(a, b)\n    'é': input.u8(0) &\n"
                                + " ".repeat(21)
                                + "^");
    }

    @Test
    void entriesThatMayHaveNoValueMayShareAKey() throws Exception {
        assertThat(json("{?'a': optional.none(), 'a': 2}", "")).isEqualTo("{\"a\":2}");
        assertThat(json("['x', 'y'].transformMapEntry(i, k, {k: i})", ""))
                .isEqualTo("{\"x\":0,\"y\":1}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "1+~1~506",
                "true ? 1 :~1~2502",
                "(~1~256",
                "[~1~256",
                "{\"a+\":~1~1501",
                "size(~x~1256"
            })
    void aPlaceWhereItIsTooDeep(String opening, String core, int column) {
        String closing =
                opening.endsWith("(")
                        ? ")"
                        : opening.equals("[") ? "]" : opening.startsWith("{") ? "}" : "";
        TransformCompilationException e =
                refused("{'v': " + opening.repeat(260) + core + closing.repeat(260) + "}");
        assertThat(e.issues()).hasSize(1);
        assertThat(e.issues().get(0).message())
                .startsWith("the expression is more than 250 levels deep here");
        assertThat(e.issues().get(0).column()).isBetween(column - 12, column + 12);
        assertThat(e.getMessage()).hasSizeLessThan(600);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "json_decode('{\"x\": 5}').x.y~1:32 there is no 'y' here: what stands before it is"
                        + " neither an object nor a map",
                "int('abc')~1:10 int: 'abc' is no whole number of 64 bits; int(double(x)) takes"
                        + " decimals, int(x, 16) another base",
                "int('')~1:10 int: '' is no whole number of 64 bits; int(double(x)) takes decimals,"
                        + " int(x, 16) another base",
                "uint('-1')~1:11 uint: '-1' is no whole number of 64 bits without a sign",
                "double('')~1:13 double: '' is no number",
                "double('1,5')~1:13 double: '1,5' is no number",
                "timestamp('2025-02-30')~1:16 '2025-02-30' is no timestamp such as"
                        + " 2026-01-31T12:00:00Z; parse_time takes other forms",
                "duration('x')~1:15 this text is no duration such as 1h30m or 1.5s",
                "timestamp(1769860800000)~1:16 timestamp: 1769860800000 seconds after 1970 is not"
                        + " in the years 1 to 9999 that a timestamp can have; of milliseconds write"
                        + " timestamp(x / 1000)",
                "timestamp(9223372036854775807)~1:16 timestamp: 9223372036854775807 seconds after"
                        + " 1970 is not in the years 1 to 9999 that a timestamp can have; of"
                        + " milliseconds write timestamp(x / 1000)",
                "timestamp('9999-12-31T23:59:59Z') + duration('1h')~1:41 the result is not in the"
                        + " years 1 to 9999 that a timestamp can have",
                "timestamp('0001-01-01T00:00:00Z') - duration('1h')~1:41 the result is not in the"
                        + " years 1 to 9999 that a timestamp can have",
                "dyn('a') < dyn(1)~1:16 < does not take values of these types; double(x), int(x)"
                        + " and string(x) convert them",
                "timestamp(json_decode('2026.5'), 1, 2, 3, 4, 5)~1:16 timestamp does not take"
                        + " values of these types",
                "merge(json_decode('[1]'), {'a': 1})~1:12 merge does not take values of these types",
                "1 in dyn(2)~1:9 in does not take values of these types",
                "json_decode('5').map(x, x)~1:27 there is no list or map to go through here: it is"
                        + " an int",
                "json_decode('null').fold(x, a, 0, a)~1:31 there is no list or map to go through"
                        + " here: it is null",
                "json_decode('5').value()~1:29 value: an optional is wanted here, and this is an int",
                "9223372036854775807 + 1~1:27 the result is beyond the 64 bits of an int",
                "f_port / 0~1:14 division by zero",
                "math.bitShiftLeft(1, -1)~1:24 math.bitShiftLeft: math.bitShiftLeft() negative"
                        + " offset:-1",
                "lists.range(100000000)~1:18 the evaluation goes over functionWork, 10000000"
                        + " characters, bytes and elements (each 8) handled by functions:"
                        + " PONIX_TRANSFORM_MAX_WORK of the job and the device service",
                "lists.range(10001).map(x, x)~the expression goes over comprehensionIterations,"
                        + " 10000 elements visited by macros: PONIX_TRANSFORM_MAX_ITERATIONS of the job"
                        + " and the device service"
            })
    void whatFailsWhenItRuns(String value, String message) {
        assertThat(failure("{'v': " + value + "}", "")).isEqualTo(message);
    }

    /** A few bytes that announce more than there is of anything. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "9b7fffffffffffffff~an element announces a length that no document has at offset 9",
                "9bffffffffffffffff01~an element announces a length that no document has at offset"
                        + " 9",
                "5b7fffffffffffffff~an element announces a length that no document has at offset 9",
                "bb7fffffffffffffff~an element announces a length that no document has at offset 9",
                "9a00100000~the document ends inside of an array or map that announces 1048576 more"
                        + " elements at offset 5",
                "ba00100000~the document ends inside of an array or map that announces 1048576 more"
                        + " elements at offset 5",
                "5a7fffffff01~bytes are announced of which not all are there, 1 of 2147483647 at"
                        + " offset 6",
                "c25a7fffffff~bytes are announced of which not all are there, 0 of 2147483647 at"
                        + " offset 6",
                "7a7fffffff41~the document ends inside of a text at offset 6"
            })
    void lengthsThatCborAnnounces(String payload, String message) {
        assertThat(failure("{'v': cbor_decode(input)}", payload))
                .isEqualTo("1:18 cbor_decode: " + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "01f00001000000000000~polyline (type 240) at offset 0: its size byte says 0, and"
                        + " the least is 8, itself counted",
                "01f0ff01000000000000~polyline (type 240) at offset 0: its size byte says 255,"
                        + " itself counted, and 8 are left",
                "01f008010000000000001111~unknown type 17 at offset 11, where the polyline at"
                        + " offset 0 ends by its size byte",
                "01f0080100000000000011~a channel without a type at offset 10, where the polyline"
                        + " at offset 0 ends by its size byte",
                "01f008010000000000000167~temperature (type 103) at offset 10 needs 2 bytes of"
                        + " data, 0 left, where the polyline at offset 0 ends by its size byte"
            })
    void polylinesOfASizeThatIsWrong(String payload, String message) {
        assertThat(failure("{'v': cayenne_lpp_decode(input)}", payload))
                .isEqualTo("1:25 Cayenne LPP: " + message);
    }

    @Test
    void aMessageIsOnOneLineWhateverThePayloadHolds() throws Exception {
        String expression = "{'v': int(string(input))}";
        TransformException e =
                catchThrowableOfType(
                        TransformException.class, () -> json(expression, "610d0a620a"));
        assertThat(e.explain(expression).lines()).hasSize(3);
        assertThat(e.explain(expression)).startsWith("1:10 int: 'a\\r\\nb\\n' is no whole number");
    }

    private static TransformCompilationException refused(String expression) {
        TransformCompilationException e =
                catchThrowableOfType(
                        TransformCompilationException.class, () -> COMPILER.compile(expression));
        assertThat(e).as("compiled: %s", expression).isNotNull();
        return e;
    }

    private static String failure(String expression, String payload) {
        TransformException e =
                catchThrowableOfType(TransformException.class, () -> json(expression, payload));
        assertThat(e).as("evaluated: %s", expression).isNotNull();
        return e.getMessage();
    }

    private static String json(String expression, String payload) throws Exception {
        JsonBuffer out = new JsonBuffer();
        COMPILER.compile(expression)
                .evaluate(new TransformInput().setPayload(HexFormat.of().parseHex(payload)), out);
        return out.toString();
    }
}
