package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.ponix.transforms.PayloadContract.Part;
import io.ponix.transforms.TransformTrial.Failure;
import io.ponix.transforms.TransformTrial.Finding;
import io.ponix.transforms.TransformTrial.Result;
import io.ponix.transforms.TransformTrial.Stage;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransformTrialTest {
    private final TransformTrial trial = new TransformTrial(TransformCompiler.create());
    private final TransformInput input =
            new TransformInput().setPayload(HexFormat.of().parseHex("010d01"));

    @Test
    void aTrialGivesTheJsonAndWhatItCost() {
        Result result = run("{'celsius': double(input.i16be(0)) / 10.0, 'hex': input.hex()}");

        assertThat(result.json()).contains("{\"celsius\":26.9,\"hex\":\"010d01\"}");
        assertThat(result.failure()).isEmpty();
        assertThat(result.warnings()).isEmpty();
        assertThat(result.functionWork())
                .isBetween(6L, TransformLimits.DEFAULT.functionWork() / 1000);
    }

    @Test
    void whatDoesNotCompileIsShownWithACaretForEveryMistake() {
        Failure failure = failure("{\n  'a': input.u8(0) / 10.0,\n  'b': nope\n}");

        assertThat(failure.stage()).isEqualTo(Stage.COMPILE);
        assertThat(failure.findings())
                .extracting(finding -> finding.issue().line())
                .containsExactly(2, 3);
        assertThat(failure.message())
                .contains("'a': input.u8(0) / 10.0,\n                     ^")
                .contains("3:8 undeclared reference to 'nope'")
                .contains("  'b': nope\n         ^");
    }

    @Test
    void whatFailsOnAPayloadIsShownWithACaret() {
        Failure failure = failure("{\n  'battery': input.u8(0),\n  'level': input.u16be(7)\n}");

        assertThat(failure.stage()).isEqualTo(Stage.EVALUATE);
        assertThat(failure.findings())
                .singleElement()
                .extracting(Finding::issue)
                .satisfies(
                        issue -> {
                            assertThat(issue.line()).isEqualTo(3);
                            assertThat(issue.column()).isEqualTo(23);
                            assertThat(issue.message()).contains("u16be").doesNotContain("3:23");
                        });
        assertThat(failure.message())
                .startsWith("3:23 ")
                .endsWith("    'level': input.u16be(7)\n                        ^");
    }

    @Test
    void aWrongResultIsNamedByItsPath() {
        Failure failure = failure("{'a': [1.0, double(input.u8(0)) / 0.0]}");

        assertThat(failure.stage()).isEqualTo(Stage.OUTPUT);
        assertThat(failure.path()).contains("$.a[1]");
        assertThat(failure.message()).startsWith("$.a[1]: ");
        assertThat(failure.findings()).isEmpty();
    }

    @Test
    void aLimitIsNamed() {
        Result result = run("{'n': lists.range(200).map(x, lists.range(200).map(y, input.u8(0)))}");

        assertThat(result.failure().orElseThrow().stage()).isEqualTo(Stage.EVALUATE);
        assertThat(result.failure().orElseThrow().message()).contains("comprehensionIterations");
        assertThat(result.functionWork()).isPositive();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a': input.u8(0) / 10.0}|1:19 an int divided by a double does not compile: write"
                        + " double(x) around the int",
                "{'a': 10.0 * input.u8(0)}|1:12 a double multiplied by an int does not compile:"
                        + " write double(x) around the int",
                "{'a': uint(1) + input.u8(0)}|1:15 a uint plus an int does not compile: write"
                        + " int(x) around the uint",
                "{'a': f_port > 1 ? 1 : 'x', 'b': input}|1:18 both branches of ? : must be of one"
                        + " type: write dyn(x) around each",
                "{'a': payload.u8(0)}|1:7 the variable is called input",
                "{'a': fPort, 'b': input}|1:7 the variable is called f_port",
                "{'a': input.u8(0) / 10}|1:19 a division of whole numbers drops the remainder:"
                        + " where a fraction is meant, write double(x) / 10.0",
                "cel.bind(x, 1, {'a': input})|1:9 x is bound and never used",
                "{'a': 1, 'b.c': input}|1:10 ClickHouse takes a key with dots for a path: \"b.c\""
                        + " is stored as nested objects",
                "{'a': 1, ?'a': optional.of(input)}|1:11 the key \"a\" is there twice: that fails"
                        + " where both have a value",
                "{'a': f_port}|1:1 input is never read: the payload makes no difference",
                "json_decode(input.hex().size() > 0 ? '{}' : '')|1:1 the result is an empty object",
            })
    void whatIsProbablyNotMeantIsAWarning(String expression, String warning) {
        assertThat(run(expression).warnings())
                .extracting(Finding::issue)
                .extracting(issue -> issue.line() + ":" + issue.column() + " " + issue.message())
                .containsExactly(warning);
    }

    @Test
    void aBoundNameThatIsUsedIsNoWarning() {
        assertThat(
                        run("cel.bind(x, input.u8(0), cel.bind(y, x + 1, [x, y].all(z, z > 0) ?"
                                        + " {'a': double(y) / 2.0} : {}))")
                                .warnings())
                .isEmpty();
    }

    @Test
    void aKeyThatAnOptionalEntryMayLeaveToAnotherIsNoWarning() {
        Result result = run("{?'a': optional.none(), 'a': input}");

        assertThat(result.failure()).isEmpty();
        assertThat(result.warnings()).isEmpty();
    }

    @Test
    void anExpressionThatIsTooLongIsRefusedWithoutWarnings() {
        Result result = run("{'a': " + "1 + ".repeat(20_000) + "1}");

        assertThat(result.failure().orElseThrow().stage()).isEqualTo(Stage.COMPILE);
        assertThat(result.warnings()).isEmpty();
        assertThat(result.functionWork()).isZero();
    }

    @Test
    void ofContractsTheOneThatMatchedIsNamed() {
        Result second = run(contract("f_port == 9", "{'a': input}"), contract("", "{'b': input}"));
        assertThat(second.json()).contains("{\"b\":\"AQ0B\"}");
        assertThat(second.contract()).hasValue(1);

        Result none = run(contract("f_port == 9", "{'a': input}"));
        assertThat(none.json()).isEmpty();
        assertThat(none.contract()).isEmpty();
        assertThat(none.failure()).isEmpty();
        assertThat(none.warnings()).isEmpty();
    }

    @Test
    void ofContractsTheOneThatFailedIsNamed() {
        Result compile =
                run(
                        contract("nope", "{'a': input.u8(0) / 2.0}"),
                        new PayloadContract("true", "{'a': input}", "{\"type\": 3}"));
        assertThat(compile.failure().orElseThrow().findings())
                .extracting(Finding::contract, Finding::part)
                .containsExactly(
                        tuple(0, Part.MATCH_EXPRESSION), tuple(0, Part.TRANSFORM_EXPRESSION));
        assertThat(compile.failure().orElseThrow().message())
                .contains("contract 1, match_expression:\n1:1 undeclared reference to 'nope'")
                .contains("contract 2, json_schema:\n");

        Failure evaluate =
                run(contract("f_port == 9", "{'a': input}"), contract("", "{'b': input.u8(9)}"))
                        .failure()
                        .orElseThrow();
        assertThat(evaluate.contract()).hasValue(1);
        assertThat(evaluate.message())
                .startsWith("contract 2, transform_expression:\n1:")
                .endsWith("^");

        Result schema =
                run(
                        new PayloadContract(
                                "",
                                "{'b': input.u8(0)}",
                                "{\"properties\": {\"b\": {\"type\": \"string\"}}}"));
        assertThat(schema.failure().orElseThrow().stage()).isEqualTo(Stage.SCHEMA);
        assertThat(schema.failure().orElseThrow().path()).contains("$.b");
        assertThat(schema.json()).contains("{\"b\":1}");
    }

    private Result run(PayloadContract... contracts) {
        return trial.run(List.of(contracts), input);
    }

    private static PayloadContract contract(String match, String transform) {
        return new PayloadContract(match, transform, "");
    }

    private Failure failure(String expression) {
        Result result = run(expression);
        assertThat(result.json()).isEmpty();
        return result.failure().orElseThrow();
    }

    private Result run(String expression) {
        return trial.run(expression, input);
    }
}
