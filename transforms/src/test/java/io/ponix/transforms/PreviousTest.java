package io.ponix.transforms;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a transform sees of the device's envelope before. */
class PreviousTest {

    private static final Instant BEFORE = Instant.parse("2026-01-31T12:00:00.5Z");

    private final TransformCompiler compiler = TransformCompiler.create();
    private final TransformInput in =
            new TransformInput().setPayload(new byte[] {5}).setOccurredAt(1_769_860_900L, 0);

    @Test
    void thereIsNothingBeforeTheFirst() throws Exception {
        assertThat(evaluate("{'size': previous.size(), 'has': has(previous.result)}"))
                .isEqualTo("{\"size\":0,\"has\":false}");
        assertThat(evaluate("{?'n': previous.?result.?n, 'or': previous.?result.?n.orValue(7)}"))
                .isEqualTo("{\"or\":7}");
    }

    @Test
    void anObjectItsTimeAndItsPortAreSeen() throws Exception {
        in.setPrevious(PreviousResult.of("{\"n\":3,\"of\":{\"x\":[1,2.5]}}", BEFORE, 9));

        assertThat(
                        evaluate(
                                "{'delta': input.u8(0) - previous.result.n, 'x':"
                                        + " previous.result.of.x[1], 'port': previous.f_port,"
                                        + " 'ago': occurred_at - previous.occurred_at}"))
                .isEqualTo("{\"delta\":2,\"x\":2.5,\"port\":9,\"ago\":\"99.500s\"}");
    }

    @Test
    void aListIsSeenAsItWasGiven() throws Exception {
        JsonBuffer out = new JsonBuffer();
        compiler.compile("[{'n': 1, 'occurred_at': timestamp(0)}, {'n': 2}]").evaluate(in, out);
        in.setPrevious(new PreviousResult(out.result(), 1_769_860_800L, 0, 0));

        assertThat(
                        evaluate(
                                "{'rows': previous.result.size(), 'n': previous.?result[?1].?n.orValue(0), 'at':"
                                        + " timestamp(previous.result[0].occurred_at)}"))
                .isEqualTo("{\"rows\":2,\"n\":2,\"at\":\"1970-01-01T00:00:00Z\"}");
    }

    @Test
    void theNextEvaluationSeesItsOwn() throws Exception {
        in.setPrevious(PreviousResult.of("{\"n\":1}", BEFORE, 0));
        assertThat(evaluate("{'n': previous.result.n}")).isEqualTo("{\"n\":1}");
        in.setPrevious(PreviousResult.of("{\"n\":2}", BEFORE, 0));
        assertThat(evaluate("{'n': previous.result.n}")).isEqualTo("{\"n\":2}");
        in.setPrevious(null);
        assertThat(evaluate("{'n': has(previous.result)}")).isEqualTo("{\"n\":false}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'a': previous.?result.?a}",
                "has(previous.result) ? [] : [{}]",
                "{'a': [1].map(x, x + size(previous))}",
                "cel.bind(p, previous, {'a': p})",
                "cel.bind(previous, previous, {'a': previous})"
            })
    void whatNamesItUsesIt(String expression) throws Exception {
        assertThat(contracts("true", expression).usesPrevious()).isTrue();
        assertThat(contracts("has(previous.result)", "{}").usesPrevious()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'previous': input.previous_is_no_field(0)}",
                "{'a': [1].map(previous, previous + 1)}",
                "cel.bind(previous, 1, {'a': previous})",
                "{'previous': 'previous'}"
            })
    void aKeyATextOrAVariableOfThatNameDoesNot(String expression) throws Exception {
        assertThat(
                        contracts("true", expression.replace("input.previous_is_no_field(0)", "1"))
                                .usesPrevious())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "previous.result.missing|key 'missing' is not present in map",
                "previous.result.n.x|",
                "previous.result + 1|",
            })
    void whatIsNotThereIsAnErrorOfTheEvaluation(String expression, String message) {
        in.setPrevious(PreviousResult.of("{\"n\":1}", BEFORE, 0));

        TransformException failure =
                catchThrowableOfType(
                        TransformException.class, () -> evaluate("{'v': " + expression + "}"));

        assertThat(failure.kind()).isEqualTo(TransformException.Kind.EVALUATION_FAILED);
        if (message != null) {
            assertThat(failure).hasMessageContaining(message);
        }
    }

    @Test
    void readingItHasAPrice() throws Exception {
        TransformCompiler strict =
                TransformCompiler.create(
                        new TransformLimits(
                                100, 1_000, 10_000, 10, 10, java.time.Duration.ofSeconds(2)));
        in.setPrevious(PreviousResult.of("{\"a\":\"" + "x".repeat(500) + "\"}", BEFORE, 0));

        TransformException failure =
                catchThrowableOfType(
                        TransformException.class,
                        () ->
                                strict.compile("{'f': previous.f_port}")
                                        .evaluate(in, new JsonBuffer()));

        assertThat(failure).hasMessageContaining("functionWork, 1000");
    }

    @Test
    void aResultThatCannotBeKeptIsRefusedWhereItWouldBeSeen() throws Exception {
        in.setPayload(new byte[PreviousResult.MAX_BYTES / 2]);
        JsonBuffer out = new JsonBuffer();

        ContractException failure =
                catchThrowableOfType(
                        ContractException.class,
                        () ->
                                contracts("true", "{'hex': input.hex(), ?'p': previous.?result}")
                                        .evaluate(in, out));

        assertThat(failure)
                .hasMessage(
                        "the result has 4106 bytes, more than the 4096 that are kept of a"
                                + " transform that uses previous");
        assertThat(failure.kind()).isEqualTo(ContractException.Kind.EVALUATION_FAILED);
        assertThat(out.rowCount()).isZero();
        assertThat(out.length()).isZero();
        contracts("true", "{'hex': input.hex()}").evaluate(in, out);
        assertThat(out.rowCount()).isEqualTo(1);
    }

    @Test
    void aResultThatIsTooDeepToBeReadIsLeftOutSoThatTheNextOneIsNotLostToo() throws Exception {
        in.setPrevious(
                PreviousResult.of("{\"a\":" + "[".repeat(60) + "]".repeat(60) + "}", BEFORE, 9));
        assertThat(evaluate("{'has': has(previous.result)}")).isEqualTo("{\"has\":true}");
        byte[] deeper = ("{\"a\":" + "[".repeat(80) + "]".repeat(80) + "}").getBytes(US_ASCII);
        in.setPrevious(new PreviousResult(deeper, BEFORE.getEpochSecond(), 0, 9));
        assertThat(evaluate("{'has': has(previous.result), 'port': previous.f_port}"))
                .isEqualTo("{\"has\":false,\"port\":9}");
    }

    @Test
    void whatGoesWithEachEnvelopeIsLimited() throws Exception {
        String schema = "{\"description\": \"" + "x".repeat(40_000) + "\"}";
        PayloadContract large = new PayloadContract("true", "{}", schema);
        compiler.compile(List.of(large, large));

        ContractCompilationException refused =
                catchThrowableOfType(
                        ContractCompilationException.class,
                        () ->
                                compiler.compile(
                                        List.of(
                                                large,
                                                large,
                                                new PayloadContract(
                                                        "has(previous.result)", "{}", ""))));

        assertThat(refused)
                .hasMessageContaining("expressions that use previous go with each envelope")
                .hasMessageContaining("at most 65536 characters, not 80072");
    }

    @Test
    void whatIsNoResultIsNotTaken() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PreviousResult.of("[1]", BEFORE, 0))
                .withMessageContaining("not a JSON object or a list of objects");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PreviousResult.of("{\"a\": ", BEFORE, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                PreviousResult.of(
                                        "{\"a\":\"" + "x".repeat(PreviousResult.MAX_BYTES) + "\"}",
                                        BEFORE,
                                        0))
                .withMessageContaining("more than the 4096 that are kept");
    }

    private PayloadContracts contracts(String match, String transform) throws Exception {
        return compiler.compile(List.of(new PayloadContract(match, transform, "")));
    }

    private String evaluate(String expression) throws Exception {
        JsonBuffer out = new JsonBuffer();
        compiler.compile(expression).evaluate(in, out);
        return out.resultText();
    }
}
