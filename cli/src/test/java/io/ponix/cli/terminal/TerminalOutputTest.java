package io.ponix.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TerminalOutputTest {

    @Test
    void linesAreShownAsTheyAreAndNothingInThemIsObeyed() throws Exception {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        try (TerminalOutput output =
                new TerminalOutput(new PrintStream(shown, true, StandardCharsets.UTF_8))) {
            output.write(
                    "┌─größe─┐\n│ a\u001b[2J\r │\tb\u009b1m\n\nlast"
                            .getBytes(StandardCharsets.UTF_8));
        }
        assertThat(shown.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("┌─größe─┐", "│ a\\u001b[2J\\r │\tb\\u009b1m", "", "last");
    }
}
