package io.ponix.transforms.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ponix.transforms.ContractException;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.PayloadContract;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformException;
import io.ponix.transforms.TransformInput;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code error(text)}. */
class RefusalFunctionsTest {
    private static final TransformCompiler COMPILER = TransformCompiler.create();

    private final TransformInput in = new TransformInput().setPayload(new byte[3]).setFPort(2);
    private final JsonBuffer out = new JsonBuffer();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "error('Not %d bytes, port %d'.format([size(input), f_port]))",
                "f_port == 1 ? {'a': 1} : error('Not 3 bytes, port ' + string(f_port))",
                "{'a': f_port == 1 ? 5 : error('Not 3 bytes, port 2')}",
                "{'a': f_port == 1 || error('Not 3 bytes, port 2')}",
                "{'a': {'b': [f_port == 2 && error('Not 3 bytes, port 2')]}}",
                "(f_port == 1 || error('Not 3 bytes, port 2')) ? {'a': 1} : {'b': 1}",
                "{'a': [1, 2].map(i, i == 1 ? i : error('Not 3 bytes, port ' + string(i)))}",
                "{'a': [1, 2].exists(i, i > 9 || error('Not 3 bytes, port 2'))}",
                "{'a': unfold(n, 0, n < 3 ? optional.of([n, n + 1]) : error('Not 3 bytes, port 2'))}",
                "{'a': unfold(n, 0, optional.of(n < 3 ? [n, n + 1] : error('Not 3 bytes, port 2')))}",
                "cel.bind(e, error('Not 3 bytes, port 2'), {'a': e})",
                "cel.bind(t, 'Not 3 bytes, port 2', {'a': size(t) + error(t), 'b': error(t)})"
            })
    void refusesThePayloadWithTheTextAndNothingElse(String expression) throws Exception {
        TransformException e =
                catchThrowableOfType(
                        TransformException.class,
                        () -> COMPILER.compile(expression).evaluate(in, out));
        assertThat(e).hasMessage("Not 3 bytes, port 2");
        assertThat(e.kind()).isEqualTo(TransformException.Kind.REFUSED);
        assertThat(e.issue()).isEmpty();
        assertThat(e.explain(expression)).isEqualTo("Not 3 bytes, port 2");
        assertThat(out.length()).isZero();
    }

    @Test
    void withoutATextOfItsOwnItSaysThatItRefuses() {
        assertThatThrownBy(() -> COMPILER.compile("error(' ')").evaluate(in, out))
                .isInstanceOf(TransformException.class)
                .hasMessage("the transform refuses the payload");
    }

    /** Equal calls are evaluated once, and only where one is reached. */
    @Test
    void isNotEvaluatedWhereItIsNotReached() throws Exception {
        COMPILER.compile(
                        "f_port == 2 ? {'a': f_port == 3 ? error('no') : 1, 'b': f_port == 4 ?"
                                + " error('no') : 'x', 'c': f_port == 2 || error('no')} :"
                                + " error('no')")
                .evaluate(in, out);
        assertThat(out.toString()).isEqualTo("{\"a\":1,\"b\":\"x\",\"c\":true}");
    }

    @Test
    void aContractRefusesWithTheTextAndNothingElse() throws Exception {
        for (PayloadContract contract :
                List.of(
                        new PayloadContract("true", "error('no')", ""),
                        new PayloadContract("f_port == 1 || error('no')", "{}", ""))) {
            ContractException e =
                    catchThrowableOfType(
                            ContractException.class,
                            () -> COMPILER.compile(List.of(contract)).evaluate(in, out));
            assertThat(e).hasMessage("no");
            assertThat(e.kind()).isEqualTo(ContractException.Kind.REFUSED);
        }
    }
}
