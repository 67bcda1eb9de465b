package io.ponix.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompilationException.Issue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What gives no uplink whatever the message is refused, and nothing else is. */
class UplinkCheckTest {

    private static final IntakeCompiler COMPILER = IntakeCompiler.create();

    private static final IntakeMessage MESSAGE =
            new IntakeMessage(
                    "site/7",
                    "{\"k\": \"a\", \"list\": [[\"d\"]]}".getBytes(StandardCharsets.UTF_8),
                    Map.of(),
                    Instant.EPOCH);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                // No reading.
                "null | 1:1 $: is null whatever the message",
                "dyn(null) | 1:5 $: is null whatever the message",
                "topic == 'a' ? dyn(null) : null | $: is null whatever the message",
                "[] | 1:1 $: is an empty list whatever the message",
                "cel.bind(x, null, x) | $: is null whatever the message",
                "json_decode('null') | 1:12 $: is no reading whatever the message",
                "lists.range(0).map(i, {'device_id': 'd', 'payload': b''}) | $: is no reading",
                // No object.
                "dyn(topic) | 1:5 $: the result is a string, not an object",
                "dyn(7) | $: the result is an int, not an object, for instance {\"device_id\":",
                "topic.split('/') | $: is a list of which each is a string, not an object",
                "[1, 2] | 1:2 $[0]: is an int, not an object",
                "[{'device_id': 'd', 'payload': payload}, null] | $[1]: is null, not an object",
                "[[{'device_id': 'd', 'payload': payload}]] | $[0]: is a list, not an object",
                "topic.split('/').map(t, t) | $[0]: is a string, not an object",
                "headers | is a map of which all values are string",
                "{1: payload} | 1:2 $: \"1\" is no key of an uplink",
                "{1: payload, 2: payload}.transformMap(k, v, v) | is a map with keys of type int",
                // Keys.
                "{'device_id': topic, 'payload': payload, 'fport': 2} | \"fport\" is no key of an uplink",
                "{'device_id': topic, 'payload': payload, 'f' + 'x': 2} | \"fx\" is no key",
                "{'device_id': 'a', 'device' + '_id': topic, 'payload': payload} | \"device_id\" is there twice",
                "{'device_id': topic, ?'device_id': json_decode(payload).?id, 'payload': payload} | \"device_id\" is there twice",
                "{'payload': payload} | $: neither device_id nor external_id is given: write",
                "{'device_id': null, 'payload': payload} | neither device_id nor external_id is given",
                "{?'device_id': optional.none(), 'payload': payload} | neither device_id nor external_id",
                "{'device_id': topic, 'external_id': topic, 'payload': payload} | both device_id and",
                "{'device_id': topic} | $.payload: is not given; it may be empty",
                "{'device_id': topic, 'payload': null} | $.payload: is not given",
                "{} | neither device_id nor external_id",
                // Values, by their types.
                "{'device_id': size(topic), 'payload': payload} | 1:19 $.device_id: is an int, not a string: write string(x)",
                "{'device_id': topic, 'payload': topic} | $.payload: is a string, not bytes: write base64",
                "{'device_id': topic, 'payload': dyn(topic)} | $.payload: is a string, not bytes",
                "cel.bind(p, topic, {'device_id': topic, 'payload': p}) | $.payload: is a string, not",
                "{'device_id': topic, 'payload': topic == '' ? dyn(topic) : dyn(7)} | $.payload: is",
                "{'device_id': topic, 'payload': payload, 'f_port': topic} | $.f_port: is a string, not an int: write int(x)",
                "{'device_id': topic, 'payload': payload, ?'f_port': optional.of(topic)} | $.f_port: is a string",
                "{'device_id': topic, 'payload': payload, 'occurred_at': size(topic)} | $.occurred_at: is an int, not a timestamp",
                "{'device_id': topic, 'payload': payload, 'message_id': received_at} | $.message_id: is a timestamp",
                "{'device_id': topic, 'payload': payload, 'attributes': [topic]} | $.attributes: is a list, not an object",
                "{'device_id': topic, 'payload': payload, 'attributes': {'a': [topic]}} | $.attributes[\"a\"]: is a list",
                "{'device_id': topic, 'payload': payload, 'attributes': {1: topic}} | the key \"1\" is an int",
                "{'device_id': topic, 'payload': payload, 'attributes': {topic: payload}} | is bytes, not a string",
                // Values that are always the same.
                "{'device_id': '', 'payload': payload} | 1:15 $.device_id: is empty",
                "cel.bind(none, ' ', {'device_id': none, 'payload': payload}) | $.device_id: is blank",
                "{'device_id': topic, 'payload': payload, 'f_port': 128 * 2} | $.f_port: 256 is not in 0 to 255",
                "{'device_id': topic, 'payload': payload, 'occurred_at': timestamp('1969-12-31T23:59:59Z')} | 1970 to 2106",
                "{'device_id': topic, 'payload': hex_decode('0g')} | hex_decode",
                "{'device_id': topic, 'payload': payload, 'attributes': {'': 'a'}} | the name \"\" has 0",
                "['a', 'b'].map(d, {'device_id': d, 'payload': b'', 'message_id': '1'}) | \"1\" is that of an uplink before it",
                "[{'device_id': 'd', 'payload': payload}, {'device_id': ''}] | $[1].device_id: is empty",
                "[{'device_id': 'd', 'payload': payload, 'message_id': 'm'}, {'device_id': 'e', 'payload': payload, 'message_id': 'm'}] | $[1].message_id: \"m\" is that",
                // Beside what has a type that is not sure.
                "{'device_id': topic, 'payload': topic, 'attributes': {json_decode(payload).k: 'x'}} | $.payload: is a string",
                "topic == '' ? {json_decode(payload).k: topic} : {'device_id': topic, 'payload': topic} | $.payload: is",
                "{json_decode(payload).k: topic} | is a map of which all values are string",
                // Elements of a loop.
                "json_decode(payload).map(m, {'device_id': m.id}) | $[0].payload: is not given",
                "json_decode(payload).filter(m, has(m.id)).map(m, {'payload': b''}) | $[0]: neither device_id",
                "json_decode(payload).map(m, m.ok, dyn({'payload': b''})) | $[0]: neither device_id",
                "topic.contains('x') ? dyn(null) : dyn({'device_id': topic, 'payload': topic}) | $.payload: is a string",
            })
    void whatNeverGivesAnUplinkIsRefusedWithThePlaceAndWhatToWrite(
            String expression, String message) throws Exception {
        assertThat(refusal(expression)).as(expression).contains(message);
    }

    @Test
    void whatIsWrongInEachBranchIsSaid() throws Exception {
        assertThat(
                        issues(
                                "topic == 'a'\n"
                                        + " ? {'device_id': topic, 'payload': payload, 'fport': 2}\n"
                                        + " : {'external_id': topic, 'payload': payload, 'port': 2}"))
                .extracting(Issue::line)
                .containsExactly(2, 3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "json_decode(payload)",
                "dyn(json_decode(payload).a)",
                "[json_decode(payload)]",
                "json_decode(payload).readings",
                "{'device_id': topic, 'payload': payload}",
                "{'device_id': 'd', 'payload': b''}",
                "topic == '' ? dyn({'device_id': topic, 'payload': payload}) : dyn(null)",
                "topic == '' ? dyn({'device_id': topic}) : dyn({'device_id': topic, 'payload': payload})",
                "{'device_id': topic, 'payload': topic == '' ? dyn(topic) : dyn(payload)}",
                "{'device_id': topic == '' ? dyn(null) : dyn(topic), 'external_id': topic == '' ? dyn('e')"
                        + " : dyn(null), 'payload': payload}",
                "{'device_id': topic, 'external_id': json_decode(payload).id, 'payload': payload}",
                "{'device_id': topic, 'external_id': null, 'payload': payload, 'f_port': null}",
                "{?'device_id': json_decode(payload).?id, 'payload': payload}",
                "{?'device_id': json_decode(payload).?id, ?'external_id': json_decode(payload).?eui, ?'payload':"
                        + " json_decode(payload).?data}",
                "{'device_id': topic, 'payload': payload, ?'fport': json_decode(payload).?port}",
                "{'device_id': topic, 'payload': payload, ?'f_port': topic == '' ? optional.of(dyn('x')) :"
                        + " optional.none()}",
                "{topic: topic, 'payload': payload}",
                "{json_decode(payload).key: 'd', 'payload': payload}",
                "{'device_id': topic, 'payload': payload, 'attributes': headers}",
                "{'device_id': topic, 'payload': payload, 'attributes': {}}",
                "{'device_id': topic, 'payload': payload, 'attributes': {'a': null, topic: 1.5}}",
                "{'device_id': topic, 'payload': payload, 'attributes': json_decode(payload)}",
                "{'device_id': topic, 'payload': payload, 'attributes': topic == '' ? {'a': dyn([1])} : {'a':"
                        + " dyn('b')}}",
                "{'device_id': topic, 'payload': payload, 'f_port': uint(size(topic))}",
                "['a', 'b'].map(d, {'device_id': d, 'payload': b'', 'message_id': d})",
                "json_decode(payload).map(m, {'device_id': m.id, 'payload': b'', 'message_id': '1'})",
                "topic.split('/').map(d, {'device_id': d, 'payload': payload})",
                "json_decode(payload).filter(m, has(m.device_id))",
                "[?json_decode(payload).?first, ?json_decode(payload).?second]",
                "[{'device_id': 'd', 'payload': payload}] + json_decode(payload)",
                "cel.bind(m, json_decode(payload), cel.bind(id, m.id, {'device_id': id, 'payload': payload}))",
                "cel.bind(d, 'a', ['b'].map(d, {'device_id': d, 'payload': payload}))",
                "optional.of({'device_id': topic, 'payload': payload}).orValue({'device_id': '', 'payload': b''})",
                "{'device_id': [null, received_at][size(topic)], 'external_id': 'e', 'payload': payload}",
                "json_decode(payload) == null ? dyn(null) : dyn(json_decode(payload))",
                "protobuf_decode(payload)[?1].orValue(dyn(null))",
                "{'device_id': topic, 'payload': payload}.transformMap(k, v, v)",
                "json_decode(payload).transformList(i, m, has(m.id), {'device_id': m.id, 'payload': payload})",
                "json_decode(payload).transformMap(k, v, k in ['device_id', 'payload'], v)",
                "json_decode(payload).map(m, has(m.ok), cel.bind(id, m.id, {'device_id': id, 'payload': b''}))",
            })
    void whatMayGiveAnUplinkIsSaved(String expression) throws Exception {
        assertThat(COMPILER.neverAnUplink(expression)).as(expression).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // A key that an optional entry without a value leaves to others.
                "{?'device_id': json_decode(payload).?none, 'device_id': topic, 'payload': payload}",
                "{?'device_id': optional.none(), ?'device_id': json_decode(payload).?k, 'payload': payload}",
                "{?'payload': json_decode(payload).?none, 'device_id': topic, 'payload': payload}",
                // Of maps of which none is more general the checker takes the type of one.
                "topic == '' ? {json_decode(payload).k: topic} : {'device_id': topic, 'payload': payload}",
                "topic == '' ? {json_decode(payload).k: topic} : topic == 'a' ? {json_decode(payload).k: topic}"
                        + " : {'device_id': topic, 'payload': payload}",
                "cel.bind(u, topic == '' ? {json_decode(payload).k: topic} : {'device_id': topic, 'payload':"
                        + " payload}, u)",
                "optional.none().or(optional.of({'device_id': topic, 'payload': payload})).value()",
                "json_decode(payload).?none.optMap(k, {k: topic}).orValue({'device_id': topic, 'payload': payload})",
                "json_decode(payload).?none.optMap(k, {k: topic}).or(optional.of({'device_id': topic, 'payload':"
                        + " payload})).value()",
                "[{'device_id': topic, 'payload': payload}, {json_decode(payload).k: topic}][0]",
                "[{'device_id': topic, 'payload': payload}, {json_decode(payload).k: topic}].filter(m, 'payload' in m)",
                "[{'device_id': topic, 'payload': payload}, ?json_decode(payload).?none.optMap(k, {k: topic})]",
                "{'device_id': topic, 'payload': [{'p': payload}, {json_decode(payload).k: topic}][0].p}",
                "cel.bind(p, [{'p': payload}, {json_decode(payload).k: topic}][0].p, {'device_id': topic, 'payload':"
                        + " [p][0]})",
                // What dyn holds does not count for the type of a container, nor does null.
                "topic.split('/').filter(t, t == '') + dyn([{'device_id': topic, 'payload': payload}])",
                "{'device_id': topic, 'payload': dyn(optional.of(payload)).orValue('')}",
                "{'device_id': topic, 'payload': dyn(optional.none()).or(dyn(optional.of(payload))).orValue('')}",
                "{'device_id': topic, 'payload': ([topic] + dyn([payload]))[1]}",
                "cel.bind(p, ([topic] + dyn([payload]))[1], {'device_id': topic, 'payload': [p][0]})",
                "{'device_id': topic, 'payload': (topic == '' ? null : optional.of(dyn(payload))).orValue('')}",
                // Macros.
                "{'a': 1}.transformList(k, v, {'device_id': k, 'payload': payload})",
                "{'device_id': topic}.transformMapEntry(k, v, {k: dyn(v), 'payload': payload})",
                "has(headers.a) ? {'device_id': headers.a, 'payload': payload} : {'external_id': topic, 'payload':"
                        + " payload}",
                "json_decode(payload).?k.optFlatMap(k, optional.of(k)).optMap(k, {'device_id': k, 'payload':"
                        + " payload}).orValue({'device_id': '', 'payload': b''})",
                "json_decode(payload).list.map(l, l.map(d, {'device_id': d, 'payload': b''}))[0]",
                "json_decode(payload).list[0].fold(d, l, [], l + [{'device_id': d, 'payload': b''}])",
                "dyn([1].fold(e, u, topic, dyn({'device_id': topic, 'payload': payload})))",
                "{'device_id': topic, 'payload': [1].fold(e, p, topic, dyn(payload))}",
                "unfold(n, 0, n < 1 ? optional.of([{'device_id': topic, 'payload': payload}, n + 1]) : optional.none())",
                "dyn(unfold(s, topic, s == dyn(1) ? optional.none() : optional.of([s, dyn(s) == dyn(topic)"
                        + " ? dyn({'device_id': topic, 'payload': payload}) : dyn(1)]))[1])",
                "{'device_id': topic, 'payload': payload, ?'attributes': json_decode(payload).?k.optMap(k, {'a': k})}",
                "cel.bind(x, {'a': 1}.b, {'device_id': topic, 'payload': topic == '' ? dyn(x) : dyn(payload)})",
                "{'device_id': topic, 'payload': payload, 'f_port': has(headers.port) ? int(headers.port) : 0}",
            })
    void whatGivesAnUplinkIsSaved(String expression) throws Exception {
        assertThat(COMPILER.compile(expression).evaluate(MESSAGE)).as(expression).hasSize(1);

        assertThat(COMPILER.neverAnUplink(expression)).as(expression).isEmpty();
    }

    /** What is evaluated for a check is taken to depend on names alone, not on fields. */
    @Test
    void messagesDoNotCompile() {
        assertThatThrownBy(
                        () ->
                                COMPILER.neverAnUplink(
                                        "{'device_id': google.protobuf.StringValue{value: topic},"
                                                + " 'payload': payload}"))
                .isInstanceOf(TransformCompilationException.class)
                .hasMessageContaining("undeclared reference to 'google.protobuf.StringValue'");
    }

    @Test
    void aKeyAfterOneThatIsThereFailsAlsoWhereItsEntryHasNoValue() throws Exception {
        IntakeExpression expression =
                COMPILER.compile(
                        "{'device_id': topic, ?'device_id': json_decode(payload).?none, 'payload':"
                                + " payload}");
        assertThatThrownBy(() -> expression.evaluate(MESSAGE))
                .isInstanceOf(IntakeException.class)
                .hasMessageContaining("device_id");
    }

    @ParameterizedTest
    @EnumSource(IntakePreset.class)
    void presetsAreSavedAsExpressions(IntakePreset preset) throws Exception {
        assertThat(COMPILER.neverAnUplink(preset.expression())).isEmpty();
        // As the page advises where events are not wanted.
        assertThat(
                        COMPILER.neverAnUplink(
                                "cel.bind(found, dyn("
                                        + preset.expression()
                                        + "\n), found == null ? dyn(null) : found)"))
                .isEmpty();
    }

    @Test
    void whatDoesNotCompileIsSaidAsByTheCompiler() {
        assertThatThrownBy(() -> COMPILER.neverAnUplink("{'device_id': input}"))
                .isInstanceOf(TransformCompilationException.class)
                .hasMessageContaining("undeclared reference to 'input'");
    }

    /** Nobody holds the service up with what is looked at when it is saved. */
    @Test
    void whatIsHardToLookThroughIsSavedSoon() {
        StringBuilder names = new StringBuilder("cel.bind(a0, dyn(null), ");
        for (int i = 1; i <= 25; i++) {
            names.append("cel.bind(a%d, topic == '' ? a%d : a%d, ".formatted(i, i - 1, i - 1));
        }
        String doubling = names + "a25" + ")".repeat(26);
        String loops =
                "{'device_id': topic, 'payload': payload, 'attributes': {'a': lists.range(9000).map(i,"
                        + " lists.range(9000).size()).size()}}";
        for (String expression :
                List.of(
                        doubling,
                        loops,
                        // The limit may be another one where it is evaluated.
                        "lists.range(20000).map(i, {'device_id': 'd', 'payload': b''})")) {
            assertTimeoutPreemptively(
                    Duration.ofMinutes(1),
                    () -> assertThat(COMPILER.neverAnUplink(expression)).isEmpty());
        }
    }

    private static String refusal(String expression) throws Exception {
        return COMPILER.neverAnUplink(expression).orElseThrow().getMessage();
    }

    private static List<Issue> issues(String expression) throws Exception {
        return COMPILER.neverAnUplink(expression).orElseThrow().issues();
    }
}
