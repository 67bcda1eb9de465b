package io.ponix.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.transforms.ContractExample.Outcome;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ContractExampleTest {
    private PayloadContracts contracts;

    @BeforeEach
    void compile() throws Exception {
        contracts =
                TransformCompiler.create()
                        .compile(
                                List.of(
                                        new PayloadContract(
                                                "f_port == 1",
                                                "{'celsius': double(input.i8(0)) / 10.0}",
                                                "{\"properties\":{\"celsius\":{\"minimum\":0}}}")));
    }

    @Test
    void anObjectIsExpected() {
        Outcome passed = ContractExample.gives(input(1, 3), "{\"celsius\":0.3}").run(contracts, 0);
        assertThat(passed.passed()).isTrue();
        assertThat(passed.contract()).isZero();
        assertThat(passed.json()).isEqualTo("{\"celsius\":0.3}");

        assertThat(ContractExample.gives(input(1, 3), "{\"celsius\":0.4}").run(contracts, 0))
                .returns("$.celsius: expected 0.4, is 0.3", Outcome::failure);
        assertThat(ContractExample.gives(input(2, 3), "{}").run(contracts, 0))
                .returns("no contract matches", Outcome::failure)
                .returns(PayloadContracts.NO_MATCH, Outcome::contract);
        assertThat(ContractExample.gives(input(1, -3), "{}").run(contracts, 0))
                .returns(
                        "contract 1, json_schema: $.celsius: must have a minimum value of 0",
                        Outcome::failure)
                .returns("{\"celsius\":-0.3}", Outcome::json);
    }

    @Test
    void anErrorIsExpected() {
        ContractExample example = ContractExample.fails(input(1, -3), "json_schema: $.celsius");
        assertThat(example.run(contracts, 0).passed()).isTrue();

        assertThat(ContractExample.fails(input(1, 3), "minimum").run(contracts, 0))
                .returns("expected the error \"minimum\", is {\"celsius\":0.3}", Outcome::failure);
        assertThat(ContractExample.fails(input(1, -3), "maximum").run(contracts, 0).passed())
                .isFalse();
        assertThat(ContractExample.fails(input(2, 3), "").run(contracts, 0))
                .returns("no contract matches", Outcome::failure);
    }

    @Test
    void noMatchIsExpected() {
        assertThat(ContractExample.matchesNothing(input(2, 3)).run(contracts, 0).passed()).isTrue();
        assertThat(ContractExample.matchesNothing(input(1, 3)).run(contracts, 0))
                .returns("expected no match, is {\"celsius\":0.3}", Outcome::failure);
        assertThat(ContractExample.matchesNothing(input(1, -3)).run(contracts, 0).passed())
                .isFalse();
    }

    @Test
    void onlyRowsCanBeExpected() {
        for (String expected : List.of("[1]", "[[]]", "\"text\"", "null")) {
            assertThatThrownBy(() -> ContractExample.gives(input(1, 3), expected))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("it is not a JSON object or a list of objects");
        }
    }

    @Test
    void rowsAreExpectedWithTheTimesThatTheExpressionGivesThem() throws Exception {
        PayloadContracts rows =
                TransformCompiler.create()
                        .compile(
                                List.of(
                                        PayloadContract.always(
                                                "[{'n': input.i8(0)}, {'n': 2, 'occurred_at':"
                                                        + " timestamp(60)}]")));
        String expected = "[{\"n\": 3}, {\"n\": 2, \"occurred_at\": \"1970-01-01T00:01:00Z\"}]";

        assertThat(ContractExample.gives(input(1, 3), expected).run(rows, 0))
                .returns(true, Outcome::passed)
                .returns(
                        "[{\"n\":3},{\"occurred_at\":\"1970-01-01T00:01:00Z\",\"n\":2}]",
                        Outcome::json);
        assertThat(ContractExample.gives(input(1, 4), expected).run(rows, 0))
                .returns("$[0].n: expected 3, is 4", Outcome::failure);
        assertThat(ContractExample.gives(input(1, 3), "[{\"n\": 3}]").run(rows, 0).failure())
                .startsWith("$[1]: not expected, is ");
        assertThat(ContractExample.gives(input(1, 3), "{\"n\": 3}").run(rows, 0).passed())
                .isFalse();
    }

    @Test
    void warningsAreComparedWhereAnExampleExpectsSome() throws Exception {
        PayloadContracts low =
                TransformCompiler.create()
                        .compile(
                                List.of(
                                        PayloadContract.always(
                                                "{'n': warning('low', input.i8(0))}")));
        String expected = "{\"n\": 3}";

        assertThat(ContractExample.gives(input(1, 3), expected).run(low, 0).passed()).isTrue();
        assertThat(
                        ContractExample.gives(input(1, 3), expected, List.of("low"))
                                .run(low, 0)
                                .passed())
                .isTrue();
        assertThat(ContractExample.gives(input(1, 4), expected, List.of("high")).run(low, 0))
                .returns(
                        "$.n: expected 3, is 4\nexpected the warnings [high], are [low]",
                        Outcome::failure);
    }

    private static TransformInput input(int port, int value) {
        return new TransformInput().setFPort(port).setPayload(new byte[] {(byte) value});
    }
}
