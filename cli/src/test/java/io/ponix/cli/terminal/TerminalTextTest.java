package io.ponix.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalTextTest {

    @Test
    void textOfAnyScriptStaysAsItIs() {
        String text = "größe 温度 عربي 😀 \\ \" '";
        assertThat(TerminalText.escaped(text)).isEqualTo(text);
    }

    @Test
    void nothingIsLeftThatATerminalObeysOrHides() {
        for (int character = 0; character <= 0xffff; character++) {
            String line = TerminalText.escaped("a" + (char) character + "b");
            if (Character.isISOControl(character)
                    || Character.getType(character) == Character.FORMAT) {
                assertThat(line).matches("a\\\\(u[0-9a-f]{4}|[nrt])b");
            }
        }
        assertThat(TerminalText.escaped("\u2028\u2029\udc00")).isEqualTo("\\u2028\\u2029\\udc00");
    }

    @Test
    void whatIsEscapedStaysAsItIs() {
        String once = TerminalText.escaped("\u001b[0m");
        assertThat(TerminalText.escaped(once)).isEqualTo(once);
    }

    @Test
    void aMessageKeepsItsLinesAndTabs() {
        assertThat(TerminalText.escapedLines("a\n\tb\u001b[2J\r\u009b"))
                .isEqualTo("a\n\tb\\u001b[2J\\r\\u009b");
    }

    @Test
    void whatIsTooLongIsCutBetweenCharacters() {
        assertThat(TerminalText.escaped("12345", 5)).isEqualTo("12345");
        assertThat(TerminalText.escaped("123456", 5)).isEqualTo("1234…");
        assertThat(TerminalText.escaped("😀😀😀", 2)).isEqualTo("😀…");
        assertThat(TerminalText.escaped("\u001b", 5)).isEqualTo("\\u00…");
    }
}
