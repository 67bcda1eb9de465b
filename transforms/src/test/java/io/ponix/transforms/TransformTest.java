package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ponix.transforms.TransformException.Kind;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransformTest {
    private static final byte[] LPP =
            HexFormat.of().parseHex("016701100268640 36501 02".replace(" ", ""));

    private final TransformCompiler compiler = TransformCompiler.create();
    private final TransformInput in = new TransformInput().setPayload(LPP).setFPort(7);
    private final JsonBuffer out = new JsonBuffer();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "cayenne_lpp_decode(input)|{\"temperature_1\":27.2,\"humidity_2\":50.0,\"illuminance_3\":258}",
                "{'a': cayenne_lpp_decode(input).temperature_1, 'b':"
                        + " cayenne_lpp_decode(input)['humidity_2'], 'c':"
                        + " cayenne_lpp_decode(input).illuminance_3}|{\"a\":27.2,\"b\":50.0,\"c\":258}",
                "cel.bind(l, cayenne_lpp_decode(input), {?'a': l[?'temperature_1'], ?'b':"
                        + " l[?'none'], 'c': l[?'none'].orValue(0)})|{\"a\":27.2,\"c\":0}",
                "{'a': has(cayenne_lpp_decode(input).nothing), 'b': 'humidity_2' in"
                        + " cayenne_lpp_decode(input), 'c':"
                        + " size(cayenne_lpp_decode(input))}|{\"a\":false,\"b\":true,\"c\":3}",
                "{'a': cayenne_lpp_decode(input).map(k, k), 'b': type(cayenne_lpp_decode(input)) =="
                        + " map}|{\"a\":[\"temperature_1\",\"humidity_2\",\"illuminance_3\"],\"b\":true}",
                "cayenne_lpp_decode(input).transformMap(k, v, k.startsWith('h'),"
                        + " v)|{\"humidity_2\":50.0}",
                "{'a': cayenne_lpp_decode(input) == cayenne_lpp_decode(input), 'b':"
                        + " cayenne_lpp_decode(input) == {'temperature_1': 27.2, 'humidity_2': 50,"
                        + " 'illuminance_3': 258.0}}|{\"a\":true,\"b\":true}",
                "{'port': f_port, 'payload': input, 'size': size(input), 'key':"
                        + " attributes.key}|{\"port\":7,\"payload\":\"AWcBEAJoZANlAQI=\",\"size\":11,\"key\":\"value\"}",
                "attributes|{\"key\":\"value\"}",
                "{'d': duration('1.5s'), 's': string(duration('1.5s')), 't': timestamp(0), 'u':"
                        + " 18446744073709551615u, 'n':"
                        + " null}|{\"d\":\"1.500s\",\"s\":\"1.500s\",\"t\":\"1970-01-01T00:00:00Z\",\"u\":18446744073709551615,\"n\":null}",
                "{'a': math.greatest(1, 2.5), 'b': [3, 1, 2].sort(), 'c': 'a,b'.split(','), 'd':"
                        + " sets.contains([1, 2], [2]), 'e': base64.encode(b'hello'), 'f':"
                        + " lists.range(3)}|{\"a\":2.5,\"b\":[1,2,3],\"c\":[\"a\",\"b\"],\"d\":true,\"e\":\"aGVsbG8=\",\"f\":[0,1,2]}",
                "{'a': f_port > 6.5, 'b': dyn(f_port) == 7.0, 'c': dyn(7.0) in"
                        + " [f_port]}|{\"a\":true,\"b\":true,\"c\":true}",
                "{'a': [1, 2, 3].map(x, [1, 2].map(y, x * y)), 'b': [1, 2, 3].exists_one(x, x =="
                        + " 2), 'c': [3, 4].transformList(i, v, i +"
                        + " v)}|{\"a\":[[1,2],[2,4],[3,6]],\"b\":true,\"c\":[3,5]}",
            })
    void evaluates(String expression, String json) throws Exception {
        in.setAttributes(Map.of("key", "value"));
        assertThat(evaluate(expression)).isEqualTo(json);
    }

    @Test
    void aListThatIsBoundToANameNeverChanges() throws Exception {
        assertThat(
                        evaluate(
                                "cel.bind(l, [1] + [2], {'a': l + [3], 'b': l + [4], 'c': l, 'd':"
                                        + " l[1], 'e': l.map(x, l.size())})"))
                .isEqualTo("{\"a\":[1,2,3],\"b\":[1,2,4],\"c\":[1,2],\"d\":2,\"e\":[2,2]}");
        assertThat(
                        evaluate(
                                "cel.bind(l, [1] + [2], cel.bind(m, l + [3], {'a': m + [4], 'b': m"
                                        + " + m, 'c': l + l}))"))
                .isEqualTo("{\"a\":[1,2,3,4],\"b\":[1,2,3,1,2,3],\"c\":[1,2,1,2]}");
    }

    @Test
    void aPartOfAnArrayCanBeThePayload() throws Exception {
        byte[] message = HexFormat.of().parseHex("ffff01670110ffff");
        in.setPayload(message, 2, 4);

        assertThat(evaluate("cayenne_lpp_decode(input)")).isEqualTo("{\"temperature_1\":27.2}");
        assertThatThrownBy(() -> in.setPayload(message, 6, 4))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void theInputCanBeFilledAgain() throws Exception {
        Transform transform = compiler.compile("{'p': input, 'f': f_port, 'a': attributes}");
        in.setPayload(new byte[] {1}).setFPort(1).setAttributes(Map.of("a", "1"));
        transform.evaluate(in, out);
        in.setPayload(new byte[] {2}).setFPort(2).setAttributes(Map.of("b", "2"));
        transform.evaluate(in, out);

        assertThat(out.toString())
                .isEqualTo(
                        "{\"p\":\"AQ==\",\"f\":1,\"a\":{\"a\":\"1\"}}{\"p\":\"Ag==\",\"f\":2,\"a\":{\"b\":\"2\"}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a': 1 / (f_port - 7)}|1:9 division by zero",
                "{'a': cayenne_lpp_decode(b'\\x01\\x99')}|1:25 Cayenne LPP: unknown type 153 at"
                        + " offset 1",
                "{'a': cayenne_lpp_decode(input).nothing}|1:32 key 'nothing' is not present in"
                        + " map.",
                "{'a': [1, 2][f_port]}|1:13 Index out of bounds: 7",
                "{'a': [1, 2].slice(2, 1)}|1:19 slice: Start index must be less than or equal to"
                        + " end index",
                // The optimizer rewrites this one; the place is that in the text all the same.
                "{'a': cayenne_lpp_decode(b'\\x01').x, 'b': cayenne_lpp_decode(b'\\x01').y}|1:25"
                        + " Cayenne LPP: a channel without a type at offset 0",
            })
    void anErrorSaysWhatAndWhere(String expression, String message) {
        TransformException e = failure(expression);

        assertThat(e.kind()).isEqualTo(Kind.EVALUATION_FAILED);
        assertThat(e).hasMessage(message);
    }

    @Test
    void anErrorOnALaterLineSaysWhichLine() {
        assertThat(failure("{\n  'é': 1 / (f_port - 7)\n}")).hasMessage("2:10 division by zero");
    }

    @Test
    void anInvalidResultSaysWhichValue() {
        TransformException e = failure("{'a': {'b': [1.0, 2.0, 1.0 / 0.0]}}");

        assertThat(e.kind()).isEqualTo(Kind.INVALID_OUTPUT);
        assertThat(e).hasMessage("$.a.b[2]: JSON has no number Infinity");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1, 2].all(x, x / (f_port - 7) == 0)",
                "[1, 2].exists(x, x / (f_port - 7) == 0)"
            })
    void anErrorThatEndsALoopIsAnErrorOfTheEvaluation(String expression) {
        TransformException e = failure("{'a': {'b': [" + expression + "]}}");

        assertThat(e.kind()).isEqualTo(Kind.EVALUATION_FAILED);
        assertThat(e.getMessage()).startsWith("$.a.b[0]: ").contains("division by zero");
    }

    @Test
    void whenAndWhoSentThePayload() throws Exception {
        String expression =
                "{'at': occurred_at, 'hour': occurred_at.getHours(), 'later': occurred_at +"
                        + " duration('90s'), 'device': device, 'name': device.name}";
        in.setOccurredAt(1_700_000_000, 500_000_000).setDevice("d1", "Sensor Alpha", "org-001");
        assertThat(evaluate(expression))
                .isEqualTo(
                        "{\"at\":\"2023-11-14T22:13:20.500Z\",\"hour\":22,\"later\":\"2023-11-14T22:14:50.500Z\",\"device\":{\"id\":\"d1\",\"name\":\"Sensor"
                                + " Alpha\",\"organization\":\"org-001\"},\"name\":\"Sensor Alpha\"}");

        in.setOccurredAt(0, 0).setDevice("d2", "Beta", "org-002");
        assertThat(evaluate("{'at': occurred_at, 'id': device.id, 'of': device.organization}"))
                .isEqualTo("{\"at\":\"1970-01-01T00:00:00Z\",\"id\":\"d2\",\"of\":\"org-002\"}");
    }

    @Test
    void withoutATimeOrADeviceOnlyExpressionsThatNameThemFail() throws Exception {
        assertThat(failure("{'a': occurred_at}")).hasMessage("1:7 occurred_at is not set");
        assertThat(failure("{'a': device.name}"))
                .hasMessage("1:13 key 'name' is not present in map.");
        assertThat(
                        evaluate(
                                "{'a': has(device.name), 'b': device[?'id'].orValue('none'), 'c':"
                                        + " device}"))
                .isEqualTo("{\"a\":false,\"b\":\"none\",\"c\":{}}");

        in.setOccurredAt(1, 0).setDevice("d1", null, null);
        assertThat(evaluate("{'a': occurred_at, 'b': device}"))
                .isEqualTo("{\"a\":\"1970-01-01T00:00:01Z\",\"b\":{\"id\":\"d1\"}}");
        in.clearOccurredAt();
        assertThat(failure("{'a': occurred_at}")).hasMessage("1:7 occurred_at is not set");
        in.setOccurredAt(Long.MAX_VALUE, 0);
        assertThat(failure("{'a': occurred_at}")).hasMessage("1:7 occurred_at is out of range");
    }

    @Test
    void aFailedEvaluationLeavesTheBufferAsItWas() throws Exception {
        evaluate("{'a': 1}");
        Transform invalid = compiler.compile("{'long enough to be seen': [1, 2, 0.0 / 0.0]}");
        Transform failing = compiler.compile("{'a': 1 / (f_port - 7)}");

        assertThatThrownBy(() -> invalid.evaluate(in, out)).isInstanceOf(TransformException.class);
        assertThatThrownBy(() -> failing.evaluate(in, out)).isInstanceOf(TransformException.class);

        assertThat(out.toString()).isEqualTo("{\"a\":1}");
    }

    @Test
    void severalThreadsCanUseOneTransform() throws Exception {
        Transform transform =
                compiler.compile(
                        "cel.bind(l, cayenne_lpp_decode(input), {'t': l.temperature_1, 'again':"
                                + " cayenne_lpp_decode(input).temperature_1, 'f':"
                                + " lists.range(f_port).map(x, x + f_port)})");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> results = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int port = thread + 1;
                results.add(threads.submit(() -> evaluateOften(transform, port)));
            }
            for (Future<Integer> result : results) {
                assertThat(result.get()).isEqualTo(5_000);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static int evaluateOften(Transform transform, int port) throws TransformException {
        TransformInput in = new TransformInput().setFPort(port);
        JsonBuffer out = new JsonBuffer();
        int right = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] payload = {1, 0x67, (byte) (i >> 8 & 0x7F), (byte) i};
            in.setPayload(payload);
            out.reset();
            transform.evaluate(in, out);
            String temperature = (i & 0x7FFF) / 10.0 + "";
            StringBuilder list = new StringBuilder();
            for (int x = 0; x < port; x++) {
                list.append(x == 0 ? "" : ",").append(x + port);
            }
            String expected =
                    "{\"t\":"
                            + temperature
                            + ",\"again\":"
                            + temperature
                            + ",\"f\":["
                            + list
                            + "]}";
            right += out.toString().equals(expected) ? 1 : 0;
        }
        return right;
    }

    private String evaluate(String expression) throws Exception {
        out.reset();
        compiler.compile(expression).evaluate(in, out);
        return out.toString();
    }

    private TransformException failure(String expression) {
        TransformException e =
                catchThrowableOfType(TransformException.class, () -> evaluate(expression));
        assertThat(e).as("evaluated: %s", expression).isNotNull();
        return e;
    }

    /** cel-java shows its insides there. */
    @Test
    void anOperandThatFailsSaysWhyItFailed() throws Exception {
        Transform transform = compiler.compile("{'v': json_decode('{').a == 1 || f_port == 0}");
        assertThatThrownBy(() -> transform.evaluate(in, out))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("json_decode: Unexpected end-of-input")
                .hasMessageNotContaining("Exception")
                .hasMessageNotContaining("ErrorValue");
        Transform condition = compiler.compile("json_decode('{').a == 1 || f_port == 0 ? {} : {}");
        assertThatThrownBy(() -> condition.evaluate(in, out))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("json_decode: Unexpected end-of-input")
                .hasMessageNotContaining("Exception")
                .hasMessageNotContaining("ErrorValue");
        Transform field = compiler.compile("{'v': json_decode('[]').a}");
        assertThatThrownBy(() -> field.evaluate(in, out))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("what stands before it is neither an object nor a map")
                .hasMessageNotContaining("is not present");
    }
}
