package io.ponix.transforms.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cel.common.types.SimpleType;
import io.ponix.transforms.ContractException;
import io.ponix.transforms.ExpressionCompiler;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.PayloadContract;
import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformException;
import io.ponix.transforms.TransformInput;
import io.ponix.transforms.TransformLimits;
import io.ponix.transforms.budget.WorkMeter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code warning(text)} and {@code warning(text, value)}. */
class WarningFunctionsTest {
    private static final TransformCompiler COMPILER = TransformCompiler.create();

    private final TransformInput in = new TransformInput().setPayload(new byte[3]).setFPort(2);
    private final JsonBuffer out = new JsonBuffer();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'a': warning('port ' + string(f_port), 5)}",
                "{'a': f_port == 2 ? warning('port 2', 5) : 5}",
                // Equal calls are evaluated once.
                "{'a': warning('port 2', 2 + 3), 'b': warning('port 2', 2 + 3)}",
                "{'a': size(input) == 4 || warning('port 2', true) ? 5 : 6}",
                "size(input) == 3 && warning('port 2', true) ? {'a': 5} : {'b': 6}",
                "{'a': [1, 2].map(i, warning('port 2', i))}",
                "{'a': [1, 2].exists(i, i == 1 || warning('port 2', true))"
                        + " ? warning('port 2', 5) : 6}",
                "cel.bind(v, warning('port 2', 5), {'a': v, 'b': v})",
                "{'a': [1].fold(i, sum, 0, warning('port 2', sum + i))}",
                "{'a': unfold(n, 0, n < 2 ? optional.of([warning('port 2', n), n + 1])"
                        + " : optional.none())}",
                "{?'a': warning('port 2', optional.none())}",
                "warning('port 2', {'a': 5})",
                "[{'a': 1}, {'a': warning('port 2', 2)}]",
                "{'a': warning('port 2')}",
                "{'a': f_port == 2 ? warning('port 2') : 1.5}"
            })
    void theTextIsNotedOnce(String expression) throws Exception {
        COMPILER.compile(expression).evaluate(in, out);
        assertThat(out.warnings()).containsExactly("port 2");
    }

    @Test
    void givesItsValueOrNull() throws Exception {
        COMPILER.compile(
                        "{'a': warning('x', 5), 'b': warning('x', 'text'), 'c': warning('x'),"
                                + " 'd': warning('x', [1.5]), ?'e': warning('x', optional.none())}")
                .evaluate(in, out);
        assertThat(out.toString()).isEqualTo("{\"a\":5,\"b\":\"text\",\"c\":null,\"d\":[1.5]}");
    }

    /** Neither hoisted out of a branch nor evaluated beforehand, however often it is there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'a': f_port == 3 ? warning('no', 1) : 1, 'b': f_port == 3 ? warning('no', 1) : 2}",
                "{'a': f_port == 3 && warning('no', true), 'b': f_port == 2 || warning('no', true)}",
                "{'a': [].map(i, warning('no', 5)), 'b': f_port == 3 ? warning('no', 5) : 1}",
                "{'a': [1, 2].map(i, i > 2, warning('no', i))}",
                "{'a': optional.of(1).orValue(2), 'b': f_port == 3 ? [warning('no', 1)] : []}",
                "{?'a': optional.none().optMap(v, warning('no', v))}"
            })
    void isNotNotedWhereItIsNotReached(String expression) throws Exception {
        COMPILER.compile(expression).evaluate(in, out);
        assertThat(out.warnings()).isEmpty();
    }

    @Test
    void textsAreInTheOrderInWhichTheyAreNoted() throws Exception {
        COMPILER.compile(
                        "{'a': [3, 1, 2, 1].map(i, warning(string(i), i)), 'b': warning(' ', 1),"
                                + " 'c': warning('', 1)}")
                .evaluate(in, out);
        assertThat(out.warnings())
                .containsExactly("3", "1", "2", "the transform warns of the payload");
    }

    @Test
    void eachEvaluationHasItsOwn() throws Exception {
        var transform = COMPILER.compile("f_port == 2 ? {'a': warning('two', 1)} : {'a': 1}");
        transform.evaluate(in, out);
        List<String> first = out.warnings();
        in.setFPort(3);
        out.reset();
        assertThat(out.warnings()).isEmpty();
        transform.evaluate(in, out);
        assertThat(out.warnings()).isEmpty();
        assertThat(first).containsExactly("two");
    }

    @Test
    void ofAnEvaluationThatFailsThereAreNone() {
        for (String expression :
                List.of(
                        "{'a': warning('x', 1), 'b': input.u8(9)}",
                        "{'a': warning('x', error('no'))}",
                        "{'a': warning('x', 1.0 / 0.0)}",
                        "{'a': warning('x', optional.none())}")) {
            assertThatThrownBy(() -> COMPILER.compile(expression).evaluate(in, out))
                    .as(expression)
                    .isInstanceOf(TransformException.class);
            assertThat(out.warnings()).as(expression).isEmpty();
        }
    }

    @Test
    void aTextIsNotNotedWhereItsValueFailsAndThatIsPassedOver() throws Exception {
        COMPILER.compile("{'a': warning('x', input.u8(9) == 0) || true}").evaluate(in, out);
        assertThat(out.warnings()).isEmpty();
    }

    @Test
    void fewAndShortTextsAreKeptAndTheOthersAreCounted() throws Exception {
        COMPILER.compile("{'a': lists.range(20).map(i, warning('text ' + string(i), i))}")
                .evaluate(in, out);
        assertThat(out.warnings())
                .hasSize(NotedWarnings.MAX_TEXTS + 1)
                .startsWith("text 0", "text 1")
                .endsWith("text 15", "and 4 more");

        // Of the longest kind, all but six do not fit.
        COMPILER.compile(
                        "{'a': lists.range(10).map(i, warning(string(i) + lists.range(300)"
                                + ".map(n, '°').join(''), i))}")
                .evaluate(in, out);
        List<String> warnings = out.warnings();
        assertThat(warnings).hasSize(3).endsWith("and 8 more");
        assertThat(warnings.get(0)).hasSize(NotedWarnings.MAX_TEXT_LENGTH).endsWith("°…");
        assertThat(String.join("", warnings).getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThanOrEqualTo(NotedWarnings.MAX_BYTES + 30);
    }

    @Test
    void aTextIsNotCutWithinACharacter() throws Exception {
        COMPILER.compile("{'a': warning('x' + lists.range(150).map(n, '😀').join(''), 1)}")
                .evaluate(in, out);
        assertThat(out.warnings().get(0)).endsWith("😀…").hasSize(NotedWarnings.MAX_TEXT_LENGTH);
    }

    @Test
    void costsItsTextWhateverItsValue() throws Exception {
        COMPILER.compile("{'a': warning('12345', input)}").evaluate(in, out);
        long small = WorkMeter.used();
        in.setPayload(new byte[100_000]);
        COMPILER.compile("{'a': warning('12345', input)}").evaluate(in, out);
        assertThat(small).isEqualTo(69);
        assertThat(WorkMeter.used()).isEqualTo(69);
    }

    @Test
    void warningsAreOfTheContractThatApplies() throws Exception {
        var contracts =
                COMPILER.compile(
                        List.of(
                                new PayloadContract(
                                        "warning('not this one', f_port == 1)", "{'a': 1}", ""),
                                new PayloadContract(
                                        "size(input) == 2 || warning('odd', true)",
                                        "{'a': warning('b', 2)}",
                                        "{\"properties\":{\"a\":{\"maximum\":2}}}"),
                                new PayloadContract("true", "{'a': 3}", "")));
        assertThat(contracts.evaluate(in, out)).isEqualTo(1);
        assertThat(out.warnings()).containsExactly("odd", "b");
    }

    @Test
    void whatASchemaRefusesHasNone() throws Exception {
        var contracts =
                COMPILER.compile(
                        List.of(
                                new PayloadContract(
                                        "true",
                                        "{'a': warning('b', 2)}",
                                        "{\"properties\":{\"a\":{\"maximum\":1}}}")));
        assertThatThrownBy(() -> contracts.evaluate(in, out)).isInstanceOf(ContractException.class);
        assertThat(out.rowCount()).isEqualTo(1);
        assertThat(out.warnings()).isEmpty();
    }

    @Test
    void anOperandThatIsNullIsWarnedOf() {
        assertThat(COMPILER.warnings("{'a': size(input) == 3 || warning('too long')}"))
                .containsExactly(
                        new Issue(
                                1,
                                34,
                                "warning(text) gives null, not true or false: write warning(text,"
                                        + " true)"));
        assertThat(COMPILER.warnings("{'a': size(input) == 3 || warning('too long', true)}"))
                .isEmpty();
    }

    /** An intake's expression makes no row that could carry it. */
    @Test
    void expressionsOfOtherThingsThanRowsDoNotHaveIt() {
        ExpressionCompiler compiler =
                new ExpressionCompiler(TransformLimits.DEFAULT, Map.of("x", SimpleType.INT));
        assertThatThrownBy(() -> compiler.compile("warning('no', x)", type -> Optional.empty()))
                .isInstanceOf(TransformCompilationException.class)
                .hasMessageContaining("undeclared reference to 'warning'");
    }
}
