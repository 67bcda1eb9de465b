package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ponix.transforms.ContractException.Kind;
import io.ponix.transforms.PayloadContract.Part;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.schema.SchemaViolation;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadContractsTest {
    private static final String TEMPERATURE_SCHEMA =
            "{\"properties\":{\"celsius\":{\"maximum\":85}},\"required\":[\"celsius\"]}";

    private final TransformCompiler compiler = TransformCompiler.create();
    private final TransformInput in = new TransformInput();
    private final JsonBuffer out = new JsonBuffer();

    @Test
    void theFirstContractThatMatchesDecides() throws Exception {
        PayloadContracts contracts =
                compiler.compile(
                        List.of(
                                new PayloadContract("f_port == 1", "{'first': 1}", ""),
                                new PayloadContract("f_port < 3", "{'second': 2}", ""),
                                new PayloadContract("f_port == 1", "{'never': 3}", "")));

        assertThat(contracts.size()).isEqualTo(3);
        assertThat(contracts.evaluate(in.setFPort(1), out)).isEqualTo(0);
        assertThat(contracts.evaluate(in.setFPort(2), out)).isEqualTo(1);
        assertThat(contracts.evaluate(in.setFPort(3), out)).isEqualTo(PayloadContracts.NO_MATCH);
        assertThat(out).hasToString("{\"first\":1}{\"second\":2}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "", " ", "(true)", "size(input) == 2"})
    void aDevicesOwnTransformIsAContractThatMatchesAll(String match) throws Exception {
        PayloadContracts contracts =
                compiler.compile(
                        List.of(new PayloadContract(match, "{'n': input.u16be(0)}", "{}")));

        assertThat(contracts.evaluate(in.setPayload(new byte[] {1, 0}), out)).isZero();
        assertThat(out).hasToString("{\"n\":256}");
        assertThat(PayloadContract.always("x")).isEqualTo(new PayloadContract("true", "x", ""));
    }

    @Test
    void aSchemaAcceptsOrRefusesWhatTheTransformGave() throws Exception {
        PayloadContracts contracts =
                compiler.compile(
                        List.of(
                                new PayloadContract(
                                        "", "{'celsius': input.i8(0)}", TEMPERATURE_SCHEMA)));

        assertThat(contracts.evaluate(in.setPayload(new byte[] {85}), out)).isZero();
        assertThat(out).hasToString("{\"celsius\":85}");

        out.reset();
        ContractException refused = failure(contracts, in.setPayload(new byte[] {86}));
        assertThat(refused.kind()).isEqualTo(Kind.SCHEMA_VIOLATION);
        assertThat(refused.contract()).isZero();
        assertThat(refused.part()).isEqualTo(Part.JSON_SCHEMA);
        assertThat(refused).hasMessage("$.celsius: must have a maximum value of 85");
        assertThat(refused.violations())
                .containsExactly(
                        new SchemaViolation("$.celsius", "must have a maximum value of 85"));
        // For those who want to show what was refused.
        assertThat(out).hasToString("{\"celsius\":86}");
    }

    @Test
    void saysWhichPartOfWhichContractFailed() throws Exception {
        PayloadContracts contracts =
                compiler.compile(
                        List.of(
                                new PayloadContract("input.u8(0) == 1", "{}", ""),
                                new PayloadContract("attributes.a == 'b'", "{}", ""),
                                new PayloadContract("true", "{'a': input.u8(9)}", "")));

        ContractException match = failure(contracts, in.setPayload(new byte[] {0}));
        assertThat(match.kind()).isEqualTo(Kind.EVALUATION_FAILED);
        assertThat(match.contract()).isEqualTo(1);
        assertThat(match.part()).isEqualTo(Part.MATCH_EXPRESSION);
        assertThat(match).hasMessageContaining("1:11 key 'a' is not present");

        ContractException transform = failure(contracts, in.setAttributes(Map.of("a", "c")));
        assertThat(transform.contract()).isEqualTo(2);
        assertThat(transform.part()).isEqualTo(Part.TRANSFORM_EXPRESSION);
        assertThat(out.length()).isZero();
    }

    @Test
    void aMatchThatIsNeitherTrueNorFalseFails() throws Exception {
        PayloadContracts contracts =
                compiler.compile(List.of(new PayloadContract("dyn(f_port)", "{}", "")));

        assertThat(failure(contracts, in)).hasMessage("the result is an int, not true or false");
    }

    @Test
    void whatIsNoObjectIsInvalidOutput() throws Exception {
        PayloadContracts contracts =
                compiler.compile(List.of(PayloadContract.always("{'a': 0.0 / 0.0}")));

        ContractException failure = failure(contracts, in);
        assertThat(failure.kind()).isEqualTo(Kind.INVALID_OUTPUT);
        assertThat(failure).hasMessageStartingWith("$.a: ");
    }

    @Test
    void matchTransformAndSchemaShareOneBudget() throws Exception {
        String work = "size(lists.range(100)) == 100";
        PayloadContract matchesNot = new PayloadContract("!(" + work + ")", "{}", "");
        PayloadContract matches =
                new PayloadContract(work, "{'a': " + work + "}", "{\"maxProperties\":1}");
        // Enough for each of them, not for all.
        TransformCompiler tight =
                TransformCompiler.create(
                        new TransformLimits(1_000, 2_000, 1_000, 10, 100, Duration.ofSeconds(2)));

        assertThat(tight.compile(List.of(matches)).evaluate(in, out)).isZero();
        ContractException failure =
                failure(tight.compile(List.of(matchesNot, matchesNot, matches)), in);
        assertThat(failure.kind()).isEqualTo(Kind.EVALUATION_FAILED);
        assertThat(failure).hasMessageContaining("goes over functionWork, 2000 ");
    }

    @Test
    void aSchemaThatGoesOverTheBudgetIsAFailureNotAViolation() throws Exception {
        PayloadContracts contracts =
                compiler.compile(
                        List.of(new PayloadContract("", "{}", "{\"allOf\":[{\"$ref\":\"#\"}]}")));

        ContractException failure = failure(contracts, in);
        assertThat(failure.kind()).isEqualTo(Kind.EVALUATION_FAILED);
        assertThat(failure.part()).isEqualTo(Part.JSON_SCHEMA);
        assertThat(out.length()).isZero();
    }

    @Test
    void namesEverythingThatDoesNotCompile() {
        ContractCompilationException exception =
                catchThrowableOfType(
                        ContractCompilationException.class,
                        () ->
                                compiler.compile(
                                        List.of(
                                                PayloadContract.always("{}"),
                                                new PayloadContract(
                                                        "f_port", "1 +", "{\"type\":0}"))));

        assertThat(exception.problems())
                .extracting(problem -> problem.contract() + " " + problem.part().field())
                .containsExactly("1 match_expression", "1 transform_expression", "1 json_schema");
        assertThat(exception.problems().get(0).issues())
                .containsExactly(
                        new Issue(
                                1,
                                1,
                                "a match expression gives true or false; this expression gives"
                                        + " int"));
        assertThat(exception)
                .hasMessageStartingWith("contract 2, match_expression:\n")
                .hasMessageContaining("contract 2, transform_expression:\n1:4 ")
                .hasMessageContaining(
                        "contract 2, json_schema:\nnot a schema of draft 2020-12: $.type: ");
    }

    @Test
    void thereIsAtLeastOneContractAndNotTooMany() {
        assertThatThrownBy(() -> compiler.compile(List.of()))
                .hasMessage("there must be 1 to 64 contracts, not 0");
        assertThatThrownBy(
                        () ->
                                compiler.compile(
                                        Collections.nCopies(65, PayloadContract.always("{}"))))
                .hasMessage("there must be 1 to 64 contracts, not 65");
    }

    private ContractException failure(PayloadContracts contracts, TransformInput input) {
        return catchThrowableOfType(ContractException.class, () -> contracts.evaluate(input, out));
    }
}
