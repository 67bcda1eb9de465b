package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ponix.transforms.TransformCompilationException.Issue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransformCompilationTest {
    private final TransformCompiler compiler = TransformCompiler.create();

    @Test
    void showsTheLineAndACaretUnderTheColumn() {
        TransformCompilationException e = refused("{\n  \"a\": f_port / 2.0\n}");

        assertThat(e.issues())
                .singleElement()
                .satisfies(
                        issue -> {
                            assertThat(issue.line()).isEqualTo(2);
                            assertThat(issue.column()).isEqualTo(15);
                            assertThat(issue.message()).contains("(int, double)");
                        });
        assertThat(e.getMessage())
                .isEqualTo(
                        "2:15 "
                                + e.issues().get(0).message()
                                + "\n    \"a\": f_port / 2.0\n"
                                + "                ^");
    }

    @Test
    void showsEveryIssue() {
        TransformCompilationException e = refused("{'a': foo,\n 'b': bar}");

        assertThat(e.issues()).extracting(Issue::line).containsExactly(1, 2);
        assertThat(e.issues()).extracting(Issue::column).containsExactly(7, 7);
        assertThat(e).hasMessageContaining("  {'a': foo,\n        ^\n2:7 undeclared reference");
    }

    @Test
    void aTabStaysATabSoThatTheCaretLinesUpOnEveryScreen() {
        assertThat(refused("{\n\t\t'a':\tfoo}"))
                .hasMessageEndingWith("\n  \t\t'a':\tfoo}\n  \t\t    \t^");
    }

    @Test
    void columnsCountCodePointsAndWideCharactersTakeTwoCells() {
        TransformCompilationException e = refused("{'\uD83C\uDF21é温': foo}");

        assertThat(e.issues().get(0).column()).isEqualTo(9);
        // { ' 🌡 é 温 ' : space: eight characters, of which two are wide.
        assertThat(e).hasMessageEndingWith("\n  " + " ".repeat(10) + "^");
    }

    @Test
    void aCombiningMarkTakesNoCell() {
        assertThat(refused("{'e\u0301': foo}")).hasMessageEndingWith("\n  " + " ".repeat(6) + "^");
    }

    @Test
    void linesEndAsTheyDoOnWindowsToo() {
        TransformCompilationException e = refused("{'a': 1,\r\n'b': foo}");

        assertThat(e.issues().get(0).line()).isEqualTo(2);
        assertThat(e).hasMessageEndingWith("\n  'b': foo}\n       ^");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "{", "{'a': }", "'unterminated", "{'a': 1} extra", "\u0000"})
    void whatIsNotCelIsRefusedWithAPosition(String expression) {
        TransformCompilationException e = refused(expression);

        assertThat(e.issues()).isNotEmpty();
        assertThat(e.issues().get(0).line()).isPositive();
        assertThat(e.issues().get(0).column()).isPositive();
        assertThat(e.getMessage()).matches("(?s)\\d+:\\d+ .+");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 + 1|this expression gives int",
                "\"text\"|this expression gives string",
                "input|this expression gives bytes",
                "null|this expression gives null_type",
                "optional.of({'a': 1})|this expression gives optional_type",
                "{1: 2}|keys of type int",
                "{true: 2}|keys of type bool",
            })
    void anExpressionThatCannotGiveAnObjectIsRefused(String expression, String message) {
        assertThat(refused(expression))
                .hasMessageStartingWith("1:1 a transform gives a JSON object")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1]|this expression gives list(int)",
                "[[{'a': 1}]]|this expression gives list(list(map))",
                "[input]|this expression gives list(bytes)",
                "[{1: 2}]|keys of type int",
            })
    void aListOfWhatCannotBeObjectsIsRefused(String expression, String message) {
        assertThat(refused(expression)).hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[{}]",
                "[{'a': 1}, {'b': 'c'}]",
                "[dyn(1)]",
                "json_decode('[]')",
                "[1, 2].map(n, {'n': n})",
                "f_port == 1 ? dyn([{'a': 1}]) : dyn({'a': 1})",
                "{}",
                "{'a': 1}",
                "cayenne_lpp_decode(input)",
                "dyn(1)",
                "attributes",
                "f_port == 1 ? dyn({'a': 1}) : dyn({'b': 'c'})",
                "{dyn('a'): 1}"
            })
    void anExpressionThatMayGiveAnObjectIsAccepted(String expression) throws Exception {
        assertThat(compiler.compile(expression)).isNotNull();
    }

    @Test
    void tooLongAnExpressionIsRefused() {
        assertThat(
                        refused(
                                "{'a': '"
                                        + "x".repeat(TransformEnvironment.MAX_EXPRESSION_LENGTH)
                                        + "'}"))
                .hasMessageContaining("size exceeds limit");
    }

    @Test
    void anExpressionThatTakesLongToCheckIsRefused() {
        assertThat(refused("{'v': [" + "!true,".repeat(3_001) + "true]}"))
                .hasMessageContaining(
                        "has 3001 calls of functions and operators (a loop counts as 3), more than"
                                + " 3000");
        assertThat(refused("{'v': [" + "[1].map(x, x),".repeat(751) + "[1]]}"))
                .hasMessageContaining("has 3004 calls");
        assertThat(
                        refused(
                                "{'v': size("
                                        + "cel.bind(v, {v: v}, ".repeat(12)
                                        + "v"
                                        + ")".repeat(13)
                                        + "}"))
                .hasMessageContaining("the type of a value is too large");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "-", "!", "{'a':", "f_port + ", "f_port == 1 ? {} : "})
    void deepNestingIsRefusedOrAcceptedButNeverAnError(String opening) {
        String closing =
                opening.equals("(")
                        ? ")"
                        : opening.equals("[") ? "]" : opening.startsWith("{") ? "}" : "";
        for (int depth : new int[] {100, 240, 1_000, 3_000}) {
            String core =
                    opening.endsWith("+ ") || opening.equals("-")
                            ? "1"
                            : opening.equals("!") ? "true" : "{}";
            String expression = opening.repeat(depth) + core + closing.repeat(depth);
            try {
                compiler.compile("{'v': " + expression + "}");
            } catch (TransformCompilationException e) {
                assertThat(e.issues()).isNotEmpty();
            }
        }
    }

    private TransformCompilationException refused(String expression) {
        TransformCompilationException e =
                catchThrowableOfType(
                        TransformCompilationException.class, () -> compiler.compile(expression));
        assertThat(e).as("compiled: %s", expression).isNotNull();
        return e;
    }
}
