package io.ponix.proto.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.dead_letter.v1.DeadLetterStage;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is said of dead letters in the contract, here, and in the README is the same. */
class DeadLetterContractTest {

    private static final Path CONTRACT =
            Path.of("src/main/proto/ponix/dead_letter/v1/dead_letter.proto");

    @Test
    void everyReasonHasAStageAndATextInTheContract() throws IOException {
        List<String> lines = Files.readAllLines(CONTRACT);
        for (DeadLetterReason reason : DeadLetterReasons.all()) {
            assertThat(DeadLetterReasons.stage(reason))
                    .as("(stage) of %s", reason)
                    .isNotEqualTo(DeadLetterStage.DEAD_LETTER_STAGE_UNSPECIFIED);
            int value = indexOf(lines, "  " + reason.name() + " = " + reason.getNumber() + " ");
            assertThat(lines.get(value - 1)).as("the comment of %s", reason).matches("  // .*\\.");
        }
    }

    @Test
    void theReadmeHasALineForEveryReasonAndNoOther() throws IOException {
        String readme = Files.readString(Path.of("../README.md"));
        String table = readme.substring(readme.indexOf("| what arrives | dead letter |"));
        assertThat(matches("\\| ([A-Z_]{5,}) \\|", table))
                .containsExactlyInAnyOrderElementsOf(
                        DeadLetterReasons.all().stream().map(DeadLetterReasons::name).toList());
    }

    @Test
    void theContractNamesEveryHeaderAndNoOther() throws Exception {
        String contract = Files.readString(CONTRACT);
        List<String> ofLetters =
                Arrays.stream(DeadLetterHeaders.class.getFields())
                        .map(DeadLetterContractTest::value)
                        .filter(header -> !header.startsWith("Ponix-Replay-"))
                        .toList();
        assertThat(matches("\\b(Ponix(?:-[A-Z][a-z]+)+|Nats-Msg-Id)\\b", contract))
                .containsExactlyInAnyOrderElementsOf(ofLetters);
    }

    @Test
    void aReasonIsFoundByItsName() {
        for (DeadLetterReason reason : DeadLetterReasons.all()) {
            assertThat(DeadLetterReasons.named(DeadLetterReasons.name(reason))).contains(reason);
        }
        assertThat(DeadLetterReasons.named("UNSPECIFIED")).isEmpty();
        assertThat(DeadLetterReasons.named("?")).isEmpty();
        assertThat(DeadLetterReasons.name(DeadLetterReason.UNRECOGNIZED)).isEqualTo("?");
        assertThat(DeadLetterReasons.name(DeadLetterStage.UNRECOGNIZED)).isEqualTo("?");
        assertThatThrownBy(
                        () ->
                                DeadLetterReasons.stage(
                                        DeadLetterReason.DEAD_LETTER_REASON_UNSPECIFIED))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static int indexOf(List<String> lines, String beginning) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(beginning)) {
                return i;
            }
        }
        throw new AssertionError(beginning + " is not in " + CONTRACT);
    }

    private static List<String> matches(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    private static String value(Field constant) {
        try {
            return (String) constant.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
