package io.ponix.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every proof that docs/guarantees.md names exists. */
class GuaranteesDocumentTest {

    private static final Path ROOT = Path.of(System.getProperty("ponix.root"));
    private static final Pattern TEST_METHOD =
            Pattern.compile("`([A-Z]\\w+(?:Test|ITCase))#(\\w+)`");
    private static final Pattern CHAOS_FAULTS = Pattern.compile("chaos ((?:`[a-z-]+`(?:, )?)+)");
    private static final Pattern QUOTED = Pattern.compile("`([a-z-]+)`");

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        Map<String, Path> classes = testClasses();
        List<MatchResult> named = TEST_METHOD.matcher(document()).results().toList();

        assertThat(named).isNotEmpty();
        assertThat(named)
                .allSatisfy(
                        test -> {
                            assertThat(classes).containsKey(test.group(1));
                            assertThat(classes.get(test.group(1)))
                                    .content()
                                    .contains("void " + test.group(2) + "(");
                        });
    }

    @Test
    void everyChaosFaultThatIsNamedExists() throws IOException {
        List<String> named =
                CHAOS_FAULTS
                        .matcher(document())
                        .results()
                        .flatMap(list -> QUOTED.matcher(list.group(1)).results())
                        .map(fault -> fault.group(1))
                        .toList();

        assertThat(named).isNotEmpty();
        assertThat(Fault.all()).extracting(Fault::id).containsAll(named);
    }

    private static String document() throws IOException {
        return Files.readString(ROOT.resolve("docs/guarantees.md"));
    }

    private static Map<String, Path> testClasses() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().contains("/src/test/java/"))
                    .filter(file -> file.toString().endsWith(".java"))
                    .collect(
                            Collectors.toMap(
                                    file -> file.getFileName().toString().replace(".java", ""),
                                    file -> file,
                                    (one, other) -> one));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
