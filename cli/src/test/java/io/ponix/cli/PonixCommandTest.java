package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class PonixCommandTest {

    private record Outcome(int status, String output, String errors) {}

    @Test
    void celPrintsTheJson() {
        Outcome outcome = run("cel", "cayenne_lpp_decode(input)", "--hex", "01 67 01 10 02:68:64");

        assertThat(outcome.output()).isEqualTo("{\"temperature_1\":27.2,\"humidity_2\":50.0}\n");
        assertThat(outcome.status()).isZero();
    }

    @Test
    void celPointsAtWhatDoesNotCompile() {
        Outcome outcome = run("cel", "{\"a\": inptu}", "--hex", "00");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors()).contains("{\"a\": inptu}").contains("      ^").contains("1:7");
    }

    @Test
    void celNamesTheOptionThatIsNotHexadecimal() {
        Outcome outcome = run("cel", "{}", "--hex", "0g");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors()).contains("--hex");
    }

    @Test
    void celTellsWhatFailedInTheEvaluation() {
        Outcome outcome = run("cel", "cayenne_lpp_decode(input)", "--hex", "0167");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors()).contains("ponix: ").doesNotContain("\tat ");
    }

    @Test
    void anUnknownOptionIsAUsageError() {
        Outcome outcome = run("up", "--grpc-prot", "1");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors()).contains("--grpc-prot").contains("--grpc-port");
    }

    @Test
    void aReplayWithoutAFilterIsAUsageError() {
        Outcome outcome = run("dead-letters", "replay", "--dry-run");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors()).contains("--reason", "--device", "--since");
    }

    @Test
    void withoutACommandTheCommandsAreListed() {
        Outcome outcome = run();

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors())
                .contains("a command is missing")
                .contains("demo")
                .contains("dead-letters");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "up",
                "down",
                "status",
                "demo",
                "chaos",
                "simulate",
                "query",
                "dead-letters",
                "cel",
                "logs",
                "flink",
                "migrate"
            })
    void everyCommandExplainsItself(String command) {
        Outcome outcome = run(command, "--help");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.output()).startsWith("Usage: ponix " + command);
    }

    private static Outcome run(String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        StringWriter errors = new StringWriter();
        PrintStream before = System.out;
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        try {
            CommandLine commandLine = PonixCommand.commandLine();
            commandLine.setErr(new PrintWriter(errors, true));
            commandLine.setOut(new PrintWriter(System.out, true));
            int status = commandLine.execute(arguments);
            return new Outcome(status, output.toString(StandardCharsets.UTF_8), errors.toString());
        } finally {
            System.setOut(before);
        }
    }
}
