package io.ponix.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ponix.cli.program.CommandException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a payload says is shown, and not obeyed by a terminal. */
class CelCommandTest {

    /** CSI in one character and in two, and one that turns the direction of text. */
    private static final String HOSTILE = "1b5b324a0ac29b324ae280ae";

    private static final Path WEATHER =
            Path.of(
                    System.getProperty("ponix.root"),
                    "transforms/src/test/resources/io/ponix/transforms/messages/weather.binpb");

    @TempDir private Path folder;

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

    @Test
    void thePortOfTheEnvelopeBeforeCanBeGiven() {
        String ports = "{'by': f_port, 'before': previous.?f_port.orValue(-1)}";
        assertThat(run(ports, "--f-port=2", "--previous={}", "--previous-f-port=7"))
                .isEqualTo("{\"by\":2,\"before\":7}\n");
        assertThat(run(ports, "--f-port=2", "--previous={}"))
                .as("that of the envelope itself")
                .isEqualTo("{\"by\":2,\"before\":2}\n");
        assertThat(run(ports, "--f-port=2", "--previous-f-port=7"))
                .as("without an envelope before")
                .isEqualTo("{\"by\":2,\"before\":-1}\n");
        assertThatThrownBy(() -> run(ports, "--previous={}", "--previous-f-port=256"))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("--previous-f-port");
    }

    @Test
    void messagesAreThoseOfTheFile() throws IOException {
        assertThat(
                        run(
                                "protobuf_decode(b'\\x10\\x2b', 'example.Weather').decicelsius < 0 ? {'a': 1} : {}",
                                "--descriptors",
                                WEATHER.toString()))
                .isEqualTo("{\"a\":1}\n");
        assertThat(
                        failure(
                                "protobuf_decode(input, 'Weather')",
                                "--descriptors",
                                WEATHER.toString()))
                .contains("there is no message \"Weather\", but example.Weather,");
        assertThat(failure("protobuf_decode(input, 'Weather')"))
                .contains("(./ponix cel --descriptors)");
    }

    @Test
    void aFileThatDescribesNoMessagesIsNamed() throws IOException {
        Path file = folder.resolve("weather.binpb");
        assertThat(failure("{}", "--descriptors", file.toString()))
                .isEqualTo("--descriptors: " + file + " does not exist");
        Files.writeString(file, "syntax");
        assertThat(failure("{}", "--descriptors", file.toString()))
                .startsWith("--descriptors: " + file + ": the bytes are no FileDescriptorSet");
        Files.write(file, new byte[0]);
        assertThat(failure("{}", "--descriptors", file.toString()))
                .isEqualTo("--descriptors: " + file + " describes no messages");
        Files.write(file, new byte[262_145]);
        assertThat(failure("{}", "--descriptors", file.toString()))
                .isEqualTo("--descriptors: " + file + " has more than 262144 bytes");
    }

    private static String failure(String expression, String... options) {
        return catchThrowableOfType(CommandException.class, () -> run(expression, options))
                .getMessage();
    }

    private static String run(String expression, String... options) {
        return run(expression, new StringWriter(), options);
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
