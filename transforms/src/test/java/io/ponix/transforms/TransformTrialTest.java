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
                "{'a': 1, 'b.c': input}|1:10 the dots of a key are %2E in a path of ClickHouse: a"
                        + " query writes data.`b%2Ec`",
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a': null, 'b': {'c': null}}|$.a is null, and no key with null is stored: it will be missing (and 1 more)",
                "{'a': [{'b': {}}]}|$.a[0].b is an empty object, and no key with one is stored: it will be missing",
                "{'a': [null, [1]]}|$.a[0] is null in a list with no other values, or none but lists or objects: it may become an empty list or object, by what other rows have there",
                "{'a': [null]}|$.a[0] is null in a list with no other values, or none but lists or objects: it may become an empty list or object, by what other rows have there",
                "{'a': [null, {'b': 1}]}|$.a[0] is null in a list with no other values, or none but lists or objects: it may become an empty list or object, by what other rows have there",
                "{'a': [[1], [-9007199254740993]]}|$.a[1][0] is an integer beyond 2^53 in a list: it may be rounded to a double, where that or another row's list has doubles; write string(x) to keep it",
                "{'a%2Eb': 1}|$[\"a%2Eb\"] has a key with %2E, which is read as a dot",
                "json_decode('[{\"a\": \"\\\\ud800\"}]')[0]|$.a holds U+FFFD, which stands for what is no character, such as half of a surrogate pair",
                "json_decode('[{\"\\\\ud800\": 1}]')[0]|$[\"\uFFFD\"] holds U+FFFD, which stands for what is no character, such as half of a surrogate pair",
            })
    void whatClickHouseDoesNotKeepIsAWarning(String expression, String warning) {
        Result result = run("input == b'' ? {} : " + expression);

        assertThat(result.failure()).isEmpty();
        assertThat(result.warnings())
                .extracting(Finding::issue)
                .extracting(issue -> issue.line() + ":" + issue.column() + " " + issue.message())
                .containsExactly("1:1 " + warning);
    }

    @Test
    void whatClickHouseKeepsIsNoWarning() {
        Result result =
                run(
                        "{'a': [], 'b': 9007199254740993, 'c': [null, 1], 'd': [9007199254740992, 2.5],"
                                + " 'e': [{}], 'f': input.hex(), 'g': [null, [1], 'x'], 'h%': 1}");

        assertThat(result.failure()).isEmpty();
        assertThat(result.warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a': {'b.c': 1, 'b%2Ec': 2}}|$.a|the keys \"b.c\" and \"b%2Ec\" have one name in ClickHouse",
                "json_decode('{\"a\": [{\"\\\\ud800\": 1, \"\\\\udc00\": 2}]}')|$.a[0]|have one name in ClickHouse",
                "{'a': [dyn([[18446744073709551615u]]), dyn([[-1], [1]])]}|$.a|ClickHouse has no type for lists of integers",
            })
    void whatClickHouseRefusesIsNoResult(String expression, String path, String message) {
        for (int evaluation = 0; evaluation < 3; evaluation++) {
            Failure failure = failure("input == b'' ? {} : " + expression);

            assertThat(failure.stage()).isEqualTo(Stage.OUTPUT);
            assertThat(failure.path()).contains(path);
            assertThat(failure.message()).startsWith(path + ": ").contains(message);
        }
    }

    @Test
    void largeAndNegativeNumbersThatDoNotMeetAreAResult() {
        assertThat(
                        run("{'a': [dyn(18446744073709551615u), dyn(-1)], 'b': [dyn([18446744073709551615u,"
                                        + " 1u]), dyn(-1)], 'c': [dyn([18446744073709551615u, 1u]),"
                                        + " dyn([1, 2])], 'd': input.hex()}")
                                .failure())
                .isEmpty();
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
    void namesThatAWalkBringsNeedNotBeUsed() {
        assertThat(run("{'a': input.tlv_list(1, tag, at, 0)}").warnings()).isEmpty();
        assertThat(run("{'a': unfold(n, size(input), optional.none())}").warnings()).isEmpty();
    }

    @Test
    void aKeyMayBeAsLongAsAResult() {
        Result result =
                run(
                        "cel.bind(k, lists.range(600).map(i, 'a').join(),"
                                + " {lists.range(100).map(i, k).join(): input.hex()})");
        assertThat(result.failure()).isEmpty();
        assertThat(result.warnings()).isEmpty();
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
