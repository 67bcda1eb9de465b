package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ponix.transforms.TransformException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions that mean harm, with the default limits. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BudgetTest {
    private final TransformCompiler compiler = TransformCompiler.create();
    private final TransformInput in = new TransformInput();
    private final JsonBuffer out = new JsonBuffer();

    @Test
    void theDefaults() {
        assertThat(TransformLimits.DEFAULT)
                .isEqualTo(
                        new TransformLimits(
                                10_000, 10_000_000, 1_048_576, 32, 10_000, Duration.ofSeconds(2)));
    }

    @Test
    void aLimitBelowItsMinimumIsRefused() {
        assertThatThrownBy(() -> new TransformLimits(0, 1, 2, 1, 1, Duration.ofSeconds(2)))
                .hasMessage("comprehensionIterations must be at least 1, is 0");
        assertThatThrownBy(() -> new TransformLimits(1, 0, 2, 1, 1, Duration.ofSeconds(2)))
                .hasMessage("functionWork must be at least 1, is 0");
        assertThatThrownBy(() -> new TransformLimits(1, 1, 1, 1, 1, Duration.ofSeconds(2)))
                .hasMessage("outputBytes must be at least 2, is 1");
        assertThatThrownBy(() -> new TransformLimits(1, 1, 2, 0, 1, Duration.ofSeconds(2)))
                .hasMessage("outputDepth must be at least 1, is 0");
        assertThatThrownBy(() -> new TransformLimits(1, 1, 2, 1, 1, Duration.ofNanos(999_999)))
                .hasMessage("maxDuration in ms must be at least 1, is 0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lists.range(10001).map(x, x)",
                "lists.range(101).map(x, lists.range(100).map(y, y))",
                "lists.range(101).all(x, lists.range(100).all(y, true))",
                "lists.range(10001).transformMap(i, v, v)",
            })
    void iterationsAreLimitedOverAllLoopsTogether(String expression) {
        assertThat(failure(expression))
                .isEqualTo(
                        "the expression goes over comprehensionIterations, 10000 elements visited"
                                + " by macros: PONIX_TRANSFORM_MAX_ITERATIONS of the job and the device"
                                + " service");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lists.range(10000).map(x, x)",
                "lists.range(100).map(x, lists.range(99).map(y, y)).size()",
                "cel.bind(l, lists.range(1000), l.map(x, l[x] + l[999 - x]).size())",
                "lists.range(1000).map(x, string(x)).join(',').split(',').distinct().sort().size()",
            })
    void ordinaryWorkIsWellInsideTheLimits(String expression) throws Exception {
        assertThat(evaluate(expression)).startsWith("{\"v\":");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lists.range(9223372036854775807)",
                "lists.range(2000000).size()",
                "lists.range(10000).map(x, lists.range(10000 + x).size()).size()",
                "'0123456789'.replace('', '0123456789'.replace('', 'x' + attributes.kilobyte"
                        + " + attributes.kilobyte)).replace('x', attributes.kilobyte)"
                        + ".replace('y', attributes.kilobyte)",
                "attributes.kilobyte.replace('y', attributes.kilobyte).replace('y',"
                        + " attributes.kilobyte)",
                "lists.range(10000).map(x, attributes.kilobyte).join()",
                "lists.range(10000).map(x, '').join(attributes.kilobyte + attributes.kilobyte)",
                "lists.range(10000).map(x, attributes.kilobyte.split('')).size()",
                "lists.range(10000).map(x, base64.encode(bytes(attributes.kilobyte))).size()",
                "lists.range(9999).map(x, attributes.kilobyte.contains('z' +"
                        + " attributes.kilobyte)).size()",
                "lists.range(1000000).distinct().size()",
                "sets.contains(lists.range(10000), lists.range(10000))",
                "sets.intersects(lists.range(10000).map(x, x * 2), lists.range(10000).map(x, x * 2"
                        + " + 1))",
                "lists.range(10000).filter(x, (x + 20000) in lists.range(1000)).size()",
                "lists.range(9000).filter(x,"
                        + " attributes.kilobyte.matches('(a|b|y)*(a|b|y)*z')).size()",
                "cel.bind(l, lists.range(2000), l.map(x, l == l.map(y, y)).size())",
            })
    void workOfFunctionsIsLimited(String expression) {
        assertThat(failure(expression))
                .containsAnyOf(
                        "the evaluation goes over functionWork, 10000000 characters, bytes and"
                                + " elements (each 8) handled by functions",
                        "the expression goes over comprehensionIterations");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Doubling strings, bytes and lists, thirty times and more.
                "'x'|%s + %s",
                "b'x'|%s + %s",
                "[1]|%s + %s",
                "'\"'|strings.quote(%s + %s)",
                "'x'|%s.replace('x', 'xx' + (%s == '' ? '' : 'x'))",
                // Lists that hold one another twice: small in memory, huge to look at.
                "[1]|[%s, %s]",
                "{'a': 1}|{'a': %s, 'b': %s}",
                "dyn([1])|dyn([%s, %s])",
                "optional.of([1])|optional.of([%s, %s])",
            })
    void growthByRepetitionIsStopped(String growth) {
        String start = growth.substring(0, growth.indexOf('|'));
        String step = growth.substring(growth.indexOf('|') + 1).replace("%s", "v");
        for (String end :
                List.of(
                        "v",
                        "[v] == [v, 1]",
                        "v == v1",
                        "[[v]].flatten(40)",
                        "[v, v1].distinct()",
                        "dyn(v) in [v1]",
                        "sets.equivalent([v], [v1])",
                        "dyn([v]).slice(2, 1)",
                        "type(v) == int",
                        "v.size()")) {
            String expression = repeated(start, step, 40, end);
            Transform transform;
            try {
                transform = compiler.compile(expression);
            } catch (TransformCompilationException e) {
                assertThat(e.getMessage()).contains("no matching overload");
                continue;
            }
            try {
                transform.evaluate(in, out);
            } catch (TransformException e) {
                assertThat(e.getMessage()).hasSizeLessThan(1_000);
            }
        }
    }

    /** {@code v} is the step applied {@code times} times to the start, {@code v1} a copy of it. */
    private static String repeated(String start, String step, int times, String end) {
        StringBuilder expression = new StringBuilder("{'v': ");
        int brackets = 0;
        for (String name : List.of("v1", "v")) {
            expression.append("cel.bind(").append(name).append(", ");
            expression.append("cel.bind(v, ").append(start).append(", ");
            expression.append(("cel.bind(v, " + step + ", ").repeat(times));
            expression.append("v").append(")".repeat(times + 1)).append(", ");
            brackets++;
        }
        return expression.append(end).append(")".repeat(brackets)).append("}").toString();
    }

    @Test
    void anErrorThatIsSwallowedDoesNotRefillTheBudget() {
        String expensive = "lists.range(1000000).size() > 0";
        assertThat(
                        failure(
                                "lists.range(9000).map(x, "
                                        + expensive
                                        + " || true).size() + (lists.range(100).size() > 0 ? 1 :"
                                        + " 0)"))
                .contains("functionWork");
    }

    @Test
    void theBudgetIsFullAgainForTheNextEvaluation() throws Exception {
        Transform transform = compiler.compile("{'v': lists.range(1000000).size()}");
        for (int i = 0; i < 3; i++) {
            out.reset();
            transform.evaluate(in, out);
            assertThat(out.toString()).isEqualTo("{\"v\":1000000}");
        }
    }

    @Test
    void theResultIsLimitedInBytesAndDepth() {
        assertThat(failure("lists.range(5000).map(x, attributes.kilobyte)"))
                .isEqualTo(
                        "the result is longer than outputBytes, 1048576 bytes of JSON:"
                                + " PONIX_TRANSFORM_MAX_OUTPUT_BYTES of the job and the device"
                                + " service");
        assertThat(failure("[".repeat(40) + "]".repeat(40)))
                .isEqualTo(
                        "the result nests deeper than outputDepth, 32 levels:"
                                + " PONIX_TRANSFORM_MAX_OUTPUT_DEPTH of the job and the device"
                                + " service");
    }

    @Test
    void limitsCanBeSet() throws Exception {
        TransformCompiler strict =
                TransformCompiler.create(
                        new TransformLimits(2, 100, 20, 2, 2, Duration.ofSeconds(2)));

        strict.compile("{'v': [1, 2].map(x, x)}").evaluate(in, out);
        assertThat(out.toString()).isEqualTo("{\"v\":[1,2]}");
        assertThatThrownBy(() -> strict.compile("{'v': [1, 2, 3].map(x, x)}").evaluate(in, out))
                .hasMessageContaining("comprehensionIterations, 2");
        assertThatThrownBy(() -> strict.compile("{'v': lists.range(20)}").evaluate(in, out))
                .hasMessageContaining("functionWork, 100");
        assertThatThrownBy(() -> strict.compile("{'v': 'longer than twenty'}").evaluate(in, out))
                .hasMessageContaining("outputBytes, 20");
        assertThatThrownBy(() -> strict.compile("{'v': [[1]]}").evaluate(in, out))
                .hasMessageContaining("outputDepth, 2");
        assertThatThrownBy(() -> strict.compile("[{}, {}, {}]").evaluate(in, out))
                .hasMessageStartingWith("the result has 3 rows, more than outputRows, 2: PONIX_");
    }

    private String evaluate(String value) throws Exception {
        in.setAttributes(Map.of("kilobyte", "y".repeat(1_000)));
        out.reset();
        compiler.compile("{'v': " + value + "}").evaluate(in, out);
        return out.toString();
    }

    private String failure(String value) {
        TransformException e =
                catchThrowableOfType(TransformException.class, () -> evaluate(value));
        assertThat(e).as("evaluated: %s", value).isNotNull();
        assertThat(e.kind()).isEqualTo(Kind.EVALUATION_FAILED);
        return e.getMessage();
    }
}
