package io.ponix.jobs.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What holds for the command line of any job. */
class JobCommandLineTest {

    @Command(name = "flink run any.jar")
    private static final class AnyOptions implements JobOptions {

        @Option(names = "--longest-wait", defaultValue = "10 s", description = "How long.")
        private Duration longestWait;

        @Option(names = "--nats-token", description = "A secret.")
        private String token;

        @Override
        public void validate(Problems problems) {
            problems.requirePositive("--longest-wait", longestWait);
        }
    }

    @Test
    void anOptionIsTakenFromTheCommandLineElseFromTheEnvironmentElseItHasItsDefault() {
        assertThat(parse(Map.of()).longestWait).isEqualTo(Duration.ofSeconds(10));
        Map<String, String> environment = Map.of("PONIX_LONGEST_WAIT", "2 min");
        assertThat(parse(environment).longestWait).isEqualTo(Duration.ofMinutes(2));
        assertThat(parse(environment, "--longest-wait=1 h").longestWait)
                .isEqualTo(Duration.ofHours(1));
    }

    @Test
    void aSecretIsTakenFromAFile(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "s3cret\n");
        assertThat(parse(Map.of("PONIX_NATS_TOKEN_FILE", file.toString())).token)
                .isEqualTo("s3cret");
        assertThatThrownBy(() -> parse(Map.of("PONIX_NATS_TOKEN_FILE", folder.toString())))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageContaining(
                        "PONIX_NATS_TOKEN_FILE names " + folder + ", which is a folder");
    }

    @Test
    void aSecretOnTheCommandLineIsUsedAndWarnedOf() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AnyOptions options =
                JobCommandLine.parse(
                                new AnyOptions(),
                                new String[] {"--nats-token", "s3cret"},
                                Map.of(),
                                new PrintStream(out, true, StandardCharsets.UTF_8))
                        .orElseThrow();
        assertThat(options.token).isEqualTo("s3cret");
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("--nats-token is given as an argument", "set PONIX_NATS_TOKEN")
                .doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--api-key=s3cret",
                "PONIX_NATS_TOKEN=s3cret",
                "--bridge-tls-keystore-password=s3cret"
            })
    void aSecretThatIsNoOptionIsNotRepeated(String argument) {
        assertThatThrownBy(() -> parse(Map.of(), argument))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageContaining(argument.replace("s3cret", "..."))
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void helpIsShownInPlaceOfASubmission() {
        for (String option : new String[] {"--help", "-h"}) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertThat(
                            JobCommandLine.parse(
                                    new AnyOptions(),
                                    new String[] {option},
                                    Map.of(),
                                    new PrintStream(out, true, StandardCharsets.UTF_8)))
                    .isEmpty();
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .contains("Usage: flink run any.jar", "--longest-wait", "-h, --help");
        }
    }

    @Test
    void whatCannotBeUsedIsRefusedWithTheNameOfTheSetting() {
        assertThatThrownBy(() -> parse(Map.of("PONIX_LONGEST_WAIT", "soon")))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageContaining("'soon' is not a duration")
                .hasMessageContaining("Set it by --longest-wait or PONIX_LONGEST_WAIT")
                .hasMessageEndingWith("All options: --help");
        assertThatThrownBy(() -> parse(Map.of(), "--longest-wait=0 s"))
                .hasMessageContaining("--longest-wait must be at least 1 ms");
        assertThatThrownBy(() -> parse(Map.of(), "--longest-wai=1 s"))
                .hasMessageContaining("--longest-wait");
    }

    private static AnyOptions parse(Map<String, String> environment, String... arguments) {
        return JobCommandLine.parse(new AnyOptions(), arguments, environment, System.out)
                .orElseThrow();
    }
}
