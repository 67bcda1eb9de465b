package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.ponix.transforms.functions.FunctionCost;
import io.ponix.transforms.functions.FunctionLibrary;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No expression and no payload holds a processor: neither to compile it nor to evaluate it takes a
 * second of processor time, because it pays for what it does. The last resort, a longest duration,
 * is out of reach here.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OverloadTest {
    private static final Duration LONGEST = Duration.ofSeconds(1);

    private static final int EXPRESSIONS = 250;

    /** To look for more: -Dponix.overload.seed=7 */
    private static final long SEED = Long.getLong("ponix.overload.seed", 20_261_128);

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final TransformCompiler COMPILER =
            TransformCompiler.create(
                    new TransformLimits(
                            10_000, 10_000_000, 1 << 20, 32, 10_000, Duration.ofSeconds(60)));

    @BeforeAll
    static void warmUp() throws Exception {
        HostileExpressions hostile = new HostileExpressions(1);
        for (int i = 0; i < 100; i++) {
            run(hostile.expression(), hostile.payload());
        }
    }

    @Test
    void noExpressionTakesASecond() throws Exception {
        HostileExpressions hostile = new HostileExpressions(SEED);
        int evaluated = 0;
        for (int i = 0; i < EXPRESSIONS; i++) {
            String expression = hostile.expression();
            byte[] payload = hostile.payload();
            evaluated += run(expression, payload) ? 1 : 0;
        }
        assertThat(evaluated).as("expressions that compile").isGreaterThan(EXPRESSIONS / 2);
    }

    /** One that is left out of them is never tried with what means harm. */
    @Test
    void everyFunctionWhoseWorkGrowsWithItsArgumentsIsAmongTheExpressions() {
        List<String> growing = new ArrayList<>();
        for (FunctionLibrary library : FunctionLibrary.all()) {
            for (String name : library.names()) {
                // The id of an overload has the name of its function in it.
                boolean grows =
                        library.costs().entrySet().stream()
                                .filter(cost -> cost.getValue() != FunctionCost.CONSTANT)
                                .anyMatch(cost -> cost.getKey().contains(name));
                if (grows) {
                    growing.add(name);
                }
            }
        }
        assertThat(growing)
                .contains("hex", "slice", "json_decode", "cayenne_lpp_decode")
                .allSatisfy(
                        name ->
                                assertThat(HostileExpressions.templates())
                                        .as("a template in HostileExpressions that calls %s", name)
                                        .anyMatch(text -> text.contains(name + "(")));
    }

    /** Each took from two seconds to for ever before it was priced. */
    static Stream<Arguments> known() {
        String texts = HostileExpressions.texts(2_000);
        String wide = "x,".repeat(15_000) + "x";
        return Stream.of(
                arguments(doubled("'a'", "v + v", 18, "(v + v).contains(v + 'b')"), ""),
                arguments(doubled("'a'", "v + v", 16, "(v + v).indexOf(v + 'b')"), ""),
                arguments(doubled("'a'", "v + v", 16, "(v + v).lastIndexOf('b' + v)"), ""),
                arguments(doubled("'a'", "v + v", 16, "(v + v).replace(v + 'b', 'c').size()"), ""),
                arguments(doubled("'a'", "v + v", 16, "(v + v).split(v + 'b').size()"), ""),
                arguments(fiftyTimes(), "a".repeat(60_000)),
                arguments("json_decode(input).map(x, x + x + x).distinct().size()", texts),
                arguments("json_decode(input).distinct().size()", HostileExpressions.lists(2_000)),
                arguments("size({" + doubled("[1]", "[v, v]", 40, "dyn(v)") + ": 1})", ""),
                arguments("{}[" + doubled("[1]", "[v, v]", 40, "dyn(v)") + "]", ""),
                arguments("{1: 1, 2: 2}[" + doubled("[1]", "[v, v]", 40, "dyn(v)") + "]", ""),
                arguments("lists.range(10000).map(x, [" + wide + "]).size()", ""),
                arguments("lists.range(10000).exists(x, 1/0 > x" + orErrors(200) + ")", ""),
                arguments("'a'.matches('" + "(".repeat(5) + "a" + "{0,30})".repeat(5) + "')", ""),
                arguments(doubled("'1h'", "v + v", 17, "duration(v)"), ""),
                arguments(
                        "cel.bind(d, json_decode(input).transformMap(i, x, x),"
                                + " lists.range(8000).map(i, cel.bind(m, d, m.size())).size())",
                        texts),
                arguments("size(" + doubled("1", "{v: v}", 40, "v") + ")", ""),
                arguments("[" + "optional.of(1).optMap(v, v),".repeat(1_150) + "1]", ""),
                arguments("[" + "lists.range(3).map(x, x),".repeat(1_250) + "1]", ""));
    }

    @ParameterizedTest
    @MethodSource("known")
    void norDoWhatWasKnownTo(String value, String payload) {
        run("{'v': " + value + "}", payload.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aTextInATextIsStillFoundWhereTheyAreLong() throws Exception {
        String value =
                doubled(
                        "'ab'",
                        "v + v",
                        12,
                        "[(v + 'c' + v).indexOf('b' + 'c'), ('c' + v).lastIndexOf('c' + v),"
                                + " (v + v + 'c').indexOf(v + 'c'), (v + 'c' + v).split(v).size()]");
        JsonBuffer out = new JsonBuffer();
        COMPILER.compile("{'v': " + value + "}").evaluate(new TransformInput(), out);
        assertThat(out.toString()).isEqualTo("{\"v\":[8191,0,8192,3]}");
    }

    @Test
    void theLongestDurationEndsWhatTheWorkDoesNot() throws Exception {
        TransformCompiler impatient =
                TransformCompiler.create(
                        new TransformLimits(
                                1_000_000,
                                Long.MAX_VALUE,
                                1 << 20,
                                32,
                                10_000,
                                Duration.ofMillis(50)));
        Transform transform =
                impatient.compile(
                        "{'v': lists.range(1000000).map(i, lists.range(100000).size()).size()}");
        long start = THREADS.getCurrentThreadCpuTime();
        assertThatThrownBy(() -> transform.evaluate(new TransformInput(), new JsonBuffer()))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining(
                        "the evaluation goes over maxDuration, 50 ms of processor time");
        assertThat(since(start)).isBetween(Duration.ofMillis(50), LONGEST);
    }

    @Test
    void theLongestDurationCannotBeSwallowed() throws Exception {
        TransformCompiler impatient =
                TransformCompiler.create(
                        new TransformLimits(
                                1_000_000,
                                Long.MAX_VALUE,
                                1 << 20,
                                32,
                                10_000,
                                Duration.ofMillis(20)));
        Transform transform =
                impatient.compile(
                        "{'v': lists.range(1000000).map(i, lists.range(100000).size() > i || true)}");
        assertThatThrownBy(() -> transform.evaluate(new TransformInput(), new JsonBuffer()))
                .hasMessageContaining("maxDuration");
    }

    private static String doubled(String start, String step, int times, String then) {
        return "cel.bind(v, dyn("
                + start
                + "), "
                + ("cel.bind(v, " + step + ", ").repeat(times)
                + then
                + ")".repeat(times + 1);
    }

    private static String fiftyTimes() {
        StringBuilder list = new StringBuilder("[");
        for (int i = 0; i < 50; i++) {
            list.append("string(input).contains('" + "a".repeat(200) + "b" + i + "'), ");
        }
        return list.append("true]").toString();
    }

    private static String orErrors(int times) {
        StringBuilder errors = new StringBuilder();
        for (int i = 0; i < times; i++) {
            errors.append(" || (1/0 > x + " + i + ")");
            if (i % 100 == 99) {
                errors.insert(0, " || (false").append(")");
            }
        }
        return errors.toString();
    }

    /** Returns whether the expression compiles. */
    private static boolean run(String expression, byte[] payload) {
        Transform transform;
        try {
            transform = compiled(expression);
        } catch (TransformCompilationException e) {
            assertThat(e.getMessage()).hasSizeLessThan(100_000);
            return false;
        }
        assertThat(leastTime(() -> evaluate(transform, payload)))
                .as("to evaluate %s of %s bytes", shortened(expression), payload.length)
                .isLessThan(LONGEST);
        return true;
    }

    private static Transform compiled(String expression) throws TransformCompilationException {
        assertThat(leastTime(() -> isCompilable(expression)))
                .as("to compile %s", shortened(expression))
                .isLessThan(LONGEST);
        return COMPILER.compile(expression);
    }

    private static boolean isCompilable(String expression) {
        try {
            COMPILER.compile(expression);
            return true;
        } catch (TransformCompilationException e) {
            return false;
        }
    }

    private static void evaluate(Transform transform, byte[] payload) {
        try {
            transform.evaluate(new TransformInput().setPayload(payload), new JsonBuffer());
        } catch (TransformException e) {
            assertThat(e.getMessage()).hasSizeLessThan(1_100).doesNotContain("out of memory");
        }
    }

    /**
     * Of up to three runs. Neighbours on the machine and code that is not compiled yet only ever
     * add to it; what takes too long by itself does so each time.
     */
    private static Duration leastTime(Runnable work) {
        Duration least = null;
        for (int i = 0; i < 3 && (least == null || least.compareTo(LONGEST) >= 0); i++) {
            long start = THREADS.getCurrentThreadCpuTime();
            work.run();
            Duration time = since(start);
            least = least == null || time.compareTo(least) < 0 ? time : least;
        }
        return least;
    }

    private static String shortened(String expression) {
        return expression.length() <= 500
                ? expression
                : expression.substring(0, 500) + "… of " + expression.length() + " characters";
    }

    private static Duration since(long start) {
        return Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - start);
    }
}
