package io.ponix.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchCommandTest {

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
