package io.ponix.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void columnsAreAsWideAsTheirWidestCellAndNumbersAlignRight() {
        assertThat(
                        print(
                                new TextTable("NAME", ">ROWS", "STATE")
                                        .row("nats", 7, "running")
                                        .row("clickhouse", 12345, null)))
                .isEqualTo(
                        """
                          NAME          ROWS   STATE
                          nats             7   running
                          clickhouse   12345   -
                        """);
    }

    @Test
    void charactersOutsideTheBasicPlaneCountAsOne() {
        assertThat(print(new TextTable("A", "B").row("😀", "x").row("ab", "y")))
                .isEqualTo("  A    B\n  😀    x\n  ab   y\n");
    }

    @Test
    void whatATerminalWouldObeyIsShownInstead() {
        assertThat(print(new TextTable("A", "B").row("a\u001b[2J\r\nb", "\u009b\u202e\ud800")))
                .isEqualTo(
                        "  A                 B\n"
                                + "  a\\u001b[2J\\r\\nb   \\u009b\\u202e\\ud800\n");
    }

    @Test
    void aRowMustHaveACellForEveryColumn() {
        TextTable table = new TextTable("A", "B");
        assertThatThrownBy(() -> table.row("only one"))
                .hasMessageContaining("1 cells")
                .hasMessageContaining("2 columns");
    }

    private static String print(TextTable table) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        table.print(new PrintStream(bytes, true, StandardCharsets.UTF_8), "  ");
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
