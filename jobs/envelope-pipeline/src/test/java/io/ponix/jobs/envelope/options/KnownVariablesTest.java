package io.ponix.jobs.envelope.options;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.deviceservice.DeviceServiceSettings;
import io.ponix.environment.FormerVariable;
import io.ponix.environment.Secret;
import io.ponix.environment.UnreadVariables;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds the list of variables that the programs share to what they read: the service's settings are
 * asked, the others, and the options of every job, are read where their sources name them.
 */
class KnownVariablesTest {

    private static final Path ROOT = Path.of(System.getProperty("ponix.root"));
    private static final Path LIST =
            Path.of("environment/src/main/resources/io/ponix/environment/variables.txt");

    /** A literal that is a name, or the default of an option. */
    private static final Pattern IN_SOURCE =
            Pattern.compile("\"(PONIX_[A-Z0-9_]*[A-Z0-9])\"|\\$\\{env:(PONIX_[A-Z0-9_]*[A-Z0-9])");

    /** An option of a job, for which a variable stands. */
    private static final Pattern OPTION = Pattern.compile("\\bnames = \"--([a-z0-9-]+)\"");

    @Test
    void theListIsWhatTheProgramsRead() throws IOException {
        Set<String> read = optionsOfJobs();
        assertThat(read).containsAll(PipelineOptions.variables());
        read.addAll(DeviceServiceSettings.variables());
        for (Path source : sources(ROOT)) {
            Matcher names = IN_SOURCE.matcher(Files.readString(source));
            while (names.find()) {
                read.add(names.group(1) != null ? names.group(1) : names.group(2));
            }
        }

        // Of each there is one more, which names a file.
        assertThat(read).containsAll(Arrays.stream(Secret.values()).map(Secret::name).toList());
        read.addAll(Secret.variables());
        assertThat(read).contains("PONIX_NATS_URL", "PONIX_HOME", "PONIX_GRPC_PORT");
        assertThat(Files.readAllLines(ROOT.resolve(LIST)))
                .as("the lines of %s, which are all of these:%n%s", LIST, String.join("\n", read))
                .containsExactlyElementsOf(read);
        assertThat(UnreadVariables.known()).containsExactlyInAnyOrderElementsOf(read);
    }

    @Test
    void whatIsCalledASecretIsOneThatMayBeInAFile() {
        assertThat(UnreadVariables.known())
                .filteredOn(name -> name.matches(".*(PASSWORD|TOKEN|SECRET|API_KEY)"))
                .isNotEmpty()
                .isSubsetOf(Secret.variables());
    }

    @Test
    void theReadmeSaysWhatBecameOfTheVariablesOfTheSystemBefore() throws IOException {
        List<String> lines = Files.readAllLines(ROOT.resolve("README.md"));

        assertThat(Arrays.stream(FormerVariable.values()))
                .allSatisfy(
                        former ->
                                assertThat(lines)
                                        .contains("| " + former + " | " + former.reason() + " |"));
    }

    private static Set<String> optionsOfJobs() throws IOException {
        Set<String> variables = new TreeSet<>();
        for (Path source : sources(ROOT.resolve("jobs"))) {
            Matcher names = OPTION.matcher(Files.readString(source));
            while (names.find()) {
                variables.add("PONIX_" + names.group(1).replace('-', '_').toUpperCase(Locale.ROOT));
            }
        }
        return variables;
    }

    private static List<Path> sources(Path root) throws IOException {
        List<Path> sources = new ArrayList<>();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) {
                        boolean other =
                                Stream.of("target", "node_modules", ".git", ".ponix", "test")
                                        .anyMatch(folder::endsWith);
                        return other ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (file.toString().endsWith(".java")) {
                            sources.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return sources;
    }
}
