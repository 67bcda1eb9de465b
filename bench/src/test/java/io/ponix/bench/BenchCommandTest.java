package io.ponix.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.cli.program.CommandException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class BenchCommandTest {

    @Test
    void theRateThatTheHelpNamesIsPossibleAndOneThatIsTooLowIsExplained() {
        BenchOptions options = new BenchOptions();
        new CommandLine(options).parseArgs("--rate", "0.0167", "--seconds", "60");
        options.check();

        new CommandLine(options).parseArgs("--rate", "0.0167");
        assertThatThrownBy(options::check)
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("in the --seconds 30 that are measured; 60 are wanted");
    }

    @Test
    void everyCommandIsDescribedInWholeSentences() {
        CommandLine bench = BenchCommand.commandLine();
        CommandSpec micro = bench.getSubcommands().get("micro").getCommandSpec();

        assertThat(micro.usageMessage().description()).allMatch(sentence -> sentence.endsWith("."));
        assertThat(bench.getUsageMessage().replaceAll("\\s+", " "))
                .contains("micro " + micro.usageMessage().description()[0]);
    }

    /**
     * picocli complains there about a description that it cannot format, and shows it all the same.
     */
    @Test
    void helpWritesNothingToStandardError() {
        CommandLine bench = BenchCommand.commandLine();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        String help;
        try {
            help = bench.getUsageMessage();
            bench.getSubcommands().values().forEach(CommandLine::getUsageMessage);
        } finally {
            System.setErr(before);
        }
        assertThat(errors.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(help).contains("20 % to 90 %");
    }
}
