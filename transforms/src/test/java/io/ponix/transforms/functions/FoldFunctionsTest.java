package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformException;
import io.ponix.transforms.TransformInput;
import io.ponix.transforms.TransformLimits;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FoldFunctionsTest {
    /** A number of seven bits a byte, the lowest first, from a place on: its value and its end. */
    private static final String VARINTS =
            "unfold(at, 0, at < size(input)"
                    + " ? cel.bind(parts, unfold(b, at, b == at || input.bit(b - 1, 7)"
                    + "     ? optional.of([input.bits(b, 0, 7), b + 1]) : optional.none()),"
                    + "   optional.of([parts.fold(i, part, sum, 0, sum + math.bitShiftLeft(part, 7 * i)),"
                    + "     at + size(parts)]))"
                    + " : optional.none())";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1, 2, 3].fold(e, sum, 0, sum + e)|6",
                "[].fold(e, sum, 7, sum + e)|7",
                "[1, 2, 3].fold(e, sums, [], sums + [sums.last().orValue(0) + e])|[1,3,6]",
                "[1, 2, 3].fold(e, text, 'x', text + string(e))|\"x123\"",
                "[1, 2, 3].fold(e, last, optional.none(), optional.of(e)).value()|3",
                "{'a': 1, 'b': 2}.fold(k, keys, '', keys + k)|\"ab\"",
                "{'a': 1, 'b': 2}.fold(k, v, text, '', text + k + string(v))|\"a1b2\"",
                "['a', 'b'].fold(i, v, text, '', text + string(i) + v)|\"0a1b\"",
                "[[1, 2], [3]].fold(l, all, 0, all + l.fold(e, sum, 0, sum + e))|6",
                "[[1, 2], [3]].fold(e, acc, 0, acc + e.fold(e, acc, 0, acc + e))|6",
                "[1, 2].fold(e, m, {'n': 0}, {'n': m.n + e}).n|3",
                "[1, 2].fold(e, m, {}, m.transformMap(k, v, v)).size()|0",
                "[3, 1].fold(e, l, [9], l)|[9]",
                "[3, 1].fold(e, l, [9], l + l)|[9,9,9,9]",
                "cel.bind(x, [1], [2, 3].fold(e, l, x, l + [e]) + x)|[1,2,3,1]",
                "cel.bind(x, [1] + [2], [3, 4].fold(e, l, x, l + [e]) + [4, 3].fold(e, l, x, l + [e]))|[1,2,3,4,1,2,4,3]",
                "[1, 2].map(x, [3, 4].fold(e, sum, x, sum + e))|[8,9]",
                "[1, 2].fold(e, d, dyn(0), d == 0 ? dyn(e) : dyn(1.5))|1.5",
                "unfold(n, 1, n > 100 ? optional.none() : optional.of([n, n * 2]))|[1,2,4,8,16,32,64]",
                "unfold(n, 1, optional.none())|[]",
                "unfold(n, 3, n > 0 ? optional.of([string(n), n - 1]) : optional.none())|[\"3\",\"2\",\"1\"]",
                "unfold(s, {'a': 0, 'b': 1}, s.a < 20 ? optional.of([s.a, {'a': s.b, 'b': s.a + s.b}]) : optional.none())|[0,1,1,2,3,5,8,13]",
                "unfold(s, [1, 2], optional.of(s).optMap(t, [t[0], t.slice(1, size(t))]).hasValue() && size(s) > 0 ? optional.of([s[0], s.slice(1, size(s))]) : optional.none())|[1,2]",
                "unfold(s, [1, 2], s.first().optMap(f, [f, s.slice(1, size(s))]))|[1,2]",
                "unfold(s, 0, {0: 5, 5: 9}[?s].optFlatMap(n, n > 8 ? optional.none() : optional.of([n, n])))|[5]",
                "unfold(s, 'abc', cel.bind(n, size(s), n == 0 ? optional.none() : optional.of(n == 1 ? [n, ''] : [n, s.substring(1)])))|[3,2,1]",
                "unfold(n, 0, n < 3 ? optional.of([unfold(m, n, m < 3 ? optional.of([m, m + 1]) : optional.none()), n + 1]) : optional.none())|[[0,1,2],[1,2],[2]]",
                "unfold(n, 0, n < 2 ? optional.of([{'n': n}, n + 1]) : optional.none()).map(r, r.n)|[0,1]",
                // What is written twice is done once, and means the same.
                "unfold(n, 0, n < 3 ? optional.of([n, n + 1]) : optional.none()) + unfold(n, 0, n < 3 ? optional.of([n, n + 1]) : optional.none())|[0,1,2,0,1,2]",
            })
    void handsAValueOn(String expression, String expected) throws Exception {
        assertThat(json(expression, "")).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"05|[5]", "96 01|[150]", "05 96 01 ff ff 7f|[5,150,2097151]", "''|[]"})
    void readsRecordsThatTellTheirOwnLength(String payload, String expected) throws Exception {
        assertThat(json(VARINTS, payload)).isEqualTo(expected);
    }

    @Test
    void anErrorInsideOfARoundIsToldWithItsPlace() {
        assertThat(error(VARINTS, "96"))
                .isEqualTo("bits: 1 byte at offset 1 is outside of the 1 byte there are");
        assertThat(error("[1, 0].fold(e, acc, 8, acc / e)", "")).isEqualTo("division by zero");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1].fold(e.x, acc, 0, acc)|1:17 fold: a simple name is needed here",
                "[1].fold(e, 'acc', 0, 1)|fold: a simple name is needed here",
                "[1].fold(e, e, 0, e)|fold: the name 'e' is there twice",
                "[1].fold(k, e, k, 0, e)|fold: the name 'k' is there twice",
                "[1].fold(e, acc, 0, string(e))|expected type 'int' but found 'string'",
                "[1].fold(e, acc, 0)|fold is written list.fold(x, accumulator, initial, step)",
                "1.fold(e, acc, 0, acc)|cannot be range of a comprehension",
                "unfold(1, 0, optional.none())|unfold: a simple name is needed here",
                "unfold(n, 0, [n, n])|1:20 unfold: a step is optional.of([value, next state]) or optional.none()",
                "unfold(n, 0, optional.of(n))|unfold: a step is optional.of([value, next state])",
                "unfold(n, 0, optional.of([n]))|unfold: a step is optional.of([value, next state])",
                "unfold(n, 0, optional.of([n, ?optional.of(n)]))|unfold: a step is optional.of([value, next state])",
                "unfold(n, 0, n > 1 ? n : optional.none())|unfold: a step is optional.of([value, next state])",
                "unfold(n, 0, optional.of([n, 'x']))|unfold: the next state must be of the type of the first one",
                "unfold(n, 0, n > 1 ? optional.of([n, 1]) : optional.of(['n', 1]))|found no matching overload for '_?_:_'",
                "unfold(n, 0, n < 3 ? optional.of([n, n + 1]) : optional.none()).map(s, s + 'x')|found no matching overload for '_+_'",
                "unfold(n, 0)|unfold is written unfold(state, initial, step)",
            })
    void theCompilerKnowsTheTypes(String expression, String message) {
        assertThatThrownBy(() -> json(expression, ""))
                .isInstanceOf(TransformCompilationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aStateThatStaysWouldNeverEnd() {
        assertThat(error("unfold(at, 4, optional.of([at, at + input.u8(0)]))", "00"))
                .isEqualTo("unfold: the next state is the state itself, 4: that would never end");
        assertOverIterations("unfold(s, 'a', optional.of([1, s]))");
    }

    @Test
    void roundsAreCountedAndPaidForLikeThoseOfAnyLoop() throws Exception {
        assertThat(json("lists.range(10000).fold(e, sum, 0, sum + e)", "")).isEqualTo("49995000");
        assertOverIterations("lists.range(10001).fold(e, sum, 0, sum + e)");
        assertOverIterations(
                "lists.range(101).fold(e, sum, 0, lists.range(100).fold(f, s, sum, s + f))");
        assertThat(
                        json(
                                "unfold(n, 0, n < 9998 ? optional.of([n, n + 1]) : optional.none()).size()",
                                ""))
                .isEqualTo("9998");
        assertOverIterations(
                "unfold(n, 0, n < 9999 ? optional.of([n, n + 1]) : optional.none()).size()");
        String wide =
                IntStream.range(0, 3_000)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(", ", "[", "]"));
        assertThat(error("lists.range(9000).fold(e, l, [0], " + wide + ")", ""))
                .contains("functionWork");
        assertThat(
                        error(
                                "unfold(n, 0, size("
                                        + wide
                                        + ") > n ? optional.of([n, n + 1]) : optional.none())",
                                ""))
                .contains("functionWork");
    }

    private static void assertOverIterations(String expression) {
        assertThatThrownBy(() -> json(expression, ""))
                .isInstanceOf(TransformException.class)
                .hasMessageStartingWith(
                        "the expression goes over comprehensionIterations, 10000 elements visited by"
                                + " macros");
    }

    /** The square of 10,000 elements would be over the budget a hundred times. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lists.range(9990).fold(e, l, [], l + [e]).size()|9990",
                "lists.range(9990).fold(e, l, [0, 1], l + [l[size(l) - 1] + e]).size()|9992",
                "lists.range(9990).fold(e, l, [], e % 2 == 0 ? l + [e] : l).size()|4995",
                "size(unfold(l, [0], size(l) < 9990 ? optional.of([size(l), l + [1]]) : optional.none()))|9989",
                "size(unfold(s, {'l': [0]}, size(s.l) < 9990 ? optional.of([1, {'l': s.l + [1]}]) : optional.none()))|9989",
                "cel.bind(l, lists.range(9990), l.map(i, l[i]).size())|9990",
            })
    void aListThatGrowsIsNotCopiedInEveryRound(String expression, int elements) throws Exception {
        TransformCompiler strict =
                TransformCompiler.create(
                        new TransformLimits(
                                10_000, 3_000_000, 100, 10, 100, Duration.ofSeconds(2)));
        JsonBuffer out = new JsonBuffer();
        strict.compile("{'v': " + expression + "}").evaluate(new TransformInput(), out);
        assertThat(out.toString()).isEqualTo("{\"v\":" + elements + "}");
    }

    @Test
    void whatAccumulatesIsPaidFor() {
        assertThat(error("lists.range(9990).fold(e, s, 'x', s + s)", "")).contains("functionWork");
        assertThat(error("lists.range(9990).fold(e, l, [1], l + l)", "")).contains("functionWork");
        assertThat(error("lists.range(9990).fold(e, l, [], [e] + l)", "")).contains("functionWork");
        assertThat(
                        error(
                                "cel.bind(m, lists.range(5000).transformMap(i, v, v),"
                                        + " lists.range(4000).map(x, [1].fold(e, acc, m, acc).size()))",
                                ""))
                .contains("functionWork");
    }
}
