package io.ponix.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.cli.deadletter.LetterFilter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class LetterFilterOptionsTest {

    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    @Command
    private static final class Host {
        @Mixin private LetterFilterOptions options;
    }

    @Test
    void withoutOptionsEveryLetterIsMeant() {
        assertThat(filter()).isEqualTo(LetterFilter.ALL);
        assertThat(filter().isEmpty()).isTrue();
        assertThat(filter("--device", "d").isEmpty()).isFalse();
    }

    @Test
    void aReasonMayBeWrittenInLowerCase() {
        assertThat(filter("--reason", "no_conversion").reason())
                .isEqualTo(DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION);
    }

    @Test
    void aReasonThatIsNoneIsAnsweredWithThoseThatAre() {
        assertThatThrownBy(() -> filter("--reason", "UNSPECIFIED"))
                .hasMessageContaining("--reason UNSPECIFIED is none")
                .hasMessageContaining("MALFORMED_ENVELOPE, DEVICE_NOT_FOUND")
                .hasMessageContaining("REJECTED_BY_STORE");
    }

    @ParameterizedTest
    @CsvSource({
        "90s, 2026-11-25T11:58:30Z",
        "15m, 2026-11-25T11:45:00Z",
        "2 h, 2026-11-25T10:00:00Z",
        "7d, 2026-11-18T12:00:00Z",
        "2026-11-01T00:00:00Z, 2026-11-01T00:00:00Z"
    })
    void aTimeIsADurationAgoOrAPoint(String since, Instant expected) {
        assertThat(filter("--since", since).since()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"yesterday", "10", "-1h", "2026-11-01", "99999999999d"})
    void anythingElseIsNoTime(String since) {
        assertThatThrownBy(() -> filter("--since=" + since)).hasMessageContaining("15m");
    }

    private static LetterFilter filter(String... arguments) {
        Host host = new Host();
        new CommandLine(host).parseArgs(arguments);
        return host.options.filter(NOW);
    }
}
