package io.ponix.bench.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.bench.stack.RegistryStack;
import io.ponix.cli.terminal.ProgressLine;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A short run on a service of its own. */
class CallsCommandITCase {

    @Test
    void bothAreAnsweredAndTheirRatioIsTold() throws Exception {
        CallsCommand command = new CallsCommand();
        new CommandLine(command).parseArgs("--seconds=1", "--concurrent=2");
        CallsResult result;
        try (RegistryStack stack = RegistryStack.start();
                ProgressLine progress = new ProgressLine()) {
            result = command.measure(stack, progress);
        }

        assertThat(result.withoutKey().calls()).isPositive();
        assertThat(result.withKey().calls()).isPositive();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CallsCommand.print(result, new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .containsPattern("calls/s +\\S+ +\\S+ +\\d\\D\\d{3}");
    }
}
