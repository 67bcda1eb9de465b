package io.ponix.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ponix.cli.program.CommandException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What a payload says is shown, and not obeyed by a terminal. */
class CelCommandTest {

    /** CSI in one character and in two, and one that turns the direction of text. */
    private static final String HOSTILE = "1b5b324a0ac29b324ae280ae";

    @Test
    void theResultIsOneLineOfJson() {
        assertThat(run("{'a': string(input)}"))
                .isEqualTo("{\"a\":\"\\u001b[2J\\n\\u009b2J\\u202e\"}\n");
    }

    @Test
    void soIsAMessageOfTheDecoderItself() {
        assertThat(failure("error(string(input))")).isEqualTo("\\u001b[2J\\n\\u009b2J\\u202e");
    }

    /** What is not escaped here is when it is printed, but for the lines. */
    @Test
    void aMessageHasTheLinesOfTheSourceAndNoOthers() {
        assertThat(failure("{'a': int(string(input))}"))
                .startsWith("1:10 int: '")
                .contains("\\n")
                .endsWith("\n  {'a': int(string(input))}\n           ^");
        assertThat(failure("{'a': int(string(input))}").lines()).hasSize(3);
    }

    /** Beside the result, so that this can be piped. */
    @Test
    void whatIsNotedComesOnStandardError() {
        StringWriter errors = new StringWriter();
        assertThat(run("{'a': warning(string(input), size(input))}", errors))
                .isEqualTo("{\"a\":12}\n");
        assertThat(errors).hasToString("noted: \\u001b[2J\\n\\u009b2J\\u202e\n");
    }

    @Test
    void whatTheEnvelopeBeforeBecameCanBeGiven() {
        assertThat(
                        run(
                                "{'step': size(input) - previous.result.n, 'at':"
                                        + " previous.occurred_at}",
                                new StringWriter(),
                                "--previous",
                                "{\"n\": 10}"))
                .isEqualTo("{\"step\":2,\"at\":\"1970-01-01T00:00:00Z\"}\n");
        assertThatThrownBy(() -> run("{}", new StringWriter(), "--previous", "{n: 10}"))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("--previous: json_decode: ");
    }

    private static String failure(String expression) {
        return catchThrowableOfType(CommandException.class, () -> run(expression)).getMessage();
    }

    private static String run(String expression) {
        return run(expression, new StringWriter());
    }

    private static String run(String expression, StringWriter errors, String... options) {
        StringWriter out = new StringWriter();
        CommandLine command =
                new CommandLine(new CelCommand())
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(errors, true))
                        .setExecutionExceptionHandler(
                                (e, line, parsed) -> {
                                    throw e;
                                });
        try {
            command.parseArgs(
                    Stream.concat(Stream.of(expression, "--hex", HOSTILE), Stream.of(options))
                            .toArray(String[]::new));
            ((CelCommand) command.getCommand()).run();
        } finally {
            command.getOut().flush();
        }
        return out.toString();
    }
}
