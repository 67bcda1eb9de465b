package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.cli.stack.JobCatalog;
import io.ponix.cli.stack.KnownJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every job below {@code jobs/} has beside its code. */
class JobsOfTheCheckoutTest {

    private static final Path ROOT = Path.of(System.getProperty("ponix.root"));

    private static final Pattern SERIALIZER =
            Pattern.compile("class (\\w+)Serializer extends VersionedSerializer<");
    private static final Pattern VERSION = Pattern.compile("byte VERSION_(\\d+) =");

    static List<Path> folders() {
        return JobCatalog.ofThisCheckout().all().stream()
                .map(KnownJob::jar)
                .map(jar -> ROOT.relativize(jar).subpath(0, 2))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("folders")
    void theReadmeAndTheArchitectureNameIt(Path folder) throws IOException {
        requireLine("README.md", "| [%s/](%s) | ".formatted(folder, folder));
        requireLine("docs/architecture.md", " | `%s`".formatted(folder));
    }

    private static void requireLine(String document, String part) throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve(document)).stream())
                .as("lines of %s with '%s'", document, part)
                .filteredOn(line -> line.contains(part))
                .isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("folders")
    void itHasTheRulesOfItsModule(Path folder) throws IOException {
        assertThat(sources(folder.resolve("src/test/java")))
                .extracting(file -> file.getFileName().toString())
                .contains("ArchitectureTest.java");
    }

    /** The bytes are checked by the job's own test: here it is seen that none was left out. */
    @ParameterizedTest
    @MethodSource("folders")
    void everyVersionOfItsStateHasAGoldenFile(Path folder) throws IOException {
        for (Path source : sources(folder.resolve("src/main/java"))) {
            String code = Files.readString(source);
            Matcher serializer = SERIALIZER.matcher(code);
            if (!serializer.find()) {
                continue;
            }
            String kind =
                    serializer
                            .group(1)
                            .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
                            .toLowerCase(Locale.ROOT);
            List<String> versions =
                    VERSION.matcher(code).results().map(found -> found.group(1)).toList();
            assertThat(versions).as("constants VERSION_<n> in %s", source).isNotEmpty();
            for (String version : versions) {
                assertThat(
                                ROOT.resolve(folder)
                                        .resolve("src/test/resources/state")
                                        .resolve(kind + "-v" + version + ".bin"))
                        .exists();
            }
        }
    }

    private static List<Path> sources(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
