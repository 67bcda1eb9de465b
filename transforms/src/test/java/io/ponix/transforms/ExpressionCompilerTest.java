package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cel.common.types.CelKind;
import dev.cel.common.types.SimpleType;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExpressionCompilerTest {
    private static final ResultRule STRINGS =
            type ->
                    type.kind() == CelKind.STRING || type.kind() == CelKind.DYN
                            ? Optional.empty()
                            : Optional.of("wants a string, not " + type.name());

    private final ExpressionCompiler compiler =
            new ExpressionCompiler(TransformLimits.DEFAULT, Map.of("name", SimpleType.STRING));

    @Test
    void anExpressionSeesItsVariablesAndHasAllFunctions() throws Exception {
        assertThat(
                        compiler.compile("hex_decode(name).hex() + '!'", STRINGS)
                                .evaluate(Map.of("name", "01FF")::get))
                .isEqualTo("01ff!");
    }

    @Test
    void itSeesNothingElse() {
        assertThatThrownBy(() -> compiler.compile("input.hex()", STRINGS))
                .isInstanceOf(TransformCompilationException.class)
                .hasMessageContaining("undeclared reference to 'input'");
    }

    @Test
    void aTypeThatTheRuleRefusesDoesNotCompile() {
        assertThatThrownBy(() -> compiler.compile("size(name)", STRINGS))
                .isInstanceOf(TransformCompilationException.class)
                .hasMessageContaining("1:1 wants a string, not int");
    }

    @Test
    void everyEvaluationHasABudgetOfItsOwn() throws Exception {
        ExpressionCompiler narrow =
                new ExpressionCompiler(
                        new TransformLimits(10, 100, 1 << 10, 8, 10, Duration.ofSeconds(2)),
                        Map.of("name", SimpleType.STRING));
        Expression expression = narrow.compile("name + name", STRINGS);
        for (int i = 0; i < 10; i++) {
            assertThat(expression.evaluate(name -> "0123456789")).isEqualTo("01234567890123456789");
        }
        assertThatThrownBy(() -> expression.evaluate(name -> "0".repeat(60)))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("functionWork");
    }

    @Test
    void whatVariablesRaiseIsAnAnswerToo() throws Exception {
        Expression expression = compiler.compile("name", STRINGS);
        assertThatThrownBy(
                        () ->
                                expression.evaluate(
                                        name -> {
                                            throw new IllegalStateException("no " + name);
                                        }))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("no name");
    }
}
