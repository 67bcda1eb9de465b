package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ponix.transforms.TransformException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Transforms that give several rows, and rows with times of their own. */
class RowsTest {

    private final TransformCompiler compiler = TransformCompiler.create();
    private final TransformInput in = new TransformInput().setPayload(new byte[] {1, 2, 3});
    private final JsonBuffer out = new JsonBuffer();

    @Test
    void anObjectIsOneRow() throws Exception {
        evaluate("{'a': 1}");

        assertThat(out.isList()).isFalse();
        assertThat(rows()).containsExactly("{\"a\":1}");
        assertThat(out.rowTime(0)).isNull();
        assertThat(out.resultText()).isEqualTo("{\"a\":1}").isEqualTo(out.toString());
    }

    @Test
    void eachElementOfAListIsARow() throws Exception {
        evaluate("lists.range(3).map(i, {'n': input.u8(i), 'in': [{'side': i}]})");

        assertThat(out.isList()).isTrue();
        assertThat(rows())
                .containsExactly(
                        "{\"n\":1,\"in\":[{\"side\":0}]}",
                        "{\"n\":2,\"in\":[{\"side\":1}]}",
                        "{\"n\":3,\"in\":[{\"side\":2}]}");
        assertThat(out.resultText()).isEqualTo("[" + String.join(",", rows()) + "]");
    }

    @Test
    void aListOfOneRowIsAList() throws Exception {
        evaluate("[{'a': 1}]");

        assertThat(out.isList()).isTrue();
        assertThat(out.resultText()).isEqualTo("[{\"a\":1}]");
    }

    @Test
    void anEmptyListHasNoRow() throws Exception {
        evaluate("[1].filter(n, n > 1).map(n, {'n': n})");

        assertThat(out.isList()).isTrue();
        assertThat(out.rowCount()).isZero();
        assertThat(out.resultText()).isEqualTo("[]");
    }

    @Test
    void theReservedKeyIsTheTimeOfItsRowAndNoPartOfItsJson() throws Exception {
        evaluate(
                "[{'occurred_at': timestamp(60), 'n': 1}, {'n': 2},"
                        + " {'n': 3, 'occurred_at': timestamp('2026-01-31T12:00:00.25Z')},"
                        + " {'occurred_at': timestamp(0)}]");

        assertThat(rows()).containsExactly("{\"n\":1}", "{\"n\":2}", "{\"n\":3}", "{}");
        assertThat(out.rowTime(0)).isEqualTo(Instant.ofEpochSecond(60));
        assertThat(out.rowTime(1)).isNull();
        assertThat(out.rowTime(2)).isEqualTo(Instant.parse("2026-01-31T12:00:00.25Z"));
        assertThat(out.resultText())
                .isEqualTo(
                        "[{\"occurred_at\":\"1970-01-01T00:01:00Z\",\"n\":1},{\"n\":2},"
                                + "{\"occurred_at\":\"2026-01-31T12:00:00.250Z\",\"n\":3},"
                                + "{\"occurred_at\":\"1970-01-01T00:00:00Z\"}]");
    }

    @Test
    void aSingleObjectMayGiveItsTimeToo() throws Exception {
        evaluate("{'n': 1, 'occurred_at': timestamp(60), 'm': 2}");

        assertThat(rows()).containsExactly("{\"n\":1,\"m\":2}");
        assertThat(out.rowTime(0)).isEqualTo(Instant.ofEpochSecond(60));
        assertThat(out.resultText())
                .isEqualTo("{\"occurred_at\":\"1970-01-01T00:01:00Z\",\"n\":1,\"m\":2}");
    }

    @Test
    void theKeyIsReservedAtTheTopOnly() throws Exception {
        evaluate("{'last': {'occurred_at': 'noon'}}");

        assertThat(rows()).containsExactly("{\"last\":{\"occurred_at\":\"noon\"}}");
    }

    @Test
    void anAbsentTimeIsTheEnvelopes() throws Exception {
        evaluate("{?'occurred_at': optional.none(), 'n': 1}");

        assertThat(rows()).containsExactly("{\"n\":1}");
        assertThat(out.rowTime(0)).isNull();
    }

    @Test
    void documentsHaveRowsToo() throws Exception {
        evaluate("json_decode('[{\"a\":1},{\"b\":[]}]')");
        assertThat(rows()).containsExactly("{\"a\":1}", "{\"b\":[]}");
    }

    @Test
    void theTimeOfADocumentIsTextAsJsonHasNoTimestamps() throws Exception {
        evaluate("json_decode('{\"a\":1,\"occurred_at\":\"2026-01-31T13:00:00.5+01:00\"}')");
        assertThat(rows()).containsExactly("{\"a\":1}");
        assertThat(out.rowTime(0)).isEqualTo(Instant.parse("2026-01-31T12:00:00.5Z"));

        evaluate("json_decode('{\"a\":1,\"occurred_at\":null}')");
        assertThat(rows()).containsExactly("{\"a\":1}");
        assertThat(out.rowTime(0)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dyn([{'a': 1}, 2])|$[1]: is an int, not an object",
                "dyn([[{'a': 1}]])|$[0]: is a list, not an object",
                "[{'a': 1.0}, {'a': 1.0 / 0.0}]|$[1].a: JSON has no number Infinity",
                "[{'a': dyn(1)}, {'a': dyn({1: 2})}]|$[1].a: the key 1 is an int, not a string",
                "[{}, {'occurred_at': 'noon'}]|$[1].occurred_at: the key is reserved for the row's"
                        + " time, a timestamp, and this is a text that is not of the form"
                        + " 2026-01-31T12:00:00Z; write timestamp(...), or give what is no time"
                        + " another name",
                "{'occurred_at': '2026-01-31 12:00:00'}|a text that is not of the form",
                "{'occurred_at': 1769860800}|$.occurred_at: the key is reserved",
                "dyn(1)|$: the result is an int, not an object or a list of objects",
            })
    void whatIsNoRowIsNamedWithItsElement(String expression, String message) {
        TransformException failure = failure(expression);

        assertThat(failure.kind()).isEqualTo(Kind.INVALID_OUTPUT);
        assertThat(failure).hasMessageContaining(message);
        assertThat(out.length()).isZero();
        assertThat(out.rowCount()).isZero();
    }

    @Test
    void whatClickHouseRefusesIsNamedWithItsElement() {
        TransformException failure =
                failure("[{'a': 1}, {'a%2Eb': 1, 'a.b': 2, 'occurred_at': timestamp(0)}]");

        assertThat(failure.kind()).isEqualTo(Kind.INVALID_OUTPUT);
        assertThat(failure.getMessage()).startsWith("$[1]");
    }

    @Test
    void anElementThatFailsFailsAll() {
        assertThat(failure("[0, 1, 9].map(i, {'n': input.u8(i)})").kind())
                .isEqualTo(Kind.EVALUATION_FAILED);
        assertThat(out.rowCount()).isZero();
    }

    @Test
    void rowsAreLimitedInNumberAndInBytesTogether() throws Exception {
        TransformCompiler strict =
                TransformCompiler.create(
                        new TransformLimits(100, 100_000, 30, 1, 3, Duration.ofSeconds(2)));

        strict.compile("[{}, {}, {}]").evaluate(in, out);
        assertThat(out.rowCount()).isEqualTo(3);
        assertThatThrownBy(() -> strict.compile("[{}, {}, {}, {}]").evaluate(in, out))
                .hasMessageStartingWith("the result has 4 rows, more than outputRows, 3: PONIX_");
        assertThatThrownBy(
                        () ->
                                strict.compile("[{'a': 'twelve bytes'}, {'a': 'twelve bytes'}]")
                                        .evaluate(in, out))
                .hasMessageContaining("outputBytes, 30");
        assertThatThrownBy(() -> strict.compile("[{'a': {}}]").evaluate(in, out))
                .hasMessageContaining("outputDepth, 1");
    }

    @Test
    void aSchemaIsForEachRowAndNamesTheOneThatItRefuses() throws Exception {
        PayloadContracts contracts =
                compiler.compile(
                        List.of(
                                new PayloadContract(
                                        "true",
                                        "[{'n': 1, 'occurred_at': timestamp(0)}, {'n':"
                                                + " input.u8(0)}]",
                                        "{\"additionalProperties\": false, \"properties\":"
                                                + " {\"n\": {\"maximum\": 5}}}")));

        assertThat(contracts.evaluate(in, out)).isZero();
        assertThat(rows()).containsExactly("{\"n\":1}", "{\"n\":1}");

        in.setPayload(new byte[] {6});
        ContractException refused =
                catchThrowableOfType(ContractException.class, () -> contracts.evaluate(in, out));
        assertThat(refused).hasMessage("$[1].n: must have a maximum value of 5");
        assertThat(out.resultText())
                .isEqualTo("[{\"occurred_at\":\"1970-01-01T00:00:00Z\",\"n\":1},{\"n\":6}]");
    }

    @Test
    void ofSeveralResultsInOneBufferTheRowsAreThoseOfTheLast() throws Exception {
        compiler.compile("[{'a': 1}, {'a': 2}]").evaluate(in, out);
        compiler.compile("{'b': 3, 'occurred_at': timestamp(0)}").evaluate(in, out);

        assertThat(out).hasToString("[{\"a\":1},{\"a\":2}]{\"b\":3}");
        assertThat(rows()).containsExactly("{\"b\":3}");
        assertThat(out.resultText())
                .isEqualTo("{\"occurred_at\":\"1970-01-01T00:00:00Z\",\"b\":3}");
    }

    private void evaluate(String expression) throws Exception {
        out.reset();
        compiler.compile(expression).evaluate(in, out);
    }

    private TransformException failure(String expression) {
        return catchThrowableOfType(TransformException.class, () -> evaluate(expression));
    }

    private List<String> rows() {
        return IntStream.range(0, out.rowCount()).mapToObj(out::rowText).toList();
    }
}
